"""Bedrock Converse: messages and settings -> a request's body.

Rule 1: a message is read by its blocks and its own fields, never by what it carries for
        compatibility with older code.
Rule 2: turns alternate: what users and tools say in a row is one turn. Instructions go to the
        beginning, wherever they stand.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
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
from .. import Encoded, Loss
from ..shape import is_object
from ..writers import writer_for_role, writer_of
from .blocks import write_block
from .content import ContentWriter, cache_point, with_base64
from .dialect import Dialect, Facts
from .settings import SETTINGS, write_settings

__all__ = ["SETTINGS", "encode", "path_of"]

Block = dict[str, Any]


def encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write a request; raises `ConfigurationError` for what cannot be said."""
    base = settings.get("base_model_id") or model
    facts = dialect.facts(f"{settings.get('provider') or ''}.{base}")
    writer = _Writer(facts)
    if system := settings.get("system"):
        writer.system += writer.content(system if isinstance(system, str) else [*system], "system")
    body: dict[str, Any] = {"messages": writer.write(messages)}
    if raw := settings.get("raw_blocks"):
        body["messages"] = with_base64(raw)
    if settings.get("guard_last_turn_only"):
        _guard_last(body["messages"], settings)
    if writer.system:
        body["system"] = writer.system
    write_settings(body, settings, facts, warnings=writer.warnings)
    path = path_of(model, "converse-stream" if streaming else "converse")
    return Encoded(path, body, tuple(writer.warnings))


def path_of(model: str, operation: str) -> str:
    """Give the path of an operation; names of models may be ARNs, with slashes and colons.

    >>> path_of("us.amazon.nova-lite-v1:0", "converse")
    '/model/us.amazon.nova-lite-v1%3A0/converse'
    """
    from urllib.parse import quote

    return f"/model/{quote(model, safe='')}/{operation}"


def _guard_last(turns: list[Block], settings: Mapping[str, Any]) -> None:
    """Have the guardrail look at what was said last alone."""
    if not settings.get("guardrail_config"):
        raise ConfigurationError("guard_last_turn_only needs a guardrail_config")
    last = next((turn for turn in reversed(turns) if turn["role"] == "user"), None)
    if last is not None:
        last["content"] = [
            {"guardContent": {"text": {"text": part["text"]}}} if part.keys() == {"text"} else part
            for part in last["content"]
        ]


class _Writer:
    """Writes one conversation."""

    __slots__ = ("_content", "_thoughts", "_turns", "system", "warnings")

    def __init__(self, facts: Facts) -> None:
        self._thoughts = facts.thoughts
        self.warnings: list[str] = []
        self.system: list[Block] = []
        self._content = ContentWriter()
        self._turns: list[Block] = []

    def write(self, messages: Sequence[BaseMessage]) -> list[Block]:
        turns = self._turns
        for position, message in enumerate(messages):
            write = WRITERS.get(type(message)) or writer_of(
                WRITERS, message, f"messages[{position}]"
            )
            write(self, message, f"messages[{position}]")
        if turns and turns[-1]["role"] == "assistant":
            self._strip_prefill()
        return turns

    def content(self, content: str | list[Any], where: str) -> list[Block]:
        return self._content.write(content, where)

    def user(self, message: BaseMessage, where: str) -> None:
        self._say("user", self.content(message.content, where), message)

    def instructions(self, message: BaseMessage, where: str) -> None:
        self.system += _marked(self.content(message.content, where), message)

    def chat(self, message: ChatMessage, where: str) -> None:
        writer_for_role(ROLES, message.role, where)(self, message, where)

    def tool(self, message: ToolMessage, where: str) -> None:
        content = self.content(message.content, where)
        if any("toolResult" in part for part in content):
            self._say("user", content, message)
            return
        # Points of the cache stand beside results, not in them.
        points = [part for part in content if "cachePoint" in part]
        result: Block = {
            "toolUseId": message.tool_call_id,
            "content": [part for part in content if "cachePoint" not in part],
        }
        if message.status == "error":
            result["status"] = "error"
        self._say("user", [{"toolResult": result}, *points], message)

    def assistant(self, message: BaseMessage, where: str) -> None:
        blocks = blocks_of(message)
        results = {
            block.get("tool_call_id"): "result_type" in (block.get("extras") or {})
            for block in blocks
            if block["type"] == "server_tool_result"
        }
        content: list[Block] = []
        for block in blocks:
            content += self._said(block, results, where)
        self._say("assistant", content, message)

    def _said(self, block: Block, results: Mapping[Any, bool], where: str) -> list[Block]:
        """Write a block of the assistant, or leave out what this provider would not know."""
        kind = block["type"]
        if kind == "refusal":
            # Ours says no more than the reason why the reply ended.
            own = "stop_reason" in (block.get("extras") or {})
            words = block.get("refusal")
            return [] if own or not words else [{"text": words}]
        if kind == "server_tool_call" and not results.get(
            block.get("id"), str(block.get("id")).startswith(OWN_CALLS)
        ):
            self.warnings.append(Loss(where, kind))
            return []
        native = write_block(block)
        if native is None or ("reasoningContent" in native and not self._takes(native)):
            self.warnings.append(Loss(where, kind))
            return []
        if notes := block.get("annotations"):
            cited: Block = native.get("citationsContent") or {}
            left = len(notes) - len(cited.get("citations") or ())
            self.warnings.extend([Loss(where, "citation")] * left)
        if native.keys() == {"text"} and not native["text"]:
            return []
        mark = block.get("cache_control")
        return [native] if mark is None else [native, cache_point(mark)]

    def _takes(self, native: Block) -> bool:
        """Tell whether the model takes a thought back."""
        if self._thoughts != "signed":
            return self._thoughts == "all"
        text = native["reasoningContent"].get("reasoningText")
        return not is_object(text) or bool(text.get("signature"))

    def _say(self, role: str, content: list[Block], message: BaseMessage) -> None:
        content = _marked(content, message)
        turns = self._turns
        if not content:
            return
        if turns and role == "user" == turns[-1]["role"]:
            turns[-1]["content"] = turns[-1]["content"] + content
        else:
            turns.append({"role": role, "content": content})

    def _strip_prefill(self) -> None:
        """Cut the end of an answer that the model is to continue: it may not be white space."""
        turn = self._turns[-1]
        last = turn["content"][-1]
        if last.keys() == {"text"}:
            text = last["text"].rstrip()
            turn["content"] = turn["content"][:-1] + ([{"text": text}] if text else [])
            if not turn["content"]:
                self._turns.pop()


# What other makers' servers did is not for this one to know.
OWN_CALLS = "tooluse_"

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


def _marked(content: list[Block], message: BaseMessage) -> list[Block]:
    """Mark the end of a content for the cache, where the message says so."""
    if content and "_given" in message.__dict__:
        mark = given_of(message).get("cache_control")
        return content if mark is None else [*content, cache_point(mark)]
    return content
