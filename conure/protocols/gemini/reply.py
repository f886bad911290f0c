"""Gemini: one reply being read, whole or chunk by chunk.

Rule 1: a stream is a row of whole replies laid end to end; a whole reply is a row of one.
Rule 2: the first candidate is the reply; the others, and fields unknown here, become metadata.
Rule 3: parts have no number: text that goes on is the same block until another kind of part
        comes, or a signature, which stays with the part it came with.
Rule 4: counts are running totals, of which the last is the total; a reason to stop may come
        more than once, and more may follow it. Both are told at the end of the bytes.

https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
"""

from __future__ import annotations

from typing import Any

from ...messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)
from ...wire import json
from ..shape import is_list, is_object
from .arguments import StreamedArguments
from .errors import failure_of
from .facts import BLOCKED, named_facts, reason_of
from .grounding import Texts, citations
from .parts import content_of, extras_of, made_id, read_part
from .usage import read_usage

__all__ = ["Reply"]

# Read one by one; any other field is a fact about the reply.
READ = frozenset({"candidates", "error", "usageMetadata"})
READ_IN_CANDIDATE = frozenset({"content", "index"})
ROLE_AND_PARTS = frozenset({"parts", "role"})
CUT_OFF = "cut off before its arguments were whole"


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = ("_arguments", "_block", "_blocks", "_calls", "_facts", "_field", "_others",
                 "_said", "_sealed", "_server_call", "_started", "_texts", "_usage", "events",
                 "failed", "finished", "pieces")  # fmt: skip

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False
        self.finished = False
        self._started = False
        # The open block of text or thought, and whether its signature has come.
        self._block = -1
        self._field = ""
        self._sealed = False
        self._blocks = 0
        self._texts: Texts = []
        # The open block's text so far.
        self.pieces: list[str] = []
        self._calls: set[str] = set()
        # The call whose arguments are being streamed.
        self._arguments: StreamedArguments | None = None
        self._server_call: str | None = None
        self._said: dict[str, Any] = {}
        self._facts: dict[str, Any] = {}
        self._others: dict[int, dict[str, Any]] = {}
        self._usage: dict[str, Any] = {}

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    def read(self, wire: dict[str, Any]) -> None:
        """Read one chunk; what nobody knows is kept as a fact."""
        if wire.get("error"):
            self.fail(wire)
            return
        if not self._started:
            self._start(wire)
        candidates = wire.get("candidates")
        if is_list(candidates):
            for candidate in candidates:
                if is_object(candidate):
                    self._candidate(candidate)
        self.count(wire)
        facts = self._facts
        for name, value in wire.items():
            if name not in READ and value is not None:
                facts[name] = value
        if "promptFeedback" in wire and self._block_reason() is not None:
            self.finished = True

    def count(self, wire: dict[str, Any]) -> None:
        """Take in a chunk's counts: of running totals the last one counts."""
        if is_object(usage := wire.get("usageMetadata")):
            self._usage.update(usage)

    def _start(self, wire: dict[str, Any]) -> None:
        self._started = True
        self.events.append(ReplyStart(None, content_of))
        if (model := wire.get("modelVersion")) is not None:
            self.events.append(Metadata({"model": model, "model_name": model}))

    def fail(self, wire: Any) -> None:
        """End with an error that the provider sent instead of, or amid, a reply."""
        self.failed = True
        self._tell()
        self.events.append(failure_of(wire))

    def close(self) -> None:
        """Tell the end, or what is known of a reply that was cut off."""
        if self.failed:
            return
        self._end_call(cut=not self.finished or self._reason() == "length")
        self._end_block()
        for index, notes in citations(self._said, self._texts).items():
            self.events.append(BlockPatch(index, {"annotations": notes}))
        self._refuse()
        self._tell()
        if self.finished:
            raw = self._said.get("finishReason", self._block_reason())
            reason = self._reason()
            if reason == "stop" and self._calls:
                # The API knows no reason of its own for a reply that ends in calls.
                reason = "tool_calls"
            self.events.append(Finish(reason, None if raw is None else str(raw)))

    # -- candidates -----------------------------------------------------------------------------

    def _candidate(self, candidate: dict[str, Any]) -> None:
        if candidate.get("index"):
            self._other(candidate)
            return
        content = candidate.get("content")
        if is_object(content):
            self._content(content)
        said = self._said
        for name, value in candidate.items():
            if name in READ_IN_CANDIDATE or value is None:
                continue
            # A chunk without any news repeats the name alone.
            if value or name not in said:
                said[name] = value
            if name == "finishReason":
                self.finished = True

    def _content(self, content: dict[str, Any]) -> None:
        parts = content.get("parts")
        if is_list(parts):
            for part in parts:
                if is_object(part):
                    self._part(part)
        if not ROLE_AND_PARTS.issuperset(content):
            more = {name: value for name, value in content.items() if name not in ROLE_AND_PARTS}
            self._said["content"] = more

    def _other(self, candidate: dict[str, Any]) -> None:
        """Keep another candidate as it came, its parts laid end to end."""
        index = candidate["index"]
        index = index if isinstance(index, int) else 0
        known = self._others.setdefault(index, {})
        content = candidate.get("content")
        parts = content.get("parts") if is_object(content) else None
        before = known.get("content", {}).get("parts", [])
        known |= {name: value for name, value in candidate.items() if name != "content"}
        if is_object(content):
            known["content"] = {**content, "parts": before + (parts if is_list(parts) else [])}

    # -- parts ----------------------------------------------------------------------------------

    def _part(self, part: dict[str, Any]) -> None:
        text: Any = part.get("text")
        if text.__class__ is str:
            if len(part) == 1:
                if text:
                    if self._field != "text" or self._sealed:
                        self._begin("text", {})
                    self._grow(text)
            else:
                self._signed_text(part, text)
        elif is_object(call := part.get("functionCall")):
            self._function_call(call, part)
        elif (block := read_part(part, last_call=self._server_call)) is not None:
            if block["type"] == "server_tool_call":
                self._server_call = block["id"]
            self._whole_block(block)

    def _signed_text(self, part: dict[str, Any], text: str) -> None:
        """Read text that is a thought or has something beside it."""
        extras = extras_of(part, "text")
        field = "reasoning" if extras.get("thought") else "text"
        told = extras.keys() - {"thought"}
        if not text and not told:
            return
        if told or field != self._field or self._sealed:
            self._begin(field, extras)
            self._sealed = bool(told)
        if text:
            self._grow(text)

    def _begin(self, field: str, extras: dict[str, Any]) -> None:
        self._end_block()
        index = self._block = self._blocks
        self._blocks += 1
        self._field = field
        self.pieces = []
        if field == "text":
            self._texts.append((index, self.pieces))
        block: dict[str, Any] = {"type": field, field: ""}
        if extras:
            block["extras"] = extras
        self.events.append(BlockStart(index, block))

    def _grow(self, text: str) -> None:
        self.pieces.append(text)
        self.events.append(BlockDelta(self._block, self._field, text))

    def _end_block(self) -> None:
        if self._field:
            self.events.append(BlockEnd(self._block))
            self._field = ""
            self._sealed = False

    def _whole_block(self, block: dict[str, Any]) -> None:
        self._end_call()
        self._end_block()
        self.events += [BlockStart(self._blocks, block), BlockEnd(self._blocks)]
        self._blocks += 1

    # -- calls ----------------------------------------------------------------------------------

    def _function_call(self, call: dict[str, Any], part: dict[str, Any]) -> None:
        goes_on = bool(call.get("willContinue"))
        if call.get("name") is not None or self._arguments is None:
            if not goes_on and "partialArgs" not in call:
                if call:
                    self._whole_call(part)
                return
            self._begin_call(call, part)
        if self._arguments is not None:
            self._arguments.add(call.get("partialArgs"))
        if not goes_on:
            self._end_call()

    def _whole_call(self, part: dict[str, Any]) -> None:
        block = read_part(part, last_call=None)
        assert block is not None, "a part with a call says something"
        self._name(block)
        if not is_object(block["args"]):
            # What is no object is no call: left to whoever reads arguments.
            block |= {"type": "tool_call_chunk", "args": json.encode(block["args"]).decode()}
        self._whole_block(block)

    def _begin_call(self, call: dict[str, Any], part: dict[str, Any]) -> None:
        self._end_call()
        self._end_block()
        args = call.get("args")
        self._arguments = StreamedArguments(args if is_object(args) else None)
        extras = extras_of(part, "functionCall")
        id = call.get("id")
        if not isinstance(id, str) or not id:
            id, extras["made_id"] = made_id(), True
        block = {"type": "tool_call_chunk", "id": id, "name": call.get("name"), "args": ""}
        if extras:
            block["extras"] = extras
        self._name(block)
        self._block = self._blocks
        self._blocks += 1
        self.events.append(BlockStart(self._block, block))

    def _name(self, block: dict[str, Any]) -> None:
        """Give a call an id of its own where it has another's."""
        if block["id"] in self._calls:
            block["id"] = made_id()
            block["extras"] = {**(block.get("extras") or {}), "made_id": True}
        self._calls.add(block["id"])

    def _end_call(self, *, cut: bool = False) -> None:
        arguments, self._arguments = self._arguments, None
        if arguments is None:
            return
        text = json.encode(arguments.value).decode()
        self.events.append(BlockDelta(self._block, "args", text))
        if cut:
            told = {"type": "invalid_tool_call", "error": CUT_OFF}
            self.events.append(BlockPatch(self._block, told))
        self.events.append(BlockEnd(self._block))

    # -- the end --------------------------------------------------------------------------------

    def _block_reason(self) -> Any:
        feedback = self._facts.get("promptFeedback")
        return feedback.get("blockReason") if is_object(feedback) else None

    def _reason(self) -> Any:
        if (said := self._said.get("finishReason")) is not None:
            return reason_of(said)
        return "other" if self._block_reason() is None else "content_filter"

    def _refuse(self) -> None:
        """Say that the provider kept the answer back: the wire has no part for it, but reasons."""
        blocked, ended = self._block_reason(), self._said.get("finishReason")
        if blocked is not None:
            words = self._facts["promptFeedback"].get("blockReasonMessage")
            extras = {"block_reason": blocked}
        elif isinstance(ended, (str, int)) and ended in BLOCKED:
            words, extras = self._said.get("finishMessage"), {"finish_reason": ended}
        else:
            return
        words = words if isinstance(words, str) else ""
        self._whole_block({"type": "refusal", "refusal": words, "extras": extras})

    def _tell(self) -> None:
        """Tell the facts, and what it cost."""
        facts = named_facts(self._facts) | named_facts(self._said)
        if self._others:
            others = [self._others[index] for index in sorted(self._others)]
            facts["other_candidates"] = others
        if self._usage:
            facts["usage"] = self._usage
        if "finishReason" not in self._said and (blocked := self._block_reason()) is not None:
            facts["finish_reason"] = blocked
        if facts:
            self.events.append(Metadata(facts))
        if usage := read_usage(self._usage):
            self.events.append(UsageReport(usage))
