"""Content blocks: the pieces a message is made of, in one shape for every provider.

A block is a plain dict with a `type`. `index` names it within a stream, `extras` carries what
only its provider understands, and keys unknown here are tolerated and kept. What a block holds
comes from whoever made it: check before trusting. `create.py` has functions that make them.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast

from .block_types import DATA_BLOCK_TYPES, KNOWN_BLOCK_TYPES

__all__ = [
    "KNOWN_BLOCK_TYPES",
    "Annotation",
    "AudioContentBlock",
    "Citation",
    "ContentBlock",
    "DataContentBlock",
    "FileContentBlock",
    "ImageContentBlock",
    "InvalidToolCall",
    "NonStandardAnnotation",
    "NonStandardContentBlock",
    "PlainTextContentBlock",
    "ReasoningContentBlock",
    "RefusalContentBlock",
    "ServerToolCall",
    "ServerToolCallChunk",
    "ServerToolResult",
    "TextContentBlock",
    "ToolCall",
    "ToolCallChunk",
    "VideoContentBlock",
    "is_data_content_block",
]


class Citation(TypedDict):
    """Where a passage of text comes from; the indices point into the text."""

    type: Literal["citation"]
    id: NotRequired[str]
    url: NotRequired[str]
    title: NotRequired[str]
    start_index: NotRequired[int]
    end_index: NotRequired[int]
    cited_text: NotRequired[str]
    extras: NotRequired[dict[str, Any]]


class NonStandardAnnotation(TypedDict):
    """An annotation in its provider's own shape."""

    type: Literal["non_standard_annotation"]
    id: NotRequired[str]
    value: dict[str, Any]


Annotation: TypeAlias = Citation | NonStandardAnnotation


class TextContentBlock(TypedDict):
    """Text."""

    type: Literal["text"]
    text: str
    id: NotRequired[str]
    annotations: NotRequired[list[Annotation]]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ReasoningContentBlock(TypedDict):
    """What the model thought; signatures and encrypted forms are in `extras`."""

    type: Literal["reasoning"]
    reasoning: NotRequired[str]
    id: NotRequired[str]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class RefusalContentBlock(TypedDict):
    """The model's words when it declines; empty when it declined without any."""

    type: Literal["refusal"]
    refusal: str
    id: NotRequired[str]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class _DataFields(TypedDict):
    id: NotRequired[str]
    url: NotRequired[str]
    base64: NotRequired[str]
    file_id: NotRequired[str]
    mime_type: NotRequired[str]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ImageContentBlock(_DataFields):
    """An image by `url`, `base64` (with `mime_type`) or `file_id`."""

    type: Literal["image"]


class AudioContentBlock(_DataFields):
    """Sound by `url`, `base64` (with `mime_type`) or `file_id`."""

    type: Literal["audio"]


class VideoContentBlock(_DataFields):
    """A video by `url`, `base64` (with `mime_type`) or `file_id`."""

    type: Literal["video"]


class FileContentBlock(_DataFields):
    """A file such as a PDF by `url`, `base64` (with `mime_type`) or `file_id`."""

    type: Literal["file"]
    filename: NotRequired[str]


class PlainTextContentBlock(TypedDict):
    """A text document, apart from what is said in the conversation."""

    type: Literal["text-plain"]
    mime_type: Literal["text/plain"]
    text: NotRequired[str]
    url: NotRequired[str]
    base64: NotRequired[str]
    file_id: NotRequired[str]
    title: NotRequired[str]
    context: NotRequired[str]
    id: NotRequired[str]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ToolCall(TypedDict):
    """A call of one of the caller's tools."""

    type: Literal["tool_call"]
    name: str
    args: dict[str, Any]
    id: str | None
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ToolCallChunk(TypedDict):
    """A piece of a tool call while it is being written; `args` is part of a JSON text."""

    type: Literal["tool_call_chunk"]
    name: str | None
    args: str | None
    id: str | None
    index: int | str | None
    extras: NotRequired[dict[str, Any]]


class InvalidToolCall(TypedDict):
    """A tool call whose arguments are not a whole JSON object; `error` says why."""

    type: Literal["invalid_tool_call"]
    name: str | None
    args: str | None
    id: str | None
    error: str | None
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ServerToolCall(TypedDict):
    """A call of a tool that the provider itself runs."""

    type: Literal["server_tool_call"]
    id: str | None
    name: str
    args: dict[str, Any]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ServerToolCallChunk(TypedDict):
    """A piece of a server tool call while it is being written."""

    type: Literal["server_tool_call_chunk"]
    id: NotRequired[str | None]
    name: NotRequired[str]
    args: NotRequired[str]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class ServerToolResult(TypedDict):
    """What a tool run by the provider answered."""

    type: Literal["server_tool_result"]
    tool_call_id: str
    status: Literal["success", "error"]
    id: NotRequired[str]
    output: NotRequired[Any]
    index: NotRequired[int | str]
    extras: NotRequired[dict[str, Any]]


class NonStandardContentBlock(TypedDict):
    """A block in its provider's own shape, kept whole in `value`."""

    type: Literal["non_standard"]
    value: dict[str, Any]
    id: NotRequired[str]
    index: NotRequired[int | str]


DataContentBlock: TypeAlias = (
    ImageContentBlock
    | AudioContentBlock
    | VideoContentBlock
    | FileContentBlock
    | PlainTextContentBlock
)

ContentBlock: TypeAlias = (
    TextContentBlock
    | ReasoningContentBlock
    | RefusalContentBlock
    | DataContentBlock
    | ToolCall
    | ToolCallChunk
    | InvalidToolCall
    | ServerToolCall
    | ServerToolCallChunk
    | ServerToolResult
    | NonStandardContentBlock
)


def is_data_content_block(block: object) -> bool:
    """Tell whether a block carries an image, sound, video, file or document.

    >>> is_data_content_block({"type": "image", "url": "https://example.com/cat.png"})
    True
    >>> is_data_content_block({"type": "text", "text": "cat"})
    False
    """
    if not isinstance(block, dict):
        return False
    found = cast("dict[str, Any]", block)
    if found.get("type") not in DATA_BLOCK_TYPES:
        return False
    if "source_type" in found:  # the shape of LangChain 0.3
        return found["source_type"] in {"url", "base64", "id", "text"}
    return any(key in found for key in ("url", "base64", "file_id", "text"))
