"""The input as the output: as it is, with keys added, or only some keys of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..errors import ConfigurationError
from .parallel import RunnableParallel, coerce
from .pieces import AddableDict
from .steps import END, Flow, Invoke, Merge, Next, Tee
from .told import Told

if TYPE_CHECKING:
    from .base import Runnable
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RunnableAssign", "RunnablePassthrough", "RunnablePick"]

Item = TypeVar("Item")


class RunnablePassthrough(Told[Item, Item]):
    """Hand the input on; `func` may look at it on the way.

    >>> RunnablePassthrough.assign(length=lambda d: len(d["text"])).invoke({"text": "four"})
    {'text': 'four', 'length': 4}
    """

    def __init__(
        self,
        func: Callable[[Item], Any] | None = None,
        afunc: Callable[[Item], Any] | None = None,
    ) -> None:
        from .function import RunnableLambda

        self.look: Runnable[Item, Any] | None = None
        if func is not None or afunc is not None:
            self.look = RunnableLambda(cast("Any", func or afunc), afunc if func else None)

    @classmethod
    def assign(  # pyright: ignore[reportIncompatibleMethodOverride] - one may begin with it
        cls, **steps: Any
    ) -> RunnableAssign:
        """Add keys to an input that is a dict; each step is given the whole dict."""
        return RunnableAssign(steps)

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        if self.look is not None:
            yield from Invoke(self.look, input, scope.child(), kwargs)
        return input

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        if self.look is not None:
            yield from super()._flow(source, scope, kwargs)
            return
        take = Next(source)
        while (piece := (yield take)) is not END:
            yield scope.emit(piece)


class RunnableAssign(Told["dict[str, Any]", "dict[str, Any]"]):
    """The input dict with keys added, each computed from the whole dict."""

    def __init__(self, steps: Mapping[str, Any] | RunnableParallel[Any]) -> None:
        self.mapper = coerce(steps)

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        if not isinstance(input, Mapping):
            raise ConfigurationError(f"assign takes a dict, not {type(input).__name__}")
        added = yield from Invoke(self.mapper, input, scope.child(), kwargs)
        return {**cast("dict[str, Any]", input), **added}

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        mine, theirs = yield from Tee(source, 2)
        added = yield from Flow(self.mapper, theirs, scope.child(), kwargs)
        replaced = set(getattr(self.mapper, "steps", ()))
        merged = yield from Merge([mine, added])
        take = Next(merged)
        while (item := (yield take)) is not END:
            number, piece = item
            if number == 0:
                piece = {key: value for key, value in piece.items() if key not in replaced}
            if piece:
                yield scope.emit(AddableDict(piece))


class RunnablePick(Told["dict[str, Any]", Any]):
    """One value of a dict, or a dict of some of its keys."""

    def __init__(self, keys: str | Iterable[str]) -> None:
        self.keys = keys if isinstance(keys, str) else list(keys)

    def _pick(self, piece: Any) -> Any:
        if isinstance(self.keys, str):
            return piece.get(self.keys)
        picked = {key: piece[key] for key in self.keys if key in piece}
        return AddableDict(picked) if picked else None

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del scope, kwargs
        yield from ()
        return self._pick(input)

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        del kwargs
        take = Next(source)
        while (piece := (yield take)) is not END:
            if (picked := self._pick(piece)) is not None:
                yield scope.emit(picked)
