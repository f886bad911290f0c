"""Cohere's chat API, version 2: the JSON as its maker documents it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Citation",
    "Content",
    "Event",
    "Function",
    "Message",
    "Request",
    "Response",
    "Source",
    "ToolCall",
    "Usage",
]


class Function(TypedDict):
    """What is called, and the JSON text of its arguments; `null` where there are none."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """A call of one of the caller's tools."""

    id: str
    type: Literal["function"]
    function: Function


class Content(TypedDict, total=False):
    """A part of what is said."""

    type: Literal["text", "thinking", "image_url", "document"]
    text: str
    thinking: str
    image_url: dict[str, str]
    document: dict[str, Any]


class Source(TypedDict, total=False):
    """What a passage rests on: a document of the request, or what a tool answered."""

    type: Literal["document", "tool"]
    id: str
    document: dict[str, Any]
    tool_output: dict[str, Any]


class Citation(TypedDict, total=False):
    """A passage of the answer, by its place in one part of the content, and its sources."""

    start: int
    end: int
    text: str
    sources: list[Source]
    content_index: int
    type: Literal["TEXT_CONTENT", "THINKING_CONTENT", "PLAN"]


class Message(TypedDict, total=False):
    """What one side says; in a stream, `content`, `tool_calls` and `citations` are one each."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | list[Content]
    tool_plan: str
    tool_calls: list[ToolCall]
    tool_call_id: str
    citations: list[Citation]


class Usage(TypedDict, total=False):
    """What was read and written, with all that was put around it, and what is paid for."""

    billed_units: dict[str, int]
    tokens: dict[str, int]
    cached_tokens: int


class Response(TypedDict):
    """A whole reply."""

    id: str
    message: Message
    finish_reason: str
    usage: NotRequired[Usage]
    logprobs: NotRequired[list[dict[str, Any]]]


class Event(TypedDict):
    """A piece of a stream; `index` counts the parts, the calls and the citations apart."""

    type: str
    id: NotRequired[str]
    index: NotRequired[int]
    delta: NotRequired[dict[str, Any]]
    logprobs: NotRequired[dict[str, Any]]


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    model: str
    messages: list[Message]
    stream: bool
