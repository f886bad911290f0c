from __future__ import annotations

import copy
import pickle

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessageChunk,
    Dresser,
    HumanMessage,
    HumanMessageChunk,
    blocks_of,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import BlockDelta, BlockPatch, BlockStart, Metadata, UsageReport


def piece(args, *, index=0, id=None, name=None):
    call = {"name": name, "args": args, "id": id, "index": index}
    return AIMessageChunk("", tool_call_chunks=[call])


def stream(*events, **facts):
    dresser = Dresser(**({"id": "lc_run--1", "provider": "p"} | facts))
    return [*dresser.feed(events), dresser.close()]


CALL_STREAM = [
    BlockDelta(0, "text", "Hi"),
    BlockStart(1, {"type": "tool_call_chunk", "name": "f", "id": "c1", "args": ""}),
    BlockDelta(1, "args", '{"a":'),
    BlockDelta(1, "args", " 1}"),
]


# -- made by hand -----------------------------------------------------------------------------


def test_defaults():
    chunk = AIMessageChunk("a")
    assert isinstance(chunk, (AIMessage, BaseMessageChunk))
    assert (chunk.tool_call_chunks, chunk.chunk_position, chunk.name, chunk.id) == (
        [],
        None,
        None,
        None,
    )
    assert (chunk.tool_calls, chunk.usage_metadata) == ([], None)
    assert chunk.type == "AIMessageChunk"


def test_calls_follow_from_their_chunks():
    assert piece('{"a": "b', name="f", id="1").tool_calls == [
        {"name": "f", "args": {"a": "b"}, "id": "1", "type": "tool_call"}
    ]
    assert piece('{"a').tool_calls[0]["name"] == ""
    assert piece("what").invalid_tool_calls == [
        {"type": "invalid_tool_call", "name": None, "args": "what", "id": None, "error": None}
    ]


def test_chunks_follow_from_whole_calls():
    chunk = AIMessageChunk("", tool_calls=[{"name": "f", "args": {"a": "ä"}, "id": "1"}])
    assert chunk.tool_call_chunks == [
        {"name": "f", "args": '{"a": "ä"}', "id": "1", "index": None, "type": "tool_call_chunk"}
    ]


def test_a_wrong_position_is_named():
    assert AIMessageChunk("", chunk_position="last").chunk_position == "last"
    with pytest.raises(ConfigurationError, match="'last' or None, not 'first'"):
        AIMessageChunk("", chunk_position="first")


@pytest.mark.parametrize(
    "contents,total",
    [
        (["a", "b"], "ab"),
        (["a", [{"type": "image", "url": "u"}]], ["a", {"type": "image", "url": "u"}]),
        (["", [{"type": "image", "url": "u"}]], [{"type": "image", "url": "u"}]),
        ([["a"], "b"], ["ab"]),
        (
            [[{"type": "text", "text": "a", "index": 0}], "b"],
            [{"type": "text", "text": "a", "index": 0}, "b"],
        ),
        ([["a"], ""], ["a"]),
        (
            [
                [{"type": "text", "text": "a", "index": 0}],
                [{"type": "text", "text": "b", "index": 0}],
            ],
            [{"type": "text", "text": "ab", "index": 0}],
        ),
        (
            [
                [{"type": "text", "text": "a", "index": 0}],
                [{"type": "text", "text": "b", "index": 1}],
            ],
            [{"type": "text", "text": "a", "index": 0}, {"type": "text", "text": "b", "index": 1}],
        ),
        # The type and the id are part of what a block is.
        (
            [
                [{"type": "text", "text": "a", "index": 0}],
                [{"type": "reasoning", "reasoning": "b", "index": 0}],
            ],
            [
                {"type": "text", "text": "a", "index": 0},
                {"type": "reasoning", "reasoning": "b", "index": 0},
            ],
        ),
        (
            [
                [{"type": "text", "text": "a", "index": 0, "id": "1"}],
                [{"type": "text", "text": "b", "index": 0, "id": "2"}],
            ],
            [
                {"type": "text", "text": "a", "index": 0, "id": "1"},
                {"type": "text", "text": "b", "index": 0, "id": "2"},
            ],
        ),
        # Neighbours without an index are one text.
        (
            [[{"type": "text", "text": "a"}], [{"type": "text", "text": "b"}]],
            [{"type": "text", "text": "ab"}],
        ),
    ],
)
def test_contents_join(contents, total):
    chunks = [AIMessageChunk(content) for content in contents]
    assert sum_chunks(chunks).content == total
    assert [chunk.content for chunk in chunks] == contents


