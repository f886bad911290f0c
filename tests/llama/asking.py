"""The ways to ask a model, sync and async under the same names, for tests that walk both."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from conure import AIMessage, AIMessageChunk
from conure.messages import message_chunk_to_message

__all__ = ["Async", "Sync", "added_up"]


class Sync:
    """Asking in each of the sync ways."""

    def invoke(self, model: Any, question: Any, **settings: Any) -> AIMessage:
        return model.invoke(question, **settings)

    def stream(self, model: Any, question: Any, **settings: Any) -> list[AIMessageChunk]:
        return list(model.stream(question, **settings))

    def batch(self, model: Any, questions: list[Any], limit: int) -> list[AIMessage]:
        return model.batch(questions, {"max_concurrency": limit})

    def at_once(self, model: Any, questions: list[Any]) -> list[AIMessage]:
        with ThreadPoolExecutor(len(questions)) as threads:
            return list(threads.map(model.invoke, questions))


class Async:
    """The same awaited, each time in an event loop of its own."""

    def invoke(self, model: Any, question: Any, **settings: Any) -> AIMessage:
        return asyncio.run(model.ainvoke(question, **settings))

    def stream(self, model: Any, question: Any, **settings: Any) -> list[AIMessageChunk]:
        async def collect() -> list[AIMessageChunk]:
            return [chunk async for chunk in model.astream(question, **settings)]

        return asyncio.run(collect())

    def batch(self, model: Any, questions: list[Any], limit: int) -> list[AIMessage]:
        return asyncio.run(model.abatch(questions, {"max_concurrency": limit}))

    def at_once(self, model: Any, questions: list[Any]) -> list[AIMessage]:
        async def gather() -> list[AIMessage]:
            return await asyncio.gather(*map(model.ainvoke, questions))

        return asyncio.run(gather())


def added_up(chunks: list[AIMessageChunk]) -> AIMessage:
    return message_chunk_to_message(sum(chunks[1:], chunks[0]))
