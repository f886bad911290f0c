from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessageChunk,
    ChatMessageChunk,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
)


@pytest.mark.parametrize(
    "chunk",
    [
        HumanMessageChunk("a", id="1"),
        SystemMessageChunk("a", id="1"),
        ChatMessageChunk("a", role="critic", id="1"),
        FunctionMessageChunk("a", name="f", id="1"),
        ToolMessageChunk("a", tool_call_id="c", id="1"),
    ],
)
def test_pieces_add_up(chunk):
    total = chunk + chunk.model_copy(update={"content": "b"}) + [chunk]
    assert type(total) is type(chunk)
    assert total.content == "aba"
    assert chunk.content == "a"
    assert total.type == type(chunk).__name__
    assert total.model_copy(update={"content": "a"}) == chunk


def test_facts_are_merged():
    total = HumanMessageChunk("a", additional_kwargs={"x": 1}, name=None, id="lc_1") + (
        HumanMessageChunk("b", response_metadata={"y": 1}, name="n", id="msg")
    )
    assert (total.additional_kwargs, total.response_metadata) == ({"x": 1}, {"y": 1})
    assert (total.name, total.id) == ("n", "msg")


def test_the_left_class_wins():
    assert type(HumanMessageChunk("a") + AIMessageChunk("b")) is HumanMessageChunk


@pytest.mark.parametrize(
    "left,right,field",
    [
        (ChatMessageChunk("a", "x"), ChatMessageChunk("a", "y"), "role"),
        (FunctionMessageChunk("a", "x"), FunctionMessageChunk("a", "y"), "name"),
        (
            ToolMessageChunk("a", tool_call_id="1"),
            ToolMessageChunk("a", tool_call_id="2"),
            "tool_call_id",
        ),
    ],
)
def test_pieces_of_different_messages_do_not_add_up(left, right, field):
    with pytest.raises(ConfigurationError, match=f"with {field} "):
        _ = left + right


def test_a_tool_failed_if_any_piece_says_so():
    ok = ToolMessageChunk("a", tool_call_id="1", artifact=[1])
    bad = ToolMessageChunk("b", tool_call_id="1", status="error")
    assert (ok + bad).status == (bad + ok).status == "error"
    assert (ok + bad).artifact == (bad + ok).artifact == [1]
    assert (ok + ok).status == "success"


def test_messages_are_no_pieces():
    with pytest.raises(TypeError):
        _ = HumanMessageChunk("a") + HumanMessage("b")
