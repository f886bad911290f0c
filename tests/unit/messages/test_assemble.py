from __future__ import annotations

import pytest

from conure.messages import AIMessage, Draft, assemble
from conure.messages.assemble import fields_of
from conure.messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Failure,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)

CALL = {"type": "tool_call_chunk", "name": "f", "id": "c1", "args": ""}


def blocks(*events):
    draft = Draft()
    draft.feed(events)
    return draft.blocks()


@pytest.mark.parametrize(
    "field,block",
    [
        ("text", {"type": "text", "text": "ab"}),
        ("reasoning", {"type": "reasoning", "reasoning": "ab"}),
        ("refusal", {"type": "refusal", "refusal": "ab"}),
        ("base64", {"type": "image", "base64": "ab"}),
        (
            "args",
            {
                "type": "invalid_tool_call",
                "name": None,
                "args": "ab",
                "id": None,
                "error": "arguments are not JSON",
            },
        ),
    ],
)
def test_a_delta_opens_the_block_that_its_field_implies(field, block):
    assert blocks(BlockDelta(0, field, "a"), BlockDelta(0, field, "b")) == [block]


def test_blocks_stand_in_the_order_they_appeared_in():
    found = blocks(
        BlockDelta(0, "reasoning", "h"),
        BlockDelta(1, "text", "a"),
        BlockDelta(0, "reasoning", "m"),
        BlockDelta(1, "text", "b"),
    )
    assert found == [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "ab"}]


def test_a_delta_continues_what_the_start_said():
    assert blocks(BlockStart(0, {"type": "text", "text": "a"}), BlockDelta(0, "text", "b")) == [
        {"type": "text", "text": "ab"}
    ]


def test_what_a_block_always_has_is_there():
    started = [BlockStart(i, {"type": t}) for i, t in enumerate(("text", "reasoning", "refusal"))]
    assert blocks(*started) == [
        {"type": "text", "text": ""},
        {"type": "reasoning", "reasoning": ""},
        {"type": "refusal", "refusal": ""},
    ]


@pytest.mark.parametrize(
    "args,block",
    [
        ("", {"type": "tool_call", "args": {}}),
        ('{"a": 1}', {"type": "tool_call", "args": {"a": 1}}),
        (
            '{"a": ',
            {
                "type": "invalid_tool_call",
                "args": '{"a": ',
                "error": "arguments are cut off: not a whole JSON object",
            },
        ),
    ],
)
@pytest.mark.parametrize("end", [[], [BlockEnd(0)]])
def test_arguments_are_parsed_at_the_end_and_never_repaired(args, block, end):
    start = BlockStart(0, {**CALL, "extras": {"k": 1}, "index": 7})
    (found,) = blocks(start, BlockDelta(0, "args", args), *end)
    assert found == {"name": "f", "id": "c1", "extras": {"k": 1}, **block}


def test_a_call_of_the_servers_own_tool_is_closed_the_same_way():
    start = {"type": "server_tool_call_chunk", "name": "search", "id": "s1", "args": ""}
    (found,) = blocks(BlockStart(0, start), BlockDelta(0, "args", '{"q": "x"}'))
    assert found == {"type": "server_tool_call", "name": "search", "args": {"q": "x"}, "id": "s1"}
    (cut,) = blocks(BlockStart(0, start), BlockDelta(0, "args", '{"q": "'))
    assert cut["type"] == "server_tool_call"
    assert cut["args"] == {}
    assert "cut off" in cut["error"]


def test_a_whole_call_stays_as_it_is():
    call = {"type": "tool_call", "name": "f", "args": {"a": 1}, "id": "c"}
    message = assemble([BlockStart(0, call), BlockEnd(0)])
    assert message.content_blocks == [call]
    assert message.tool_calls == [{"name": "f", "args": {"a": 1}, "id": "c", "type": "tool_call"}]


def test_patches_set_extend_and_merge():
    (found,) = blocks(
        BlockDelta(0, "text", "a"),
        BlockPatch(0, {"annotations": [1], "extras": {"x": 1}}),
        BlockPatch(0, {"annotations": [2], "extras": {"y": 2}, "id": "1"}),
        BlockDelta(0, "text", "b"),
        BlockPatch(0, {"text": "whole"}),
        BlockDelta(0, "text", "!"),
    )
    assert found == {
        "type": "text",
        "text": "whole!",
        "annotations": [1, 2],
        "extras": {"x": 1, "y": 2},
        "id": "1",
    }


@pytest.mark.parametrize(
    "fields,kind",
    [
        ({"text": "a"}, "text"),
        ({"annotations": []}, "text"),
        ({"reasoning": "a"}, "reasoning"),
        ({"type": "image", "url": "u"}, "image"),
        ({"what": 1}, "non_standard"),
    ],
)
def test_a_patch_may_open_a_block(fields, kind):
    assert blocks(BlockPatch(0, fields))[0]["type"] == kind


