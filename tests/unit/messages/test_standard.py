from __future__ import annotations

import copy

import pytest

from conure.messages import AIMessage, HumanMessage
from conure.messages.standard import (
    reconciled,
    standard_blocks,
    standard_chunk,
    standard_reply,
)


def test_texts():
    assert standard_blocks("a") == [{"type": "text", "text": "a"}]
    assert standard_blocks("") == []
    assert standard_blocks(["a", ""]) == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": ""},
    ]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
        {"type": "reasoning", "reasoning": "a"},
        {"type": "image", "url": "u", "detail": "low"},
        {"type": "tool_call_chunk", "name": "f", "args": "", "id": "1", "index": 0},
        {"type": "server_tool_result", "tool_call_id": "1", "status": "success"},
        {"type": "non_standard", "value": {"x": 1}},
        {"type": "file", "base64": "AA==", "mime_type": "application/pdf", "filename": "a.pdf"},
    ],
)
def test_standard_blocks_pass(block):
    assert standard_blocks([block]) == [block]


@pytest.mark.parametrize(
    "element",
    [{"type": "what"}, {"no": "type"}, {"type": None}, {"type": 3}, {}, {"type": "image_url"}],
)
def test_the_unknown_is_kept_whole(element):
    assert standard_blocks([element]) == [{"type": "non_standard", "value": element}]


def test_blocks_of_a_message_are_the_same_each_time_and_leave_the_content_alone():
    content = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    message = HumanMessage(copy.deepcopy(content))
    assert message.content_blocks == message.content_blocks
    assert message.content == content


def test_tool_calls_follow_the_content_unless_they_are_in_it():
    call = {"type": "tool_call", "name": "f", "args": {}, "id": "1"}
    message = AIMessage("a", tool_calls=[call])
    assert message.content_blocks == [{"type": "text", "text": "a"}, call]
    inside = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    message = AIMessage([inside, {"type": "text", "text": "a"}], tool_calls=[call])
    assert message.content_blocks == [call, {"type": "text", "text": "a"}]


def test_invalid_calls_and_sounds_are_visible():
    bad = {"type": "invalid_tool_call", "name": "f", "args": "{", "id": "1", "error": None}
    audio = {"id": "a1", "data": "AA==", "transcript": "hi", "expires_at": None}
    message = AIMessage("", invalid_tool_calls=[bad], additional_kwargs={"audio": audio})
    assert message.content_blocks == [
        {"type": "audio", "id": "a1", "base64": "AA==", "extras": {"transcript": "hi"}},
        bad,
    ]


@pytest.mark.parametrize(
    "kwargs,block",
    [
        ({"reasoning_content": "hm"}, {"type": "reasoning", "reasoning": "hm"}),
        (
            {"reasoning": "hm"},
            {"type": "reasoning", "reasoning": "hm", "extras": {"field": "reasoning"}},
        ),
        (
            {"reasoning_details": [1]},
            {"type": "reasoning", "reasoning": "", "extras": {"reasoning_details": [1]}},
        ),
        ({"refusal": "no"}, {"type": "refusal", "refusal": "no"}),
        ({"audio": {"id": "1"}}, {"type": "audio", "id": "1"}),
    ],
)
def test_what_older_code_kept_beside_the_content_is_a_block(kwargs, block):
    assert standard_reply("", [], [], kwargs) == [block]
    # ... once: what the content shows already is not shown again.
    assert standard_reply([block], [], [], kwargs) == [block]


@pytest.mark.parametrize("kwargs", [{"refusal": None}, {"reasoning_content": ""}, {"reasoning": 3}])
def test_what_says_nothing_is_no_block(kwargs):
    assert standard_reply("", [], [], kwargs) == []


def test_reconciling_keeps_places_and_extras():
    text = {"type": "text", "text": "a"}
    block = {"type": "tool_call", "name": "f", "args": {}, "id": "1", "extras": {"x": 1}}
    other = {"type": "tool_call", "name": "g", "args": {}, "id": "2"}
    call = {"name": "f", "args": {"n": 1}, "id": "1", "type": "tool_call"}
    assert reconciled([block, text, other], [call], []) == [block | {"args": {"n": 1}}, text]
    assert reconciled([text], [call], []) == [text, call]


def test_calls_without_ids_are_told_apart_by_name_and_order():
    blocks = [{"type": "tool_call", "name": n, "args": {}, "id": None} for n in "fgf"]
    calls = [
        {"type": "tool_call", "name": n, "args": {"i": i}, "id": None} for i, n in enumerate("fgf")
    ]
    assert [b["args"]["i"] for b in reconciled(blocks, calls, [])] == [0, 1, 2]


def test_pieces_show_call_chunks():
    chunk = {"name": "f", "args": "{", "id": "1", "index": 0}
    assert standard_chunk("a", [chunk], {}) == [
        {"type": "text", "text": "a"},
        {"type": "tool_call_chunk", **chunk},
    ]
    inside = [{"type": "tool_call", "name": "f", "args": {}, "id": "1"}]
    assert standard_chunk(inside, [chunk], {}) == [{"type": "tool_call_chunk", **chunk}]
    assert standard_chunk(inside, [], {}) == inside


def test_a_sound_may_have_no_id():
    assert standard_reply("", [], [], {"audio": {"data": "AA=="}}) == [
        {"type": "audio", "base64": "AA=="}
    ]
