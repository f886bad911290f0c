"""Chat Completions: the JSON as its maker documents it; vendors add to it and leave out of it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field, because no vendor sends exactly this.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Audio",
    "Choice",
    "Chunk",
    "ChunkChoice",
    "Completion",
    "Delta",
    "ErrorObject",
    "Function",
    "Message",
    "Request",
    "ToolCall",
    "ToolCallDelta",
    "Usage",
]


class Function(TypedDict):
    """What is called, and the JSON text of its arguments."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """A call of one of the caller's tools."""

    id: str
    type: Literal["function"]
    function: Function


class ToolCallDelta(TypedDict, total=False):
    """A piece of a call; those of one index belong together."""

    index: int
    id: str
    type: Literal["function"]
    function: dict[str, str]


class Audio(TypedDict):
    """A spoken answer."""

    id: str
    data: str
    transcript: str
    expires_at: int


class Message(TypedDict):
    """What the model says, whole."""

    role: Literal["assistant"]
    content: str | None
    refusal: NotRequired[str | None]
    annotations: NotRequired[list[dict[str, Any]]]
    audio: NotRequired[Audio | None]
    tool_calls: NotRequired[list[ToolCall]]
    function_call: NotRequired[Function]


class Delta(TypedDict, total=False):
    """What the model says, a piece of it."""

    role: str
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCallDelta]
    function_call: dict[str, str]


class Choice(TypedDict):
    """One of the `n` answers."""

    index: int
    message: Message
    finish_reason: str
    logprobs: dict[str, Any] | None


class ChunkChoice(TypedDict):
    """A piece of one of the `n` answers."""

    index: int
    delta: Delta
    finish_reason: str | None
    logprobs: NotRequired[dict[str, Any] | None]


class Usage(TypedDict):
    """Token counts."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: NotRequired[dict[str, int]]
    completion_tokens_details: NotRequired[dict[str, int]]


class Completion(TypedDict):
    """A whole reply."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    service_tier: NotRequired[str]
    system_fingerprint: NotRequired[str]


class Chunk(TypedDict):
    """A piece of a streamed reply."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: NotRequired[Usage | None]
    obfuscation: NotRequired[str]


class ErrorObject(TypedDict):
    """What stands under `error`."""

    message: str
    type: str | None
    param: str | None
    code: str | None


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    model: str
    messages: list[dict[str, Any]]
    stream: bool
