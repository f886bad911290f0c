"""Every recorded count of tokens on Bedrock, asked for through the public API over a socket."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from typing import Any

import pytest

from conure import errors
from conure.aws import ChatAnthropicBedrock, ChatBedrockConverse
from tests.live.server import FaultServer, reply
from tests.replay.test_chat import report
from tests.replay.traffic import body, load, needs_traffic

pytestmark = needs_traffic

PLACES = {"additionalModelRequestFields": "additional_model_request_fields"}


def asked(record: dict[str, Any]) -> tuple[Any, list[Any], dict[str, Any]]:
    """Give the class, the messages and the settings by which this is asked."""
    found = record["request"]["input"]
    if "invokeModel" in found:
        request = json.loads(base64.b64decode(found["invokeModel"]["body"]))
        settings = {name: value for name, value in request.items() if name != "messages"}
        return ChatAnthropicBedrock, request["messages"], settings
    request = found["converse"]
    assert not request.get("system")
    settings = {PLACES[name]: value for name, value in request.items() if name in PLACES}
    if config := request.get("toolConfig"):
        settings |= {"tools": config["tools"], "tool_choice": config["toolChoice"]}
    return ChatBedrockConverse, request["messages"], settings


def unpacked(question: dict[str, Any]) -> dict[str, Any]:
    """Level out emptiness, and open what is packed."""
    found = question["input"]
    if "invokeModel" in found:
        return json.loads(base64.b64decode(found["invokeModel"]["body"]))
    return {name: value for name, value in found["converse"].items() if value not in ([], {})}


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_count(colour: str, record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in load("bedrock.converse"):
        if record["api"] != "bedrock.count_tokens":
            continue
        kind, messages, settings = asked(record)
        home = record["path"].split("/")[2].replace("%3A", ":")
        with FaultServer(reply(body(record), record["status"])) as server:
            # Asked by the name of a profile; the model itself counts.
            model = kind(model=f"us.{home}", api_key="k", base_url=server.url, max_retries=0)
            try:
                if colour == "sync":
                    count = model.count_tokens(messages, **settings)
                else:
                    count = asyncio.run(model.acount_tokens(messages, **settings))
            except errors.ModelInvalidRequestError as error:
                counted["errors"] += 1
                said, status = str(error), record["status"]
                assert (status, record["response"]["message"] in said) == (400, True)
            else:
                counted["counts"] += 1
                assert count == record["response"]["inputTokens"]
        [seen] = server.requests
        sent = unpacked(seen.json())
        if sent != unpacked(record["request"]):
            wrong[record["id"]] = [f"{sent} is not {unpacked(record['request'])}"]
        if seen.target != record["path"].replace(":", "%3A"):
            wrong[record["id"]] = [seen.target]
    report(wrong, counted, record_property)
