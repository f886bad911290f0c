"""Messages and settings -> a Converse request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.aws import ChatBedrockConverse
from conure.errors import ConfigurationError
from conure.messages import AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage
from conure.messages.coerce import to_messages
from conure.protocols.bedrock_converse import PROTOCOL
from conure.providers import find

DIALECT = find("bedrock_converse").dialect
NOVA = "us.amazon.nova-lite-v1:0"
CLAUDE = "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
POINT = ChatBedrockConverse.create_cache_point()
PDF = {"type": "file", "base64": "JVBERi0=", "mime_type": "application/pdf"}


def encoded(
    messages: list[Any], model: str = NOVA, *, streaming: bool = False, **settings: Any
) -> Any:
    for name, value in settings.items():
        assert PROTOCOL.settings[name](value) is None, name
    return PROTOCOL.encode(model, to_messages(messages), settings, streaming, DIALECT)


def body(*messages: Any, model: str = NOVA, **settings: Any) -> dict[str, Any]:
    found = encoded(list(messages) or ["hi"], model, **settings)
    assert found.warnings == ()
    return found.body


def said(*content: Any) -> list[Any]:
    """Give what a user's message of this content sends."""
    [turn] = body(HumanMessage([*content]))["messages"]
    assert turn["role"] == "user"
    return turn["content"]


# -- turns ----------------------------------------------------------------------------------------


def test_where_requests_go() -> None:
    assert encoded(["hi"]).path == "/model/us.amazon.nova-lite-v1%3A0/converse"
    arn = "arn:aws:bedrock:us-east-1:1:inference-profile/x"
    path = encoded(["hi"], arn, streaming=True).path
    assert (
        path == "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse-stream"
    )


def test_turns_alternate_and_instructions_come_first() -> None:
    sent = body(
        SystemMessage("one"),
        HumanMessage("a"),
        ChatMessage("b", role="user"),
        AIMessage("c"),
        ("developer", "two"),
        ToolMessage("d", tool_call_id="t", status="error"),
        HumanMessage("e"),
    )
    assert sent["system"] == [{"text": "one"}, {"text": "two"}]
    result = {"toolUseId": "t", "content": [{"text": "d"}], "status": "error"}
    assert sent["messages"] == [
        {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
        {"role": "assistant", "content": [{"text": "c"}]},
        {"role": "user", "content": [{"toolResult": result}, {"text": "e"}]},
    ]


def test_what_says_nothing_is_left_out() -> None:
    sent = body(
        HumanMessage(["", {"type": "text", "text": ""}, "a"]), AIMessage(""), HumanMessage("b")
    )
    assert sent["messages"] == [{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}]
    assert body("a", AIMessage("so \n"))["messages"][1]["content"] == [{"text": "so"}]
    assert len(body("a", AIMessage(" \n"))["messages"]) == 1


def test_roles_and_messages_that_nobody_knows() -> None:
    with pytest.raises(ConfigurationError, match=r"messages\[0\]: the role 'critic' is unknown"):
        encoded([ChatMessage("x", role="critic")])


def test_the_system_setting_comes_first() -> None:
    sent = body(SystemMessage("two"), "hi", system=["one", POINT])
    assert sent["system"] == [{"text": "one"}, POINT, {"text": "two"}]
    assert body("hi", system="one")["system"] == [{"text": "one"}]


# -- content --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block, kind, form",
    [
        ({"type": "image", "mime_type": "image/jpeg"}, "image", "jpeg"),
        ({"type": "image"}, "image", "png"),
        ({"type": "video", "mime_type": "video/quicktime"}, "video", "mov"),
        ({"type": "video", "mime_type": "video/3gpp"}, "video", "three_gp"),
        ({"type": "audio", "mime_type": "audio/mpeg; rate=1"}, "audio", "mp3"),
        ({"type": "file", "mime_type": "image/webp"}, "image", "webp"),
        ({"type": "file", "mime_type": "video/mp4"}, "video", "mp4"),
    ],
)
def test_media_have_formats(block: dict[str, Any], kind: str, form: str) -> None:
    assert said({**block, "base64": "AA=="}) == [
        {kind: {"format": form, "source": {"bytes": "AA=="}}}
    ]


