from __future__ import annotations

import pytest

from conure.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    count_tokens_approximately,
)
from conure.messages.count import openai_role

CALLS = [{"name": "f", "args": {}, "id": "1", "type": "tool_call"}]


@pytest.mark.parametrize(
    "messages,options,tokens",
    [
        ([HumanMessage("x" * 40)], {}, 14),
        ([HumanMessage("x" * 41)], {}, 15),
        ("x" * 40, {}, 14),
        ([], {}, 0),
        ([HumanMessage("x" * 40)] * 2, {}, 28),
        ([HumanMessage("x" * 40, name="bobb")], {}, 15),
        ([HumanMessage("x" * 40, name="bobb")], {"count_name": False}, 14),
        ([HumanMessage("x" * 40)], {"chars_per_token": 2, "extra_tokens_per_message": 1}, 23),
        ([HumanMessage("x" * 40)], {"extra_tokens_per_message": 0.5}, 12),
        ([AIMessage("", tool_calls=CALLS)], {}, 3 + -(-(9 + len(repr(CALLS))) // 4)),
        ([ToolMessage("xxxx", tool_call_id="1234")], {}, 6),
        ([HumanMessage([{"type": "image", "url": "u"}])], {}, 89),
        (
            [HumanMessage([{"type": "image_url", "image_url": {"url": "u"}}])],
            {"tokens_per_image": 5},
            9,
        ),
        ([HumanMessage(["x" * 40])], {}, 14),
        ([HumanMessage([{"type": "text", "text": "x" * 40}])], {}, 14),
        ([AIMessage([{"type": "reasoning", "reasoning": "x" * 39}])], {}, 15),
    ],
)
def test_estimates(messages, options, tokens):
    assert count_tokens_approximately(messages, **options) == tokens


@pytest.mark.parametrize(
    "block",
    [
        {"type": "file", "base64": "A" * 100_000, "mime_type": "application/pdf"},
        {"type": "document", "source": {"type": "base64", "data": "A" * 100_000}},
        {"type": "audio", "base64": "A" * 100_000, "mime_type": "audio/wav"},
    ],
)
def test_a_files_size_does_not_count(block):
    assert count_tokens_approximately([HumanMessage([block])], tokens_per_file=7) == 11


def test_other_blocks_count_as_they_are_written():
    block = {"type": "what", "x": "y" * 100}
    assert count_tokens_approximately([HumanMessage([block])]) > 25
    text = {"type": "text-plain", "text": "x" * 40, "mime_type": "text/plain"}
    assert count_tokens_approximately([HumanMessage([text])]) == 14


def test_tools_count():
    def tool(city: str) -> str:
        """Say how the weather is."""

    schema = {"name": "f", "parameters": {"type": "object"}}
    assert count_tokens_approximately([], tools=[schema]) == -(-len(str(schema)) // 4)
    assert count_tokens_approximately([], tools=[tool]) > 5
    assert count_tokens_approximately([], tools=[{"x": {1}}]) > 1


def test_what_a_provider_counted_scales_the_estimate():
    usage = {"input_tokens": 20, "output_tokens": 36, "total_tokens": 56}
    said = [HumanMessage("x" * 40), AIMessage("x" * 35, usage_metadata=usage)]
    assert count_tokens_approximately(said) == 28
    assert count_tokens_approximately(said, use_usage_metadata_scaling=True) == 56
    said[1].usage_metadata = None
    assert count_tokens_approximately(said, use_usage_metadata_scaling=True) == 28


@pytest.mark.parametrize(
    "message,role",
    [
        (HumanMessage("a"), "user"),
        (AIMessage("a"), "assistant"),
        (AIMessageChunk("a"), "assistant"),
        (SystemMessage("a"), "system"),
        (SystemMessage("a", additional_kwargs={"__openai_role__": "developer"}), "developer"),
        (ToolMessage("a", tool_call_id="1"), "tool"),
        (ChatMessage("a", "critic"), "critic"),
    ],
)
def test_roles(message, role):
    assert openai_role(message) == role
