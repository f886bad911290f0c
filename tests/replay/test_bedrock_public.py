"""Every recorded Bedrock answer, asked for through the public API over a real socket.

The oracle judges the message, sync and async alike; errors raise the class that fits, with the
provider's words.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

import pytest

from conure import errors
from conure.aws import ChatBedrockConverse
from conure.messages import AIMessage
from tests.replay.asking import Given, Record, ask_all
from tests.replay.bedrock_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import is_stream, needs_traffic

pytestmark = needs_traffic

# What AWS calls it, in a header, and the recorded 400 that says more than its status.
KINDS: dict[str, type[errors.ModelError]] = {
    "ValidationException": errors.ModelInvalidRequestError,
    "UnrecognizedClientException": errors.ModelAuthenticationError,
}
TOO_LONG = "handles_context_length_exceeded_errors.0"


def model_for(record: Record, url: str) -> ChatBedrockConverse:
    model = unquote(record["path"].split("/")[2])
    return ChatBedrockConverse(model=model, api_key="k", base_url=url, max_retries=0)


def path_of(record: Record) -> str:
    _, _, model, operation = record["path"].split("/")
    if record["status"] != 200:
        # What failed is asked for whole: an error reply is the same for both.
        operation = "converse"
    return f"/model/{quote(unquote(model), safe='')}/{operation}"


@cache
def results(colour: str) -> list[tuple[Record, str, list[str]]]:
    """Ask for every answer: the record, its kind, and what is wrong with what came."""
    asked = records()
    answers = ask_all(asked, model_for, path=path_of, colour=colour)
    return [(record, *judged(record, given)) for record, given in zip(asked, answers, strict=True)]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    found = results(colour)
    wrong = {record["id"]: unlike for record, _, unlike in found if unlike}
    report(wrong, Counter(kind for _, kind, _ in found), record_property)


def judged(record: Record, given: Given) -> tuple[str, list[str]]:
    if record["status"] != 200:
        return "error replies", misjudged(record, given)
    kind = "streamed" if is_stream(record) else "whole"
    if not isinstance(given, AIMessage):
        return kind, [repr(given)]
    wrong = judge(given, said_by(record))
    model = unquote(record["path"].split("/")[2])
    if given.response_metadata["model_name"] != model:
        wrong.append(f"model_name: {given.response_metadata['model_name']}")
    return kind, wrong


def misjudged(record: Record, given: Given) -> list[str]:
    told = (record.get("response_headers") or {}).get("x-amzn-errortype", "ValidationException")
    kind = KINDS[told.partition(":")[0]]
    if record["id"].endswith(TOO_LONG):
        kind = errors.ContextOverflowError
    if type(given) is not kind:
        return [f"{given!r} is no {kind.__name__}"]
    words = record["response"]["message"]
    code = told.partition(":")[0] if record.get("response_headers") else None
    if words not in str(given) or (given.status_code, given.code) != (record["status"], code):
        return [f"{given}, {given.status_code}, {given.code}"]
    return []
