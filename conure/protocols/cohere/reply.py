"""Cohere's chat API: one reply being read, whole or event by event.

Rule 1: one reader per event of the stream, listed in READERS; a whole reply is read by the same
        readers, part by part.
Rule 2: the plan that comes before calls is text, as it would be of any other model; its block
        says where it stood (`extras.field`), so that it goes back there.
Rule 3: parts, calls and citations are counted apart on the wire; blocks are numbered as they come.

https://docs.cohere.com/docs/streaming
"""

from __future__ import annotations

from collections.abc import Callable
from os import urandom
from typing import Any

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
from ...wire import json
from ..errors import failure_of
from ..shape import is_list, is_object
from .citations import read_citation
from .usage import read_usage

__all__ = ["Reply"]

FINISH_REASONS: dict[str, FinishReason] = {
    "COMPLETE": "stop",
    "MAX_TOKENS": "length",
    "STOP_SEQUENCE": "stop",
    "TOOL_CALL": "tool_calls",
}
FAILURES = {
    "ERROR": "the generation failed",
    "TIMEOUT": "the generation took too long",
}
"""finish reasons that say that there is no answer"""
CUT_OFF = {
    "type": "invalid_tool_call",
    "args": "",
    "error": "the reply was cut off before the arguments",
}
PLAN = "tool_plan"
TEXTS = {"text": "text", "thinking": "reasoning"}
"""the wire's name of a part's type and text -> ours"""


class _Call:
    """A call being written."""

    __slots__ = ("block", "text")

    def __init__(self, block: int) -> None:
        self.block = block
        self.text = ""


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = ("_blocks", "_call", "_parts", "_plan", "_started", "_text", "events", "failed",
                 "finished")  # fmt: skip

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False
        self.finished = False
        self._blocks = 0
        self._call: _Call | None = None
        self._parts: dict[Any, tuple[int, str]] = {}
        self._plan: int | None = None
        self._started = False
        self._text: int | None = None

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    def read(self, wire: dict[str, Any]) -> None:
        """Read one event; one that nobody knows says nothing."""
        kind = wire.get("type")
        if kind in ("error", "stream-error") or (kind is None and "message" in wire):
            self.fail(wire)
        elif isinstance(kind, str) and (reader := READERS.get(kind)):
            reader(self, wire)

    def whole(self, wire: dict[str, Any]) -> None:
        """Read a whole reply, as the events that would have told it."""
        message: dict[str, Any] = wire["message"]
        self.message_start(wire)
        content = message.get("content")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        for index, part in enumerate(content if is_list(content) else ()):
            self.content_start(_event(content=part, index=index))
            self.content_end({"index": index})
        if plan := message.get(PLAN):
            self.tool_plan_delta(_event(tool_plan=plan))
        for call in _list(message.get("tool_calls")):
            self.tool_call_start(_event(tool_calls=call))
            self.tool_call_end({})
        for citation in _list(message.get("citations")):
            self.citation_start(_event(citations=citation))
        if tokens := _list(wire.get("logprobs")):
            self.events.append(Metadata({"logprobs": {"content": [*map(_logprob, tokens)]}}))
        rest = {name: value for name, value in wire.items() if name not in TOLD}
        self.message_end({"delta": rest})

    def fail(self, wire: Any) -> None:
        """End with an error the provider sent instead of, or amid, a reply."""
        self.events.append(failure_of(wire))
        self.failed = True

    def message_start(self, wire: dict[str, Any]) -> None:
        if self._started:
            return
        self._started = True
        self.events.append(ReplyStart())
        if id := wire.get("id"):
            self.events.append(Metadata({"id": id}))

    def content_start(self, wire: dict[str, Any]) -> None:
        part = _delta(wire).get("content")
        if not is_object(part):
            return
        kind = part.get("type") or next((name for name in TEXTS if name in part), None)
        field = TEXTS.get(str(kind))
        if field is None:
            self._whole_block({"type": "non_standard", "value": part})
            return
        rest = {k: v for k, v in part.items() if k not in ("type", kind) and v is not None}
        block: dict[str, Any] = {"type": field, field: ""}
        if rest:
            block["extras"] = rest
        index = self._open(block)
        self._parts[wire.get("index")] = index, field
        if field == "text":
            self._text = index
        self._grow(index, field, part.get(str(kind)))

    def content_delta(self, wire: dict[str, Any]) -> None:
        part = _delta(wire).get("content")
        if (known := self._parts.get(wire.get("index"))) is None:
            self.content_start(wire)
        elif is_object(part):
            index, field = known
            self._grow(index, field, part.get("thinking" if field == "reasoning" else field))
        if is_object(tokens := wire.get("logprobs")):
            self.events.append(Metadata({"logprobs": {"content": [_logprob(tokens)]}}))

    def content_end(self, wire: dict[str, Any]) -> None:
        # The block stays open: citations may follow.
        if (known := self._parts.get(wire.get("index"))) and known[1] == "reasoning":
            self.events.append(BlockEnd(known[0]))

    def tool_plan_delta(self, wire: dict[str, Any]) -> None:
        if self._plan is None:
            self._plan = self._open({"type": "text", "text": "", "extras": {"field": PLAN}})
        self._grow(self._plan, "text", _delta(wire).get(PLAN))

    def tool_call_start(self, wire: dict[str, Any]) -> None:
        self.tool_call_end({})
        call, function = _function(wire)
        block = {
            "type": "tool_call_chunk",
            "id": call.get("id") or f"call_{urandom(12).hex()}",
            "name": function.get("name"),
            "args": "",
        }
        self._call = _Call(self._open(block))
        self._argue(function.get("arguments"))

    def tool_call_delta(self, wire: dict[str, Any]) -> None:
        self._argue(_function(wire)[1].get("arguments"))

    def tool_call_end(self, _wire: dict[str, Any]) -> None:
        """Say that no more arguments will come; `null` is how a call without any is written."""
        call, self._call = self._call, None
        if call is not None:
            if call.text.strip() == "null":
                self.events.append(BlockPatch(call.block, {"args": "{}"}))
            self.events.append(BlockEnd(call.block))

    def citation_start(self, wire: dict[str, Any]) -> None:
        cited = _delta(wire).get("citations")
        for citation in cited if is_list(cited) else [cited]:
            if is_object(citation):
                note = BlockPatch(self._place(citation), {"annotations": [read_citation(citation)]})
                self.events.append(note)

    def message_end(self, wire: dict[str, Any]) -> None:
        delta = wire.get("delta")
        delta = delta if is_object(delta) else {}
        raw = delta.get("finish_reason")
        raw = raw if isinstance(raw, str) else None
        facts = {name: value for name, value in delta.items() if value is not None}
        if (usage := read_usage(delta.get("usage"))) is not None:
            self.events.append(UsageReport(usage))
        if delta.get("error") or raw in FAILURES:
            words = delta.get("error") or FAILURES[str(raw)]
            self.fail({"message": words, "type": raw} | facts)
            return
        self._finish(raw, facts)

    def _finish(self, raw: str | None, facts: dict[str, Any]) -> None:
        reason = FINISH_REASONS.get(raw or "", "other")
        if self._call is not None and reason == "length" and not self._call.text:
            # The limit struck before the arguments began: calling without them is not meant.
            self.events.append(BlockPatch(self._call.block, CUT_OFF))
        self.tool_call_end({})
        if facts:
            self.events.append(Metadata(facts))
        self.events.append(Finish(reason, raw))
        self.finished = True

    def _place(self, citation: dict[str, Any]) -> int:
        """Find the block a citation points into."""
        if citation.get("type") == "PLAN" and self._plan is not None:
            return self._plan
        known = self._parts.get(citation.get("content_index"))
        if known is not None:
            return known[0]
        if self._text is None:
            self._text = self._plan if self._plan is not None else self._open({"type": "text"})
        return self._text

    def _argue(self, arguments: Any) -> None:
        if self._call is None or arguments is None or arguments == "":
            return
        text = arguments if isinstance(arguments, str) else json.encode(arguments).decode()
        self._call.text += text
        self.events.append(BlockDelta(self._call.block, "args", text))

    def _grow(self, index: int, field: str, text: Any) -> None:
        if isinstance(text, str) and text:
            self.events.append(BlockDelta(index, field, text))

    def _open(self, block: dict[str, Any]) -> int:
        index = self._blocks
        self._blocks += 1
        self.events.append(BlockStart(index, block))
        return index

    def _whole_block(self, block: dict[str, Any]) -> None:
        self.events.append(BlockEnd(self._open(block)))


