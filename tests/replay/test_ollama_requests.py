"""Every recorded Ollama request, given as it was recorded, goes out the same again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conure.messages.coerce import to_messages
from conure.protocols import Encoded
from conure.protocols.ollama import PROTOCOL
from tests.replay.ollama_oracle import records
from tests.replay.test_chat import report
from tests.replay.traffic import needs_traffic

pytestmark = needs_traffic

NOT_SETTINGS = ("messages", "model", "stream")
NOTHING: tuple[Any, ...] = (None, "", [], {})


def with_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give calls and their answers ids, which this wire does without and ours does not."""
    given: list[dict[str, Any]] = []
    open_calls: list[str] = []
    for place, message in enumerate(messages):
        turn = dict(message)
        if calls := turn.get("tool_calls"):
            turn["tool_calls"] = [{**call, "id": f"{place}-{n}"} for n, call in enumerate(calls)]
            open_calls += [call["id"] for call in turn["tool_calls"]]
        if turn["role"] == "tool":
            turn["tool_call_id"] = open_calls.pop(0)
        given.append(turn)
    return given


def encode(request: dict[str, Any]) -> Encoded:
    settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
    for name, value in settings.items():
        assert value is None or PROTOCOL.settings[name](value) is None, name
    return PROTOCOL.encode(
        request["model"],
        to_messages(with_ids(request["messages"])),
        settings,
        request.get("stream", True),
        PROTOCOL.dialect(),
    )


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out ids, and what says nothing: null, emptiness, a stream, the type of a call."""
    written = {name: value for name, value in body.items() if value not in NOTHING}
    if written.get("stream") is True:
        del written["stream"]
    written["messages"] = [_plain_turn(turn) for turn in body["messages"]]
    return written


def _plain_turn(turn: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in turn.items() if name != "tool_call_id" and value != []}
    if calls := kept.get("tool_calls"):
        kept["tool_calls"] = [call["function"] for call in calls]
    return kept


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records():
        request = record["request"]
        if request is None:
            continue
        counted["requests"] += 1
        encoded = encode(request)
        sent, recorded = plain(encoded.body), plain(request)
        for ours, theirs in zip(sent["messages"], recorded["messages"], strict=True):
            if "tool_name" not in theirs:
                # Older clients did not say whose answer it is.
                ours.pop("tool_name", None)
        unlike = [
            f"{name}: {sent.get(name)!r:.400} is not {recorded.get(name)!r:.400}"
            for name in sorted({*sent, *recorded})
            if sent.get(name) != recorded.get(name)
        ]
        if unlike or encoded.warnings:
            wrong[record["id"]] = [*unlike, *encoded.warnings]
    report(wrong, counted, record_property)
