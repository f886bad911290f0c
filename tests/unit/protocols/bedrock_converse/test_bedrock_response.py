"""Converse replies, whole and as frames: what recordings do not show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.messages import AIMessage, assemble
from conure.messages.events import Event, Failure, Finish
from conure.protocols import anthropic_messages
from conure.protocols.bedrock_converse import PROTOCOL, Dialect
from conure.protocols.frames import ChunkDecoder, failure_in
from conure.providers import find
from tests.providers.bedrock import event, exception, frame

DIALECT = Dialect()
CLAUDE = find("anthropic_bedrock").dialect
ENDS = ("max_tokens", "model_context_window_exceeded")


def whole(*content: Any, stop: str = "end_turn", **more: Any) -> list[Event]:
    message = {"role": "assistant", "content": [*content]}
    wire = {"output": {"message": message}, "stopReason": stop, **more}
    return PROTOCOL.decode(json.dumps(wire).encode(), DIALECT)


def stream(*events: tuple[str, Any], stop: str | None = "end_turn") -> list[Event]:
    sent = [("messageStart", {"role": "assistant"}), *events]
    sent += [("messageStop", {"stopReason": stop})] if stop else []
    decoder = PROTOCOL.decoder(DIALECT)
    return decoder.feed(b"".join(event(*each) for each in sent)) + decoder.close()


def delta(place: int, **given: Any) -> tuple[str, Any]:
    return "contentBlockDelta", {"contentBlockIndex": place, "delta": given, "p": "ab"}


def start(place: int, **given: Any) -> tuple[str, Any]:
    return "contentBlockStart", {"contentBlockIndex": place, "start": given}


def stopped(place: int) -> tuple[str, Any]:
    return "contentBlockStop", {"contentBlockIndex": place}


def message(events: list[Event]) -> AIMessage:
    return assemble(events, provider="some")


def blocks(events: list[Event]) -> list[Any]:
    return message(events).content_blocks


# -- blocks ---------------------------------------------------------------------------------------


def test_a_sealed_thought() -> None:
    sealed = [
        {
            "type": "reasoning",
            "reasoning": "",
            "extras": {"signature": "", "redacted_content": "AA=="},
        }
    ]
    wire = {"reasoningContent": {"redactedContent": "AA=="}}
    assert blocks(whole(wire)) == sealed
    assert (
        blocks(stream(delta(0, reasoningContent={"redactedContent": "AA=="}), stopped(0))) == sealed
    )
    [shown] = message(whole(wire)).content
    assert shown == {"type": "reasoning_content", "reasoning_content": {"redacted_content": "AA=="}}


def test_a_picture() -> None:
    picture = [{"type": "image", "mime_type": "image/png", "base64": "AAEC"}]
    wire = {"image": {"format": "png", "source": {"bytes": "AAEC"}}}
    assert blocks(whole(wire)) == picture
    pieces = [delta(0, image={"source": {"bytes": part}}) for part in ("AA==", "AQI=")]
    assert blocks(stream(start(0, image={"format": "png"}), *pieces, stopped(0))) == picture
    error = {"error": {"message": "no"}}
    [failed] = blocks(stream(start(0, image={"format": "png"}), delta(0, image=error), stopped(0)))
    assert failed["extras"] == {"delta": error}
    place = {"image": {"format": "jpeg", "source": {"s3Location": {"uri": "s3://b/c"}}}}
    assert blocks(whole(place)) == [{"type": "image", "mime_type": "image/jpeg", "url": "s3://b/c"}]


def test_a_server_s_tool_that_says_more_than_known() -> None:
    use = {"toolUseId": "1", "name": "nova_grounding", "type": "server_tool_use", "new": 1}
    result = {"toolUseId": "1", "type": "nova_grounding_result", "status": "error", "more": 2}
    web = {"location": {"web": {"url": "https://h/x", "domain": "h"}}}
    content = [{"json": {"a": 1}}, {"text": "b"}]
    found = blocks(
        whole(
            {"toolUse": {**use, "input": {"q": "x"}}},
            {"toolResult": {**result, "content": content}},
            {"citationsContent": {"content": [{"text": "a"}, {"text": "b"}], "citations": [web]}},
        )
    )
    assert found == blocks(
        stream(
            start(0, toolUse=use),
            delta(0, toolUse={"input": '{"q":'}),
            delta(0, toolUse={"input": '"x"}'}),
            stopped(0),
            start(1, toolResult=result),
            delta(1, toolResult=content[:1]),
            delta(1, toolResult=content[1:]),
            stopped(1),
            delta(2, text="a"),
            delta(2, text="b"),
            delta(2, citation=web),
            stopped(2),
        )
    )
    call, answer, text = found
    assert call["extras"] == {"new": 1}
    assert (answer["status"], answer["output"], answer["extras"]["more"]) == ("error", content, 2)
    assert text["text"] == "ab"
    assert text["annotations"][0]["url"] == "https://h/x"


def test_blocks_that_nobody_knows_are_kept() -> None:
    new = {"holo": {"x": [1]}}
    kept = [{"type": "non_standard", "value": new}, {"type": "text", "text": "a"}]
    assert blocks(whole(new, {"text": "a"})) == kept
    assert blocks(stream(delta(0, **new), stopped(0), delta(1, text="a"))) == kept
    assert message(whole(new, {"text": "a"})).text == "a"
    assert blocks(whole(None, 7, "x")) == [
        {"type": "non_standard", "value": value} for value in (None, 7, "x")
    ]


def test_a_block_that_changes_its_kind_in_place() -> None:
    thought = delta(0, reasoningContent={"text": "hm"})
    found = blocks(stream(thought, delta(0, text="a"), delta(0, toolUse={"input": "{}"})))
    assert [block["type"] for block in found] == ["reasoning", "text", "tool_call"]


def test_arguments_that_break_off() -> None:
    use = start(0, toolUse={"toolUseId": "1", "name": "f"})
    cut = message(stream(use, delta(0, toolUse={"input": '{"a": '}), stopped(0), stop=ENDS[0]))
    assert (cut.tool_calls, cut.invalid_tool_calls[0]["args"]) == ([], '{"a": ')
    # No arguments yet are none at all, unless the end came too early.
    for stop in ENDS:
        empty = message(stream(use, stopped(0), stop=stop))
        assert (empty.tool_calls, len(empty.invalid_tool_calls)) == ([], 1)
    done = message(stream(use, stopped(0), stop="tool_use"))
    assert [call["args"] for call in done.tool_calls] == [{}]
    two = start(1, toolUse={"toolUseId": "2", "name": "g"})
    both = message(stream(use, stopped(0), two, stopped(1), stop="max_tokens"))
    assert [call["name"] for call in both.tool_calls] == ["f"]
    assert message(
        whole({"toolUse": {"toolUseId": "1", "name": "f", "input": None}})
    ).invalid_tool_calls


@pytest.mark.parametrize(
    "stop, reason",
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "tool_calls"),
        ("max_tokens", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("malformed_tool_use", "other"),
        ("something_new", "other"),
    ],
)
def test_why_a_reply_ended(stop: str, reason: str) -> None:
    for events in (whole({"text": "a"}, stop=stop), stream(delta(0, text="a"), stop=stop)):
        [finish] = [each for each in events if isinstance(each, Finish)]
        assert (finish.reason, finish.raw) == (reason, stop)


def test_facts_beside_the_message_are_kept() -> None:
    facts = {
        "additionalModelResponseFields": {"stop_sequence": "x"},
        "metrics": {"latencyMs": 3},
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "flex"},
        "somethingNew": 1,
    }
    known = message(whole({"text": "a"}, **facts)).response_metadata
    assert known == {"model_provider": "some", "stopReason": "end_turn", **facts}
    later = stream(delta(0, text="a"), ("messageStop", {"stopReason": "end_turn", "p": "a"}),
                   ("metadata", {**facts, "p": "a"}), stop=None)  # fmt: skip
    assert message(later).response_metadata == known


# -- guardrails -----------------------------------------------------------------------------------


def refusal(stop: str, **trace: Any) -> str | None:
    found = blocks(whole({"text": "Sorry."}, stop=stop, trace={"guardrail": trace}))
    words = [block["refusal"] for block in found if block["type"] == "refusal"]
    return words[0] if words else None


def test_what_a_guardrail_blocked_is_shown() -> None:
    topic = {"topicPolicy": {"topics": [{"name": "Finance", "type": "DENY", "action": "BLOCKED"}]}}
    hate = {"contentPolicy": {"filters": [{"type": "HATE", "action": "BLOCKED"}]}}
    assert (
        refusal(
            "guardrail_intervened", actionReason="Guardrail blocked.", inputAssessment={"g": topic}
        )
        == "Guardrail blocked: Finance (topicPolicy)"
    )
    assert (
        refusal("guardrail_intervened", outputAssessments={"g": [hate, hate]})
        == "blocked by a guardrail: HATE (contentPolicy)"
    )
    assert refusal("guardrail_intervened", actionReason="Guardrail blocked.") == "Guardrail blocked"
    assert refusal("content_filtered") == "the provider filtered the answer"


def test_what_a_guardrail_only_masked_is_an_answer() -> None:
    name = {
        "sensitiveInformationPolicy": {"piiEntities": [{"type": "NAME", "action": "ANONYMIZED"}]}
    }
    masked = {"actionReason": "No action.\nGuardrail masked.", "outputAssessments": {"g": [name]}}
    assert refusal("guardrail_intervened", **masked) is None
    assert refusal("guardrail_intervened") is None
    assert refusal("end_turn", inputAssessment={"g": {"x": {"action": "BLOCKED"}}}) is None


# -- what goes wrong ------------------------------------------------------------------------------


def test_an_error_instead_of_a_reply() -> None:
    [failure] = PROTOCOL.decode(b'{"message": "no"}', DIALECT)
    assert isinstance(failure, Failure)
    assert failure.message == "no"
    for broken in (b"[]", b"{}", b"<html>"):
        with pytest.raises(ProtocolError):
            PROTOCOL.decode(broken, DIALECT)


def test_a_stream_where_a_whole_reply_was_asked_for_and_the_other_way_round() -> None:
    frames = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "a"}})
    frames += event("messageStop", {"stopReason": "end_turn"})
    assert message(PROTOCOL.decode(frames, DIALECT)).text == "a"
    decoder = PROTOCOL.decoder(DIALECT)
    reply = {"output": {"message": {"content": [{"text": "a"}]}}, "stopReason": "end_turn"}
    assert decoder.feed(json.dumps(reply).encode()) == []
    assert message(decoder.close()).text == "a"
    assert decoder.finished


@pytest.mark.parametrize(
    "name, status",
    [
        ("internalServerException", 500),
        ("modelStreamErrorException", 424),
        ("modelTimeoutException", 408),
        ("serviceUnavailableException", 503),
        ("throttlingException", 429),
        ("validationException", 400),
        ("somethingNewException", None),
    ],
)
@pytest.mark.parametrize("dialect", [DIALECT, CLAUDE])
def test_exceptions_end_the_stream(name: str, status: int | None, dialect: Any) -> None:
    protocol = PROTOCOL if dialect is DIALECT else anthropic_messages.PROTOCOL
    decoder = protocol.decoder(dialect)
    failure = decoder.feed(exception(name, "the words"))[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.message) == (status, "the words")
    assert failure.code == name[0].upper() + name[1:]
    assert (decoder.finished, decoder.done) == (False, True)


def test_errors_of_the_service_are_told_by_headers() -> None:
    headers = {":message-type": "error", ":error-code": "InternalError", ":error-message": "oh"}
    failure = failure_in((headers, b""))
    assert failure is not None
    assert (failure.code, failure.message) == ("InternalError", "oh")
    assert failure_in(({":message-type": "event"}, b"")) is None
    upstream = {"message": "failed", "originalStatusCode": 500, "originalMessage": "cuda"}
    kind = {":message-type": "exception", ":exception-type": "modelStreamErrorException"}
    told = failure_in((kind, json.dumps(upstream).encode()))
    assert told is not None
    assert told.message == "failed: cuda"
    assert told.body == upstream
    bare = failure_in((kind, b"no json"))
    assert bare is not None
    assert bare.message == "no json"
    assert failure_in((kind, b"")).message == "ModelStreamErrorException"  # type: ignore[union-attr]


def test_what_came_before_a_corrupt_frame_is_handed_out() -> None:
    good = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "a"}})
    for decoder, first in (
        (PROTOCOL.decoder(DIALECT), good),
        (
            anthropic_messages.PROTOCOL.decoder(CLAUDE),
            event(
                "chunk", {"bytes": "eyJ0eXBlIjoibWVzc2FnZV9zdGFydCIsIm1lc3NhZ2UiOnsiaWQiOiJhIn19"}
            ),
        ),
    ):
        assert decoder.feed(first + good[:-1] + b"\x00")
        with pytest.raises(ProtocolError, match="corrupt"):
            closed(decoder)


@pytest.mark.parametrize("payload", [b"{", b'{"bytes":"!!"}', b'{"bytes":"AA","p":"x"}'])
def test_a_chunk_that_cannot_be_unpacked_is_an_error(payload: bytes) -> None:
    decoder = anthropic_messages.PROTOCOL.decoder(CLAUDE)
    headers = {":message-type": "event", ":event-type": "chunk"}
    with pytest.raises(ProtocolError):
        closed(decoder, frame(headers, payload))


def closed(decoder: Any, data: bytes = b"") -> list[Event]:
    return decoder.feed(data) + decoder.close()


def test_chunks_with_more_than_bytes() -> None:
    chunk = {":message-type": "event", ":event-type": "chunk"}
    frames = frame(chunk, {"bytes": "e30=", "p": "a b"}) + frame(chunk, {"other": 1})
    frames += frame({":message-type": "new"}, b"{}")
    assert ChunkDecoder().feed(frames) == [(None, b"{}")]


# -- deltas of one pattern ----------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(TEXTS, max_size=8),
    st.sampled_from(["text", "reasoningContent", "toolUse"]),
    st.booleans(),
)
def test_a_glance_reads_what_parsing_reads(texts: list[str], kind: str, ascii_only: bool) -> None:
    """The same deltas with a field in front of the padding are never read so."""

    def frames(**more: Any) -> bytes:
        sent = b""
        for text in texts:
            inner: Any = {"text": text} if kind == "reasoningContent" else {"input": text}
            wire = {"contentBlockIndex": 0, "delta": {kind: text if kind == "text" else inner}}
            raw = json.dumps(
                {**wire, **more, "p": "abcDEF09"}, ensure_ascii=ascii_only, separators=(",", ":")
            )
            sent += event("contentBlockDelta", raw.encode())
        return sent

    def read(data: bytes) -> list[Event]:
        decoder = PROTOCOL.decoder(DIALECT)
        return decoder.feed(data) + decoder.close()

    assert read(frames()) == read(frames(extra=[1]))


@given(st.lists(st.binary(max_size=40), max_size=3))
def test_any_payload_gives_events_or_an_error(payloads: list[bytes]) -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    headers = {":message-type": "event", ":event-type": "contentBlockDelta"}
    try:
        decoder.feed(b"".join(frame(headers, payload) for payload in payloads))
        decoder.close()
    except ProtocolError:
        return


KEYS = st.sampled_from([
    "citation", "contentBlockIndex", "delta", "image", "input", "p", "reasoningContent",
    "source", "start", "text", "toolResult", "toolUse", "type",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
NAMES = (
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), JSON), max_size=6), JSON)
def test_nothing_that_is_json_raises(events: list[tuple[str, Any]], content: Any) -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    found = decoder.feed(b"".join(event(*each) for each in events)) + decoder.close()
    message(found)
    message(whole(content))
