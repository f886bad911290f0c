"""Messages -> dicts in the shape of OpenAI's Chat Completions, for programs that speak it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .coerce import to_messages
from .count import openai_role
from .message import BaseMessage
from .standard import standard_blocks
from .tool import ToolMessage

__all__ = [
    "convert_to_openai_data_block",
    "convert_to_openai_image_block",
    "convert_to_openai_messages",
]

Part = dict[str, Any]

_ENDINGS = {"audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mp4": "m4a"}
_OWN = frozenset({"image_url", "input_audio", "refusal"})
"""parts that are OpenAI's already"""
_LEFT_OUT = frozenset({"tool_call", "tool_call_chunk", "invalid_tool_call", "function_call"})
"""blocks that stand in `tool_calls` anyway"""


def convert_to_openai_image_block(block: Mapping[str, Any]) -> Part:
    """Write an image as a part of a Chat Completions message."""
    block = _standard(block)
    if "url" in block:
        url = block["url"]
    elif "base64" in block:
        if "mime_type" not in block:
            raise ConfigurationError("an image with base64 needs its mime_type")
        url = f"data:{block['mime_type']};base64,{block['base64']}"
    else:
        raise ConfigurationError("Chat Completions takes images by url or base64 only")
    extras: Part = block.get("extras") or {}
    detail = block.get("detail") or extras.get("detail")
    image: Part = {"url": url} | ({"detail": detail} if detail else {})
    return {"type": "image_url", "image_url": image}


def convert_to_openai_data_block(
    block: Mapping[str, Any],
    api: Literal["chat/completions", "responses"] = "chat/completions",
) -> Part:
    """Write an image, file or sound as a part of a message of either API.

    >>> convert_to_openai_data_block({"type": "file", "file_id": "file-1"})
    {'type': 'file', 'file': {'file_id': 'file-1'}}
    """
    block = _standard(block)
    kind = block["type"]
    responses = api == "responses"
    if kind == "image":
        if responses and "file_id" in block:
            return {"type": "input_image", "file_id": block["file_id"]}
        part = convert_to_openai_image_block(block)
        image = part["image_url"]
        flat = {"type": "input_image", "image_url": image["url"]}
        detail = {"detail": image["detail"]} if "detail" in image else {}
        return flat | detail if responses else part
    if kind in ("file", "text-plain"):
        if kind == "text-plain" and "text" in block:
            return {"type": "input_text" if responses else "text", "text": block["text"]}
        file = _file(block, responses=responses)
        return {"type": "input_file", **file} if responses else {"type": "file", "file": file}
    if kind == "audio" and "base64" in block:
        mime = str(block.get("mime_type") or "audio/wav")
        form = _ENDINGS.get(mime) or mime.partition("/")[2]
        return {"type": "input_audio", "input_audio": {"data": block["base64"], "format": form}}
    raise ConfigurationError(f"a block of type {kind!r} has no OpenAI form ({api})")


def _file(block: Mapping[str, Any], *, responses: bool) -> Part:
    if "file_id" in block:
        return {"file_id": block["file_id"]}
    if "url" in block and responses:
        return {"file_url": block["url"]}
    if "base64" not in block:
        raise ConfigurationError("Chat Completions takes files by base64 or file_id only")
    mime = str(block.get("mime_type") or "application/pdf")
    extras: Mapping[str, Any] = block.get("extras") or {}
    name = block.get("filename") or extras.get("filename") or extras.get("title")
    # The API wants a name with an ending; the block may have none.
    name = name or f"file.{mime.partition('/')[2]}"
    return {"file_data": f"data:{mime};base64,{block['base64']}", "filename": name}


def _standard(block: Mapping[str, Any]) -> Mapping[str, Any]:
    return standard_blocks([dict(block)])[0]


def convert_to_openai_messages(
    messages: Any,
    *,
    text_format: Literal["string", "block"] = "string",
    include_id: bool = False,
    pass_through_unknown_blocks: bool = True,
) -> Any:
    """Write messages as Chat Completions dicts: one for one message, a list for several.

    >>> convert_to_openai_messages([("system", "be kind"), ("user", "hi")])
    [{'role': 'system', 'content': 'be kind'}, {'role': 'user', 'content': 'hi'}]
    """
    if text_format not in ("string", "block"):
        raise ConfigurationError(f"text_format must be 'string' or 'block', not {text_format!r}")
    single = isinstance(messages, (BaseMessage, Mapping, str)) or (
        isinstance(messages, tuple)
        and len(cast("tuple[Any, ...]", messages)) == 2
        and isinstance(messages[0], str)
    )
    written: list[Part] = []
    for position, message in enumerate(to_messages(messages)):
        where = f"messages[{position}]"
        writer = _Writer(
            where, as_blocks=text_format == "block", lenient=pass_through_unknown_blocks
        )
        written += writer.write(message, include_id=include_id)
    return written[0] if single and len(written) == 1 else written


