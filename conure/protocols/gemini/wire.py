"""Gemini: the JSON as its maker documents it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field. Requests may also be spelled in snake case.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = ["Candidate", "Content", "FunctionCall", "Part", "Reply", "Request", "UsageMetadata"]


class FunctionCall(TypedDict, total=False):
    """A call, whole; or, where arguments are streamed, the beginning or a piece of one."""

    id: str
    name: str
    args: dict[str, Any]
    partialArgs: list[dict[str, Any]]
    willContinue: bool


class Part(TypedDict, total=False):
    """One of these says something; `thought` and `thoughtSignature` stand beside it."""

    text: str
    inlineData: dict[str, str]
    fileData: dict[str, str]
    functionCall: FunctionCall
    functionResponse: dict[str, Any]
    executableCode: dict[str, str]
    codeExecutionResult: dict[str, str]
    toolCall: dict[str, Any]
    toolResponse: dict[str, Any]
    thought: bool
    thoughtSignature: str
    videoMetadata: dict[str, Any]
    mediaResolution: dict[str, Any]


class Content(TypedDict, total=False):
    """What one side says; a reply may lack the parts, or be null as a whole."""

    role: Literal["user", "model"]
    parts: list[Part]


class Candidate(TypedDict, total=False):
    """One of the answers."""

    content: Content | None
    finishReason: str | int
    finishMessage: str
    index: int
    safetyRatings: list[dict[str, Any]]
    citationMetadata: dict[str, Any]
    groundingMetadata: dict[str, Any]
    urlContextMetadata: dict[str, Any]
    avgLogprobs: float
    logprobsResult: dict[str, Any]


class UsageMetadata(TypedDict, total=False):
    """Running totals."""

    promptTokenCount: int
    cachedContentTokenCount: int
    candidatesTokenCount: int
    toolUsePromptTokenCount: int
    thoughtsTokenCount: int
    totalTokenCount: int
    promptTokensDetails: list[dict[str, Any]]
    cacheTokensDetails: list[dict[str, Any]]
    candidatesTokensDetails: list[dict[str, Any]]
    toolUsePromptTokensDetails: list[dict[str, Any]]


class Reply(TypedDict, total=False):
    """A whole reply, or a chunk of a stream."""

    candidates: list[Candidate]
    promptFeedback: dict[str, Any]
    usageMetadata: UsageMetadata
    modelVersion: str
    responseId: str


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    contents: list[Content]
    systemInstruction: NotRequired[Content]
    tools: NotRequired[list[dict[str, Any]]]
    toolConfig: NotRequired[dict[str, Any]]
    safetySettings: NotRequired[list[dict[str, Any]]]
    generationConfig: NotRequired[dict[str, Any]]
    cachedContent: NotRequired[str]
