"""Anthropic Messages: one reply being read, whole or event by event.

Rule 1: one reader per wire event, named after it and listed in READERS; a whole reply is read
        as the `message_start` that brings everything, and a `message_stop`.
Rule 2: indices count blocks in order of appearance. A second `message_start` continues the
        reply, whatever its own indices are.
Rule 3: counts are running totals of one message; they are reported once, when it stops.

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ProtocolError
from ...messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Finish,
    FinishReason,
    Metadata,
    ReplyStart,
    UsageReport,
)
from ...messages.native import standard_citation
from ...wire import json
from ..shape import is_list, is_object
from .blocks import CALLS, content_of, read_block
from .errors import failure_of
from .usage import add_counts, read_usage

__all__ = ["READERS", "Reply"]

FINISH_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}
# Said elsewhere, or by every reply.
TOLD = frozenset({
    "content", "id", "model", "role", "stop_details", "stop_reason", "stop_sequence", "type",
    "usage",
})  # fmt: skip
STOPS = ("stop_reason", "stop_sequence", "stop_details")
CUT_OFF = {"type": "invalid_tool_call", "args": "", "error": "cut off before its arguments"}


class _Block:
    """A block being read: its index with us, and what is to be known of it until it ends."""

    __slots__ = ("index", "input", "is_said", "kind", "parts", "raw")

    def __init__(self, index: int, wire: dict[str, Any]) -> None:
        self.index = index
        self.kind = str(wire.get("type"))
        self.raw = wire
        self.input: Any = None
        self.is_said = False
        self.parts: list[str] = []


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = ("_blocks", "_empty_call", "_open", "_started", "_stop", "_usage",
                 "events", "failed", "finished")  # fmt: skip

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False
        self.finished = False
        self._blocks = 0
        self._open: dict[Any, _Block] = {}
        self._empty_call: int | None = None
        self._started = False
        self._stop: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    def read(self, wire: dict[str, Any]) -> None:
        """Read one event; what nobody knows says nothing."""
        if reader := READERS.get(str(wire.get("type"))):
            reader(self, wire)

    def close(self) -> None:
        """Tell what is known of a reply that was cut off."""
        if not self.finished and not self.failed:
            self._tell()

    def message_start(self, wire: dict[str, Any]) -> None:
        message = wire.get("message")
        if not is_object(message):
            return
        self.finished = False
        facts = {name: v for name, v in message.items() if v is not None and name not in TOLD}
        if not self._started:
            self._started = True
            self.events.append(ReplyStart(message.get("id"), content_of))
            if (id := message.get("id")) is not None:
                facts["id"] = id
            facts |= _model(message.get("model"))
        if facts:
            self.events.append(Metadata(facts))
        self._open.clear()
        content = message.get("content")
        if is_list(content):
            for block in content:
                if is_object(block):
                    self._whole_block(block)
        self._end(message)
        add_counts(self._usage, message.get("usage"))

    def content_block_start(self, wire: dict[str, Any]) -> None:
        start = wire.get("content_block")
        if not is_object(start):
            return
        self._begin(start)
        opened = _Block(self._blocks, start)
        self._blocks += 1
        self._open[wire.get("index")] = opened
        if opened.kind in CALLS:
            # The input comes in pieces, or, if it is short, at once: then no piece follows.
            opened.input = start.get("input")
            block = read_block({**start, "input": {}})
            block |= {"type": f"{CALLS[opened.kind]}_chunk", "args": ""}
        else:
            block = read_block(start)
        self.events.append(BlockStart(opened.index, block))

    def content_block_delta(self, wire: dict[str, Any]) -> None:
        delta = wire.get("delta")
        block = self._open.get(wire.get("index"))
        if not is_object(delta):
            return
        if block is None:
            block = self._open[wire.get("index")] = _Block(self._blocks, {})
            self._blocks += 1
        kind = str(delta.get("type"))
        if reader := DELTAS.get(kind):
            reader(self, block, delta)
        else:
            self._unknown_delta(block, delta)

    def content_block_stop(self, wire: dict[str, Any]) -> None:
        block = self._open.pop(wire.get("index"), None)
        if block is None:
            return
        if block.input and not block.is_said:
            self.events.append(BlockDelta(block.index, "args", json.encode(block.input).decode()))
        elif block.parts:
            self._put_input(block)
        elif block.kind == "tool_use" and not block.is_said:
            # It takes nothing, or the limit struck before its arguments began: not known yet.
            self._empty_call = block.index
            return
        self.events.append(BlockEnd(block.index))

    def message_delta(self, wire: dict[str, Any]) -> None:
        delta = wire.get("delta")
        if is_object(delta):
            self._end(delta)
            facts = {name: v for name, v in delta.items() if v is not None and name not in TOLD}
        else:
            facts = {}
        known = (*TOLD, "delta")
        facts |= {name: v for name, v in wire.items() if v is not None and name not in known}
        if facts:
            self.events.append(Metadata(facts))
        add_counts(self._usage, wire.get("usage"))

    def message_stop(self, wire: dict[str, Any]) -> None:
        if facts := {name: v for name, v in wire.items() if v is not None and name not in TOLD}:
            # What hosts measured.
            self.events.append(Metadata(facts))
        reason = self._stop.get("stop_reason")
        self._end_empty_call(cut=FINISH_REASONS.get(str(reason)) == "length")
        self._end_open()
        if reason == "refusal":
            self._refuse()
        self._tell()
        self.finished = True
        raw = None if reason is None else str(reason)
        self.events.append(Finish(FINISH_REASONS.get(raw or "", "other"), raw))

    def error(self, wire: dict[str, Any]) -> None:
        """End with an error that the provider sent instead of, or amid, a reply."""
        if not self.finished:
            self._tell()
        self.events.append(failure_of(wire))
        self.failed = True

    # -- deltas ---------------------------------------------------------------------------------

    def text_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        self._grow(block, "text", delta.get("text"))

    def thinking_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        self._grow(block, "reasoning", delta.get("thinking"))

    def input_json_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        text = delta.get("partial_json")
        if block.kind in CALLS:
            self._grow(block, "args", text)
        elif isinstance(text, str):
            block.parts.append(text)

    def signature_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        signature = {"signature": delta.get("signature")}
        self.events.append(BlockPatch(block.index, {"extras": signature}))

    def citations_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        citation = standard_citation(delta.get("citation"))
        self.events.append(BlockPatch(block.index, {"annotations": [citation]}))

    def _unknown_delta(self, block: _Block, delta: dict[str, Any]) -> None:
        """Keep what a delta of an unknown type adds to its block."""
        added = {name: value for name, value in delta.items() if name != "type"}
        for name, value in added.items():
            before = block.raw.get(name)
            if isinstance(before, str) and isinstance(value, str):
                added[name] = f"{before}{value}"
            elif is_list(before) and is_list(value):
                added[name] = [*before, *value]
        block.raw = {**block.raw, **added}
        if block.kind in KNOWN:
            self.events.append(BlockPatch(block.index, {"extras": added}))
        else:
            self.events.append(BlockPatch(block.index, {"type": "non_standard", "value": added}))

    def _grow(self, block: _Block, field: str, text: Any) -> None:
        if isinstance(text, str) and text:
            block.is_said = True
            self.events.append(BlockDelta(block.index, field, text))

    # -- beginnings and ends --------------------------------------------------------------------

    def _begin(self, wire: dict[str, Any]) -> None:
        self._end_empty_call()
        if wire.get("type") == "fallback" and is_object(to := wire.get("to")):
            # From here on another model speaks.
            self.events.append(Metadata(_model(to.get("model"))))

    def _whole_block(self, wire: dict[str, Any]) -> None:
        self._begin(wire)
        index, self._blocks = self._blocks, self._blocks + 1
        self.events.append(BlockStart(index, read_block(wire)))
        if wire.get("type") == "tool_use" and not wire.get("input"):
            self._empty_call = index
        else:
            self.events.append(BlockEnd(index))

    def _put_input(self, block: _Block) -> None:
        """Give a block of an unknown type the input that was streamed for it."""
        text = "".join(block.parts)
        value: Any = {}
        try:
            value = json.decode(text) if text else value
        except ProtocolError:
            value = text
        self.events.append(BlockPatch(block.index, {"value": {"input": value}}))

    def _end(self, told: dict[str, Any]) -> None:
        """Remember why the message ended."""
        for name in STOPS:
            if told.get(name) is not None or (name == "stop_sequence" and name in told):
                self._stop[name] = told[name]

    def _end_empty_call(self, *, cut: bool = False) -> None:
        index, self._empty_call = self._empty_call, None
        if index is not None:
            if cut and index == self._blocks - 1:
                self.events.append(BlockPatch(index, CUT_OFF))
            self.events.append(BlockEnd(index))

    def _end_open(self) -> None:
        for block in self._open.values():
            self.events.append(BlockEnd(block.index))
        self._open.clear()

    def _refuse(self) -> None:
        """Say that the model declined: the wire has no block for it, only a reason."""
        details = self._stop.get("stop_details")
        words = details.get("explanation") if is_object(details) else None
        block = {"type": "refusal", "refusal": words or "", "extras": {"stop_reason": "refusal"}}
        self.events += [BlockStart(self._blocks, block), BlockEnd(self._blocks)]
        self._blocks += 1

    def _tell(self) -> None:
        """Tell how the message ended and what it cost; the next one counts anew."""
        facts = {**self._stop}
        if self._usage:
            facts["usage"] = self._usage
        if facts:
            self.events.append(Metadata(facts))
        if usage := read_usage(self._usage):
            self.events.append(UsageReport(usage))
        self._usage = {}


def _model(name: Any) -> dict[str, Any]:
    return {} if name is None else {"model": name, "model_name": name}


# Blocks that grow by deltas of their own kind.
KNOWN = frozenset({*CALLS, "redacted_thinking", "text", "thinking"})

DELTAS: dict[str, Callable[[Reply, _Block, dict[str, Any]], None]] = {
    "citations_delta": Reply.citations_delta,
    "input_json_delta": Reply.input_json_delta,
    "signature_delta": Reply.signature_delta,
    "text_delta": Reply.text_delta,
    "thinking_delta": Reply.thinking_delta,
}

READERS: dict[str, Callable[[Reply, dict[str, Any]], None]] = {
    "content_block_delta": Reply.content_block_delta,
    "content_block_start": Reply.content_block_start,
    "content_block_stop": Reply.content_block_stop,
    "error": Reply.error,
    "message_delta": Reply.message_delta,
    "message_start": Reply.message_start,
    "message_stop": Reply.message_stop,
}
