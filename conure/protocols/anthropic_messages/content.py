"""Anthropic Messages: content given as text or blocks -> the wire's content blocks.

Blocks may be standard ones, the wire's own or those of other makers; PARTS names every type
that is rewritten, any other goes as it is: the API has more than are known here. What cannot be
said raises, naming its place.

https://docs.anthropic.com/en/api/messages#body-messages-content
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping

__all__ = ["mark", "write_content", "write_part"]

Block = dict[str, Any]

# Fields of our blocks that mean nothing on the wire.
OURS = frozenset({"annotations", "extras", "index"})
# Fields of the wire's blocks that may also be said in `extras`.
LIFTED = ("cache_control", "citations", "context", "title")
IMAGES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})


def write_content(content: str | list[Any], where: str) -> str | list[Any]:
    """Write a message's content; `where` is its place, such as `messages[0]`."""
    if isinstance(content, str):
        return content
    return [
        part
        for position, element in enumerate(content)
        if (part := write_part(element, f"{where}.content[{position}]")) is not None
    ]


def write_part(element: Any, where: str) -> Block | None:
    """Write one element of a content list; None for a text that is empty, which is refused."""
    if isinstance(element, str):
        return {"type": "text", "text": element} if element else None
    if not is_mapping(element):
        raise ConfigurationError(f"{where} must be a str or a block, not {type(element).__name__}")
    kind = element.get("type")
    if not isinstance(kind, str):
        return write_part(_standard(element, where), where)
    writer = PARTS.get(kind)
    return _own(element, where) if writer is None else writer(element, where)


def mark(content: str | list[Any], cache_control: Any) -> list[Any]:
    """Mark the end of a content for the cache."""
    if isinstance(content, str):
        return [{"type": "text", "text": content, "cache_control": cache_control}]
    if content:
        content[-1] = {**content[-1], "cache_control": cache_control}
    return content


def _own(block: Mapping[str, Any], _where: str) -> Block | None:
    return {name: value for name, value in block.items() if name not in OURS and value is not None}


def _text(block: Mapping[str, Any], _where: str) -> Block | None:
    text = block.get("text")
    if not text:
        return None
    part: Block = {"type": "text", "text": text}
    if (citations := block.get("citations")) is not None:
        part["citations"] = citations
    return _lifted(part, block, "cache_control")


def _image(block: Mapping[str, Any], where: str) -> Block | None:
    if is_mapping(block.get("source")):
        return _own(block, where)
    block = _modern(block, where)
    return _lifted({"type": "image", "source": _source(block, where, "image/png")}, block)


def _file(block: Mapping[str, Any], where: str) -> Block | None:
    if is_mapping(block.get("source")):
        return _own({**block, "type": "document"}, where)
    block = _modern(block, where)
    mime = str(block.get("mime_type") or "")
    if mime in IMAGES:
        return _image({**block, "type": "image"}, where)
    if mime.startswith("text/") and "base64" in block:
        return _plain(block, where)
    part: Block = {"type": "document", "source": _source(block, where, "application/pdf")}
    if title := _name(block):
        part["title"] = title
    return _lifted(part, block, *LIFTED)


def _plain(block: Mapping[str, Any], where: str) -> Block | None:
    """Write a document of plain text."""
    text = block.get("text")
    if text is None and "base64" in block:
        from base64 import b64decode

        text = b64decode(block["base64"]).decode("utf-8", "replace")
    if text is not None:
        source: Block = {"type": "text", "media_type": "text/plain", "data": text}
    else:
        source = _source(block, where, "text/plain")
    part: Block = {"type": "document", "source": source}
    if title := _name(block):
        part["title"] = title
    if block.get("context"):
        part["context"] = block["context"]
    return _lifted(part, block, *LIFTED)


def _source(block: Mapping[str, Any], where: str, usual: str) -> Block:
    if url := block.get("url"):
        return {"type": "url", "url": str(url)}
    if (data := block.get("base64")) is not None:
        mime = str(block.get("mime_type") or usual).partition(";")[0]
        return {"type": "base64", "media_type": mime, "data": data}
    if file_id := block.get("file_id"):
        return {"type": "file", "file_id": file_id}
    raise ConfigurationError(f"{where} needs url, base64 or file_id")


def _non_standard(block: Mapping[str, Any], where: str) -> Block | None:
    value = block.get("value")
    if is_mapping(value) and value.get("type") != "non_standard":
        return write_part(value, where)
    raise ConfigurationError(f"{where}: a non_standard block needs the provider's own in `value`")


def _tool_result(block: Mapping[str, Any], where: str) -> Block | None:
    part = _own(block, where)
    content = block.get("content")
    if part is not None and isinstance(content, list):
        part["content"] = write_content([*content], where)
    return part


def _translated(block: Mapping[str, Any], where: str) -> Block | None:
    """Another maker's block, by way of the standard one."""
    return write_part(_standard(block, where), where)


def _refused(block: Mapping[str, Any], where: str) -> Block | None:
    kind = str(block.get("type")).removeprefix("input_").removesuffix("_url")
    raise ConfigurationError(f"{where}: this provider takes no {kind}")


def _modern(block: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if "source_type" not in block and block.get("type") in STANDARD and "file" not in block:
        return block
    return _standard(block, where)


def _standard(block: Mapping[str, Any], where: str) -> Block:
    from ...messages.standard import standard_blocks

    standard = standard_blocks([dict(block)])[0]
    if standard["type"] == "non_standard":
        raise ConfigurationError(
            f"{where}: a block of type {block.get('type')!r} cannot be sent to this provider"
        )
    return standard


def _name(block: Mapping[str, Any]) -> str | None:
    extras: Mapping[str, Any] = block.get("extras") or {}
    for name in ("title", "filename", "name"):
        if found := block.get(name) or extras.get(name):
            return str(found)
    return None


def _lifted(part: Block, block: Mapping[str, Any], *names: str) -> Block:
    extras: Mapping[str, Any] = block.get("extras") or {}
    for name in names or ("cache_control",):
        value = block.get(name)
        if value is None:
            value = extras.get(name)
        if value is not None:
            part.setdefault(name, value)
    return part


STANDARD = frozenset({"image", "file", "text-plain"})

PARTS: dict[str, Callable[[Mapping[str, Any], str], Block | None]] = {
    "audio": _refused,
    "file": _file,
    "image": _image,
    "image_url": _translated,
    "input_audio": _refused,
    "input_file": _translated,
    "input_image": _translated,
    "input_text": _text,
    "media": _translated,
    "non_standard": _non_standard,
    "output_text": _text,
    "text": _text,
    "text-plain": _plain,
    "tool_result": _tool_result,
    "video": _refused,
    "video_url": _refused,
}
