"""Ollama's own chat API: one reply being read, whole or line by line.

Rule 1: a whole reply is a stream of one line.
Rule 2: text and thoughts are deltas; a change between them begins another block.
Rule 3: calls come whole, their arguments as an object, not always with an id: a call without
        one, or with another call's, gets one that is unique, so that its answer can name it.
Rule 4: the last line says why the reply ended and counts; any of its counts may be missing.

https://docs.ollama.com/api/streaming
"""

from __future__ import annotations

from os import urandom
from typing import Any

from ...messages.events import (
    BlockDelta,
    BlockEnd,
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

__all__ = ["Reply"]

FINISH_REASONS: dict[str, FinishReason] = {"length": "length", "stop": "stop"}
# Said elsewhere, or by every line.
TOLD = frozenset({"done", "error", "logprobs", "message", "model"})


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = ("_block", "_blocks", "_calls", "_field", "_started", "events",
                 "failed", "finished")  # fmt: skip

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False
        self.finished = False
        self._block = -1
        self._blocks = 0
        self._calls: set[str] = set()
        self._field = ""
        self._started = False

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    def read(self, wire: dict[str, Any]) -> None:
        """Read one line; what nobody knows says nothing."""
        if wire.get("error"):
            self.failed = True
            self.events.append(failure_of(wire))
            return
        if not self._started:
            self._start(wire)
        message = wire.get("message")
        if is_object(message):
            if thought := message.get("thinking"):
                self._grow("reasoning", thought)
            if text := message.get("content"):
                self._grow("text", text)
            if calls := message.get("tool_calls"):
                self._read_calls(calls)
        if (tokens := wire.get("logprobs")) and is_list(tokens):
            self.events.append(Metadata({"logprobs": {"content": tokens}}))
        if wire.get("done"):
            self._finish(wire)

    def _start(self, wire: dict[str, Any]) -> None:
        self._started = True
        self.events.append(ReplyStart())
        if model := wire.get("model"):
            self.events.append(Metadata({"model": model, "model_name": model}))

    def _grow(self, field: str, text: Any) -> None:
        if not isinstance(text, str):
            return
        if field != self._field:
            self._end_block()
            self._field = field
            self._block = self._blocks
            self._blocks += 1
            self.events.append(BlockStart(self._block, {"type": field, field: ""}))
        self.events.append(BlockDelta(self._block, field, text))

    def _end_block(self) -> None:
        if self._field:
            self.events.append(BlockEnd(self._block))
            self._field = ""

    def _read_calls(self, calls: Any) -> None:
        self._end_block()
        for entry in calls if is_list(calls) else ():
            function = entry.get("function") if is_object(entry) else None
            if not is_object(function):
                continue
            id = entry.get("id")
            if not isinstance(id, str) or not id or id in self._calls:
                id = f"call_{urandom(12).hex()}"
            self._calls.add(id)
            args: Any = function.get("arguments")
            if not isinstance(args, str):
                args = "" if args is None else json.encode(args).decode()
            index = self._blocks
            self._blocks += 1
            block = {"type": "tool_call_chunk", "id": id, "name": function.get("name"), "args": ""}
            self.events.append(BlockStart(index, block))
            if args:
                self.events.append(BlockDelta(index, "args", args))
            self.events.append(BlockEnd(index))

    def _finish(self, wire: dict[str, Any]) -> None:
        self._end_block()
        facts = {name: v for name, v in wire.items() if v is not None and name not in TOLD}
        if facts:
            self.events.append(Metadata(facts))
        if (usage := _usage(wire)) is not None:
            self.events.append(UsageReport(usage))
        raw = wire.get("done_reason")
        raw = raw if isinstance(raw, str) else None
        reason = FINISH_REASONS.get(raw or "stop", "other")
        if self._calls and reason == "stop":
            # The API knows no reason of its own for a reply that ends in calls.
            reason = "tool_calls"
        self.events.append(Finish(reason, raw))
        self.finished = True


def _usage(wire: dict[str, Any]) -> dict[str, Any] | None:
    """Read the counts; a prompt that was in the cache as a whole may not be counted at all."""
    given, written = wire.get("prompt_eval_count"), wire.get("eval_count")
    if not isinstance(given, int) and not isinstance(written, int):
        return None
    given, written = given or 0, written or 0
    return {
        "input_tokens": given,
        "output_tokens": written,
        "total_tokens": given + written,
    }
