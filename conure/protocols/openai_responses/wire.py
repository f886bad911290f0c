"""Responses: the JSON as its maker documents it; vendors add to it and leave out of it.

For reading and for the type checker, not imported by what runs. Nothing is validated against
these: what a reply holds is looked at field by field, because no vendor sends exactly this.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Delta",
    "FunctionCall",
    "ItemEvent",
    "Message",
    "OutputText",
    "Reasoning",
    "Refusal",
    "Request",
    "Response",
    "ResponseEvent",
    "Usage",
]

Status = Literal["completed", "incomplete", "in_progress"]


class OutputText(TypedDict):
    """A text, with what it cites."""

    type: Literal["output_text"]
    text: str
    annotations: list[dict[str, Any]]
    logprobs: NotRequired[list[dict[str, Any]]]


class Refusal(TypedDict):
    """Why the model declined."""

    type: Literal["refusal"]
    refusal: str


class Message(TypedDict):
    """What the model says."""

    type: Literal["message"]
    id: str
    role: Literal["assistant"]
    status: Status
    content: list[OutputText | Refusal]
    phase: NotRequired[Literal["commentary", "final_answer"]]


class Reasoning(TypedDict):
    """What the model thought: a summary of it, sealed, or, by open models, as it is."""

    type: Literal["reasoning"]
    id: str
    summary: list[dict[str, Any]]
    content: NotRequired[list[dict[str, Any]]]
    encrypted_content: NotRequired[str | None]
    status: NotRequired[Status]


class FunctionCall(TypedDict):
    """A call of one of the caller's tools."""

    type: Literal["function_call"]
    id: str
    call_id: str
    name: str
    arguments: str
    status: Status
    namespace: NotRequired[str]


class Usage(TypedDict):
    """Token counts."""

    input_tokens: int
    input_tokens_details: dict[str, int]
    output_tokens: int
    output_tokens_details: dict[str, int]
    total_tokens: int


class Response(TypedDict):
    """A whole reply; besides these fields it repeats the settings of the request."""

    id: str
    object: Literal["response"]
    created_at: int
    model: str
    status: Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]
    output: list[dict[str, Any]]
    error: dict[str, Any] | None
    incomplete_details: dict[str, Any] | None
    usage: Usage | None


class ResponseEvent(TypedDict):
    """The reply as it is when it begins, waits or ends."""

    type: str
    response: Response
    sequence_number: int


class ItemEvent(TypedDict):
    """An item that begins or is done."""

    type: Literal["response.output_item.added", "response.output_item.done"]
    output_index: int
    item: dict[str, Any]
    sequence_number: int


class Delta(TypedDict):
    """A piece of an item."""

    type: str
    item_id: str
    output_index: int
    content_index: NotRequired[int]
    summary_index: NotRequired[int]
    delta: str
    sequence_number: int
    obfuscation: NotRequired[str]


class Request(TypedDict):
    """The part that every request has; `settings.py` lists what else one may say."""

    model: str
    input: list[dict[str, Any]]
    stream: bool
