"""Requests to Gemini: messages become turns, settings and tools their own fields."""

from __future__ import annotations

import json
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
    assemble,
)
from conure.protocols import Encoded
from conure.protocols.gemini import PROTOCOL
from conure.protocols.gemini.safety import HarmBlockThreshold, HarmCategory
from conure.providers import find

GEMINI = find("google_genai").dialect
VERTEX = find("google_vertexai").dialect


def encode(
    *messages: BaseMessage,
    model: str = "gemini-2.5-flash",
    streaming: bool = False,
    dialect: Any = GEMINI,
    **settings: Any,
) -> Encoded:
    given = messages or (HumanMessage("hi"),)
    return PROTOCOL.encode(model, given, settings, streaming, dialect)


def contents(*messages: BaseMessage, **more: Any) -> Any:
    return encode(*messages, **more).body["contents"]


def parts(content: Any, **more: Any) -> Any:
    return contents(HumanMessage(content), **more)[0]["parts"]


def test_the_path() -> None:
    assert encode().path == "/models/gemini-2.5-flash:generateContent"
    assert encode(streaming=True).path == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    for name in ("models/m", "publishers/google/models/m"):
        assert encode(model=name).path == "/models/m:generateContent"
    assert encode(model="tunedModels/t").path == "/tunedModels/t:generateContent"


def test_turns_and_instructions() -> None:
    body = encode(
        SystemMessage("be brief"),
        HumanMessage("a"),
        AIMessage("b"),
        SystemMessage("be kind"),
        ChatMessage("c", role="user"),
    ).body
    assert body == {
        "contents": [
            {"role": "user", "parts": [{"text": "a"}]},
            {"role": "model", "parts": [{"text": "b"}]},
            {"role": "user", "parts": [{"text": "c"}]},
        ],
        "systemInstruction": {"parts": [{"text": "be brief"}, {"text": "be kind"}]},
    }


def test_instructions_within_the_first_turn() -> None:
    body = encode(
        SystemMessage("be brief"), HumanMessage("a"), convert_system_message_to_human=True
    ).body
    assert body == {"contents": [{"role": "user", "parts": [{"text": "be brief"}, {"text": "a"}]}]}


@pytest.mark.parametrize(
    "block, part",
    [
        ({"type": "text", "text": "x"}, {"text": "x"}),
        ("x", {"text": "x"}),
        (
            {"type": "image", "base64": "aQ==", "mime_type": "image/jpeg"},
            {"inlineData": {"mimeType": "image/jpeg", "data": "aQ=="}},
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/gif;base64,aQ=="}},
            {"inlineData": {"mimeType": "image/gif", "data": "aQ=="}},
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://a.example/cat.png?x=1"}},
            {"fileData": {"fileUri": "https://a.example/cat.png?x=1", "mimeType": "image/png"}},
        ),
        (
            {"type": "file", "url": "gs://b/f", "mime_type": "application/pdf"},
            {"fileData": {"fileUri": "gs://b/f", "mimeType": "application/pdf"}},
        ),
        (
            {"type": "file", "file_id": "https://g.example/v1beta/files/x"},
            {"fileData": {"fileUri": "https://g.example/v1beta/files/x"}},
        ),
        (
            {"type": "audio", "base64": "aQ=="},
            {"inlineData": {"mimeType": "audio/wav", "data": "aQ=="}},
        ),
        (
            {"type": "media", "mime_type": "video/mp4", "file_uri": "https://youtu.be/x"},
            {"fileData": {"fileUri": "https://youtu.be/x", "mimeType": "video/mp4"}},
        ),
        (
            {"type": "media", "mime_type": "video/mp4", "data": b"i"},
            {"inlineData": {"mimeType": "video/mp4", "data": "aQ=="}},
        ),
        (
            {"type": "text-plain", "mime_type": "text/plain", "text": "i"},
            {"inlineData": {"mimeType": "text/plain", "data": "aQ=="}},
        ),
        (
            {
                "type": "video",
                "url": "gs://b/v.mp4",
                "mime_type": "video/mp4",
                "video_metadata": {"fps": 2},
                "extras": {"media_resolution": "MEDIA_RESOLUTION_LOW"},
            },
            {
                "fileData": {"fileUri": "gs://b/v.mp4", "mimeType": "video/mp4"},
                "videoMetadata": {"fps": 2},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
            },
        ),
        ({"inlineData": {"mimeType": "a/b", "data": "c"}}, None),
        ({"file_data": {"mime_type": "a/b", "file_uri": "c"}}, None),
        (
            {"type": "non_standard", "value": {"someday": {}, "text": "x"}},
            {"someday": {}, "text": "x"},
        ),
    ],
)
def test_content(block: Any, part: Any) -> None:
    assert parts([block]) == [block if part is None else part]


