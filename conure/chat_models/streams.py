"""The stream object of `stream_events(version="v3")`: one log of events, and views of it.

Each view reads the log with a cursor of its own, from the start, so several consumers can read
side by side and again. In sync the reply is pulled on by whoever reads; in async a task fills the
log from the first look on. Whatever went wrong is raised from each view that is read to its end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

from ..errors import ConfigurationError
from ..messages import AIMessage, UsageMetadata
from ..messages.coerce import ModelInput
from ..messages.protocol_events import (
    ProtocolEvent,
    error_event,
    message_of_events,
)
from ..runnables import Runnable
from ..runnables.config import RunnableConfig
from ..runnables.kept import AsyncKept, Kept
from ..transport.drive import apump, pump

if TYPE_CHECKING:
    from ..engine.effects import Plan

__all__ = [
    "AsyncChatModelStream",
    "AsyncView",
    "ChatModelStream",
    "ModelEvents",
    "OpeningStream",
    "View",
]

Item = TypeVar("Item")
Whole = TypeVar("Whole")
Log = TypeVar("Log", Kept, AsyncKept)
# Made anew for each cursor: gives the items that an event adds to a view.
Reader = Callable[[], Callable[[ProtocolEvent], Iterable[Any]]]


class _Told(Protocol):
    """What is needed of a chat model to hear its events."""

    sync_transport: Any
    async_transport: Any

    def chosen(self, config: RunnableConfig | None) -> _Told: ...

    def get_name(self) -> str: ...

    def asking(
        self,
        input: ModelInput,
        config: RunnableConfig | None,
        stop: str | list[str] | None,
        settings: dict[str, Any],
        *,
        as_events: bool = False,
        is_async: bool = False,
    ) -> Plan[AIMessage]: ...


class ModelEvents(Runnable[ModelInput, ProtocolEvent]):
    """A chat model that streams event dicts in place of chunks."""

    def __init__(self, model: _Told) -> None:
        self._model = model

    def get_name(self) -> str:
        return self._model.get_name()

    def stream(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> Iterator[ProtocolEvent]:
        model = self._model.chosen(config)
        plan = model.asking(input, config, stop, settings, as_events=True)
        for events in pump(plan, model.sync_transport):
            yield from events

    async def astream(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> AsyncIterator[ProtocolEvent]:
        model = self._model.chosen(config)
        plan = model.asking(input, config, stop, settings, as_events=True, is_async=True)
        batches = apump(plan, model.async_transport)
        try:
            async for events in batches:
                for event in events:
                    yield event
        finally:
            await batches.aclose()


class View(Generic[Item, Whole]):
    """One side of a reply: iterate for its pieces, `get()` for the whole."""

    def __init__(self, log: Kept, reader: Reader, whole: Callable[[list[Any]], Whole]) -> None:
        self._log = log
        self._reader = reader
        self._whole = whole

    def __iter__(self) -> Iterator[Item]:
        read = self._reader()
        for event in self._log:
            yield from read(event)

    def get(self) -> Whole:
        """Read to the end and give the whole."""
        return self._whole(list(self._log))

    def __str__(self) -> str:
        return str(self.get())


class AsyncView(Generic[Item, Whole]):
    """The same in an event loop: iterate with `async for`, `await` the whole."""

    def __init__(self, log: AsyncKept, reader: Reader, whole: Callable[[list[Any]], Whole]) -> None:
        self._log = log
        self._reader = reader
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[Item]:
        read = self._reader()
        async for event in self._log:
            for item in read(event):
                yield item

    def __await__(self) -> Generator[Any, Any, Whole]:
        return self.get().__await__()

    async def get(self) -> Whole:
        """Read to the end and give the whole."""
        return self._whole([event async for event in self._log])


class _Stream(Generic[Log]):
    """What both colours know of a reply without waiting."""

    node: str | None = None
    """the node of a graph that the model runs in, where there is one"""
    namespace: Iterable[str] = ()
    _log: Log

    @property
    def message_id(self) -> str | None:
        """The message's id, as soon as the reply has begun."""
        items = self._log.items
        return items[0].get("id") if items else None

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self._log.over


