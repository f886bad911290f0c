"""Chat Completions: content given as text or blocks -> the wire's content parts.

Blocks may be standard ones, the wire's own or those of other makers; PARTS names every type
once. The wire's own go as they are. What cannot be said raises, naming its place.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping
from .dialect import ANY, Dialect

__all__ = ["write_content", "write_part"]

# Fields of our blocks that mean nothing on the wire.
OURS = frozenset({"id", "index", "annotations", "extras"})
# The API names formats, not media types.
SOUNDS = {
    "mpeg": "mp3",
    "x-wav": "wav",
    "wave": "wav",
    "vnd.wave": "wav",
    "x-m4a": "m4a",
    "mp4": "m4a",
}
# The API reads the kind of a file from the end of its name.
ENDINGS = {
    "application/pdf": "pdf",
    "application/json": "json",
    "application/msword": "doc",
    "text/plain": "txt",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
}
LIFTED = ("cache_control", "prompt_cache_breakpoint", "detail")


def write_content(
    content: str | list[Any], dialect: Dialect, where: str, warnings: list[str]
) -> str | list[Any]:
    """Write a message's content; `where` is its place, such as `messages[0]`."""
    if isinstance(content, str):
        return content
    return [
        write_part(element, dialect, f"{where}.content[{position}]", warnings)
        for position, element in enumerate(content)
    ]


def write_part(element: Any, dialect: Dialect, where: str, warnings: list[str]) -> dict[str, Any]:
    """Write one element of a content list."""
    if isinstance(element, str):
        return {"type": "text", "text": element}
    if not is_mapping(element):
        raise ConfigurationError(f"{where} must be a str or a block, not {type(element).__name__}")
    kind = element.get("type")
    writer = PARTS.get(kind) if isinstance(kind, str) else None
    if writer is not None:
        part = writer(element, where, dialect)
    elif dialect.passes is ANY or kind in dialect.passes:
        part = {name: value for name, value in element.items() if name != "extras"}
    elif kind is None:
        raise ConfigurationError(f"{where} has no type: give a block such as {{'type': 'text', …}}")
    else:
        raise ConfigurationError(
            f"{where}: a block of type {kind!r} cannot be sent to this provider"
        )
    for name in LIFTED[:2]:
        value = element.get(name, _extras(element).get(name))
        if value is None or name in dialect.strips:
            if part.pop(name, value) is not None:
                warnings.append(f"{where}: {name} was left out: this provider does not take it")
        elif name not in part:
            part[name] = value
    return part


def _text(block: Mapping[str, Any], _where: str, _dialect: Dialect) -> dict[str, Any]:
    return {"type": "text", "text": block.get("text") or ""} | {
        name: value
        for name, value in block.items()
        if name not in OURS and name not in ("type", "text") and value is not None
    }


def _own(block: Mapping[str, Any], _where: str, _dialect: Dialect) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name != "extras" and value is not None}


def _image(block: Mapping[str, Any], where: str, _dialect: Dialect) -> dict[str, Any]:
    block = _modern(block)
    if "file_id" in block and "url" not in block and "base64" not in block:
        raise ConfigurationError(
            f"{where}: Chat Completions takes no image by file id; give url or base64, or use the "
            "Responses API"
        )
    image: dict[str, Any] = {"url": _url(block, where, "image/png")}
    detail = block.get("detail") or _extras(block).get("detail")
    if detail is not None:
        image["detail"] = detail
    return {"type": "image_url", "image_url": image}


def _image_url(block: Mapping[str, Any], where: str, dialect: Dialect) -> dict[str, Any]:
    part = _own(block, where, dialect)
    if isinstance(part.get("image_url"), str):
        part["image_url"] = {"url": part["image_url"]}
    if isinstance(detail := part.pop("detail", None), str):
        part["image_url"] = {"detail": detail, **part["image_url"]}
    return part


def _audio(block: Mapping[str, Any], where: str, _dialect: Dialect) -> dict[str, Any]:
    block = _modern(block)
    if "base64" not in block:
        raise ConfigurationError(f"{where}: sound must be given as base64 with its mime_type")
    subtype = str(block.get("mime_type") or "audio/wav").partition(";")[0].rpartition("/")[2]
    sound = {"data": block["base64"], "format": SOUNDS.get(subtype, subtype)}
    return {"type": "input_audio", "input_audio": sound}


