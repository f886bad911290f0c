"""Every recorded exchange with Azure, held again through `AzureChatOpenAI` over a real socket.

Each request is made of what the recorded client said and must arrive at the recorded path with
the recorded body; the reply is judged by the oracle of its API.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conure import errors, init_chat_model
from conure.messages import AIMessage, message_chunk_to_message, sum_chunks
from conure.openai import AzureChatOpenAI
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay import chat_requests, responses_requests, test_chat, test_responses
from tests.replay.test_chat import report
from tests.replay.test_chat_public import KINDS
from tests.replay.traffic import body, is_stream, load, needs_traffic

pytestmark = needs_traffic

APIS = ("openai.chat@azure", "openai.chat@azure-foundry", "openai.responses@azure")
RECORDS = [
    record
    for family in ("openai.chat", "openai.chat.compatible", "openai.responses")
    for record in load(family)
    if record["api"] in APIS
]
NOT_SETTINGS = frozenset({"input", "messages", "model", "stream"})


def answer(connection: Connection) -> None:
    """Send the recorded answer that the path names."""
    assert connection.request is not None
    number = int(connection.request.target.split("/")[1])
    record = RECORDS[number]
    data = body(record)
    kind = record.get("content_type") or "application/json"
    if not is_stream(record):
        lines = {"content-type": kind, "content-length": str(len(data))}
        connection.send(head(record["status"], lines) + data)
        return
    spread = random.Random(number)
    cuts = sorted(spread.randrange(len(data)) for _ in range(5))
    connection.send(head(200, {"content-type": kind, "transfer-encoding": "chunked"}))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if end > start:
            connection.send(chunk(data[start:end]))
    connection.send(chunk(b""))


def model_for(number: int, url: str) -> Any:
    """Make the model whose calls go where the recorded one went."""
    record = RECORDS[number]
    path = urlsplit(record["path"])
    version = parse_qs(path.query).get("api-version", [None])[0]
    # A reply that was kept without its request does not say which model was asked.
    model = (record["request"] or {"model": "m"}).get("model")
    given: dict[str, Any] = {"api_key": "k", "max_retries": 0, "api_version": version}
    if record["api"] == "openai.chat@azure-foundry":
        address = f"{url}/{number}/models"
        return init_chat_model(f"azure_ai:{model or 'm'}", endpoint=address, **given)
    deployment = re.search("/deployments/([^/]+)/", path.path)
    return AzureChatOpenAI(
        model=model,
        azure_deployment=deployment and deployment[1],
        azure_endpoint=f"{url}/{number}",
        use_responses_api=record["api"].startswith("openai.responses"),
        **given,
    )


def question(record: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    request = record["request"] or {}
    said = request.get("messages") or request.get("input") or "hello"
    return said, {name: value for name, value in request.items() if name not in NOT_SETTINGS}


def ask(number: int, url: str) -> AIMessage:
    said, settings = question(RECORDS[number])
    model = model_for(number, url)
    if RECORDS[number]["streaming"]:
        return added(list(model.stream(said, **settings)))
    reply: AIMessage = model.invoke(said, **settings)
    return reply


async def aask(number: int, url: str) -> AIMessage:
    said, settings = question(RECORDS[number])
    model = model_for(number, url)
    if RECORDS[number]["streaming"]:
        return added([piece async for piece in model.astream(said, **settings)])
    reply: AIMessage = await model.ainvoke(said, **settings)
    return reply


def added(chunks: list[Any]) -> AIMessage:
    message = message_chunk_to_message(sum_chunks(chunks))
    assert isinstance(message, AIMessage)
    return message


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_exchange(colour: str, record_property: Any) -> None:
    assert RECORDS
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    with FaultServer(answer) as server:
        for number, record in enumerate(RECORDS):
            counted[record["api"]] += 1
            try:
                given: Any = (
                    ask(number, server.url)
                    if colour == "sync"
                    else asyncio.run(aask(number, server.url))
                )
            except errors.ConureError as error:
                given = error
            asked = [each for each in server.requests if f"/{number}/" in each.target]
            unlike = misread(record, given)
            unlike += misasked(record, asked[0], number) if asked else ["was not sent"]
            if unlike:
                wrong[record["id"]] = unlike
    report(wrong, counted, record_property)


def misasked(record: dict[str, Any], asked: Any, number: int) -> list[str]:
    wrong = []
    if asked.target != f"/{number}{record['path']}":
        wrong.append(f"sent to {asked.target}, not {record['path']}")
    if asked.headers.get("api-key") != "k":
        wrong.append(f"signed by {asked.headers}")
    request = record["request"]
    if not request:
        return wrong
    judge = responses_requests if "input" in request else chat_requests
    sent = asked.json()
    # Where the address says which model, the body need not.
    _, unlike = judge.differences(sent, {**request, "model": request.get("model") or sent["model"]})
    return wrong + unlike


def misread(record: dict[str, Any], given: Any) -> list[str]:
    if record["status"] >= 300:
        return [] if isinstance(given, KINDS[record["status"]]) else [repr(given)]
    judge: Any = test_responses if "responses" in record["api"] else test_chat
    said = judge.said_by(record)
    if said.error is not None:
        return [] if said.error in str(given) else [f"not raised in its words: {given!r}"]
    if isinstance(given, BaseException):
        return [repr(given)]
    return judge.judge(given, said) + misfiltered(record, given)


def misfiltered(record: dict[str, Any], given: AIMessage) -> list[str]:
    """Compare what the content filter said of a whole answer with the metadata."""
    wire = record.get("response")
    if not isinstance(wire, dict) or "choices" not in wire:
        return []
    facts = given.response_metadata
    said = {
        "prompt_filter_results": wire.get("prompt_filter_results"),
        "content_filter_results": wire["choices"][0].get("content_filter_results"),
    }
    return [
        f"{name}: {facts.get(name)!r}"
        for name, value in said.items()
        if (value or None) != (facts.get(name) or None)
    ]
