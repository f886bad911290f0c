from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_openai_data_block,
    convert_to_openai_image_block,
    convert_to_openai_messages,
)

CALL = {"name": "f", "args": {"ä": 1}, "id": "1"}
WIRE_CALL = {"type": "function", "id": "1", "function": {"name": "f", "arguments": '{"ä": 1}'}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


@pytest.mark.parametrize(
    "message,wire",
    [
        (HumanMessage("a", name="bob"), {"role": "user", "name": "bob", "content": "a"}),
        (SystemMessage("a"), {"role": "system", "content": "a"}),
        (
            SystemMessage("a", additional_kwargs={"__openai_role__": "developer"}),
            {"role": "developer", "content": "a"},
        ),
        (ChatMessage("a", "critic"), {"role": "critic", "content": "a"}),
        (
            AIMessage("a", tool_calls=[CALL]),
            {"role": "assistant", "content": "a", "tool_calls": [WIRE_CALL]},
        ),
        (
            AIMessage("", invalid_tool_calls=[{"name": "f", "args": "{", "id": "1"}]),
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"type": "function", "id": "1", "function": {"name": "f", "arguments": "{"}}
                ],
            },
        ),
        (
            AIMessage("", additional_kwargs={"refusal": "no"}),
            {"role": "assistant", "content": "", "refusal": "no"},
        ),
        (ToolMessage("r", tool_call_id="1"), {"role": "tool", "tool_call_id": "1", "content": "r"}),
        (HumanMessage(["a", {"type": "text", "text": "b"}]), {"role": "user", "content": "a\nb"}),
        (
            HumanMessage(["a", {"type": "image", "base64": "AA==", "mime_type": "image/png"}]),
            {"role": "user", "content": [{"type": "text", "text": "a"}, IMAGE]},
        ),
    ],
)
def test_messages(message, wire):
    assert convert_to_openai_messages(message) == wire
    assert convert_to_openai_messages([message]) == [wire]


def test_texts_as_blocks():
    assert convert_to_openai_messages(("user", "a"), text_format="block") == {
        "role": "user",
        "content": [{"type": "text", "text": "a"}],
    }
    assert convert_to_openai_messages(AIMessage(""), text_format="block")["content"] == []
    assert convert_to_openai_messages(HumanMessage("a", id="1"), include_id=True)["id"] == "1"


@pytest.mark.parametrize(
    "block,part",
    [
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            IMAGE,
        ),
        ({"image": {"format": "png", "source": {"bytes": b"\0"}}}, IMAGE),
        ({"type": "media", "mime_type": "image/png", "data": b"\0"}, IMAGE),
        ({"type": "image_url", "image_url": "u"}, {"type": "image_url", "image_url": {"url": "u"}}),
        (
            {"type": "image_url", "image_url": {"url": "u", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "u", "detail": "low"}},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "x", "format": "wav"}},
            {"type": "input_audio", "input_audio": {"data": "x", "format": "wav"}},
        ),
        (
            {"type": "audio", "base64": "x", "mime_type": "audio/mpeg"},
            {"type": "input_audio", "input_audio": {"data": "x", "format": "mp3"}},
        ),
        ({"type": "file", "file": {"file_id": "f"}}, {"type": "file", "file": {"file_id": "f"}}),
        (
            {"type": "file", "base64": "AA==", "mime_type": "application/pdf"},
            {
                "type": "file",
                "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "file.pdf"},
            },
        ),
        (
            {"document": {"format": "pdf", "name": "n", "source": {"bytes": b"\0"}}},
            {
                "type": "file",
                "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "file.pdf"},
            },
        ),
        (
            {"type": "text-plain", "mime_type": "text/plain", "text": "doc"},
            {"type": "text", "text": "doc"},
        ),
        ({"type": "refusal", "refusal": "no"}, {"type": "refusal", "refusal": "no"}),
        ({"type": "what", "x": 1}, {"type": "what", "x": 1}),
    ],
)
def test_parts(block, part):
    assert convert_to_openai_messages(HumanMessage([block]), text_format="block")["content"] == [
        part
    ]


