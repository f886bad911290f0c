from __future__ import annotations

import copy
import pickle

import pytest

from conure.errors import ConfigurationError
from conure.messages import AIMessage, AIMessageChunk, assemble, blocks_of
from conure.messages.events import BlockDelta, BlockEnd, BlockPatch, BlockStart, Event, ReplyStart

CALL = {"name": "add", "args": {"a": 1}, "id": "call_1"}


def native(blocks):
    """Show content as a provider with a shape of its own does."""
    return [
        {"type": "thinking", "thinking": b["reasoning"], "signature": b["extras"]["signature"]}
        if b["type"] == "reasoning"
        else b
        for b in blocks
    ]


REPLY: list[Event] = [
    ReplyStart("msg_1", native),
    BlockDelta(0, "reasoning", "hm"),
    BlockPatch(0, {"extras": {"signature": "s"}}),
    BlockEnd(0),
    BlockDelta(1, "text", "Hello"),
    BlockStart(2, {"type": "tool_call_chunk", "name": "f", "id": "c1", "args": "{}"}),
    BlockPatch(2, {"extras": {"item_id": "fc_1"}}),
    BlockEnd(2),
]
BLOCKS = [
    {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}},
    {"type": "text", "text": "Hello"},
    {"type": "tool_call", "name": "f", "args": {}, "id": "c1", "extras": {"item_id": "fc_1"}},
]


def test_content_may_be_left_away():
    assert AIMessage().content == AIMessage(tool_calls=[CALL]).content == ""


def test_tool_calls_get_their_type():
    assert AIMessage(tool_calls=[CALL]).tool_calls == [CALL | {"type": "tool_call"}]
    assert AIMessage().tool_calls == AIMessage().invalid_tool_calls == []


@pytest.mark.parametrize(
    "call,said",
    [
        ({"name": "f", "args": {}, "id": "1", "foo": 1}, r"tool_calls\[0\] has unknown keys.*foo"),
        ({"function": {"name": "f"}, "id": "1"}, "OpenAI's shape"),
        ({"name": "f", "args": "{}", "id": "1"}, "must be a dict, not str: parse the JSON"),
        ({"name": "f", "args": None, "id": "1"}, "must be a dict, not NoneType"),
        ({"name": None, "args": {}, "id": "1"}, "'name'. must be a str"),
        ("f", "must be a dict, not str"),
    ],
)
def test_wrong_tool_calls_are_named(call, said):
    with pytest.raises(ConfigurationError, match=said):
        AIMessage(tool_calls=[call])


def test_invalid_tool_calls_have_every_key():
    assert AIMessage(
        invalid_tool_calls=[{"name": "f", "args": "{", "id": "1"}]
    ).invalid_tool_calls == [
        {"type": "invalid_tool_call", "name": "f", "args": "{", "id": "1", "error": None}
    ]


def test_content_blocks_are_kept_and_their_calls_found():
    blocks = [{"type": "text", "text": "a"}, {"type": "tool_call", **CALL}]
    message = AIMessage(content_blocks=blocks)
    assert message.content == blocks
    assert message.tool_calls == [CALL | {"type": "tool_call"}]
    assert message.content_blocks == blocks


