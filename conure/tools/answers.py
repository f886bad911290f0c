"""What a tool answered, as a message to the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, cast

from ..errors import ConfigurationError
from ..messages import ToolMessage
from ..types import Command

__all__ = ["BLOCKS", "message_of", "split", "text_of"]

BLOCKS = frozenset(
    {
        "audio",
        "custom_tool_call_output",
        "document",
        "file",
        "image",
        "image_url",
        "input_audio",
        "input_file",
        "input_image",
        "input_text",
        "json",
        "non_standard",
        "search_result",
        "text",
        "text-plain",
        "tool_reference",
        "video",
    }
)
"""types of content blocks: a list of such dicts is content, any other list is data"""


def message_of(
    value: Any,
    *,
    name: str,
    call_id: str,
    artifact: Any = None,
    status: Literal["success", "error"] = "success",
) -> ToolMessage:
    """Make the message that answers a call; a tool may also make its own, or a `Command`."""
    if isinstance(value, (ToolMessage, Command)):
        return cast("ToolMessage", value)
    content = value if _is_content(value) else text_of(value)
    return ToolMessage(content, call_id, name=name, artifact=artifact, status=status)


def split(answer: Any, response_format: str, name: str) -> tuple[Any, Any]:
    """Take the answer of a tool apart into what the model sees and what the program keeps."""
    if response_format != "content_and_artifact" or isinstance(answer, (ToolMessage, Command)):
        return cast("Any", answer), None
    if not isinstance(answer, tuple) or len(cast("tuple[Any, ...]", answer)) != 2:
        raise ConfigurationError(
            f'{name} has response_format="content_and_artifact": its function must return a tuple '
            f"(content, artifact), not {type(cast('object', answer)).__name__}"
        )
    return cast("tuple[Any, Any]", answer)


def text_of(value: Any) -> str:
    """Write a value as JSON, as far as it is data; other objects as they show themselves."""
    if isinstance(value, str):
        return value
    if hasattr(value, "model_dump_json"):
        return value.model_dump_json()
    import json

    from ..schema.form import json_of
    from ..schema.problems import Wrong

    for plain in (lambda: value, lambda: json_of(value)):
        try:
            return json.dumps(plain(), ensure_ascii=False)
        except (TypeError, ValueError, RecursionError, Wrong):
            continue
    return str(value)


def _is_content(value: Any) -> bool:
    if isinstance(value, str):
        return True
    if not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(element, str)
        or (isinstance(element, dict) and cast("dict[str, Any]", element).get("type") in BLOCKS)
        for element in cast("Iterable[Any]", value)
    )