def test_call_chunks_join_by_index():
    full = (
        piece("", name="f", id="1")
        + piece('{"a"')
        + piece(": 1}")
        + piece("{}", index=1, name="g", id="2")
    )
    assert full.tool_call_chunks == [
        {"name": "f", "args": '{"a": 1}', "id": "1", "index": 0, "type": "tool_call_chunk"},
        {"name": "g", "args": "{}", "id": "2", "index": 1, "type": "tool_call_chunk"},
    ]
    assert [call["args"] for call in full.tool_calls] == [{"a": 1}, {}]


def test_call_chunks_without_index_or_of_other_ids_stay_apart():
    assert len((piece("a", index=None) + piece("b", index=None)).tool_call_chunks) == 2
    assert len((piece("a", id="1") + piece("b", id="2")).tool_call_chunks) == 2


def test_a_name_in_pieces_joins_and_a_repeated_one_does_not_double():
    assert (piece("", name="get_") + piece("", name="x")).tool_call_chunks[0]["name"] == "get_x"
    assert (piece("", name="f") + piece("", name="f")).tool_call_chunks[0]["name"] == "f"


def test_cut_off_arguments_are_no_call_at_the_end():
    cut = piece('{"path": "/tmp', name="rm", id="1")
    assert cut.tool_calls[0]["args"] == {"path": "/tmp"}
    full = cut + AIMessageChunk("", chunk_position="last")
    assert full.tool_calls == []
    assert "cut off" in full.invalid_tool_calls[0]["error"]
    assert message_chunk_to_message(cut).tool_calls == []


def test_facts_repeated_are_not_doubled():
    facts = {
        "finish_reason": "stop",
        "n": 5,
        "flag": True,
        "ratio": 0.5,
        "list": [1],
        "d": {"x": 1},
    }
    full = AIMessageChunk("", response_metadata=facts) + AIMessageChunk("", response_metadata=facts)
    assert full.response_metadata == facts


