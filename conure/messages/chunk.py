"""Dressing events as chunks, and undressing sums of chunks as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from .ai_chunk import AIMessageChunk
from .events import BlockDelta, BlockPatch, BlockStart, Event, ReplyStart
from .message import BaseMessage, BaseMessageChunk
from .reply import IMPLIED_TYPES
from .source import Source

__all__ = ["AIMessageChunk", "Dresser", "message_chunk_to_message", "sum_chunks"]


def sum_chunks(chunks: Iterable[AIMessageChunk]) -> AIMessageChunk:
    """Add up chunks; of a whole stream, what `invoke` would have answered.

    >>> sum_chunks([AIMessageChunk("Hel"), AIMessageChunk("lo")]).content
    'Hello'
    """
    return AIMessageChunk() + list(chunks)


def message_chunk_to_message(chunk: BaseMessage) -> BaseMessage:
    """Turn the sum of a stream into the message that `invoke` would have answered.

    >>> message_chunk_to_message(AIMessageChunk("Hello")).type
    'ai'
    """
    if isinstance(chunk, AIMessageChunk):
        return chunk.message()
    if not isinstance(chunk, BaseMessageChunk):
        return chunk
    whole = next(
        kind
        for kind in type(chunk).__mro__
        if issubclass(kind, BaseMessage) and not issubclass(kind, BaseMessageChunk)
    )
    made = object.__new__(whole)
    made.__dict__.update(chunk.__dict__)
    return made


_new = cast("Callable[[type[AIMessageChunk]], AIMessageChunk]", object.__new__)


class Dresser:
    """Dresses events as chunks: one chunk for each event that has content.

    Events without any (starts, ends, counts, facts) ride on the next chunk that has some, or on
    the one that `close` gives.
    """

    __slots__ = ("_held", "_quick", "_source", "_types")

    def __init__(
        self,
        *,
        id: str | None = None,
        provider: str | None = None,
    ) -> None:
        self._source = Source(id, provider)
        self._held: list[Event] = []
        self._types: dict[int, str] = {}
        # For each open block the field whose deltas speak for themselves.
        self._quick: dict[int, str] = {}

    def feed(self, events: Iterable[Event]) -> list[AIMessageChunk]:
        """Answer the chunks that these events make."""
        chunks: list[AIMessageChunk] = []
        source, quick, held = self._source, self._quick, self._held
        for event in events:
            if (
                type(event) is BlockDelta
                and quick.get(event.index) == (field := event.field)
                and not held
                and (text := event.text)
            ):
                # As `born` does it, without the call: this is every chunk of nearly all streams.
                made = _new(AIMessageChunk)
                if source.content_of is None:
                    made.content = text if field == "text" else ""
                elif source.plain and field == "text":
                    made.content = text
                made.id = source.id
                made._events = event  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
                made._source = source  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
                chunks.append(made)
            else:
                if self._hold(event):
                    chunks.append(AIMessageChunk.born(held.copy(), self._source))
                    held.clear()
                source = self._source
        return chunks

    def close(self) -> AIMessageChunk:
        """Answer the last chunk, with everything that was held."""
        events, self._held = self._held, []
        return AIMessageChunk.born(events, self._source, last=True)

    def _hold(self, event: Event) -> bool:
        """Keep an event for the next chunk; tell whether it has content of its own."""
        match event:
            case BlockDelta():
                return self._hold_delta(event)
            case BlockStart(index, block):
                self._types[index] = block["type"]
                self._held.append(event)
                return _says_something(block)
            case BlockPatch(index, fields):
                # A slice must be able to say what its blocks are without those before it.
                known = {"type": self._types[index]} if index in self._types else {}
                self._held.append(BlockPatch(index, known | fields))
                return _says_something(fields)
            case ReplyStart():
                if not self._types:
                    old = self._source
                    self._source = Source.of(event.id or old.id, old.provider, event.content_of)
                self._held.append(event)
                return False
            case _:
                self._held.append(event)
                return False

    def _hold_delta(self, event: BlockDelta) -> bool:
        implied = IMPLIED_TYPES.get(event.field, "non_standard")
        known = self._types.setdefault(event.index, implied)
        if known == implied:
            self._quick[event.index] = event.field
        elif not any(type(e) is BlockStart and e.index == event.index for e in self._held):
            self._held.append(BlockPatch(event.index, {"type": known}))
        self._held.append(event)
        return bool(event.text)


_SAY_NOTHING = frozenset({"type", "id", "index", "extras"})


def _says_something(fields: dict[str, Any]) -> bool:
    return any(value for key, value in fields.items() if key not in _SAY_NOTHING)
