"""The envelope of a reply: facts, counts, choices, how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages.events import Failure, Finish, Metadata, ReplyStart, UsageReport
from conure.protocols.openai_chat.dialect import Dialect
from conure.protocols.openai_chat.response import StreamDecoder, decode
from tests.unit.protocols.openai_chat.chunks import PLAIN, chunk, message, sse, streamed, whole

USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def test_facts_are_told_once() -> None:
    events = streamed(*[chunk(content="x")] * 5, chunk("stop"))
    first, last = [event.fields for event in events if isinstance(event, Metadata)]
    assert first == {"id": "chatcmpl-1", "model_name": "some-1"}
    assert last == {"finish_reason": "stop"}
    assert isinstance(events[0], ReplyStart)


def test_facts_that_change_are_told_again_except_ids() -> None:
    events = streamed(
        chunk(content="x") | {"id": "", "model": "", "created": 1},
        chunk(content="x") | {"id": "a", "created": 2, "provider": "p"},
        chunk(content="x") | {"id": "b", "provider": "q", "nothing": None, "empty": {}},
        chunk("stop"),
    )
    metadata = message(events).response_metadata
    assert (metadata["id"], metadata["created"], metadata["provider"]) == ("a", 1, "q")
    assert metadata["model_name"] == "some-1"
    assert not {"object", "obfuscation", "empty", "nothing"} & metadata.keys()


def test_a_first_chunk_that_was_made_at_no_time_says_nothing() -> None:
    opening = {"id": "", "created": 0, "choices": [], "prompt_filter_results": [{}]}
    events = streamed(opening, chunk(content="x") | {"created": 7}, chunk("stop") | {"created": 8})
    assert message(events).response_metadata["created"] == 7


def test_fields_of_the_choice_are_kept() -> None:
    piece = chunk("stop")
    piece["choices"][0] |= {"native_finish_reason": "STOP", "content_filter_results": {"hate": {}}}
    metadata = message(streamed(chunk(content="x"), piece)).response_metadata
    assert metadata["native_finish_reason"] == "STOP"
    assert metadata["content_filter_results"] == {"hate": {}}


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([chunk("stop"), {"choices": [], "usage": USAGE}], id="last chunk"),
        pytest.param([chunk("stop") | {"usage": USAGE}], id="with the finish"),
        pytest.param(
            [chunk(content="x") | {"usage": USAGE}] * 3 + [chunk("stop")], id="every chunk"
        ),
        pytest.param(
            [
                chunk(content="x") | {"usage": {"prompt_tokens": 3, "total_tokens": None}},
                chunk("stop") | {"usage": USAGE},
            ],
            id="growing",
        ),
        pytest.param(
            [chunk("stop") | {"x_some": {"id": "r", "usage": USAGE}}], id="inside another"
        ),
    ],
)
def test_usage_is_reported_once(chunks: list[Any]) -> None:
    events = streamed(*chunks)
    (report,) = [event.usage for event in events if isinstance(event, UsageReport)]
    assert report == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    assert message(events).response_metadata["token_usage"] == USAGE


@pytest.mark.parametrize("usage", [None, [], "many"])
def test_usage_that_is_none(usage: Any) -> None:
    assert message(streamed(chunk("stop") | {"usage": usage})).usage_metadata is None


@pytest.mark.parametrize(
    "raw, reason",
    [
        ("stop", "stop"),
        ("length", "length"),
        ("function_call", "tool_calls"),
        ("eos", "stop"),
        ("odd", "other"),
    ],
)
def test_the_finish_reason_is_told_as_sent(raw: str, reason: str) -> None:
    for events in (whole(raw, content="x"), streamed(chunk(raw), chunk(raw))):
        assert [event for event in events if isinstance(event, Finish)] == [Finish(reason, raw)]
        assert message(events).response_metadata["finish_reason"] == raw


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_reply_may_say_no_finish_reason(nothing: Any) -> None:
    for events in (whole(nothing, content="x"), streamed(chunk(nothing, content="x"))):
        assert not [event for event in events if isinstance(event, Finish)]
        assert "finish_reason" not in message(events).response_metadata


def test_a_stream_is_finished_by_a_reason_or_by_done() -> None:
    decoder = StreamDecoder(PLAIN)
    decoder.feed(sse(chunk(content="x"), done=False))
    assert not decoder.finished
    decoder.feed(sse(chunk("stop"), done=False))
    assert (decoder.finished, decoder.done) == (True, False)
    other = StreamDecoder(PLAIN)
    other.feed(b"data: [DONE]\n\n")
    assert (other.finished, other.done) == (True, True)


def test_a_stream_cut_off_is_left_open() -> None:
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(sse(chunk(content="x") | {"usage": USAGE}, done=False)) + decoder.close()
    assert not decoder.finished
    assert message(events).usage_metadata
    assert message(events).text == "x"


def test_a_stream_of_nothing_says_nothing() -> None:
    decoder = StreamDecoder(PLAIN)
    assert decoder.feed(b": hello\n\n") == []
    assert decoder.close() == [ReplyStart()]
    assert not decoder.finished


def test_a_last_chunk_cut_off_says_nothing() -> None:
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(sse(chunk(content="x"), done=False) + b'data: {"choices": [{"del')
    events += decoder.close()
    assert (message(events).text, decoder.finished) == ("x", False)


def test_a_last_chunk_without_its_blank_line_counts() -> None:
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(sse(chunk(content="x"), chunk("stop"), done=False).rstrip())
    events += decoder.close()
    assert (message(events).text, decoder.finished) == ("x", True)


def test_logprobs_add_up() -> None:
    def said(token: str) -> dict[str, Any]:
        piece = chunk(content=token)
        piece["choices"][0]["logprobs"] = {"content": [{"token": token}], "refusal": None}
        return piece

    quiet = chunk("stop")
    quiet["choices"][0]["logprobs"] = {"content": None, "refusal": None}
    metadata = message(streamed(said("a"), said("b"), quiet)).response_metadata
    assert metadata["logprobs"]["content"] == [{"token": "a"}, {"token": "b"}]
    assert "logprobs" not in message(streamed(quiet)).response_metadata


def test_logprobs_in_older_shape() -> None:
    piece = chunk("stop", content="a")
    piece["choices"][0]["logprobs"] = [0.5]
    assert message(streamed(piece)).response_metadata["logprobs"] == [0.5]


def test_other_choices_of_a_whole_reply_are_kept() -> None:
    choices = [
        {"index": n, "message": {"content": text}, "finish_reason": "stop"}
        for n, text in enumerate("ab")
    ]
    events = decode(json.dumps({"choices": choices}).encode(), PLAIN)
    assert message(events).text == "a"
    assert message(events).response_metadata["other_choices"] == choices[1:]


def test_other_choices_of_a_stream_are_put_together() -> None:
    def other(finish: str | None = None, **delta: Any) -> dict[str, Any]:
        piece = chunk(finish, **delta)
        piece["choices"][0]["index"] = 1
        return piece

    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}
    more = {"index": 0, "function": {"arguments": "}"}}
    events = streamed(
        chunk(content="mine"),
        other(role="assistant", content="yo"),
        other(content="urs", refusal=None),
        other(tool_calls=[call]),
        other(tool_calls=[more, {"id": "b"}, "odd"], role=None),
        other(tool_calls=[{"index": 0, "function": {"arguments": None}}]),
        other("tool_calls"),
        chunk("stop"),
    )
    assert message(events).text == "mine"
    assert not message(events).tool_calls
    (choice,) = message(events).response_metadata["other_choices"]
    assert choice["message"]["content"] == "yours"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert len(choice["message"]["tool_calls"]) == 2
    assert choice["finish_reason"] == "tool_calls"


def test_logprobs_of_other_choices_are_put_together() -> None:
    pieces = [chunk(content=word) for word in ("a", "b")]
    for piece, logprobs in zip(pieces, ({"content": ["A"]}, {"content": ["B"]}), strict=True):
        piece["choices"][0] |= {"index": 1, "logprobs": logprobs | {"refusal": None}}
    events = streamed(chunk(content="mine"), *pieces, chunk("stop"))
    (choice,) = message(events).response_metadata["other_choices"]
    assert choice["logprobs"]["content"] == ["A", "B"]


def test_a_message_beside_deltas_is_not_read() -> None:
    pieces = [chunk(content="a"), chunk(content="b"), chunk("stop")]
    for piece, text in zip(pieces, ["a", "ab", "ab"], strict=True):
        piece["choices"][0]["message"] = {"content": text}
    del pieces[2]["choices"][0]["delta"]
    assert message(streamed(*pieces)).text == "ab"


def test_a_message_instead_of_deltas_is_read() -> None:
    piece = {"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}
    assert message(streamed(piece)).text == "all"


def test_text_instead_of_a_message_is_read() -> None:
    assert message(streamed({"choices": [{"text": "all", "finish_reason": "stop"}]})).text == "all"


def test_sources_beside_the_message_are_cited() -> None:
    results = [{"url": "https://a.b", "title": "A", "snippet": "s", "date": None, "source": "web"}]
    piece = chunk("stop", content="x") | {"citations": ["https://a.b"], "search_results": results}
    (block,) = message(streamed(piece)).content_blocks
    assert block["annotations"] == [
        {
            "type": "citation",
            "url": "https://a.b",
            "title": "A",
            "cited_text": "s",
            "extras": {"source": "web"},
        }
    ]
    assert message(streamed(piece)).response_metadata["citations"] == ["https://a.b"]


def test_sources_are_found_where_the_dialect_says() -> None:
    dialect = Dialect(citations=(("some", "sources"),))
    piece = chunk("stop", content="x") | {"some": {"sources": ["https://a.b", {"no": "url"}]}}
    (block,) = message(streamed(piece, dialect=dialect)).content_blocks
    assert block["annotations"] == [{"type": "citation", "url": "https://a.b"}]
    odd = chunk("stop", content="x") | {"some": 7}
    assert "annotations" not in message(streamed(odd, dialect=dialect)).content_blocks[0]


def test_sources_without_text_are_metadata_only() -> None:
    piece = chunk("stop", refusal="no") | {"citations": ["https://a.b"]}
    assert [block["type"] for block in message(streamed(piece)).content_blocks] == ["refusal"]


@pytest.mark.parametrize(
    "wire",
    [
        {"error": {"message": "m", "code": 500}},
        chunk(content="x") | {"error": {"message": "m"}},
        {"choices": [{"index": 0, "delta": {}, "error": {"message": "m"}}]},
        {"object": "error", "message": "m"},
        {"detail": "m"},
        {"code": 400, "msg": "m"},
        {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "m"}},
        [{"error": {"message": "m"}}],
    ],
)
def test_an_error_ends_the_reply(wire: Any) -> None:
    events = streamed(chunk(content="x") | {"usage": USAGE}, wire, chunk(content="y"))
    assert isinstance(events[-1], Failure)
    assert events[-1].message == "m"
    assert isinstance(events[-2], UsageReport)
    assert message(events[:-1]).text == "x"
    alone = decode(json.dumps(wire).encode(), PLAIN)
    assert isinstance(alone[-1], Failure)


@pytest.mark.parametrize("data", ['{"message": "m"}', '{"error": {"message": "m"}}', "m"])
def test_an_event_called_error_is_one(data: str) -> None:
    decoder = StreamDecoder(PLAIN)
    (failure,) = decoder.feed(f"event: error\ndata: {data}\n\n".encode())
    assert isinstance(failure, Failure)
    assert failure.message == "m"
    assert decoder.close() == []


def test_chunks_that_say_nothing_are_passed_over() -> None:
    events = streamed(
        "", {}, {"choices": None}, {"choices": [7]}, "7", {"id": "a"}, chunk("stop", content="x")
    )
    assert message(events).text == "x"
