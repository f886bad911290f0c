"""What is tried again: after which errors, how often, with waits that grow."""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from typing import Any, TypeAlias, cast

from msgspec import Struct

from ...errors import ConfigurationError, ModelError
from ...runnables.steps import Sleep, Step, Story

__all__ = ["OnFailure", "Retries", "RetryOn", "worth_retrying"]

RetryOn: TypeAlias = "tuple[type[Exception], ...] | Callable[[Exception], bool]"
OnFailure: TypeAlias = "str | Callable[[Exception], str]"
"""\"continue\", \"error\", or a function that says what to answer"""


def worth_retrying(error: Exception) -> bool:
    """Say whether the same call may succeed later: no when the program or the request is wrong."""
    if isinstance(error, ModelError):
        return error.retryable
    return not isinstance(error, ConfigurationError)


class Retries(Struct, frozen=True, kw_only=True):
    """How something is tried again."""

    max_retries: int
    retry_on: Any
    on_failure: Any
    backoff_factor: float
    initial_delay: float
    max_delay: float
    jitter: bool

    def checked(self, where: str) -> Retries:
        """Refuse what makes no sense."""
        if type(cast("Any", self.max_retries)) is not int:
            raise ConfigurationError(f"{where}: max_retries={self.max_retries!r} is no number")
        for name in ("max_retries", "backoff_factor", "initial_delay", "max_delay"):
            if getattr(self, name) < 0:
                raise ConfigurationError(f"{where}: {name} must not be negative")
        handling = self.on_failure
        if handling not in ("continue", "error") and not callable(handling):
            raise ConfigurationError(
                f'{where}: on_failure={handling!r} is neither "continue", "error" nor a function'
            )
        if not callable(self.retry_on) and not _errors(self.retry_on):
            raise ConfigurationError(
                f"{where}: retry_on={self.retry_on!r} is neither exceptions nor a function"
            )
        return self

    def telling(
        self, attempt: Callable[[], Step[Any]], give_up: Callable[[Exception, int], Any]
    ) -> Story[Any]:
        """Try, wait and try again; answer what came of it, or what `give_up` makes of the error."""
        for count in range(1, self.max_retries + 2):
            try:
                return (yield from attempt())
            except Exception as error:
                if not self._wanted(error):
                    raise
                if count > self.max_retries:
                    if self.on_failure == "error":
                        raise
                    return give_up(error, count)
            yield from Sleep(self.delay(count))
        raise AssertionError

    def words_for(self, error: Exception, otherwise: str) -> str:
        """Say what to answer in the place of what failed."""
        return str(self.on_failure(error)) if callable(self.on_failure) else otherwise

    def delay(self, count: int) -> float:
        """Say how long to wait after so many attempts."""
        growth = self.backoff_factor ** (count - 1) if self.backoff_factor else 1.0
        delay = min(self.initial_delay * growth, self.max_delay)
        return delay * uniform(0.75, 1.25) if self.jitter else delay  # noqa: S311 - no secret

    def _wanted(self, error: Exception) -> bool:
        wanted = self.retry_on
        if _errors(wanted):
            return isinstance(error, wanted)
        return bool(wanted(error))


def _errors(given: Any) -> bool:
    each: tuple[Any, ...] = cast("Any", given) if isinstance(given, tuple) else (given,)
    return bool(each) and all(isinstance(one, type) and issubclass(one, Exception) for one in each)
