"""What real Chat Completions traffic does that a codec must survive: one test for each oddity.

The numbers are those of ../shared/traffic/oddities.md.
"""

from __future__ import annotations

from typing import Any

from conure.messages import AIMessage, assemble
from conure.messages.events import Event, Failure, Finish, UsageReport
from conure.protocols.openai_chat import PROTOCOL
from tests.replay.test_chat import decode
from tests.replay.traffic import body, needs_traffic, recorded

pytestmark = needs_traffic


def chat_record(name: str) -> dict[str, Any]:
    return recorded(name, "openai.chat", "openai.chat.compatible")


def events_of(name: str) -> list[Event]:
    return decode(chat_record(name))


def message_of(name: str) -> AIMessage:
    return assemble(events_of(name), provider="some")


def blocks(message: AIMessage, kind: str) -> list[Any]:
    return [block for block in message.content_blocks if block["type"] == kind]


def test_oddity_1_usage_in_a_last_chunk_without_choices() -> None:
    name = (
        "rig.openai.chat_history_roundtrip_matrix.streaming_gpt_4_1_mini_normalized_single_tool.0"
    )
    events = events_of(name)
    assert sum(isinstance(event, UsageReport) for event in events) == 1
    usage = assemble(events).usage_metadata
    assert usage
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0


def test_oddity_2_azure_begins_without_choices_id_and_model() -> None:
    message = message_of("fantasy.testazurecommon.azure-o4-mini.simple_streaming.0")
    assert message.text
    assert message.response_metadata["model_name"].startswith("o4-mini")
    assert message.response_metadata["id"].startswith("chatcmpl-")
    assert message.response_metadata["prompt_filter_results"]


def test_oddity_2_azure_answers_200_with_an_error() -> None:
    failure = events_of(
        "openllmetry.opentelemetry-instrumentation-openai.test_azure.test_prompt_content_filtering.0"
    )[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.code) == (400, "content_filter")
    assert failure.message.startswith("The response was filtered due to the prompt")


def test_oddity_3_openrouter_comments_and_a_second_finish_reason() -> None:
    name = "rig.openrouter.agent_tool_sessions.parallel_tool_calls_single_turn_streaming.0"
    events = events_of(name)
    assert [event.raw for event in events if isinstance(event, Finish)] == ["tool_calls"]
    metadata = assemble(events).response_metadata
    assert metadata["finish_reason"] == "tool_calls"
    assert metadata["native_finish_reason"]


def test_oddity_4_an_error_amid_a_stream() -> None:
    failure = events_of("pydantic-ai.models.test_openrouter.test_openrouter_stream_error.0")[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.message) == (400, "Token limit reached")


def test_oddity_4_a_named_error_event_without_finish() -> None:
    failure = events_of("pydantic-ai.models.test_groq.test_tool_use_failed_error_streaming.0")[-1]
    assert isinstance(failure, Failure)
    assert (failure.status, failure.code) == (400, "tool_use_failed")
    assert "failed_generation" in failure.body["error"]


def test_oddity_5_ids_and_names_that_are_empty_or_repeated() -> None:
    name = (
        "loongsuite-python-agent.instrumentation-loongsuite."
        "loongsuite-instrumentation-hermes-agent.test_memo-b2de15b.0"
    )
    (call,) = message_of(name).tool_calls
    assert call["id"]
    assert call["name"]
    assert call["args"]


def test_oddity_6_a_call_without_index_and_id() -> None:
    name = "magentic.chat_model.test_openai_chat_model_gemini."
    message = message_of(f"{name}test_openai_chat_model_gemini_acomplete-return-tru-911014e.0")
    (call,) = message.tool_calls
    assert (call["name"], call["args"]) == ("return_bool", {"value": True})
    assert call["id"].startswith("call_")
    assert message.response_metadata["finish_reason"] == "stop"


def test_oddity_7_two_calls_under_one_index() -> None:
    message = message_of("ai.cerebras.cererebras-structured-output-tools.1.0")
    assert [(call["id"], call["args"]) for call in message.tool_calls] == [
        ("bbd2b9d98", {}),
        ("e0ecf32e0", {}),
    ]
    assert not message.invalid_tool_calls


def test_oddity_8_arguments_that_are_null() -> None:
    message = message_of("llm.test_tools_streaming.test_tools_streaming_variant_d.0")
    assert [call["args"] for call in message.tool_calls] == [{}] * len(message.tool_calls)
    assert message.tool_calls
    assert not message.invalid_tool_calls


def test_oddity_8_arguments_that_are_absent() -> None:
    name = "pydantic-ai.models.test_openrouter.test_openrouter_tool_optional_parameters.0"
    (call,) = message_of(name).tool_calls
    assert call["args"] == {}


def test_oddity_8_arguments_that_are_empty() -> None:
    message = message_of("chatlas.test_provider_databricks.test_databricks_tool_variations.0")
    assert message.tool_calls
    assert all(call["args"] == {} for call in message.tool_calls)


