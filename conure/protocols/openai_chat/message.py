"""Chat Completions: the message of a reply, whole or in deltas -> blocks.

Rule 1: READERS name each field once; a whole message is one large delta.
Rule 2: text is one block and reasoning another, however they alternate in a stream: in a whole
        message they are two fields. Where `content` is a list, its order is kept.
Rule 3: fields without a reader are handed to `keep`, for the metadata.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...messages.events import BlockDelta, BlockEnd, BlockPatch, BlockStart, Event
from ...wire import json
from ..shape import is_list, is_object
from .calls import Call, Calls
from .dialect import Dialect
from .parts import Audio, ThinkTags, image_of, merge_details, read_annotation
from .reasoning import REASONING, REASONING_FIELDS, REASONING_LISTS

__all__ = ["MessageReader"]

THINKING_PART = frozenset({"type", "thinking", "summary", "text"})


class MessageReader:
    """Reads one message; what it says is appended to `events`.

    `plain` stays true as long as nothing was read but text for one block; `call` is the call
    that the last delta continued; `blocks` counts the blocks so far.
    """

    __slots__ = (
        "_audio",
        "_details",
        "_images",
        "_keep",
        "_last_was_thinking_part",
        "_reasoning",
        "_refusal",
        "_tags",
        "_whole",
        "blocks",
        "call",
        "calls",
        "events",
        "is_annotated",
        "plain",
        "text",
    )

    def __init__(self, dialect: Dialect, keep: Callable[[str, Any], None], *, whole: bool) -> None:
        self.events: list[Event] = []
        self.blocks = 0
        self.plain = True
        self.call: Call | None = None
        self.calls = Calls()
        self.text: int | None = None
        self.is_annotated = False
        self._keep = keep
        self._whole = whole
        self._reasoning: int | None = None
        self._refusal: int | None = None
        self._last_was_thinking_part = False
        self._details: dict[str, list[dict[str, Any]]] = {}
        self._audio: Audio | None = None
        self._images: list[str] = []
        self._tags = ThinkTags() if dialect.think_tags else None

    def read(self, message: dict[str, Any]) -> None:
        if not REASONING.isdisjoint(message):
            self._read_reasoning(message)
        for name, value in message.items():
            if value is None or value == "" or name in REASONING:
                continue
            if reader := READERS.get(name):
                reader(self, value)
            elif name != "role":
                self._keep(name, value)

    def close(self) -> None:
        """Tell what was held back to the end of the message."""
        if self._tags is not None:
            self._tagged(*self._tags.close())
        if self._details:
            if self._reasoning is None:
                self._reasoning = self._open({"type": "reasoning", "reasoning": ""})
            self.events.append(BlockPatch(self._reasoning, {"extras": self._details}))
        if self._audio is not None:
            self._audio.close(self.events)

    def annotate(self, annotations: list[dict[str, Any]]) -> None:
        """Add citations to the text."""
        if self.text is None:
            self.text = self._open({"type": "text", "text": ""})
        self.is_annotated = True
        self.events.append(BlockPatch(self.text, {"annotations": annotations}))

    def annotations(self, value: Any) -> None:
        if is_list(value) and value:
            self.plain = False
            self.annotate([read_annotation(item) for item in value])

    def audio(self, value: Any) -> None:
        self.plain = False
        if is_object(value) and any(value.values()):
            if self._audio is None:
                self._audio = Audio(self._open())
            self._audio.read(value, self.events)

    def content(self, value: Any) -> None:
        if isinstance(value, str) and self._tags is None:
            self._say(value)
            return
        self.plain = False
        if isinstance(value, str) and self._tags is not None:
            self._tagged(*self._tags.feed(value))
        elif is_list(value):
            for part in value:
                self._part(part)
        else:
            # A schema's answer may come as the object itself.
            self._say(json.encode(value).decode())

    def function_call(self, value: Any) -> None:
        if is_object(value) and (value.get("name") or value.get("arguments")):
            self.tool_calls(
                [{"index": "function_call", "type": "function_call", "function": value}]
            )

    def images(self, value: Any) -> None:
        self.plain = False
        for item in value if is_list(value) else [value]:
            block = image_of(item)
            # Some repeat an image in a later chunk.
            if block and (source := block.get("base64") or block["url"]) not in self._images:
                self._images.append(source)
                self._whole_block(block)

    def refusal(self, value: Any) -> None:
        if isinstance(value, str):
            self.plain = False
            if self._refusal is None:
                self._refusal = self._open()
            self.events.append(BlockDelta(self._refusal, "refusal", value))

    def tool_calls(self, value: Any) -> None:
        self.call = None
        entries = [entry for entry in value if is_object(entry)] if is_list(value) else []
        for entry in entries:
            call, is_new, is_plain = self.calls.read(
                entry, self.blocks, whole=self._whole, events=self.events
            )
            self.blocks += is_new
            if is_plain and len(entries) == 1:
                self.call = call
        if self.call is None:
            self.plain = False

    def _read_reasoning(self, message: dict[str, Any]) -> None:
        # Several fields at once say the same in several forms: the text is taken from one.
        said = False
        for name in REASONING_FIELDS:
            if (value := message.get(name)) and isinstance(value, str) and not said:
                self._think(value, name)
                said = True
        for name in REASONING_LISTS:
            if (value := message.get(name)) and is_list(value):
                self.plain = False
                text = merge_details(self._details.setdefault(name, []), value)
                if text and not said:
                    self._think(text, name)
                    said = True

    def _say(self, text: str) -> None:
        if self.text is None or self._last_was_thinking_part:
            self.text = self._open()
            self._last_was_thinking_part = False
        self.events.append(BlockDelta(self.text, "text", text))

    def _think(self, text: str, field: str) -> None:
        if self._reasoning is None:
            self._reasoning = self._open(_reasoning_block(field=field))
        self.events.append(BlockDelta(self._reasoning, "reasoning", text))

    def _tagged(self, reasoning: str, text: str) -> None:
        if reasoning:
            self._think(reasoning, "think")
        if text:
            self._say(text)

    def _part(self, part: Any) -> None:
        """Read one part of a content list."""
        if isinstance(part, str):
            part = {"type": "text", "text": part}
        kind = part.get("type") if is_object(part) else None
        if kind in ("text", "output_text"):
            if text := part.get("text"):
                self._say(text)
            self.annotations(part.get("annotations") or part.get("citations") or [])
        elif kind in ("thinking", "reasoning"):
            self._thinking_part(part, kind)
        elif kind == "refusal":
            self.refusal(part.get("refusal"))
        elif kind in ("image_url", "image", "output_image") and (block := image_of(part)):
            self._whole_block(block)
        elif part:
            self._whole_block({"type": "non_standard", "value": part})

    def _thinking_part(self, part: dict[str, Any], kind: str) -> None:
        if not self._last_was_thinking_part:
            self._reasoning = self._open(_reasoning_block(field="content", part=kind))
            self._last_was_thinking_part = True
        assert self._reasoning is not None
        inner: Any = part.get("thinking") or part.get("summary") or part.get("text") or []
        for piece in inner if is_list(inner) else [inner]:
            text = piece.get("text") if is_object(piece) else piece
            if isinstance(text, str):
                self.events.append(BlockDelta(self._reasoning, "reasoning", text))
            else:
                self._whole_block({"type": "non_standard", "value": piece})
        rest = {k: v for k, v in part.items() if k not in THINKING_PART and v is not None}
        if rest:
            self.events.append(BlockPatch(self._reasoning, {"extras": rest}))

    def _open(self, block: dict[str, Any] | None = None) -> int:
        index = self.blocks
        self.blocks += 1
        if block is not None:
            self.events.append(BlockStart(index, block))
        return index

    def _whole_block(self, block: dict[str, Any]) -> None:
        self.events.append(BlockEnd(self._open(block)))


def _reasoning_block(**extras: str) -> dict[str, Any]:
    return {"type": "reasoning", "reasoning": "", "extras": extras}


READERS: dict[str, Callable[[MessageReader, Any], None]] = {
    "annotations": MessageReader.annotations,
    "audio": MessageReader.audio,
    "content": MessageReader.content,
    "function_call": MessageReader.function_call,
    "images": MessageReader.images,
    "refusal": MessageReader.refusal,
    "tool_calls": MessageReader.tool_calls,
}
