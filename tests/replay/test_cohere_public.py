"""Every recorded Cohere answer, asked for through the public API over a real socket."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from conure import errors
from conure.cohere import ChatCohere
from tests.replay.asking import ask_all
from tests.replay.cohere_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import is_stream, needs_traffic

pytestmark = needs_traffic


def model_for(_record: dict[str, Any], url: str) -> ChatCohere:
    return ChatCohere(model="m", base_url=url, api_key="k", max_retries=0)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_every_recorded_answer_through_the_public_api(colour: str, record_property: Any) -> None:
    asked = records()
    answers = ask_all(asked, model_for, path="/v2/chat", colour=colour)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record, given in zip(asked, answers, strict=True):
        kind = "streamed" if is_stream(record) else "whole"
        if record["status"] == 404:
            kind = "error replies"
            assert isinstance(given, errors.ModelNotFoundError)
            assert given.status_code == 404
            assert record["response"]["message"] in str(given)
        elif isinstance(given, BaseException):
            wrong[record["id"]] = [repr(given)]
        elif found := judge(given, said_by(record)):
            wrong[record["id"]] = found
        counted[kind] += 1
    report(wrong, counted, record_property)
