"""When to ask again: the one place that decides, as an immutable value.

What may be retried is the error's own knowledge (`ModelError.retryable`, set in `failures.py`);
how often and how long to wait is decided here: full jitter below a doubling ceiling
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), never less than the
provider asked for, never past the deadline.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..errors import ModelError

__all__ = ["Limits", "Retry"]


class Retry(Struct, frozen=True):
    """How often to ask again and how long to wait in between, in seconds."""

    max_retries: int = 2
    first_wait: float = 0.5
    longest_wait: float = 8.0

    def wait(
        self, attempt: int, error: ModelError, seconds_left: float, spread: Callable[[], float]
    ) -> float | None:
        """Answer the seconds to wait after failed attempt number `attempt`, None to give up.

        `spread` gives a number in [0, 1). A provider that asks for a longer wait than there is
        time left is not asked again: the error then says how long it wanted.
        """
        if not error.retryable or attempt > self.max_retries:
            return None
        # No float holds 2 ** 1024, and nobody waits that long.
        wait = spread() * min(self.longest_wait, self.first_wait * 2.0 ** min(attempt - 1, 99))
        if error.retry_after is not None:
            # A little late rather than early, so that clients do not all return in one instant.
            wait = error.retry_after + wait * 0.25
        return wait if wait < seconds_left else None


class Limits(Struct, frozen=True):
    """How long each part of a call may take, in seconds; None waits for ever.

    `read` is the longest silence in a reply that is not streamed, `first_event` the wait for a
    stream's first content, `idle` the wait between content after that (pings do not count),
    `deadline` the whole call with its retries and waits.
    """

    connect: float | None = 10.0
    read: float | None = 600.0
    first_event: float | None = 600.0
    idle: float | None = 120.0
    deadline: float | None = 3600.0
