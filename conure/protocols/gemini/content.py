"""Gemini: content given as text or blocks -> parts of a turn.

Blocks may be standard ones, parts of the wire's own or those of other makers. Nothing is fetched:
what is given by its address goes by its address, and the provider looks there, or says that it
does not. What cannot be said raises, naming its place.

https://ai.google.dev/gemini-api/docs/file-input-methods
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping

__all__ = ["MEDIA", "write_media", "write_parts"]

Block = dict[str, Any]

# The wire's own parts, in both spellings that it takes.
OWN = frozenset({
    "codeExecutionResult", "code_execution_result", "executableCode", "executable_code",
    "fileData", "file_data", "functionCall", "functionResponse", "function_call",
    "function_response", "inlineData", "inline_data", "toolCall", "toolResponse", "tool_call",
    "tool_response", "videoMetadata", "video_metadata",
})  # fmt: skip
# Beside a part's data; in a block they stand there, or in its `extras`.
LIFTED = {
    "media_resolution": "mediaResolution",
    "mediaResolution": "mediaResolution",
    "video_metadata": "videoMetadata",
    "videoMetadata": "videoMetadata",
}
USUAL = {
    "audio": "audio/wav",
    "file": "application/pdf",
    "image": "image/png",
    "text-plain": "text/plain",
    "video": "video/mp4",
}
"""what data is of which nobody says what it is"""
MEDIA = frozenset(USUAL)


def write_parts(content: str | list[Any], where: str) -> list[Block]:
    """Write a message's content; `where` is its place, such as `messages[0]`."""
    if isinstance(content, str):
        return [{"text": content}]
    parts: list[Block] = []
    for position, element in enumerate(content):
        parts += _parts(element, f"{where}.content[{position}]")
    return parts


def _parts(element: Any, where: str) -> list[Block]:
    if isinstance(element, str):
        return [{"text": element}]
    if not is_mapping(element):
        raise ConfigurationError(f"{where} must be a str or a block, not {type(element).__name__}")
    kind = element.get("type")
    if kind is None and (not OWN.isdisjoint(element) or "text" in element):
        return [{**element}]
    if kind == "text" and isinstance(element.get("text"), str):
        return [{"text": element["text"]}]
    if kind == "non_standard" and is_mapping(value := element.get("value")):
        return _parts(value, where) if value.get("type") != kind else [_refused(kind, where)]
    from ...messages.standard import standard_blocks

    return [_part(block, where) for block in standard_blocks([{**element}])]


def _part(block: Block, where: str) -> Block:
    kind = block["type"]
    if kind in MEDIA:
        return write_media(block, where)
    if kind == "text":
        return {"text": block.get("text") or ""}
    return _refused(kind, where, block)


def _refused(kind: Any, where: str, block: Block | None = None) -> Block:
    value = (block or {}).get("value")
    named = value.get("type") if is_mapping(value) else kind
    raise ConfigurationError(f"{where}: a block of type {named!r} cannot be sent to this provider")


def write_media(block: Mapping[str, Any], where: str) -> Block:
    """Write a picture, a sound, a film or a document, by its data or its address."""
    kind = block["type"]
    mime = block.get("mime_type")
    if kind == "text-plain" and isinstance(text := block.get("text"), str):
        from base64 import b64encode

        data = b64encode(text.encode("utf-8", "replace")).decode()
        part: Block = {"inlineData": {"mimeType": "text/plain", "data": data}}
    elif (data := block.get("base64")) is not None:
        from ...messages.native import as_base64

        part = {"inlineData": {"mimeType": mime or USUAL[kind], "data": as_base64(data)}}
    elif address := block.get("url") or block.get("file_id"):
        part = {"fileData": {"fileUri": str(address)}}
        if mime := mime or _by_name(str(address)):
            part["fileData"]["mimeType"] = mime
    else:
        raise ConfigurationError(f"{where} needs url, base64 or file_id")
    extras: Mapping[str, Any] = block.get("extras") or {}
    for name, own in LIFTED.items():
        value = block.get(name, extras.get(name))
        if value is not None:
            part[own] = {"level": value} if isinstance(value, str) else value
    return part


def _by_name(address: str) -> str | None:
    """Tell what is at an address by how it ends, where it says so."""
    from mimetypes import guess_type

    return guess_type(address.partition("?")[0])[0]
