"""What real Gemini traffic does that a codec must survive: oddities 32-36, each by its id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages import HumanMessage, ToolMessage, assemble, blocks_of
from conure.messages.events import BlockDelta, Finish
from conure.protocols.gemini import PROTOCOL
from tests.replay.gemini_oracle import chunks_of, records
from tests.replay.test_gemini import DIALECT, decode, feed, message_of
from tests.replay.traffic import body, needs_traffic, recorded

pytestmark = needs_traffic


def record(name: str) -> dict[str, Any]:
    return recorded(name, "gemini.generate_content")


def test_oddity_32_content_without_parts() -> None:
    found = record(
        "pydantic-ai.models.test_google.test_google_model_max_tokens_thinking_model_empty_response.0"
    )
    assert "parts" not in found["response"]["candidates"][0]["content"]
    message = message_of(found)
    assert (message.content, message.content_blocks) == ("", [])
    assert message.response_metadata["finish_reason"] == "MAX_TOKENS"
    assert message.usage_metadata
    assert message.usage_metadata["output_token_details"]["reasoning"] > 0


def test_oddity_32_content_null() -> None:
    found = record("lmnr-python.test_google_genai.test_google_genai_no_content.0")
    assert None in [c["candidates"][0]["content"] for c in chunks_of(found)]
    message = message_of(found)
    assert message.text
    assert message.usage_metadata


def test_oddity_32_no_candidates_but_feedback() -> None:
    found = record(
        "pydantic-ai.models.test_google.test_google_model_armor_prompt_template_text_gets_blocked.0"
    )
    assert "candidates" not in found["response"]
    feedback = found["response"]["promptFeedback"]
    message = message_of(found)
    [refusal] = blocks_of(message)
    assert refusal["type"] == "refusal"
    assert refusal["refusal"] == feedback["blockReasonMessage"]
    assert refusal["extras"] == {"block_reason": "MODEL_ARMOR"}
    assert message.response_metadata["prompt_feedback"]["block_reason"] == "MODEL_ARMOR"
    [finish] = [event for event in decode(found) if isinstance(event, Finish)]
    assert finish == Finish("content_filter", "MODEL_ARMOR")


def test_oddity_33_a_signature_on_an_empty_text() -> None:
    found = record("rig.gemini.code_execution_matrix.streaming_code_execution_on_gemini_3_flash.0")
    parts = [
        part
        for chunk in chunks_of(found)
        for candidate in chunk["candidates"]
        for part in candidate["content"]["parts"]
    ]
    [empty] = [part for part in parts if part.get("text") == "" and "thoughtSignature" in part]
    message = message_of(found)
    signed = {
        "type": "text",
        "text": "",
        "extras": {"thought_signature": empty["thoughtSignature"]},
    }
    assert signed in blocks_of(message)
    body = PROTOCOL.encode("m", [HumanMessage("h"), message], {}, False, DIALECT).body
    assert {"text": "", "thoughtSignature": empty["thoughtSignature"]} in body["contents"][1][
        "parts"
    ]


@pytest.mark.parametrize(
    "name, function, keys",
    [
        ("ai.google.google-vertex-stream-tool-call-arguments-nested.1.0", "cookRecipe", {"recipe"}),
        (
            "ai.google.google-stream-tool-call-array-arguments-missing-terminal-function-call.0",
            "writeItems",
            {"operations"},
        ),
    ],
)
def test_oddity_34_arguments_that_are_streamed(name: str, function: str, keys: set[str]) -> None:
    found = record(name)
    message = message_of(found)
    [call] = message.tool_calls
    assert call["name"] == function
    assert call["args"].keys() == keys
    assert not message.invalid_tool_calls
    # The whole of the arguments is told once, when the call ends.
    told = [e.text for e in decode(found) if isinstance(e, BlockDelta) and e.field == "args"]
    assert [json.loads(text) for text in told] == [call["args"]]


def test_oddity_34_a_streamed_call_that_is_cut_off_is_no_call() -> None:
    found = record("ai.google.google-vertex-stream-tool-call-arguments-nested.1.0")
    data = body(found)
    events = feed([data[: len(data) // 2]], whole=False)
    message = assemble(events)
    assert not message.tool_calls
    [call] = message.invalid_tool_calls
    assert call["name"] == "cookRecipe"
    assert "cut off" in str(call["error"])


def test_oddity_35_integers_for_reasons() -> None:
    found = record("langchaingo.chains.testllmchainwithgoogleai.0")
    message = message_of(found)
    assert message.response_metadata["finish_reason"] == 1
    [finish] = [event for event in decode(found) if isinstance(event, Finish)]
    assert finish.reason == "stop"
    assert message.usage_metadata
    assert message.usage_metadata["input_token_details"] == {"text": 6}


def test_oddity_35_a_reason_that_few_know() -> None:
    found = record(
        "pydantic-ai.models.test_multimodal_tool_returns."
        "test_multimodal_tool_return_matrix-direct-uploaded_f-fd08f42.0"
    )
    message = message_of(found)
    assert message.response_metadata["finish_reason"] == "UNEXPECTED_TOOL_CALL"
    assert message.response_metadata["finish_message"]
    [finish] = [event for event in decode(found) if isinstance(event, Finish)]
    assert finish.reason == "other"


def test_oddity_35_two_terminal_chunks() -> None:
    found = record("rig.gemini.stream_terminal_matrix.two_terminal_stream_with_visible_thoughts.0")
    chunks = chunks_of(found)
    ends = [n for n, c in enumerate(chunks) if "finishReason" in c["candidates"][0]]
    assert len(ends) == 2
    after = "".join(
        part.get("text", "")
        for chunk in chunks[ends[0] + 1 :]
        for part in chunk["candidates"][0]["content"]["parts"]
    )
    message = message_of(found)
    assert message.text.endswith(after)
    assert message.response_metadata["finish_reason"] == "STOP"
    assert [type(event) for event in decode(found)].count(Finish) == 1
    assert message.usage_metadata
    total = chunks[-1]["usageMetadata"]["totalTokenCount"]
    assert message.usage_metadata["total_tokens"] == total


def test_oddity_36_a_stream_as_a_json_array() -> None:
    found = record("llm-gemini.test_gemini.test_prompt.0")
    assert isinstance(found["response"], list)
    message = message_of(found)
    data = body(found)
    assert message.text
    for pieces in ([data], [data[n : n + 7] for n in range(0, len(data), 7)]):
        assert assemble(feed(pieces)).text == message.text


def test_oddity_36_carriage_returns_throughout() -> None:
    found = next(r for r in records() if "\r\n\r\n" in r.get("response_text", ""))
    data = body(found)
    text = message_of(found).text
    assert text
    assert assemble(feed([data[n : n + 1] for n in range(len(data))])).text == text


def test_oddity_36_a_call_without_an_id_gets_one_that_is_ours() -> None:
    found = record("ai.google.google-tool-call.1")
    reply = message_of(found)
    [call] = reply.tool_calls
    assert call["id"]
    answer = ToolMessage("sunny", tool_call_id=call["id"])
    contents = PROTOCOL.encode("m", [HumanMessage("h"), reply, answer], {}, False, DIALECT).body[
        "contents"
    ]
    [part] = [part for part in contents[1]["parts"] if "functionCall" in part]
    assert "id" not in part["functionCall"]
    [answered] = contents[2]["parts"]
    assert answered == {"functionResponse": {"name": call["name"], "response": {"output": "sunny"}}}
