"""Every recorded answer of Claude on Bedrock: the words of Messages, in binary frames.

The frames are cut and unpacked by the oracle of Bedrock, what they hold is judged by Anthropic's.
"""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

import pytest

from conure import errors
from conure.aws import ChatAnthropicBedrock
from conure.messages import AIMessage, HumanMessage, assemble
from conure.messages.coerce import to_messages
from conure.messages.events import Event, Failure
from conure.protocols.anthropic_messages import PROTOCOL
from conure.providers import find
from tests.replay import anthropic_oracle
from tests.replay.anthropic_judge import judge
from tests.replay.anthropic_oracle import Said
from tests.replay.anthropic_requests import content_as_sent, differences
from tests.replay.asking import Given, Record, ask_all
from tests.replay.bedrock_oracle import frames
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, load, needs_traffic

pytestmark = needs_traffic

DIALECT = find("anthropic_bedrock").dialect
NOT_SETTINGS = ("messages", "system")
KINDS: dict[int, type[errors.ModelError]] = {
    400: errors.ModelInvalidRequestError,
    403: errors.ModelAuthenticationError,
}


def records() -> list[Record]:
    return [r for r in load("anthropic.messages") if r["api"] == "anthropic.messages@bedrock"]


def answers() -> list[Record]:
    return [record for record in records() if record["status"] == 200]


def said_by(record: Record) -> Said:
    if not is_stream(record):
        return anthropic_oracle.read_whole(record["response"])
    wires = [json.loads(payload)["bytes"] for _, payload in frames(body(record))]
    return anthropic_oracle.read_stream(
        "".join(f"data: {base64.b64decode(wire).decode()}\n\n" for wire in wires)
    )


def decode(record: Record) -> list[Event]:
    return feed([body(record)]) if is_stream(record) else PROTOCOL.decode(body(record), DIALECT)


def feed(pieces: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    events += decoder.close()
    assert decoder.finished
    return events


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


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in filter(is_stream, answers()):
        data = body(record)
        whole = comparable(feed([data]))
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {"split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]}
        ways["bytewise"] = [data[n : n + 1] for n in range(len(data))]
        for way, pieces in ways.items():
            counted[way] += 1
            if comparable(feed(pieces)) != whole:
                wrong[record["id"]] = [way]
    report(wrong, counted, record_property)


def comparable(events: list[Event]) -> Any:
    message = assemble(events)
    blocks, facts = message.content_blocks, message.response_metadata
    return message.content, blocks, facts, message.usage_metadata


def model_for(record: Record, url: str) -> ChatAnthropicBedrock:
    model = unquote(record["path"].split("/")[2])
    return ChatAnthropicBedrock(model=model, api_key="k", base_url=url, max_retries=0)


def path_of(record: Record) -> str:
    model = quote(unquote(record["path"].split("/")[2]), safe="")
    streamed = "-with-response-stream" if is_stream(record) else ""
    return f"/model/{model}/invoke{streamed}"


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
    status = record["status"]
    if status != 200:
        is_told = (
            type(given) is KINDS[status]
            and given.status_code == status
            and record["response"]["message"] in str(given)
        )
        return "error replies", [] if is_told else [repr(given)]
    kind = "streamed" if is_stream(record) else "whole"
    if not isinstance(given, AIMessage):
        return kind, [repr(given)]
    return kind, judge(given, said_by(record))


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in records():
        counted["requests"] += 1
        request = record["request"]
        settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
        messages: list[Any] = [*request["messages"]]
        if system := request.get("system"):
            messages.insert(0, {"role": "system", "content": system})
        model = unquote(record["path"].split("/")[2])
        streaming = record["path"].endswith("-stream")
        encoded = PROTOCOL.encode(model, to_messages(messages), settings, streaming, DIALECT)
        names, unlike = differences(encoded.body, request)
        needed.update(names)
        path = record["path"].replace(":", "%3A")
        unlike += [*encoded.warnings, *([] if encoded.path == path else [encoded.path])]
        if unlike or encoded.headers:
            wrong[record["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    report(wrong, counted, record_property)


def test_every_reply_goes_back_as_it_came(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        counted["replies"] += 1
        reply = assemble(decode(record), provider="some")
        history = [HumanMessage("before"), reply, HumanMessage("after")]
        turns = PROTOCOL.encode("some", history, {}, False, DIALECT).body["messages"]
        expected = content_as_sent(said_by(record).blocks)
        if not expected:
            assert len(turns) == 1
        elif content_as_sent(turns[1]["content"]) != expected:
            wrong[record["id"]] = [f"{turns[1]!r:.400} is not {expected!r:.400}"]
    report(wrong, counted, record_property)
