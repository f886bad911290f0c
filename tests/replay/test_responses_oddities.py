"""What real Responses traffic does that a codec must survive: one test for each oddity.

The numbers are those of ../shared/traffic/oddities.md.
"""

from __future__ import annotations

from typing import Any

from conure.messages import AIMessage, HumanMessage, assemble
from conure.messages.events import Event, Failure, Finish
from conure.protocols.openai_responses import PROTOCOL, Dialect
from tests.replay.test_responses import decode, feed
from tests.replay.traffic import body, needs_traffic, recorded

pytestmark = needs_traffic


def record_of(name: str) -> dict[str, Any]:
    return recorded(name, "openai.responses")


def events_of(name: str) -> list[Event]:
    return decode(record_of(name))


def message_of(name: str) -> AIMessage:
    return assemble(events_of(name), provider="some")


def sent_back(message: AIMessage) -> list[dict[str, Any]]:
    history = [HumanMessage("before"), message, HumanMessage("after")]
    return PROTOCOL.encode("m", history, {}, False, Dialect()).body["input"][1:-1]


def test_oddity_18_a_stream_without_done() -> None:
    name = "chatlas.test_chat.test_chat_tool_request_reject.1"
    data = body(record_of(name))
    assert b"[DONE]" not in data
    decoder = PROTOCOL.decoder(Dialect())
    decoder.feed(data)
    assert decoder.done


def test_oddity_18_a_stream_with_done_and_without_event_lines() -> None:
    name = (
        "braintrust-sdk-javascript.openrouter-agent-instrumentation.__cassettes__."
        "openrouter-agent-v0-latest.cassette.0"
    )
    data = body(record_of(name))
    assert b"event:" not in data
    assert b"[DONE]" in data
    message = assemble(feed([data]))
    assert message.tool_calls or message.text
    assert message.usage_metadata


def test_oddity_19_keepalive() -> None:
    name = "chatlas.test_chat.test_chat_tool_request_reject.1"
    assert b"keepalive" in body(record_of(name))
    assert message_of(name).text


def test_oddity_20_an_error_told_twice() -> None:
    events = events_of("ai.openai.responses.openai-error.1.0")
    (failure,) = [event for event in events if isinstance(event, Failure)]
    assert failure is events[-1]
    assert failure.code == "insufficient_quota"
    assert failure.message.startswith("You exceeded your current quota")


def test_oddity_21_an_end_without_output() -> None:
    message = message_of(
        "rig.chatgpt.codex_behaviors.default_instructions_merge_with_explicit_preamble.0"
    )
    assert message.text
    assert message.response_metadata["finish_reason"] == "stop"


def test_oddity_22_ids_that_change() -> None:
    message = message_of("ai.openai.responses.github-copilot-id-rotation.1.0")
    kinds = [block["type"] for block in message.content_blocks]
    assert kinds == ["reasoning", "text"]
    # What the item said of itself when it was done.
    assert [item["id"] for item in sent_back(message)] == ["capture-id-8", "capture-id-68"]


def test_oddity_23_an_item_nobody_knows() -> None:
    name = "prism.openai.structured-unknown-finish-reason.0"
    message = message_of(name)
    (item,) = record_of(name)["response"]["output"]
    assert message.content_blocks == [{"type": "non_standard", "value": item}]
    assert sent_back(message) == [item]


def test_oddity_24_phase_and_namespace() -> None:
    name = (
        "pydantic-ai.test_tool_search.test_cross_provider_capability_replay-anthropic-"
        "claude-sonnet-4-5-opena-69e1c3e.3"
    )
    items = record_of(name)["response"]["output"]
    message = message_of(name)
    texts: list[Any] = [b for b in message.content_blocks if b["type"] == "text"]
    phases = [item["phase"] for item in items if item["type"] == "message"]
    assert [block["phase"] for block in texts] == phases
    spaces = [item["namespace"] for item in items if "namespace" in item]
    assert [item["namespace"] for item in sent_back(message) if "namespace" in item] == spaces
    assert phases or spaces


def test_oddity_25_incomplete() -> None:
    events = events_of("rig.openai.streaming_grammar.incomplete_mid_tool_call.0")
    (finish,) = [event for event in events if isinstance(event, Finish)]
    assert (finish.reason, finish.raw) == ("length", "max_output_tokens")
    metadata = assemble(events).response_metadata
    assert metadata["status"] == "incomplete"
    assert metadata["finish_reason"] == "length"


def test_oddity_25_queued() -> None:
    record = record_of(
        "pydantic-ai.models.test_openai_responses.test_background_mode_streaming_continuation_vcr.0"
    )
    decoder = PROTOCOL.decoder(Dialect())
    events = decoder.feed(body(record)) + decoder.close()
    message = assemble(events)
    assert message.id
    assert message.id.startswith("resp_")
    assert message.response_metadata["status"] in {"queued", "completed"}
