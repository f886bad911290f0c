"""Every recorded Anthropic Messages answer, asked for through the public API over a real socket.

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
from conure.anthropic import ChatAnthropic, ChatAnthropicVertex
from conure.messages import AIMessage, message_chunk_to_message, sum_chunks
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay import anthropic_oracle
from tests.replay.anthropic_judge import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic

pytestmark = needs_traffic

RECORDS = records()

KINDS: dict[int, tuple[type[errors.ModelError], ...]] = {
    # A 400 may say more exactly what is wrong than its status does.
    400: (errors.ModelInvalidRequestError, errors.QuotaExceededError),
    401: (errors.ModelAuthenticationError,),
    403: (errors.ModelPermissionDeniedError,),
    404: (errors.ModelNotFoundError,),
}


def answer(connection: Connection) -> None:
    """Send the recorded answer that the path names."""
    assert connection.request is not None
    number = int(connection.request.target.split("/")[1])
    record = RECORDS[number]
    data = body(record)
    if not is_stream(record):
        lines = {"content-type": "application/json", "content-length": str(len(data))}
        connection.send(head(record["status"], lines) + data)
        return
    spread = random.Random(number)
    cuts = sorted(spread.randrange(len(data)) for _ in range(5))
    connection.send(
        head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
    )
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if end > start:
            connection.send(chunk(data[start:end]))
    connection.send(chunk(b""))


CLASSES = {"anthropic.messages@vertex": ChatAnthropicVertex}


def model_for(number: int, url: str) -> Any:
    """Make the class whose host gave the answer."""
    kind = CLASSES.get(RECORDS[number]["api"], ChatAnthropic)
    return kind(model="m", base_url=f"{url}/{number}", api_key="k", max_retries=0)


def added(chunks: list[Any]) -> AIMessage:
    message = message_chunk_to_message(sum_chunks(chunks))
    assert isinstance(message, AIMessage)
    return message


def ask(number: int, url: str) -> AIMessage:
    model = model_for(number, url)
    if is_stream(RECORDS[number]):
        return added(list(model.stream("hello")))
    return model.invoke("hello")


async def aask(number: int, url: str) -> AIMessage:
    model = model_for(number, url)
    if is_stream(RECORDS[number]):
        return added([piece async for piece in model.astream("hello")])
    return await model.ainvoke("hello")


async def aask_all(url: str) -> list[AIMessage | BaseException]:
    """Ask for all of them, a few at once."""
    gate = asyncio.Semaphore(8)

    async def one(number: int) -> AIMessage:
        async with gate:
            return await aask(number, url)

    jobs = (one(number) for number in range(len(RECORDS)))
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
        kind, found = judged(record, given)
        counted[f"{kind}, {record['api']}"] += 1
        if found:
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def judged(record: dict[str, Any], given: AIMessage | BaseException) -> tuple[str, list[str]]:
    status = record["status"]
    if status >= 300:
        return "error replies", misjudged(given, KINDS[status], status, record["response"])
    kind = "streamed" if is_stream(record) else "whole"
    if isinstance(given, BaseException):
        return kind, [repr(given)]
    return kind, judge(given, said_by(record))


def misjudged(
    given: object, kinds: tuple[type[errors.ModelError], ...], status: int, body: Any
) -> list[str]:
    if not isinstance(given, kinds):
        return [f"{given!r} is none of {kinds}"]
    words = anthropic_oracle.words(body)
    if given.status_code != status or not words or words not in str(given):
        return [f"{given} lacks {status} or {words!r}"]
    return []
