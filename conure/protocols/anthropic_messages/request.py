"""Anthropic Messages: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: turns alternate: what users and tools say in a row is one turn. Instructions go to the
        beginning, except for models that take them where they stand.

https://docs.anthropic.com/en/api/messages
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
from ...messages.message import fact_of, given_of
from .. import Encoded, Loss
from ..shape import is_list, is_object
from ..writers import writer_for_role, writer_of
from .blocks import write_block
from .content import mark, write_content
from .dialect import Dialect
from .envelope import address
from .previews import FILES, tool_changes
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
    writer = _Writer(midway=dialect.facts(model).instructed_midway)
    body: dict[str, Any] = {"model": model, "messages": writer.write(messages)}
    if writer.system:
        body["system"] = writer.system_text()
    if streaming:
        body["stream"] = True
    if settings.get("reuse_last_container"):
        settings = _with_container(settings, messages)
    previews = write_settings(body, settings, dialect, warnings=writer.warnings)
    if dialect.betas:
        previews += writer.previews
    path, headers = address(body, previews, dialect, streaming=streaming)
    return Encoded(path, body, tuple(writer.warnings), headers)


def _with_container(
    settings: Mapping[str, Any], messages: Sequence[BaseMessage]
) -> Mapping[str, Any]:
    """Go on in the container of the last reply that ran in one, unless one is named."""
    given = settings.get("container")
    if given and not (is_object(given) and not given.get("id")):
        return settings
    for message in reversed(messages):
        container = fact_of(message, "container")
        if is_object(container) and (id := container.get("id")):
            return {**settings, "container": {**given, "id": id} if given else id}
    return settings


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_midway", "_turns", "previews", "system", "warnings")

    def __init__(self, *, midway: bool) -> None:
        self.warnings: list[str] = []
        self.system: list[Any] = []
        self.previews: list[str] = []
        self._midway = midway
        self._turns: list[dict[str, Any]] = []

    def write(self, messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
        turns = self._turns
        last = None
        for position, message in enumerate(messages):
            # Most of a history is turns of a text and nothing else.
            if (
                len(fields := message.__dict__) == 1
                and (role := PLAIN_ROLES.get(type(message))) is not None
                and role != last
                and type(text := fields.get("content")) is str
                and text
            ):
                turns.append({"role": role, "content": text})
            else:
                write = WRITERS.get(type(message)) or writer_of(
                    WRITERS, message, f"messages[{position}]"
                )
                write(self, message, f"messages[{position}]")
            last = turns[-1]["role"] if turns else None
        if last == "assistant":
            self._strip_prefill()
        return turns

    def system_text(self) -> Any:
        """Give the instructions that stand before all turns."""
        if len(self.system) == 1 and isinstance(self.system[0], str):
            return self.system[0]
        return [
            {"type": "text", "text": part} if isinstance(part, str) else part
            for part in self.system
        ]

    def user(self, message: BaseMessage, where: str) -> None:
        self._say("user", write_content(message.content, where), message)

    def instructions(self, message: BaseMessage, where: str) -> None:
        content = write_content(message.content, where)
        if (cached := given_of(message).get("cache_control")) is not None:
            content = mark(content, cached)
        if not content:
            return
        if isinstance(content, list) and (changes := tool_changes(content)):
            self.previews.append(changes)
        if self._midway and self._may_instruct():
            self._turns.append({"role": "system", "content": content})
        elif isinstance(content, str):
            self.system.append(content)
        else:
            self.system += content

    def _may_instruct(self) -> bool:
        """Tell whether instructions may stand here: after the user, or a server's tool."""
        if not self._turns:
            return False
        last = self._turns[-1]
        content = last["content"]
        if last["role"] != "assistant":
            return True
        return is_list(content) and str(content[-1]["type"]).endswith("_tool_result")

    def chat(self, message: ChatMessage, where: str) -> None:
        writer_for_role(ROLES, message.role, where)(self, message, where)

    def tool(self, message: ToolMessage, where: str) -> None:
        content = write_content(message.content, where)
        if isinstance(content, list) and any(part["type"] == "tool_result" for part in content):
            self._say("user", content, message)
            return
        result: dict[str, Any] = {
            "type": "tool_result",
            "tool_use_id": _valid(message.tool_call_id),
            "content": content,
        }
        if message.status == "error":
            result["is_error"] = True
        self._look_for_files(content)
        self._say("user", [result], message)

    def assistant(self, message: BaseMessage, where: str) -> None:
        blocks = blocks_of(message)
        results = {
            block.get("tool_call_id"): "block_type" in (block.get("extras") or {})
            for block in blocks
            if block["type"] == "server_tool_result"
        }
        content = [
            native for block in blocks if (native := self._said(block, results, where)) is not None
        ]
        is_text = isinstance(message.content, str) and len(content) == 1
        if is_text and content[0].keys() == {"type", "text"}:
            self._say("assistant", content[0]["text"], message)
        else:
            self._say("assistant", content, message)

    def _said(
        self, block: dict[str, Any], results: Mapping[Any, bool], where: str
    ) -> dict[str, Any] | None:
        """Write a block of the assistant, or leave out what this provider would not know."""
        kind = block["type"]
        if kind == "refusal":
            # Ours says no more than the reason why the reply ended.
            own = "stop_reason" in (block.get("extras") or {})
            words = block.get("refusal")
            return None if own or not words else {"type": "text", "text": words}
        if kind == "server_tool_call":
            id = str(block.get("id"))
            if not results.get(block.get("id"), id.startswith(OWN_CALLS)):
                self.warnings.append(Loss(where, kind))
                return None
        native = write_block(block)
        if native is None:
            self.warnings.append(Loss(where, kind))
            return None
        if notes := block.get("annotations"):
            left = len(notes) - len(native.get("citations") or ())
            self.warnings.extend([Loss(where, "citation")] * left)
        if native["type"] == "text" and not native["text"]:
            return None
        if native["type"] == "tool_use":
            native["id"] = _valid(native["id"])
            if (text := native.pop("partial_json", None)) is not None:
                native["input"] = {"INVALID_JSON": text}
        return native

    def _say(self, role: str, content: str | list[Any], message: BaseMessage) -> None:
        if "_given" in message.__dict__:
            given = given_of(message)
            if (cached := given.get("cache_control")) is not None:
                content = mark(content, cached)
        if not content and role == "assistant":
            return
        self._look_for_files(content)
        turns = self._turns
        if turns and role == "user" == turns[-1]["role"]:
            turns[-1]["content"] = _parts(turns[-1]["content"]) + _parts(content)
        elif content or isinstance(content, str):
            turns.append({"role": role, "content": content})

    def _look_for_files(self, content: str | list[Any]) -> None:
        if isinstance(content, list):
            for part in content:
                source = part.get("source")
                if part["type"] == "container_upload" or (
                    is_object(source) and source.get("type") == "file"
                ):
                    self.previews.append(FILES)
                    return

    def _strip_prefill(self) -> None:
        """Cut the end of an answer that the model is to continue: it may not be white space."""
        turn = self._turns[-1]
        content = turn["content"]
        if isinstance(content, str):
            turn["content"] = content.rstrip()
        elif content[-1]["type"] == "text":
            text = content[-1]["text"].rstrip()
            turn["content"] = content[:-1] + ([{**content[-1], "text": text}] if text else [])
        if not turn["content"]:
            self._turns.pop()


PLAIN_ROLES: dict[type[BaseMessage], str] = {HumanMessage: "user", AIMessage: "assistant"}
# What other makers' servers did is not for this one to know.
OWN_CALLS = ("srvtoolu_", "mcptoolu_")

WRITERS: dict[type, Callable[[_Writer, Any, str], None]] = {
    AIMessage: _Writer.assistant,
    ChatMessage: _Writer.chat,
    HumanMessage: _Writer.user,
    SystemMessage: _Writer.instructions,
    ToolMessage: _Writer.tool,
}
ROLES: dict[str, Callable[[_Writer, Any, str], None]] = {
    "ai": _Writer.assistant,
    "assistant": _Writer.assistant,
    "developer": _Writer.instructions,
    "human": _Writer.user,
    "system": _Writer.instructions,
    "user": _Writer.user,
}


def _parts(content: str | list[Any]) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content


def _valid(id: Any) -> str:
    """Give an id as the API takes it: other makers' ids have more letters."""
    text = str(id)
    if text.isascii() and text.replace("_", "").replace("-", "").isalnum():
        return text
    return "".join([c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in text]) or "_"
