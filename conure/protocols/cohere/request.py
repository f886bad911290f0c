"""Cohere's chat API: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: what a reply brought goes back where it stood: the plan, thoughts, calls, citations.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from .. import Encoded
from ..writers import writer_for_role, writer_of
from .assistant import write_assistant
from .content import write_answer, write_content
from .dialect import Dialect
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode"]

Block = dict[str, Any]


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    warnings: list[str] = []
    written: list[Block] = []
    for position, message in enumerate(messages):
        write = WRITERS.get(type(message)) or writer_of(WRITERS, message, f"messages[{position}]")
        written.append(write(message, f"messages[{position}]", warnings))
    body: dict[str, Any] = {"model": model, "messages": written, "stream": bool(streaming)}
    write_settings(body, settings, warnings=warnings)
    return Encoded(dialect.path, body, tuple(warnings))


def _user(message: BaseMessage, where: str, _warnings: list[str]) -> Block:
    return {"role": "user", "content": write_content(message.content, where)}


def _instructions(message: BaseMessage, where: str, _warnings: list[str]) -> Block:
    return {"role": "system", "content": write_content(message.content, where)}


def _chat(message: ChatMessage, where: str, warnings: list[str]) -> Block:
    return writer_for_role(ROLES, message.role, where)(message, where, warnings)


def _tool(message: ToolMessage, where: str, _warnings: list[str]) -> Block:
    return {
        "role": "tool",
        "tool_call_id": message.tool_call_id,
        "content": write_answer(message.content, where),
    }


Writer = Callable[[Any, str, list[str]], Block]

WRITERS: dict[type, Writer] = {
    AIMessage: write_assistant,
    ChatMessage: _chat,
    HumanMessage: _user,
    SystemMessage: _instructions,
    ToolMessage: _tool,
}
ROLES: dict[str, Writer] = {
    "ai": write_assistant,
    "assistant": write_assistant,
    "developer": _instructions,
    "human": _user,
    "system": _instructions,
    "user": _user,
}