def test_media_in_other_shapes() -> None:
    expected = [{"image": {"format": "png", "source": {"bytes": "AAE="}}}]
    data = "data:image/png;base64,AAE="
    source = {"type": "base64", "media_type": "image/png", "data": "AAE="}
    for given in (
        {"type": "image_url", "image_url": {"url": data}},
        {"type": "image", "source": source},
        {"type": "image", "source_type": "base64", "mime_type": "image/png", "data": "AAE="},
        {"image": {"format": "png", "source": {"bytes": b"\x00\x01"}}},
        {"type": "image", "base64": b"\x00\x01", "mime_type": "image/png"},
        {"type": "non_standard", "value": expected[0]},
    ):
        assert said(given) == expected
    assert (
        said({"type": "document", "source": {**source, "media_type": "application/pdf"}})[0][
            "document"
        ]["format"]
        == "pdf"
    )


def test_what_lies_in_s3_stays_there() -> None:
    place = {"uri": "s3://bucket/cat.JPG", "bucketOwner": "1"}
    block = {"type": "image", "url": place["uri"], "bucket_owner": "1"}
    assert said(block) == [{"image": {"format": "jpeg", "source": {"s3Location": place}}}]


@pytest.mark.parametrize(
    "block, words",
    [
        (
            {"type": "image", "url": "https://h/cat.png", "mime_type": "image/png"},
            "fetches no images",
        ),
        ({"type": "image", "base64": "A", "mime_type": "image/tiff"}, "'image/tiff' is none"),
        ({"type": "video", "base64": "A"}, "mime_type=None is none"),
        ({"type": "file", "file_id": "f"}, "fetches no documents"),
        ({"type": "thing"}, "'thing' cannot be sent"),
        ({"type": "non_standard", "value": 1}, "the provider's own in `value`"),
    ],
)
def test_what_cannot_be_said_names_its_place(block: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=r"messages\[1\]\.content\[1\].*") as raised:
        encoded(["x", HumanMessage(["a", block])])
    assert words in str(raised.value)


def test_documents_have_names_that_are_allowed() -> None:
    found = said(
        {**PDF, "filename": "Q3/report_(final).pdf"},
        PDF,
        {**PDF, "extras": {"title": "  A  b "}},
        {"type": "text-plain", "text": "so it was", "title": "Facts", "context": "c"},
        {**PDF, "mime_type": "text/markdown", "citations": {"enabled": True}},
    )
    documents = [part["document"] for part in found]
    assert [document["name"] for document in documents] == [
        "Q3 report (final) pdf",
        "document-2",
        "A b",
        "Facts",
        "document-5",
    ]
    assert documents[3] == {
        "format": "txt",
        "name": "Facts",
        "source": {"text": "so it was"},
        "context": "c",
    }
    assert (documents[4]["format"], documents[4]["citations"]) == ("md", {"enabled": True})


