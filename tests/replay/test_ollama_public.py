"""Every recorded Ollama answer, asked for through the public API over a real socket.

The oracle judges the message, sync and async alike.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from conure import errors
from conure.ollama import ChatOllama
from tests.replay.asking import Given, Record, ask_all
from tests.replay.ollama_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import is_stream, needs_traffic

pytestmark = needs_traffic


def model_for(_record: Record, url: str) -> ChatOllama:
    return ChatOllama(model="m", base_url=url, max_retries=0)


@cache
def results(colour: str) -> list[tuple[Record, str, list[str]]]:
    """Ask for every answer: the record, its kind, and what is wrong with what came."""
    asked = records()
    answers = ask_all(asked, model_for, path="/api/chat", colour=colour)
    return [(record, *judged(record, given)) for record, given in zip(asked, answers, strict=True)]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    found = results(colour)
    wrong = {record["id"]: unlike for record, _, unlike in found if unlike}
    report(wrong, Counter(kind for _, kind, _ in found), record_property)


def judged(record: Record, given: Given) -> tuple[str, list[str]]:
    if record["status"] == 404:
        words = (record["response"]["error"], "`ollama pull nonexistent-model:latest`")
        is_told = isinstance(given, errors.ModelNotFoundError) and all(
            word in str(given) for word in words
        )
        return "error replies", [] if is_told else [repr(given)]
    kind = "streamed" if is_stream(record) else "whole"
    if isinstance(given, BaseException):
        return kind, [repr(given)]
    return kind, judge(given, said_by(record))
