"""Anthropic Messages: the JSON as its maker documents it; hosts add to it and leave out of it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "ContentBlock",
    "ContentBlockDelta",
    "ContentBlockStart",
    "ContentBlockStop",
    "ErrorEvent",
    "Message",
    "MessageDelta",
    "MessageStart",
    "Request",
    "Turn",
    "Usage",
]


class ContentBlock(TypedDict, total=False):
    """A block of the reply; which fields it has depends on its type."""

    type: str
    text: str
    citations: list[dict[str, Any]] | None
    thinking: str
    signature: str
    data: str
    id: str
    name: str
    input: dict[str, Any]
    caller: dict[str, Any]
    server_name: str
    tool_use_id: str
    content: Any
    is_error: bool


class Usage(TypedDict, total=False):
    """Token counts; input is the sum of the three of it."""

    input_tokens: int
    cache_creation_input_tokens: int | None
    cache_read_input_tokens: int | None
    cache_creation: dict[str, int] | None
    output_tokens: int
    output_tokens_details: dict[str, int]
    server_tool_use: dict[str, int] | None
    service_tier: str | None


class Message(TypedDict):
    """A whole reply."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[ContentBlock]
    stop_reason: str | None
    stop_sequence: str | None
    stop_details: NotRequired[dict[str, Any] | None]
    container: NotRequired[dict[str, Any] | None]
    context_management: NotRequired[dict[str, Any] | None]
    usage: Usage


class MessageStart(TypedDict):
    """The first event: a message without content."""

    type: Literal["message_start"]
    message: Message


class ContentBlockStart(TypedDict):
    """A block begins, whole if its type knows no deltas."""

    type: Literal["content_block_start"]
    index: int
    content_block: ContentBlock


class ContentBlockDelta(TypedDict):
    """A block grows."""

    type: Literal["content_block_delta"]
    index: int
    delta: dict[str, Any]


class ContentBlockStop(TypedDict):
    """A block ends."""

    type: Literal["content_block_stop"]
    index: int


class MessageDelta(TypedDict):
    """Why the message ends, and its running totals."""

    type: Literal["message_delta"]
    delta: dict[str, Any]
    usage: Usage


class ErrorEvent(TypedDict):
    """An error, as a reply or amid a stream."""

    type: Literal["error"]
    error: dict[str, Any]
    request_id: NotRequired[str]


class Turn(TypedDict):
    """What one side says."""

    role: Literal["user", "assistant", "system"]
    content: str | list[dict[str, Any]]


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    model: str
    messages: list[Turn]
    max_tokens: int
    system: NotRequired[str | list[dict[str, Any]]]
    stream: NotRequired[bool]
