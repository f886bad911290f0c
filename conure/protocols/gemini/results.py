"""Gemini: what a function answered -> parts of the user's turn.

A JSON object is the answer as it is, anything else is its `output`, and what went wrong its
`error`. Media go within the answer where the model takes them there, else beside it.

https://ai.google.dev/api/caching#FunctionResponse
"""

from __future__ import annotations

from typing import Any

from ...errors import ConfigurationError, ProtocolError
from ...messages import ToolMessage
from ...wire import json
from ..shape import is_object
from .content import write_parts

__all__ = ["write_result"]

Block = dict[str, Any]
OWN = ("functionResponse", "function_response")


def write_result(
    message: ToolMessage, name: str | None, *, id: str | None, within: bool, where: str
) -> list[Block]:
    """Write the answer of a function of this name; `within` says where its media go."""
    content = message.content
    texts: list[str] = []
    media: list[Block] = []
    if isinstance(content, str):
        texts.append(content)
    else:
        parts = write_parts(content, where)
        if any(own in part for part in parts for own in OWN):
            return parts
        for part in parts:
            if "text" in part:
                texts.append(part["text"])
            else:
                media.append(part)
    if not name:
        raise ConfigurationError(
            f"{where}: no call before it has the id {message.tool_call_id!r}, and it has no name: "
            "this provider must be told the name of the function that answered"
        )
    response: Block = {"name": name, "response": _response("".join(texts), message, media)}
    if id:
        response["id"] = id
    if media and within:
        response["parts"] = media
        media = []
    return [{"functionResponse": response}, *media]


def _response(text: str, message: ToolMessage, media: list[Block]) -> Block:
    value: Any = text
    if text.lstrip()[:1] == "{":
        try:
            value = json.decode(text)
        except ProtocolError:
            value = text
    if message.status == "error":
        return value if is_object(value) and "error" in value else {"error": value}
    if is_object(value):
        return value
    return {} if media and not text else {"output": text}
