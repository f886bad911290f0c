"""Side by side: one input to several runnables, or several inputs to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .base import Runnable
from .function import RunnableGenerator, RunnableLambda, kind_of
from .pieces import AddableDict
from .steps import END, Flow, Invoke, Merge, Next, Tee, Together
from .told import Told

if TYPE_CHECKING:
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RunnableEach", "RunnableParallel", "coerce"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Item = TypeVar("Item")


class RunnableParallel(Told[Input, "dict[str, Any]"]):
    """One input to every branch; the answers in a dict.

    A stream yields a small dict for each piece of a branch as it comes.

    >>> RunnableParallel(double=lambda n: 2 * n, half=lambda n: n / 2).invoke(4)
    {'double': 8, 'half': 2.0}
    """

    def __init__(
        self, branches: Mapping[str, Any] | None = None, /, *, name: str | None = None, **more: Any
    ) -> None:
        self.steps = {key: coerce(step) for key, step in {**(branches or {}), **more}.items()}
        self.name = name

    def get_name(self) -> str:
        return self.name or f"RunnableParallel<{','.join(self.steps)}>"

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        asked = [
            Invoke(step, input, scope.child(f"map:key:{key}"), kwargs)
            for key, step in self.steps.items()
        ]
        answers = yield from Together(asked, scope.child())
        return dict(zip(self.steps, answers, strict=True))

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        keys = list(self.steps)
        copies = yield from Tee(source, len(keys))
        flows: list[Source] = []
        for (key, step), copy in zip(self.steps.items(), copies, strict=True):
            flows.append((yield from Flow(step, copy, scope.child(f"map:key:{key}"), kwargs)))
        merged = yield from Merge(flows)
        take = Next(merged)
        while (item := (yield take)) is not END:
            number, piece = item
            yield scope.emit(AddableDict({keys[number]: piece}))


class RunnableEach(Told["list[Any]", "list[Item]"]):
    """One runnable asked for every item of a list."""

    def __init__(self, bound: Runnable[Any, Item]) -> None:
        self.bound = bound

    def get_name(self) -> str:
        return self.name or f"RunnableEach<{self.bound.get_name()}>"

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        config = scope.child()
        asked = [Invoke(self.bound, item, config, kwargs) for item in input]
        return (yield from Together(asked, config))


def coerce(step: Any) -> Runnable[Any, Any]:
    """Make a runnable of a function or of a dict of runnables and functions."""
    if isinstance(step, Runnable):
        return cast("Runnable[Any, Any]", step)
    if isinstance(step, Mapping):
        return RunnableParallel(cast("Mapping[str, Any]", step))
    if not callable(step):
        raise TypeError(f"not a runnable, a function or a dict of them: {step!r}")
    streams = kind_of(step) in ("generator", "async generator")
    return RunnableGenerator(step) if streams else RunnableLambda(step)
