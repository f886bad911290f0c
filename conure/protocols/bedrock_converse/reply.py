"""Bedrock Converse: one reply being read, whole or event by event.

Rule 1: one reader per wire event, named after it and listed in READERS. A whole reply is read
        as the stream it would have been: see `as_stream`.
Rule 2: texts and thoughts are not announced: a delta opens the block that it belongs to. Indices
        count blocks in order of appearance.
Rule 3: counts, and what a guardrail did, are told after the message has stopped, if at all.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from ...messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Failure,
    Finish,
    FinishReason,
    Metadata,
    ReplyStart,
    UsageReport,
)
from ...wire import json
from ..shape import is_list, is_object
from .blocks import content_of, read_call, read_citation, read_result, read_whole
from .guardrail import refusal_of
from .media import mime_of
from .usage import read_usage
from .whole import BLOCK

__all__ = ["READERS", "Reply"]

FINISH_REASONS: dict[str, FinishReason] = {
    "content_filtered": "content_filter",
    "end_turn": "stop",
    "guardrail_intervened": "content_filter",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}
PADDING = "p"
"""put into events against eavesdroppers"""
CUT_OFF = {"type": "invalid_tool_call", "args": "", "error": "cut off before its arguments"}


class _Block:
    """A block being read: its index with us, and what is to be known of it until it ends."""

    __slots__ = ("images", "index", "is_said", "kind")

    def __init__(self, index: int, kind: str) -> None:
        self.index = index
        self.kind = kind
        self.is_said = False
        self.images: list[str] = []


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = ("_blocks", "_empty_call", "_open", "_stop", "complete", "events", "failed",
                 "finished")  # fmt: skip

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False
        self.finished = False
        self.complete = False
        """nothing can follow"""
        self._blocks = 0
        self._empty_call: int | None = None
        self._open: dict[Any, _Block] = {}
        self._stop: str | None = None

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    def read(self, name: str, wire: dict[str, Any]) -> None:
        """Read one event; what nobody knows says nothing."""
        if reader := READERS.get(name):
            reader(self, wire)

    def fail(self, failure: Failure) -> None:
        """End with an error that the provider sent instead of, or amid, a reply."""
        self.events.append(failure)
        self.failed = True

    # -- events -----------------------------------------------------------------------------------

    def message_start(self, _wire: dict[str, Any]) -> None:
        self.events.append(ReplyStart(None, content_of))

    def content_block_start(self, wire: dict[str, Any]) -> None:
        start = wire.get("start")
        place = wire.get("contentBlockIndex")
        if not is_object(start):
            return
        for kind, told in start.items():
            if not is_object(told):
                continue
            if kind == "toolUse":
                self._begin(place, kind, read_call(told))
            elif kind == "toolResult":
                self._begin(place, kind, read_result(told))
            elif kind == "image":
                mime = mime_of(kind, told.get("format"))
                self._begin(place, kind, {"type": kind, "mime_type": mime})

    def content_block_delta(self, wire: dict[str, Any]) -> None:
        delta = wire.get("delta")
        if not is_object(delta):
            return
        place = wire.get("contentBlockIndex")
        for kind, value in delta.items():
            if reader := DELTAS.get(kind):
                reader(self, place, value)
            elif kind != PADDING:
                self.block({"contentBlockIndex": place, "block": {kind: value}})

    def content_block_stop(self, wire: dict[str, Any]) -> None:
        self._end(wire.get("contentBlockIndex"))

    def block(self, wire: dict[str, Any]) -> None:
        """Read a block that does not grow."""
        self._end(wire.get("contentBlockIndex"))
        self._end_empty_call()
        self._put(read_whole(wire.get("block")))

    def message_stop(self, wire: dict[str, Any]) -> None:
        reason = wire.get("stopReason")
        self._stop = None if reason is None else str(reason)
        kind = FINISH_REASONS.get(self._stop or "", "other")
        for place in list(self._open):
            self._end(place)
        self._end_empty_call(cut=kind == "length")
        self._tell(wire)
        self.finished = True
        self.events.append(Finish(kind, self._stop))

    def metadata(self, wire: dict[str, Any]) -> None:
        if self._stop is not None and (words := refusal_of(self._stop, wire.get("trace"))):
            block = {"type": "refusal", "refusal": words, "extras": {"stop_reason": self._stop}}
            self._put(block)
        self._tell(wire)
        if usage := read_usage(wire.get("usage")):
            self.events.append(UsageReport(usage))
        self.complete = self.finished

    # -- deltas -----------------------------------------------------------------------------------

    def text_delta(self, place: Any, text: Any) -> None:
        block = self._open.get(place)
        if block is None or block.kind != "text":
            block = self._begin(place, "text", {"type": "text", "text": ""})
        if isinstance(text, str) and text:
            self.events.append(BlockDelta(block.index, "text", text))

    def tool_use_delta(self, place: Any, wire: Any) -> None:
        block = self._open.get(place)
        if block is None or block.kind != "toolUse":
            block = self._begin(place, "toolUse", read_call({}))
        args = wire.get("input") if is_object(wire) else wire
        if args is None:
            return
        text = args if isinstance(args, str) else json.encode(args).decode()
        if text:
            block.is_said = True
            self.events.append(BlockDelta(block.index, "args", text))

    def reasoning_delta(self, place: Any, wire: Any) -> None:
        if not is_object(wire):
            return
        block = self._open.get(place)
        if block is None or block.kind != "reasoning":
            # A signature may come later, or never; this says that the thought is of this protocol.
            start = {"type": "reasoning", "reasoning": "", "extras": {"signature": ""}}
            block = self._begin(place, "reasoning", start)
        for name, value in wire.items():
            if name == "text":
                if isinstance(value, str) and value:
                    self.events.append(BlockDelta(block.index, "reasoning", value))
            else:
                field = "redacted_content" if name == "redactedContent" else name
                self.events.append(BlockPatch(block.index, {"extras": {field: value}}))

    def citation_delta(self, place: Any, wire: Any) -> None:
        block = self._open.get(place)
        if block is None or block.kind != "text":
            block = self._begin(place, "text", {"type": "text", "text": ""})
        self.events.append(BlockPatch(block.index, {"annotations": [read_citation(wire)]}))

    def tool_result_delta(self, place: Any, wire: Any) -> None:
        block = self._open.get(place)
        if block is None or block.kind != "toolResult":
            block = self._begin(place, "toolResult", read_result({}))
        output = wire if is_list(wire) else [wire]
        self.events.append(BlockPatch(block.index, {"output": output}))

    def image_delta(self, place: Any, wire: Any) -> None:
        block = self._open.get(place)
        if block is None or block.kind != "image":
            block = self._begin(place, "image", {"type": "image"})
        source = wire.get("source") if is_object(wire) else None
        if is_object(source) and isinstance(data := source.get("bytes"), str):
            block.images.append(data)
        else:
            self.events.append(BlockPatch(block.index, {"extras": {"delta": wire}}))

    # -- beginnings and ends ----------------------------------------------------------------------

    def _begin(self, place: Any, kind: str, block: dict[str, Any]) -> _Block:
        """Open a block; one that is still open in its place has ended."""
        self._end(place)
        self._end_empty_call()
        opened = self._open[place] = _Block(self._blocks, kind)
        self._blocks += 1
        self.events.append(BlockStart(opened.index, block))
        return opened

    def _end(self, place: Any) -> None:
        block = self._open.pop(place, None)
        if block is None:
            return
        if block.images:
            whole = b64encode(b"".join(map(_bytes, block.images))).decode()
            one = block.images[0] if len(block.images) == 1 else whole
            self.events.append(BlockPatch(block.index, {"base64": one}))
        if block.kind == "toolUse" and not block.is_said:
            # It takes nothing, or the limit struck before its arguments began: not known yet.
            self._end_empty_call()
            self._empty_call = block.index
            return
        self.events.append(BlockEnd(block.index))

    def _end_empty_call(self, *, cut: bool = False) -> None:
        index, self._empty_call = self._empty_call, None
        if index is not None:
            if cut and index == self._blocks - 1:
                self.events.append(BlockPatch(index, CUT_OFF))
            self.events.append(BlockEnd(index))

    def _put(self, block: dict[str, Any]) -> None:
        self.events += [BlockStart(self._blocks, block), BlockEnd(self._blocks)]
        self._blocks += 1

    def _tell(self, wire: dict[str, Any]) -> None:
        facts = {n: value for n, value in wire.items() if value is not None and n != PADDING}
        if facts:
            self.events.append(Metadata(facts))


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text)
    except ValueError:
        return b""


DELTAS: dict[str, Callable[[Reply, Any, Any], None]] = {
    "citation": Reply.citation_delta,
    "image": Reply.image_delta,
    "reasoningContent": Reply.reasoning_delta,
    "text": Reply.text_delta,
    "toolResult": Reply.tool_result_delta,
    "toolUse": Reply.tool_use_delta,
}

READERS: dict[str, Callable[[Reply, dict[str, Any]], None]] = {
    BLOCK: Reply.block,
    "contentBlockDelta": Reply.content_block_delta,
    "contentBlockStart": Reply.content_block_start,
    "contentBlockStop": Reply.content_block_stop,
    "messageStart": Reply.message_start,
    "messageStop": Reply.message_stop,
    "metadata": Reply.metadata,
}