READERS: dict[str, Callable[[Reply, dict[str, Any]], None]] = {
    "message-start": Reply.message_start,
    "content-start": Reply.content_start,
    "content-delta": Reply.content_delta,
    "content-end": Reply.content_end,
    "tool-plan-delta": Reply.tool_plan_delta,
    "tool-call-start": Reply.tool_call_start,
    "tool-call-delta": Reply.tool_call_delta,
    "tool-call-end": Reply.tool_call_end,
    "citation-start": Reply.citation_start,
    "message-end": Reply.message_end,
}
TOLD = frozenset({"id", "logprobs", "message"})


def _event(index: int | None = None, **said: Any) -> dict[str, Any]:
    """Put a part of a whole reply as the event that would have told it."""
    return {"index": index, "delta": {"message": said}}


def _delta(wire: dict[str, Any]) -> dict[str, Any]:
    delta = wire.get("delta")
    message = delta.get("message") if is_object(delta) else None
    return message if is_object(message) else {}


def _function(wire: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Find a call, an object in a stream, and the function in it."""
    call = _delta(wire).get("tool_calls")
    call = call[0] if is_list(call) and call else call
    if not is_object(call):
        return {}, {}
    function = call.get("function")
    return call, function if is_object(function) else {}


def _logprob(tokens: Any) -> Any:
    """Show the tokens of a piece as other providers do; one token is the usual piece."""
    numbers = tokens.get("logprobs") if is_object(tokens) else None
    if not is_list(numbers) or len(numbers) != 1:
        return tokens
    return {"token": tokens.get("text"), "logprob": numbers[0], **tokens}


def _list(value: Any) -> list[Any]:
    return value if is_list(value) else []
