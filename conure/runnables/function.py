"""Functions as runnables: plain or async, answering once or piece by piece.

A sync function called from async code runs in a thread, for it may block; an async one called
from sync code is refused by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, TypeVar, cast, overload

from ..errors import ConfigurationError
from .base import Runnable
from .config import DEFAULT_RECURSION_LIMIT, RunnableConfig, ensure_config
from .pieces import total
from .steps import END, Call, Flow, Invoke, Next, Once, Open
from .told import Told

if TYPE_CHECKING:
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RunnableGenerator", "RunnableLambda", "kind_of"]

STREAMS = (GeneratorType, AsyncGeneratorType)

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same


class _Function(Told[Input, Output]):
    """One function in one or two colours."""

    def __init__(
        self,
        func: Callable[..., Any],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> None:
        for given in (func, afunc):
            if given is not None and not callable(given):
                raise ConfigurationError(f"{type(self).__name__} takes a function, not {given!r}")
        only_async = afunc is None and kind_of(func).startswith("async")
        self.func = None if only_async else func
        self.afunc = func if only_async else afunc
        own = getattr(func, "__name__", None)
        self.name = name or (own if own != "<lambda>" else None)
        self._key = _config_key(self.func)
        self._akey = _config_key(self.afunc)

    def _call(self, item: Any, config: RunnableConfig | None, kwargs: dict[str, Any]) -> Call:
        """Give the step that calls the function in the driver's colour."""
        job, ajob = self._refuse, None
        if self.func is not None:
            job = partial(self.func, item, **_with_config(kwargs, self._key, config))
        if self.afunc is not None:
            ajob = partial(self.afunc, item, **_with_config(kwargs, self._akey, config))
        return Call(job, config, afunction=ajob, blocking=True)

    def _refuse(self) -> Any:
        raise TypeError(f"{self.get_name()} is async: call it with ainvoke, astream or abatch")


class RunnableLambda(_Function[Input, Output]):
    """A function of one input; it may ask for the `config` of its run by naming it so.

    Give a sync function, an async one, or both as `func` and `afunc`. A function that yields
    streams its pieces; one that answers a runnable has that asked with the same input.

    >>> RunnableLambda(len).invoke("four")
    4
    """

    @overload
    def __init__(
        self,
        func: Callable[Concatenate[Input, ...], Awaitable[Output]],
        *,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        func: Callable[Concatenate[Input, ...], Iterator[Output]],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        func: Callable[Concatenate[Input, ...], AsyncIterator[Output]],
        *,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        func: Callable[Concatenate[Input, ...], Output],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> None: ...
    def __init__(
        self,
        func: Callable[..., Any],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(func, afunc, name)

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        config = scope.child()
        answer = yield from self._call(input, config, kwargs)
        if isinstance(answer, STREAMS):
            stream = yield from Open(answer)
            pieces = yield from self._gather(stream, config)
            return total(pieces) if pieces else None
        if isinstance(answer, Runnable):
            again = cast("Runnable[Any, Any]", answer)
            return (yield from Invoke(again, input, _deeper(config), kwargs))
        return answer

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        pieces = yield from self._gather(source)
        if not pieces:
            return
        config = scope.child()
        whole = total(pieces)
        answer = yield from self._call(whole, config, kwargs)
        if isinstance(answer, Runnable):
            again = cast("Runnable[Any, Any]", answer)
            stream = yield from Flow(again, (yield from Once(whole)), _deeper(config), kwargs)
        elif isinstance(answer, STREAMS):
            stream = yield from Open(answer)
        else:
            yield scope.emit(answer)
            return
        take = Next(stream, config)
        while (piece := (yield take)) is not END:
            yield scope.emit(piece)


class RunnableGenerator(_Function[Input, Output]):
    """A function from a stream to a stream: it takes an iterator and yields.

    >>> def shout(words):
    ...     for word in words:
    ...         yield word.upper()
    >>> list(RunnableGenerator(shout).transform(iter(["a", "b"])))
    ['A', 'B']
    """

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        source = yield from Once(input)
        stream = yield from self._open_stream(source, scope, kwargs)
        pieces = yield from self._gather(stream, scope.child())
        return total(pieces) if pieces else None

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        config = scope.child()
        stream = yield from self._open_stream(source, scope, kwargs)
        take = Next(stream, config)
        while (piece := (yield take)) is not END:
            yield scope.emit(piece)

    def _open_stream(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Source]:
        if self.afunc is None and hasattr(source, "__anext__"):
            source = iter((yield from self._gather(source)))
        call = self._call(source, scope.child(), kwargs)
        call.blocking = False
        return (yield from Open((yield from call)))


Kind = Literal["plain", "generator", "async", "async generator"]


def kind_of(function: Any) -> Kind:
    """Tell a plain function from a generator and an async one; callable objects count too."""
    import inspect

    while isinstance(function, partial):
        function = cast("partial[Any]", function).func
    if not inspect.isroutine(function):
        function = getattr(function, "__call__", function)  # noqa: B004 - we want it
    if inspect.iscoroutinefunction(function):
        return "async"
    if inspect.isasyncgenfunction(function):
        return "async generator"
    return "generator" if inspect.isgeneratorfunction(function) else "plain"


def _with_config(
    kwargs: dict[str, Any], key: str | None, config: RunnableConfig | None
) -> dict[str, Any]:
    return kwargs if key is None else {key: ensure_config(config), **kwargs}


def _config_key(function: Callable[..., Any] | None) -> str | None:
    """Find the parameter by which a function asks for its config."""
    if function is None:
        return None
    import inspect

    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some builtins have none
        return None
    for name, parameter in parameters.items():
        asked = parameter.annotation is RunnableConfig or "RunnableConfig" in str(
            parameter.annotation
        )
        if asked or (name == "config" and len(parameters) > 1):
            return name
    return None


def _deeper(config: RunnableConfig | None) -> RunnableConfig:
    limit = (config or {}).get("recursion_limit", DEFAULT_RECURSION_LIMIT)
    if limit <= 1:
        raise RecursionError("a function answered a runnable too often: raise recursion_limit")
    return {**(config or {}), "recursion_limit": limit - 1}
