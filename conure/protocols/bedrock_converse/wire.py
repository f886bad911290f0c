"""Bedrock Converse: the JSON as its maker documents it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Citation",
    "CitationsContent",
    "ContentBlock",
    "ContentBlockDelta",
    "ContentBlockStart",
    "ContentBlockStop",
    "MessageStart",
    "MessageStop",
    "Metadata",
    "ReasoningContent",
    "Reply",
    "Request",
    "ToolResult",
    "ToolUse",
    "Turn",
    "Usage",
]


class ToolUse(TypedDict):
    """A call; `type` tells of a tool that the provider runs."""

    toolUseId: str
    name: str
    input: Any
    type: NotRequired[str]


class ToolResult(TypedDict):
    """What a tool answered; `type` tells of a tool that the provider ran."""

    toolUseId: str
    content: list[dict[str, Any]]
    status: NotRequired[Literal["success", "error"]]
    type: NotRequired[str]


class ReasoningContent(TypedDict, total=False):
    """A thought: readable, with or without its signature, or sealed."""

    reasoningText: dict[str, str]
    redactedContent: str


class Citation(TypedDict, total=False):
    """Where something comes from; the only key of `location` says what kind of place it is."""

    title: str
    source: str
    sourceContent: list[dict[str, str]]
    location: dict[str, dict[str, Any]]


class CitationsContent(TypedDict, total=False):
    """A text with its citations."""

    content: list[dict[str, str]]
    citations: list[Citation]


class ContentBlock(TypedDict, total=False):
    """A block: its only key says what it is."""

    text: str
    image: dict[str, Any]
    document: dict[str, Any]
    video: dict[str, Any]
    audio: dict[str, Any]
    toolUse: ToolUse
    toolResult: ToolResult
    reasoningContent: ReasoningContent
    citationsContent: CitationsContent
    guardContent: dict[str, Any]
    cachePoint: dict[str, Any]
    searchResult: dict[str, Any]


class Turn(TypedDict):
    """What one side says."""

    role: Literal["user", "assistant"]
    content: list[ContentBlock]


class Usage(TypedDict, total=False):
    """Token counts; input is the sum of the three of it."""

    inputTokens: int
    outputTokens: int
    totalTokens: int
    cacheReadInputTokens: int
    cacheWriteInputTokens: int
    cacheDetails: list[dict[str, Any]]


class Reply(TypedDict):
    """A whole reply."""

    output: dict[Literal["message"], Turn]
    stopReason: str
    usage: Usage
    metrics: NotRequired[dict[str, Any]]
    trace: NotRequired[dict[str, Any]]
    additionalModelResponseFields: NotRequired[dict[str, Any]]
    performanceConfig: NotRequired[dict[str, Any]]
    serviceTier: NotRequired[dict[str, Any]]


class MessageStart(TypedDict):
    """The first event."""

    role: Literal["assistant"]


class ContentBlockStart(TypedDict):
    """A call, a result or an image begins; texts and thoughts are not announced."""

    contentBlockIndex: int
    start: dict[Literal["toolUse", "toolResult", "image"], Any]


class ContentBlockDelta(TypedDict):
    """A block grows."""

    contentBlockIndex: int
    delta: dict[str, Any]


class ContentBlockStop(TypedDict):
    """A block ends."""

    contentBlockIndex: int


class MessageStop(TypedDict):
    """Why the message ends."""

    stopReason: str
    additionalModelResponseFields: NotRequired[dict[str, Any]]


class Metadata(TypedDict):
    """The last event, after the message has stopped."""

    usage: Usage
    metrics: dict[str, Any]
    trace: NotRequired[dict[str, Any]]
    performanceConfig: NotRequired[dict[str, Any]]
    serviceTier: NotRequired[dict[str, Any]]


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    messages: list[Turn]
    system: NotRequired[list[dict[str, Any]]]
    inferenceConfig: NotRequired[dict[str, Any]]
    toolConfig: NotRequired[dict[str, Any]]
