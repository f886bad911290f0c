"""What real Anthropic traffic does that a codec must survive: one test for each oddity.

The numbers are those of ../shared/traffic/oddities.md.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages import AIMessage, assemble
from conure.messages.events import BlockDelta, Event, Finish, ReplyStart, UsageReport
from conure.protocols.anthropic_messages import PROTOCOL
from tests.replay.test_anthropic import DIALECT, decode
from tests.replay.traffic import body, needs_traffic, recorded

pytestmark = needs_traffic


def record(name: str) -> dict[str, Any]:
    return recorded(name, "anthropic.messages")


def events_of(name: str) -> list[Event]:
    return decode(record(name))


def message_of(name: str) -> AIMessage:
    return assemble(events_of(name), provider="some")


def blocks(message: AIMessage, kind: str) -> list[Any]:
    return [block for block in message.content_blocks if block["type"] == kind]


def test_oddity_26_ping_anywhere_or_never() -> None:
    found = record("ai.anthropic.anthropic-refusal.0")["response_text"].replace("\r\n", "\n")
    ping = 'event: ping\ndata: {"type": "ping"}\n\n'
    events = found.split("\n\n")
    everywhere = ping + "".join(f"{event}\n\n{ping}" for event in events if event)
    assert assembled(everywhere).content_blocks == assembled(found).content_blocks
    assert assembled(found.replace(ping, "")).content_blocks == assembled(found).content_blocks


def assembled(text: str) -> AIMessage:
    decoder = PROTOCOL.decoder(DIALECT)
    return assemble(decoder.feed(text.encode()) + decoder.close())


def test_oddity_27_a_tool_without_arguments() -> None:
    name = "rig.anthropic.messages_sessions.usage_accumulates_across_streaming_multi_turn.0"
    message = message_of(name)
    assert [call["args"] for call in message.tool_calls] == [{}]
    assert not message.invalid_tool_calls
    assert not [e for e in events_of(name) if isinstance(e, BlockDelta) and e.field == "args"]


def test_oddity_28_no_content() -> None:
    message = message_of(
        "rig.anthropic.empty_end_turn.prompt_loop_accepts_empty_terminal_turn_after_tool_result.1"
    )
    assert (message.content, message.text, message.content_blocks) == ("", "", [])
    assert message.response_metadata["stop_reason"] == "end_turn"


def test_oddity_29_several_messages_in_one_stream() -> None:
    events = events_of("ai.anthropic.anthropic-programmatic-tool-calling.1.0")
    assert sum(isinstance(event, ReplyStart) for event in events) == 1
    message = assemble(events)
    assert message.id == "msg_01ERcBqAvLTHWQDk9c9qJLWC"
    assert len(message.tool_calls) == 14
    assert {json.dumps(call["args"]) for call in message.tool_calls} == {
        '{"player": "player1"}',
        '{"player": "player2"}',
    }
    kinds = [block["type"] for block in message.content_blocks]
    assert kinds == [
        *("text", "server_tool_call", *["tool_call"] * 14, "server_tool_result", "text"),
    ]
    assert all(block["extras"]["caller"]["tool_id"] for block in blocks(message, "tool_call"))
    assert message.response_metadata["stop_reason"] == "end_turn"
    usage = message.usage_metadata
    assert usage
    assert (usage["input_tokens"], usage["output_tokens"]) == (3369 + 4551, 725 + 197)
    reports = [event.usage["input_tokens"] for event in events if isinstance(event, UsageReport)]
    assert sum(reports) == usage["input_tokens"]


def test_oddity_29_a_message_that_begins_again() -> None:
    message = message_of("ai.anthropic.spliced-message-start.0")
    assert [call["id"] for call in message.tool_calls][-1] == "toolu_second"
    usage = message.usage_metadata
    assert usage
    assert (usage["input_tokens"], usage["output_tokens"]) == (17, 65)


def test_oddity_30_details_of_a_refusal() -> None:
    events = events_of("ai.anthropic.anthropic-refusal.0")
    message = assemble(events)
    (refusal,) = blocks(message, "refusal")
    assert refusal["refusal"].startswith("This request triggered restrictions")
    assert message.response_metadata["stop_details"]["category"] == "cyber"
    assert [e.reason for e in events if isinstance(e, Finish)] == ["content_filter"]
    assert message.content == ""


def test_oddity_30_another_model_takes_over() -> None:
    message = message_of("anthropic-sdk-python.streaming.fallback_response.0")
    (fallback,) = blocks(message, "non_standard")
    assert fallback["value"]["type"] == "fallback"
    assert message.response_metadata["model_name"] == "claude-sonnet-4-5"
    assert message.text == "Hello there!"


def test_oddity_30_compaction_is_streamed() -> None:
    message = message_of("ai.anthropic.anthropic-compaction.1.0")
    (compaction,) = blocks(message, "non_standard")
    assert compaction["value"]["content"].startswith("## Summary of Conversation")
    assert message.content[0] == compaction["value"]


def test_oddity_30_a_turn_that_pauses() -> None:
    events = events_of("pydantic-ai.models.test_anthropic.test_pause_turn_web_search_vcr.0")
    assert [(e.reason, e.raw) for e in events if isinstance(e, Finish)] == [("other", "pause_turn")]
    assert blocks(assemble(events), "server_tool_call")


@pytest.mark.parametrize(
    "name", ["rig.anthropic.opus_4_7.messages_adaptive_thinking_nonstreaming_smoke.0"]
)
def test_oddity_31_a_thought_without_words_is_signed(name: str) -> None:
    message = message_of(name)
    (thought,) = blocks(message, "reasoning")
    assert thought["reasoning"] == ""
    assert thought["extras"]["signature"]
    native = next(b for b in message.content if isinstance(b, dict) and b["type"] == "thinking")
    wire = json.loads(body(record(name)))
    assert native == next(b for b in wire["content"] if b["type"] == "thinking")
