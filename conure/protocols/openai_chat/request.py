"""Chat Completions: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility (`additional_kwargs`, `response_metadata`).
Rule 2: what a reply brought goes back where it came from: calls with their ids, reasoning under
        its own field, refusals, sounds by their id.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import ConfigurationError
from ...messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    blocks_of,
)
from ...messages.message import given_of
from ...wire import json
from .. import Encoded
from .content import write_content, write_part
from .dialect import ANY, Dialect
from .reasoning import REASONING, thinking_part, write_reasoning
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode"]

PATH = "/chat/completions"


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,  # noqa: FBT001 - part of the protocol's signature
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    writer = Writer(model, dialect)
    body: dict[str, Any] = {
        "model": model,
        "messages": writer.write(messages),
        "stream": streaming,
    }
    write_settings(body, settings, dialect, streaming=streaming, warnings=writer.warnings)
    return Encoded(PATH, body, tuple(writer.warnings))


class Writer:
    """Writes one conversation."""

    def __init__(self, model: str, dialect: Dialect) -> None:
        self.dialect = dialect
        self.warnings: list[str] = []
        self._system = "system"
        if dialect.facts is not None and (role := dialect.facts(model).system_role):
            self._system = role
        self._functions: dict[str, str] = {}
        self._shown: list[dict[str, Any]] = []

    def write(self, messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = []
        for position, message in enumerate(messages):
            if self._shown and not isinstance(message, ToolMessage):
                written += self._take_shown()
            write = WRITERS.get(type(message)) or _writer_of(message, position)
            turn = write(self, message, f"messages[{position}]")
            if message.name is not None and self.dialect.names:
                turn.setdefault("name", message.name)
            if given := given_of(message):
                self._keep(turn, given)
            written.append(turn)
        if self._shown:
            written += self._take_shown()
        return written

    def _keep(self, turn: dict[str, Any], given: Mapping[str, Any]) -> None:
        """Send what a dict message had in the wire's own words, where nothing else says it."""
        for name, value in given.items():
            if name == "role":
                turn["role"] = value if self.dialect.developer_role else "system"
            elif value is not None:
                turn.setdefault(name, value)

    def _user(self, message: BaseMessage, where: str) -> dict[str, Any]:
        return self._turn("user", message, where)

    def _instructions(self, message: BaseMessage, where: str) -> dict[str, Any]:
        return self._turn(self._system, message, where)

    def _chat(self, message: ChatMessage, where: str) -> dict[str, Any]:
        role = message.role
        if role == "developer" and not self.dialect.developer_role:
            role = "system"
        return self._turn(role, message, where)

    def _function(self, message: FunctionMessage, where: str) -> dict[str, Any]:
        return self._turn("function", message, where)

    def _turn(self, role: str, message: BaseMessage, where: str) -> dict[str, Any]:
        content = write_content(message.content, self.dialect, where, self.warnings)
        return {"role": role, "content": content}

    def _tool(self, message: ToolMessage, where: str) -> dict[str, Any]:
        content = self._tool_content(message, where)
        if name := self._functions.get(message.tool_call_id):
            return {"role": "function", "name": name, "content": content}
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": content}

    def _tool_content(self, message: ToolMessage, where: str) -> str | list[Any]:
        content = write_content(message.content, self.dialect, where, self.warnings)
        if isinstance(content, str):
            return content
        if not self.dialect.tool_images:
            texts = [part for part in content if part["type"] == "text"]
            if len(texts) < len(content):
                # The API takes texts only; the rest follows as if the user had shown it.
                self._shown.append(
                    {"type": "text", "text": f"What the call {message.tool_call_id} returned:"}
                )
                self._shown += [part for part in content if part["type"] != "text"]
                content = texts or [{"type": "text", "text": "See the message after this one."}]
        if self.dialect.tool_text:
            return "\n".join(part["text"] for part in content)
        return content

    def _take_shown(self) -> list[dict[str, Any]]:
        shown, self._shown = self._shown, []
        return [{"role": "user", "content": shown}]

    def _assistant(self, message: AIMessage, where: str) -> dict[str, Any]:
        turn: dict[str, Any] = {"role": "assistant", "content": ""}
        parts: list[dict[str, Any]] = []
        thoughts: list[Mapping[str, Any]] = []
        calls: list[dict[str, Any]] = []
        only_text = True
        for position, block in enumerate(blocks_of(message)):
            kind = block.get("type")
            if kind == "text":
                parts.append(block)
            elif kind in CALLS:
                self._call(block, calls, turn)
            elif kind == "reasoning":
                thoughts.append(block)
                if part := thinking_part(block, self.dialect):
                    only_text = False
                    parts.append(part)
            elif kind == "refusal":
                turn["refusal"] = turn.get("refusal", "") + (block.get("refusal") or "")
            elif kind == "audio":
                if sound := block.get("id") or (block.get("extras") or {}).get("id"):
                    turn["audio"] = {"id": sound}
            elif part := self._other(block, f"{where}.content[{position}]"):
                only_text = False
                parts.append(part)
        if only_text and isinstance(message.content, str):
            turn["content"] = "".join([block.get("text") or "" for block in parts])
        else:
            turn["content"] = write_content(parts, LENIENT, where, self.warnings)
        if REASONING.isdisjoint(given_of(message)):
            write_reasoning(turn, thoughts, self.dialect)
        if calls:
            turn["tool_calls"] = calls
        if not turn["content"]:
            if "audio" in turn:
                del turn["content"]
            else:
                turn["content"] = None if len(turn) > 2 else ""
        return turn

    def _other(self, block: Mapping[str, Any], where: str) -> dict[str, Any] | None:
        """A block of a reply that has no place in a request, unless the vendor has one."""
        value = block.get("value") if block.get("type") == "non_standard" else block
        kind = value.get("type") if isinstance(value, Mapping) else None
        passes = self.dialect.passes
        if isinstance(value, dict) and (passes is ANY or kind in passes):
            return value
        if kind == "image" and "image_url" in passes:
            return write_part(block, self.dialect, where, self.warnings)
        if kind not in SILENT:
            self.warnings.append(f"{where}: a block of type {kind!r} was left out of the request")
        return None

    def _call(self, block: Mapping[str, Any], calls: list[dict[str, Any]], turn: dict[str, Any]) -> None:
        extras: Mapping[str, Any] = block.get("extras") or {}
        args = block.get("args")
        text = args if isinstance(args, str) else json.encode(args or {}).decode()
        name = block.get("name") or ""
        id = block.get("id") or f"call_{len(calls)}"
        kind = extras.get("type")
        if kind == "function_call":
            turn["function_call"] = {"name": name, "arguments": text}
            self._functions[id] = name
            return
        if kind == "custom_tool_call":
            given = args.get("__arg1", text) if isinstance(args, dict) else text
            call = {"id": id, "type": "custom", "custom": {"name": name, "input": given}}
        else:
            call = {"id": id, "type": "function", "function": {"name": name, "arguments": text}}
        for field in self.dialect.call_fields:
            if field in extras and field not in self.dialect.strips:
                call[field] = extras[field]
        calls.append(call)


CALLS = frozenset({"tool_call", "invalid_tool_call", "tool_call_chunk"})
# What other makers' servers did is in their text; it is not for this one to know.
SILENT = frozenset({"server_tool_call", "server_tool_call_chunk", "server_tool_result"})
# What the assistant said was said before: nothing in it is refused.
LENIENT = Dialect(passes=ANY)

WRITERS: dict[type, Callable[[Writer, Any, str], dict[str, Any]]] = {
    AIMessage: Writer._assistant,
    ChatMessage: Writer._chat,
    FunctionMessage: Writer._function,
    HumanMessage: Writer._user,
    SystemMessage: Writer._instructions,
    ToolMessage: Writer._tool,
}


def _writer_of(message: BaseMessage, position: int) -> Callable[[Writer, Any, str], dict[str, Any]]:
    for kind in type(message).__mro__:
        if kind in WRITERS:
            return WRITERS[kind]
    raise ConfigurationError(
        f"messages[{position}]: {type(message).__name__} is no message for a model"
    )
