from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    assemble,
    blocks_of,
    filter_messages,
    merge_message_runs,
)
from conure.messages.events import BlockDelta, BlockStart

CALLS = [{"name": "f", "args": {}, "id": "1"}, {"name": "g", "args": {}, "id": "2"}]
SAID = [
    SystemMessage("s", id="a"),
    HumanMessage("q", id="b", name="bob"),
    AIMessage("", id="c", tool_calls=CALLS),
    ToolMessage("r1", id="d", tool_call_id="1"),
    ToolMessage("r2", id="e", tool_call_id="2"),
    AIMessage("done", id="f"),
]


@pytest.mark.parametrize(
    "options,ids",
    [
        ({}, "abcdef"),
        ({"include_types": "human"}, "b"),
        ({"include_types": ["user", ToolMessage]}, "bde"),
        ({"include_types": HumanMessage}, "b"),
        ({"exclude_types": ["tool", "system"]}, "bcf"),
        ({"include_names": ["bob"]}, "b"),
        ({"exclude_names": ["bob"]}, "acdef"),
        ({"include_ids": ["a", "f"], "include_names": ["bob"]}, "abf"),
        ({"exclude_ids": ["a"], "include_types": ["system", "human"]}, "b"),
        ({"exclude_tool_calls": True}, "abf"),
        ({"exclude_tool_calls": ["1"]}, "abcef"),
        ({"exclude_tool_calls": ["1", "2"]}, "abf"),
        ({"exclude_tool_calls": ["9"]}, "abcdef"),
    ],
)
def test_filters(options, ids):
    before = [message.model_copy(deep=True) for message in SAID]
    assert "".join(m.id for m in filter_messages(SAID, **options)) == ids
    assert before == SAID
    assert "".join(m.id for m in filter_messages(**options).invoke(SAID)) == ids


def test_excluded_calls_are_taken_out_of_their_message():
    (message,) = filter_messages([SAID[2]], exclude_tool_calls=["1"])
    assert [call["id"] for call in message.tool_calls] == ["2"]
    native = [{"type": "tool_use", "id": i, "name": "f", "input": {}} for i in "12"]
    (message,) = filter_messages([AIMessage(native, tool_calls=CALLS)], exclude_tool_calls=["1"])
    assert message.content == native[1:]


def test_an_unknown_type_is_named():
    with pytest.raises(
        ConfigurationError, match="no messages of type 'humn'; did you mean 'human'"
    ):
        filter_messages(SAID, include_types="humn")


def merged(*messages, **options):
    return merge_message_runs(list(messages), **options)


def test_runs_are_joined():
    assert merged(HumanMessage("a", id="1"), HumanMessage("b", id="2"), AIMessage("c")) == [
        HumanMessage("a\nb", id="1"),
        AIMessage("c"),
    ]
    assert merged(HumanMessage("a"), HumanMessage("b"), chunk_separator=" ")[0].content == "a b"
    assert merged(HumanMessage(""), HumanMessage("b"))[0].content == "b"
    assert merged(HumanMessage("a"), HumanMessage(["b"]))[0].content == ["a", "b"]
    assert merged(HumanMessage([]), HumanMessage(""))[0].content == []
    assert merge_message_runs().invoke([HumanMessage("a"), HumanMessage("b")])[0].content == "a\nb"


def test_what_is_not_of_one_speaker_stays_apart():
    assert len(merged(ToolMessage("a", tool_call_id="1"), ToolMessage("b", tool_call_id="2"))) == 2
    assert len(merged(HumanMessage("a", name="bob"), HumanMessage("b", name="eve"))) == 2
    assert len(merged(ChatMessage("a", "x"), ChatMessage("b", "y"))) == 2
    assert merged(ChatMessage("a", "x"), ChatMessage("b", "x")) == [ChatMessage("a\nb", "x")]


def test_calls_usage_and_facts_are_joined():
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    facts = {"same": 1, "other": 2}
    (message,) = merged(
        AIMessage("a", tool_calls=CALLS[:1], usage_metadata=usage, response_metadata=facts),
        AIMessage(
            "b",
            tool_calls=CALLS[1:],
            usage_metadata=usage,
            response_metadata={"same": 1, "other": 3, "new": 4},
        ),
    )
    assert [call["id"] for call in message.tool_calls] == ["1", "2"]
    assert message.usage_metadata.total_tokens == 4
    assert message.response_metadata == {"same": 1, "new": 4}
    assert merged(AIMessage("a"), AIMessage("b"))[0].usage_metadata is None


def test_what_providers_sent_is_kept():
    reply = assemble(
        [BlockStart(0, {"type": "reasoning", "extras": {"s": 1}}), BlockDelta(1, "text", "a")]
    )
    (message,) = merged(reply, AIMessage("b"))
    assert message.content == "a\nb"
    assert blocks_of(message)[0] == {"type": "reasoning", "extras": {"s": 1}, "reasoning": ""}
    assert message.text == "a\nb"


def test_texts_between_calls_stay():
    content = ["a", {"type": "tool_use", "id": "1", "name": "f", "input": {}}]
    (message,) = filter_messages([AIMessage(content, tool_calls=CALLS)], exclude_tool_calls=["1"])
    assert message.content == ["a"]
