"""Counting tokens without a tokenizer, a file or a socket."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any, NamedTuple, cast

from .ai import AIMessage
from .blocks import is_data_content_block
from .coerce import to_messages
from .message import BaseMessage, ChatMessage
from .tool import ToolMessage

__all__ = ["Parts", "count_tokens_approximately", "openai_role", "parts_of"]

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "function",
}
_IMAGES = frozenset({"image", "image_url", "input_image"})
_FILES = frozenset({"document", "input_file", "input_audio", "media", "video_url"})


def openai_role(message: BaseMessage) -> str:
    """Name the role that OpenAI's API has for a message."""
    if isinstance(message, ChatMessage):
        return message.role
    if "additional_kwargs" in message.__dict__ and (
        role := message.additional_kwargs.get("__openai_role__")
    ):
        return str(role)
    kind = message.type
    if kind.endswith("MessageChunk"):
        kind = kind.removesuffix("MessageChunk").lower()
    return _ROLES.get(kind, kind)


def count_tokens_approximately(
    messages: Any,
    *,
    chars_per_token: float = 4.0,
    extra_tokens_per_message: float = 3.0,
    count_name: bool = True,
    tokens_per_image: int = 85,
    tokens_per_file: int = 1500,
    use_usage_metadata_scaling: bool = False,
    tools: Sequence[Any] | None = None,
) -> int:
    """Estimate the tokens of a conversation from its characters.

    Images, and files, sounds and videos, count the same each, however large. With
    `use_usage_metadata_scaling` the estimate grows by as much as it was too small for what the
    last reply's provider counted.

    >>> count_tokens_approximately("x" * 40)
    14
    """
    total, counted, reported = 0.0, 0.0, 0
    if tools:
        total += ceil(sum(_length_of_tool(tool) for tool in tools) / chars_per_token)
    for message in to_messages(messages):
        said = parts_of(message)
        characters = sum(map(len, said.texts))
        if count_name and message.name:
            characters += len(message.name)
        flat = len(said.images) * tokens_per_image + said.files * tokens_per_file
        total += ceil(characters / chars_per_token) + flat + extra_tokens_per_message
        if isinstance(message, AIMessage) and message.usage_metadata:
            counted, reported = total, message.usage_metadata.total_tokens
    if use_usage_metadata_scaling and counted and reported > counted:
        total *= reported / counted
    return ceil(total)


class Parts(NamedTuple):
    """What of a message is read, and how: its texts, role included, its images, its files."""

    texts: list[str]
    images: list[dict[str, Any]]
    files: int


def parts_of(message: BaseMessage) -> Parts:
    """Take a message apart for counting."""
    texts: list[str] = [openai_role(message)]
    images: list[dict[str, Any]] = []
    files = 0
    content = message.content
    if isinstance(content, str):
        texts.append(content)
        if isinstance(message, AIMessage) and message.tool_calls:
            texts.append(repr(message.tool_calls))
    else:
        for element in content:
            kind = None if isinstance(element, str) else element.get("type")
            if kind in _IMAGES:
                images.append(cast("dict[str, Any]", element))
            elif kind in _FILES or (kind != "text-plain" and is_data_content_block(element)):
                files += 1
            else:
                texts.append(_text_of(element))
    if isinstance(message, ToolMessage):
        texts.append(message.tool_call_id)
    return Parts(texts, images, files)


def _text_of(element: str | dict[str, Any]) -> str:
    if isinstance(element, str):
        return element
    for field in ("text", "reasoning", "thinking", "refusal"):
        if element.get("type") in (field, "text-plain") and isinstance(element.get(field), str):
            return str(element[field])
    return repr(element)


def _length_of_tool(tool: Any) -> int:
    if isinstance(tool, dict):
        try:
            return len(json.dumps(tool))
        except (TypeError, ValueError):
            return len(repr(cast("object", tool)))
    parts: Iterable[Any] = (
        getattr(tool, "name", None) or getattr(tool, "__name__", ""),
        getattr(tool, "description", None) or getattr(tool, "__doc__", None) or "",
        getattr(tool, "args", None) or getattr(tool, "__annotations__", ""),
    )
    return sum(len(str(part)) for part in parts)
