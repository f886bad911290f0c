"""Every recorded Bedrock Converse request, given as it was recorded, goes out the same again.

And every recorded reply, sent back in a history, puts what it said on the wire again.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import unquote

import pytest

from conure.messages import AIMessage, HumanMessage, assemble
from conure.messages.coerce import to_messages
from conure.protocols import Encoded
from conure.protocols.bedrock_converse import PROTOCOL
from tests.replay.bedrock_oracle import Said, answers, records, said_by
from tests.replay.test_bedrock import DIALECT, decode
from tests.replay.test_chat import report
from tests.replay.traffic import needs_traffic

pytestmark = needs_traffic

SETTINGS = {
    "additionalModelRequestFields": "additional_model_request_fields",
    "additionalModelResponseFieldPaths": "additional_model_response_field_paths",
    "guardrailConfig": "guardrail_config",
    "outputConfig": "output_config",
    "performanceConfig": "performance_config",
    "requestMetadata": "request_metadata",
    "serviceTier": "service_tier",
}
INFERENCE = {
    "maxTokens": "max_tokens",
    "stopSequences": "stop",
    "temperature": "temperature",
    "topP": "top_p",
}
# Name of a difference -> why both sides say the same.
FORGIVEN = {
    "nothing is left out": "an empty list or object is the default",
    "turns in a row": "one turn of all that was said, as other models of the API want it",
}


def requests() -> list[dict[str, Any]]:
    return [record for record in records() if record["request"]]


def encode(record: dict[str, Any]) -> Encoded:
    request = record["request"]
    settings = {SETTINGS[name]: value for name, value in request.items() if name in SETTINGS}
    for name, value in (request.get("inferenceConfig") or {}).items():
        settings[INFERENCE[name]] = value
    config = request.get("toolConfig") or {}
    settings |= {"tools": config.get("tools"), "tool_choice": config.get("toolChoice")}
    for name, value in settings.items():
        assert value is None or PROTOCOL.settings[name](value) is None, name
    messages: list[Any] = [*request["messages"]]
    if system := request.get("system"):
        messages.insert(0, {"role": "system", "content": system})
    model = unquote(record["path"].split("/")[2])
    return PROTOCOL.encode(model, to_messages(messages), settings, record["streaming"], DIALECT)


def levelled(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Level out what is forgiven."""
    level = {name: value for name, value in body.items() if value not in ([], {})}
    if len(level) < len(body):
        names.add("nothing is left out")
    if not level.get("inferenceConfig", {}).get("stopSequences", True):
        names.add("nothing is left out")
        inference = level["inferenceConfig"]
        level["inferenceConfig"] = {k: v for k, v in inference.items() if k != "stopSequences"}
    turns: list[dict[str, Any]] = []
    for turn in level["messages"]:
        if turns and turns[-1]["role"] == turn["role"] == "user":
            names.add("turns in a row")
            turns[-1] = {"role": "user", "content": turns[-1]["content"] + turn["content"]}
        else:
            turns.append(turn)
    return {**level, "messages": turns}


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in requests():
        counted["requests"] += 1
        encoded = encode(record)
        names: set[str] = set()
        sent, recorded = levelled(encoded.body, set()), levelled(record["request"], names)
        needed.update(names)
        unlike = [
            f"{name}: {sent.get(name)!r:.400} is not {recorded.get(name)!r:.400}"
            for name in sorted({*sent, *recorded})
            if sent.get(name) != recorded.get(name)
        ]
        if encoded.path != record["path"].replace(":", "%3A"):
            unlike.append(encoded.path)
        if unlike or encoded.warnings:
            wrong[record["id"]] = [*unlike, *encoded.warnings]
    assert needed.keys() <= FORGIVEN.keys()
    print("forgiven:", dict(needed.most_common()))
    report(wrong, counted, record_property)


def test_every_request_is_one_that_the_api_describes(record_property: Any) -> None:
    """AWS's own description of the API, as botocore carries it, finds nothing wrong."""
    session = pytest.importorskip("botocore.session").Session()
    validate = pytest.importorskip("botocore.validate").ParamValidator().validate
    service = session.get_service_model("bedrock-runtime")
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in requests():
        operation = "ConverseStream" if record["streaming"] else "Converse"
        counted[operation] += 1
        body = {"modelId": "m", **encode(record).body}
        shape = service.operation_model(operation).input_shape
        if (found := validate(body, shape)).has_errors():
            wrong[record["id"]] = [found.generate_report()]
    report(wrong, counted, record_property)


def turn_of(reply: AIMessage) -> list[Any]:
    """Give the turn that a reply makes between two of the user's."""
    history = [HumanMessage("before"), reply, HumanMessage("after")]
    turns = PROTOCOL.encode("some", history, {}, False, DIALECT).body["messages"]
    return turns[1]["content"] if len(turns) == 3 else []


def as_sent(blocks: list[Any]) -> list[Any]:
    """Level out what a reply says and a request need not: types of calls, statuses of results.

    Calls whose arguments are no object are wrapped up, texts in pieces are one.
    """
    level: list[Any] = []
    for block in json.loads(json.dumps(blocks)):
        match block:
            case {"text": ""}:
                continue
            case {"toolUse": use}:
                if use.get("type") == "tool_use":
                    del use["type"]
                if not isinstance(use["input"], dict):
                    use["input"] = {"INVALID_JSON": use["input"]}
            case {"toolResult": result}:
                result.setdefault("status", "success")
            case {"citationsContent": cited}:
                cited["content"] = [{"text": "".join(p["text"] for p in cited["content"])}]
            case _:
                pass
        level.append(block)
    return level


def test_every_reply_goes_back_as_it_came(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    kinds: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for record in answers():
        said = said_by(record)
        counted["replies"] += 1
        kinds.update({kind for block in said.blocks for kind in block})
        if found := unlike(turn_of(assemble(decode(record), provider="some")), said):
            wrong[record["id"]] = found
    print(", ".join(f"{n} with {kind}" for kind, n in kinds.most_common()))
    report(wrong, counted, record_property)


def unlike(turn: list[Any], said: Said) -> list[str]:
    expected = as_sent(said.blocks)
    if turn == expected:
        return []
    pairs = [(a, b) for a, b in zip(turn, expected, strict=False) if a != b]
    return [f"{len(turn)} blocks, not {len(expected)}: {json.dumps(pairs[:1])[:900]}"]


def test_every_conversation_goes_on_with_what_was_said(record_property: Any) -> None:
    """What clients really sent back of a reply is what we send back of it."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record, then in conversations():
        said = as_sent(said_by(record).blocks)
        later = [turn for turn in then["request"]["messages"] if turn["role"] == "assistant"]
        if said not in [as_sent(turn["content"]) for turn in later]:
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
        and record["status"] == 200
        and any(m["role"] == "assistant" for m in (then["request"] or {}).get("messages", []))
    ]
