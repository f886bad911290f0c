"""Every recorded Anthropic Messages request, given as it was recorded, goes out the same again.

And every recorded reply, sent back in a history, puts what it said on the wire again.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, assemble
from conure.messages.coerce import to_messages
from conure.protocols import Encoded
from conure.protocols.anthropic_messages import PROTOCOL
from conure.providers import find
from conure.providers.anthropic import vertex
from tests.replay.anthropic_judge import records, said_by
from tests.replay.anthropic_oracle import Said
from tests.replay.anthropic_requests import content_as_sent, differences
from tests.replay.test_anthropic import decode
from tests.replay.test_chat import report
from tests.replay.traffic import load, needs_traffic

pytestmark = needs_traffic

DIALECT = find("anthropic").dialect
NOT_SETTINGS = ("messages", "model", "stream", "system")
OWN_VERSION = "anthropic_version"
# Refused there: a text among messages. Here it is what the user says.


def requests() -> list[dict[str, Any]]:
    """Every request in the protocol's own shape, whatever door it went through."""
    return [
        record
        for record in load("anthropic.messages")
        if record["api"].startswith("anthropic.messages")
        and "messages" in (record["request"] or {})
        # One asked with what are no messages, to see an error.
        and all(isinstance(message, dict) for message in record["request"]["messages"])
    ]


def encode(request: dict[str, Any]) -> Encoded:
    settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
    messages: list[Any] = [*request["messages"]]
    if system := request.get("system"):
        messages.insert(0, {"role": "system", "content": system})
    for name, value in settings.items():
        if value is not None and (words := PROTOCOL.settings[name](value)):
            raise ConfigurationError(f"{name}: {words}")
    streaming = bool(request.get("stream"))
    model = request.get("model") or "claude"
    return PROTOCOL.encode(model, to_messages(messages), settings, streaming, DIALECT)


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in requests():
        counted[record["api"]] += 1
        request = {"model": "claude", **record["request"]}
        try:
            encoded = encode(request)
        except ConfigurationError as error:
            if record["status"] < 300:
                wrong[record["id"]] = [str(error)]
            needed["refused here as well"] += 1
            continue
        names, unlike = differences(encoded.body, request)
        needed.update(names)
        unlike += encoded.warnings
        if unlike or encoded.path != "/v1/messages":
            wrong[record["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    record_property("forgiven", dict(needed))
    report(wrong, counted, record_property)


def test_every_reply_goes_back_as_it_came(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records():
        if record["status"] >= 300:
            continue
        said = said_by(record)
        for kind in {block["type"] for block in said.blocks}:
            counted[kind] += 1
        reply = assemble(decode(record), provider="some")
        if found := unlike(turn_of(reply), said):
            wrong[record["id"]] = found
    summary = ", ".join(f"{n} with {kind}" for kind, n in counted.most_common())
    replies = sum(record["status"] < 300 for record in records())
    print(summary)
    report(wrong, Counter({"replies": replies}), record_property)


def turn_of(reply: AIMessage) -> list[Any]:
    """Give the turn that a reply makes between two of the user's."""
    history = [HumanMessage("before"), reply, HumanMessage("after")]
    turns = PROTOCOL.encode("some", history, {}, False, DIALECT).body["messages"]
    return content_as_sent(turns[1]["content"]) if len(turns) == 3 else []


def unlike(turn: list[Any], said: Said) -> list[str]:
    expected = content_as_sent(said.blocks)
    for block in expected:
        # The API wants arguments that broke off wrapped up like this.
        if block["type"] == "tool_use" and not isinstance(block["input"], dict):
            block["input"] = {"INVALID_JSON": block["input"]}
    if turn == expected:
        return []
    pairs = [(a, b) for a, b in zip(turn, expected, strict=False) if a != b]
    return [f"{len(turn)} blocks, not {len(expected)}: {json.dumps(pairs[:1])[:900]}"]


def test_every_conversation_goes_on_with_what_was_said(record_property: Any) -> None:
    """What clients really sent back of a reply is what we send back of it."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record, then in conversations():
        said = content_as_sent(said_by(record).blocks)
        later = [turn for turn in then["request"]["messages"] if turn["role"] == "assistant"]
        if said not in [content_as_sent(turn["content"]) for turn in later]:
            counted["sent back otherwise by the client"] += 1
            continue
        counted["sent back whole"] += 1
        if turn_of(assemble(decode(record), provider="some")) != said:
            wrong[record["id"]] = ["sent back otherwise"]
    report(wrong, counted, record_property)


def conversations() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of a reply and the next request of its session."""
    by_turn = {(record["conversation"], record["turn"]): record for record in records()}
    return [
        (record, then)
        for (conversation, turn), record in by_turn.items()
        if (then := by_turn.get((conversation, turn + 1))) is not None
        and record["status"] < 300
        and any(m["role"] == "assistant" for m in (then["request"] or {}).get("messages", []))
    ]


def test_every_request_to_google_goes_where_it_was_sent(record_property: Any) -> None:
    """The model and the stream are in the path there, the version in the body."""
    dialect = find("google_anthropic_vertex").dialect
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in requests():
        if record["api"] != "anthropic.messages@vertex":
            continue
        counted[record["api"]] += 1
        before, _, end = record["path"].rpartition("/models/")
        request = record["request"]
        messages: list[Any] = [*request["messages"]]
        if system := request.get("system"):
            messages.insert(0, {"role": "system", "content": system})
        settings = {n: v for n, v in request.items() if n not in (*NOT_SETTINGS, OWN_VERSION)}
        model, streaming = end.partition(":")[0], bool(request.get("stream"))
        encoded = PROTOCOL.encode(model, to_messages(messages), settings, streaming, dialect)
        _, unlike = differences(encoded.body, request)
        if encoded.path != f"/models/{end}":
            unlike.append(f"{encoded.path} is not /models/{end}")
        address = {"project": "PROJECT", "location": before.split("/")[5]}
        if vertex(address).partition(".com")[2] != before:
            unlike.append(f"{vertex(address)} is not {before}")
        if unlike:
            wrong[record["id"]] = unlike
    report(wrong, counted, record_property)
