"""Responses: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: what a model said goes back as the items it came in; what only another maker can read
        stays away.

https://platform.openai.com/docs/api-reference/responses/create
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
    blocks_of,
)
from ...messages.message import given_of
from .. import Encoded, Loss
from ..shape import is_object
from ..writers import writer_of
from .content import write_content
from .dialect import Dialect
from .items import items_of
from .outputs import OUTPUTS, output_of
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode"]

PATH = "/responses"
ID = "resp_"
MESSAGE_ID = "msg_"

# Items that may stand among the parts of a message and belong beside it.
ITEMS = frozenset({
    "additional_tools", "compaction", "compaction_trigger", "configuration_update",
    "image_generation_call", "item_reference", "mcp_approval_response", "message",
    "program_output", "tool_search_output", *OUTPUTS,
})  # fmt: skip


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    body: dict[str, Any] = {"model": model, "input": [], "stream": streaming}
    warnings: list[str] = []
    if settings.get("use_previous_response_id") and not settings.get("previous_response_id"):
        id, messages = _since(messages)
        if id is not None:
            body["previous_response_id"] = id
    writer = _Writer(dialect, warnings)
    body["input"] = writer.write(messages)
    write_settings(body, settings, dialect, warnings)
    if dialect.deployment is not None and body["model"] == model:
        body["model"] = dialect.deployment
    return Encoded(PATH, body, tuple(warnings))


def _since(messages: Sequence[BaseMessage]) -> tuple[str | None, Sequence[BaseMessage]]:
    """Find the last reply that the provider keeps, and what was said after it."""
    for position in range(len(messages) - 1, -1, -1):
        message = messages[position]
        if isinstance(message, AIMessage) and (id := message.id) and id.startswith(ID):
            return id, messages[position + 1 :]
    return None, messages


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_dialect", "_kinds", "items", "warnings")

    def __init__(self, dialect: Dialect, warnings: list[str]) -> None:
        self.items: list[dict[str, Any]] = []
        self.warnings = warnings
        self._dialect = dialect
        self._kinds: dict[str, str] = {}

    def write(self, messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
        for position, message in enumerate(messages):
            # Most of a history is turns of a text and nothing else.
            if (
                type(message) is HumanMessage
                and len(fields := message.__dict__) == 1
                and type(text := fields.get("content")) is str
            ):
                self.items.append({"type": "message", "role": "user", "content": text})
                continue
            write = WRITERS.get(type(message))
            if write is None:
                write = writer_of(WRITERS, message, f"messages[{position}]")
            write(self, message, f"messages[{position}]")
        return self.items

    def user(self, message: BaseMessage, where: str) -> None:
        self._say("user", message, where)

    def instructions(self, message: BaseMessage, where: str) -> None:
        self._say(given_of(message).get("role") or "system", message, where)

    def chat(self, message: ChatMessage, where: str) -> None:
        self._say(message.role, message, where)

    def assistant(self, message: AIMessage, where: str) -> None:
        given = given_of(message) if "_given" in message.__dict__ else {}
        lost: list[str] = []
        items = items_of(blocks_of(message), lost=lost)
        if lost:
            self.warnings += [Loss(where, what) for what in lost]
        for item in items:
            if (id := item.get("call_id")) is not None:
                self._kinds[id] = str(item.get("type"))
            if item.get("type") == "message":
                self._name(item, message, given)
            self.items.append(item)

    def _name(self, item: dict[str, Any], message: AIMessage, given: dict[str, Any]) -> None:
        """Add what stands beside the content of a message that was given as a dict."""
        if "id" not in item and (id := message.id) is not None and id.startswith(MESSAGE_ID):
            item["id"] = id
        for name in ("phase", "status"):
            if given.get(name) is not None:
                item.setdefault(name, given[name])

    def tool(self, message: ToolMessage, where: str) -> None:
        kind = self._kinds.get(message.tool_call_id)
        self.items.append(output_of(message, kind, self._dialect, where, self.warnings))

    def _say(self, role: str, message: BaseMessage, where: str) -> None:
        content = message.content
        if isinstance(content, str):
            self.items.append({"type": "message", "role": role, "content": content})
            return
        parts: list[Any] = []
        for element in content:
            block: dict[str, Any] = element if is_object(element) else {}
            if block.get("type") == "non_standard" and is_object(block.get("value")):
                block = block["value"]
            kind = block.get("type")
            if kind not in ITEMS and kind != "tool_result":
                parts.append(element)
                continue
            self._message(role, parts, where)
            if kind == "tool_result":
                answer = ToolMessage(block.get("content") or "", block.get("tool_use_id"))
                self.tool(answer, where)
                continue
            item = {name: block[name] for name in block if name not in ("extras", "index")}
            if kind == "additional_tools":
                item.setdefault("role", "developer")
            self.items.append(item)
        self._message(role, parts, where)

    def _message(self, role: str, parts: list[Any], where: str) -> None:
        """Write the parts since the last item, if there are any."""
        if parts:
            content = write_content(parts, self._dialect, where, self.warnings)
            self.items.append({"type": "message", "role": role, "content": content})
            parts.clear()


WRITERS: dict[type, Callable[[_Writer, Any, str], None]] = {
    AIMessage: _Writer.assistant,
    ChatMessage: _Writer.chat,
    HumanMessage: _Writer.user,
    SystemMessage: _Writer.instructions,
    ToolMessage: _Writer.tool,
}
