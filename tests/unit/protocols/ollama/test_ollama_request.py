"""Ollama's own chat API: what messages and settings become."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from conure.protocols import Encoded
from conure.protocols.ollama import PROTOCOL

PIXEL = "iVBORw0KGgo="


def encode(messages: list[Any], **settings: Any) -> Encoded:
    return PROTOCOL.encode("qwen3", messages, settings, False, PROTOCOL.dialect())


def body(**settings: Any) -> dict[str, Any]:
    found = encode([HumanMessage("hi")], **settings).body
    assert found.pop("model") == "qwen3"
    assert found.pop("stream") is False
    assert found.pop("messages") == [{"role": "user", "content": "hi"}]
    return found


def test_a_history_with_a_call_and_its_result() -> None:
    call: Any = {"name": "add", "args": {"x": 1}, "id": "c1", "type": "tool_call"}
    encoded = encode([
        SystemMessage("be kind"),
        HumanMessage("go"),
        AIMessage([{"type": "reasoning", "reasoning": "hm"}], tool_calls=[call]),
        ToolMessage("2", tool_call_id="c1"),
    ])  # fmt: skip
    assert encoded.path == "/api/chat"
    assert encoded.warnings == ()
    assert encoded.body["messages"] == [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "go"},
        {
            "role": "assistant",
            "content": "",
            "thinking": "hm",
            "tool_calls": [
                {
                    "type": "function",
                    "id": "c1",
                    "function": {"name": "add", "arguments": {"x": 1}},
                }
            ],
        },
        {"role": "tool", "content": "2", "tool_name": "add", "tool_call_id": "c1"},
    ]


def test_sealed_thoughts_of_other_makers_stay_with_them() -> None:
    sealed: Any = {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "x"}}
    [turn] = encode([AIMessage([sealed, {"type": "text", "text": "yes"}])]).body["messages"]
    assert turn == {"role": "assistant", "content": "yes"}


@pytest.mark.parametrize(
    "image",
    [
        {"type": "image", "base64": PIXEL, "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ],
)
def test_images_go_beside_the_text(image: dict[str, Any]) -> None:
    content: Any = [{"type": "text", "text": "what"}, "is it", image]
    [turn] = encode([HumanMessage(content)]).body["messages"]
    assert turn == {"role": "user", "content": "what\nis it", "images": [PIXEL]}


@pytest.mark.parametrize(
    "block, words",
    [
        ({"type": "image", "url": "https://example.com/cat.png"}, "give its bytes"),
        ({"type": "audio", "base64": "AA==", "mime_type": "audio/wav"}, "takes no audio"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_place(block: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        encode([HumanMessage([block])])
    assert "messages[0].content[0]" in str(caught.value)


def test_what_shapes_the_model_s_work_goes_into_options() -> None:
    found = body(temperature=0, max_tokens=7, stop="X", num_ctx=4096, seed=1, options={"a": 1})
    assert found == {
        "options": {
            "a": 1,
            "temperature": 0,
            "num_predict": 7,
            "stop": ["X"],
            "num_ctx": 4096,
            "seed": 1,
        }
    }


def test_its_own_name_of_a_limit_wins() -> None:
    assert body(max_tokens=7, num_predict=9) == {"options": {"num_predict": 9}}


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"keep_alive": "5m"}, {"keep_alive": "5m"}),
        ({"reasoning": True}, {"think": True}),
        ({"reasoning": False}, {"think": False}),
        ({"think": "low"}, {"think": "low"}),
        ({"reasoning_effort": "none"}, {"think": False}),
        ({"reasoning_effort": "minimal"}, {"think": "low"}),
        ({"reasoning_effort": "high"}, {"think": "high"}),
        ({"format": "json"}, {"format": "json"}),
        ({"response_format": {"type": "json_object"}}, {"format": "json"}),
        ({"response_format": {"type": "text"}}, {}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"a": 1}}}},
            {"format": {"a": 1}},
        ),
        ({"response_format": {"type": "object"}}, {"format": {"type": "object"}}),
        ({"extra_body": {"new": 1}}, {"new": 1}),
        ({"stream_usage": True, "temperature": None}, {}),
    ],
)
def test_settings(settings: dict[str, Any], expected: dict[str, Any]) -> None:
    assert body(**settings) == expected


TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}


@pytest.mark.parametrize("choice", [None, "auto"])
def test_tools_are_the_model_s_choice(choice: Any) -> None:
    assert body(tools=[{**TOOL, "extras": {"a": 1}}], tool_choice=choice) == {"tools": [TOOL]}


@pytest.mark.parametrize("choice", ["required", True, {"type": "function"}])
def test_a_forced_tool_is_left_out_with_a_warning(choice: Any) -> None:
    encoded = encode([HumanMessage("hi")], tools=[TOOL], tool_choice=choice)
    [warning] = encoded.warnings
    assert warning.startswith(f"left out tool_choice={choice!r}")
    assert "tool_choice" not in encoded.body


def test_no_tool_is_no_tools() -> None:
    assert body(tools=[TOOL], tool_choice="none") == {}


def test_a_tool_of_the_provider_s_own_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="web_search"):
        body(tools=[{"type": "web_search"}])
