"""Every recorded Cohere answer, read by the codec and judged by the oracle."""

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
from conure.messages.events import BlockStart, Event
from conure.protocols.cohere import PROTOCOL
from tests.replay.cohere_oracle import judge, records, said_by
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
        if len(data) > 40_000:
            del ways["bytewise"]
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
        counted["replies"] += 1
        expected = [{"type": kind, kind: text} for kind, text in said.parts.values()]
        content = turn.get("content") or []
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        found = {
            "content": (content, expected),
            "plan": (turn.get("tool_plan", ""), said.plan),
            "calls": (plain(turn.get("tool_calls", [])), plain(said.calls)),
            "citations": (turn.get("citations", []), said.citations),
        }
        if unlike := [f"{name}: {a} is not {b}" for name, (a, b) in found.items() if a != b]:
            wrong[record["id"]] = unlike
    report(wrong, counted, record_property)


def plain(calls: list[dict[str, Any]]) -> list[Any]:
    """Read arguments, whose white space means nothing; null is how none are written."""
    return [
        (
            call["id"],
            call["function"]["name"],
            json.loads(call["function"]["arguments"] or "{}") or {},
        )
        for call in calls
    ]


def test_oddity_40_one_call_an_event_a_plan_for_content_and_two_ends() -> None:
    name = "rig.cohere.streaming_grammar.required_tool_choice_streams_tool_call.0"
    record = recorded(name, "cohere.chat")
    assert record["response_text"].count("message-end") == 2
    assert record["response_text"].rstrip().endswith("data: [DONE]")
    events = decode(record)
    assert [event.block["type"] for event in events if isinstance(event, BlockStart)] == [
        "text",
        "tool_call_chunk",
    ]
    message = assemble(events)
    assert message.text.startswith("I will use")
    assert [call["name"] for call in message.tool_calls] == ["subtract"]
    assert message.response_metadata["finish_reason"] == "TOOL_CALL"
    assert message.usage_metadata is not None
