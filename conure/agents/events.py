"""The run object of `stream_events(version="v3")`: one log of what happened, and views of it.

Each view reads the log with a cursor of its own, from the start, so that several can be read side
by side and again. In sync the agent is driven by whoever reads; in async by a task, from the
first look on. What went wrong is raised from each view that is read to its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import Any, Generic, Self, TypeAlias, TypeVar, cast

from ..chat_models.streams import AsyncChatModelStream, ChatModelStream
from ..errors import ConfigurationError
from ..runnables.kept import AsyncKept, Kept
from ..runnables.run import uuid7
from ..types import Interrupt
from .outlet import EVENTS

__all__ = [
    "STREAMED",
    "AgentStream",
    "AsyncAgentStream",
    "AsyncToolRun",
    "AsyncView",
    "Envelope",
    "ToolRun",
    "View",
    "enveloped",
]

Envelope: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Envelope], Iterable[Any]]
Log = TypeVar("Log", Kept, AsyncKept)
STREAMED = ("values", "updates", "tools", "custom", EVENTS)
ENDS = frozenset({"message-finish", "error"})


def enveloped() -> Callable[[str, Any], Envelope]:
    """Make the function that gives each item its envelope, in order."""
    count = 0

    def put(mode: str, item: Any) -> Envelope:
        nonlocal count
        count += 1
        params: dict[str, Any] = {"namespace": [], "timestamp": uuid7().int >> 80}
        if mode == EVENTS:
            run_id, facts, item = item
            params |= {"node": facts.get("langgraph_node"), "run_id": run_id, "metadata": facts}
        method = "messages" if mode == EVENTS else mode
        return {
            "type": "event",
            "method": method,
            "params": {**params, "data": item},
            "seq": count,
        }

    return put


def _failed(error: Exception) -> Envelope:
    data = {"message": str(error) or type(error).__name__}
    return {"type": "event", "method": "error", "params": {"namespace": [], "data": data}}


class View:
    """One side of a run: iterate for what comes of it."""

    def __init__(self, log: Kept, reader: Reader) -> None:
        self._log = log
        self._reader = reader

    def __iter__(self) -> Iterator[Any]:
        for envelope in self._log:
            yield from self._reader(envelope)


class AsyncView:
    """The same in an event loop: iterate with `async for`."""

    def __init__(self, log: AsyncKept, reader: Reader) -> None:
        self._log = log
        self._reader = reader

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for envelope in self._log:
            for item in self._reader(envelope):
                yield item


class _AnyToolRun(Generic[Log]):
    """What both colours know of a call without waiting."""

    _log: Log

    def __init__(self, log: Log, started: dict[str, Any]) -> None:
        self._log = log
        self.tool_call_id: str = started["tool_call_id"]
        self.tool_name: str = started["tool_name"]
        self.input = started["input"]

    def _is_mine(self, envelope: Envelope) -> bool:
        data = envelope["params"]["data"]
        return envelope["method"] == "tools" and data["tool_call_id"] == self.tool_call_id

    def _deltas(self, envelope: Envelope) -> Iterable[Any]:
        if self._is_mine(envelope) and envelope["params"]["data"]["event"] == "tool-output-delta":
            return (envelope["params"]["data"]["delta"],)
        return ()

    def _end(self) -> dict[str, Any] | None:
        for envelope in self._log.items:
            data = envelope["params"]["data"]
            if self._is_mine(envelope) and data["event"] in ("tool-finished", "tool-error"):
                return data
        return None

    @property
    def completed(self) -> bool:
        """Whether the call is over."""
        return self._end() is not None

    @property
    def error(self) -> str | None:
        """What went wrong, once it has."""
        end = self._end() or {}
        return end.get("message")


class ToolRun(_AnyToolRun[Kept]):
    """A call of a tool while it is made."""

    @property
    def output_deltas(self) -> View:
        """What the tool hands on while it works."""
        return View(self._log, self._deltas)

    @property
    def output(self) -> Any:
        """The message that answers the call; waits for it."""
        for _ in self._log:
            if self.completed:
                break
        return (self._end() or {}).get("output")


class AsyncToolRun(_AnyToolRun[AsyncKept]):
    """A call of a tool while it is made, in an event loop."""

    @property
    def output_deltas(self) -> AsyncView:
        """What the tool hands on while it works."""
        return AsyncView(self._log, self._deltas)

    async def output(self) -> Any:
        """Give the message that answers the call; waits for it."""
        async for _ in self._log:
            if self.completed:
                break
        return (self._end() or {}).get("output")


def _of(method: str) -> Reader:
    return lambda one: (one["params"]["data"],) if one["method"] == method else ()


def _starts(envelope: Envelope) -> bool:
    return envelope["method"] == "messages" and (
        envelope["params"]["data"]["event"] == "message-start"
    )


class _AnyStream(Generic[Log]):
    """The readers of both colours."""

    _log: Log

    def _readers(self) -> dict[str, Reader]:
        return {
            "values": _of("values"),
            "messages": self._read_message,
            "tool_calls": self._read_call,
            "updates": _of("updates"),
            "custom": _of("custom"),
        }

    def _read_message(self, envelope: Envelope) -> Iterable[Any]:
        if not _starts(envelope):
            return ()
        stream = self._message(envelope["params"]["run_id"])
        stream.node = envelope["params"]["node"]
        return (stream,)

    def _read_call(self, envelope: Envelope) -> Iterable[Any]:
        data = envelope["params"]["data"]
        if envelope["method"] == "tools" and data["event"] == "tool-started":
            return (self._call(data),)
        return ()

    def _message(self, run_id: str) -> Any:
        raise NotImplementedError

    def _call(self, started: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _mixed(self, names: tuple[str, ...]) -> Reader:
        readers = self._readers()
        if strange := [name for name in names if name not in readers]:
            raise ConfigurationError(
                f"there is no projection {strange[0]!r}; there are: {', '.join(readers)}"
            )
        return lambda one: [(name, item) for name in names for item in readers[name](one)]

    def _last_values(self) -> Any:
        for envelope in reversed(self._log.items):
            if envelope["method"] == "values":
                return envelope["params"]["data"]
        raise ConfigurationError("the run was left before it had begun")


class AgentStream(_AnyStream[Kept]):
    """A run of an agent, driven by whoever reads it.

    Iterate it for everything, in envelopes; or read one side: `values`, `messages` (a
    `ChatModelStream` for each reply), `tool_calls`. `output` is the state in the end.
    """

    def __init__(self, items: Iterator[Envelope]) -> None:
        self._log = Kept(items, _failed)

    def __iter__(self) -> Iterator[Envelope]:
        return iter(self._log)

    @property
    def values(self) -> View:
        """The state, first as it was given, then after each step."""
        return View(self._log, _of("values"))

    @property
    def messages(self) -> View:
        """The replies of models, each while it is written."""
        return View(self._log, self._read_message)

    @property
    def tool_calls(self) -> View:
        """The calls of tools, each while it is made."""
        return View(self._log, self._read_call)

    @property
    def extensions(self) -> dict[str, View]:
        """All projections by name."""
        return {name: View(self._log, reader) for name, reader in self._readers().items()}

    @property
    def output(self) -> Any:
        """The state in the end, as `invoke` gives it; waits for it."""
        for _ in self._log:
            pass
        return self._last_values()

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """What the run waits for; waits until it does, or is over."""
        return tuple(self.output.get("__interrupt__", ()))

    @property
    def interrupted(self) -> bool:
        """Whether the run waits for an answer."""
        return bool(self.interrupts)

    def interleave(self, *names: str) -> Iterator[tuple[str, Any]]:
        """Yield (name, item) of several projections as they come."""
        return iter(View(self._log, self._mixed(names)))

    def abort(self) -> None:
        """End the run; what came of it can still be read."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()

    def _message(self, run_id: str) -> ChatModelStream:
        return ChatModelStream(self._events_of(run_id))

    def _events_of(self, run_id: str) -> Iterator[dict[str, Any]]:
        for envelope in self._log:
            if envelope["params"].get("run_id") == run_id:
                event = envelope["params"]["data"]
                yield event
                if event["event"] in ENDS:
                    return

    def _call(self, started: dict[str, Any]) -> ToolRun:
        return ToolRun(self._log, started)


