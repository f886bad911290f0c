"""Recorded answers, asked for through the public API over a real socket.

A loopback server answers each question with the recorded answer whose number its path begins
with, streams in random pieces; models are asked sync or async, whole or streamed as recorded.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

from conure import errors
from conure.messages import AIMessage, message_chunk_to_message, sum_chunks
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay.traffic import body, is_stream

__all__ = ["Given", "Record", "ask_all"]

Record = dict[str, Any]
Given = AIMessage | BaseException
Maker = Callable[[Record, str], Any]
"""makes the model that asks for a record at an address"""


def ask_all(
    records: Sequence[Record], maker: Maker, *, path: str | Callable[[Record], str], colour: str
) -> list[Given]:
    """Ask for every record's answer; `path` is where the questions must arrive."""

    def answer(connection: Connection) -> None:
        assert connection.request is not None
        number = int(connection.request.target.split("/")[1])
        expected = path if isinstance(path, str) else path(records[number])
        assert connection.request.target.partition("?")[0] == f"/{number}{expected}"
        _send(connection, records[number], random.Random(number))

    with FaultServer(answer) as server:
        models = [maker(record, f"{server.url}/{n}") for n, record in enumerate(records)]
        asked = list(zip(models, map(is_stream, records), strict=True))
        if colour == "async":
            return asyncio.run(_aask_all(asked))
        return [_ask(model, streamed=streamed) for model, streamed in asked]


def _send(connection: Connection, record: Record, spread: random.Random) -> None:
    data = body(record)
    kind = record.get("content_type") or "application/json"
    if not is_stream(record):
        lines = {"content-type": kind, "content-length": str(len(data))}
        lines |= record.get("response_headers") or {}
        connection.send(head(record["status"], lines) + data)
        return
    cuts = sorted(spread.randrange(len(data)) for _ in range(5))
    connection.send(head(200, {"content-type": kind, "transfer-encoding": "chunked"}))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if end > start:
            connection.send(chunk(data[start:end]))
    connection.send(chunk(b""))


def _ask(model: Any, *, streamed: bool) -> Given:
    try:
        return _added(list(model.stream("hello"))) if streamed else model.invoke("hello")
    except errors.ConureError as error:
        return error


async def _aask_all(asked: list[tuple[Any, bool]]) -> list[Given]:
    """Ask for all of them, a few at once."""
    gate = asyncio.Semaphore(8)

    async def one(model: Any, streamed: bool) -> AIMessage:
        async with gate:
            if streamed:
                return _added([piece async for piece in model.astream("hello")])
            return await model.ainvoke("hello")

    return await asyncio.gather(*(one(*each) for each in asked), return_exceptions=True)


def _added(chunks: list[Any]) -> AIMessage:
    message = message_chunk_to_message(sum_chunks(chunks))
    assert isinstance(message, AIMessage)
    return message
