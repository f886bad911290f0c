"""Every recorded Gemini answer, asked for through the public API over a real socket."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from conure import errors
from conure.google_genai import ChatGoogleGenerativeAI
from conure.google_vertexai import ChatVertexAI
from tests.live.server import Connection, FaultServer, chunk, head
from tests.replay.asking import Given, Record, ask_all
from tests.replay.gemini_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.test_gemini import BROKEN, UNFINISHED, chunks_of, wrong_with
from tests.replay.traffic import is_stream, needs_traffic, recorded

pytestmark = needs_traffic

# What a status means here; the provider's own words may make it more exact.
KINDS: dict[int, type[errors.ModelError]] = {
    400: errors.ModelInvalidRequestError,
    403: errors.ModelPermissionDeniedError,
    404: errors.ModelNotFoundError,
    429: errors.ModelRateLimitError,
}


def model_for(record: Record, url: str) -> Any:
    kind = ChatVertexAI if record["api"].endswith("@vertex") else ChatGoogleGenerativeAI
    return kind(model="m", api_key="k", base_url=url, max_retries=0)


def path_of(record: Record) -> str:
    return f"/models/m:{'streamGenerateContent' if is_stream(record) else 'generateContent'}"


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
    if record["status"] >= 300:
        return "error replies", _wrong_error(record, given)
    if record["id"] == BROKEN:
        return "errors inside a 200", _wrong_end(record, given)
    if record["id"] in UNFINISHED:
        return "broken off", _wrong_end(record, given)
    kind = "streamed" if is_stream(record) else "whole"
    if isinstance(given, BaseException):
        return kind, [repr(given)]
    return kind, judge(given, said_by(record))


def _wrong_error(record: Record, given: Any) -> list[str]:
    wire = record["response"]
    error = (wire[0] if isinstance(wire, list) else wire)["error"]
    expected = KINDS[record["status"]]
    if "API key not valid" in error["message"]:
        expected = errors.ModelAuthenticationError
    if not isinstance(given, expected):
        return [f"{given!r} is no {expected.__name__}"]
    if error["message"] not in str(given) or given.status_code != record["status"]:
        return [str(given)]
    return []


def _wrong_end(record: Record, given: Any) -> list[str]:
    """Tell what is wrong with the exception of a stream that ended too early."""
    kind = errors.ModelAPIError if record["id"] == BROKEN else errors.StreamTruncated
    if not isinstance(given, kind):
        return [repr(given)]
    if given.partial is None:
        return ["no partial"] if said_by(record).texts() else []
    return [] if record["id"] == BROKEN else wrong_with(given.partial, record)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_streams_that_are_json_arrays(colour: str, record_property: Any) -> None:
    """Asked without `alt=sse`, or of a server that does not know it."""
    arrays = [
        {**record, "response_text": json.dumps(chunks_of(record), indent=1), "content_type": kind}
        for record in records()
        if is_stream(record) and record["id"] not in UNFINISHED | {BROKEN}
        for kind in ("application/json; charset=UTF-8",)
    ]
    answers = ask_all(arrays, model_for, path=path_of, colour=colour)
    by_id = {record["id"]: record for record in records()}
    wrong: dict[str, list[str]] = {}
    for record, given in zip(arrays, answers, strict=True):
        if isinstance(given, BaseException):
            wrong[record["id"]] = [repr(given)]
        elif found := judge(given, said_by(by_id[record["id"]])):
            wrong[record["id"]] = found
    report(wrong, Counter(arrays=len(arrays)), record_property)


def test_how_long_to_wait_is_read_from_the_words() -> None:
    record = recorded("ai.google.google-429-retry-info.0", "gemini.generate_content")
    data = json.dumps(record["response"]).encode()

    def answer(connection: Connection) -> None:
        lines = {"content-type": "application/json", "transfer-encoding": "chunked"}
        connection.send(head(429, lines) + chunk(data) + chunk(b""))

    with FaultServer(answer) as server:
        model = ChatGoogleGenerativeAI(model="m", api_key="k", base_url=server.url, max_retries=0)
        with pytest.raises(errors.ModelRateLimitError) as raised:
            model.invoke("hello")
    assert raised.value.retry_after == 34.4
    assert raised.value.retryable
    assert raised.value.code == "RESOURCE_EXHAUSTED"
