"""What holds for Gemini's codec and anything that is sent to it.

Whole and streamed replies agree, in any pieces; fields of any shape never raise and unknown ones
are never lost; a history survives the round, signatures on the parts they came with.
"""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.messages import HumanMessage, assemble
from conure.messages.events import Event, Failure
from conure.protocols.gemini import PROTOCOL

DIALECT = PROTOCOL.dialect()
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.sampled_from(["f", "g", "get_weather"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(WORDS, JSON, max_size=3)
SEALS = st.fixed_dictionaries({}, optional={"thoughtSignature": st.sampled_from(["s", "t"])})
SAYS = st.one_of(
    st.builds(lambda text: {"text": text}, WORDS),
    st.builds(lambda text: {"text": text, "thought": True}, WORDS),
    st.builds(
        lambda name, args, id: {"functionCall": {"name": name, "args": args, **id}},
        NAMES,
        ARGUMENTS,
        st.just({}) | st.builds(lambda n: {"id": f"id{n}"}, st.integers()),
    ),
    st.just({"executableCode": {"language": "PYTHON", "code": "1"}}),
    st.just({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}),
    st.just({"inlineData": {"mimeType": "image/png", "data": "aQ=="}}),
    st.builds(lambda value: {"someday": {"x": value}}, JSON),
)
PARTS = st.lists(st.builds(lambda part, seal: {**part, **seal}, SAYS, SEALS), max_size=5)


def reply(parts: list[Any], finish: str | None = "STOP", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0, **more}
    return {"candidates": [candidate | ({"finishReason": finish} if finish else {})]}


def as_stream(parts: list[Any], size: int) -> bytes:
    """Write parts as they are streamed: text in pieces, its signature with the last one."""
    chunks: list[Any] = []
    for part in parts:
        text = part.get("text", "")
        if len(text) <= size or "thoughtSignature" in part:
            chunks.append(reply([part], None))
            continue
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        chunks += [reply([{**part, "text": piece}], None) for piece in pieces]
    chunks.append(reply([]))
    return "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in chunks).encode()


def feed(parts: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events = [event for part in parts for event in decoder.feed(part)]
    return events + decoder.close()


def decode(wire: Any) -> list[Event]:
    return PROTOCOL.decode(json.dumps(wire).encode(), DIALECT)


def comparable(events: list[Event]) -> Any:
    message = assemble(events)
    blocks = json.dumps(message.content_blocks, sort_keys=True)
    blocks = re.sub('"call_[0-9a-f]{24}"', '"made up"', blocks)
    return blocks, message.response_metadata, message.usage_metadata


@given(PARTS, st.integers(1, 5), st.data())
def test_feeding_whole_is_feeding_in_pieces(parts: Any, size: int, data: Any) -> None:
    stream = as_stream(parts, size)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    expected = comparable(feed([stream]))
    assert comparable(feed(pieces)) == expected
    assert comparable(feed([stream[n : n + 1] for n in range(len(stream))])) == expected
    assert comparable(feed([stream.replace(b"\r\n", b"\n")])) == expected


@given(PARTS, st.integers(1, 5))
def test_whole_and_streamed_replies_agree(parts: Any, size: int) -> None:
    assert comparable(feed([as_stream(parts, size)])) == comparable(decode(reply(parts)))


def laid(parts: list[Any]) -> list[Any]:
    """Lay text that goes on end to end; what says nothing is not there."""
    found: list[Any] = []
    for part in parts:
        before = found[-1] if found else {}
        if part in ({"text": ""}, {"text": "", "thought": True}):
            continue
        if "text" in part and before.keys() == part.keys() <= {"text", "thought"}:
            found[-1] = {**before, "text": before["text"] + part["text"]}
        else:
            found.append(part)
    return found


def unique(parts: list[Any]) -> list[Any]:
    """Leave ids away that an earlier call has: two calls of one id are told apart."""
    seen: set[str] = set()
    found: list[Any] = []
    for part in parts:
        call = part.get("functionCall")
        if call and call.get("id") in seen:
            call = {name: value for name, value in call.items() if name != "id"}
            part = {**part, "functionCall": call}  # noqa: PLW2901 - the same, less
        elif call and "id" in call:
            seen.add(call["id"])
        found.append(part)
    return found


@given(PARTS)
def test_a_history_survives_the_round(parts: Any) -> None:
    said = assemble(decode(reply(parts)))
    body = PROTOCOL.encode("m", [HumanMessage("h"), said], {}, False, DIALECT).body
    turns = body["contents"][1:]
    sent = [part for turn in turns for part in turn["parts"]]
    assert laid(sent) == laid(unique(parts))
    assert all(turn["parts"] for turn in turns)


@given(
    st.dictionaries(WORDS, JSON, max_size=3),
    st.sampled_from(["top", "candidate", "content", "part"]),
)
def test_unknown_fields_never_raise_and_are_kept(fields: dict[str, Any], place: str) -> None:
    unknown = {f"x_{name}": value for name, value in fields.items() if value is not None}

    def at(where: str) -> dict[str, Any]:
        return unknown if where == place else {}

    content = {"parts": [{"text": "x", **at("part")}], **at("content")}
    wire = {"candidates": [{"content": content, "finishReason": "STOP", **at("candidate")}],
            **at("top")}  # fmt: skip
    message = assemble(decode(wire))
    [block] = message.content_blocks
    kept: Any = message.response_metadata
    if place == "content":
        kept = kept.get("content", {})
    elif place == "part":
        kept = block.get("extras", {}).get("part_fields", {})
    for name, value in unknown.items():
        own = place in {"content", "part"}
        named = name if own else re.sub("(?<=[a-z0-9])([A-Z])", lambda m: f"_{m[1].lower()}", name)
        if value not in ("", [], {}, False, 0):
            assert kept[named] == value


FIELDS = st.sampled_from([
    "args", "blockReason", "candidates", "citationMetadata", "citations", "code",
    "codeExecutionResult", "content", "data", "endIndex", "executableCode", "fileData",
    "finishReason", "functionCall", "groundingChunkIndices", "groundingChunks",
    "groundingMetadata", "groundingSupports", "id", "index", "inlineData", "jsonPath", "mimeType",
    "name", "outcome", "output", "partialArgs", "parts", "promptFeedback", "response", "role",
    "segment", "startIndex", "stringValue", "text", "thought", "thoughtSignature", "toolCall",
    "toolResponse", "toolType", "uri", "usageMetadata", "web", "willContinue",
])  # fmt: skip
WIRE = st.recursive(
    JSON | st.sampled_from(["STOP", "SAFETY", "$.a[0].b", "image/png"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=14,
)


@given(st.dictionaries(FIELDS, WIRE, max_size=5), st.dictionaries(FIELDS, WIRE, max_size=4))
def test_fields_of_any_shape_never_raise(part: dict[str, Any], more: dict[str, Any]) -> None:
    wire = reply([part, {"functionCall": part}, {"functionCall": {"partialArgs": [part]}}])
    wire["candidates"][0] |= {k: v for k, v in more.items() if k != "content"}
    for chunk in (wire, {**wire, **more}):
        try:
            events = decode(chunk)
        except ProtocolError:
            continue
        assert not any(isinstance(event, Failure) for event in events[:-1])
        message = assemble(events)
        message.content_blocks  # noqa: B018 - looking is the test
        PROTOCOL.encode("m", [HumanMessage("h"), message], {}, False, DIALECT)
        feed([f"data: {json.dumps(chunk)}\n\n".encode() * 2])
