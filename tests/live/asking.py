"""Asking a model in each of the four ways, so that a test is written once for all of them."""

from __future__ import annotations

import asyncio
from typing import Any

from conure.messages import AIMessage, AIMessageChunk, message_chunk_to_message
from conure.openai import ChatOpenAI

__all__ = ["MODES", "ask", "chunk_of", "model_at", "whole", "written"]

MODES = ("invoke", "ainvoke", "stream", "astream")


def model_at(server: Any, **parameters: Any) -> ChatOpenAI:
    given = {"model": "m", "api_key": "k", "base_url": f"{server.url}/v1", "max_retries": 0}
    return ChatOpenAI(**(given | parameters))


def ask(model: Any, mode: str, question: Any = "hello", **settings: Any) -> AIMessage:
    """Ask in one of the four ways; a stream is added up, and its chunks are on the message."""
    if mode == "invoke":
        return model.invoke(question, **settings)
    if mode == "ainvoke":
        return asyncio.run(model.ainvoke(question, **settings))
    if mode == "stream":
        return _sum(list(model.stream(question, **settings)))

    async def collect() -> list[AIMessageChunk]:
        return [chunk async for chunk in model.astream(question, **settings)]

    return _sum(asyncio.run(collect()))


def _sum(chunks: list[AIMessageChunk]) -> AIMessage:
    total = chunks[0]
    for chunk in chunks[1:]:
        total = total + chunk
    return message_chunk_to_message(total)


# What a provider of this protocol says.


def whole(text: str = "hello there", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return {"id": "chatcmpl-1", "model": "m-1", "choices": [choice], "usage": usage, **more}


def chunk_of(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": "m-1", "choices": [choice]}


def written(text: str = "hello there") -> list[Any]:
    """Give the events of a stream that says `text`, word by word."""
    words = [word + " " for word in text.split(" ")]
    words[-1] = words[-1][:-1]
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    return [
        *(chunk_of({"content": word}) for word in words),
        chunk_of({}, "stop"),
        {"id": "chatcmpl-1", "model": "m-1", "choices": [], "usage": usage},
        "[DONE]",
    ]
