"""Every recorded Bedrock Converse answer, read by the codec and judged by the oracle."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from conure.messages import AIMessage, Dresser, assemble, message_chunk_to_message, sum_chunks
from conure.messages.events import Event, Failure
from conure.protocols.bedrock_converse import PROTOCOL
from conure.providers import find
from tests.replay.bedrock_oracle import answers, judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic

pytestmark = needs_traffic

DIALECT = find("bedrock_converse").dialect


def decode(record: dict[str, Any]) -> list[Event]:
    if is_stream(record):
        return feed([body(record)])
    return PROTOCOL.decode(body(record), DIALECT)


def feed(pieces: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.close()
    assert decoder.finished
    return events


def streams() -> list[dict[str, Any]]:
    return [record for record in answers() if is_stream(record)]


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        counted["streamed" if is_stream(record) else "whole"] += 1
        events = decode(record)
        assert not any(isinstance(event, Failure) for event in events)
        if found := judge(assemble(events, provider="some"), said_by(record)):
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
        whole = assemble(feed([data]), provider="some")
        assert message.content == whole.content
        assert message.content_blocks == whole.content_blocks
        if found := judge(message, said_by(record)):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        data = body(record)
        whole = comparable(feed([data]))
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {"split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]}
        if len(data) < 20_000:
            ways["bytewise"] = [data[n : n + 1] for n in range(len(data))]
        for way, pieces in ways.items():
            counted[way] += 1
            if comparable(feed(pieces)) != whole:
                wrong[record["id"]] = [way]
    report(wrong, counted, record_property)


def comparable(events: list[Event]) -> dict[str, Any]:
    message = assemble(events)
    return {
        "content": message.content,
        "blocks": message.content_blocks,
        "metadata": message.response_metadata,
        "usage": message.usage_metadata,
    }


def test_every_answer_cut_off_before_its_end_is_not_finished(record_property: Any) -> None:
    counted: Counter[str] = Counter()
    for record in streams():
        data = body(record)
        stop = data.index(b"messageStop") - 60
        decoder = PROTOCOL.decoder(DIALECT)
        decoder.feed(data[:stop])
        decoder.close()
        counted["cut off"] += 1
        assert not decoder.finished
        assert not decoder.done
    report({}, counted, record_property)


def test_every_error_is_told_in_the_provider_s_words(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records():
        if record["status"] == 200:
            continue
        counted["errors"] += 1
        found = PROTOCOL.read_error(body(record))
        if found.message != record["response"]["message"]:
            wrong[record["id"]] = [found.message]
    report(wrong, counted, record_property)


def test_every_answer_can_be_written_as_json() -> None:
    for record in answers():
        message = assemble(decode(record), provider="some")
        json.dumps([message.content, message.content_blocks, message.response_metadata])
