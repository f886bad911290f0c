from __future__ import annotations

import pytest

from conure.messages import (
    AIMessage,
    AIMessageChunk,
    Dresser,
    HumanMessage,
    HumanMessageChunk,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)

USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


def test_one_chunk_for_each_event_with_content():
    dresser = Dresser(id="lc_run--1", provider="p")
    assert dresser.feed([ReplyStart(), BlockStart(0, {"type": "text", "text": ""})]) == []
    assert [c.content for c in dresser.feed([BlockDelta(0, "text", "a"), BlockEnd(0)])] == ["a"]
    assert dresser.feed([Metadata({"m": 1}), BlockDelta(1, "text", "")]) == []
    (chunk,) = dresser.feed([BlockDelta(1, "text", "b")])
    assert (chunk.content, chunk.response_metadata) == ("b", {"model_provider": "p", "m": 1})
    assert dresser.feed([UsageReport(USAGE), Finish("stop", "stop")]) == []
    last = dresser.close()
    assert (last.content, last.chunk_position, last.usage_metadata) == ("", "last", USAGE)
    assert last.response_metadata == {"model_provider": "p", "finish_reason": "stop"}


@pytest.mark.parametrize(
    "event,speaks",
    [
        (BlockStart(0, {"type": "text", "text": "a"}), True),
        (BlockStart(0, {"type": "text", "text": "", "id": "1", "index": 3}), False),
        (BlockStart(0, {"type": "reasoning", "reasoning": "", "extras": {"field": "x"}}), False),
        (BlockStart(0, {"type": "tool_call_chunk", "name": "f", "id": "1", "args": ""}), True),
        (BlockStart(0, {"type": "image", "base64": "AA=="}), True),
        (BlockPatch(0, {"annotations": [{"type": "citation"}]}), True),
        (BlockPatch(0, {"extras": {"signature": "s"}}), False),
        (BlockDelta(0, "text", ""), False),
        (BlockDelta(0, "base64", "AA=="), True),
        (BlockEnd(0), False),
        (Metadata({"a": 1}), False),
    ],
)
def test_what_has_content(event, speaks):
    assert len(Dresser().feed([event])) == speaks


def test_an_annotation_alone_still_has_a_text():
    dresser = Dresser()
    dresser.feed([BlockDelta(0, "text", "a")])
    (chunk,) = dresser.feed([BlockPatch(0, {"annotations": [{"type": "citation"}]})])
    assert chunk.content_blocks == [
        {"type": "text", "text": "", "annotations": [{"type": "citation"}]}
    ]


def test_a_later_piece_knows_its_blocks_type():
    dresser = Dresser()
    start = {"type": "server_tool_call_chunk", "name": "search", "id": "s", "args": ""}
    dresser.feed([BlockStart(0, start)])
    (chunk,) = dresser.feed([BlockDelta(0, "args", "{}")])
    assert chunk.tool_call_chunks == []
    assert chunk.content_blocks == [{"type": "server_tool_call_chunk", "args": "{}"}]
    dresser.feed([BlockStart(1, {"type": "audio", "mime_type": "audio/wav"})])
    (sound,) = dresser.feed([BlockDelta(1, "base64", "AA==")])
    assert sound.content_blocks[0]["type"] == "audio"


def test_the_providers_id_is_on_every_chunk():
    dresser = Dresser(id="lc_run--1")
    dresser.feed([ReplyStart("msg_1")])
    chunks = [*dresser.feed([BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b")])]
    assert {chunk.id for chunk in [*chunks, dresser.close()]} == {"msg_1"}


def test_an_empty_stream_is_one_last_chunk():
    last = Dresser(id="1", provider="p").close()
    assert last.content == ""
    assert message_chunk_to_message(last) == AIMessage(
        "", id="1", response_metadata={"model_provider": "p"}, additional_kwargs={"refusal": None}
    )


def test_sums():
    assert sum_chunks([]) == AIMessageChunk("")
    assert sum_chunks(iter([AIMessageChunk("a"), AIMessageChunk("b")])).content == "ab"


def test_messages_of_other_chunks():
    assert message_chunk_to_message(HumanMessageChunk("a", id="1")) == HumanMessage("a", id="1")
    message = HumanMessage("a")
    assert message_chunk_to_message(message) is message


def test_a_second_beginning_changes_nothing():
    dresser = Dresser(id="lc_run--1")
    dresser.feed([BlockDelta(0, "text", "a"), ReplyStart("late")])
    assert dresser.feed([BlockDelta(0, "text", "b")])[0].id == "lc_run--1"


def test_the_first_piece_of_an_odd_block_comes_with_its_start():
    (chunk,) = Dresser().feed(
        [
            BlockStart(0, {"type": "audio", "mime_type": "audio/wav"}),
            BlockDelta(0, "base64", "AA=="),
        ]
    )[1:]
    assert chunk.content_blocks == [{"type": "audio", "base64": "AA=="}]
    (held,) = Dresser().feed([BlockStart(0, {"type": "audio"}), BlockDelta(0, "base64", "AA==")])
    assert held.content_blocks == [{"type": "audio", "base64": "AA=="}]