def test_points_of_the_cache() -> None:
    marked = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    hour = {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert said(marked, POINT, "b") == [{"text": "a"}, hour, POINT, {"text": "b"}]
    sent = body(
        {"role": "system", "content": "s", "cache_control": {"type": "ephemeral"}},
        {"role": "user", "content": "u", "cache_control": {"type": "ephemeral"}},
    )
    assert sent["system"] == [{"text": "s"}, POINT]
    assert sent["messages"][0]["content"] == [{"text": "u"}, POINT]
    answer = ToolMessage([{"type": "text", "text": "r"}, POINT], tool_call_id="t")
    [turn] = body(answer)["messages"]
    assert turn["content"] == [
        {"toolResult": {"toolUseId": "t", "content": [{"text": "r"}]}},
        POINT,
    ]
    tools = [{"type": "function", "function": {"name": "f"}, "cache_control": {}}, POINT]
    assert body("x", tools=tools)["toolConfig"]["tools"][1:] == [POINT, POINT]
    assert ChatBedrockConverse.create_cache_point("default", ttl="1h") == hour


def test_results_of_tools_hold_more_than_text() -> None:
    found = {
        "type": "search_result",
        "source": "s",
        "title": "t",
        "content": [{"type": "text", "text": "c"}],
        "citations": {"enabled": True},
    }
    message = ToolMessage(
        [{"json": {"a": 1}}, {"type": "json", "json": {"b": 2}}, found, PDF], tool_call_id="t"
    )
    [turn] = body(message)["messages"]
    content = turn["content"][0]["toolResult"]["content"]
    assert content[:2] == [{"json": {"a": 1}}, {"json": {"b": 2}}]
    assert content[2] == {
        "searchResult": {
            "source": "s",
            "title": "t",
            "content": [{"text": "c"}],
            "citations": {"enabled": True},
        }
    }
    assert "document" in content[3]
    assert body(ToolMessage("", tool_call_id="t"))["messages"][0]["content"] == [
        {"toolResult": {"toolUseId": "t", "content": []}}
    ]
    result = {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": True}
    assert said(result) == [
        {"toolResult": {"toolUseId": "t", "content": [{"text": "x"}], "status": "error"}}
    ]


def test_what_a_guardrail_is_to_look_at() -> None:
    own = {"guardContent": {"text": {"text": "a", "qualifiers": ["query"]}}}
    assert said(own, {"type": "guard_content", "text": "b"}) == [
        own,
        {"guardContent": {"text": {"text": "b"}}},
    ]
    config = {"guardrailIdentifier": "g", "guardrailVersion": "1", "trace": "enabled"}
    sent = body("a", AIMessage("b"), "c", guardrail_config=config, guard_last_turn_only=True)
    assert sent["guardrailConfig"] == config
    assert sent["messages"][0]["content"] == [{"text": "a"}]
    assert sent["messages"][2]["content"] == [{"guardContent": {"text": {"text": "c"}}}]
    with pytest.raises(ConfigurationError, match="needs a guardrail_config"):
        body("a", guard_last_turn_only=True)


def test_blocks_may_be_given_raw() -> None:
    raw = [{"role": "user", "content": [{"image": {"source": {"bytes": b"\x00"}}}]}]
    sent = body("ignored", raw_blocks=raw)
    assert sent["messages"][0]["content"][0]["image"]["source"]["bytes"] == "AA=="


# -- what the assistant said ----------------------------------------------------------------------


def turn_of(*blocks: Any, model: str = "some", **more: Any) -> list[Any]:
    sent = encoded(["q", AIMessage([*blocks], **more), "r"], model)
    turns = sent.body["messages"]
    return turns[1]["content"] if len(turns) == 3 else []


SEALED = {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}}
OPEN = {"type": "reasoning", "reasoning": "hm", "extras": {"signature": ""}}
HIDDEN = {"type": "reasoning", "reasoning": "", "extras": {"redacted_content": "AA=="}}


def test_thoughts_go_back_where_they_are_taken() -> None:
    sealed = {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
    plain = {"reasoningContent": {"reasoningText": {"text": "hm"}}}
    hidden = {"reasoningContent": {"redactedContent": "AA=="}}
    assert turn_of(SEALED, OPEN, HIDDEN) == [sealed, plain, hidden]
    # Claude refuses a thought without its signature, R1 all of them.
    assert turn_of(SEALED, OPEN, HIDDEN, model=CLAUDE) == [sealed, hidden]
    assert turn_of(SEALED, OPEN, model="us.deepseek.r1-v1:0") == []


def test_thoughts_of_others_are_left_out_but_for_the_same_maker_s() -> None:
    assert turn_of({"type": "reasoning", "reasoning": "hm"}, "a") == [{"text": "a"}]
    assert turn_of({"type": "thinking", "thinking": "hm", "signature": "s"}) == [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}}
    ]
    assert turn_of({"type": "redacted_thinking", "data": "xyz"}) == [
        {"reasoningContent": {"redactedContent": "eHl6"}}
    ]