@pytest.mark.parametrize(
    "content, words",
    [
        ([{"type": "image"}], r"messages\[0\].content\[0\] needs url, base64 or file_id"),
        ([{"type": "document_of_mine"}], "'document_of_mine' cannot be sent"),
    ],
)
def test_content_that_cannot_be_said(content: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parts(content)


def test_a_role_that_nobody_knows() -> None:
    with pytest.raises(ConfigurationError, match="the role 'critic' is unknown here"):
        encode(ChatMessage("x", role="critic"))


CALL = {"name": "f", "args": {"a": 1}, "id": "id1"}


def test_calls_and_what_was_answered() -> None:
    found = contents(
        HumanMessage("h"),
        AIMessage("let me see", tool_calls=[CALL, {**CALL, "id": "id2"}]),
        ToolMessage('{"b": 2}', tool_call_id="id1"),
        ToolMessage("boom", tool_call_id="id2", status="error"),
        HumanMessage("so?"),
    )
    assert found[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "let me see"},
                {"functionCall": {"name": "f", "args": {"a": 1}, "id": "id1"}},
                {"functionCall": {"name": "f", "args": {"a": 1}, "id": "id2"}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "f", "response": {"b": 2}, "id": "id1"}},
                {"functionResponse": {"name": "f", "response": {"error": "boom"}, "id": "id2"}},
            ],
        },
        {"role": "user", "parts": [{"text": "so?"}]},
    ]


def answered(content: Any, *, model: str = "gemini-2.5-flash", **more: Any) -> Any:
    messages = [AIMessage(tool_calls=[CALL]), ToolMessage(content, tool_call_id="id1", **more)]
    return contents(HumanMessage("h"), *messages, model=model)[2]["parts"]


@pytest.mark.parametrize(
    "content, more, response",
    [
        ("4", {}, {"output": "4"}),
        ("", {}, {"output": ""}),
        ("[1]", {}, {"output": "[1]"}),
        ("{broken", {}, {"output": "{broken"}),
        ('{"a": 1}', {"status": "error"}, {"error": {"a": 1}}),
        ('{"error": "x"}', {"status": "error"}, {"error": "x"}),
        ([{"type": "text", "text": "a"}, "b"], {}, {"output": "ab"}),
    ],
)
def test_what_a_tool_answered(content: Any, more: Any, response: Any) -> None:
    [part] = answered(content, **more)
    assert part["functionResponse"]["response"] == response


def test_pictures_that_a_tool_answered() -> None:
    picture = {"type": "image", "base64": "aQ==", "mime_type": "image/png"}
    sent = {"inlineData": {"mimeType": "image/png", "data": "aQ=="}}
    result, beside = answered(["see", picture])
    assert result["functionResponse"]["response"] == {"output": "see"}
    assert beside == sent
    [within] = answered([picture], model="gemini-3-pro-preview")
    assert within["functionResponse"] == {
        "name": "f",
        "id": "id1",
        "response": {},
        "parts": [sent],
    }


def test_an_answer_in_the_wires_own_words() -> None:
    own = {"functionResponse": {"name": "g", "response": {"x": 1}}}
    assert answered([own]) == [own]


def test_an_answer_to_no_call_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match=r"'nobody'.*name of the function"):
        encode(ToolMessage("x", tool_call_id="nobody"))
    [turn] = contents(ToolMessage("x", tool_call_id="nobody", name="f"))
    assert turn["parts"][0]["functionResponse"]["name"] == "f"


