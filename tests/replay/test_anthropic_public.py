"""Every recorded Anthropic Messages answer, asked for through the public API over a real socket.

The oracle judges the message, sync and async alike; Bedrock's door has a test of its own.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from conure import errors
from conure.anthropic import ChatAnthropic, ChatAnthropicVertex
from tests.replay import anthropic_judge, anthropic_oracle
from tests.replay.anthropic_judge import DOORS, judge, said_by
from tests.replay.asking import Given, Record, ask_all
from tests.replay.test_chat import report
from tests.replay.traffic import is_stream, needs_traffic

pytestmark = needs_traffic

KINDS: dict[int, tuple[type[errors.ModelError], ...]] = {
    # A 400 may say more exactly what is wrong than its status does.
    400: (errors.ModelInvalidRequestError, errors.QuotaExceededError),
    401: (errors.ModelAuthenticationError,),
    403: (errors.ModelPermissionDeniedError,),
    404: (errors.ModelNotFoundError,),
}


ON_VERTEX = "anthropic.messages@vertex"


def records() -> list[Record]:
    return [record for record in anthropic_judge.records() if record["api"] in DOORS]


def model_for(record: Record, url: str) -> Any:
    """Make the class whose host gave the answer."""
    kind = ChatAnthropicVertex if record["api"] == ON_VERTEX else ChatAnthropic
    return kind(model="m", base_url=url, api_key="k", max_retries=0)


def path_of(record: Record) -> str:
    if record["api"] != ON_VERTEX:
        return "/v1/messages"
    return f"/models/m:{'streamRawPredict' if is_stream(record) else 'rawPredict'}"


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