class _Writer:
    """Writes one message."""

    def __init__(self, where: str, *, as_blocks: bool, lenient: bool) -> None:
        self._where = where
        self._as_blocks = as_blocks
        self._lenient = lenient
        self._calls: list[Part] = []
        self._results: list[Part] = []

    def write(self, message: BaseMessage, *, include_id: bool = False) -> list[Part]:
        turn: Part = {"role": openai_role(message)}
        if message.name:
            turn["name"] = message.name
        if include_id and message.id:
            turn["id"] = message.id
        if isinstance(message, ToolMessage):
            turn["tool_call_id"] = message.tool_call_id
        content = self._content(message)
        if isinstance(message, AIMessage):
            self._assistant(message, turn)
        turn["content"] = content
        # Results first: the API wants them right behind the calls they answer.
        said = content or turn.keys() & {"tool_calls", "refusal"} or not self._results
        return [*self._results, *([turn] if said else [])]

    def _assistant(self, message: AIMessage, turn: Part) -> None:
        calls = [_call(call["id"], call["name"], call["args"]) for call in message.tool_calls]
        calls += [_call(c["id"], c["name"], c["args"]) for c in message.invalid_tool_calls]
        known = {call["id"] for call in calls}
        calls += [call for call in self._calls if call["id"] not in known]
        if calls:
            turn["tool_calls"] = calls
        if refusal := message.additional_kwargs.get("refusal"):
            turn["refusal"] = refusal

    def _content(self, message: BaseMessage) -> str | list[Part]:
        content = message.content
        if isinstance(content, str):
            if self._as_blocks:
                return [{"type": "text", "text": content}] if content else []
            return content
        parts: list[Part] = []
        for position, element in enumerate(content):
            parts += self._part(element, f"{self._where}.content[{position}]", message)
        if not self._as_blocks and all(part.get("type") == "text" for part in parts):
            return "\n".join(part["text"] for part in parts)
        return parts

    def _part(self, element: Any, where: str, message: BaseMessage) -> list[Part]:
        if isinstance(element, str):
            return [{"type": "text", "text": element}]
        found = cast("Part", element)
        kind = found.get("type")
        if kind == "text":
            return [{"type": "text", "text": self._text(found, where)}]
        if kind in _OWN and isinstance(found.get(kind), (str, dict)):
            return [convert_to_openai_image_block(found) if kind == "image_url" else found]
        if kind == "tool_result" or "toolResult" in found:
            return self._result(found, where)
        if kind in (None, "json") and "json" in found:
            return [{"type": "text", "text": json.dumps(found["json"], ensure_ascii=False)}]
        parts: list[Part] = []
        for block in standard_blocks([found]):
            parts += self._standard_part(block, found, where, message)
        return parts

    def _text(self, block: Part, where: str) -> str:
        if not isinstance(block.get("text"), str):
            raise ConfigurationError(f"{where} is a text block without 'text'")
        return block["text"]

    def _standard_part(
        self, block: Part, original: Part, where: str, message: BaseMessage
    ) -> list[Part]:
        kind = block["type"]
        if kind in _LEFT_OUT:
            if isinstance(message, AIMessage):
                self._calls.append(_call(block.get("id"), block.get("name"), block.get("args")))
            return []
        if kind in ("text", "refusal"):
            return [{"type": kind, kind: block.get(kind) or ""}]
        if kind in ("image", "file", "audio", "text-plain"):
            try:
                return [convert_to_openai_data_block(block)]
            except ConfigurationError as mistake:
                raise ConfigurationError(f"{where}: {mistake}") from None
        if self._lenient:
            return [original]
        raise ConfigurationError(
            f"{where}: a block of type {original.get('type')!r} has no OpenAI form"
        )

    def _result(self, block: Part, where: str) -> list[Part]:
        """Keep a result for a message of its own; nothing of it stays in this one."""
        result = cast("Part", block.get("toolResult") or block)
        call_id = result.get("tool_use_id") or result.get("toolUseId")
        if call_id is None:
            raise ConfigurationError(f"{where} is a tool result without 'tool_use_id'")
        content = result.get("content") or ""
        inner = ToolMessage(content, tool_call_id=call_id)
        writer = _Writer(where, as_blocks=self._as_blocks, lenient=self._lenient)
        self._results += writer.write(inner)
        return []


def _call(id: Any, name: Any, args: Any) -> Part:
    text = args if isinstance(args, str) else json.dumps(args or {}, ensure_ascii=False)
    return {"type": "function", "id": id, "function": {"name": name, "arguments": text}}
