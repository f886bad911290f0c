"""Chat Completions: one reply being read, whole or piece by piece.

Rule 1: a whole `message` is one large delta; READERS name each field of either once.
Rule 2: what many chunks repeat (envelope, counts, finish reason) is told once; facts that end a
        reply are held until `close`, because some vendors go on after a finish reason.
Rule 3: the first choice is the reply. Other choices and fields unknown here become metadata.

https://platform.openai.com/docs/api-reference/chat-streaming/streaming
"""

from __future__ import annotations

from collections.abc import Callable
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
from .calls import Call, Calls
from .dialect import Dialect
from .errors import failure_of
from .parts import Audio, ThinkTags, image_of, merge_choice, merge_details, read_annotation, read_sources
from .reasoning import REASONING, REASONING_FIELDS, REASONING_LISTS
from .usage import read_usage

__all__ = ["Reply"]

FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "end_turn": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
}
# Said by every reply, or padding against eavesdroppers: https://platform.openai.com/docs/api-reference/chat-streaming
NOISE = frozenset({"object", "obfuscation", "p"})
# Some vendors make a new one for each chunk; the first is the reply's.
ONCE = frozenset({"id", "created"})
NAMES = {"model": "model_name"}


class Reply:
    """What has come of a reply so far; readers append to `events`."""

    __slots__ = (
        "_annotated",
        "_audio",
        "_calls",
        "_dialect",
        "_facts",
        "_held",
        "_images",
        "_in_parts",
        "_lists",
        "_others",
        "_reasoning",
        "_refusal",
        "_started",
        "_tag",
        "_text",
        "_usage",
        "blocks",
        "call",
        "done",
        "events",
        "failed",
        "finish",
        "plain",
        "whole",
    )

    def __init__(self, dialect: Dialect, *, whole: bool) -> None:
        self.whole = whole
        self.events: list[Event] = []
        self.blocks = 0
        self.done = False
        self.failed = False
        self.finish: str | None = None
        self.plain = True
        """nothing but the text of one block was read since this was set"""
        self.call: Call | None = None
        """the call that the last chunk continued"""
        self._dialect = dialect
        self._started = False
        self._text: int | None = None
        self._reasoning: int | None = None
        self._refusal: int | None = None
        self._in_parts = False
        self._calls = Calls()
        self._audio: Audio | None = None
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._annotated = False
        self._images: list[str] = []
        self._facts: dict[str, Any] = {}
        self._held: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}
        self._others: dict[int, dict[str, Any]] = {}
        self._tag = ThinkTags() if dialect.think_tags else None

    def read(self, wire: dict[str, Any]) -> None:
        """Read a whole reply or a chunk of one."""
        choices: Any = None
        for name, value in wire.items():
            if name == "choices":
                choices = value
            elif name == "usage":
                if value:
                    self._count(value)
            elif value is not None and name not in NOISE:
                if self._facts.get(name) != value:
                    self._fact(name, value)
        if wire.get("error") or (choices is None and _is_error(wire)):
            self.fail(wire)
            return
        if not self._started:
            self._start()
        if not isinstance(choices, list):
            return
        if self.whole and len(choices) > 1:
            self._held["other_choices"] = choices[1:]
            choices = choices[:1]
        for choice in choices:
            if isinstance(choice, dict):
                self._choice(choice)
                if self.failed:
                    return
    def fail(self, wire: Any) -> None:
        """End with an error the provider sent instead of, or amid, a reply."""
        if report := read_usage(self._usage):
            self.events.append(UsageReport(report))
        self.events.append(failure_of(wire))
        self.failed = self.done = True

    def close(self) -> None:
        """Tell what was held back; a reply that never ended is left open."""
        if self.failed:
            return
        if not self._started:
            self._start()
        if self._tag is not None:
            self._tagged(*self._tag.close())
        self._close_lists()
        if self._audio is not None:
            self._audio.close(self.events)
        self._cite_sources()
        if self.whole or self.done or self.finish is not None:
            cut = FINISH_REASONS.get(self.finish or "") == "length"
            self._calls.close(self.events, cut=cut)
        if self._usage:
            self._held["token_usage"] = self._usage
        if self.finish is not None:
            self._held["finish_reason"] = self.finish
        if self._others:
            self._held["other_choices"] = [self._others[index] for index in sorted(self._others)]
        if self._held:
            self.events.append(Metadata(self._held))
        if report := read_usage(self._usage):
            self.events.append(UsageReport(report))
        if self.finish is not None:
            self.events.append(Finish(FINISH_REASONS.get(self.finish, "other"), self.finish))

    def _start(self) -> None:
        self._started = True
        self.events.append(ReplyStart())
        if self._held:
            self.events.append(Metadata(self._held))
            self._held = {}

    def _fact(self, name: str, value: Any) -> None:
        """Keep a field for the metadata, unless it says nothing or nothing new."""
        if isinstance(value, dict) and isinstance(usage := value.get("usage"), dict):
            self._count(usage)
        if value in ("", [], {}) or (name in ONCE and name in self._facts):
            return
        self._facts[name] = value
        self._held[NAMES.get(name, name)] = value
        self.plain = False

    def _count(self, usage: Any) -> None:
        # Counts may come in every chunk: they are running totals, and the last one is the count.
        if isinstance(usage, dict):
            self._usage.update((name, count) for name, count in usage.items() if count is not None)

    def _choice(self, choice: dict[str, Any]) -> None:
        index = choice.get("index")
        if index and not self.whole:
            self.plain = False
            merge_choice(self._others.setdefault(index, {}), choice)
            return
        if (logprobs := choice.get("logprobs")) and _says_something(logprobs):
            self.events.append(Metadata({"logprobs": logprobs}))
        if (message := self._spoken(choice)) is not None:
            self._message(message)
        for name, value in choice.items():
            if value is None or name in CHOICE:
                continue
            if name == "finish_reason":
                if value != "":
                    self.finish = str(value)
                    self.plain = False
            elif name == "error":
                self.fail({"error": value})
                return
            elif self._facts.get(name) != value:
                self._fact(name, value)

    def _spoken(self, choice: dict[str, Any]) -> dict[str, Any] | None:
        """The part of a choice that says something.

        A `message` beside the deltas of a stream repeats them; alone, it is the reply.
        """
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict) and delta and not (self.whole and message):
            return delta
        if isinstance(message, dict) and (self.whole or not self.blocks):
            return message
        if delta is None and message is None and choice.get("text"):
            return {"content": choice["text"]}
        return None

    def _message(self, message: dict[str, Any]) -> None:
        thought = False
        for name in REASONING_FIELDS:
            if (value := message.get(name)) and isinstance(value, str):
                self._think(value, name)
                thought = True
                break
        for name in REASONING_LISTS:
            if (value := message.get(name)) and isinstance(value, list):
                self.plain = False
                text = self._keep_details(name, value)
                if text and not thought:
                    self._think(text, name)
                    thought = True
        for name, value in message.items():
            if value is None or value == "" or name in REASONING:
                continue
            if reader := READERS.get(name):
                reader(self, value)
            elif name != "role" and self._facts.get(name) != value:
                self._fact(name, value)

    def _content(self, value: Any) -> None:
        if isinstance(value, str):
            if self._tag is None:
                self._say(value)
            else:
                self.plain = False
                self._tagged(*self._tag.feed(value))
        elif isinstance(value, list):
            self.plain = False
            for part in value:
                self._part(part)
        else:
            # A schema's answer may come as the object itself.
            self.plain = False
            self._say(json.encode(value).decode())

    def _say(self, text: str) -> None:
        if self._text is None or self._in_parts:
            self._text = self._open()
            self._in_parts = False
        self.events.append(BlockDelta(self._text, "text", text))

    def _think(self, text: str, field: str) -> None:
        if self._reasoning is None:
            self._reasoning = self._open({"type": "reasoning", "reasoning": "", "extras": {"field": field}})
        self.events.append(BlockDelta(self._reasoning, "reasoning", text))

    def _tagged(self, reasoning: str, text: str) -> None:
        if reasoning:
            self._think(reasoning, "think")
        if text:
            self._say(text)

    def _part(self, part: Any) -> None:
        """Read one part of a content list; parts of another type than the last begin a block."""
        if isinstance(part, str):
            if part:
                self._say(part)
            return
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("text", "output_text"):
            if text := part.get("text"):
                self._say(text)
            self._annotations(part.get("annotations") or part.get("citations") or [])
        elif kind in ("thinking", "reasoning"):
            self._thinking_part(part, kind)
        elif kind == "refusal":
            self._refuse(part.get("refusal"))
        elif kind in ("image_url", "image", "output_image") and (block := image_of(part)):
            self._block(block)
        elif part:
            value = part if isinstance(part, dict) else {"value": part}
            self._block({"type": "non_standard", "value": value})

    def _thinking_part(self, part: dict[str, Any], kind: str) -> None:
        inner = part.get("thinking") if kind == "thinking" else part.get("summary") or part.get("text")
        if not self._in_parts:
            self._reasoning = self._open(
                {"type": "reasoning", "reasoning": "", "extras": {"field": "content", "part": kind}}
            )
            self._in_parts = True
        assert self._reasoning is not None
        for piece in [inner] if isinstance(inner, str) else inner or []:
            text = piece.get("text") if isinstance(piece, dict) else piece
            if isinstance(text, str):
                self.events.append(BlockDelta(self._reasoning, "reasoning", text))
            else:
                self._block({"type": "non_standard", "value": piece})
        known = ("type", "thinking", "summary", "text")
        rest = {name: value for name, value in part.items() if name not in known and value is not None}
        if rest:
            self.events.append(BlockPatch(self._reasoning, {"extras": rest}))

    def _refuse(self, value: Any) -> None:
        if isinstance(value, str) and value:
            self.plain = False
            if self._refusal is None:
                self._refusal = self._open()
            self.events.append(BlockDelta(self._refusal, "refusal", value))

    def _tool_calls(self, value: Any) -> None:
        entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
        self.call = None
        for entry in entries:
            before = len(self.events)
            call = self._calls.read(entry, self.blocks, whole=self.whole, events=self.events)
            if type(self.events[before] if len(self.events) > before else None) is BlockStart:
                self.blocks += 1
            self.call = call if len(entries) == 1 else None
        if self.call is None:
            self.plain = False

    def _function_call(self, value: Any) -> None:
        if isinstance(value, dict) and (value.get("name") or value.get("arguments")):
            entry = {"index": "function_call", "type": "function_call", "function": value}
            self._tool_calls([entry])

    def _hear(self, value: Any) -> None:
        self.plain = False
        if isinstance(value, dict) and any(value.values()):
            if self._audio is None:
                self._audio = Audio(self.blocks)
                self.blocks += 1
            self._audio.read(value, self.events)

    def _show(self, value: Any) -> None:
        self.plain = False
        for item in value if isinstance(value, list) else [value]:
            block = image_of(item)
            # Some repeat an image in a later chunk.
            if block is not None and (source := block.get("base64") or block["url"]) not in self._images:
                self._images.append(source)
                self._block(block)

    def _annotations(self, value: Any) -> None:
        if isinstance(value, list) and value:
            self.plain = False
            self._annotate([read_annotation(item) for item in value])

    def _annotate(self, annotations: list[dict[str, Any]]) -> None:
        if self._text is None:
            self._text = self._open({"type": "text", "text": ""})
        self._annotated = True
        self.events.append(BlockPatch(self._text, {"annotations": annotations}))

    def _cite_sources(self) -> None:
        if self._annotated or self._text is None:
            return
        for path in self._dialect.citations:
            value: Any = self._facts
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if sources := read_sources(value):
                self._annotate(sources)
                return

    def _keep_details(self, name: str, pieces: list[Any]) -> str:
        return merge_details(self._lists.setdefault(name, []), pieces)

    def _close_lists(self) -> None:
        if not self._lists:
            return
        if self._reasoning is None:
            self._reasoning = self._open({"type": "reasoning", "reasoning": ""})
        self.events.append(BlockPatch(self._reasoning, {"extras": self._lists}))

    def _open(self, block: dict[str, Any] | None = None) -> int:
        index = self.blocks
        self.blocks += 1
        if block is not None:
            self.events.append(BlockStart(index, block))
        return index

    def _block(self, block: dict[str, Any]) -> None:
        self.events.append(BlockEnd(self._open(block)))


CHOICE = frozenset({"index", "delta", "message", "text", "logprobs"})

READERS: dict[str, Callable[[Reply, Any], None]] = {
    "annotations": Reply._annotations,
    "audio": Reply._hear,
    "content": Reply._content,
    "function_call": Reply._function_call,
    "images": Reply._show,
    "refusal": Reply._refuse,
    "tool_calls": Reply._tool_calls,
}


def _says_something(logprobs: Any) -> bool:
    return any(logprobs.values()) if isinstance(logprobs, dict) else bool(logprobs)


def _is_error(wire: dict[str, Any]) -> bool:
    if wire.get("object") == "error":
        return True
    return "id" not in wire and any(wire.get(name) for name in ("message", "detail", "errors"))