class AsyncAgentStream(_AnyStream[AsyncKept]):
    """A run of an agent, in an event loop; it may be awaited first.

    `async for` gives everything, in envelopes; `values`, `messages` and `tool_calls` one side
    each; `output()` or `await stream.output` the state in the end.
    """

    def __init__(self, items: AsyncIterator[Envelope]) -> None:
        self._log = AsyncKept(items, _failed)

    def __aiter__(self) -> AsyncIterator[Envelope]:
        return aiter(self._log)

    def __await__(self) -> Generator[Any, Any, Self]:
        return self._itself().__await__()

    async def _itself(self) -> Self:
        return self

    @property
    def values(self) -> AsyncView:
        """The state, first as it was given, then after each step."""
        return AsyncView(self._log, _of("values"))

    @property
    def messages(self) -> AsyncView:
        """The replies of models, each while it is written."""
        return AsyncView(self._log, self._read_message)

    @property
    def tool_calls(self) -> AsyncView:
        """The calls of tools, each while it is made."""
        return AsyncView(self._log, self._read_call)

    @property
    def extensions(self) -> dict[str, AsyncView]:
        """All projections by name."""
        return {name: AsyncView(self._log, reader) for name, reader in self._readers().items()}

    @property
    def output(self) -> _Awaited:
        """The state in the end, to be awaited."""
        return _Awaited(self._ended)

    @property
    def interrupts(self) -> _Awaited:
        """What the run waits for, to be awaited."""
        return _Awaited(self._interrupts)

    @property
    def interrupted(self) -> _Awaited:
        """Whether the run waits for an answer, to be awaited."""
        return _Awaited(self._is_interrupted)

    def interleave(self, *names: str) -> AsyncIterator[tuple[str, Any]]:
        """Yield (name, item) of several projections as they come."""
        return aiter(AsyncView(self._log, self._mixed(names)))

    async def abort(self) -> None:
        """End the run; what came of it can still be read."""
        await self._log.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.abort()

    async def _ended(self) -> Any:
        async for _ in self._log:
            pass
        return self._last_values()

    async def _interrupts(self) -> tuple[Interrupt, ...]:
        return tuple((await self._ended()).get("__interrupt__", ()))

    async def _is_interrupted(self) -> bool:
        return bool(await self._interrupts())

    def _message(self, run_id: str) -> AsyncChatModelStream:
        return AsyncChatModelStream(self._events_of(run_id))

    async def _events_of(self, run_id: str) -> AsyncIterator[dict[str, Any]]:
        async for envelope in self._log:
            if envelope["params"].get("run_id") == run_id:
                event = cast("dict[str, Any]", envelope["params"]["data"])
                yield event
                if event["event"] in ENDS:
                    return

    def _call(self, started: dict[str, Any]) -> AsyncToolRun:
        return AsyncToolRun(self._log, started)


class _Awaited:
    """Something that is awaited where its sync twin is looked at."""

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._begin().__await__()

    def __call__(self) -> Any:
        return self._begin()
