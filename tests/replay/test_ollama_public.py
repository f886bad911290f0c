"""Every recorded Ollama answer, asked for through the public API over a real socket.

A loopback server answers each question with one recorded answer, streams in random pieces; the
oracle judges the message, sync and async alike.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from conure import errors
from conure.messages import AIMessage, message_chunk_to_message, sum_chunks
from conure.ollama import ChatOllama
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay.ollama_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic

pytestmark = needs_traffic

RECORDS = records()


def answer(connection: Connection) -> None:
    """Send the recorded answer that the path names."""
    assert connection.request is not None
    number = int(connection.request.target.split("/")[1])
    assert connection.request.target == f"/{number}/api/chat"
    record = RECORDS[number]
    data = body(record)
    if not is_stream(record):
        lines = {"content-type": "application/json", "content-length": str(len(data))}
        connection.send(head(record["status"], lines) + data)
        return
    spread = random.Random(number)
    cuts = sorted(spread.randrange(len(data)) for _ in range(5))
    lines = {"content-type": record["content_type"], "transfer-encoding": "chunked"}
    connection.send(head(200, lines))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if end > start:
            connection.send(chunk(data[start:end]))
    connection.send(chunk(b""))


def added(chunks: list[Any]) -> AIMessage:
    message = message_chunk_to_message(sum_chunks(chunks))
    assert isinstance(message, AIMessage)
    return message


def ask(number: int, url: str) -> AIMessage:
    model = ChatOllama(model="m", base_url=f"{url}/{number}", max_retries=0)
    if is_stream(RECORDS[number]):
        return added(list(model.stream("hello")))
    return model.invoke("hello")


async def aask(number: int, url: str) -> AIMessage:
    model = ChatOllama(model="m", base_url=f"{url}/{number}", max_retries=0)
    if is_stream(RECORDS[number]):
        return added([piece async for piece in model.astream("hello")])
    return await model.ainvoke("hello")


async def aask_all(url: str) -> list[AIMessage | BaseException]:
    jobs = (aask(number, url) for number in range(len(RECORDS)))
    return await asyncio.gather(*jobs, return_exceptions=True)


def ask_all(url: str) -> list[AIMessage | BaseException]:
    answers: list[AIMessage | BaseException] = []
    for number in range(len(RECORDS)):
        try:
            answers.append(ask(number, url))
        except errors.ConureError as error:
            answers.append(error)
    return answers


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    with FaultServer(answer) as server:
        answers = ask_all(server.url) if colour == "sync" else asyncio.run(aask_all(server.url))
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record, given in zip(RECORDS, answers, strict=True):
        kind = "streamed" if is_stream(record) else "whole"
        if record["status"] == 404:
            kind = "error replies"
            assert isinstance(given, errors.ModelNotFoundError)
            assert record["response"]["error"] in str(given)
            assert "`ollama pull nonexistent-model:latest`" in str(given)
        elif isinstance(given, BaseException):
            wrong[record["id"]] = [repr(given)]
        elif found := judge(given, said_by(record)):
            wrong[record["id"]] = found
        counted[kind] += 1
    report(wrong, counted, record_property)
