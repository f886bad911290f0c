"""Chunks of a stream, and replies, made as short as they can be."""

from __future__ import annotations

import json
from typing import Any

from conure.messages import AIMessage, assemble
from conure.messages.events import Event
from conure.protocols.openai_chat.dialect import Dialect
from conure.protocols.openai_chat.response import StreamDecoder, decode

PLAIN = Dialect()


def chunk(finish: str | None = None, /, **delta: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "some-1",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def call(index: Any = None, id: Any = None, name: Any = None, arguments: Any = None) -> Any:
    """One entry of `tool_calls`; what is None is left out."""
    function = {"name": name, "arguments": arguments}
    entry: dict[str, Any] = {"index": index, "id": id}
    entry = {key: value for key, value in entry.items() if value is not None}
    return entry | {"function": {k: v for k, v in function.items() if v is not None}}


def sse(*chunks: Any, done: bool = True) -> bytes:
    texts = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    return "".join(f"data: {text}\n\n" for text in [*texts, *["[DONE]"] * done]).encode()


def streamed(*chunks: Any, dialect: Dialect = PLAIN, done: bool = True) -> list[Event]:
    decoder = StreamDecoder(dialect)
    return decoder.feed(sse(*chunks, done=done)) + decoder.close()


def whole(finish: str | None = "stop", /, dialect: Dialect = PLAIN, **message: Any) -> list[Event]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    reply = {"id": "chatcmpl-1", "model": "some-1", "choices": [choice]}
    return decode(json.dumps(reply).encode(), dialect)


def message(events: list[Event]) -> AIMessage:
    return assemble(events, provider="some")


def kinds(events: list[Event]) -> list[str]:
    return [block["type"] for block in message(events).content_blocks]