def test_calls_of_others_are_marked_where_signatures_are_insisted_on() -> None:
    old = [HumanMessage("h"), AIMessage(tool_calls=[CALL]), ToolMessage("x", tool_call_id="id1")]
    now = [AIMessage("a"), *old]
    found = contents(*old, *now, model="gemini-3-pro-preview")
    signed = [
        p.get("thoughtSignature") for turn in found for p in turn["parts"] if "functionCall" in p
    ]
    assert signed == [None, "skip_thought_signature_validator"]
    found = contents(*old, *now)
    assert not any("thoughtSignature" in part for turn in found for part in turn["parts"])


def test_what_others_thought_is_left_out_and_calls_that_broke_off_are_wrapped() -> None:
    blocks: list[Any] = [
        {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "theirs"}},
        {"type": "server_tool_call", "name": "web_search", "args": {}, "id": "1"},
        {"type": "text", "text": ""},
    ]
    bad = [{"name": "f", "args": '{"a', "id": "2", "error": "x"}]
    said = AIMessage(blocks, invalid_tool_calls=bad)
    encoded = encode(HumanMessage("h"), said, HumanMessage("i"))
    call = {"name": "f", "args": {"INVALID_JSON": '{"a'}, "id": "2"}
    assert encoded.body["contents"][1]["parts"] == [{"functionCall": call}]
    assert encoded.warnings == (
        "messages[1]: reasoning was left out of the request",
        "messages[1]: server_tool_call was left out of the request",
    )


def test_a_block_that_cannot_be_said_is_told_of() -> None:
    blocks: list[Any] = [{"type": "non_standard", "value": {"type": "mcp_list_tools"}}]
    encoded = encode(HumanMessage("h"), AIMessage(content_blocks=blocks))
    assert encoded.warnings == ("messages[1]: non_standard was left out of the request",)


def test_a_reply_of_every_kind_goes_back_as_it_came() -> None:
    sent = [
        {"text": "hm", "thought": True},
        {"text": "a", "thoughtSignature": "s1"},
        {"functionCall": {"name": "f", "args": {"a": 1}, "id": "1"}, "thoughtSignature": "s2"},
        {
            "executableCode": {"language": "PYTHON", "code": "1", "id": "c"},
            "thoughtSignature": "s3",
        },
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1", "id": "c"}},
        {"toolCall": {"toolType": "URL_CONTEXT", "id": "2"}, "thoughtSignature": "s4"},
        {"toolResponse": {"toolType": "URL_CONTEXT", "id": "2"}},
        {"inlineData": {"mimeType": "image/png", "data": "aQ=="}, "thoughtSignature": "s5"},
        {"someday": {"a": 1}},
        {"text": "", "thoughtSignature": "s6"},
    ]
    wire = {"candidates": [{"content": {"parts": sent}, "finishReason": "STOP"}]}
    reply = assemble(PROTOCOL.decode(json.dumps(wire).encode(), GEMINI))
    assert contents(HumanMessage("h"), reply)[1] == {"role": "model", "parts": sent}


def test_code_that_is_shown_in_content_goes_back_by_value() -> None:
    sent = [
        {"executableCode": {"code": "1", "language": "PYTHON", "id": "c"}, "thoughtSignature": "s"},
        {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "1", "id": "c"}},
    ]
    wire = {"candidates": [{"content": {"parts": sent}, "finishReason": "STOP"}]}
    reply = assemble(PROTOCOL.decode(json.dumps(wire).encode(), GEMINI))
    again = AIMessage(reply.content)
    assert contents(HumanMessage("h"), again)[1]["parts"] == sent
    assert [block["type"] for block in again.content_blocks] == [
        "server_tool_call",
        "server_tool_result",
    ]
    assert again.content_blocks[1]["status"] == "error"  # type: ignore[typeddict-item]


# -- settings -------------------------------------------------------------------------------------


def config(**settings: Any) -> Any:
    return encode(**settings).body.get("generationConfig")


def test_settings_by_their_names() -> None:
    assert config(
        temperature=0.5, max_tokens=9, top_p=0.9, top_k=3, n=2, seed=1, stop="x", stream_usage=True
    ) == {
        "temperature": 0.5,
        "maxOutputTokens": 9,
        "topP": 0.9,
        "topK": 3,
        "candidateCount": 2,
        "seed": 1,
        "stopSequences": ["x"],
    }
    assert config(temperature=None) is None
    assert config(generation_config={"newOne": 1}, seed=2) == {"newOne": 1, "seed": 2}


