"""Ask again when a call fails: what `with_retry` makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigurationError
from .base import Runnable
from .steps import END, Flow, Invoke, Next, Sleep
from .told import Told
from .wrapper import Wrapper

if TYPE_CHECKING:
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RetryState", "RunnableRetry"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same

WAITS = {"initial": 1.0, "max": 60.0, "exp_base": 2.0, "jitter": 1.0}
"""seconds: the first wait, the longest, its growth from attempt to attempt, the random share"""


class RetryState:
    """What `on_retry` hears: which attempt failed, how, and the wait before the next."""

    def __init__(self, attempt_number: int, exception: BaseException, delay: float) -> None:
        self.attempt_number = attempt_number
        self.exception = exception
        self.delay = delay

    def __repr__(self) -> str:
        return f"RetryState({self.attempt_number}, {self.exception!r}, delay={self.delay:.2f})"


class RunnableRetry(Wrapper, Told[Input, Output]):
    """Asks `bound` up to `stop_after_attempt` times; in a batch, each input for itself."""

    def __init__(
        self,
        bound: Runnable[Input, Output],
        *,
        retry_if_exception_type: tuple[type[BaseException], ...] = (Exception,),
        wait_exponential_jitter: bool = True,
        exponential_jitter_params: Mapping[str, float] | None = None,
        stop_after_attempt: int = 3,
    ) -> None:
        if stop_after_attempt < 1:
            raise ConfigurationError(f"stop_after_attempt must be >= 1, not {stop_after_attempt}")
        if unknown := set(exponential_jitter_params or ()) - set(WAITS):
            raise ConfigurationError(
                f"unknown exponential_jitter_params {sorted(unknown)}: {', '.join(WAITS)} exist"
            )
        self.bound = bound
        self.kinds = retry_if_exception_type
        self.waits = {**WAITS, **(exponential_jitter_params or {})}
        self.patient = wait_exponential_jitter
        self.most = stop_after_attempt

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        for attempt in range(1, self.most + 1):
            tag = f"retry:attempt:{attempt}" if attempt > 1 else None
            try:
                return (yield from Invoke(self.bound, input, scope.child(tag), kwargs))
            except self.kinds as error:
                if attempt == self.most:
                    raise
                state = RetryState(attempt, error, self._wait(attempt, error))
            yield from scope.tell("on_retry", state)
            if state.delay > 0:
                yield from Sleep(state.delay)
        raise AssertionError  # the last attempt answers or raises

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        stream = yield from Flow(self.bound, source, scope.child(), kwargs)
        take = Next(stream)
        while (piece := (yield take)) is not END:
            yield scope.emit(piece)

    def _rewrap(self, change: Callable[[Any], Any]) -> RunnableRetry[Any, Any]:
        return RunnableRetry(
            change(self.bound),
            retry_if_exception_type=self.kinds,
            wait_exponential_jitter=self.patient,
            exponential_jitter_params=self.waits,
            stop_after_attempt=self.most,
        )

    def _wait(self, attempt: int, error: BaseException) -> float:
        asked: float = getattr(error, "retry_after", None) or 0.0
        if not self.patient:
            return asked
        from random import random

        waits = self.waits
        grown = waits["initial"] * waits["exp_base"] ** (attempt - 1)
        spread = waits["jitter"] * random()  # noqa: S311 - only to keep callers apart
        return max(asked, min(grown + spread, waits["max"]))
