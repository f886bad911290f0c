"""Messages and settings to a request's body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    assemble,
)
from conure.messages.coerce import to_messages
from conure.protocols import Encoded, Loss
from conure.protocols.openai_chat.dialect import ANY, Dialect, Facts
from conure.protocols.openai_chat.request import encode
from tests.unit.protocols.openai_chat.chunks import PLAIN, whole

STRICT = Dialect(replays=(), strips=frozenset({"cache_control"}))
OPEN = Dialect(passes=ANY)
CALL = {"name": "f", "args": {"x": "ü"}, "id": "a"}
WIRE_CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":"ü"}'}}


def written(*messages: BaseMessage, dialect: Dialect = PLAIN) -> list[dict[str, Any]]:
    return sent(messages, dialect=dialect).body["messages"]


def sent(messages: Any = (), dialect: Dialect = PLAIN, **settings: Any) -> Encoded:
    return encode("some-1", messages, settings, False, dialect)


def part(block: Any, dialect: Dialect = PLAIN) -> Any:
    (turn,) = written(HumanMessage([block]), dialect=dialect)
    return turn["content"][0]


def test_the_plainest_request() -> None:
    encoded = encode("some-1", [HumanMessage("Hi")], {}, False, PLAIN)
    assert encoded.path == "/chat/completions"
    assert encoded.body == {
        "model": "some-1",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": False,
    }
    assert encoded.warnings == ()


def test_roles_and_names() -> None:
    assert written(
        SystemMessage("s"),
        HumanMessage("h", name="ann"),
        AIMessage("a"),
        ChatMessage("c", role="critic"),
        FunctionMessage("f", name="g"),
    ) == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "h", "name": "ann"},
        {"role": "assistant", "content": "a"},
        {"role": "critic", "content": "c"},
        {"role": "function", "content": "f", "name": "g"},
    ]


def test_names_stay_away_where_they_are_refused() -> None:
    (turn,) = written(HumanMessage("h", name="ann"), dialect=Dialect(names=False))
    assert "name" not in turn


def test_the_developer_s_role() -> None:
    given = to_messages([{"role": "developer", "content": "d"}])
    assert written(*given)[0]["role"] == "developer"
    assert written(ChatMessage("d", role="developer"))[0]["role"] == "developer"
    other = Dialect(developer_role=False)
    assert written(*given, dialect=other)[0]["role"] == "system"
    assert written(ChatMessage("d", role="developer"), dialect=other)[0]["role"] == "system"


def test_models_that_are_told_otherwise() -> None:
    dialect = Dialect(facts=lambda _model: Facts(system_role="developer"))
    assert written(SystemMessage("s"), dialect=dialect)[0]["role"] == "developer"


def test_subclasses_are_messages_and_others_are_not() -> None:
    class Loud(HumanMessage):
        pass

    assert written(Loud("h")) == [{"role": "user", "content": "h"}]
    with pytest.raises(ConfigurationError, match=r"messages\[1\]: RemoveMessage"):
        written(HumanMessage("h"), RemoveMessage("x"))


def test_calls_go_back() -> None:
    (turn,) = written(AIMessage(tool_calls=[CALL]))
    assert turn == {"role": "assistant", "content": None, "tool_calls": [WIRE_CALL]}
    (turn,) = written(AIMessage("Hi", tool_calls=[CALL]))
    assert turn == {"role": "assistant", "content": "Hi", "tool_calls": [WIRE_CALL]}


def test_calls_with_bad_arguments_go_back_as_they_came() -> None:
    bad = {"name": "f", "args": '{"x": ', "id": "a", "error": "cut off"}
    (turn,) = written(AIMessage("", invalid_tool_calls=[bad]))
    assert turn["tool_calls"][0]["function"]["arguments"] == '{"x": '


def test_calls_without_ids_get_some() -> None:
    (turn,) = written(AIMessage(tool_calls=[CALL | {"id": None}, CALL | {"id": None}]))
    first, second = (call["id"] for call in turn["tool_calls"])
    assert first
    assert second
    assert first != second


def test_custom_calls_go_back() -> None:
    call = {"id": "a", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    (turn,) = written(assemble(whole("tool_calls", tool_calls=[call])))
    assert turn["tool_calls"] == [call]


def test_the_older_function_call_goes_back_and_is_answered() -> None:
    call = {"name": "f", "arguments": '{"x":1}'}
    reply = assemble(whole("function_call", content=None, function_call=call))
    first, second = written(reply, ToolMessage("7", reply.tool_calls[0]["id"]))
    assert first == {"role": "assistant", "content": None, "function_call": call}
    assert second == {"role": "function", "name": "f", "content": "7"}


def test_other_fields_of_a_call_go_back_where_they_are_known() -> None:
    signature = {"google": {"thought_signature": "s"}}
    call = WIRE_CALL | {"extra_content": signature, "mood": "good", "cache_control": {"type": "x"}}
    reply = assemble(whole("tool_calls", tool_calls=[call]))
    (turn,) = written(reply)
    assert turn["tool_calls"] == [
        WIRE_CALL | {"extra_content": signature, "cache_control": {"type": "x"}}
    ]
    (turn,) = written(reply, dialect=STRICT)
    assert turn["tool_calls"] == [WIRE_CALL | {"extra_content": signature}]


def test_refusals_and_sounds_go_back() -> None:
    (turn,) = written(assemble(whole(content=None, refusal="no")))
    assert turn == {"role": "assistant", "content": None, "refusal": "no"}
    (turn,) = written(assemble(whole(content=None, audio={"id": "audio_1", "data": "AAAA"})))
    assert turn == {"role": "assistant", "audio": {"id": "audio_1"}}
    (turn,) = written(assemble(whole(content="x", audio={"data": "AAAA"})))
    assert turn == {"role": "assistant", "content": "x"}


def test_an_empty_turn_is_one() -> None:
    assert written(AIMessage("")) == [{"role": "assistant", "content": ""}]


def test_content_given_as_a_list_stays_one() -> None:
    (turn,) = written(AIMessage([{"type": "text", "text": "a"}, "b"]))
    assert turn["content"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


@pytest.mark.parametrize(
    "replays, came_in, goes_back",
    [
        (None, "reasoning", "reasoning"),
        (None, "reasoning_content", "reasoning_content"),
        ((), "reasoning", None),
        (("reasoning",), "reasoning", "reasoning"),
        (("reasoning",), "reasoning_content", "reasoning"),
        (("reasoning_content", "reasoning"), "reasoning", "reasoning"),
        (("reasoning_details",), "reasoning", None),
    ],
)
def test_reasoning_goes_back(replays: Any, came_in: str, goes_back: str | None) -> None:
    reply = assemble(whole(**{"content": "4", came_in: "hm"}))
    (turn,) = written(reply, dialect=Dialect(replays=replays))
    found = {name: value for name, value in turn.items() if name not in ("role", "content")}
    assert found == ({goes_back: "hm"} if goes_back else {})


@pytest.mark.parametrize(
    "replays, goes_back", [(None, None), (("reasoning",), "reasoning"), (("content",), "content")]
)
def test_reasoning_of_other_makers(replays: Any, goes_back: str | None) -> None:
    block = {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}}
    message = AIMessage([block, {"type": "text", "text": "4"}])
    (turn,) = written(message, dialect=Dialect(replays=replays))
    text = {"type": "text", "text": "4"}
    if goes_back == "content":
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
        assert turn["content"] == [thinking, text]
    else:
        assert turn["content"] == [text]
        assert turn.get("reasoning") == ("hm" if goes_back else None)


def test_signed_reasoning_goes_back_as_it_came() -> None:
    details = [{"type": "reasoning.text", "text": "hm", "signature": "s", "index": 0}]
    reply = assemble(whole(content="4", reasoning="hm", reasoning_details=details))
    (turn,) = written(reply)
    assert (turn["reasoning"], turn["reasoning_details"]) == ("hm", details)
    (turn,) = written(reply, dialect=Dialect(replays=("reasoning",)))
    assert "reasoning_details" not in turn
    alone = assemble(whole(content="4", reasoning_details=details))
    (turn,) = written(alone)
    assert "reasoning" not in turn
    assert turn["reasoning_details"] == details
    (turn,) = written(alone, dialect=Dialect(replays=("reasoning_content",)))
    assert turn["reasoning_content"] == "hm"


def test_thinking_parts_go_back_as_parts() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "closed": True},
        {"type": "text", "text": "4"},
    ]
    reply = assemble(whole(content=parts))
    for dialect in (
        PLAIN,
        Dialect(replays=("content",)),
        Dialect(replays=("reasoning", "content")),
    ):
        assert written(reply, dialect=dialect)[0]["content"] == parts
    (turn,) = written(reply, dialect=Dialect(replays=("reasoning",)))
    assert (turn["content"], turn["reasoning"]) == ("4", "hm")
    assert written(reply, dialect=STRICT)[0] == {"role": "assistant", "content": "4"}


def test_reasoning_parts_of_the_other_kind_go_back_as_they_came() -> None:
    part = {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "signature": "s",
    }
    (turn,) = written(assemble(whole(content=[part, {"type": "text", "text": "4"}])))
    assert turn["content"][0] == part


def test_other_blocks_of_a_reply() -> None:
    reference = {"type": "reference", "reference_ids": [1]}
    image = {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}
    reply = assemble(whole(content=[{"type": "text", "text": "a"}, reference], images=[image]))
    encoded = sent([HumanMessage("h"), reply])
    assert encoded.body["messages"][1] == {"role": "assistant", "content": "a"}
    assert [warning.partition(":")[0] for warning in encoded.warnings] == ["messages[1]"] * 2
    passing = Dialect(passes=frozenset({"reference", "image_url"}))
    assert written(reply, dialect=passing)[0]["content"] == [
        {"type": "text", "text": "a"},
        reference,
        image,
    ]
    assert written(reply, dialect=OPEN)[0]["content"][1] == reference


def test_what_other_makers_servers_did_is_not_told() -> None:
    call = {"type": "server_tool_call", "id": "s", "name": "web_search", "args": {}}
    encoded = sent([AIMessage([call, {"type": "text", "text": "a"}])])
    assert encoded.body["messages"][0]["content"] == [{"type": "text", "text": "a"}]
    assert encoded.warnings == (Loss("messages[0]", "server_tool_call"),)


def test_a_tool_s_answer() -> None:
    (turn,) = written(ToolMessage("7", "a"))
    assert turn == {"role": "tool", "tool_call_id": "a", "content": "7"}
    content = [{"type": "text", "text": "7"}, "8"]
    (turn,) = written(ToolMessage(content, "a"))
    assert turn["content"] == [{"type": "text", "text": "7"}, {"type": "text", "text": "8"}]
    (turn,) = written(ToolMessage(content, "a"), dialect=Dialect(tool_text=True))
    assert turn["content"] == "7\n8"


def test_images_of_tools_follow_as_the_user_s() -> None:
    image = {"type": "image", "url": "https://a.b/c.png"}
    wire = {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}
    history = [
        AIMessage(tool_calls=[CALL, CALL | {"id": "b"}]),
        ToolMessage([{"type": "text", "text": "see"}, image], "a"),
        ToolMessage([image], "b"),
        HumanMessage("and?"),
    ]
    turns = written(*history)
    assert [turn["role"] for turn in turns] == ["assistant", "tool", "tool", "user", "user"]
    assert turns[1]["content"] == [{"type": "text", "text": "see"}]
    assert turns[2]["content"][0]["type"] == "text"
    assert [each["type"] for each in turns[3]["content"]] == ["text", "image_url"] * 2
    assert "b" in turns[3]["content"][2]["text"]
    assert written(*history[:3])[-1] == turns[3]
    shown = written(*history, dialect=Dialect(tool_images=True))
    assert shown[1]["content"][1] == wire
    assert len(shown) == 4


def test_answers_of_tools_inside_a_user_s_message() -> None:
    result = {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "7"}]}
    turns = written(HumanMessage([result, {"type": "text", "text": "and?"}], name="ann"))
    assert turns == [
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "7"}]},
        {"role": "user", "content": [{"type": "text", "text": "and?"}], "name": "ann"},
    ]
    assert [turn["role"] for turn in written(HumanMessage([result, result]))] == ["tool", "tool"]


def test_fields_of_dict_messages_go_out_again() -> None:
    given = [
        {"role": "system", "content": "s", "cache_control": {"type": "ephemeral"}},
        {"role": "user", "content": "h", "mood": None},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "hm",
            "tool_calls": [WIRE_CALL],
        },
        {"role": "tool", "content": "7", "tool_call_id": "a", "name": "f"},
        {"role": "assistant", "content": "x", "prefix": True},
    ]
    turns = written(*to_messages(given), dialect=Dialect(replays=("reasoning",)))
    del given[1]["mood"]
    assert turns == given


# -- content ---------------------------------------------------------------------------------

PNG = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    "block, expected",
    [
        ("a", {"type": "text", "text": "a"}),
        (
            {"type": "text", "text": "a", "id": "1", "index": 0, "annotations": []},
            {"type": "text", "text": "a"},
        ),
        ({"type": "input_text", "text": "a"}, {"type": "text", "text": "a"}),
        (
            {"type": "text", "text": "a", "cache_control": {"type": "e"}},
            {"type": "text", "text": "a", "cache_control": {"type": "e"}},
        ),
        (
            {"type": "text", "text": "a", "extras": {"cache_control": {"type": "e"}}},
            {"type": "text", "text": "a", "cache_control": {"type": "e"}},
        ),
        (
            {"type": "image", "url": "https://a.b"},
            {"type": "image_url", "image_url": {"url": "https://a.b"}},
        ),
        (
            {"type": "image", "base64": "AAAA", "mime_type": "image/png", "detail": "low"},
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
        ),
        (
            {"type": "image", "base64": "AAAA", "extras": {"detail": "low"}},
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
        ),
        (
            {"type": "image_url", "image_url": {"url": PNG, "detail": "high"}},
            {"type": "image_url", "image_url": {"url": PNG, "detail": "high"}},
        ),
        (
            {"type": "image_url", "image_url": PNG, "detail": "high"},
            {"type": "image_url", "image_url": {"detail": "high", "url": PNG}},
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
            },
            {"type": "image_url", "image_url": {"url": PNG}},
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://a.b"}},
            {"type": "image_url", "image_url": {"url": "https://a.b"}},
        ),
        (
            {"type": "input_image", "image_url": "https://a.b"},
            {"type": "image_url", "image_url": {"url": "https://a.b"}},
        ),
        (
            {"type": "audio", "base64": "AAAA", "mime_type": "audio/mpeg"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        ),
        (
            {"type": "audio", "base64": "AAAA", "mime_type": "audio/x-wav"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
        (
            {"type": "audio", "base64": "AAAA"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        ),
        (
            {"type": "file", "base64": "AAAA", "mime_type": "application/pdf", "filename": "a.pdf"},
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
            },
        ),
        (
            {"type": "file", "base64": "AAAA", "mime_type": "text/csv"},
            {
                "type": "file",
                "file": {"filename": "file.csv", "file_data": "data:text/csv;base64,AAAA"},
            },
        ),
        (
            {"type": "file", "base64": "AAAA", "mime_type": "a/odd", "extras": {"filename": "x"}},
            {"type": "file", "file": {"filename": "x", "file_data": "data:a/odd;base64,AAAA"}},
        ),
        ({"type": "file", "file_id": "file-1"}, {"type": "file", "file": {"file_id": "file-1"}}),
        (
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "file", "file": {"file_id": "file-1"}},
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "AAAA"},
                "title": "a.pdf",
            },
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
            },
        ),
        (
            {
                "type": "text-plain",
                "text": "a",
                "title": "T",
                "context": "C",
                "mime_type": "text/plain",
            },
            {"type": "text", "text": "T\n\nC\n\na"},
        ),
        (
            {"type": "text-plain", "base64": "YQ==", "mime_type": "text/plain"},
            {"type": "text", "text": "a"},
        ),
        (
            {"type": "non_standard", "value": {"type": "text", "text": "a"}},
            {"type": "text", "text": "a"},
        ),
    ],
)
def test_content_of_every_kind(block: Any, expected: Any) -> None:
    assert part(block) == expected


def test_a_text_document_in_another_maker_s_shape() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "words"}
    assert part({"type": "document", "source": source})["text"].endswith("words")


@pytest.mark.parametrize(
    "block, words",
    [
        ({"type": "image", "file_id": "file-1"}, "no image by file id"),
        ({"type": "image"}, "needs url or base64"),
        ({"type": "audio", "url": "https://a.b"}, "base64"),
        ({"type": "file", "url": "https://a.b"}, "not by url"),
        ({"type": "text-plain", "url": "https://a.b", "mime_type": "text/plain"}, "text or base64"),
        ({"type": "video", "url": "https://a.b"}, "no video"),
        ({"type": "video_url", "video_url": {"url": "https://a.b"}}, "'video_url' cannot be sent"),
        ({"type": "document", "odd": 1}, "'document' cannot be sent"),
        ({"type": "odd"}, "'odd' cannot be sent"),
        ({"text": "a"}, "has no type"),
        ({"type": "non_standard", "value": 7}, "`value`"),
    ],
)
def test_content_that_cannot_be_said(block: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as raised:
        written(HumanMessage("first"), HumanMessage(["a", block]))
    assert "messages[1].content[1]" in str(raised.value)


def test_content_must_be_made_of_blocks() -> None:
    message = HumanMessage("x")
    message.content = [7]  # type: ignore[list-item]
    with pytest.raises(ConfigurationError, match=r"messages\[0\].content\[0\]"):
        written(message)


def test_parts_that_pass() -> None:
    video = {"type": "video_url", "video_url": {"url": "https://a.b"}}
    some = Dialect(passes=frozenset({"video_url", "file_url"}))
    for dialect in (some, OPEN):
        assert part(video, dialect) == video
        assert part({"type": "video", "url": "https://a.b"}, dialect) == video
        assert part({"type": "file", "url": "https://a.b/c.pdf", "filename": "c"}, dialect) == {
            "type": "file",
            "file": {"filename": "c", "file_data": "https://a.b/c.pdf"},
        }
    assert part({"type": "odd", "x": 1, "extras": {}}, OPEN) == {"type": "odd", "x": 1}


def test_fields_of_parts_that_are_refused_are_left_out_by_name() -> None:
    text = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    encoded = sent([HumanMessage([text])], dialect=STRICT)
    assert encoded.body["messages"][0]["content"] == [{"type": "text", "text": "a"}]
    (warning,) = encoded.warnings
    assert "messages[0].content[0]" in warning
    assert "cache_control" in warning


# -- settings --------------------------------------------------------------------------------


def body(dialect: Dialect = PLAIN, streaming: bool = False, **settings: Any) -> dict[str, Any]:
    found = encode("some-1", [HumanMessage("h")], settings, streaming, dialect).body
    return {name: value for name, value in found.items() if name not in ("model", "messages")}


def test_settings_are_written_as_they_are() -> None:
    settings = {
        "temperature": 0.5, "top_p": 1, "seed": 7, "stop": ["a"], "n": 2, "logprobs": True,
        "top_logprobs": 3, "presence_penalty": 1, "frequency_penalty": -1, "user": "u",
        "service_tier": "flex", "reasoning_effort": "low", "verbosity": "low", "store": True,
        "modalities": ["text", "audio"], "audio": {"voice": "x"}, "prediction": {"type": "content"},
        "prompt_cache_key": "k", "prompt_cache_retention": "24h", "prompt_cache_options": {},
        "safety_identifier": "s", "metadata": {"a": "b"}, "response_format": {"type": "text"},
        "tools": [{"type": "function"}], "parallel_tool_calls": False, "functions": [{}],
        "function_call": "auto", "web_search_options": {}, "moderation": "auto", "vendor_s_own": 1,
    }  # fmt: skip
    assert body(**settings) == {"stream": False, **settings}


def test_settings_that_are_none_are_not_given() -> None:
    assert body(temperature=None, max_tokens=None, stop=None) == {"stream": False}


def test_settings_of_the_exchange_are_no_part_of_the_body() -> None:
    settings = {"timeout": 5, "extra_headers": {}, "extra_query": {}, "model": "other"}
    assert body(**settings) == {"stream": False}


@pytest.mark.parametrize(
    "field, settings, expected",
    [
        ("max_completion_tokens", {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("max_tokens", {"max_tokens": 5}, {"max_tokens": 5}),
        ("max_tokens", {"max_completion_tokens": 5}, {"max_completion_tokens": 5}),
        ("max_tokens", {"max_completion_tokens": 5, "max_tokens": 9}, {"max_completion_tokens": 5}),
        ("max_tokens", {"model_kwargs": {"max_tokens": 5}}, {"max_tokens": 5}),
    ],
)
def test_the_limit_under_the_vendor_s_name(field: str, settings: Any, expected: Any) -> None:
    found = body(Dialect(max_tokens_field=field), **settings)
    assert found == {"stream": False, **expected}


def test_names_that_differ() -> None:
    assert body(Dialect(renames={"seed": "random_seed"}), seed=7)["random_seed"] == 7


def test_biases_have_text_keys() -> None:
    assert body(logit_bias={50256: -100})["logit_bias"] == {"50256": -100}


@pytest.mark.parametrize(
    "choice, expected",
    [
        ("auto", "auto"),
        ("none", "none"),
        ("any", "required"),
        (True, "required"),
        (False, "none"),
        ("f", {"type": "function", "function": {"name": "f"}}),
        ({"type": "allowed_tools"}, {"type": "allowed_tools"}),
    ],
)
def test_tool_choice(choice: Any, expected: Any) -> None:
    assert body(tool_choice=choice)["tool_choice"] == expected


def test_the_vendor_s_word_for_any_tool() -> None:
    assert body(Dialect(any_choice="any"), tool_choice="any")["tool_choice"] == "any"


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({}, {"include_usage": True}),
        ({"stream_usage": True}, {"include_usage": True}),
        ({"stream_usage": False}, None),
        ({"stream_options": {"include_usage": False}}, {"include_usage": False}),
        ({"stream_options": {"x": 1}, "stream_usage": False}, {"x": 1}),
        ({"model_kwargs": {"stream_options": {"x": 1}}}, {"x": 1}),
    ],
)
def test_usage_in_streams(settings: Any, expected: Any) -> None:
    assert body(streaming=True, **settings).get("stream_options") == expected
    assert "stream_options" not in body(**settings)


def test_usage_is_not_asked_for_where_it_is_refused() -> None:
    quiet = Dialect(stream_usage=False)
    assert body(quiet, streaming=True) == {"stream": True}
    assert body(quiet, streaming=True, stream_usage=True)["stream_options"]


def test_what_a_vendor_does_not_take_is_left_out_by_name() -> None:
    dialect = Dialect(drops=frozenset({"logit_bias", "seed", "top_logprobs"}))
    encoded = sent(dialect=dialect, seed=1, logit_bias={"1": 2}, top_logprobs=None, top_p=1)
    assert encoded.body.keys() == {"model", "messages", "stream", "top_p"}
    assert [warning.partition(" ")[0] for warning in encoded.warnings] == ["logit_bias", "seed"]


@pytest.mark.parametrize(
    "settings, kept",
    [
        ({"temperature": 0.5}, False),
        ({"temperature": 1}, True),
        ({"temperature": 0.5, "reasoning_effort": "none"}, True),
    ],
)
def test_models_that_choose_their_own_temperature(settings: Any, kept: bool) -> None:
    dialect = Dialect(facts=lambda _model: Facts(temperature=False))
    encoded = sent(dialect=dialect, **settings)
    assert ("temperature" in encoded.body) == kept
    assert bool(encoded.warnings) != kept
    usual = sent(dialect=Dialect(facts=lambda _model: Facts()), **settings)
    assert usual.body["temperature"] == settings["temperature"]


def test_model_kwargs_and_extra_body() -> None:
    settings = {
        "seed": 1,
        "model_kwargs": {"a": 1, "seed": 2},
        "extra_body": {"b": 2, "stream": None},
    }
    assert body(**settings) == {"stream": None, "a": 1, "seed": 1, "b": 2}


def test_parameters_that_are_disabled() -> None:
    settings = {"disabled_params": {"seed": None, "n": [2, 3], "user": None}, "seed": 1, "n": 2}
    assert body(**settings) == {"stream": False}
    assert body(**settings | {"n": 4}) == {"stream": False, "n": 4}


def test_the_body_is_json() -> None:
    encoded = sent([HumanMessage("h"), AIMessage(tool_calls=[CALL])], stop="x")
    assert json.loads(json.dumps(encoded.body)) == encoded.body
