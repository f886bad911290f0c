"""Every recorded Ollama answer, read by the codec and judged by the oracle."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from conure.messages import (
    AIMessage,
    AIMessageChunk,
    Dresser,
    HumanMessage,
    assemble,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import BlockDelta, Event, UsageReport
from conure.protocols.ollama import PROTOCOL
from tests.replay.ollama_oracle import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic, recorded

pytestmark = needs_traffic

DIALECT = PROTOCOL.dialect()


def decode(record: dict[str, Any]) -> list[Event]:
    if is_stream(record):
        return feed([body(record)])
    return PROTOCOL.decode(body(record), DIALECT)


def feed(pieces: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    events += decoder.close()
    assert decoder.finished
    return events


def answers() -> list[dict[str, Any]]:
    return [record for record in records() if record["status"] < 300]


def streams() -> list[dict[str, Any]]:
    return [record for record in answers() if is_stream(record)]


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        counted["streamed" if is_stream(record) else "whole"] += 1
        if found := judge(assemble(decode(record), provider="some"), said_by(record)):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_a_stream_asked_for_whole_reads_the_same() -> None:
    for record in streams():
        message = assemble(PROTOCOL.decode(body(record), DIALECT), provider="some")
        assert not judge(message, said_by(record)), record["id"]


def test_every_stream_adds_up_to_the_same_message(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        counted["streamed"] += 1
        dresser = Dresser(id="lc_run--1", provider="some")
        decoder = PROTOCOL.decoder(DIALECT)
        data = body(record)
        chunks: list[AIMessageChunk] = []
        for start in range(0, len(data), 1000):
            chunks += dresser.feed(decoder.feed(data[start : start + 1000]))
        chunks += dresser.feed(decoder.close())
        chunks.append(dresser.close())
        message = message_chunk_to_message(sum_chunks(chunks))
        assert isinstance(message, AIMessage)
        assert "".join(str(chunk.text) for chunk in chunks) == message.text
        if found := judge(message, said_by(record)):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
        data = body(record)
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {
            "split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)],
            "bytewise": [data[n : n + 1] for n in range(len(data))],
            "CRLF": [data.replace(b"\n", b"\r\n")],
            "no last line end": [data.rstrip()],
        }
        for way, pieces in ways.items():
            counted[way] += 1
            if found := judge(assemble(feed(pieces), provider="some"), said_by(record)):
                wrong[record["id"]] = [way, *found]
    report(wrong, counted, record_property)


def test_every_reply_goes_back_as_it_came(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        said = said_by(record)
        history = [HumanMessage("a"), assemble(decode(record), provider="some"), HumanMessage("b")]
        turn = PROTOCOL.encode("m", history, {}, False, DIALECT).body["messages"][1]
        calls = [call["function"] for call in turn.get("tool_calls", [])]
        found = (turn["content"], turn.get("thinking", ""), calls)
        expected = [{"name": name, "arguments": args} for _, name, args in said.calls]
        counted["replies"] += 1
        if found != (said.text, said.thinking, expected):
            wrong[record["id"]] = [f"{found!r:.500}"]
    report(wrong, counted, record_property)


def record(name: str) -> dict[str, Any]:
    return recorded(name, "ollama.chat")


def test_oddity_39_arguments_are_an_object_in_a_line_before_the_last() -> None:
    found = record("rig.ollama.reasoning_tool_roundtrip.streaming.0")
    lines = [json.loads(line) for line in found["response_text"].splitlines()]
    assert [line["done"] for line in lines if line["message"].get("tool_calls")] == [False]
    events = decode(found)
    assert [e.text for e in events if isinstance(e, BlockDelta) and e.field == "args"] == [
        '{"city":"Tokyo"}'
    ]
    [call] = assemble(events).tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Tokyo"})
    assert call["id"]


def test_oddity_39_the_last_line_may_lack_the_counts() -> None:
    events = decode(record("prism.ollama.stream-with-thinking.0"))
    assert not [event for event in events if isinstance(event, UsageReport)]
    message = assemble(events, provider="some")
    assert message.usage_metadata is None
    assert message.text.endswith("Have a great day!")
    assert [block["type"] for block in message.content_blocks] == ["reasoning", "text"]
