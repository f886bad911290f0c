"""Bedrock Converse: content given as text or blocks -> the wire's content blocks.

Blocks may be standard ones, the wire's own, which are named by their only key, or those of other
makers. What cannot be said raises, naming its place.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ...messages.native import as_base64
from ..shape import is_list, is_mapping
from .media import write_document, write_media

__all__ = ["ContentWriter", "cache_point", "with_base64"]

Block = dict[str, Any]


def cache_point(mark: Any) -> Block:
    """Write a mark of another maker's API as the point that it makes."""
    point: Block = {"type": "default"}
    if is_mapping(mark) and mark.get("ttl"):
        point["ttl"] = mark["ttl"]
    return {"cachePoint": point}


class ContentWriter:
    """Writes the contents of one conversation, whose documents it counts."""

    __slots__ = ("_documents",)

    def __init__(self) -> None:
        self._documents = 0

    def write(self, content: str | list[Any], where: str) -> list[Block]:
        """Write a message's content; `where` is its place, such as `messages[0]`."""
        if isinstance(content, str):
            return [{"text": content}] if content else []
        parts: list[Block] = []
        for position, element in enumerate(content):
            parts += self.part(element, f"{where}.content[{position}]")
        return parts

    def part(self, element: Any, where: str) -> list[Block]:
        """Write one element of a content list; none for a text that is empty, which is refused."""
        if isinstance(element, str):
            return [{"text": element}] if element else []
        if not is_mapping(element):
            raise ConfigurationError(
                f"{where} must be a str or a block, not {type(element).__name__}"
            )
        kind, own = element.get("type"), _own(element)
        if not isinstance(kind, str) or own is not element:
            return [self._named(own)]
        writer = PARTS.get(kind)
        if writer is None:
            return self._translated(element, where)
        parts = writer(self, element, where)
        extras: Mapping[str, Any] = element.get("extras") or {}
        mark = element.get("cache_control") or extras.get("cache_control")
        return [*parts, cache_point(mark)] if mark and parts else parts

    def _named(self, block: Mapping[str, Any]) -> Block:
        if "document" in block:
            self._documents += 1
        return with_base64(block)

    def text(self, block: Mapping[str, Any], _where: str) -> list[Block]:
        text = block.get("text")
        return [{"text": text}] if text else []

    def image(self, block: Mapping[str, Any], where: str) -> list[Block]:
        return self._media("image", block, where)

    def video(self, block: Mapping[str, Any], where: str) -> list[Block]:
        return self._media("video", block, where)

    def audio(self, block: Mapping[str, Any], where: str) -> list[Block]:
        return self._media("audio", block, where)

    def _media(self, kind: str, block: Mapping[str, Any], where: str) -> list[Block]:
        modern = _modern(block, where)
        if modern["type"] != kind:
            return self.part(modern, where)
        return [write_media(kind, modern, where)]

    def file(self, block: Mapping[str, Any], where: str) -> list[Block]:
        modern = _modern(block, where)
        family = str(modern.get("mime_type") or "").partition("/")[0]
        if family in ("image", "video", "audio"):
            return [write_media(family, modern, where)]
        self._documents += 1
        return [write_document(modern, where, self._documents)]

    def json(self, block: Mapping[str, Any], _where: str) -> list[Block]:
        return [{"json": block.get("json")}]

    def guard(self, block: Mapping[str, Any], _where: str) -> list[Block]:
        text: Any = block.get("text") or block.get("guard_content")
        if is_mapping(text) and is_mapping(inner := text.get("text")):
            text = inner
        return [{"guardContent": {"text": dict(text) if is_mapping(text) else {"text": text}}}]

    def search_result(self, block: Mapping[str, Any], where: str) -> list[Block]:
        result: Block = {"source": block.get("source"), "title": block.get("title")}
        result["content"] = self.write(block.get("content") or [], where)
        if (citations := block.get("citations")) is not None:
            result["citations"] = citations
        return [{"searchResult": result}]

    def tool_result(self, block: Mapping[str, Any], where: str) -> list[Block]:
        content: Any = block.get("content") or []
        result: Block = {"toolUseId": block.get("tool_use_id") or block.get("toolUseId")}
        result["content"] = self.write([*content] if is_list(content) else content, where)
        if block.get("is_error") or block.get("status") == "error":
            result["status"] = "error"
        return [{"toolResult": result}]

    def non_standard(self, block: Mapping[str, Any], where: str) -> list[Block]:
        value = block.get("value")
        if is_mapping(value) and value.get("type") != "non_standard":
            return self.part(value, where)
        raise ConfigurationError(
            f"{where}: a non_standard block needs the provider's own in `value`"
        )

    def _translated(self, block: Mapping[str, Any], where: str) -> list[Block]:
        """Write another maker's block, by way of the standard one."""
        return self.part(_standard(block, where), where)


def _own(block: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a block of the wire's own, some of which are given with a type as well."""
    own = {name: value for name, value in block.items() if name in NAMES}
    return own if len(own) == 1 and is_mapping(next(iter(own.values()))) else block


def with_base64(value: Any) -> Any:
    """Give the same with all bytes as base64, as code that used the maker's client has them."""
    if isinstance(value, (bytes, bytearray)):
        return as_base64(value)
    if is_mapping(value):
        return {name: with_base64(item) for name, item in value.items()}
    return [with_base64(item) for item in value] if is_list(value) else value


def _modern(block: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if any(name in block for name in ("source_type", "source", "file")):
        return _standard(block, where)
    if isinstance(data := block.get("base64"), (bytes, bytearray)):
        return {**block, "base64": as_base64(data)}
    return block


def _standard(block: Mapping[str, Any], where: str) -> Block:
    from ...messages.standard import standard_blocks

    standard = standard_blocks([dict(block)])[0]
    if standard["type"] == "non_standard" or standard == block:
        raise ConfigurationError(
            f"{where}: a block of type {block.get('type')!r} cannot be sent to this provider"
        )
    return standard


# Blocks of the wire's own by their key, besides texts, which any maker's may have.
NAMES = frozenset({
    "audio", "cachePoint", "citationsContent", "document", "guardContent", "image", "json",
    "reasoningContent", "searchResult", "toolResult", "toolUse", "video",
})  # fmt: skip

PARTS: dict[str, Callable[[ContentWriter, Mapping[str, Any], str], list[Block]]] = {
    "audio": ContentWriter.audio,
    "document": ContentWriter.file,
    "file": ContentWriter.file,
    "guard_content": ContentWriter.guard,
    "image": ContentWriter.image,
    "input_text": ContentWriter.text,
    "json": ContentWriter.json,
    "non_standard": ContentWriter.non_standard,
    "output_text": ContentWriter.text,
    "search_result": ContentWriter.search_result,
    "text": ContentWriter.text,
    "text-plain": ContentWriter.file,
    "tool_result": ContentWriter.tool_result,
    "video": ContentWriter.video,
}