@pytest.mark.parametrize(
    "settings, written",
    [
        ({"logprobs": True}, {"responseLogprobs": True}),
        ({"logprobs": 3}, {"responseLogprobs": True, "logprobs": 3}),
        ({"top_logprobs": 2}, {"responseLogprobs": True, "logprobs": 2}),
        ({"logprobs": True, "top_logprobs": 2}, {"responseLogprobs": True, "logprobs": 2}),
    ],
)
def test_probabilities(settings: Any, written: Any) -> None:
    assert config(**settings) == written


@pytest.mark.parametrize(
    "model, settings, written",
    [
        ("gemini-2.5-flash", {"reasoning_effort": "low"}, {"thinkingBudget": 1024}),
        ("gemini-2.5-flash", {"reasoning_effort": "none"}, {"thinkingBudget": 0}),
        ("gemini-3-pro", {"reasoning_effort": "low"}, {"thinkingLevel": "low"}),
        ("gemini-3-pro", {"reasoning_effort": "xhigh"}, {"thinkingLevel": "high"}),
        ("gemini-3-pro", {"thinking_level": "minimal"}, {"thinkingLevel": "minimal"}),
        (
            "gemini-2.5-pro",
            {"thinking_budget": -1, "include_thoughts": True},
            {"thinkingBudget": -1, "includeThoughts": True},
        ),
        (
            "gemini-2.5-pro",
            {"thinking_config": {"includeThoughts": False}},
            {"includeThoughts": False},
        ),
    ],
)
def test_how_much_to_think(model: str, settings: Any, written: Any) -> None:
    assert config(model=model, **settings) == {"thinkingConfig": written}


def test_a_model_that_does_not_think() -> None:
    encoded = encode(model="gemini-2.0-flash", reasoning_effort="high")
    assert "generationConfig" not in encoded.body
    assert "does not think" in encoded.warnings[0]
    with pytest.raises(ConfigurationError, match="reasoning_effort='some'"):
        encode(reasoning_effort="some")


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def test_the_form_of_the_answer() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    expected = {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
    assert config(response_format=wanted) == expected
    assert config(response_format=SCHEMA) == expected
    assert config(response_format={"type": "json_object"}) == {
        "responseMimeType": "application/json"
    }
    assert config(response_format={"type": "text"}) is None
    assert config(response_schema=SCHEMA) == {
        "responseMimeType": "application/json",
        "responseSchema": SCHEMA,
    }
    ordered = {**SCHEMA, "propertyOrdering": ["a"]}
    assert config(response_format=ordered)["responseJsonSchema"] == ordered
    with pytest.raises(ConfigurationError, match="not str"):
        config(response_format="json")


def test_safety() -> None:
    threshold = HarmBlockThreshold.BLOCK_NONE
    category = HarmCategory.HARM_CATEGORY_HARASSMENT
    sent = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    for given in ({category: threshold}, [{"category": category, "threshold": threshold}], sent):
        body = encode(safety_settings=given).body
        assert json.loads(json.dumps(body["safetySettings"])) == sent


def test_what_stands_beside() -> None:
    body = encode(cached_content="cachedContents/x", labels={"a": "b"}, extra_body={"new": 1}).body
    assert body["cachedContent"] == "cachedContents/x"
    assert body["labels"] == {"a": "b"}
    assert body["new"] == 1


FUNCTION = {
    "type": "function",
    "function": {"name": "f", "description": "Do.", "parameters": SCHEMA},
}


def test_tools() -> None:
    bare = {"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}}
    body = encode(tools=[FUNCTION, {"google_search": {}}, bare, {"type": "code_interpreter"}]).body
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "Do.", "parametersJsonSchema": SCHEMA},
                {"name": "g"},
            ]
        },
        {"google_search": {}},
        {"codeExecution": {}},
    ]
    assert "toolConfig" not in body


