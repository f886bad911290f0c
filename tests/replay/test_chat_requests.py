"""Every recorded Chat Completions request, given as it was recorded, goes out the same again.

And every recorded reply, sent back in a history, puts what it said on the wire again.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from conure.errors import ConfigurationError
from conure.messages import HumanMessage, assemble
from conure.messages.coerce import to_messages
from conure.protocols import Encoded
from conure.protocols.openai_chat import PROTOCOL, Dialect
from tests.replay.chat_oracle import Said
from tests.replay.chat_requests import differences
from tests.replay.test_chat import decode, dialect_of, report, said_by, successes
from tests.replay.traffic import chat, needs_traffic

pytestmark = needs_traffic

NOT_SETTINGS = ("messages", "model", "stream")
# What their servers refused, or took although it cannot be said unambiguously.
REFUSED = {
    "crewai.crewai.test_custom_llm_within_crew.0": "has no type",
    "openllmetry.opentelemetry-instrumentation-writer.test_chat."
    "test_writer_async_streaming_chat_tool_calls_legacy.0": "has no 'tool_call_id'",
}


def encode(record: dict[str, Any]) -> Encoded:
    request = record["request"]
    settings = {name: value for name, value in request.items() if name not in NOT_SETTINGS}
    messages = to_messages(request["messages"])
    streaming = bool(request.get("stream"))
    # Where a deployment's address says which model, the body need not.
    model = request.get("model") or "deployment"
    return PROTOCOL.encode(model, messages, settings, streaming, dialect_of(record))


def test_every_request_goes_out_as_it_was_recorded(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for record in chat():
        if not (record.get("request") or {}).get("messages"):
            continue
        counted["requests"] += 1
        try:
            encoded = encode(record)
        except ConfigurationError as error:
            if REFUSED.get(record["id"], "?") not in str(error):
                wrong[record["id"]] = [str(error)]
            else:
                needed["refused here as well"] += 1
            continue
        given = record["request"]
        sent = {**given, "model": given.get("model") or "deployment"}
        names, unlike = differences(encoded.body, sent)
        needed.update(names)
        if unlike or encoded.path != dialect_of(record).path:
            wrong[record["id"]] = unlike
    print("forgiven:", dict(needed.most_common()))
    record_property("forgiven", dict(needed))
    report(wrong, counted, record_property)


def test_no_request_has_a_setting_its_dialect_drops() -> None:
    for record in chat():
        request = record.get("request") or {}
        if request.get("messages") and record["id"] not in REFUSED:
            encoded = encode(record)
            dropped = dialect_of(record).drops & encoded.body.keys()
            assert not dropped
            for name in dialect_of(record).drops & request.keys():
                assert request[name] is None or any(name in said for said in encoded.warnings)


def test_every_reply_goes_back_with_all_it_said(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        said = said_by(record)
        if said.error is not None:
            continue
        dialect = dialect_of(record)
        reply = assemble(decode(record), provider="some")
        history = [HumanMessage("before"), reply, HumanMessage("after")]
        turn = PROTOCOL.encode("some", history, {}, False, dialect).body["messages"][1]
        counted["replies"] += 1
        if found := missing(turn, said, dialect):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def missing(turn: dict[str, Any], said: Said, dialect: Dialect) -> list[str]:
    """Tell what was said and is not in the turn."""
    calls = [(id, name, _plain(args)) for id, name, args in said.calls]
    checks: dict[str, tuple[Any, Any]] = {
        "text": (_text_of(turn), said.text),
        "calls": (_calls_of(turn), calls if any(id for id, _, _ in calls) else _calls_of(turn)),
        "refusal": (turn.get("refusal") or "", said.refusal),
        "audio": ((turn.get("audio") or {}).get("id"), said.audio),
    }
    if dialect.replays != ():
        found = said.reasoning in _reasoning_of(turn) or not said.reasoning
        checks["reasoning"] = (found, True)
        details = _join(turn.get("reasoning_details") or [])
        checks["details"] = (details, _join(said.details) or details)
    return [f"{name}: {a!r:.300} is not {b!r:.300}" for name, (a, b) in checks.items() if a != b]


def _text_of(turn: dict[str, Any]) -> str:
    content = turn.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


def _reasoning_of(turn: dict[str, Any]) -> list[str]:
    content = turn.get("content")
    parts = (
        [part for part in content if part["type"] == "thinking"]
        if isinstance(content, list)
        else []
    )
    found = ["".join(inner["text"] for part in parts for inner in part["thinking"])]
    found += [turn[name] for name in ("reasoning", "reasoning_content") if name in turn]
    details = turn.get("reasoning_details") or []
    return [*found, "".join(d.get("text") or d.get("summary") or "" for d in details)]


def _calls_of(turn: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for call in turn.get("tool_calls") or []:
        if call["type"] == "custom":
            found.append((call["id"], call["custom"]["name"], {"__arg1": call["custom"]["input"]}))
        else:
            function = call["function"]
            found.append((call["id"], function["name"], _plain(function["arguments"])))
    if legacy := turn.get("function_call"):
        found.append((None, legacy["name"], _plain(legacy["arguments"])))
    return found


def _plain(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _join(details: list[dict[str, Any]]) -> list[Any]:
    """Pieces of one detail joined: by type and index, encrypted ones never."""
    joined: list[dict[str, Any]] = []
    for detail in details:
        same = [
            each
            for each in joined
            if each.get("type") == detail.get("type")
            and each.get("index") == detail.get("index")
            and "data" not in detail
        ]
        into = same[-1] if same else {}
        if not same:
            joined.append(into)
        for name, value in detail.items():
            if name in ("text", "summary") and name in into:
                into[name] += value
            elif value is not None:
                into[name] = value
    return joined
