"""Cohere's chat API: content given as text or blocks -> the wire's parts.

What is said is text and images; a tool answers in text and documents, which its citations name.
What cannot be said raises, naming its place.

https://docs.cohere.com/docs/tool-use-citations
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from ...errors import ConfigurationError
from ...messages.standard import standard_blocks
from ..shape import is_mapping, is_object

__all__ = ["write_answer", "write_content"]

Block = dict[str, Any]
Writer = Callable[[Block, str], Block]

OWN = frozenset({"document", "image_url", "text", "thinking"})
"""types of the wire's own parts"""


def write_content(content: str | list[Any], where: str) -> str | list[Block]:
    """Write what a user or the instructions say."""
    return _write(content, where, PARTS)


def write_answer(content: str | list[Any], where: str) -> str | list[Block]:
    """Write what a tool answered."""
    return _write(content, where, ANSWERS)


def _write(content: str | list[Any], where: str, writers: dict[str, Writer]) -> str | list[Block]:
    if isinstance(content, str):
        return content
    written: list[Block] = []
    for position, element in enumerate(content):
        place = f"{where}.content[{position}]"
        if not isinstance(element, str) and not is_mapping(element):
            raise ConfigurationError(
                f"{place} must be a str or a block, not {type(element).__name__}"
            )
        for block in standard_blocks([element]):
            writer = writers.get(block["type"])
            if writer is None:
                raise ConfigurationError(
                    f"{place}: a block of type {block['type']!r} cannot be sent to this provider"
                )
            written.append(writer(block, place))
    return written


def _text(block: Block, _where: str) -> Block:
    return {"type": "text", "text": block.get("text") or ""}


def _image(block: Block, where: str) -> Block:
    extras: Block = block.get("extras") or {}
    if data := block.get("base64"):
        url = f"data:{block.get('mime_type') or 'image/png'};base64,{data}"
    elif not (url := block.get("url")):
        raise ConfigurationError(f"{where}: an image must be given as url or base64")
    image: Block = {"url": url}
    if detail := block.get("detail") or extras.get("detail"):
        image["detail"] = detail
    return {"type": "image_url", "image_url": image}


def _document_text(block: Block, where: str) -> Block:
    """Write a document as text: nobody but a tool may answer with one."""
    heads = [str(block[name]) for name in ("title", "context") if block.get(name)]
    return {"type": "text", "text": "\n\n".join((*heads, _words(block, where)))}


def _document(block: Block, where: str) -> Block:
    data: Block = {name: block[name] for name in ("title", "context", "url") if block.get(name)}
    document: Block = {"data": {**data, "text": _words(block, where)}}
    if id := block.get("id"):
        document["id"] = id
    return {"type": "document", "document": document}


def _words(block: Block, where: str) -> str:
    if (text := block.get("text")) is not None:
        return text
    if (data := block.get("base64")) is None:
        raise ConfigurationError(f"{where}: a text document must be given as text or base64")
    return b64decode(data).decode("utf-8", "replace")


def _own(block: Block, where: str) -> Block:
    value = block.get("value")
    if is_object(value) and value.get("type") in OWN:
        return value
    kind = value.get("type") if is_object(value) else None
    raise ConfigurationError(f"{where}: a block of type {kind!r} cannot be sent to this provider")


PARTS: dict[str, Writer] = {
    "image": _image,
    "non_standard": _own,
    "text": _text,
    "text-plain": _document_text,
}
ANSWERS: dict[str, Writer] = {
    "non_standard": _own,
    "text": _text,
    "text-plain": _document,
}
