"""Replies in the background and shorter histories, as they were recorded, by `model.state`.

A loopback server answers each request with the recorded answer of the same method and path. Every
recorded stream is gone on with after each of its events, too.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from conure.messages import AIMessage
from conure.messages.events import BlockDelta, BlockStart, Event
from conure.openai import ChatOpenAI
from conure.protocols.openai_responses import PROTOCOL
from tests.live.server import Connection, FaultServer, chunked, reply
from tests.replay.responses_requests import differences
from tests.replay.test_chat import report
from tests.replay.test_responses import judge, replies, said_by
from tests.replay.traffic import body, is_stream, load, needs_traffic

pytestmark = needs_traffic

SPOKEN = "pydantic-ai.models.test_openai_responses."
WITH_TOOL = f"{SPOKEN}test_background_mode_with_tool_vcr"
RESUMED = f"{SPOKEN}test_background_mode_streaming_starting_after_vcr"
COMPACTED = [record for record in load("openai.responses") if record["path"].endswith("/compact")]


class Recorded:
    """Answers with recordings, in their order; keeps what it was asked."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.records = list(records)
        self.asked: list[Any] = []

    def __call__(self, connection: Connection) -> None:
        seen = connection.request
        assert seen is not None
        record = self.records[len(self.asked)]
        asked = record["path"].removesuffix("?stream=false")
        assert (seen.method, sorted(seen.target.split("?"))) == (
            record["method"],
            sorted(
                asked.replace("starting_after=0&stream=true", "stream=true&starting_after=0").split(
                    "?"
                )
            ),
        )
        self.asked.append(json.loads(seen.body) if seen.body else None)
        if is_stream(record):
            for piece in chunked(body(record), headers={"content-type": "text/event-stream"}):
                assert isinstance(piece, bytes)
                connection.send(piece)
        else:
            connection.send(reply(body(record)))


def session(name: str) -> list[dict[str, Any]]:
    found = [record for record in load("openai.responses") if record["id"].startswith(name)]
    if not found:
        pytest.skip(f"{name} is not among these recordings")
    return sorted(found, key=lambda record: record["turn"])


def model(server: FaultServer, **parameters: Any) -> ChatOpenAI:
    return ChatOpenAI(model="gpt-4o", base_url=f"{server.url}/v1", api_key="k", **parameters)


def checked(message: AIMessage, record: dict[str, Any]) -> AIMessage:
    assert judge(message, said_by(record)) == []
    return message


def test_replies_in_the_background_with_a_tool() -> None:
    records = session(WITH_TOOL)
    with FaultServer(answer := Recorded(*records)) as server:
        asking = model(server, background=True, tools=records[0]["request"]["tools"])
        question: list[Any] = [("user", "What is the weather in Paris? Use the get_weather tool.")]
        begun = checked(asking.invoke(question, tool_choice="auto"), records[0])
        assert begun.response_metadata["status"] == "queued"
        called = checked(asking.state.result(begun, every=0), records[1])
        (call,) = called.tool_calls
        output = {"role": "tool", "content": "Sunny and 72F in Paris", "tool_call_id": call["id"]}
        again = asking.invoke([*question, called, output], tool_choice="auto")
        checked(again, records[2])
        checked(asking.state.result(again, every=0), records[4])
    assert len(answer.asked) == 5
    _, wrong = differences(answer.asked[0], records[0]["request"])
    assert wrong == []


def test_a_stream_in_the_background_goes_on_after_its_first_event() -> None:
    first, rest = session(RESUMED)
    with FaultServer(Recorded(rest)) as server:
        name = said_by(first).id
        assert name is not None
        chunks = list(model(server).state.resume(name, after=0))
    text = "".join(chunk.text for chunk in chunks)
    assert text == said_by(rest).text == said_by(first).text
    assert chunks[-1].response_metadata["status"] == "completed"


@pytest.mark.parametrize("number", range(len(COMPACTED)))
def test_histories_are_made_shorter(number: int) -> None:
    record = COMPACTED[number]
    asked = record["request"]
    given = {"model", "input"}
    settings = {name: value for name, value in asked.items() if name not in given}
    with FaultServer(answer := Recorded(record)) as server:
        found = model(server).state.compact(asked["input"], model=asked["model"], **settings)
    _, wrong = differences(answer.asked[0], asked)
    assert wrong == []
    assert checked(found, record).content[-1]["type"] == "compaction"  # type: ignore[index]
    sent = PROTOCOL.encode("m", [found], {}, False, PROTOCOL.dialect()).body["input"]
    _, wrong = differences({"input": sent}, {"input": record["response"]["output"]})
    assert wrong == []


def test_every_stream_goes_on_wherever_it_was_left(record_property: Any) -> None:
    """Cut each stream after some of its events: what both sides tell is what the whole tells."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in replies():
        # Fixtures are not all of one piece.
        if record["kind"] != "recorded" or not is_stream(record) or not numbered(record):
            continue
        frames = [
            f"{frame}\n\n".encode() for frame in record["response_text"].split("\n\n") if frame
        ]
        whole = told(PROTOCOL.decoder(PROTOCOL.dialect()), frames)
        spread = random.Random(record["id"])
        for place in sorted(spread.sample(range(1, len(frames)), min(12, len(frames) - 1))):
            counted["cuts"] += 1
            before = told(PROTOCOL.decoder(PROTOCOL.dialect()), frames[:place])
            stored = PROTOCOL.stored
            assert stored is not None
            after = told(stored.decoder(PROTOCOL.dialect()), frames[place:])
            if before["text"] + after["text"] != whole["text"]:
                wrong[f"{record['id']} after {place}"] = [f"{before} {after} {whole}"[:300]]
        counted["streams"] += 1
    report(wrong, counted, record_property)


def numbered(record: dict[str, Any]) -> bool:
    return (
        record["status"] < 300
        and '"sequence_number"' in record["response_text"]
        and said_by(record).error is None
    )


def told(decoder: Any, frames: list[bytes]) -> dict[str, str]:
    events: list[Event] = [event for frame in frames for event in decoder.feed(frame)]
    events += decoder.close()
    found = {"text": ""}
    for event in events:
        if type(event) is BlockDelta and event.field == "text":
            found["text"] += event.text
        elif type(event) is BlockStart and event.block.get("type") == "text":
            found["text"] += event.block.get("text") or ""
    return found
