"""Functions that make content blocks.

Each makes up an id unless given one, leaves out what is None, and puts keywords it does not
know into `extras`.
"""

from __future__ import annotations

from typing import Any, cast

from ..errors import ConfigurationError
from .blocks import (
    Annotation,
    AudioContentBlock,
    Citation,
    FileContentBlock,
    ImageContentBlock,
    NonStandardContentBlock,
    PlainTextContentBlock,
    ReasoningContentBlock,
    TextContentBlock,
    ToolCall,
    VideoContentBlock,
)

__all__ = [
    "LC_AUTO_PREFIX",
    "LC_ID_PREFIX",
    "create_audio_block",
    "create_citation",
    "create_file_block",
    "create_image_block",
    "create_non_standard_block",
    "create_plaintext_block",
    "create_reasoning_block",
    "create_text_block",
    "create_tool_call",
    "create_video_block",
    "ensure_id",
]

LC_AUTO_PREFIX = "lc_"
"""what ids begin with that no provider gave"""

LC_ID_PREFIX = "lc_run-"
"""what ids of messages begin with that no provider gave"""


def ensure_id(id: str | None) -> str:
    """Answer the id, or make one up."""
    if id is not None:
        return id
    from uuid import uuid4

    return f"{LC_AUTO_PREFIX}{uuid4()}"


def create_text_block(
    text: str,
    *,
    id: str | None = None,
    annotations: list[Annotation] | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> TextContentBlock:
    """Make a block of text.

    >>> create_text_block("hello", id="1")
    {'type': 'text', 'text': 'hello', 'id': '1'}
    """
    fields = {"text": text, "id": ensure_id(id), "annotations": annotations, "index": index}
    return cast("TextContentBlock", _block("text", fields, extras))


def create_reasoning_block(
    reasoning: str | None = None,
    *,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> ReasoningContentBlock:
    """Make a block of reasoning."""
    fields = {"reasoning": reasoning or "", "id": ensure_id(id), "index": index}
    return cast("ReasoningContentBlock", _block("reasoning", fields, extras))


def create_tool_call(
    name: str,
    args: dict[str, Any],
    *,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> ToolCall:
    """Make a tool call."""
    fields = {"name": name, "args": args, "id": ensure_id(id), "index": index}
    return cast("ToolCall", _block("tool_call", fields, extras))


def create_image_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> ImageContentBlock:
    """Make a block of an image, from one of `url`, `base64` (with `mime_type`) or `file_id`."""
    fields = _data("image", url, base64, file_id, mime_type)
    return cast("ImageContentBlock", _block("image", fields | _place(id, index), extras))


def create_audio_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> AudioContentBlock:
    """Make a block of sound, from one of `url`, `base64` (with `mime_type`) or `file_id`."""
    fields = _data("audio", url, base64, file_id, mime_type)
    return cast("AudioContentBlock", _block("audio", fields | _place(id, index), extras))


def create_video_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> VideoContentBlock:
    """Make a block of a video, from one of `url`, `base64` (with `mime_type`) or `file_id`."""
    fields = _data("video", url, base64, file_id, mime_type)
    return cast("VideoContentBlock", _block("video", fields | _place(id, index), extras))


def create_file_block(
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    mime_type: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> FileContentBlock:
    """Make a block of a file, from one of `url`, `base64` (with `mime_type`) or `file_id`."""
    fields = _data("file", url, base64, file_id, mime_type)
    return cast("FileContentBlock", _block("file", fields | _place(id, index), extras))


def create_plaintext_block(
    text: str | None = None,
    *,
    url: str | None = None,
    base64: str | None = None,
    file_id: str | None = None,
    title: str | None = None,
    context: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
    **extras: Any,
) -> PlainTextContentBlock:
    """Make a block of a text document."""
    fields = {"mime_type": "text/plain", "text": text, "url": url, "base64": base64}
    fields |= {"file_id": file_id, "title": title, "context": context} | _place(id, index)
    return cast("PlainTextContentBlock", _block("text-plain", fields, extras))


def create_citation(
    *,
    url: str | None = None,
    title: str | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    cited_text: str | None = None,
    id: str | None = None,
    **extras: Any,
) -> Citation:
    """Make a citation, for a text block's `annotations`."""
    fields = {"url": url, "title": title, "start_index": start_index, "end_index": end_index}
    fields |= {"cited_text": cited_text, "id": ensure_id(id)}
    return cast("Citation", _block("citation", fields, extras))


def create_non_standard_block(
    value: dict[str, Any], *, id: str | None = None, index: int | str | None = None
) -> NonStandardContentBlock:
    """Make a block that holds a provider's own block as it is."""
    fields = {"value": value} | _place(id, index)
    return cast("NonStandardContentBlock", _block("non_standard", fields, {}))


def _data(
    kind: str,
    url: str | None,
    base64: str | None,
    file_id: str | None,
    mime_type: str | None,
) -> dict[str, Any]:
    if url is None and base64 is None and file_id is None:
        raise ConfigurationError(f"a block of type {kind!r} needs url, base64 or file_id")
    if base64 is not None and mime_type is None:
        raise ConfigurationError(f"a block of type {kind!r} with base64 needs its mime_type")
    return {"url": url, "base64": base64, "file_id": file_id, "mime_type": mime_type}


def _place(id: str | None, index: int | str | None) -> dict[str, Any]:
    return {"id": ensure_id(id), "index": index}


def _block(kind: str, fields: dict[str, Any], extras: dict[str, Any]) -> dict[str, Any]:
    made = {"type": kind} | {key: value for key, value in fields.items() if value is not None}
    kept = {key: value for key, value in extras.items() if value is not None}
    return made | ({"extras": kept} if kept else {})
