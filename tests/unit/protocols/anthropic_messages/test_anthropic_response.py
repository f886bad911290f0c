"""Anthropic Messages: replies, whole and streamed, that no recording has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages import AIMessage, Dresser, assemble, sum_chunks
from conure.messages.events import BlockDelta, Event, Failure, Finish, UsageReport
from conure.protocols.anthropic_messages import PROTOCOL
from conure.protocols.anthropic_messages.pattern import learn

DIALECT = PROTOCOL.dialect()
START = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": []}}
STOP = {"type": "message_stop"}


def whole(*content: dict[str, Any], stop: str = "end_turn", **more: Any) -> AIMessage:
    wire = {"id": "msg_1", "type": "message", "model": "m", "content": [*content]}
    wire |= {"stop_reason": stop, "stop_sequence": None, **more}
    return assemble(PROTOCOL.decode(json.dumps(wire).encode(), DIALECT))


def sse(*events: Any, indent: Any = None) -> bytes:
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e, indent=indent).encode())
        if isinstance(e, dict)
        else e
        for e in events
    )


def feed(*events: Any) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    return decoder.feed(sse(*events)) + decoder.close()


def block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def streamed(*events: Any, stop: str = "end_turn") -> AIMessage:
    end = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}}
    return assemble(feed(START, *events, end, STOP))


def text(words: str) -> dict[str, str]:
    return {"type": "text_delta", "text": words}


def test_escapes_and_quotes_in_deltas_of_one_pattern() -> None:
    words = ["a", 'say "b"\\', "\n", "é\u2028", "", '"}}', "end"]
    message = streamed(*block(0, {"type": "text", "text": ""}, *map(text, words)))
    assert message.content == "".join(words)


def test_a_delta_of_a_pattern_may_still_be_broken() -> None:
    frame = sse(*block(0, {"type": "text", "text": ""}, text("a"))[1:2])
    broken = frame.replace(b'"a"', b'"a"b"')
    decoder = PROTOCOL.decoder(DIALECT)
    events = decoder.feed(sse(START) + frame + frame)
    assert [e.text for e in events if isinstance(e, BlockDelta)] == ["a", "a"]
    with pytest.raises(ProtocolError):
        decoder.feed(broken)
    with pytest.raises(ProtocolError):
        decoder.feed(frame)
    with pytest.raises(ProtocolError):
        decoder.close()


def test_what_came_before_a_broken_event_is_handed_out() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    assert decoder.feed(sse(START) + b"data: {\n\n")
    with pytest.raises(ProtocolError):
        decoder.feed(b"")


def test_deltas_in_another_order_teach_nothing() -> None:
    wire = {"delta": {"text": "a", "type": "text_delta"}, "index": 0, "type": "content_block_delta"}
    assert learn(json.dumps(wire).encode(), wire, BlockDelta(0, "text", "a")) is None
    assert learn(b"{}", {}, BlockDelta(0, "text", "a")) is None
    assert learn(b'{"a":{"b":{"text":"a"}}}', {}, BlockDelta(0, "text", "a")) is None
    deltas = [wire] * 12
    message = streamed(*block(0, {"type": "text", "text": ""})[:1], *deltas)
    assert message.text == "a" * 12


def test_arguments_streamed_given_at_once_or_not_at_all() -> None:
    pieces = [{"type": "input_json_delta", "partial_json": p} for p in ("", '{"a"', ": 1}")]
    use = {"type": "tool_use", "name": "f", "input": {}}
    message = streamed(
        *block(0, {**use, "id": "1"}, *pieces),
        *block(1, {**use, "id": "2", "input": {"b": 2}}),
        *block(2, {**use, "id": "3"}),
        stop="tool_use",
    )
    assert [call["args"] for call in message.tool_calls] == [{"a": 1}, {"b": 2}, {}]


@pytest.mark.parametrize("stop", ["max_tokens", "model_context_window_exceeded"])
def test_a_call_cut_off_before_its_arguments_is_no_call(stop: str) -> None:
    use = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    for message in (streamed(*block(0, use), stop=stop), whole(use, stop=stop)):
        assert not message.tool_calls
        assert [call["name"] for call in message.invalid_tool_calls] == ["f"]


def test_only_the_last_call_can_be_cut_off() -> None:
    use = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    say = {"type": "text", "text": "on"}
    assert whole(use, say, stop="max_tokens").tool_calls
    message = streamed(*block(0, use), *block(1, say), stop="max_tokens")
    assert message.tool_calls


def test_arguments_that_break_off_make_an_invalid_call() -> None:
    piece = {"type": "input_json_delta", "partial_json": '{"a": '}
    use = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    message = streamed(*block(0, use, piece), stop="max_tokens")
    (call,) = message.invalid_tool_calls
    assert call["args"] == '{"a": '
    assert message.content[0] == {**use, "partial_json": '{"a": '}


def test_input_that_is_no_object_is_an_invalid_call() -> None:
    message = whole({"type": "tool_use", "id": "1", "name": "f", "input": "x"}, stop="tool_use")
    assert message.invalid_tool_calls[0]["args"] == "x"


def test_blocks_and_deltas_of_unknown_types_are_kept() -> None:
    message = streamed(
        *block(
            0,
            {"type": "dream", "words": "a", "list": [1]},
            {"type": "dream_delta", "words": "b", "list": [2], "more": True},
        ),
        *block(1, {"type": "text", "text": "t"}, {"type": "mood_delta", "mood": "good"}),
        {"type": "new_event"},
        b"data: []\n\n",
    )
    dream, said = message.content_blocks
    assert dream["value"] == {"type": "dream", "words": "ab", "list": [1, 2], "more": True}
    assert (said["text"], said["extras"]) == ("t", {"mood": "good"})


def test_input_streamed_for_an_unknown_block() -> None:
    pieces = [{"type": "input_json_delta", "partial_json": p} for p in ('{"a"', ": 1}")]
    broken = {"type": "input_json_delta", "partial_json": "{"}
    empty = {"type": "input_json_delta", "partial_json": ""}
    use = {"type": "robot_use", "input": {}}
    message = streamed(*block(0, use, *pieces), *block(1, use, broken), *block(2, use, empty))
    found = [b["value"]["input"] for b in message.content_blocks]
    assert found == [{"a": 1}, "{", {}]


def test_deltas_without_a_start_open_their_block() -> None:
    events = block(0, {}, text("a"))[1:]
    message = streamed(*events, {"type": "content_block_stop", "index": 7})
    assert message.text == "a"


def test_blocks_left_open_are_closed_when_the_message_stops() -> None:
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    message = streamed(*block(0, use)[:1])
    assert message.content_blocks[0]["type"] == "server_tool_call"


def test_events_that_are_not_what_they_say_change_nothing() -> None:
    message = streamed(
        {"type": "message_start", "message": 1},
        {"type": "content_block_start", "index": 0},
        {"type": "content_block_delta", "index": 0, "delta": 1},
        {"type": "message_delta"},
        *block(0, {"type": "text", "text": "a"}, {"type": "text_delta", "text": None}),
    )
    assert message.text == "a"


def test_a_refusal_without_details() -> None:
    (refusal,) = whole(stop="refusal").content_blocks
    assert refusal == {"type": "refusal", "refusal": "", "extras": {"stop_reason": "refusal"}}


def test_what_ends_a_reply_is_told() -> None:
    message = whole(
        {"type": "text", "text": "a"}, stop="stop_sequence", stop_sequence="X", role="r"
    )
    facts = message.response_metadata
    assert (facts["stop_reason"], facts["stop_sequence"]) == ("stop_sequence", "X")
    assert facts["id"] == message.id == "msg_1"
    assert "role" not in facts


def test_finish_reasons() -> None:
    events = feed(START, {"type": "message_delta", "delta": {"stop_reason": "new"}}, STOP)
    assert [(e.reason, e.raw) for e in events if isinstance(e, Finish)] == [("other", "new")]
    events = feed(START, STOP)
    assert [(e.reason, e.raw) for e in events if isinstance(e, Finish)] == [("other", None)]


def test_an_error_amid_a_stream() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    decoder = PROTOCOL.decoder(DIALECT)
    start = {**START, "message": {**START["message"], "usage": {"input_tokens": 3}}}  # type: ignore[dict-item]
    events = decoder.feed(sse(start, *block(0, {"type": "text", "text": "a"}), error, STOP))
    failure = events[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.type, failure.message) == (
        529,
        "overloaded_error",
        "Overloaded",
    )
    assert decoder.done
    assert not decoder.finished
    assert [e.usage["input_tokens"] for e in events if isinstance(e, UsageReport)] == [3]
    assert decoder.close() == []


@pytest.mark.parametrize(
    "event, words",
    [
        (b"event: error\ndata: all is lost\n\n", "all is lost"),
        (b'event: error\ndata: {"error": "lost"}\n\n', "lost"),
    ],
)
def test_errors_of_other_shapes(event: bytes, words: str) -> None:
    failure = feed(START, event)[-1]
    assert isinstance(failure, Failure)
    assert failure.message == words


def test_an_error_after_the_end() -> None:
    error = {"type": "error", "error": {"type": "api_error", "message": "late"}}
    events = feed(START, STOP, error)
    assert isinstance(events[-1], Failure)


def test_a_reply_that_is_cut_off_tells_what_it_cost() -> None:
    start = {**START, "message": {**START["message"], "usage": {"input_tokens": 3}}}  # type: ignore[dict-item]
    decoder = PROTOCOL.decoder(DIALECT)
    events = decoder.feed(sse(start, *block(0, {"type": "text", "text": "a"})[:1]))
    events += decoder.close()
    assert not decoder.finished
    usage = assemble(events).usage_metadata
    assert usage
    assert usage["input_tokens"] == 3


def test_a_server_that_answers_whole_where_it_should_stream() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    body = json.dumps({"id": "msg_1", "content": [{"type": "text", "text": "a"}]}).encode()
    assert decoder.feed(b" ") == []
    assert decoder.feed(body[:9]) == decoder.feed(body[9:]) == []
    assert assemble(decoder.close()).text == "a"
    assert decoder.finished


def test_a_server_that_streams_where_it_should_answer_whole() -> None:
    body = sse(START, *block(0, {"type": "text", "text": ""}, text("a")), STOP)
    assert assemble(PROTOCOL.decode(body, DIALECT)).text == "a"


def test_whole_answers_that_are_none() -> None:
    error = {"type": "error", "error": {"type": "api_error", "message": "no"}}
    (failure,) = PROTOCOL.decode(json.dumps(error).encode(), DIALECT)
    assert isinstance(failure, Failure)
    assert failure.status == 500
    for body in (b"[]", b"{}", b'{"content": "text"}'):
        with pytest.raises(ProtocolError, match="no content"):
            PROTOCOL.decode(body, DIALECT)


def test_usage_of_every_shape() -> None:
    def counted(**usage: Any) -> Any:
        return whole(usage=usage).usage_metadata

    assert counted(service_tier="standard") is None
    assert counted(output_tokens=2) == {
        "input_tokens": 0,
        "output_tokens": 2,
        "total_tokens": 2,
    }
    by_age = {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 1}
    usage = counted(
        input_tokens=1,
        output_tokens=2,
        cache_read_input_tokens=3,
        cache_creation=by_age,
        output_tokens_details={"thinking_tokens": 1},
    )
    assert usage == {
        "input_tokens": 9,
        "output_tokens": 2,
        "total_tokens": 11,
        "input_token_details": {"cache_read": 3, "cache_creation": 5, **by_age},
        "output_token_details": {"reasoning": 1},
    }


def test_totals_are_not_added_up() -> None:
    start = {"type": "message_start", "message": {"id": "m", "content": [], "usage": {}}}
    usages = [
        {"input_tokens": 5, "output_tokens": 1, "cache_creation": {"a": 1}, "service_tier": "x"},
        {"input_tokens": 0, "output_tokens": 7, "cache_creation": {"a": 3}, "service_tier": None},
        3,
    ]
    deltas = [{"type": "message_delta", "delta": {}, "usage": usage} for usage in usages]
    message = assemble(feed(start, *deltas, STOP))
    usage = message.usage_metadata
    assert usage
    assert (usage["input_tokens"], usage["output_tokens"]) == (8, 7)
    assert message.response_metadata["usage"]["service_tier"] == "x"


def test_pieces_show_the_content_of_their_kind() -> None:
    thought = {"type": "thinking_delta", "thinking": "hm"}
    piece = {"type": "input_json_delta", "partial_json": "{}"}
    dresser = Dresser(id="lc_run--1", provider="some")
    events = feed(
        START,
        *block(0, {"type": "thinking", "thinking": "", "signature": ""}, thought, thought),
        *block(1, {"type": "text", "text": ""}, text("a"), text("b")),
        *block(2, {"type": "tool_use", "id": "1", "name": "f", "input": {}}, piece),
        STOP,
    )
    chunks = [*dresser.feed(events), dresser.close()]
    contents = [chunk.content for chunk in chunks]
    assert contents[0] == [{"type": "thinking", "thinking": "hm", "index": 0}]
    assert contents[2:4] == ["a", "b"]
    assert contents[4] == [{"type": "tool_use", "id": "1", "name": "f", "input": {}, "index": 2}]
    assert contents[5][0]["partial_json"] == "{}"
    assert contents[-1] == ""
    total = sum_chunks(chunks)
    assert [b["type"] for b in total.content] == ["thinking", "text", "tool_use"]
