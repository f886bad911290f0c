"""Every recorded Chat Completions answer, asked for through the public API over a real socket.

Each vendor's answers through the vendor's own row or class; the oracle judges the message, sync
and async alike.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from conure import errors, providers
from conure.chat_models import init_chat_model
from conure.messages import AIMessage
from tests.replay import chat_oracle
from tests.replay.asking import Given, ask_all
from tests.replay.test_chat import judge, report, row_of, said_by
from tests.replay.traffic import chat, is_stream, needs_traffic

pytestmark = needs_traffic

KINDS: dict[int, tuple[type[errors.ModelError], ...]] = {
    # A 400 may say more exactly what is wrong than its status does.
    400: (
        errors.ModelInvalidRequestError,
        errors.ModelAuthenticationError,
        errors.ModelNotFoundError,
    ),
    401: (errors.ModelAuthenticationError,),
    404: (errors.ModelNotFoundError,),
    429: (errors.ModelRateLimitError,),
    500: (errors.ModelAPIError,),
}


def model_for(record: dict[str, Any], url: str, **parameters: Any) -> Any:
    """Make the model of the vendor's row."""
    return init_chat_model(
        "m",
        model_provider=row_of(record),
        base_url=f"{url}/v1",
        api_key="k",
        max_retries=0,
        **parameters,
    )


def path_of(record: dict[str, Any]) -> str:
    """Tell where a question must arrive: what is below the address is as it was recorded."""
    below = re.search(r"/chat(/completions)?(?=$|\?)", record["path"])
    assert below is not None, record["path"]
    return f"/v1{below[0]}"


@cache
def results(colour: str) -> list[tuple[dict[str, Any], str, list[str]]]:
    """Ask for every answer: the record, its kind, and what is wrong with what came."""
    records = list(chat())
    answers = ask_all(records, model_for, path=path_of, colour=colour)
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
        return "error replies", misjudged(given, KINDS[status], status, record["response"])
    said = said_by(record)
    if said.error is not None:
        if not isinstance(given, errors.ModelError) or said.error not in str(given):
            return "errors inside a 200", [f"not raised in the provider's words: {given!r}"]
        return "errors inside a 200", []
    kind = "streamed" if is_stream(record) else "whole"
    if isinstance(given, BaseException):
        return kind, [repr(given)]
    return kind, judge(given, said) + strange(record, given)


def strange(record: dict[str, Any], given: AIMessage) -> list[str]:
    """Tell an answer that another row than the vendor's gave."""
    provider = providers.find(row_of(record)).provider
    found = given.response_metadata.get("model_provider")
    return [] if found == provider else [f"{found!r} answered, not {provider!r}"]


def misjudged(
    given: object, kinds: tuple[type[errors.ModelError], ...], status: int, body: Any
) -> list[str]:
    if not isinstance(given, kinds):
        return [f"{given!r} is none of {kinds}"]
    words = chat_oracle.words(body)
    if given.status_code != status or not words or words not in str(given):
        return [f"{given} lacks {status} or {words!r}"]
    return []