@pytest.mark.parametrize(
    "tool, written",
    [
        ({"type": "web_search"}, {"googleSearch": {}}),
        ({"type": "web_fetch"}, {"urlContext": {}}),
        ({"type": "google_maps", "enableWidget": True}, {"googleMaps": {"enableWidget": True}}),
        (
            {"type": "file_search", "file_search_store_names": ["s"]},
            {"fileSearch": {"file_search_store_names": ["s"]}},
        ),
        ({"functionDeclarations": [{"name": "f"}]}, {"functionDeclarations": [{"name": "f"}]}),
    ],
)
def test_tools_of_the_providers_own(tool: Any, written: Any) -> None:
    assert encode(tools=[tool]).body["tools"] == [written]


def test_tools_that_are_none_here() -> None:
    with pytest.raises(ConfigurationError, match=r"tools\[0\].*'mcp'"):
        encode(tools=[{"type": "mcp"}])
    with pytest.raises(ConfigurationError, match=r"tools\[0\] must be a dict"):
        encode(tools=[7])


def test_functions_beside_the_providers_tools_are_announced_where_that_is_asked() -> None:
    tools = [FUNCTION, {"google_search": {}}]
    body = encode(model="gemini-3-pro-preview", tools=tools).body
    assert body["toolConfig"] == {"includeServerSideToolInvocations": True}
    assert "toolConfig" not in encode(model="gemini-3-pro-preview", tools=tools[:1]).body
    assert "toolConfig" not in encode(tools=tools).body
    vertex = encode(model="gemini-3-pro-preview", tools=tools, dialect=VERTEX).body
    assert "toolConfig" not in vertex


@pytest.mark.parametrize(
    "choice, written",
    [
        ("auto", {"mode": "AUTO"}),
        ("any", {"mode": "ANY"}),
        ("required", {"mode": "ANY"}),
        (True, {"mode": "ANY"}),
        ("none", {"mode": "NONE"}),
        (False, {"mode": "NONE"}),
        ("validated", {"mode": "VALIDATED"}),
        ("f", {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (["f", "g"], {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}),
        (
            {"type": "function", "function": {"name": "f"}},
            {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
        ({"type": "tool", "name": "f"}, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        ({"mode": "AUTO"}, {"mode": "AUTO"}),
        ({"function_calling_config": {"mode": "ANY"}}, {"mode": "ANY"}),
        ({"type": "auto"}, {"mode": "AUTO"}),
    ],
)
def test_the_choice_among_tools(choice: Any, written: Any) -> None:
    body = encode(tools=[FUNCTION], tool_choice=choice).body
    assert body["toolConfig"] == {"functionCallingConfig": written}


def test_choices_that_cannot_be_said() -> None:
    with pytest.raises(ConfigurationError, match="lets functions be chosen"):
        encode(tools=[FUNCTION], tool_choice={"type": "web_search"})


def test_what_is_left_out_is_told() -> None:
    strict = {"type": "function", "function": {**FUNCTION["function"], "strict": True}}  # type: ignore[dict-item]
    warnings = encode(tools=[strict], parallel_tool_calls=False).warnings
    assert "strict of 'f' was left out" in warnings[0]
    assert "parallel_tool_calls was left out" in warnings[1]
    assert not encode(tools=[FUNCTION], tool_choice="f", parallel_tool_calls=False).warnings


@pytest.mark.parametrize(
    "name, value",
    [
        ("temperature", "hot"), ("top_p", 2), ("n", 0), ("thinking_budget", 0.5), ("labels", 3),
        ("tools", {}), ("tool_choice", 3), ("response_schema", "x"), ("safety_settings", "off"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_meant(name: str, value: Any) -> None:
    assert PROTOCOL.settings[name](value)


def test_the_question_how_many_tokens() -> None:
    counting = PROTOCOL.counting
    assert counting is not None
    asked = counting.encode(
        "gemini-2.5-flash", [HumanMessage("hi")], {"tools": [FUNCTION]}, False, GEMINI
    )
    assert asked.path == "/models/gemini-2.5-flash:countTokens"
    request = asked.body["generateContentRequest"]
    assert request["model"] == "models/gemini-2.5-flash"
    assert request.keys() == {"model", "contents", "tools"}
    settings = {"tools": [FUNCTION], "tool_choice": "any"}
    asked = counting.encode("m", [HumanMessage("hi")], settings, False, VERTEX)
    assert asked.body.keys() == {"contents", "tools"}
    assert counting.decode(b'{"totalTokens": 5}') == 5
