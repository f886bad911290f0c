"""Chat Completions: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: what a dict message said in the wire's own words goes out in them.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from .. import Encoded, Loss
from ..shape import is_object
from ..writers import writer_of
from .assistant import AssistantTurn
from .content import write_content
from .dialect import Dialect
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode"]


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    writer = _Writer(model, dialect)
    body: dict[str, Any] = {
        "model": model,
        "messages": writer.write(messages),
        "stream": streaming,
    }
    write_settings(body, settings, dialect, streaming=streaming, warnings=writer.warnings)
    if dialect.deployment is not None and body["model"] == model:
        body["model"] = dialect.deployment
    path = dialect.path if isinstance(dialect.path, str) else dialect.path(model)
    return Encoded(path, body, tuple(writer.warnings))


PLAIN_ROLES: dict[type[BaseMessage], str] = {HumanMessage: "user", AIMessage: "assistant"}


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_dialect", "_functions", "_model", "_shown", "warnings")

    def __init__(self, model: str, dialect: Dialect) -> None:
        self.warnings: list[str] = []
        self._model = model
        self._dialect = dialect
        self._functions: dict[str, str] = {}
        self._shown: list[dict[str, Any]] = []

    def write(self, messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = []
        for position, given in enumerate(messages):
            # Most of a history is turns of a text and nothing else.
            if (
                len(fields := given.__dict__) == 1
                and (role := PLAIN_ROLES.get(type(given))) is not None
                and type(text := fields.get("content")) is str
                and not self._shown
            ):
                written.append({"role": role, "content": text})
                continue
            message, where = given, f"messages[{position}]"
            if self._shown and not isinstance(message, ToolMessage):
                written.append(self._take_shown())
            if isinstance(message, HumanMessage) and isinstance(message.content, list):
                answers, message = _without_answers(message)
                written += [self.tool(answer, where) for answer in answers]
                if answers and not message.content:
                    continue
            write = WRITERS.get(type(message)) or writer_of(WRITERS, message, where)
            turn = write(self, message, where)
            if message.name is not None and self._dialect.names:
                turn.setdefault("name", message.name)
            if "_given" in message.__dict__:
                self._keep(turn, given_of(message))
            written.append(turn)
        if self._shown:
            written.append(self._take_shown())
        return written

    def user(self, message: BaseMessage, where: str) -> dict[str, Any]:
        content = message.content
        if not isinstance(content, str):
            content = write_content(content, self._dialect, where, self.warnings)
        return {"role": "user", "content": content}

    def instructions(self, message: BaseMessage, where: str) -> dict[str, Any]:
        role = given_of(message).get("role")
        if role is None and self._dialect.facts is not None:
            role = self._dialect.facts(self._model).system_role
        return self._turn(self._role(role or "system"), message, where)

    def chat(self, message: ChatMessage, where: str) -> dict[str, Any]:
        return self._turn(self._role(message.role), message, where)

    def function(self, message: FunctionMessage, where: str) -> dict[str, Any]:
        return self._turn("function", message, where)

    def assistant(self, message: AIMessage, where: str) -> dict[str, Any]:
        blocks = blocks_of(message)
        content = message.content
        if len(blocks) == 1 and blocks[0]["type"] == "text" and isinstance(content, str):
            if notes := blocks[0].get("annotations"):
                self.warnings.extend([Loss(where, "citation")] * len(notes))
            return {"role": "assistant", "content": content}
        turn = AssistantTurn(self._dialect, where, self.warnings)
        written = turn.write(message, blocks)
        self._functions |= turn.functions
        return written

    def tool(self, message: ToolMessage, where: str) -> dict[str, Any]:
        content = self._tool_content(message, where)
        if name := self._functions.get(message.tool_call_id):
            return {"role": "function", "name": name, "content": content}
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": content}

    def _turn(self, role: str, message: BaseMessage, where: str) -> dict[str, Any]:
        content = write_content(message.content, self._dialect, where, self.warnings)
        return {"role": role, "content": content}

    def _tool_content(self, message: ToolMessage, where: str) -> str | list[Any]:
        content = write_content(message.content, self._dialect, where, self.warnings)
        if isinstance(content, str):
            return content
        if not self._dialect.tool_images:
            texts = [part for part in content if part["type"] == "text"]
            if len(texts) < len(content):
                # The API takes texts only; the rest follows as if the user had shown it.
                head = f"What the call {message.tool_call_id} returned:"
                self._shown.append({"type": "text", "text": head})
                self._shown += [part for part in content if part["type"] != "text"]
                content = texts or [{"type": "text", "text": "See the message after this one."}]
        if self._dialect.tool_text:
            return "\n".join(part["text"] for part in content)
        return content

    def _take_shown(self) -> dict[str, Any]:
        shown, self._shown = self._shown, []
        return {"role": "user", "content": shown}

    def _keep(self, turn: dict[str, Any], given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if value is not None:
                turn.setdefault(name, value)

    def _role(self, role: str) -> str:
        return "system" if role == "developer" and not self._dialect.developer_role else role


WRITERS: dict[type, Callable[[_Writer, Any, str], dict[str, Any]]] = {
    AIMessage: _Writer.assistant,
    ChatMessage: _Writer.chat,
    FunctionMessage: _Writer.function,
    HumanMessage: _Writer.user,
    SystemMessage: _Writer.instructions,
    ToolMessage: _Writer.tool,
}


def _without_answers(message: HumanMessage) -> tuple[list[ToolMessage], HumanMessage]:
    """Take tools' answers out of a user's message, where other makers have them."""
    answers: list[ToolMessage] = []
    rest: list[Any] = []
    for element in message.content:
        if is_object(element) and element.get("type") == "tool_result":
            answers.append(ToolMessage(element.get("content") or "", element.get("tool_use_id")))
        else:
            rest.append(element)
    return answers, HumanMessage(rest, name=message.name) if answers else message
