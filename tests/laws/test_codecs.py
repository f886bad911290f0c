"""What holds for every codec and anything a provider may send.

Feeding whole is feeding in pieces; whole and streamed replies agree; unknown fields never raise
and are never lost; any bytes give events or a `ProtocolError`, and a history survives the round.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from conure.errors import ProtocolError
from conure.messages import HumanMessage, assemble, blocks_of
from conure.messages.events import Event, Failure
from conure.protocols.openai_chat import PROTOCOL
from conure.protocols.openai_chat.dialect import Dialect
from conure.protocols.openai_chat.response import StreamDecoder, decode

DIALECT = Dialect()
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.sampled_from(["f", "g", "get_weather"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(WORDS, JSON, max_size=3).map(json.dumps)
CALL = st.tuples(NAMES, ARGUMENTS)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "reasoning": WORDS,
        "content": WORDS,
        "refusal": WORDS,
        "calls": st.lists(CALL, max_size=3),
    },
)


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def envelope(delta: Any, finish: str | None = None, **more: Any) -> str:
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish, **more}
    return json.dumps({"id": "chatcmpl-1", "model": "m", "choices": [choice]})


def as_stream(message: dict[str, Any], size: int) -> bytes:
    """Write the message as a vendor would stream it, so many characters at a time."""
    chunks: list[str] = []
    for field in ("reasoning", "content", "refusal"):
        chunks += [envelope({field: piece}) for piece in pieces(message.get(field, ""), size)]
    for index, (name, arguments) in enumerate(message.get("calls", [])):
        head = {"index": index, "id": f"id_{index}", "function": {"name": name, "arguments": ""}}
        chunks.append(envelope({"tool_calls": [head]}))
        for piece in pieces(arguments, size):
            more = {"index": index, "function": {"arguments": piece}}
            chunks.append(envelope({"tool_calls": [more]}))
    chunks += [envelope({}, "stop"), "[DONE]"]
    return "".join(f"data: {chunk}\n\n" for chunk in chunks).encode()


def as_whole(message: dict[str, Any]) -> bytes:
    wire = {field: message.get(field) for field in ("reasoning", "content", "refusal")}
    wire["tool_calls"] = [
        {"id": f"id_{index}", "function": {"name": name, "arguments": arguments}}
        for index, (name, arguments) in enumerate(message.get("calls", []))
    ]
    choice = {"index": 0, "message": wire, "finish_reason": "stop"}
    return json.dumps({"id": "chatcmpl-1", "model": "m", "choices": [choice]}).encode()


def feed(parts: list[bytes]) -> list[Event]:
    decoder = StreamDecoder(DIALECT)
    events = [event for part in parts for event in decoder.feed(part)]
    return events + decoder.close()


def comparable(events: list[Event]) -> Any:
    message = assemble(events)
    blocks = json.dumps(message.content_blocks, sort_keys=True)
    blocks = re.sub('"call_[0-9a-f]{24}"', '"made up"', blocks)
    return blocks, message.response_metadata, message.usage_metadata, message.content


@given(MESSAGE, st.integers(1, 5), st.data())
def test_feeding_whole_is_feeding_in_pieces(message: Any, size: int, data: Any) -> None:
    stream = as_stream(message, size)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    expected = comparable(feed([stream]))
    assert comparable(feed(parts)) == expected
    assert comparable(feed([stream[n : n + 1] for n in range(len(stream))])) == expected
    assert comparable(feed([stream.replace(b"\n", b"\r\n")])) == expected


@given(MESSAGE, st.integers(1, 5))
def test_whole_and_streamed_replies_agree(message: Any, size: int) -> None:
    assert comparable(feed([as_stream(message, size)])) == comparable(
        decode(as_whole(message), DIALECT)
    )


@given(MESSAGE)
def test_a_history_survives_the_round(message: Any) -> None:
    reply = assemble(decode(as_whole(message), DIALECT))
    body = PROTOCOL.encode("m", [HumanMessage("h"), reply], {}, False, DIALECT).body
    turn = body["messages"][1]
    assert (turn.get("content") or "") == message.get("content", "")
    assert turn.get("reasoning", "") == message.get("reasoning", "")
    assert turn.get("refusal", "") == message.get("refusal", "")
    calls = [
        (call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in turn.get("tool_calls", [])
    ]
    assert calls == [(name, json.loads(text)) for name, text in message.get("calls", [])]
    again = assemble(
        decode(
            json.dumps({"choices": [{"message": turn, "finish_reason": "stop"}]}).encode(), DIALECT
        )
    )
    assert blocks_of(again) == blocks_of(reply)


@given(st.dictionaries(WORDS, JSON, max_size=3), st.sampled_from(["top", "choice", "message"]))
def test_unknown_fields_never_raise_and_are_kept(fields: dict[str, Any], place: str) -> None:
    unknown = {f"x_{name}": value for name, value in fields.items()}
    message = {"content": "x", **(unknown if place == "message" else {})}
    choice = {"message": message, "finish_reason": "stop", **(unknown if place == "choice" else {})}
    wire = {"id": "1", "choices": [choice], **(unknown if place == "top" else {})}
    metadata = assemble(decode(json.dumps(wire).encode(), DIALECT)).response_metadata
    for name, value in unknown.items():
        if value is not None and value not in ("", [], {}):
            assert metadata[name] == value


FIELDS = st.sampled_from([
    "annotations", "arguments", "audio", "content", "custom", "data", "delta", "function",
    "function_call", "id", "image_url", "images", "index", "input", "message", "name", "reasoning",
    "reasoning_content", "reasoning_details", "refusal", "role", "summary", "text", "thinking",
    "thinking_blocks", "tool_calls", "transcript", "type", "url", "url_citation",
])  # fmt: skip
KINDS = st.sampled_from(
    ["text", "thinking", "reasoning", "image_url", "refusal", "function", "custom"]
)
WIRE = st.recursive(
    JSON | KINDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, WIRE, max_size=5))
def test_fields_of_any_shape_never_raise(delta: dict[str, Any]) -> None:
    for body in (
        json.dumps({"choices": [{"message": delta, "finish_reason": "stop"}]}).encode(),
        f"data: {envelope(delta)}\n\ndata: {envelope(delta, 'stop')}\n\n".encode(),
        f"data: {envelope(delta, index=1)}\n\ndata: {envelope(delta, index=1)}\n\n".encode(),
    ):
        assemble(decode(body, DIALECT)).content_blocks  # noqa: B018 - looking is the test


@given(st.dictionaries(st.sampled_from([
    "error", "choices", "usage", "id", "model", "object", "message", "detail", "x_some",
]), JSON))  # fmt: skip
def test_envelopes_of_any_shape_give_events_or_a_protocol_error(wire: dict[str, Any]) -> None:
    try:
        events = decode(json.dumps(wire).encode(), DIALECT)
    except ProtocolError:
        return
    assert not any(isinstance(event, Failure) for event in events[:-1])
    feed([f"data: {json.dumps(wire)}\n\n".encode()])


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
@settings(max_examples=300)
def test_any_bytes_give_events_or_a_protocol_error(data: bytes) -> None:
    for body in (data, b"data: " + data, b'data: {"choices": [{"delta": ' + data + b"}]}\n\n"):
        for read in (lambda body: decode(body, DIALECT), lambda body: feed([body])):
            try:
                read(body)
            except ProtocolError:
                continue


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_error_body_is_read(body: bytes) -> None:
    report = PROTOCOL.read_error(body)
    assert isinstance(report.message, str)


@pytest.mark.parametrize("count", [1_000, 4_000])
def test_a_long_stream_is_read_in_as_many_steps(count: int) -> None:
    """Four times the chunks give four times the events, and no chunk is parsed twice."""
    events = feed([as_stream({"content": "x" * count}, 1)])
    assert len(events) <= count + 5
