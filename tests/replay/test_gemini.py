"""Every recorded Gemini answer, read by the codec and judged by the oracle."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from conure.messages import (
    AIMessage,
    Dresser,
    HumanMessage,
    assemble,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import Event, Failure
from conure.protocols.gemini import PROTOCOL
from tests.replay.gemini_oracle import chunks_of, judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic, recorded

pytestmark = needs_traffic

DIALECT = PROTOCOL.dialect()
# Shortened by hand: they end before they say why.
UNFINISHED = {
    "vertexai-sdk-test-data.mock-responses.vertexai.streaming-failure-empty-content.0",
    "vertexai-sdk-test-data.mock-responses.vertexai.streaming-success-quotes-escaped.0",
}
BROKEN = "vertexai-sdk-test-data.mock-responses.vertexai.streaming-failure-error-mid-stream.0"


def decode(record: dict[str, Any]) -> list[Event]:
    if is_stream(record):
        return feed([body(record)], whole=record["id"] not in UNFINISHED)
    return PROTOCOL.decode(body(record), DIALECT)


def feed(pieces: list[bytes], *, whole: bool = True) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    events += decoder.close()
    assert decoder.finished == whole
    return events


def answers() -> list[dict[str, Any]]:
    return [record for record in records() if record["status"] < 300]


def streams() -> list[dict[str, Any]]:
    return [record for record in answers() if is_stream(record) and record["id"] != BROKEN]


def message_of(record: dict[str, Any]) -> AIMessage:
    return assemble(decode(record), provider="some")


def wrong_with(message: AIMessage, record: dict[str, Any]) -> list[str]:
    found = judge(message, said_by(record))
    if record["id"] in UNFINISHED:
        # No reason was told, so none is known.
        found = [words for words in found if not words.startswith("finish: None")]
    return found


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        if record["id"] == BROKEN:
            continue
        counted[f"{record['api']} {'streamed' if is_stream(record) else 'whole'}"] += 1
        if found := wrong_with(message_of(record), record):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_adds_up_to_the_same_message(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        counted["streamed"] += 1
        dresser = Dresser(id="lc_run--1", provider="some")
        decoder = PROTOCOL.decoder(DIALECT)
        data = body(record)
        chunks: list[Any] = []
        for start in range(0, len(data), 1000):
            chunks += dresser.feed(decoder.feed(data[start : start + 1000]))
        chunks += dresser.feed(decoder.close())
        chunks.append(dresser.close())
        message = message_chunk_to_message(sum_chunks(chunks))
        assert isinstance(message, AIMessage)
        assert "".join(str(chunk.text) for chunk in chunks) == message.text
        if found := wrong_with(message, record):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        data = body(record)
        whole = record["id"] not in UNFINISHED
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {
            "split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)],
            "CRLF": [data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")],
            "no last line end": [data.rstrip()],
        }
        if len(data) < 20_000:
            ways["bytewise"] = [data[n : n + 1] for n in range(len(data))]
        for way, pieces in ways.items():
            counted[way] += 1
            message = assemble(feed(pieces, whole=whole), provider="some")
            if found := wrong_with(message, record):
                wrong[record["id"]] = [way, *found]
    report(wrong, counted, record_property)


def test_every_stream_is_the_same_as_an_array(record_property: Any) -> None:
    """Without `alt=sse` a stream is one JSON array of the same chunks."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        if record["id"] in UNFINISHED:
            continue
        counted["arrays"] += 2
        data = json.dumps(chunks_of(record)).encode()
        for events in (PROTOCOL.decode(data, DIALECT), feed([data[:100], data[100:]])):
            if found := wrong_with(assemble(events, provider="some"), record):
                wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_an_error_amid_a_stream_is_the_last_event() -> None:
    record = recorded(BROKEN, "gemini.generate_content")
    data = body(record)
    for pieces in ([data], [data[n : n + 1] for n in range(len(data))]):
        *events, failure = feed(pieces)
        assert failure == Failure(
            499, "CANCELLED", None, "The operation was cancelled.", chunks_of(record)[-1]
        )
        assert assemble(events).text == "First Second "


def test_every_reply_goes_back_as_it_came(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        if record["id"] == BROKEN:
            continue
        reply = message_of(record)
        history = [HumanMessage("a"), reply, HumanMessage("b")]
        contents = PROTOCOL.encode("m", history, {}, False, DIALECT).body["contents"]
        sent = [part for turn in contents if turn["role"] == "model" for part in turn["parts"]]
        counted["replies"] += 1
        if (left := laid(sent)) != (right := laid(said_by(record).parts)):
            wrong[record["id"]] = [f"{left!r:.700} is not {right!r:.700}"]
    report(wrong, counted, record_property)


def laid(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay text that goes on end to end; what says nothing is not there."""
    found: list[dict[str, Any]] = []
    for given in parts:
        part = {k: v for k, v in given.items() if v is not False}
        if "functionCall" in part:
            part["functionCall"] = {"args": {}, **part["functionCall"]}
        if part in ({}, {"text": ""}, {"text": "", "thought": True}):
            continue
        before = found[-1] if found else {}
        if "text" in part and before.keys() == part.keys() <= {"text", "thought"}:
            found[-1] = {**before, "text": before["text"] + part["text"]}
        else:
            found.append(part)
    return found


@pytest.mark.parametrize(
    "record", [r for r in records() if r["status"] >= 300], ids=lambda r: r["id"]
)
def test_every_error_is_read(record: dict[str, Any]) -> None:
    wire = record["response"]
    error = (wire[0] if isinstance(wire, list) else wire)["error"]
    report = PROTOCOL.read_error(body(record))
    assert report.message == error["message"]
    assert report.code == error["status"]
