"""Every vendor's row calls the address that the recorded client called.

A row says where; models are asked for what they would send, nothing is sent. Where recorded
clients called another address than the row's, `ELSEWHERE` says why that is no mistake of the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

from conure import init_chat_model
from tests.replay import (
    anthropic_judge,
    bedrock_oracle,
    cohere_oracle,
    gemini_oracle,
    ollama_oracle,
)
from tests.replay.test_bedrock_anthropic import records as of_claude_on_bedrock
from tests.replay.test_chat import report, row_of
from tests.replay.test_responses import replies
from tests.replay.traffic import chat, needs_traffic

pytestmark = needs_traffic

# Azure's addresses are made of a resource, a deployment and a version: `test_azure.py` compares
# them, asked for through its own class.
AZURE = ("@azure", "@azure-foundry")

# A gateway that speaks another maker's API is reached through the row of that maker.
GATEWAY = "anthropic.messages@openrouter"

# These addresses are some account's, or another maker's: only users can say them.
OWN = {
    "openai.chat@cloudflare": "https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai/v1",
    "openai.chat@databricks": "https://workspace.azuredatabricks.net/serving-endpoints",
    "openai.chat@snowflake": "https://account.snowflakecomputing.com/api/v2/cortex/v1",
    GATEWAY: "https://openrouter.ai/api",
}

# Pattern of an address that was called -> why the row calls another.
ELSEWHERE = {
    r"(0\.0\.0\.0:4000|localhost:80)/.*": "this machine, by another of its names",
    r"api\.(cohere\.ai|together\.xyz)/.*": "the vendor's older host, with the same paths",
    r"dashscope\.aliyuncs\.com/.*": "the host for China; the row has the one for everybody else",
    r"ollama\.com/.*": "the hosted service; the row has the server of this machine",
    r"chatgpt\.com/.*": "what subscriptions pay for, which is no API for others",
    r"api\.deepseek\.com/(beta/chat/completions|chat/completions|responses)": (
        "`/v1` may stand there or not; `/beta` completes what the caller began"
    ),
    r"api\.z\.ai/api/coding/.*": "the address of a plan for coding",
    r"bedrock-mantle\..*/openai/v1/responses": "the same API, reached under `/v1` too",
    r"api\.openai\.com/v1/responses/compact": "an endpoint of its own, which makes histories short",
    r"router\.huggingface\.co/(hyperbolic|nebius|novita|together)/.*": (
        "the address of one host behind the router, before it routed by itself"
    ),
    r"[^/]*aiplatform\.googleapis\.com/v1/(.*/)?publishers/google/.*": (
        "Vertex AI's older version, by `api_version`"
    ),
    r"aiplatform\.googleapis\.com/v1beta1/projects/PROJECT/locations/(?!global).*": (
        "the place, or its host, was taken out of the recording"
    ),
    r"us-central1-aiplatform\.googleapis\.com/.*/test-location/.*": "a place of tests",
}


def parameters(record: dict[str, Any]) -> dict[str, Any]:
    """Give what only users know of an address, as the recorded client did."""
    path = record["path"]
    found = re.search(r"/model/([^/]+)/", path) or re.search(r"/models/([^/:]+):", path)
    given = {"model": unquote(found[1]) if found else "m"}
    if record["api"] in OWN:
        given["base_url"] = OWN[record["api"]]
    if place := re.search("/projects/([^/]+)/locations/([^/]+)/", path):
        given |= {"project": place[1], "location": place[2]}
    if region := re.match(r"bedrock-runtime\.([^.]+)\.", record["vendor"]):
        given["region_name"] = region[1]
    if record["api"].startswith("openai.responses"):
        given["use_responses_api"] = True
    return given


def called(record: dict[str, Any]) -> str:
    """Give the address that the recorded client called."""
    return f"{record['vendor']}{unquote(record['path'].partition('?')[0])}"


@cache
def calls(row: str, streaming: bool, given: tuple[tuple[str, Any], ...]) -> str:
    """Give the address that the vendor's row calls for the same."""
    model = init_chat_model(model_provider=row, api_key="k", **dict(given))
    url = model.preview("hi", streaming=streaming).url
    return unquote(url.partition("://")[2].partition("?")[0])


def everything() -> Iterator[dict[str, Any]]:
    yield from (record for record in chat() if not record["api"].endswith(AZURE))
    for record in replies():
        if record["method"] == "POST" and not record["api"].endswith(AZURE):
            yield record
    yield from anthropic_judge.records()
    yield from of_claude_on_bedrock()
    yield from bedrock_oracle.records()
    yield from cohere_oracle.records()
    yield from gemini_oracle.records()
    yield from ollama_oracle.records()


def test_every_row_calls_the_address_that_was_called(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in everything():
        address = called(record)
        row = "anthropic" if record["api"] == GATEWAY else row_of(record)
        own = calls(row, _streams(record), tuple(parameters(record).items()))
        why = next((why for place, why in ELSEWHERE.items() if re.fullmatch(place, address)), None)
        counted[why or "the same"] += 1
        if (own == address) != (why is None):
            wrong[record["id"]] = [f"{row} calls {own}, the client called {address}: {why}"]
    report(wrong, counted, record_property)
    assert {*ELSEWHERE.values()} < {*counted}, "no recording is elsewhere for one of the reasons"


def _streams(record: dict[str, Any]) -> bool:
    """Tell whether a stream was asked for; of some fixtures only the path does."""
    return bool(record["streaming"]) or "stream" in record["path"]
