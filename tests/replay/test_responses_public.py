"""Every recorded Responses answer, asked for through the public API over a real socket.

Each vendor's answers through the vendor's own row or class; the oracle judges the message, sync
and async alike.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from conure import errors
from tests.replay.asking import Given, ask_all
from tests.replay.test_chat import report
from tests.replay.test_chat_public import KINDS, misjudged, model_for, strange
from tests.replay.test_responses import judge, replies, said_by
from tests.replay.traffic import is_stream, needs_traffic

pytestmark = needs_traffic


def newer(record: dict[str, Any], url: str) -> Any:
    return model_for(record, url, use_responses_api=True)


@cache
def results(colour: str) -> list[tuple[dict[str, Any], str, list[str]]]:
    """Ask for every answer: the record, its kind, and what is wrong with what came."""
    records = list(replies())
    answers = ask_all(records, newer, path="/v1/responses", colour=colour)
    return [
        (record, *judged(record, given)) for record, given in zip(records, answers, strict=True)
    ]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    found = results(colour)
    wrong = {record["id"]: unlike for record, _, unlike in found if unlike}
    report(wrong, Counter(kind for _, kind, _ in found), record_property)


def judged(record: dict[str, Any], given: Given) -> tuple[str, list[str]]:
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
    return kind, judge(given, said) + strange(record, given)
