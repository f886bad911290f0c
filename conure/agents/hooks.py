"""The hooks of middleware, found and called in whatever colour they were written.

A hook that is sync only runs beside the event loop in async; one that is async only is awaited
in sync. Hooks are given what they take by position, so their parameters may have any names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter, signature
from typing import Any

from msgspec import Struct

from ..errors import ConfigurationError
from ..runnables.drive import arun, run
from ..runnables.steps import Step, Story
from ..runnables.waiting import aside, in_thread, wait
from .middleware.types import AgentMiddleware

__all__ = ["AskHook", "Hook", "Layers", "hooks_of"]

Middleware = AgentMiddleware[Any, Any, Any]


class Hook(Struct, frozen=True):
    """One hook of one middleware, in the colours it has."""

    name: str
    """its middleware's name and its own, as its step is called"""
    function: Callable[..., Any] | None
    afunction: Callable[..., Any] | None
    jumps: tuple[str, ...] | None = None
    """where it said that it may jump; None where it did not say"""
    takes: int = 2


def hooks_of(middleware: Sequence[Middleware], kind: str) -> list[Hook]:
    """Give the hooks of a kind, in the order of the middleware."""
    found: list[Hook] = []
    for one in middleware:
        function, afunction = _written(one, kind), _written(one, f"a{kind}")
        either = function or afunction
        if either is None:
            continue
        marked = [getattr(f, "__can_jump_to__", None) for f in (function, afunction) if f]
        jumps = next((mark for mark in marked if mark is not None), None)
        name = f"{one.name}.{kind}"
        found.append(Hook(name, function, afunction, jumps, _positional(either, name)))
    return found


def _written(middleware: Middleware, kind: str) -> Callable[..., Any] | None:
    if getattr(type(middleware), kind, None) is getattr(AgentMiddleware, kind):
        return None
    return getattr(middleware, kind)


def _positional(function: Callable[..., Any], name: str) -> int:
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):  # nothing is known of it
        return 2
    if any(one.kind is Parameter.VAR_POSITIONAL for one in parameters):
        return 2
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    takes = sum(one.kind in positional for one in parameters)
    if not takes:
        raise ConfigurationError(f"{name} takes nothing: a hook takes (state, runtime)")
    return min(takes, 2)


class AskHook(Step[Any]):
    """Call a hook that stands before or after a step."""

    __slots__ = ("arguments", "hook")

    def __init__(self, hook: Hook, *arguments: Any) -> None:
        self.hook = hook
        self.arguments = arguments[: hook.takes]

    def run(self) -> Any:
        if self.hook.function is not None:
            return self.hook.function(*self.arguments)
        assert self.hook.afunction is not None
        return wait(self.hook.afunction(*self.arguments))

    async def arun(self) -> Any:
        if self.hook.afunction is not None:
            return await self.hook.afunction(*self.arguments)
        assert self.hook.function is not None
        return await in_thread(partial(self.hook.function, *self.arguments))


class Layers(Step[Any]):
    """Hand a request through hooks that wrap, down to the story that answers it, and back up.

    `settle(hook, answer)` brings what a hook answered into the form that the one around it gets,
    and may take something aside: what was taken last at each depth is in `taken`.
    """

    __slots__ = ("hooks", "request", "settle", "story", "taken")

    def __init__(
        self,
        hooks: Sequence[Hook],
        request: Any,
        story: Callable[[Any], Story[Any]],
        settle: Callable[[Hook, Any], tuple[Any, Any]],
    ) -> None:
        self.hooks = hooks
        self.request = request
        self.story = story
        self.settle = settle
        self.taken: dict[int, Any] = {}

    def run(self) -> Any:
        return self._through(0, self.request)

    async def arun(self) -> Any:
        return await self._athrough(0, self.request)

    def _through(self, depth: int, request: Any) -> Any:
        if depth == len(self.hooks):
            return run(self.story(request))
        hook = self.hooks[depth]
        below = partial(self._through, depth + 1)
        if hook.function is not None:
            return self._settled(depth, hook.function(request, below))

        async def abelow(request: Any) -> Any:
            return below(request)

        assert hook.afunction is not None
        return self._settled(depth, wait(hook.afunction(request, abelow)))

    async def _athrough(self, depth: int, request: Any) -> Any:
        if depth == len(self.hooks):
            return await arun(self.story(request))
        hook = self.hooks[depth]
        abelow = partial(self._athrough, depth + 1)
        if hook.afunction is not None:
            return self._settled(depth, await hook.afunction(request, abelow))
        function = hook.function
        assert function is not None

        def beside(await_there: Callable[[Any], Any]) -> Any:
            def below(request: Any) -> Any:
                return await_there(abelow(request))

            return function(request, below)

        return self._settled(depth, await aside(beside))

    def _settled(self, depth: int, answer: Any) -> Any:
        answer, self.taken[depth] = self.settle(self.hooks[depth], answer)
        return answer