def test_what_events_hold_is_not_changed():
    start = BlockStart(0, {"type": "text", "text": "a", "annotations": [1], "extras": {"x": 1}})
    patch = BlockPatch(0, {"annotations": [2], "extras": {"y": 2}})
    blocks(start, patch, patch, BlockDelta(0, "text", "b"))
    assert start.block == {"type": "text", "text": "a", "annotations": [1], "extras": {"x": 1}}
    assert patch.fields == {"annotations": [2], "extras": {"y": 2}}


def test_one_block_can_be_had_when_it_ends():
    draft = Draft()
    draft.feed([BlockStart(0, CALL), BlockDelta(0, "args", "{}"), BlockDelta(1, "text", "a")])
    assert draft.block(0) == {"type": "tool_call", "name": "f", "args": {}, "id": "c1"}
    draft.feed([BlockDelta(0, "args", "}")])
    assert draft.block(0)["type"] == "invalid_tool_call"


def test_facts_later_wins_and_logprobs_are_extended():
    message = assemble(
        [
            Metadata({"a": {"x": 1}, "list": [1], "logprobs": {"content": [1], "refusal": None}}),
            Metadata({"a": {"y": 2}, "list": [2], "logprobs": {"content": [2], "refusal": [3]}}),
            Metadata({"logprobs": {"content": None}}),
        ],
        provider="p",
    )
    assert message.response_metadata == {
        "model_provider": "p",
        "a": {"x": 1, "y": 2},
        "list": [2],
        "logprobs": {"content": [1, 2], "refusal": [3]},
    }


def test_the_finish_reason_is_known_even_when_no_fact_says_it():
    assert assemble([Finish("length", "max")]).response_metadata == {"finish_reason": "max"}
    assert assemble([Finish("stop")]).response_metadata == {"finish_reason": "stop"}
    told = assemble([Metadata({"stop_reason": "end_turn"}), Finish("stop", "end_turn")])
    assert told.response_metadata == {"stop_reason": "end_turn"}


def test_reports_of_usage_add_up():
    message = assemble(
        [
            UsageReport({"input_tokens": 3, "input_token_details": {"cache_read": 1}}),
            UsageReport({"output_tokens": 4, "total_tokens": 4}),
        ]
    )
    assert message.usage_metadata == {
        "input_tokens": 3,
        "output_tokens": 4,
        "total_tokens": 7,
        "input_token_details": {"cache_read": 1},
    }
    assert assemble([]).usage_metadata is None


def test_the_providers_id_wins():
    assert assemble([], id="lc_run--1").id == "lc_run--1"
    assert assemble([ReplyStart("msg_1")], id="lc_run--1").id == "msg_1"


def test_plain_replies_fill_what_older_code_reads():
    message = assemble(
        [
            BlockDelta(0, "reasoning", "hm"),
            BlockDelta(1, "refusal", "no"),
            BlockStart(
                2,
                {
                    "type": "audio",
                    "id": "a1",
                    "base64": "AA==",
                    "extras": {"transcript": "hi", "expires_at": 1},
                },
            ),
        ]
    )
    assert message.content == ""
    assert message.additional_kwargs == {
        "refusal": "no",
        "reasoning_content": "hm",
        "audio": {"id": "a1", "data": "AA==", "expires_at": 1, "transcript": "hi"},
    }
    assert assemble([]).additional_kwargs == {"refusal": None}


def test_a_failure_leaves_what_came():
    assert assemble([BlockDelta(0, "text", "a"), Failure(500, None, None, "broke")]).text == "a"


def test_a_draft_can_be_looked_at_as_a_message_at_any_time():
    draft = Draft()
    draft.feed([BlockDelta(0, "text", "a")])
    early = draft.message(id="1")
    draft.feed([BlockDelta(0, "text", "b"), Metadata({"x": 1})])
    assert early == AIMessage("a", id="1", additional_kwargs={"refusal": None})
    assert draft.message().text == "ab"


def test_fields_of_a_reply_are_those_of_its_message():
    draft = Draft()
    draft.feed([ReplyStart("1"), BlockStart(0, CALL)])
    fields = fields_of(draft.reply())
    message = draft.message()
    assert all(getattr(message, name) == value for name, value in fields.items())
    assert fields_of(draft.piece())["tool_call_chunks"] == [
        {"name": "f", "args": "", "id": "c1", "index": 0, "type": "tool_call_chunk"}
    ]


def test_a_block_that_starts_twice_is_one():
    assert blocks(
        BlockStart(0, {"type": "text", "text": "a"}), BlockStart(0, {"type": "text", "id": "1"})
    ) == [{"type": "text", "text": "a", "id": "1"}]
