"""Cohere's chat API: what replies and errors say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages import AIMessage, assemble
from conure.messages.events import BlockDelta, Event, Failure, Finish, UsageReport
from conure.protocols.cohere import PROTOCOL

DIALECT = PROTOCOL.dialect()


def event(kind: str, index: int | None = None, **message: Any) -> dict[str, Any]:
    wire: dict[str, Any] = {"type": kind, "delta": {"message": message}}
    return wire if index is None else {**wire, "index": index}


def end(reason: str = "COMPLETE", **delta: Any) -> dict[str, Any]:
    return {"type": "message-end", "delta": {"finish_reason": reason, **delta}}


def started(id: str | None, name: str) -> dict[str, Any]:
    call: dict[str, Any] = {"type": "function", "function": {"name": name, "arguments": ""}}
    return event("tool-call-start", 0, tool_calls=call if id is None else {"id": id, **call})


def argued(text: str) -> dict[str, Any]:
    return event("tool-call-delta", 0, tool_calls={"function": {"arguments": text}})


def read(*wires: dict[str, Any]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events: list[Event] = []
    for wire in wires:
        events += decoder.feed(b"event: x\ndata: " + json.dumps(wire).encode() + b"\n\n")
    return events + decoder.close()


def whole(**message: Any) -> AIMessage:
    wire = {"id": "i", "message": message, "finish_reason": "COMPLETE"}
    return assemble(PROTOCOL.decode(json.dumps(wire).encode(), DIALECT))


def test_an_error_at_the_end_of_a_stream_is_a_failure_after_what_was_said() -> None:
    events = read(
        event("content-start", 0, content={"type": "text", "text": "a"}),
        end("ERROR", error="out of memory", usage={"tokens": {"input_tokens": 3}}),
    )
    assert [e.text for e in events if isinstance(e, BlockDelta)] == ["a"]
    assert [e.usage["input_tokens"] for e in events if isinstance(e, UsageReport)] == [3]
    failure = events[-1]
    assert isinstance(failure, Failure)
    assert failure.message == "out of memory"


@pytest.mark.parametrize("reason", ["ERROR", "TIMEOUT"])
def test_a_generation_that_failed_without_words_is_a_failure(reason: str) -> None:
    failure = read(end(reason))[-1]
    assert isinstance(failure, Failure)
    assert failure.message
    wire = {"id": "i", "message": {"role": "assistant"}, "finish_reason": reason}
    assert isinstance(PROTOCOL.decode(json.dumps(wire).encode(), DIALECT)[-1], Failure)


def test_an_error_amid_a_stream_ends_it() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    data = b'event: error\ndata: {"message": "too many requests"}\n\n'
    failure = decoder.feed(data)[-1]
    assert isinstance(failure, Failure)
    assert failure.message == "too many requests"
    assert decoder.done


def test_a_stream_without_its_end_is_not_finished() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    start = event("content-start", 0, content={"type": "text", "text": "a"})
    decoder.feed(b"data: " + json.dumps(start).encode() + b"\n\ndata: [DONE]\n\n")
    decoder.close()
    assert not decoder.finished


def test_no_arguments_are_written_null() -> None:
    calls = assemble(read(started("c", "now"), argued("null"), end("TOOL_CALL"))).tool_calls
    assert [(call["id"], call["args"]) for call in calls] == [("c", {})]
    call = {"id": "c", "type": "function", "function": {"name": "now", "arguments": "null"}}
    assert whole(role="assistant", tool_calls=[call]).tool_calls == calls


def test_a_call_without_an_id_gets_one_of_its_own() -> None:
    calls = assemble(read(started(None, "a"), started(None, "b"), end("TOOL_CALL"))).tool_calls
    assert [call["name"] for call in calls] == ["a", "b"]
    assert len({call["id"] for call in calls}) == 2


def test_a_call_cut_off_by_the_limit_is_no_call() -> None:
    for pieces in ([], [argued('{"x": ')]):
        message = assemble(read(started("c", "a"), *pieces, end("MAX_TOKENS")))
        assert not message.tool_calls
        assert [call["id"] for call in message.invalid_tool_calls] == ["c"]
        assert message.response_metadata["finish_reason"] == "MAX_TOKENS"


def test_citations_stand_at_the_part_they_point_into() -> None:
    cited = {"start": 0, "end": 1, "text": "b", "sources": [], "content_index": 1}
    plan = {"start": 0, "end": 1, "text": "p", "sources": [], "type": "PLAN"}
    bare = {"start": 0, "end": 1, "text": "b", "sources": []}
    message = assemble(
        read(
            event("content-start", 0, content={"type": "thinking", "thinking": "t"}),
            event("content-end", 0),
            event("tool-plan-delta", tool_plan="p"),
            event("content-start", 1, content={"type": "text", "text": ""}),
            event("content-delta", 1, content={"text": "b"}),
            event("citation-start", 0, citations=cited),
            event("citation-start", 1, citations=plan),
            event("citation-start", 2, citations=bare),
            end(),
        )
    )
    found: list[Any] = [*message.content_blocks]
    assert [len(block.get("annotations", [])) for block in found] == [0, 1, 2]
    assert [block.get("extras") for block in found] == [None, {"field": "tool_plan"}, None]


def test_a_source_s_address_and_title_are_shown() -> None:
    source = {"type": "tool", "id": "a", "tool_output": {"url": "https://a.example", "title": "A"}}
    cited = {"start": 0, "end": 2, "text": "hi", "sources": [source]}
    message = whole(content=[{"type": "text", "text": "hi"}], citations=[cited])
    [block] = message.content_blocks
    [note] = block["annotations"]
    assert (note["url"], note["title"]) == ("https://a.example", "A")


def test_what_is_unknown_is_kept_and_never_raises() -> None:
    message = assemble(
        read(
            event("content-start", 0, content={"type": "hologram", "data": 1}),
            event("content-delta", 0, content={"data": 2}),
            {"type": "weather-start"},
            event("tool-call-delta", 3, tool_calls=None),
            end("MEANWHILE", more=1),
        )
    )
    blocks: list[Any] = [*message.content_blocks]
    assert blocks[0]["value"] == {"type": "hologram", "data": 1}
    assert message.response_metadata["finish_reason"] == "MEANWHILE"
    assert message.response_metadata["more"] == 1


def test_text_that_begins_without_being_announced_is_read() -> None:
    events = read(event("content-delta", 0, content={"text": "a"}), end())
    assert assemble(events).text == "a"
    assert isinstance(events[-1], Finish)


def test_logprobs_are_listed_by_token() -> None:
    tokens = {"token_ids": [5], "text": "a", "logprobs": [-0.5]}
    delta = event("content-delta", 0, content={"text": "a"}) | {"logprobs": tokens}
    found = assemble(read(delta, delta, end())).response_metadata["logprobs"]["content"]
    assert [(each["token"], each["logprob"]) for each in found] == [("a", -0.5)] * 2
    wire = {"message": {"content": "a"}, "finish_reason": "COMPLETE", "logprobs": [tokens]}
    message = assemble(PROTOCOL.decode(json.dumps(wire).encode(), DIALECT))
    assert message.response_metadata["logprobs"]["content"] == found[:1]


def test_a_whole_answer_to_a_request_for_a_stream_is_read() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    wire = {"message": {"content": "a"}, "finish_reason": "COMPLETE"}
    assert decoder.feed(json.dumps(wire).encode()) == []
    assert assemble(decoder.close()).text == "a"
    assert decoder.finished


def test_a_reply_that_says_nothing_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no message"):
        PROTOCOL.decode(b'{"id": "i"}', DIALECT)
    failure = PROTOCOL.decode(b'{"message": "no such model"}', DIALECT)[-1]
    assert isinstance(failure, Failure)
    assert failure.message == "no such model"