class ChatModelStream(_Stream[Kept]):
    """A reply while it is being written.

    Iterate it for its events, or look at one side: `text`, `reasoning`, `tool_calls`. `output` is
    the whole message. Nothing is sent before the first look, and leaving it unread costs nothing;
    `close()`, or `with`, ends a reply that is not wanted any more.
    """

    def __init__(self, events: Iterator[ProtocolEvent]) -> None:
        self._log = Kept(events, error_event)

    def __iter__(self) -> Iterator[ProtocolEvent]:
        return iter(self._log)

    @property
    def text(self) -> View[str, str]:
        """The text: iterate for pieces, `str()` for all of it."""
        return View(self._log, _Pieces.of_text, _text)

    @property
    def reasoning(self) -> View[str, str]:
        """What the model thinks: iterate for pieces, `str()` for all of it."""
        return View(self._log, _Pieces.of_reasoning, _reasoning)

    @property
    def tool_calls(self) -> View[dict[str, Any], list[dict[str, Any]]]:
        """Tool calls: iterate for chunks, each with its call's id and name, `get()` for all."""
        return View(self._log, _CallPieces, _tool_calls)

    @property
    def output(self) -> AIMessage:
        """The whole message; waits for it."""
        return _output(list(self._log))

    @property
    def usage(self) -> UsageMetadata | None:
        """What the reply cost; waits for its end."""
        return self.output.usage_metadata

    def close(self) -> None:
        """Leave the reply: the connection is closed, what came can still be read."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncChatModelStream(_Stream[AsyncKept]):
    """A reply while it is being written, in an event loop.

    `async for` gives its events; `text`, `reasoning` and `tool_calls` can be iterated and awaited,
    `output` and `usage` awaited; awaiting the stream itself gives the message. `aclose()`, or
    `async with`, ends a reply that is not wanted any more, and so does dropping it.
    """

    def __init__(self, events: AsyncIterator[ProtocolEvent] | AsyncKept) -> None:
        self._log = events if isinstance(events, AsyncKept) else AsyncKept(events, error_event)

    def __aiter__(self) -> AsyncIterator[ProtocolEvent]:
        return aiter(self._log)

    def __await__(self) -> Generator[Any, Any, AIMessage]:
        return self.output.__await__()

    @property
    def text(self) -> AsyncView[str, str]:
        """The text: iterate for pieces, await all of it."""
        return AsyncView(self._log, _Pieces.of_text, _text)

    @property
    def reasoning(self) -> AsyncView[str, str]:
        """What the model thinks: iterate for pieces, await all of it."""
        return AsyncView(self._log, _Pieces.of_reasoning, _reasoning)

    @property
    def tool_calls(self) -> AsyncView[dict[str, Any], list[dict[str, Any]]]:
        """Tool calls: iterate for chunks, each with the id and name of its call, await all."""
        return AsyncView(self._log, _CallPieces, _tool_calls)

    @property
    def output(self) -> AsyncView[ProtocolEvent, AIMessage]:
        """The whole message, to be awaited."""
        return AsyncView(self._log, _Pieces.of_all, _output)

    @property
    def usage(self) -> AsyncView[ProtocolEvent, UsageMetadata | None]:
        """What the reply cost, to be awaited."""
        return AsyncView(self._log, _Pieces.of_all, _usage)

    async def aclose(self) -> None:
        """Leave the reply: the connection is closed, what came can still be read."""
        await self._log.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class OpeningStream(AsyncChatModelStream):
    """What `astream_events(version="v3")` gives: the stream, which may be awaited first."""

    def __await__(  # pyright: ignore[reportIncompatibleMethodOverride] - both are how it is used
        self,
    ) -> Generator[Any, Any, AsyncChatModelStream]:
        return self._opened().__await__()

    async def _opened(self) -> AsyncChatModelStream:
        return AsyncChatModelStream(self._log)


class _Pieces:
    """Reads the deltas of one kind."""

    def __init__(self, kind: str, field: str) -> None:
        self._kind = kind
        self._field = field

    def __call__(self, event: ProtocolEvent) -> Iterable[Any]:
        if event["event"] == "content-block-delta" and event["delta"]["type"] == self._kind:
            return (event["delta"][self._field],)
        return ()

    @classmethod
    def of_text(cls) -> Self:
        return cls("text-delta", "text")

    @classmethod
    def of_reasoning(cls) -> Self:
        return cls("reasoning-delta", "reasoning")

    @staticmethod
    def of_all() -> Callable[[ProtocolEvent], Iterable[Any]]:
        return lambda event: (event,)


class _CallPieces:
    """Reads tool calls as chunks; a call without arguments is one chunk as well."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, Any]] = {}
        self._silent: set[int] = set()

    def __call__(self, event: ProtocolEvent) -> Iterable[Any]:
        index = event.get("index")
        if event["event"] == "content-block-start":
            block = event["content"]
            if index is not None and block["type"] == "tool_call_chunk":
                self._calls[index] = {"id": block.get("id"), "name": block.get("name")}
                self._silent.add(index)
            return ()
        if index not in self._calls:
            return ()
        return self._pieces(index, event)

    def _pieces(self, index: int, event: ProtocolEvent) -> Iterable[Any]:
        call = self._calls[index]
        args: str | None = None
        if event["event"] == "content-block-finish":
            args = "" if index in self._silent else None
        elif event["delta"]["type"] == "block-delta":
            fields = event["delta"]["fields"]
            call.update({key: fields[key] for key in ("id", "name") if key in fields})
        else:
            args = event["delta"]["args"]
        if args is None:
            return ()
        self._silent.discard(index)
        return ({"type": "tool_call_chunk", **call, "args": args, "index": index},)


def _output(events: list[ProtocolEvent]) -> AIMessage:
    message = message_of_events(events)
    if message is None:
        raise ConfigurationError("the stream was closed before its reply was over")
    return message


def _usage(events: list[ProtocolEvent]) -> UsageMetadata | None:
    return _output(events).usage_metadata


def _text(events: list[ProtocolEvent]) -> str:
    return _joined(events, _Pieces.of_text())


def _reasoning(events: list[ProtocolEvent]) -> str:
    return _joined(events, _Pieces.of_reasoning())


def _joined(events: list[ProtocolEvent], read: _Pieces) -> str:
    return "".join([piece for event in events for piece in read(event)])


def _tool_calls(events: list[ProtocolEvent]) -> list[dict[str, Any]]:
    return cast(
        "list[dict[str, Any]]",
        [
            event["content"]
            for event in events
            if event["event"] == "content-block-finish" and event["content"]["type"] == "tool_call"
        ],
    )
