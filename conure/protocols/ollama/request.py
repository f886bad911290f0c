"""Ollama's own chat API: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: a message is one text, with images beside it; several texts become paragraphs of lines.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import ConfigurationError
from ...messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    blocks_of,
)
from ...messages.message import given_of
from ...messages.standard import standard_blocks
from .. import Encoded, Loss
from ..shape import is_mapping, is_object
from ..writers import writer_for_role, writer_of
from .dialect import Dialect
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode"]

Block = dict[str, Any]

# What other makers' models thought is sealed.
SEALS = frozenset({"encrypted_content", "redacted_data", "signature"})


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    writer = _Writer()
    # The API streams unless it is told not to.
    body: dict[str, Any] = {
        "model": model,
        "messages": writer.write(messages),
        "stream": bool(streaming),
    }
    write_settings(body, settings, warnings=writer.warnings)
    return Encoded(dialect.path, body, tuple(writer.warnings))


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_names", "warnings")

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._names: dict[Any, str] = {}

    def write(self, messages: Sequence[BaseMessage]) -> list[Block]:
        written: list[Block] = []
        for position, message in enumerate(messages):
            write = WRITERS.get(type(message)) or writer_of(
                WRITERS, message, f"messages[{position}]"
            )
            written.append(write(self, message, f"messages[{position}]"))
        return written

    def user(self, message: BaseMessage, where: str) -> Block:
        return _with_content({"role": "user"}, message, where)

    def instructions(self, message: BaseMessage, where: str) -> Block:
        return _with_content({"role": "system"}, message, where)

    def chat(self, message: ChatMessage, where: str) -> Block:
        return writer_for_role(ROLES, message.role, where)(self, message, where)

    def tool(self, message: ToolMessage, where: str) -> Block:
        written = _with_content({"role": "tool"}, message, where)
        name = message.name or self._names.get(message.tool_call_id)
        if name or (name := given_of(message).get("tool_name")):
            written["tool_name"] = name
        if message.tool_call_id:
            written["tool_call_id"] = message.tool_call_id
        return written

    def assistant(self, message: BaseMessage, where: str) -> Block:
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[Block] = []
        for block in blocks_of(message):
            kind = block["type"]
            if kind in ("text", "refusal"):
                texts.append(block.get(kind) or "")
                self.warnings += [Loss(where, "citation") for _ in block.get("annotations") or ()]
            elif kind == "reasoning" and SEALS.isdisjoint(block.get("extras") or {}):
                thoughts.append(block.get("reasoning") or "")
            elif kind in ("tool_call", "invalid_tool_call"):
                calls.append(self._call(block))
            else:
                self.warnings.append(Loss(where, kind))
        written: Block = {"role": "assistant", "content": "".join(texts)}
        thinking = "".join(thoughts) or given_of(message).get("thinking")
        if thinking:
            written["thinking"] = thinking
        if calls:
            written["tool_calls"] = calls
        return written

    def _call(self, block: Block) -> Block:
        name, args = block.get("name"), block.get("args")
        self._names[block.get("id")] = str(name)
        if not is_object(args):
            args = {"INVALID_JSON": args} if args else {}
        call: Block = {"type": "function", "function": {"name": name, "arguments": args}}
        if id := block.get("id"):
            call["id"] = id
        return call


WRITERS: dict[type, Callable[[_Writer, Any, str], Block]] = {
    AIMessage: _Writer.assistant,
    ChatMessage: _Writer.chat,
    HumanMessage: _Writer.user,
    SystemMessage: _Writer.instructions,
    ToolMessage: _Writer.tool,
}
ROLES: dict[str, Callable[[_Writer, Any, str], Block]] = {
    "ai": _Writer.assistant,
    "assistant": _Writer.assistant,
    "developer": _Writer.instructions,
    "human": _Writer.user,
    "system": _Writer.instructions,
    "user": _Writer.user,
}


def _with_content(written: Block, message: BaseMessage, where: str) -> Block:
    content = message.content
    if isinstance(content, str):
        written["content"] = content
        images: list[str] = []
    else:
        texts, images = _parts(content, where)
        written["content"] = "\n".join(texts)
    images += given_of(message).get("images") or []
    if images:
        written["images"] = images
    return written


def _parts(content: list[Any], where: str) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    images: list[str] = []
    for position, element in enumerate(content):
        place = f"{where}.content[{position}]"
        if not isinstance(element, str) and not is_mapping(element):
            raise ConfigurationError(
                f"{place} must be a str or a block, not {type(element).__name__}"
            )
        for block in standard_blocks([element]):
            kind = block["type"]
            if kind == "image":
                images.append(_image(block, place))
            elif kind in ("text", "text-plain") and "text" in block:
                texts.append(block["text"])
            else:
                raise ConfigurationError(f"{place}: this provider takes no {kind}")
    return texts, images


def _image(block: Block, where: str) -> str:
    if data := block.get("base64"):
        return data
    raise ConfigurationError(
        f"{where}: this provider fetches no images: give its bytes, as `base64`"
    )
