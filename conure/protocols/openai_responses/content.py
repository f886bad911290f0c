"""Responses: content given as text or blocks -> the parts of a message or of a tool's output.

Blocks may be standard ones, the wire's own or those of other makers; PARTS names every type
once. The wire's own go as they are. What cannot be said raises, naming its place.

https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping
from .dialect import Dialect

__all__ = ["write_content", "write_part"]

Block = Mapping[str, Any]

# The API names formats, not media types.
SOUNDS = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav"}
# The API reads the kind of a file from the end of its name.
ENDINGS = {"text/plain": "txt", "text/markdown": "md", "application/msword": "doc"}
# What else may stand on a part, wherever its block has it.
LIFTED = ("prompt_cache_breakpoint", "cache_control")


def write_content(
    content: str | list[Any], dialect: Dialect, where: str, warnings: list[str]
) -> str | list[dict[str, Any]]:
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
        return {"type": "input_text", "text": element}
    if not is_mapping(element):
        raise ConfigurationError(f"{where} must be a str or a block, not {type(element).__name__}")
    kind = element.get("type")
    writer = PARTS.get(kind) if isinstance(kind, str) else None
    if writer is not None:
        part = writer(element, where)
    elif kind is None:
        raise ConfigurationError(f"{where} has no type: give a block such as {{'type': 'text', …}}")
    elif dialect.passes:
        part = _own(element, where)
    else:
        raise ConfigurationError(
            f"{where}: a block of type {kind!r} cannot be sent to this provider"
        )
    for name in LIFTED:
        value = element.get(name, _extras(element).get(name))
        if value is None or name in dialect.strips:
            if part.pop(name, value) is not None:
                warnings.append(f"{where}: {name} was left out: this provider does not take it")
        else:
            part[name] = value
    return part


def _text(block: Block, _where: str) -> dict[str, Any]:
    return {"type": "input_text", "text": block.get("text") or ""}


def _own(block: Block, _where: str) -> dict[str, Any]:
    return {name: value for name, value in block.items() if name != "extras" and value is not None}


def _image(block: Block, where: str) -> dict[str, Any]:
    block = _modern(block)
    part: dict[str, Any] = {"type": "input_image"}
    if file_id := block.get("file_id"):
        part["file_id"] = file_id
    else:
        part["image_url"] = _url(block, where, "image/png")
    detail = block.get("detail") or _extras(block).get("detail")
    if detail is not None:
        part["detail"] = detail
    return part


def _input_image(block: Block, where: str) -> dict[str, Any]:
    url = block.get("image_url")
    # Both forms of the older API are met in code that was moved here.
    return _image(block, where) if is_mapping(url) else _own(block, where)


def _audio(block: Block, where: str) -> dict[str, Any]:
    block = _modern(block)
    if "base64" not in block:
        raise ConfigurationError(f"{where}: sound must be given as base64 with its mime_type")
    subtype = str(block.get("mime_type") or "audio/wav").partition(";")[0].rpartition("/")[2]
    sound = {"data": block["base64"], "format": SOUNDS.get(subtype, subtype)}
    return {"type": "input_audio", "input_audio": sound}


def _file(block: Block, where: str) -> dict[str, Any]:
    block = _modern(block)
    part: dict[str, Any] = {"type": "input_file"}
    if file_id := block.get("file_id"):
        return part | {"file_id": file_id}
    if url := block.get("url"):
        return part | {"file_url": url}
    return part | {
        "filename": _name(block),
        "file_data": _url(block, where, "application/pdf"),
    }


def _plain(block: Block, where: str) -> dict[str, Any]:
    """Write a document of plain text as text; one by address or id as a file."""
    text = block.get("text")
    if text is None and "base64" in block:
        from base64 import b64decode

        text = b64decode(block["base64"]).decode("utf-8", "replace")
    if text is None:
        return _file({**block, "type": "file"}, where)
    heads = [str(block[name]) for name in ("title", "context") if block.get(name)]
    return {"type": "input_text", "text": "\n\n".join((*heads, text))}


def _non_standard(block: Block, where: str) -> dict[str, Any]:
    value = block.get("value")
    if is_mapping(value) and value.get("type") in PARTS and value["type"] != "non_standard":
        return PARTS[value["type"]](value, where)
    if is_mapping(value) and value.get("type") != "non_standard":
        return dict(value)
    raise ConfigurationError(f"{where}: a non_standard block needs the provider's own in `value`")


def _translated(block: Block, where: str) -> dict[str, Any]:
    """Another maker's block, by way of the standard one."""
    standard = _modern(block)
    if standard.get("type") in ("non_standard", block.get("type")):
        raise ConfigurationError(
            f"{where}: a block of type {block.get('type')!r} cannot be sent to this provider"
        )
    return PARTS[standard["type"]](standard, where)


def _modern(block: Block) -> Block:
    old = "source" in block or "source_type" in block or "file" in block
    if not old and block.get("type") in STANDARD:
        return block
    from ...messages.standard import standard_blocks

    return standard_blocks([dict(block)])[0]


def _url(block: Block, where: str, usual: str) -> str:
    if url := block.get("url"):
        return str(url)
    if "base64" not in block:
        raise ConfigurationError(f"{where} needs url, base64 or file_id")
    return f"data:{block.get('mime_type') or usual};base64,{block['base64']}"


def _extras(block: Block) -> Mapping[str, Any]:
    extras: Mapping[str, Any] = block.get("extras") or {}
    return extras


def _name(block: Block) -> str:
    extras = _extras(block)
    for name in ("filename", "name", "title"):
        if found := block.get(name) or extras.get(name):
            return str(found)
    kind = str(block.get("mime_type") or "application/pdf").partition(";")[0]
    return f"file.{ENDINGS.get(kind) or kind.rpartition('/')[2]}"


STANDARD = frozenset({"image", "audio", "file", "text-plain"})

PARTS: dict[str, Callable[[Block, str], dict[str, Any]]] = {
    "audio": _audio,
    "document": _translated,
    "file": _file,
    "image": _image,
    "image_url": _image,
    "input_audio": _own,
    "input_file": _own,
    "input_image": _input_image,
    "input_text": _own,
    "media": _translated,
    "non_standard": _non_standard,
    "output_text": _text,
    "refusal": _own,
    "text": _text,
    "text-plain": _plain,
}