def _file(block: Mapping[str, Any], where: str, dialect: Dialect) -> dict[str, Any]:
    if is_mapping(block.get("file")):
        return _own(block, where, dialect)
    block = _modern(block)
    if file_id := block.get("file_id"):
        return {"type": "file", "file": {"file_id": file_id}}
    if "base64" not in block:
        if "file_url" in dialect.passes or dialect.passes is ANY:
            return {
                "type": "file",
                "file": {"filename": _name(block), "file_data": block.get("url")},
            }
        raise ConfigurationError(
            f"{where}: Chat Completions takes files as base64 or file_id, not by url"
        )
    data = _url(block, where, "application/pdf")
    return {"type": "file", "file": {"filename": _name(block), "file_data": data}}


def _plain(block: Mapping[str, Any], where: str, _dialect: Dialect) -> dict[str, Any]:
    """Write a document of plain text as text: the API knows none."""
    text = block.get("text")
    if text is None and "base64" in block:
        from base64 import b64decode

        text = b64decode(block["base64"]).decode("utf-8", "replace")
    if text is None:
        raise ConfigurationError(f"{where}: a text document must be given as text or base64")
    heads = [str(block[name]) for name in ("title", "context") if block.get(name)]
    return {"type": "text", "text": "\n\n".join((*heads, text))}


def _video(block: Mapping[str, Any], where: str, dialect: Dialect) -> dict[str, Any]:
    if dialect.passes is not ANY and "video_url" not in dialect.passes:
        raise ConfigurationError(f"{where}: this provider takes no video")
    return {"type": "video_url", "video_url": {"url": _url(_modern(block), where, "video/mp4")}}


def _non_standard(block: Mapping[str, Any], where: str, dialect: Dialect) -> dict[str, Any]:
    value = block.get("value")
    if is_mapping(value) and value.get("type") != "non_standard":
        return write_part(value, dialect, where, [])
    raise ConfigurationError(f"{where}: a non_standard block needs the provider's own in `value`")


def _translated(block: Mapping[str, Any], where: str, dialect: Dialect) -> dict[str, Any]:
    """Another maker's block, by way of the standard one."""
    standard = _modern(block)
    if standard.get("type") in ("non_standard", block.get("type")):
        raise ConfigurationError(
            f"{where}: a block of type {block.get('type')!r} cannot be sent to this provider"
        )
    return PARTS[standard["type"]](standard, where, dialect)


def _modern(block: Mapping[str, Any]) -> Mapping[str, Any]:
    if "source" not in block and "source_type" not in block and block.get("type") in STANDARD:
        return block
    from ...messages.standard import standard_blocks

    return standard_blocks([dict(block)])[0]


def _url(block: Mapping[str, Any], where: str, usual: str) -> str:
    if url := block.get("url"):
        return str(url)
    if "base64" not in block:
        raise ConfigurationError(f"{where} needs url or base64")
    return f"data:{block.get('mime_type') or usual};base64,{block['base64']}"


def _extras(block: Mapping[str, Any]) -> Mapping[str, Any]:
    extras: Mapping[str, Any] = block.get("extras") or {}
    return extras


def _name(block: Mapping[str, Any]) -> str:
    extras = _extras(block)
    for name in ("filename", "name", "title"):
        if found := block.get(name) or extras.get(name):
            return str(found)
    kind = str(block.get("mime_type") or "application/pdf").partition(";")[0]
    return f"file.{ENDINGS.get(kind) or kind.rpartition('/')[2]}"


STANDARD = frozenset({"image", "audio", "file", "video", "text-plain"})

PARTS: dict[str, Callable[[Mapping[str, Any], str, Dialect], dict[str, Any]]] = {
    "audio": _audio,
    "document": _translated,
    "file": _file,
    "image": _image,
    "image_url": _image_url,
    "input_audio": _own,
    "input_file": _translated,
    "input_image": _translated,
    "input_text": _text,
    "media": _translated,
    "non_standard": _non_standard,
    "output_text": _text,
    "refusal": _own,
    "text": _text,
    "text-plain": _plain,
    "video": _video,
}
