"""Anthropic Messages: what users say -> a request's body."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from conure.messages.coerce import to_messages
from conure.protocols import Loss
from conure.protocols.anthropic_messages import PROTOCOL
from conure.providers import find

DIALECT = find("anthropic").dialect
PNG = {"type": "base64", "media_type": "image/png", "data": "AA=="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "AA=="}


def encoded(messages: Any, model: str = "claude-sonnet-4-5", **settings: Any) -> Any:
    return PROTOCOL.encode(model, to_messages(messages), settings, False, DIALECT)


def turns(messages: Any, model: str = "claude-sonnet-4-5") -> Any:
    return encoded(messages, model).body["messages"]


def parts(*content: Any) -> Any:
    return turns([HumanMessage([*content])])[0]["content"]


# -- turns ----------------------------------------------------------------------------------------


def test_instructions_go_to_the_beginning() -> None:
    body = encoded([("system", "a"), ("user", "b")]).body
    assert (body["system"], body["messages"]) == ("a", [{"role": "user", "content": "b"}])
    marked = {"type": "text", "text": "c", "cache_control": {"type": "ephemeral"}}
    body = encoded([SystemMessage("a"), ("user", "b"), SystemMessage([marked]), ("user", "d")]).body
    assert body["system"] == [{"type": "text", "text": "a"}, marked]
    texts = [{"type": "text", "text": word} for word in "bd"]
    assert body["messages"] == [{"role": "user", "content": texts}]


def test_instructions_stay_where_a_model_takes_them() -> None:
    model = "claude-opus-4-8"
    talk = [("system", "a"), ("user", "b"), ("system", "c"), ("assistant", "d"), ("system", "e")]
    body = encoded(talk, model).body
    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "e"}]
    assert [turn["role"] for turn in body["messages"]] == ["user", "system", "assistant"]
    assert encoded([("system", ""), ("user", "b")]).body.keys() == {
        *("model", "messages", "max_tokens")
    }


def test_what_users_and_tools_say_in_a_row_is_one_turn() -> None:
    call = {"name": "f", "args": {"a": 1}, "id": "call_1"}
    history = [
        HumanMessage("q"),
        AIMessage("", tool_calls=[call, {**call, "id": "call_2"}]),
        ToolMessage("one", tool_call_id="call_1"),
        ToolMessage("two", tool_call_id="call_2", status="error"),
        HumanMessage("and?"),
    ]
    use = {"type": "tool_use", "name": "f", "input": {"a": 1}}
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": "one"}
    assert turns(history)[1:] == [
        {"role": "assistant", "content": [{**use, "id": "call_1"}, {**use, "id": "call_2"}]},
        {
            "role": "user",
            "content": [
                result,
                {
                    "type": "tool_result",
                    "tool_use_id": "call_2",
                    "content": "two",
                    "is_error": True,
                },
                {"type": "text", "text": "and?"},
            ],
        },
    ]


def test_ids_of_other_makers_are_made_valid() -> None:
    call = {"name": "f", "args": {}, "id": "functions.f:0|é"}
    history = ["q", AIMessage("", tool_calls=[call]), ToolMessage("r", tool_call_id=call["id"])]
    _, said, then = turns(history)
    assert said["content"][0]["id"] == then["content"][0]["tool_use_id"] == "functions_f_0__"


def test_tool_results_given_as_blocks() -> None:
    image = {"type": "image", "base64": "AA==", "mime_type": "image/png"}
    own = {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "r"}]}
    answered = turns(["q", ToolMessage([image], tool_call_id="1")])[0]["content"][1]
    assert answered["content"] == [{"type": "image", "source": PNG}]
    assert turns(["q", ToolMessage([own], tool_call_id="1")])[0]["content"][1] == own


def test_what_is_empty_is_left_out() -> None:
    history = ["q", AIMessage(""), HumanMessage([{"type": "text", "text": ""}, "", "r"])]
    texts = [{"type": "text", "text": word} for word in "qr"]
    assert turns(history) == [{"role": "user", "content": texts}]
    assert turns([HumanMessage("")]) == [{"role": "user", "content": ""}]
    assert turns(["q", AIMessage([{"type": "text", "text": ""}])])[-1]["role"] == "user"


def test_an_answer_to_be_continued_ends_without_white_space() -> None:
    assert turns(["q", AIMessage("a \n")])[1]["content"] == "a"
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b "}]
    assert turns(["q", AIMessage(blocks)])[1]["content"][1]["text"] == "b"
    blocks[1]["text"] = " "
    assert turns(["q", AIMessage(blocks)])[1]["content"] == blocks[:1]
    assert len(turns(["q", AIMessage(" ")])) == 1
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    assert turns(["q", AIMessage([use])])[1]["content"] == [use]


def test_marks_of_whole_messages() -> None:
    cached = {"type": "ephemeral"}
    history = [
        {"role": "system", "content": "s", "cache_control": cached},
        {"role": "user", "content": "q", "cache_control": cached},
        {"role": "assistant", "content": [{"type": "text", "text": "a"}], "cache_control": cached},
        {"role": "tool", "tool_call_id": "1", "content": "r", "cache_control": cached},
    ]
    body = encoded(history).body
    assert body["system"][0]["cache_control"] == cached
    assert all(turn["content"][-1]["cache_control"] == cached for turn in body["messages"])
    empty = {"role": "assistant", "content": [], "cache_control": cached}
    assert len(turns(["q", empty])) == 1


def test_roles_by_name() -> None:
    said = [ChatMessage("a", role="user"), ChatMessage("b", role="assistant"), ("user", "c")]
    assert [turn["role"] for turn in turns(said)] == ["user", "assistant", "user"]
    with pytest.raises(ConfigurationError, match="role 'critic' is unknown"):
        turns([ChatMessage("a", role="critic")])
    with pytest.raises(ConfigurationError, match="FunctionMessage is no message"):
        turns([FunctionMessage("a", name="f")])


def test_messages_of_one_s_own() -> None:
    class Note(HumanMessage):
        pass

    assert turns([Note("a")]) == [{"role": "user", "content": "a"}]


# -- what the assistant said ----------------------------------------------------------------------


def said(*content: Any, **fields: Any) -> Any:
    return encoded(["q", AIMessage([*content], **fields), "then"])


def test_thoughts_go_back_with_their_seal_alone() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    hidden = {"type": "redacted_thinking", "data": "x"}
    foreign = {"type": "reasoning", "reasoning": "mm", "extras": {"field": "reasoning_content"}}
    unsigned = {"type": "reasoning", "reasoning": "u", "extras": {"signature": ""}}
    text = {"type": "text", "text": "a"}
    found = said(thought, hidden, foreign, unsigned, text)
    content = found.body["messages"][1]["content"]
    assert content == [thought, hidden, {"type": "thinking", "thinking": "u"}, text]
    assert found.warnings == (Loss("messages[1]", "reasoning"),)


def test_what_other_makers_servers_did_stays_with_them() -> None:
    call = {"type": "server_tool_call", "id": "ws_1", "name": "web_search", "args": {}}
    result = {"type": "server_tool_result", "tool_call_id": "ws_1", "status": "success"}
    found = said(call, result, {"type": "text", "text": "a"})
    assert found.body["messages"][1]["content"] == [{"type": "text", "text": "a"}]
    assert found.warnings == tuple(Loss("messages[1]", block["type"]) for block in (call, result))


def test_own_servers_go_back() -> None:
    use = {"type": "server_tool_use", "id": "any", "name": "web_search", "input": {"query": "x"}}
    result = {"type": "web_search_tool_result", "tool_use_id": "any", "content": []}
    mcp = {"type": "mcp_tool_use", "id": "m", "name": "f", "server_name": "s", "input": {}}
    answer = {"type": "mcp_tool_result", "tool_use_id": "m", "is_error": True, "content": []}
    assert said(use, result, mcp, answer).body["messages"][1]["content"] == [
        *(use, result, mcp, answer)
    ]


def test_calls_with_broken_arguments_and_refusals() -> None:
    broken = {"name": "f", "args": '{"a": ', "id": "1", "error": "cut"}
    refusal = {"type": "refusal", "refusal": "I will not"}
    own = {"type": "refusal", "refusal": "policy", "extras": {"stop_reason": "refusal"}}
    content = said(refusal, own, invalid_tool_calls=[broken]).body["messages"][1]["content"]
    assert content == [
        {"type": "text", "text": "I will not"},
        {"type": "tool_use", "id": "1", "name": "f", "input": {"INVALID_JSON": '{"a": '}},
    ]


def test_blocks_the_assistant_cannot_have_said_are_left_out() -> None:
    image = {"type": "image", "url": "https://example.com/a.png"}
    found = said({"type": "text", "text": "a"}, image, {"type": "non_standard", "value": 1})
    assert found.body["messages"][1]["content"] == [{"type": "text", "text": "a"}]
    assert len(found.warnings) == 2
    assert found.warnings[0] == Loss("messages[1]", "image")


def test_citations_go_back_where_they_are_known() -> None:
    place = {"type": "char_location", "document_index": 0, "start_char_index": 1}
    cited = {**place, "end_char_index": 2, "cited_text": "c", "document_title": None}
    foreign = {"type": "citation", "url": "https://example.com"}
    text = {"type": "text", "text": "a"}
    assert said({**text, "citations": [cited]}).body["messages"][1]["content"] == [
        {**text, "citations": [cited]}
    ]
    found = said({**text, "annotations": [foreign, {"type": "non_standard_annotation"}]})
    assert found.body["messages"][1]["content"] == [text]
    assert found.warnings == (Loss("messages[1]", "citation"),) * 2
    new = {"type": "new_location", "cited_text": "c", "title": "t", "place": 3}
    assert said({**text, "citations": [new]}).body["messages"][1]["content"][0]["citations"] == [
        new
    ]


def test_marks_on_blocks_of_the_assistant() -> None:
    cached = {"type": "ephemeral"}
    text = {"type": "text", "text": "a", "cache_control": cached}
    assert said(text).body["messages"][1]["content"] == [text]


# -- content --------------------------------------------------------------------------------------

FILE_BLOCKS: list[tuple[Any, Any]] = [
    ("a", {"type": "text", "text": "a"}),
    ({"type": "input_text", "text": "a"}, {"type": "text", "text": "a"}),
    (
        {"type": "text", "text": "a", "index": 0, "extras": {"cache_control": {"type": "x"}}},
        {"type": "text", "text": "a", "cache_control": {"type": "x"}},
    ),
    (
        {"type": "text", "text": "a", "citations": []},
        {"type": "text", "text": "a", "citations": []},
    ),
    (
        {"type": "image", "url": "https://x/a.png"},
        {"type": "image", "source": {"type": "url", "url": "https://x/a.png"}},
    ),
    (
        {"type": "image", "base64": "AA==", "mime_type": "image/png", "cache_control": {"a": 1}},
        {"type": "image", "source": PNG, "cache_control": {"a": 1}},
    ),
    ({"type": "image", "base64": "AA=="}, {"type": "image", "source": PNG}),
    (
        {"type": "image", "file_id": "f"},
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
    ),
    ({"type": "image", "source": PNG}, {"type": "image", "source": PNG}),
    (
        {"type": "image", "source_type": "base64", "data": "AA==", "mime_type": "image/png"},
        {"type": "image", "source": PNG},
    ),
    (
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "image", "source": PNG},
    ),
    (
        {"type": "input_image", "image_url": "https://x"},
        {"type": "image", "source": {"type": "url", "url": "https://x"}},
    ),
    (
        {"type": "file", "base64": "AA==", "mime_type": "application/pdf", "filename": "a.pdf"},
        {"type": "document", "source": PDF, "title": "a.pdf"},
    ),
    (
        {"type": "file", "base64": "AA==", "extras": {"citations": {"enabled": True}}},
        {"type": "document", "source": PDF, "citations": {"enabled": True}},
    ),
    (
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA=="}},
        {"type": "document", "source": PDF},
    ),
    ({"type": "file", "source": PDF}, {"type": "document", "source": PDF}),
    (
        {"type": "file", "base64": "AA==", "mime_type": "image/png"},
        {"type": "image", "source": PNG},
    ),
    (
        {"type": "file", "mime_type": "text/csv", "base64": base64.b64encode(b"a,b").decode()},
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "a,b"},
        },
    ),
    (
        {"type": "text-plain", "text": "t", "title": "T", "context": "C"},
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "t"},
            "title": "T",
            "context": "C",
        },
    ),
    (
        {"type": "text-plain", "url": "https://x"},
        {"type": "document", "source": {"type": "url", "url": "https://x"}},
    ),
    (
        {"type": "media", "mime_type": "application/pdf", "data": "AA=="},
        {"type": "document", "source": PDF},
    ),
    (
        {"image": {"format": "png", "source": {"bytes": b"\0"}}},
        {"type": "image", "source": PNG},
    ),
    (
        {"type": "non_standard", "value": {"type": "container_upload", "file_id": "f"}},
        {"type": "container_upload", "file_id": "f"},
    ),
    (
        {"type": "search_result", "source": "s", "title": None},
        {"type": "search_result", "source": "s"},
    ),
    (
        {"type": "tool_result", "tool_use_id": "1", "content": ["a"]},
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "a"}]},
    ),
    (
        {"type": "tool_result", "tool_use_id": "1"},
        {"type": "tool_result", "tool_use_id": "1"},
    ),
]


@pytest.mark.parametrize("given, part", FILE_BLOCKS)
def test_content_in_any_shape(given: Any, part: Any) -> None:
    assert parts(given) == [part]


@pytest.mark.parametrize(
    "block, words",
    [
        ({"type": "audio", "base64": "AA=="}, "takes no audio"),
        ({"type": "input_audio", "input_audio": {}}, "takes no audio"),
        ({"type": "video_url", "video_url": "https://x"}, "takes no video"),
        ({"type": "image"}, "needs url, base64 or file_id"),
        ({"type": "non_standard", "value": 1}, "needs the provider's own"),
        ({"type": "input_image"}, "of type 'input_image' cannot be sent"),
        ({"what": 1, "else": 2}, "of type None cannot be sent"),
    ],
)
def test_content_that_cannot_be_said(block: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parts(block)


def test_content_that_is_no_block() -> None:
    message = HumanMessage("a")
    message.content = [1]  # type: ignore[list-item]
    with pytest.raises(ConfigurationError, match=r"messages\[0\].content\[0\] must be"):
        turns([message])


def test_files_by_id_are_a_preview() -> None:
    by_id = {"type": "file", "file_id": "f"}
    headers = encoded([HumanMessage([by_id])]).headers
    assert headers["anthropic-beta"] == ("files-api-2025-04-14",)
    assert headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in encoded("a").headers
    elsewhere = type(DIALECT)(path="/x", version=None, betas=False)
    found = PROTOCOL.encode("m", [HumanMessage([by_id])], {}, True, elsewhere)
    assert (found.path, found.headers, found.body["stream"]) == ("/x", {}, True)
