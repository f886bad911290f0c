"""Every recorded Cohere request, given as it was recorded, goes out the same again."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from conure.messages.coerce import to_messages
from conure.protocols.cohere import PROTOCOL
from tests.replay.cohere_oracle import records
from tests.replay.test_chat import report
from tests.replay.traffic import needs_traffic

pytestmark = needs_traffic

NOT_SETTINGS = ("messages", "model", "stream")
NOTHING: tuple[Any, ...] = (None, "", [], [{"type": "text", "text": ""}])


def sent_for(request: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
    settings["stop"] = settings.pop("stop_sequences", None)
    for name, value in settings.items():
        assert value is None or PROTOCOL.settings[name](value) is None, name
    encoded = PROTOCOL.encode(
        request["model"],
        to_messages(request["messages"]),
        settings,
        request.get("stream", False),
        PROTOCOL.dialect(),
    )
    assert encoded.path == "/v2/chat"
    return encoded.body, encoded.warnings


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: null, emptiness, not streaming."""
    written = {name: value for name, value in body.items() if value not in NOTHING}
    if written.get("stream") is False:
        del written["stream"]
    written["messages"] = [_plain_turn(turn) for turn in body["messages"]]
    return written


def _plain_turn(turn: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in turn.items() if value not in NOTHING}
    if calls := kept.get("tool_calls"):
        kept["tool_calls"] = [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in calls
        ]
    return kept


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records():
        request = record["request"]
        if request is None:
            continue
        counted["requests"] += 1
        body, warnings = sent_for(request)
        sent, recorded = plain(body), plain(request)
        unlike = [
            f"{name}: {sent.get(name)!r:.400} is not {recorded.get(name)!r:.400}"
            for name in sorted({*sent, *recorded})
            if sent.get(name) != recorded.get(name)
        ]
        if unlike or warnings:
            wrong[record["id"]] = [*unlike, *warnings]
    report(wrong, counted, record_property)