def test_calls_in_content_are_calls():
    native = [
        {"type": "text", "text": "a"},
        {"type": "tool_use", "id": "1", "name": "f", "input": {"ä": 1}},
    ]
    wire = {"role": "assistant", "content": "a", "tool_calls": [WIRE_CALL]}
    assert convert_to_openai_messages(AIMessage(native)) == wire
    assert convert_to_openai_messages(AIMessage(native, tool_calls=[CALL])) == wire
    converse = [{"text": "a"}, {"toolUse": {"toolUseId": "1", "name": "f", "input": {"ä": 1}}}]
    assert convert_to_openai_messages(AIMessage(converse)) == wire


@pytest.mark.parametrize(
    "result",
    [
        {"type": "tool_result", "tool_use_id": "1", "content": "r"},
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "r"}]},
        {"toolResult": {"toolUseId": "1", "content": [{"text": "r"}]}},
    ],
)
def test_results_come_before_what_the_user_says(result):
    assert convert_to_openai_messages(HumanMessage([{"type": "text", "text": "a"}, result])) == [
        {"role": "tool", "tool_call_id": "1", "content": "r"},
        {"role": "user", "content": "a"},
    ]
    assert convert_to_openai_messages([HumanMessage([result])]) == [
        {"role": "tool", "tool_call_id": "1", "content": "r"}
    ]


def test_json_results():
    result = {"toolResult": {"toolUseId": "1", "content": [{"json": {"ä": 1}}]}}
    (wire,) = convert_to_openai_messages([HumanMessage([result])])
    assert wire["content"] == '{"ä": 1}'


@pytest.mark.parametrize(
    "messages,options,said",
    [
        ([HumanMessage("a")], {"text_format": "x"}, "'string' or 'block'"),
        (
            ["a", HumanMessage(["b", {"type": "what"}])],
            {"pass_through_unknown_blocks": False},
            r"messages\[1\].content\[1\]: a block of type 'what'",
        ),
        (
            [HumanMessage([{"type": "text"}])],
            {},
            r"messages\[0\].content\[0\] is a text block without",
        ),
        ([HumanMessage([{"type": "tool_result"}])], {}, "without 'tool_use_id'"),
        ([HumanMessage([{"type": "file", "url": "u"}])], {}, "by base64 or file_id only"),
        ([HumanMessage([{"type": "image", "file_id": "f"}])], {}, "by url or base64 only"),
    ],
)
def test_mistakes_are_named_with_their_place(messages, options, said):
    with pytest.raises(ConfigurationError, match=said):
        convert_to_openai_messages(messages, **options)


@pytest.mark.parametrize(
    "block,part",
    [
        (
            {"type": "image", "url": "u", "detail": "low"},
            {"type": "input_image", "image_url": "u", "detail": "low"},
        ),
        ({"type": "image", "file_id": "f"}, {"type": "input_image", "file_id": "f"}),
        ({"type": "file", "url": "u"}, {"type": "input_file", "file_url": "u"}),
        ({"type": "file", "file_id": "f"}, {"type": "input_file", "file_id": "f"}),
        (
            {"type": "file", "base64": "AA==", "mime_type": "application/pdf", "filename": "a.pdf"},
            {
                "type": "input_file",
                "file_data": "data:application/pdf;base64,AA==",
                "filename": "a.pdf",
            },
        ),
        (
            {"type": "text-plain", "text": "a", "mime_type": "text/plain"},
            {"type": "input_text", "text": "a"},
        ),
    ],
)
def test_parts_for_the_other_api(block, part):
    assert convert_to_openai_data_block(block, api="responses") == part


def test_blocks_without_a_form():
    with pytest.raises(ConfigurationError, match="'video' has no OpenAI form"):
        convert_to_openai_data_block({"type": "video", "url": "u"})
    with pytest.raises(ConfigurationError, match="needs its mime_type"):
        convert_to_openai_image_block({"type": "image", "base64": "AA=="})


def test_calls_in_what_a_user_says_are_left_out():
    block = {"type": "tool_call", "id": "1", "name": "f", "args": {}}
    assert convert_to_openai_messages(HumanMessage(["a", block]))["content"] == "a"
