"""Cohere's chat API: what requests say, and what they cannot."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from conure.protocols import Encoded, Loss
from conure.protocols.cohere import PROTOCOL

TOOL: dict[str, Any] = {"type": "function", "function": {"name": "add", "parameters": {}}}
OTHER: dict[str, Any] = {"type": "function", "function": {"name": "sub", "parameters": {}}}


def encode(*messages: BaseMessage, **settings: Any) -> Encoded:
    asked = messages or (HumanMessage("hi"),)
    return PROTOCOL.encode("m", asked, settings, False, PROTOCOL.dialect())


def turns(*messages: BaseMessage) -> list[dict[str, Any]]:
    return encode(*messages).body["messages"]


def test_roles() -> None:
    written = turns(SystemMessage("a"), HumanMessage("b"), ChatMessage("c", role="developer"))
    assert written == [
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "system", "content": "c"},
    ]
    with pytest.raises(ConfigurationError, match="'judge' is unknown"):
        turns(ChatMessage("c", role="judge"))


def test_images_by_url_and_by_bytes() -> None:
    [turn] = turns(
        HumanMessage(
            [
                {"type": "text", "text": "look"},
                {"type": "image", "url": "https://a.example/b.png"},
                {"type": "image", "base64": "AAAA", "mime_type": "image/jpeg"},
                {"type": "image_url", "image_url": {"url": "https://a.example", "detail": "low"}},
            ]
        )
    )
    images = [part["image_url"] for part in turn["content"][1:]]
    assert images == [
        {"url": "https://a.example/b.png"},
        {"url": "data:image/jpeg;base64,AAAA"},
        {"url": "https://a.example", "detail": "low"},
    ]


@pytest.mark.parametrize("kind", ["audio", "video", "file"])
def test_what_is_not_taken_is_refused_by_its_place(kind: str) -> None:
    block = {"type": kind, "base64": "AAAA", "mime_type": "a/b"}
    with pytest.raises(ConfigurationError, match=rf"messages\[0\]\.content\[0\].*'{kind}'"):
        encode(HumanMessage([block]))


def test_a_tool_answers_in_text_and_documents() -> None:
    document = {"type": "document", "document": {"data": {"output": "5"}}}
    plain = {"type": "text-plain", "text": "b", "title": "B", "mime_type": "text/plain"}
    written = turns(
        ToolMessage("a", tool_call_id="1"),
        ToolMessage([document, plain, "c"], tool_call_id="2"),
    )
    assert written[0] == {"role": "tool", "tool_call_id": "1", "content": "a"}
    assert written[1]["content"] == [
        document,
        {"type": "document", "document": {"data": {"title": "B", "text": "b"}}},
        {"type": "text", "text": "c"},
    ]
    with pytest.raises(ConfigurationError, match="'image'"):
        turns(ToolMessage([{"type": "image", "url": "https://a.example"}], tool_call_id="1"))


def test_a_text_document_of_the_user_is_text() -> None:
    block = {"type": "text-plain", "text": "b", "title": "B", "mime_type": "text/plain"}
    [turn] = turns(HumanMessage([block]))
    assert turn["content"] == [{"type": "text", "text": "B\n\nb"}]


def test_what_others_models_thought_goes_along_unless_it_is_sealed() -> None:
    blocks: list[Any] = [
        {"type": "reasoning", "reasoning": "open"},
        {"type": "reasoning", "reasoning": "sealed", "extras": {"signature": "s"}},
        {"type": "server_tool_call", "name": "web_search", "args": {}, "id": "1"},
        {"type": "text", "text": "said"},
    ]
    encoded = encode(HumanMessage("a"), AIMessage(content_blocks=blocks))
    assert encoded.body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "open"},
        {"type": "text", "text": "said"},
    ]
    lost = ("server_tool_call", "reasoning")
    assert encoded.warnings == tuple(Loss("messages[1]", what) for what in lost)


def test_a_block_that_has_no_place_is_told() -> None:
    blocks: list[Any] = [{"type": "image", "base64": "AAAA", "mime_type": "image/png"}]
    encoded = encode(HumanMessage("a"), AIMessage(content_blocks=blocks))
    assert encoded.warnings == (Loss("messages[1]", "image"),)


def test_calls_stand_without_content() -> None:
    call = {"name": "add", "args": {"x": 1}, "id": "c", "type": "tool_call"}
    [_, turn] = turns(HumanMessage("a"), AIMessage("", tool_calls=[call]))
    assert turn == {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "c",
                "type": "function",
                "function": {"name": "add", "arguments": '{"x":1}'},
            }
        ],
    }


def test_settings_under_the_api_s_names() -> None:
    body = encode(
        top_k=4, top_p=0.5, stop="x", max_tokens=3, reasoning_effort="none", safety_mode="STRICT"
    ).body
    assert (body["k"], body["p"], body["stop_sequences"], body["max_tokens"]) == (4, 0.5, ["x"], 3)
    assert body["thinking"] == {"type": "disabled"}
    assert body["safety_mode"] == "STRICT"
    assert encode(reasoning_effort="high").body["thinking"] == {"type": "enabled"}
    thinking = {"type": "enabled", "token_budget": 9}
    assert encode(reasoning_effort="low", thinking=thinking).body["thinking"] == thinking


@pytest.mark.parametrize(
    "chosen, word, offered",
    [
        ("auto", None, ["add", "sub"]),
        ("any", "REQUIRED", ["add", "sub"]),
        ("REQUIRED", "REQUIRED", ["add", "sub"]),
        (True, "REQUIRED", ["add", "sub"]),
        ("none", "NONE", ["add", "sub"]),
        (False, "NONE", ["add", "sub"]),
        ("sub", "REQUIRED", ["sub"]),
        ({"type": "function", "function": {"name": "add"}}, "REQUIRED", ["add"]),
    ],
)
def test_choices_among_tools(chosen: Any, word: str | None, offered: list[str]) -> None:
    body = encode(tools=[TOOL, OTHER], tool_choice=chosen).body
    assert body.get("tool_choice") == word
    assert [tool["function"]["name"] for tool in body["tools"]] == offered


def test_a_choice_that_is_none_of_the_tools_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'mul', which is none of the tools"):
        encode(tools=[TOOL], tool_choice="mul")


def test_tools_are_strict_together() -> None:
    strict = {"type": "function", "function": {**TOOL["function"], "strict": True}}
    encoded = encode(tools=[strict])
    assert encoded.body["strict_tools"] is True
    assert encoded.body["tools"] == [TOOL]
    assert strict["function"]["strict"] is True
    assert "holds all tools" in encode(tools=[strict, OTHER]).warnings[0]


def test_tools_of_other_providers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="'web_search'"):
        encode(tools=[{"type": "web_search"}])


def test_an_answer_held_to_a_schema() -> None:
    schema = {"type": "object", "properties": {}}
    wanted = {"type": "json_schema", "json_schema": {"name": "A", "schema": schema, "strict": True}}
    asked = {"type": "json_object", "json_schema": schema}
    assert encode(response_format=wanted).body["response_format"] == asked
    assert encode(response_format=asked).body["response_format"] == asked


def test_what_is_left_out_is_told() -> None:
    assert encode(tools=[TOOL], parallel_tool_calls=False).warnings == (
        "parallel_tool_calls was left out: this provider does not take it",
    )