def test_what_other_servers_did_is_left_out() -> None:
    call = {"type": "server_tool_call", "id": "srvtoolu_1", "name": "web_search", "args": {}}
    result = {"type": "server_tool_result", "tool_call_id": "srvtoolu_1", "status": "success"}
    result |= {"output": [{"url": "u"}], "extras": {"block_type": "web_search_tool_result"}}
    assert turn_of(call, result, "a") == [{"text": "a"}]
    found = encoded(["q", AIMessage([{"type": "image", "base64": "A"}, "a"]), "r"])
    assert found.warnings == ("messages[1]: image was left out of the request",)


def test_calls_whose_arguments_broke_off_are_wrapped() -> None:
    calls = [{"name": "f", "args": '{"a": ', "id": "1", "error": "cut"}]
    assert turn_of("a", invalid_tool_calls=calls)[1] == {
        "toolUse": {"toolUseId": "1", "name": "f", "input": {"INVALID_JSON": '{"a": '}}
    }


def test_refusals() -> None:
    assert turn_of({"type": "refusal", "refusal": "I will not."}) == [{"text": "I will not."}]
    own = {"type": "refusal", "refusal": "Guardrail blocked", "extras": {"stop_reason": "x"}}
    assert turn_of("Sorry.", own) == [{"text": "Sorry."}]


def test_citations_go_back_if_they_are_of_this_api() -> None:
    place = {"web": {"url": "https://h", "domain": "h"}}
    ours = {"type": "citation", "title": "t", "cited_text": "c", "extras": {"location": place}}
    theirs = {"type": "citation", "url": "https://x"}
    block = {"type": "text", "text": "a", "annotations": [ours, theirs]}
    cited = {"title": "t", "sourceContent": [{"text": "c"}], "location": place}
    assert turn_of(block) == [
        {"citationsContent": {"content": [{"text": "a"}], "citations": [cited]}}
    ]
    assert turn_of({**block, "annotations": [theirs]}) == [{"text": "a"}]


def test_non_standard_blocks_of_this_api_alone_go_back() -> None:
    own = {"type": "non_standard", "value": {"toolAddition": {"name": "f"}}}
    other = {"type": "non_standard", "value": {"type": "compaction", "content": "x"}}
    found = encoded(["q", AIMessage([own, other]), "r"])
    assert found.body["messages"][1]["content"] == [{"toolAddition": {"name": "f"}}]
    assert found.warnings == ("messages[1]: non_standard was left out of the request",)


def test_calls_of_a_history_are_known_to_the_api_without_tools() -> None:
    call = AIMessage("", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "1"}])
    history = ["q", call, ToolMessage("r", tool_call_id="1"), "sum up"]
    spec = {"name": "f", "inputSchema": {"json": {"type": "object", "properties": {}}}}
    assert body(*history)["toolConfig"] == {"tools": [{"toolSpec": spec}]}
    assert "toolConfig" not in body("q", AIMessage("a"), "b")
    # No tool may be called: theirs are not offered.
    tools = [{"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}}]
    assert body(*history, tools=tools, tool_choice="none")["toolConfig"] == {
        "tools": [{"toolSpec": spec}]
    }
    assert "toolConfig" not in body("q", tools=tools, tool_choice="none")
    lone = body(ToolMessage("r", tool_call_id="1"))["toolConfig"]
    assert [tool["toolSpec"]["name"] for tool in lone["tools"]] == ["tool"]


def test_every_body_is_json() -> None:
    json.dumps(body(SystemMessage("s"), HumanMessage([PDF, "x"]), system="y"))
