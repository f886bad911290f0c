"""A runnable whose behaviour is a story: told once, driven in both colours, watched as a run.

A subclass tells `_answer` (one input to one output) and, where pieces can flow through,
`_flow` (a stream to a stream). Around them stands the run: start, end or error for whoever
listens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .base import Runnable
from .config import RunnableConfig, resolve
from .drive import Left, apump, arun, pump, run
from .pieces import total
from .run import Run, inherit, open_run
from .steps import END, Begin, Emit, Next, Tell, once

if TYPE_CHECKING:
    from .steps import Source, Story

__all__ = ["Scope", "Told"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same


UNKNOWN: Any = object()
"""the input of a run that is fed by a stream"""


class Scope:
    """Where a story is told: its config, its run if anybody listens, and what it has emitted."""

    __slots__ = ("config", "pieces", "run")

    def __init__(self, config: RunnableConfig | None, run: Run | None) -> None:
        self.config = config
        self.run = run
        self.pieces: list[Any] = []

    def child(self, tag: str | None = None) -> RunnableConfig | None:
        """Give the config for a call below this one."""
        return inherit(self.config, self.run, tag)

    def tell(self, event: str, *args: Any, **facts: Any) -> Story[None]:
        """Let the listeners know."""
        if self.run is not None:
            for job in self.run.notify(event, *args, **facts):
                yield from Tell(job)

    def emit(self, piece: Any) -> Emit:
        """Give the step that hands on a piece of the answer."""
        run = self.run
        if run is not None:
            self.pieces.append(piece)
            for follow in run.followers:
                follow(run.id, piece)
        return Emit(piece)

    def answer(self) -> Any:
        """Add up what was handed on."""
        return total(self.pieces) if self.pieces else None


class Told(Runnable[Input, Output]):
    """A runnable that is a story."""

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        """Tell how one input is answered."""
        raise NotImplementedError

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        """Tell how a stream becomes a stream, with `Emit`; here, the input is added up first."""
        pieces = yield from self._gather(source)
        if pieces:
            answer = yield from self._answer(total(pieces), scope, kwargs)
            yield scope.emit(answer)

    def _gather(self, source: Source, config: RunnableConfig | None = None) -> Story[list[Any]]:
        pieces: list[Any] = []
        take = Next(source, config)
        while (piece := (yield take)) is not END:
            pieces.append(piece)
        return pieces

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Answer one input."""
        return run(self._asked(input, config, kwargs, is_async=False))

    async def ainvoke(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        """Answer one input."""
        return await arun(self._asked(input, config, kwargs, is_async=True))

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Yield the answer in pieces that add up to it."""
        return pump(self._streamed(iter((input,)), config, kwargs, input, is_async=False))

    def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Yield the answer in pieces that add up to it."""
        return apump(self._streamed(once(input), config, kwargs, input, is_async=True))

    def transform(
        self, input: Iterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Output]:
        """Turn a stream into a stream."""
        return pump(self._streamed(iter(input), config, kwargs, UNKNOWN, is_async=False))

    def atransform(
        self, input: AsyncIterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Output]:
        """Turn a stream into a stream."""
        return apump(self._streamed(input, config, kwargs, UNKNOWN, is_async=True))

    def _open(self, config: RunnableConfig | None, *, is_async: bool) -> Scope:
        config = resolve(config)
        if config is None:
            return Scope(None, None)
        return Scope(config, open_run(config, name=self.get_name(), is_async=is_async))

    def _asked(
        self,
        input: Any,
        config: RunnableConfig | None,
        kwargs: dict[str, Any],
        *,
        is_async: bool,
    ) -> Story[Any]:
        scope = self._open(config, is_async=is_async)
        if scope.run is None:
            return (yield from self._answer(input, scope, kwargs))
        yield from scope.tell("on_chain_start", self._serialized(), input)
        try:
            answer = yield from self._answer(input, scope, kwargs)
        except GeneratorExit:
            raise
        except BaseException as error:
            yield from scope.tell("on_chain_error", error)
            raise
        yield from scope.tell("on_chain_end", answer)
        return answer

    def _streamed(
        self,
        source: Source,
        config: RunnableConfig | None,
        kwargs: dict[str, Any],
        input: Any,
        *,
        is_async: bool,
    ) -> Story[Any]:
        scope = self._open(config, is_async=is_async)
        if scope.run is None:
            return (yield from self._flow(source, scope, kwargs))
        seen: list[Any] = []
        if input is UNKNOWN:
            # What feeds this starts its run first: wait for it before telling of this one.
            source = yield from Begin(source, seen if scope.run.followers else None)
        told = "" if input is UNKNOWN else input
        yield from scope.tell("on_chain_start", self._serialized(), told)
        try:
            yield from self._flow(source, scope, kwargs)
        except GeneratorExit:
            raise
        except Left:
            yield from scope.tell("on_chain_end", scope.answer())
            raise
        except BaseException as error:
            yield from scope.tell("on_chain_error", error)
            raise
        known = {"inputs": total(seen)} if seen else {}
        yield from scope.tell("on_chain_end", scope.answer(), **known)

    def _serialized(self) -> dict[str, Any]:
        """Say what this is, for handlers that show it."""
        kind = type(self)
        return {"id": [*kind.__module__.split("."), kind.__qualname__], "name": self.get_name()}
