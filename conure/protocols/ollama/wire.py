"""Ollama's own chat API: the JSON as its maker documents it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = ["Function", "Line", "Message", "Request", "ToolCall"]


class Function(TypedDict):
    """What is called, its arguments as an object."""

    name: str
    arguments: dict[str, Any]
    index: NotRequired[int]


class ToolCall(TypedDict):
    """A call; older servers give it no id."""

    function: Function
    id: NotRequired[str]


class Message(TypedDict, total=False):
    """What one side says."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    thinking: str
    images: list[str]
    tool_calls: list[ToolCall]
    tool_name: str
    tool_call_id: str


class Line(TypedDict):
    """A line of a stream, or a whole reply; the counts come with the last, if at all."""

    model: str
    created_at: str
    message: Message
    done: bool
    done_reason: NotRequired[str]
    logprobs: NotRequired[list[dict[str, Any]]]
    total_duration: NotRequired[int]
    load_duration: NotRequired[int]
    prompt_eval_count: NotRequired[int]
    prompt_eval_duration: NotRequired[int]
    eval_count: NotRequired[int]
    eval_duration: NotRequired[int]


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    model: str
    messages: list[Message]
    stream: bool
    options: NotRequired[dict[str, Any]]
