from __future__ import annotations

import json

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    HumanMessageChunk,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    assemble,
    blocks_of,
    from_json,
    message_to_dict,
    messages_from_dict,
    messages_to_dict,
    sum_chunks,
    to_json,
)
from conure.messages.events import BlockDelta, BlockStart, ReplyStart, UsageReport


def native(blocks):
    return [{"native": block} for block in blocks]


def decoded(**start):
    return assemble(
        [
            ReplyStart("msg_1", **start),
            BlockStart(0, {"type": "reasoning", "extras": {"signature": "s"}}),
            BlockDelta(0, "reasoning", "hm"),
            BlockDelta(1, "text", "Hëllo \ud83d"),
            BlockStart(
                2,
                {
                    "type": "tool_call_chunk",
                    "name": "f",
                    "id": "c",
                    "args": "{}",
                    "extras": {"x": 1},
                },
            ),
            UsageReport(
                {"input_tokens": 1, "output_tokens": 2, "output_token_details": {"reasoning": 1}}
            ),
        ],
        provider="p",
    )


MESSAGES = [
    HumanMessage("hi", name="bob", id="1", extra=[1]),
    HumanMessage(["a", {"type": "image", "url": "u"}]),
    SystemMessage("s", additional_kwargs={"x": None}),
    AIMessage("a", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "1"}]),
    AIMessage("", invalid_tool_calls=[{"name": "f", "args": "{", "id": "1"}]),
    AIMessage("a", usage_metadata={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}),
    ToolMessage("r", tool_call_id="1", status="error", artifact={"x": [1]}),
    ChatMessage("a", "critic"),
    FunctionMessage("a", "f"),
    RemoveMessage("7"),
    HumanMessageChunk("a"),
    AIMessageChunk("a", tool_call_chunks=[{"name": "f", "args": "{", "id": "1", "index": 0}]),
    sum_chunks([AIMessageChunk("a"), AIMessageChunk("b", chunk_position="last")]),
    decoded(),
    decoded(content_of=native),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_messages_come_back_equal(message):
    for made in (
        from_json(to_json(message)),
        from_json(to_json([message]))[0],
        messages_from_dict(messages_to_dict([message]))[0],
        type(message).model_validate(json.loads(message.model_dump_json())),
        type(message)(**message.model_dump()),
    ):
        assert type(made) is type(message)
        assert made == message
        assert blocks_of(made) == blocks_of(message)
        assert made.content_blocks == message.content_blocks


def test_the_shape():
    assert message_to_dict(HumanMessage("a")) == {
        "type": "human",
        "data": HumanMessage("a").model_dump(),
    }
    assert to_json(HumanMessage("a"), indent=2).startswith('{\n  "type": "human"')


def test_blocks_are_written_only_where_the_fields_do_not_say_all():
    assert "decoded" not in assemble([BlockDelta(0, "text", "a")]).model_dump()
    assert decoded().model_dump()["decoded"]["blocks"][0]["extras"] == {"signature": "s"}


def test_what_was_changed_after_writing_wins_over_the_blocks():
    written = message_to_dict(decoded())
    written["data"]["content"] = "[removed]"
    (message,) = messages_from_dict([written])
    assert message.content == message.text == "[removed]"
    assert "llo" not in to_json(message)


def test_what_is_no_json_is_named():
    with pytest.raises(ConfigurationError, match="cannot be written as JSON"):
        to_json(ToolMessage("a", tool_call_id="1", artifact=object()))


@pytest.mark.parametrize(
    "text,said",
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("3", "the message is no written message"),
        ('[{"type": "human", "data": {"content": "a"}}, 3]', r"messages\[1\] is no written"),
        ('{"type": "human"}', "no written message"),
        ('{"type": "os", "data": {}}', "the type 'os', which is none of"),
        ('{"type": ["x"], "data": {}}', "none of"),
        ('{"type": "human", "data": 3}', "must be a dict"),
        ('{"type": "human", "data": {}}', "HumanMessage needs content"),
        ('{"type": "human", "data": {"content": "a", "__class__": "x"}}', "cannot be set"),
        ('{"type": "human", "data": {"content": "a", "_given": {}}}', "cannot be set"),
        ('{"type": "ai", "data": {"content": "a", "decoded": 3}}', "decoded must be a dict"),
        ('{"type": "ai", "data": {"content": "a", "of_reply": 3}}', "cannot be set"),
    ],
)
def test_data_builds_messages_and_nothing_else(text, said):
    with pytest.raises(ConfigurationError, match=said):
        from_json(text)


def test_what_looks_like_a_constructor_inside_content_stays_data():
    evil = {"type": "text", "text": "a", "lc": 1, "id": ["os", "system"], "kwargs": {}}
    message = HumanMessage([evil])
    assert from_json(to_json(message)).content == [evil]
