"""Chat Completions: what the assistant said -> its turn in a history.

What a reply brought goes back where it came from: calls with their ids, reasoning under its own
field, refusals as such, sounds by their id. What has no place in a request is left out and said
in `warnings`.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...messages import AIMessage
from ...messages.message import given_of
from ...wire import json
from ..encoded import Loss
from ..shape import is_object
from .content import write_content, write_part
from .dialect import ANY, Dialect
from .reasoning import REASONING, thinking_part, write_reasoning

__all__ = ["AssistantTurn"]

# What the assistant said was said before: nothing in it is refused.
LENIENT = Dialect(passes=ANY)


class AssistantTurn:
    """Writes one message of the assistant."""

    __slots__ = (
        "_calls",
        "_dialect",
        "_is_text",
        "_parts",
        "_thoughts",
        "_turn",
        "_warnings",
        "_where",
        "functions",
    )

    def __init__(self, dialect: Dialect, where: str, warnings: list[str]) -> None:
        self.functions: dict[str, str] = {}
        """ids of calls in the older form -> the function's name"""
        self._dialect = dialect
        self._where = where
        self._warnings = warnings
        self._turn: dict[str, Any] = {"role": "assistant", "content": ""}
        self._parts: list[Mapping[str, Any]] = []
        self._thoughts: list[Mapping[str, Any]] = []
        self._calls: list[dict[str, Any]] = []
        self._is_text = True

    def write(self, message: AIMessage, blocks: list[dict[str, Any]]) -> dict[str, Any]:
        for block in blocks:
            BLOCKS.get(block["type"], AssistantTurn.other)(self, block)
        turn = self._turn
        if self._is_text and isinstance(message.content, str):
            turn["content"] = "".join([block.get("text") or "" for block in self._parts])
        else:
            turn["content"] = write_content(list(self._parts), LENIENT, self._where, self._warnings)
        if self._thoughts and REASONING.isdisjoint(given_of(message)):
            self._lose(write_reasoning(turn, self._thoughts, self._dialect), "reasoning")
        if self._calls:
            turn["tool_calls"] = self._calls
        if not turn["content"]:
            if "audio" in turn:
                del turn["content"]
            elif len(turn) > len(("role", "content")):
                turn["content"] = None
        return turn

    def text(self, block: Mapping[str, Any]) -> None:
        self._parts.append(block)
        notes = block.get("annotations") or ()
        own = [note["value"] for note in notes if note.get("type") == "non_standard_annotation"]
        if own and "annotations" in (self._dialect.replays or ()):
            self._turn["annotations"] = [*self._turn.get("annotations", ()), *own]
            notes = notes[len(own) :]
        self._lose(len(notes), "citation")

    def reasoning(self, block: Mapping[str, Any]) -> None:
        self._thoughts.append(block)
        if part := thinking_part(block, self._dialect):
            self._is_text = self._is_text and part["type"] == "text"
            self._parts.append(part)

    def _lose(self, count: int, what: str) -> None:
        self._warnings.extend([Loss(self._where, what)] * count)

    def refusal(self, block: Mapping[str, Any]) -> None:
        self._turn["refusal"] = self._turn.get("refusal", "") + (block.get("refusal") or "")

    def audio(self, block: Mapping[str, Any]) -> None:
        extras: Mapping[str, Any] = block.get("extras") or {}
        if sound := block.get("id") or extras.get("id"):
            self._turn["audio"] = {"id": sound}
        else:
            self._lose(1, "audio")

    def call(self, block: Mapping[str, Any]) -> None:
        extras: Mapping[str, Any] = block.get("extras") or {}
        args = block.get("args")
        text = args if isinstance(args, str) else json.encode(args or {}).decode()
        name = block.get("name") or ""
        id = block.get("id") or f"call_{len(self._calls)}"
        kind = extras.get("type")
        if kind == "function_call":
            self._turn["function_call"] = {"name": name, "arguments": text}
            self.functions[id] = name
            return
        call: dict[str, Any] = {"id": id, "type": "function"}
        if kind == "custom_tool_call":
            given = args.get("__arg1", text) if is_object(args) else text
            call |= {"type": "custom", "custom": {"name": name, "input": given}}
        else:
            call["function"] = {"name": name, "arguments": text}
        for field in self._dialect.call_fields - self._dialect.strips:
            if field in extras:
                call[field] = extras[field]
        self._calls.append(call)

    def other(self, block: Mapping[str, Any]) -> None:
        """Pass on what the vendor takes back, and say what it does not."""
        value = block.get("value") if block["type"] == "non_standard" else block
        kind = value.get("type") if is_object(value) else None
        passes = self._dialect.passes
        if is_object(value) and (passes is ANY or kind in passes):
            self._is_text = False
            self._parts.append(value)
        elif kind == "image" and "image_url" in passes:
            self._is_text = False
            self._parts.append(write_part(block, self._dialect, self._where, self._warnings))
        else:
            self._lose(1, str(kind))


BLOCKS: dict[str, Callable[[AssistantTurn, Mapping[str, Any]], None]] = {
    "audio": AssistantTurn.audio,
    "invalid_tool_call": AssistantTurn.call,
    "reasoning": AssistantTurn.reasoning,
    "refusal": AssistantTurn.refusal,
    "text": AssistantTurn.text,
    "tool_call": AssistantTurn.call,
    "tool_call_chunk": AssistantTurn.call,
}