def test_additional_kwargs_join():
    def kwargs(**values):
        return AIMessageChunk("", additional_kwargs=values)

    full = kwargs(
        reasoning_content="a", n=5, function_call={"name": "f", "arguments": "{"}
    ) + kwargs(
        reasoning_content="b", n=6, function_call={"name": None, "arguments": "}"}, extra=None
    )
    assert full.additional_kwargs == {
        "reasoning_content": "ab",
        "n": 6,
        "function_call": {"name": "f", "arguments": "{}"},
        "extra": None,
    }
    tools = [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{"}}]
    more = [{"index": 0, "id": None, "function": {"name": None, "arguments": "}"}}]
    assert (kwargs(tool_calls=tools) + kwargs(tool_calls=more)).additional_kwargs["tool_calls"] == [
        {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}
    ]


def test_usage_adds_and_names_and_ids_stay():
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    full = sum_chunks(
        [
            AIMessageChunk("", id="lc_1"),
            AIMessageChunk("", id="lc_run-1", usage_metadata=usage),
            AIMessageChunk("", id="msg_1", name="bob", usage_metadata=usage),
            AIMessageChunk("", id="msg_2", name="eve"),
        ]
    )
    assert (full.id, full.name) == ("msg_1", "bob")
    assert full.usage_metadata == {"input_tokens": 2, "output_tokens": 4, "total_tokens": 6}


@pytest.mark.parametrize(
    "ids,kept",
    [
        (["lc_a", "lc_b"], "lc_a"),
        (["lc_a", "lc_run-b", "lc_run-c"], "lc_run-b"),
        (["lc_run-b", "run-c"], "run-c"),
        ([None, "x", "y"], "x"),
        ([None], None),
    ],
)
def test_the_best_id_is_kept(ids, kept):
    assert sum_chunks([AIMessageChunk("a", id=id) for id in ids]).id == kept


def test_standard_content_is_closed_at_the_end():
    block = {"type": "tool_call_chunk", "name": "f", "args": "{}", "id": "1", "index": 0}
    chunk = AIMessageChunk([block], response_metadata={"output_version": "v1"})
    assert chunk.content == [block]
    full = chunk + AIMessageChunk("", chunk_position="last")
    assert full.content == [{"type": "tool_call", "name": "f", "args": {}, "id": "1"}]


def test_what_can_be_added():
    a = AIMessageChunk("a")
    assert sum_chunks([a, AIMessageChunk("b"), AIMessageChunk("c")]).content == "abc"
    assert a.__add__(()).content == "a"
    assert type(a + HumanMessageChunk("b")) is AIMessageChunk
    assert (a + HumanMessageChunk("b")).content == "ab"
    for other in (HumanMessage("b"), "b", [HumanMessage("b")], None):
        with pytest.raises(TypeError):
            _ = a + other


def test_content_blocks_of_a_chunk_made_by_hand():
    chunk = AIMessageChunk("a") + piece("{}", name="f", id="1")
    assert chunk.content_blocks == [
        {"type": "text", "text": "a"},
        {"type": "tool_call_chunk", "name": "f", "args": "{}", "id": "1", "index": 0},
    ]
    full = chunk + AIMessageChunk("", chunk_position="last")
    assert full.content_blocks == [
        {"type": "text", "text": "a"},
        {"type": "tool_call", "name": "f", "args": {}, "id": "1"},
    ]
    assert blocks_of(chunk) == full.content_blocks


# -- born of a stream -------------------------------------------------------------------------


def test_a_stream_in_pieces():
    text, start, first, second, last = stream(*CALL_STREAM)
    assert (text.content, text.text) == ("Hi", "Hi")
    assert start.tool_call_chunks == [
        {"name": "f", "args": "", "id": "c1", "index": 1, "type": "tool_call_chunk"}
    ]
    assert first.content == first.text == ""
    assert first.tool_call_chunks == [
        {"name": None, "args": '{"a":', "id": None, "index": 1, "type": "tool_call_chunk"}
    ]
    assert second.content_blocks == [
        {"type": "tool_call_chunk", "name": None, "args": " 1}", "id": None, "index": 1}
    ]
    assert (last.chunk_position, last.content_blocks) == ("last", [])
    assert {chunk.id for chunk in (text, start, first, second, last)} == {"lc_run--1"}
    assert text.response_metadata == {"model_provider": "p"}


def test_a_growing_sum_shows_calls_as_they_are_written():
    chunks = stream(*CALL_STREAM)
    full = chunks[0]
    seen = []
    for chunk in chunks[1:]:
        full = full + chunk
        seen.append([call["args"] for call in full.tool_calls])
    assert seen == [[{}], [{}], [{"a": 1}], [{"a": 1}]]
    assert full.content_blocks[1]["type"] == "tool_call"
    assert (full.content, full.text) == ("Hi", "Hi")


def test_plain_text_has_blocks_without_index():
    full = sum_chunks(stream(BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b")))
    assert full.content_blocks == [{"type": "text", "text": "ab"}]
    assert stream(BlockDelta(0, "text", "a"))[0].content_blocks == [{"type": "text", "text": "a"}]


def test_whole_calls_are_shown_as_chunks_until_the_end():
    call = {"type": "tool_call", "name": "f", "args": {"a": 1}, "id": "1"}
    chunk, last = stream(BlockStart(0, call))
    assert chunk.tool_call_chunks == [
        {"name": "f", "args": '{"a": 1}', "id": "1", "index": 0, "type": "tool_call_chunk"}
    ]
    assert chunk.content_blocks[0]["type"] == "tool_call_chunk"
    assert (chunk + last).content_blocks == [call]


@pytest.mark.parametrize(
    "edit",
    [
        {"content": "edited"},
        {"id": "other"},
        {"response_metadata": {"x": 1}},
        {"additional_kwargs": {"x": 1}},
        {"name": "bob"},
        {"usage_metadata": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}},
        {"chunk_position": "last"},
    ],
)
@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_what_a_user_sets_on_a_chunk_is_in_the_sum(edit, looked, position):
    chunks = stream(BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b"))
    if looked:
        _ = [repr(chunk) for chunk in chunks]
    for name, value in edit.items():
        setattr(chunks[position], name, value)
    full = sum_chunks(chunks)
    for name, value in edit.items():
        found = getattr(full, name)
        if isinstance(value, dict):
            assert value.items() <= found.items()
        elif name == "content":
            assert value in found
        else:
            assert found == value


def test_facts_changed_where_they_are_are_in_the_sum():
    first, second, last = stream(BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b"))
    first.response_metadata["mark"] = 1
    full = first + second
    full.additional_kwargs["note"] = 2
    full = full + last
    assert full.response_metadata["mark"] == 1
    assert full.additional_kwargs["note"] == 2
    assert full.content == "ab"


def test_an_edited_sum_goes_on_from_the_edit():
    first, second, last = stream(BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b"))
    full = first + second
    full.content = "new "
    assert (full + first + last).content == "new a"
    assert full.content_blocks == [{"type": "text", "text": "new "}]


def test_an_edited_sum_keeps_its_calls():
    full = sum_chunks(stream(*CALL_STREAM))
    full.content = "Bye"
    assert [block["type"] for block in blocks_of(full)] == ["text", "tool_call"]
    assert full.content_blocks == blocks_of(full)
    assert message_chunk_to_message(full).tool_calls[0]["args"] == {"a": 1}


def test_two_replies_are_added_by_their_fields():
    call = BlockStart(0, {"type": "tool_call_chunk", "name": "f", "id": "c1", "args": "{}"})
    other = BlockStart(0, {"type": "tool_call_chunk", "name": "g", "id": "c2", "args": "{}"})
    usage = UsageReport({"input_tokens": 1, "output_tokens": 1, "total_tokens": 2})
    first = sum_chunks(stream(call, usage))
    second = sum_chunks(stream(other, usage, id="lc_run--2"))
    full = first + second
    assert [call["name"] for call in full.tool_calls] == ["f", "g"]
    assert full.usage_metadata.total_tokens == 4
    assert full.id == "lc_run--1"


def test_a_hand_made_end_ends_a_stream():
    chunks = stream(*CALL_STREAM)[:-1]
    end = AIMessageChunk(
        "", id="lc_run--1", chunk_position="last", response_metadata={"finish_reason": "stop"}
    )
    full = sum_chunks([AIMessageChunk(""), *chunks, end])
    assert full.content_blocks[1]["type"] == "tool_call"
    assert full.response_metadata == {"model_provider": "p", "finish_reason": "stop"}


def test_streams_in_a_providers_shape_show_it_in_each_piece():
    from conure.messages.events import ReplyStart

    def native(blocks):
        return [{"native": block["type"], "at": block.get("index")} for block in blocks]

    chunks = stream(ReplyStart("msg_1", native), *CALL_STREAM)
    assert chunks[0].content == [{"native": "text", "at": 0}]
    assert chunks[0].text == "Hi"
    assert chunks[0].content_blocks == [{"type": "text", "text": "Hi", "index": 0}]
    assert chunks[2].content == [{"native": "tool_call_chunk", "at": 1}]
    assert chunks[2].text == ""
    full = sum_chunks(chunks)
    assert full.content == [{"native": "text", "at": None}, {"native": "tool_call", "at": None}]
    assert full.id == "msg_1"


def test_chunks_can_be_pickled_and_copied_and_still_add_up():
    chunks = stream(*CALL_STREAM, BlockPatch(0, {"extras": {"sig": 1}}), Metadata({"m": 1}))
    full = sum_chunks(chunks)
    for make in (copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))):
        assert make(full) == full
        assert make(full).content_blocks == full.content_blocks
        assert blocks_of(make(full)) == blocks_of(full)
        again = sum_chunks([make(chunk) for chunk in chunks])
        assert again.content == "Hi"
        assert again.tool_calls == full.tool_calls
        assert without_index(again.content_blocks) == full.content_blocks


def without_index(blocks):
    return [{k: v for k, v in block.items() if k != "index"} for block in blocks]


def test_written_chunks_keep_what_no_field_says():
    chunk = stream(BlockStart(0, {"type": "reasoning", "reasoning": "hm", "extras": {"k": 1}}))[0]
    fields = chunk.model_dump()
    assert without_index(fields["decoded"]["blocks"]) == chunk.content_blocks
    made = AIMessageChunk(**fields)
    assert made.content_blocks == chunk.content_blocks
    assert blocks_of(made) == chunk.content_blocks
    assert "decoded" not in AIMessageChunk("a").model_dump()


def test_repr():
    assert repr(AIMessageChunk("a", chunk_position="last")) == (
        "AIMessageChunk(content='a', additional_kwargs={}, response_metadata={}, tool_calls=[], "
        "invalid_tool_calls=[], tool_call_chunks=[], chunk_position='last')"
    )
    assert "chunk_position" not in repr(AIMessageChunk("a"))


def test_a_message_of_a_chunk_has_its_name_and_extra_attributes():
    chunk = AIMessageChunk("a", name="bob", mood="good")
    message = message_chunk_to_message(chunk)
    assert message == AIMessage("a", name="bob", mood="good")
    born = stream(BlockDelta(0, "text", "a"))[0]
    born.mood = "good"
    assert message_chunk_to_message(born).mood == "good"


def test_text_of_pieces_in_a_providers_shape():
    from conure.messages.events import ReplyStart

    start = ReplyStart(None, lambda blocks: [{"other": 1} for _ in blocks])
    chunks = stream(start, BlockDelta(0, "text", "a"), BlockDelta(0, "text", "b"))
    assert [chunk.text for chunk in chunks] == ["a", "b", ""]
    chunks[1].content = [{"type": "text", "text": "edited"}]
    assert chunks[1].text == "edited"
    assert AIMessageChunk(["x"]).text == "x"
    full = sum_chunks(chunks[:1])
    assert full.text == "a"
    assert full.content == [{"other": 1}]
    assert full.text == "a"


def test_an_edited_piece_is_pickled_as_edited():
    chunk = stream(BlockStart(0, {"type": "reasoning", "reasoning": "hm", "extras": {"k": 1}}))[0]
    chunk.content = "edited"
    made = pickle.loads(pickle.dumps(chunk))
    assert made == chunk
    assert made.text == "edited"


def test_a_written_piece_can_be_written_again():
    chunk = stream(BlockStart(0, {"type": "reasoning", "reasoning": "hm", "extras": {"k": 1}}))[0]
    made = AIMessageChunk(**chunk.model_dump())
    assert made.model_dump() == chunk.model_dump()
    made.content = "edited"
    assert "decoded" not in made.model_dump()


def test_looking_at_calls_and_more_of_a_piece_changes_nothing():
    chunks = stream(*CALL_STREAM)
    for chunk in chunks:
        _ = chunk.tool_call_chunks, chunk.tool_calls, chunk.response_metadata, chunk.name
    assert sum_chunks(chunks) == sum_chunks(stream(*CALL_STREAM))
    chunks[2].tool_call_chunks[0]["args"] = '{"b":'
    assert sum_chunks(chunks).tool_calls[0]["args"] == {"b": 1}


def test_call_chunks_may_say_more():
    chunk = AIMessageChunk("", tool_call_chunks=[{"args": "", "extras": {"x": 1}}])
    assert chunk.tool_call_chunks[0]["extras"] == {"x": 1}


def test_usage_alone_rides_on_a_stream():
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    full = sum_chunks(
        [*stream(BlockDelta(0, "text", "a")), AIMessageChunk("", usage_metadata=usage)]
    )
    assert full.usage_metadata == usage


@pytest.mark.parametrize("field", ["args", "text"])
def test_looking_at_call_chunks_alone_changes_nothing(field):
    chunks = stream(BlockDelta(0, field, "a"), BlockDelta(0, field, "b"))
    assert [len(chunk.tool_call_chunks) for chunk in chunks[:2]] == [field == "args"] * 2
    assert sum_chunks(chunks) == sum_chunks(
        stream(BlockDelta(0, field, "a"), BlockDelta(0, field, "b"))
    )
    chunks[1].tool_call_chunks.clear()
    assert len(sum_chunks(chunks).tool_call_chunks) == (field == "args")


def test_written_pieces_in_a_providers_shape():
    from conure.messages.events import ReplyStart

    start = ReplyStart(None, lambda blocks: [{"other": 1} for _ in blocks])
    chunk = stream(start, BlockDelta(0, "text", "a"))[0]
    made = pickle.loads(pickle.dumps(chunk))
    assert (
        made.content_blocks == chunk.content_blocks == [{"type": "text", "text": "a", "index": 0}]
    )
