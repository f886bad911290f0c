"""What messages become in the input of a request."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)
from conure.messages.coerce import to_messages
from conure.protocols.openai_responses import PROTOCOL, Dialect

PIXEL = "iVBORw0KGgo="
NEW = {"type": "input_new", "x": 1}
HERE = {"type": "input_text", "text": "Here:"}


def encode(messages: Any, dialect: Dialect | None = None, **settings: Any) -> Any:
    made = to_messages(messages)
    return PROTOCOL.encode("m", made, settings, False, dialect or Dialect())


def items(messages: Any, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = encode(messages, **settings).body["input"]
    return found


def parts(*content: Any) -> list[Any]:
    (item,) = items([HumanMessage([*content])])
    found: list[Any] = item["content"]
    return found


def said(role: str, content: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}


def spoken(text: str, **more: Any) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "role": "assistant", "content": [part], **more}


def test_roles() -> None:
    assert items(
        [
            SystemMessage("a"),
            {"role": "developer", "content": "b"},
            HumanMessage("c"),
            AIMessage("d"),
            ChatMessage("e", "critic"),
        ]
    ) == [
        said("system", "a"),
        said("developer", "b"),
        said("user", "c"),
        spoken("d"),
        said("critic", "e"),
    ]


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"messages\[0\]: RemoveMessage is no message"):
        encode([RemoveMessage("x")])


@pytest.mark.parametrize(
    "block, part",
    [
        ("Here:", HERE),
        ({"type": "text", "text": "Here:", "id": "1"}, HERE),
        (HERE, HERE),
        (
            {"type": "text", "text": "Here:", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {**HERE, "prompt_cache_breakpoint": {"mode": "explicit"}},
        ),
        (
            {"type": "image", "url": "https://x/y.png"},
            {"type": "input_image", "image_url": "https://x/y.png"},
        ),
        (
            {
                "type": "image",
                "base64": PIXEL,
                "mime_type": "image/png",
                "extras": {"detail": "low"},
            },
            {
                "type": "input_image",
                "image_url": f"data:image/png;base64,{PIXEL}",
                "detail": "low",
            },
        ),
        ({"type": "image", "file_id": "file_1"}, {"type": "input_image", "file_id": "file_1"}),
        (
            {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "high"}},
            {"type": "input_image", "image_url": "https://x/y.png", "detail": "high"},
        ),
        (
            {"type": "image_url", "image_url": "https://x/y.png"},
            {"type": "input_image", "image_url": "https://x/y.png"},
        ),
        (
            {"type": "file", "base64": "QQ==", "mime_type": "application/pdf", "filename": "a.pdf"},
            {
                "type": "input_file",
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,QQ==",
            },
        ),
        (
            {"type": "file", "url": "https://x/a.pdf"},
            {"type": "input_file", "file_url": "https://x/a.pdf"},
        ),
        ({"type": "file", "file_id": "file_1"}, {"type": "input_file", "file_id": "file_1"}),
        (
            {"type": "audio", "base64": "QQ==", "mime_type": "audio/mpeg"},
            {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "mp3"}},
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "QQ=="},
            },
            {
                "type": "input_file",
                "filename": "file.pdf",
                "file_data": "data:application/pdf;base64,QQ==",
            },
        ),
        ({"type": "text-plain", "text": "Here:", "mime_type": "text/plain"}, HERE),
        ({"type": "non_standard", "value": HERE}, HERE),
        ({"type": "non_standard", "value": NEW}, NEW),
    ],
)
def test_parts(block: Any, part: Any) -> None:
    assert parts(block) == [part]


@pytest.mark.parametrize(
    "block, words",
    [
        ({"type": "video", "url": "https://x"}, "a block of type 'video' cannot be sent"),
        ({"type": "image"}, "needs url, base64 or file_id"),
        ({"type": "audio", "url": "https://x"}, "sound must be given as base64"),
        ({"text": "x", "y": 1}, "has no type"),
        ({"type": "non_standard", "value": 3}, "needs the provider's own"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_place(block: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"messages\[0\]\.content\[0\].*{words}"):
        parts(block)


def test_another_makers_field_is_left_out_with_a_warning() -> None:
    block: dict[str, Any] = {
        "type": "text",
        "text": "Here:",
        "cache_control": {"type": "ephemeral"},
    }
    encoded = encode([HumanMessage([block])], Dialect(strips=frozenset({"cache_control"})))
    assert encoded.body["input"][0]["content"] == [HERE]
    assert "cache_control was left out" in encoded.warnings[0]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "mcp_approval_response", "approve": True, "approval_request_id": "mcpr_1"},
        {"type": "apply_patch_call_output", "call_id": "c", "status": "completed", "output": "x"},
        {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": []},
        {"type": "compaction", "encrypted_content": "x"},
        {"type": "item_reference", "id": "rs_1"},
    ],
)
def test_items_among_parts_stand_beside_the_message(block: dict[str, Any]) -> None:
    assert items([HumanMessage([block])]) == [block]
    assert items([HumanMessage(["Here:", block, "There"])]) == [
        said("user", [HERE]),
        block,
        said("user", [{"type": "input_text", "text": "There"}]),
    ]


def test_tools_amid_a_conversation() -> None:
    block: dict[str, Any] = {"type": "additional_tools", "tools": []}
    assert items([SystemMessage([block])]) == [{**block, "role": "developer"}]
    given: dict[str, Any] = {**block, "role": "developer"}
    assert items([given]) == [given]


def test_calls_and_their_answers() -> None:
    call: dict[str, Any] = {"name": "add", "args": {"a": 1}, "id": "call_1"}
    assert items([AIMessage("", tool_calls=[call]), ToolMessage("2", "call_1")]) == [
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
    ]


def test_an_answer_with_a_picture() -> None:
    (item,) = items([ToolMessage([{"type": "image", "url": "https://x"}], "call_1")])
    assert item["output"] == [{"type": "input_image", "image_url": "https://x"}]


def test_calls_that_are_in_content_too_go_once() -> None:
    own: dict[str, Any] = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "f",
        "arguments": "{}",
    }
    call: dict[str, Any] = {"name": "f", "args": {}, "id": "call_1"}
    assert items([AIMessage([own], tool_calls=[call])]) == [own]


@pytest.mark.parametrize(
    "answer",
    [
        ToolMessage("42", "call_1"),
        ToolMessage([{"type": "custom_tool_call_output", "output": "42"}], "call_1"),
    ],
)
def test_the_answer_to_a_custom_tool(answer: ToolMessage) -> None:
    call: dict[str, Any] = {
        "type": "custom_tool_call",
        "id": "ctc_1",
        "call_id": "call_1",
        "name": "f",
        "input": "x",
    }
    assert items([AIMessage([call]), answer]) == [
        call,
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "42"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"data:image/png;base64,{PIXEL}",
        [{"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"}],
        [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}],
        [{"type": "image_url", "image_url": f"data:image/png;base64,{PIXEL}"}],
        [{"type": "image", "base64": PIXEL, "mime_type": "image/png"}],
    ],
)
def test_screenshots(content: Any) -> None:
    message = ToolMessage(
        content,
        "call_1",
        additional_kwargs={"type": "computer_call_output", "acknowledged_safety_checks": []},
    )
    assert items([message]) == [
        {
            "type": "computer_call_output",
            "call_id": "call_1",
            "acknowledged_safety_checks": [],
            "output": {
                "type": "input_image",
                "image_url": f"data:image/png;base64,{PIXEL}",
            },
        }
    ]


def test_a_computer_call_in_the_history_says_what_its_answer_is() -> None:
    call: dict[str, Any] = {
        "type": "computer_call",
        "id": "cu_1",
        "call_id": "call_1",
        "action": {},
    }
    answer = ToolMessage(f"data:image/png;base64,{PIXEL}", "call_1")
    assert items([AIMessage([call]), answer])[1]["type"] == "computer_call_output"


def test_a_shell_s_answer() -> None:
    call: dict[str, Any] = {
        "type": "shell_call",
        "id": "sh_1",
        "call_id": "call_1",
        "action": {"commands": ["ls"]},
    }
    assert items([AIMessage([call]), ToolMessage("a", "call_1")])[1] == {
        "type": "shell_call_output",
        "call_id": "call_1",
        "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    }


def test_other_makers_answers_in_a_user_s_message() -> None:
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": "call_1", "content": "2"}
    assert items([HumanMessage([block, "Here:"])]) == [
        {"type": "function_call_output", "call_id": "call_1", "output": "2"},
        said("user", [HERE]),
    ]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}},
        {"type": "reasoning", "reasoning": "hm", "id": "lc_1"},
        {"type": "server_tool_call", "name": "web_search", "args": {}, "id": "srvtoolu_1"},
        {"type": "server_tool_result", "tool_call_id": "srvtoolu_1", "status": "success"},
        {"type": "image", "base64": PIXEL, "mime_type": "image/png"},
    ],
)
def test_what_only_another_maker_can_read_stays_away(block: Any) -> None:
    assert items([AIMessage([block, {"type": "text", "text": "a"}])]) == [spoken("a")]


def test_sealed_reasoning_goes_back_without_an_id() -> None:
    block: dict[str, Any] = {
        "type": "reasoning",
        "reasoning": "",
        "extras": {"encrypted_content": "e"},
    }
    assert items([AIMessage([block])]) == [
        {"type": "reasoning", "summary": [], "encrypted_content": "e"}
    ]


def test_a_picture_goes_back_by_its_id() -> None:
    block: dict[str, Any] = {"type": "image", "base64": PIXEL, "id": "ig_1"}
    assert items([AIMessage([block])]) == [{"type": "image_generation_call", "id": "ig_1"}]


HISTORY = [
    HumanMessage("a"),
    AIMessage("b", id="resp_1"),
    HumanMessage("c"),
    AIMessage("d", id="resp_2"),
    HumanMessage("e"),
]


def test_what_the_provider_keeps_is_not_sent_again() -> None:
    encoded = encode(HISTORY, use_previous_response_id=True)
    assert encoded.body["previous_response_id"] == "resp_2"
    assert encoded.body["input"] == [said("user", "e")]


def test_an_id_that_is_given_wins() -> None:
    encoded = encode(HISTORY, use_previous_response_id=True, previous_response_id="resp_9")
    assert encoded.body["previous_response_id"] == "resp_9"
    assert len(encoded.body["input"]) == 5


def test_a_history_that_the_provider_does_not_keep_goes_whole() -> None:
    encoded = encode([HumanMessage("a"), AIMessage("b", id="x")], use_previous_response_id=True)
    assert "previous_response_id" not in encoded.body
    assert len(encoded.body["input"]) == 2
