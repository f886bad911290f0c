"""Our events as the event dicts of `stream_events(version="v3")`, and those as a message again.

A message starts, its blocks start, grow and finish, it finishes; indices count from 0 without
gaps and each block starts and finishes once. A block that starts with something in it starts
empty and grows by that. `block-delta` fields are set; lists among them extend, dicts merge.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from .ai import AIMessage
from .assemble import IMPLIED_TYPES, Draft
from .events import BlockDelta, BlockEnd, BlockPatch, BlockStart, Event, Metadata, ReplyStart
from .reply import Block, Reply, clone

__all__ = ["EventWriter", "ProtocolEvent", "error_event", "message_of_events"]

ProtocolEvent: TypeAlias = dict[str, Any]

OUTPUT_VERSION = {"output_version": "v1"}

# What a block of this type grows by, a piece at a time.
GROWS = {
    "reasoning": "reasoning",
    "refusal": "refusal",
    "server_tool_call_chunk": "args",
    "text": "text",
    "tool_call_chunk": "args",
}
DELTA_TYPES = {"args": "tool-call-delta"}
_WHOLE_CALLS = frozenset({"tool_call", "invalid_tool_call"})


class EventWriter:
    """Writes one reply's events as event dicts."""

    def __init__(self, *, id: str | None = None, provider: str | None = None) -> None:
        self._id = id
        self._provider = provider
        self._draft = Draft()
        self._started = False
        # Their index -> ours, and which are still open.
        self._places: dict[int, int] = {}
        self._open: set[int] = set()

    def feed(self, events: Sequence[Event]) -> list[ProtocolEvent]:
        """Answer the event dicts that these events make."""
        written: list[ProtocolEvent] = []
        if not self._started:
            self._start(events, written)
        for event in events:
            self._draft.feed((event,))
            if write := _WRITERS.get(type(event)):
                write(self, event, written)
        return written

    def write_delta(self, event: BlockDelta, written: list[ProtocolEvent]) -> None:
        if event.index not in self._places:
            kind = IMPLIED_TYPES.get(event.field, "non_standard")
            self._begin(event.index, {"type": kind}, written)
        self._grow(event.index, event.field, event.text, written)

    def write_start(self, event: BlockStart, written: list[ProtocolEvent]) -> None:
        if event.index in self._places:
            self._patch(event.index, event.block, written)
        else:
            self._begin(event.index, event.block, written)

    def write_patch(self, event: BlockPatch, written: list[ProtocolEvent]) -> None:
        if event.index in self._places:
            self._patch(event.index, event.fields, written)
        else:
            self._begin(event.index, self._draft.block(event.index), written)

    def write_end(self, event: BlockEnd, written: list[ProtocolEvent]) -> None:
        self._finish(event.index, written)

    def close(self) -> list[ProtocolEvent]:
        """Answer what ends the message."""
        written: list[ProtocolEvent] = []
        if not self._started:
            self._start((), written)
        for index in sorted(self._open):
            self._finish(index, written)
        reply = self._reply()
        last: ProtocolEvent = {"event": "message-finish", "metadata": reply.response_metadata()}
        if reply.usage is not None:
            last["usage"] = reply.usage
        written.append(last)
        return written

    def _reply(self) -> Reply:
        made = self._draft.reply(id=self._id, provider=self._provider)
        metadata = made.response_metadata() | OUTPUT_VERSION
        return _in_blocks(made.blocks, metadata, made.usage, made.id)

    def _start(self, events: Iterable[Event], written: list[ProtocolEvent]) -> None:
        self._started = True
        metadata: dict[str, Any] = {"provider": self._provider}
        for event in events:
            if type(event) is ReplyStart:
                self._id = event.id or self._id
            elif type(event) is Metadata and "model_name" in event.fields:
                metadata["model"] = event.fields["model_name"]
        written.append(
            {"event": "message-start", "role": "ai", "id": self._id, "metadata": metadata}
        )

    def _begin(self, index: int, block: Block, written: list[ProtocolEvent]) -> None:
        place = self._places[index] = len(self._places)
        self._open.add(index)
        block = clone(_call_as_chunk(block) if block["type"] in _WHOLE_CALLS else block)
        block.pop("index", None)
        field = GROWS.get(block["type"])
        text = ""
        if field is not None:
            text = block.get(field) or ""
            block[field] = ""
        written.append({"event": "content-block-start", "index": place, "content": block})
        if field is not None:
            self._grow(index, field, text, written)

    def _grow(self, index: int, field: str, text: str, written: list[ProtocolEvent]) -> None:
        if not text or index not in self._open:
            return
        if field == "base64":
            delta = {"type": "data-delta", "data": text, "encoding": "base64"}
        else:
            delta = {"type": DELTA_TYPES.get(field) or f"{field}-delta", field: text}
        place = self._places[index]
        written.append({"event": "content-block-delta", "index": place, "delta": delta})

    def _patch(self, index: int, fields: Block, written: list[ProtocolEvent]) -> None:
        if index in self._open:
            delta = {"type": "block-delta", "fields": clone(fields)}
            place = self._places[index]
            written.append({"event": "content-block-delta", "index": place, "delta": delta})

    def _finish(self, index: int, written: list[ProtocolEvent]) -> None:
        if index in self._open:
            self._open.discard(index)
            block = clone(self._draft.block(index))
            block.pop("index", None)
            place = self._places[index]
            written.append({"event": "content-block-finish", "index": place, "content": block})


_WRITERS: dict[type, Callable[[EventWriter, Any, list[ProtocolEvent]], None]] = {
    BlockDelta: EventWriter.write_delta,
    BlockEnd: EventWriter.write_end,
    BlockPatch: EventWriter.write_patch,
    BlockStart: EventWriter.write_start,
}


def error_event(error: BaseException) -> ProtocolEvent:
    """Give the event that says how a stream failed.

    >>> error_event(ValueError("no such model"))
    {'event': 'error', 'message': 'no such model'}
    """
    event: ProtocolEvent = {"event": "error", "message": str(error) or type(error).__name__}
    if code := getattr(error, "code", None):
        event["code"] = code
    return event


def message_of_events(events: Iterable[ProtocolEvent]) -> AIMessage | None:
    """Put the message together that these events tell of; None when they do not finish it."""
    blocks: dict[int, Block] = {}
    id: str | None = None
    for event in events:
        match event["event"]:
            case "message-start":
                id = event["id"]
            case "content-block-finish":
                blocks[event["index"]] = clone(event["content"])
            case "message-finish":
                ordered = [blocks[index] for index in sorted(blocks)]
                made = _in_blocks(ordered, clone(event["metadata"]), event.get("usage"), id)
                return AIMessage.of_reply(made)
            case _:
                pass
    return None


def _in_blocks(blocks: list[Block], metadata: dict[str, Any], usage: Any, id: str | None) -> Reply:
    """Give a reply whose content is its blocks, whatever shape its provider has for it."""
    return Reply(blocks, content_of=clone, metadata=metadata, usage=usage, id=id)


def _call_as_chunk(block: Block) -> Block:
    """Give a call that came whole as if it had been written."""
    args = block.get("args")
    chunk = {**block, "type": "tool_call_chunk"}
    chunk["args"] = args if isinstance(args, str) else json.dumps(args or {}, ensure_ascii=False)
    chunk.pop("error", None)
    return chunk
