"""A conversation as one text, for prompts that quote it."""

from __future__ import annotations

import json
from typing import Any, Literal, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .coerce import to_messages
from .message import BaseMessage, ChatMessage, blocks_of
from .tool import ToolMessage

__all__ = ["get_buffer_string"]

_MOST = 500
"""characters shown of what a server's tool was asked and answered"""


def get_buffer_string(
    messages: Any,
    human_prefix: str = "Human",
    ai_prefix: str = "AI",
    *,
    system_prefix: str = "System",
    function_prefix: str = "Function",
    tool_prefix: str = "Tool",
    message_separator: str = "\n",
    format: Literal["prefix", "xml"] = "prefix",  # noqa: A002 - the field's API
) -> str:
    r"""Write a conversation as one text.

    >>> get_buffer_string([("user", "hi"), ("assistant", "hello")])
    'Human: hi\nAI: hello'
    """
    if format not in ("prefix", "xml"):
        raise ConfigurationError(f"format must be 'prefix' or 'xml', not {format!r}")
    prefixes = {
        "human": human_prefix,
        "ai": ai_prefix,
        "system": system_prefix,
        "function": function_prefix,
        "tool": tool_prefix,
    }
    write = _as_xml if format == "xml" else _with_prefix
    return message_separator.join(
        write(message, _prefix(message, prefixes)) for message in to_messages(messages)
    )


def _prefix(message: BaseMessage, prefixes: dict[str, str]) -> str:
    if isinstance(message, ChatMessage):
        return message.role
    kind = message.type.removesuffix("MessageChunk").lower()
    if kind not in prefixes:
        raise ConfigurationError(f"a {type(message).__name__} cannot be shown in a conversation")
    return prefixes[kind]


def _with_prefix(message: BaseMessage, prefix: str) -> str:
    shown = f"{prefix}: {message.text}"
    if isinstance(message, AIMessage):
        if message.tool_calls:
            return shown + str(message.tool_calls)
        if legacy := message.additional_kwargs.get("function_call"):
            return shown + str(legacy)
    return shown


def _as_xml(message: BaseMessage, prefix: str) -> str:
    kind = message.role if isinstance(message, ChatMessage) else prefix.lower()
    attributes = {"type": kind, "name": message.name}
    if isinstance(message, ToolMessage):
        attributes["tool_call_id"] = message.tool_call_id
    content = "".join(filter(None, map(_xml_of_block, blocks_of(message))))
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    if calls:
        inner = [f"<content>{content}</content>"] if content else []
        inner += [
            _element("tool_call", {"id": call["id"], "name": call["name"]}, _json(call["args"]))
            for call in calls
        ]
        content = "\n" + "\n".join(inner) + "\n"
    return _tag("message", attributes) + content + "</message>"


def _xml_of_block(block: dict[str, Any]) -> str | None:
    kind = block["type"]
    if kind == "text" or (kind == "text-plain" and "text" in block):
        return _escaped(block.get("text") or "")
    if kind == "reasoning":
        thought = block.get("reasoning")
        return _element("reasoning", {}, thought) if thought else None
    if kind == "server_tool_call":
        attributes = {"id": block.get("id"), "name": block.get("name")}
        return _element(kind, attributes, _json(block.get("args"))[:_MOST])
    if kind == "server_tool_result":
        attributes = {"tool_call_id": block.get("tool_call_id")}
        return _element(kind, attributes, _json(block.get("output"))[:_MOST])
    where = {key: block[key] for key in ("url", "file_id") if block.get(key)}
    if where and not str(where.get("url", "")).startswith("data:"):
        return _tag(kind, where).removesuffix(">") + " />"
    return None


def _element(name: str, attributes: dict[str, Any], text: str) -> str:
    return f"{_tag(name, attributes)}{_escaped(text)}</{name}>"


def _tag(name: str, attributes: dict[str, Any]) -> str:
    shown = "".join(
        f' {key}="{_escaped(str(value)).replace(chr(34), "&quot;")}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{shown}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(cast("object", value))