def test_openai_calls_in_additional_kwargs_are_read():
    calls = [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"id": "2", "type": "function", "function": {"name": "g", "arguments": '{"a"'}},
    ]
    message = AIMessage("", additional_kwargs={"tool_calls": calls})
    assert message.tool_calls == [{"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}]
    assert message.invalid_tool_calls == [
        {"name": "g", "args": '{"a"', "id": "2", "error": None, "type": "invalid_tool_call"}
    ]


def test_repr_shows_calls_and_hides_what_is_none():
    assert repr(AIMessage("a")) == (
        "AIMessage(content='a', additional_kwargs={}, response_metadata={}, "
        "tool_calls=[], invalid_tool_calls=[])"
    )
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    assert "usage_metadata={'input_tokens': 1" in str(AIMessage("a", usage_metadata=usage))


def test_a_reply_shows_in_its_providers_shape_and_in_ours():
    message = assemble(REPLY, id="lc_run--1", provider="p")
    assert message.id == "msg_1"
    assert message.content == [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "Hello"},
        BLOCKS[2],
    ]
    assert message.content_blocks == BLOCKS
    assert message.text == "Hello"
    assert message.tool_calls == [{"name": "f", "args": {}, "id": "c1", "type": "tool_call"}]
    assert message.response_metadata == {"model_provider": "p"}
    assert message.additional_kwargs == {}


def test_looking_does_not_change_what_is_sent_back():
    message = assemble(REPLY)
    assert blocks_of(message) == BLOCKS
    _ = repr(message), message.content, message.tool_calls, message.content_blocks
    assert blocks_of(message) == BLOCKS


def test_a_plain_reply_keeps_its_blocks_behind_a_text():
    message = assemble(
        [
            BlockStart(0, {"type": "reasoning", "extras": {"field": "reasoning"}}),
            BlockDelta(0, "reasoning", "hm"),
            BlockDelta(1, "text", "Hello"),
        ]
    )
    assert message.content == "Hello"
    assert message.additional_kwargs == {"refusal": None, "reasoning_content": "hm"}
    assert blocks_of(message) == [
        {"type": "reasoning", "extras": {"field": "reasoning"}, "reasoning": "hm"},
        {"type": "text", "text": "Hello"},
    ]


def test_new_content_wins_over_the_blocks():
    message = assemble(REPLY)
    message.content = "Bye"
    assert message.text == "Bye"
    assert message.content_blocks == [
        {"type": "text", "text": "Bye"},
        {"type": "tool_call", "name": "f", "args": {}, "id": "c1"},
    ]


def test_content_edited_where_it_is_wins_as_well():
    message = assemble(REPLY)
    message.content[1]["text"] = "Hello you"
    assert [b.get("text") for b in message.content_blocks if b["type"] == "text"] == ["Hello you"]
    assert message.content_blocks[0] == BLOCKS[0]


def test_edited_calls_win_and_keep_what_the_block_had():
    message = assemble(REPLY)
    message.tool_calls[0]["args"]["x"] = 1
    assert blocks_of(message)[2] == BLOCKS[2] | {"args": {"x": 1}}
    message.tool_calls.append({"name": "g", "args": {}, "id": "c2", "type": "tool_call"})
    assert blocks_of(message)[3] == {"type": "tool_call", "name": "g", "args": {}, "id": "c2"}
    message.tool_calls = []
    assert blocks_of(message) == BLOCKS[:2]


def test_copies_and_pickles_go_back_as_they_came():
    message = assemble(REPLY, provider="p")
    for made in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert made == message
        assert blocks_of(made) == BLOCKS
        assert made.content_blocks == BLOCKS
    edited = copy.deepcopy(message)
    edited.content[1]["text"] = "other"
    assert edited.content_blocks != message.content_blocks
    assert message.content[1]["text"] == "Hello"


def test_a_copy_of_an_edited_message_keeps_the_edit():
    message = assemble(REPLY)
    message.content = "Bye"
    message.tool_calls = []
    for made in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert made.content_blocks == [{"type": "text", "text": "Bye"}]


def test_a_message_is_no_chunk():
    assert AIMessage("a") != AIMessageChunk("a")
    with pytest.raises(TypeError):
        _ = AIMessageChunk("a") + AIMessage("b")


def test_reasoning_in_additional_kwargs_is_a_block():
    message = AIMessage("a", additional_kwargs={"reasoning_content": "hm"})
    assert message.content_blocks == [
        {"type": "reasoning", "reasoning": "hm"},
        {"type": "text", "text": "a"},
    ]


def test_written_blocks_are_taken_up_unless_the_text_was_changed():
    assert "decoded" not in assemble(REPLY).model_dump()  # its content says it all
    fields = assemble(
        [BlockStart(0, {"type": "reasoning", "extras": {"s": 1}}), BlockDelta(1, "text", "Hello")]
    ).model_dump()
    assert fields["decoded"]["blocks"][0]["extras"] == {"s": 1}
    assert blocks_of(AIMessage(**fields)) == fields["decoded"]["blocks"]
    fields["content"] = "redacted"
    assert "Hello" not in str(blocks_of(AIMessage(**fields)))


@pytest.mark.parametrize("decoded", [3, {}, {"blocks": 3}, {"blocks": [3]}, {"blocks": [{"a": 1}]}])
def test_written_blocks_are_checked(decoded):
    with pytest.raises(ConfigurationError, match="decoded"):
        AIMessage("a", decoded=decoded)


def test_text_follows_what_content_was_edited_to():
    message = assemble(REPLY)
    message.content.append({"type": "text", "text": "!"})
    assert message.text == "Hello!"


def test_text_is_the_same_before_and_after_a_look_at_foreign_content():
    message = assemble(
        [ReplyStart(None, lambda blocks: [{"other": 1}]), BlockDelta(0, "text", "a")]
    )
    assert message.text == "a"
    assert message.content == [{"other": 1}]
    assert message.text == "a"


def test_what_a_dict_message_said_survives_a_pickle():
    from conure.messages import to_messages
    from conure.messages.message import given_of

    (message,) = to_messages([{"role": "assistant", "content": "a", "cache_control": {"x": 1}}])
    assert given_of(pickle.loads(pickle.dumps(message))) == {"cache_control": {"x": 1}}


def test_a_bare_message_has_the_blocks_of_its_text():
    assert blocks_of(AIMessage("a")) == [{"type": "text", "text": "a"}]
    assert blocks_of(AIMessage("")) == []


def test_calls_in_additional_kwargs_may_all_be_wrong_or_right():
    def call(arguments):
        return {"id": "1", "function": {"name": "f", "arguments": arguments}}

    def read(*calls):
        return AIMessage("", additional_kwargs={"tool_calls": list(calls)})

    assert read(call("{}")).invalid_tool_calls == []
    assert read(call("{")).tool_calls == []
    assert read().tool_calls == []


def test_a_call_may_say_more():
    call = CALL | {"extras": {"x": 1}, "index": 0}
    assert AIMessage(tool_calls=[call]).tool_calls == [call | {"type": "tool_call"}]
    assert AIMessage(invalid_tool_calls=[{"name": "f", "extras": {"x": 1}}]).invalid_tool_calls[0][
        "extras"
    ] == {"x": 1}
    with pytest.raises(ConfigurationError, match=r"\['id'\]|unknown"):
        AIMessage(tool_calls=[CALL | {"ids": "1"}])


def test_fields_can_be_found_on_the_class():
    assert AIMessage.content is not None
