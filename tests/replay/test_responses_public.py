"""Every recorded Responses answer, asked for through the public API over a real socket.

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
from conure.chat_models import init_chat_model
from conure.messages import AIMessage
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay.test_chat import ROWS, report
from tests.replay.test_chat_public import KINDS, added, misjudged
from tests.replay.test_responses import judge, replies, said_by
from tests.replay.traffic import body, is_stream, needs_traffic

pytestmark = needs_traffic

RECORDS = list(replies())


def answer(connection: Connection) -> None:
    """Send the recorded answer that the path names."""
    assert connection.request is not None
    _, number, *rest = connection.request.target.split("/")
    assert rest == ["v1", "responses"]
    record = RECORDS[int(number)]
    data = body(record)
    if not is_stream(record):
        lines = {"content-type": "application/json", "content-length": str(len(data))}
        connection.send(head(record["status"], lines) + data)
        return
    spread = random.Random(int(number))
    cuts = sorted(spread.randrange(len(data)) for _ in range(5))
    connection.send(
        head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
    )
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if end > start:
            connection.send(chunk(data[start:end]))
    connection.send(chunk(b""))


def model_for(number: int, url: str) -> Any:
    vendor = RECORDS[number]["api"].partition("@")[2] or "openai"
    return init_chat_model(
        "m",
        model_provider="openai" if vendor == "chatgpt" else ROWS.get(vendor, vendor),
        base_url=f"{url}/{number}/v1",
        api_key="k",
        max_retries=0,
        use_responses_api=True,
    )


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


def ask_all(url: str) -> list[AIMessage | BaseException]:
    answers: list[AIMessage | BaseException] = []
    for number in range(len(RECORDS)):
        try:
            answers.append(ask(number, url))
        except errors.ConureError as error:
            answers.append(error)
    return answers


async def aask_all(url: str) -> list[AIMessage | BaseException]:
    """Ask for all of them, a few at once."""
    gate = asyncio.Semaphore(8)

    async def one(number: int) -> AIMessage:
        async with gate:
            return await aask(number, url)

    jobs = (one(number) for number in range(len(RECORDS)))
    return await asyncio.gather(*jobs, return_exceptions=True)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    with FaultServer(answer) as server:
        answers = ask_all(server.url) if colour == "sync" else asyncio.run(aask_all(server.url))
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record, given in zip(RECORDS, answers, strict=True):
        kind, found = judged(record, given)
        counted[kind] += 1
        if found:
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def judged(record: dict[str, Any], given: AIMessage | BaseException) -> tuple[str, list[str]]:
    status = record["status"]
    if status >= 300:
        kinds = KINDS.get(status, (errors.ModelError,))
        return "error replies", misjudged(given, kinds, status, record["response"])
    said = said_by(record)
    if said.error is not None:
        if not isinstance(given, errors.ModelError) or said.error not in str(given):
            return "errors inside a 200", [f"not raised in the provider's words: {given!r}"]
        return "errors inside a 200", []
    kind = "streamed" if is_stream(record) else "whole"
    if isinstance(given, BaseException):
        return kind, [repr(given)]
    return kind, judge(given, said)
