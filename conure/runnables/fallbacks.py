"""Ask others when one fails: what `with_fallbacks` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..errors import ConfigurationError
from .base import Runnable
from .pieces import total
from .steps import END, Flow, Invoke, Next, Once
from .told import Told
from .wrapper import Wrapper

if TYPE_CHECKING:
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RunnableWithFallbacks"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same


class RunnableWithFallbacks(Wrapper, Told[Input, Output]):
    """Asks `runnable`, then each fallback, until one answers.

    A stream falls back only before its first piece. Tools and schemas are bound to every member.
    """

    _inner = "runnable"

    def __init__(
        self,
        runnable: Runnable[Input, Output],
        fallbacks: Sequence[Runnable[Any, Any]],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
    ) -> None:
        self.runnable = runnable
        self.fallbacks = list(fallbacks)
        self.kinds = exceptions_to_handle
        self.exception_key = exception_key

    @property
    def runnables(self) -> list[Runnable[Any, Any]]:
        """All members, in the order they are asked."""
        return [self.runnable, *self.fallbacks]

    def _rewrap(self, change: Callable[[Any], Any]) -> RunnableWithFallbacks[Any, Any]:
        first, *others = map(change, self.runnables)
        return RunnableWithFallbacks(
            first, others, exceptions_to_handle=self.kinds, exception_key=self.exception_key
        )

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        errors: list[BaseException] = []
        for member in self.runnables:
            input = self._with_error(input, errors)
            try:
                return (yield from Invoke(member, input, scope.child(), kwargs))
            except self.kinds as error:
                errors.append(error)
        raise errors[0]

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        pieces = yield from self._gather(source)
        if not pieces:
            return
        input = total(pieces)
        errors: list[BaseException] = []
        for member in self.runnables:
            input = self._with_error(input, errors)
            again = yield from Once(input)
            stream = yield from Flow(member, again, scope.child(), kwargs)
            take = Next(stream)
            try:
                piece = yield take
            except self.kinds as error:
                errors.append(error)
                continue
            while piece is not END:
                yield scope.emit(piece)
                piece = yield take
            return
        raise errors[0]

    def _with_error(self, input: Any, errors: list[BaseException]) -> Any:
        if self.exception_key is None:
            return input
        if not isinstance(input, dict):
            raise ConfigurationError("with exception_key the inputs of fallbacks must be dicts")
        known = cast("dict[str, Any]", input)
        return {**known, self.exception_key: errors[-1]} if errors else known
