"""How many requests may begin per second.

A token bucket as arithmetic on a clock: each caller reserves the next free token and is told how
long to wait for it, so waits are exact and turns are fair, across threads and event loops.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from .errors import ConfigurationError
from .runnables.waiting import asleep, now, sleep

__all__ = ["BaseRateLimiter", "InMemoryRateLimiter"]


class BaseRateLimiter(ABC):
    """What a model asks before it sends: `acquire` in sync calls, `aacquire` in async ones."""

    @abstractmethod
    def acquire(self, *, blocking: bool = True) -> bool:
        """Take a token, waiting for one if `blocking`; answer whether it was had."""

    @abstractmethod
    async def aacquire(self, *, blocking: bool = True) -> bool:
        """Take a token, waiting for one if `blocking`; answer whether it was had."""


class InMemoryRateLimiter(BaseRateLimiter):
    """Lets `requests_per_second` begin, and `max_bucket_size` at once after a pause.

    Counts requests, not tokens of text, within this process. Starts full.
    `check_every_n_seconds` is accepted for old code: nothing needs checking.

    >>> limiter = InMemoryRateLimiter(requests_per_second=2)
    >>> limiter.reserve(100.0), limiter.reserve(100.0), limiter.reserve(100.0)
    (0.0, 0.5, 1.0)
    """

    def __init__(
        self,
        *,
        requests_per_second: float = 1,
        check_every_n_seconds: float = 0.1,
        max_bucket_size: float = 1,
    ) -> None:
        if not 0 < requests_per_second < float("inf"):
            raise ConfigurationError(
                f"requests_per_second must be more than 0, not {requests_per_second!r}"
            )
        if not max_bucket_size >= 1:
            raise ConfigurationError(f"max_bucket_size must be 1 or more, not {max_bucket_size!r}")
        from _thread import allocate_lock

        self.requests_per_second = requests_per_second
        self.check_every_n_seconds = check_every_n_seconds
        self.max_bucket_size = max_bucket_size
        self._lock = allocate_lock()
        self._interval = 1 / requests_per_second
        self._slack = (max_bucket_size - 1) * self._interval
        self._due = float("-inf")  # when the bucket is full again

    def reserve(self, moment: float) -> float:
        """Take the next token and answer how many seconds after `moment` it may be used.

        Moments are those of the monotonic clock. A turn that is not used is not given back.
        """
        with self._lock:
            due = max(self._due, moment)
            self._due = due + self._interval
            return max(0.0, due - self._slack - moment)

    def acquire(self, *, blocking: bool = True) -> bool:
        """Take a token, waiting for one if `blocking`; answer whether it was had."""
        if not blocking:
            return self._take_free()
        if wait := self.reserve(now()):
            sleep(wait)
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        """Take a token, waiting for one if `blocking`; answer whether it was had."""
        if not blocking:
            return self._take_free()
        if wait := self.reserve(now()):
            await asleep(wait)
        return True

    def _take_free(self) -> bool:
        """Take a token if one is there now."""
        with self._lock:
            moment = now()
            due = max(self._due, moment)
            if due - self._slack > moment:
                return False
            self._due = due + self._interval
            return True

    def __getstate__(self) -> dict[str, float]:
        """Pickle and copy the rates; a copy has a bucket of its own, full."""
        return {
            "requests_per_second": self.requests_per_second,
            "check_every_n_seconds": self.check_every_n_seconds,
            "max_bucket_size": self.max_bucket_size,
        }

    def __setstate__(self, state: dict[str, float]) -> None:
        InMemoryRateLimiter.__init__(
            self,
            requests_per_second=state["requests_per_second"],
            check_every_n_seconds=state["check_every_n_seconds"],
            max_bucket_size=state["max_bucket_size"],
        )