def test_oddity_9_arguments_cut_off_by_the_limit() -> None:
    message = message_of(
        "rig.deepseek.truncation_matrix.agent_streaming_truncated_call_is_not_invoked.0"
    )
    assert not message.tool_calls
    (call,) = message.invalid_tool_calls
    assert call["args"] == '{"summary": "the nightly build broke because'
    assert message.response_metadata["finish_reason"] == "length"


def test_oddity_9_a_call_cut_off_before_its_arguments() -> None:
    name = "rig.deepseek.truncation_matrix."
    for way in ("blocking_budget_16", "streaming_budget_16"):
        message = message_of(f"{name}{way}_empty_arguments_are_dropped_on_length.0")
        assert not message.tool_calls
        assert [call["name"] for call in message.invalid_tool_calls] == ["file_report"]


def test_oddity_10_calls_finish_and_usage_in_one_chunk() -> None:
    name = "rig.mistral.agent_tool_sessions.parallel_tool_calls_single_turn_streaming.0"
    message = message_of(name)
    assert len(message.tool_calls) == 2
    assert message.usage_metadata
    assert message.response_metadata["finish_reason"] == "tool_calls"


def test_oddity_10_content_as_a_list_of_thinking_chunks() -> None:
    message = message_of("dd-trace-py.mistral.mistral_v1_chat_completions_post_ccfa08da.0")
    kinds = [block["type"] for block in message.content_blocks]
    assert kinds == ["reasoning", "text"]
    assert message.content_blocks[0]["reasoning"].startswith("Okay, the user")
    assert message.content == message.text != ""


def test_oddity_11_a_forced_tool_finishes_with_stop() -> None:
    message = message_of("openinference.openinference.instructor.instructor_instrumentation.0")
    assert message.tool_calls
    assert message.response_metadata["finish_reason"] == "stop"


def test_oddity_12_reasoning_under_every_name() -> None:
    names = {
        "rig.deepseek.reasoning_roundtrip.nonstreaming.0": "reasoning_content",
        "ruby_llm.chat_function_calling_ollama_qwen3_can_use_tools_with_"
        "multi-turn_streaming_conversations.0": "reasoning",
        "rig.openrouter.reasoning_delta_hook.streaming.0": "reasoning",
    }
    for name, field in names.items():
        (block,) = blocks(message_of(name), "reasoning")
        assert block["reasoning"], name
        assert block["extras"]["field"] == field


def test_oddity_12_reasoning_details_are_joined() -> None:
    (block,) = blocks(message_of("rig.openrouter.reasoning_delta_hook.streaming.0"), "reasoning")
    details = block["extras"]["reasoning_details"]
    assert "".join(d.get("text") or d.get("summary") or "" for d in details) == block["reasoning"]
    assert len(details) < 5


def test_oddity_12_think_tags_stay_in_the_text() -> None:
    message = message_of("pydantic-ai.models.test_huggingface.test_hf_model_instructions.0")
    wire = chat_record("pydantic-ai.models.test_huggingface.test_hf_model_instructions.0")[
        "response"
    ]
    assert message.text == wire["choices"][0]["message"]["content"]


def test_oddity_13_perplexity_repeats_itself_and_never_says_done() -> None:
    events = events_of("rig.perplexity.prompt_caching.streaming_probe.0")
    assert sum(isinstance(event, UsageReport) for event in events) == 1
    message = assemble(events)
    assert message.text.startswith("cache")
    (text,) = blocks(message, "text")
    assert all(note["url"].startswith("http") for note in text["annotations"])
    assert len(text["annotations"]) == len(message.response_metadata["search_results"])


def test_oddity_14_groq_says_more() -> None:
    record = chat_record("pydantic-ai.models.test_groq.test_tool_use_failed_error_with_text.0")
    report = PROTOCOL.read_error(body(record))
    assert report.code == "tool_use_failed"
    assert report.body["error"]["failed_generation"] == "maybe"


def test_oddity_15_fields_that_are_absent() -> None:
    message = message_of("rig.copilot.agent.completion_smoke.0")
    assert message.text or message.tool_calls


def test_oddity_16_a_custom_tool_call() -> None:
    message = message_of("dd-trace-py.openai.v1.chat_completion_custom_tool_call.0")
    (block,) = blocks(message, "tool_call")
    assert list(block["args"]) == ["__arg1"]
    assert block["extras"]["type"] == "custom_tool_call"
    assert block["id"].startswith("call_")


def test_oddity_17_error_bodies_of_many_shapes() -> None:
    names = {
        "rig.mistral.response_identity_edge.blocking_unauthorized_carries_the_correlation_id.0": (
            "Invalid API Key"
        ),
        "pydantic-ai.models.test_openrouter.test_openrouter_errors_raised.0": (
            "Provider returned error: google/gemini-2.0-flash-exp:free is temporarily rate-limited"
        ),
    }
    for name, words in names.items():
        report = PROTOCOL.read_error(body(chat_record(name)))
        assert words in report.message, report
