"""Every recorded count of tokens, asked for through the public API over a real socket.

The question is compared with the recorded one, the answer with the recorded count. A protocol
that counts adds its row to COUNTS.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec import Struct

from conure.anthropic import ChatAnthropic
from conure.openai import ChatOpenAI
from tests.live.server import FaultServer, reply
from tests.replay import anthropic_requests, responses_requests
from tests.replay.test_chat import report
from tests.replay.traffic import body, load, needs_traffic

pytestmark = needs_traffic

COLOURS = ("sync", "async")


class Row(Struct):
    """How one protocol's counts are asked for, and judged."""

    family: str
    open_model: Callable[[dict[str, Any], str], Any]
    messages: Callable[[dict[str, Any]], list[Any]]
    not_settings: frozenset[str]
    differences: Callable[[dict[str, Any], dict[str, Any]], tuple[set[str], list[str]]]
    count: Callable[[Mapping[str, Any]], int]


def _turns(request: dict[str, Any]) -> list[Any]:
    system = request.get("system")
    first = [{"role": "system", "content": system}] if system else []
    return [*first, *request["messages"]]


COUNTS = {
    "openai.responses.input_tokens": Row(
        "openai.responses",
        lambda request, url: ChatOpenAI(
            model=request["model"], base_url=f"{url}/v1", api_key="k", max_retries=0
        ),
        lambda request: request["input"],
        frozenset({"input", "model"}),
        responses_requests.differences,
        lambda said: said["input_tokens"],
    ),
    "anthropic.count_tokens": Row(
        "anthropic.messages",
        lambda request, url: ChatAnthropic(
            model=request["model"], base_url=url, api_key="k", max_retries=0
        ),
        _turns,
        frozenset({"messages", "model", "system"}),
        anthropic_requests.differences,
        lambda said: said["input_tokens"],
    ),
}


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("api", COUNTS)
def test_every_recorded_count(api: str, colour: str, record_property: Any) -> None:
    row = COUNTS[api]
    records = [record for record in load(row.family) if record["api"].startswith(api)]
    assert records
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records:
        counted[record["api"]] += 1
        if unlike := judged(row, record, colour):
            wrong[record["id"]] = unlike
    report(wrong, counted, record_property)


def judged(row: Row, record: dict[str, Any], colour: str) -> list[str]:
    request = record["request"]
    settings = {name: value for name, value in request.items() if name not in row.not_settings}
    with FaultServer(reply(body(record), record["status"])) as server:
        model = row.open_model(request, server.url)
        messages = row.messages(request)
        if colour == "sync":
            count = model.count_tokens(messages, **settings)
        else:
            count = asyncio.run(model.acount_tokens(messages, **settings))
    asked = server.requests[0]
    _, wrong = row.differences(asked.json(), request)
    if asked.target != record["path"]:
        wrong.append(f"sent to {asked.target}, not {record['path']}")
    if count != row.count(record["response"]):
        wrong.append(f"counted {count}")
    return wrong
