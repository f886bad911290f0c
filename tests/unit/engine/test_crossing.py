"""What one provider's model said, told to another's: understood, sealed or left behind."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from conure.engine.crossing import crossed
from conure.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    blocks_of,
    provider_of,
)
from conure.messages.reply import Reply
from conure.openai import ChatOpenAI
from conure.protocols import Loss


def said(*blocks: dict[str, Any], provider: str | None = "anthropic") -> AIMessage:
    return AIMessage.of_reply(Reply(list(blocks), provider=provider))


def told(*blocks: dict[str, Any], to: str = "openai") -> tuple[list[Any], list[tuple[str, str]]]:
    """Give the blocks that another provider is told, and what is missing of which message."""
    made, lost = crossed([HumanMessage("hi"), said(*blocks)], to)
    return blocks_of(made[1]), [(loss.where, loss.what) for loss in lost]


TEXT = {"type": "text", "text": "a"}
CALL = {"type": "tool_call", "name": "f", "args": {"x": 1}, "id": "toolu_1"}
THOUGHT = {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "s"}}


def test_what_anybody_understands_goes_on() -> None:
    image = {"type": "image", "base64": "AA", "mime_type": "image/png"}
    refusal = {"type": "refusal", "refusal": "no"}
    broken = {"type": "invalid_tool_call", "name": "f", "args": "{", "id": "2", "error": None}
    blocks = [TEXT, CALL, image, refusal, broken]
    assert told(*blocks) == (blocks, [])


def test_seals_stay_behind() -> None:
    hidden = {"type": "reasoning", "reasoning": "", "extras": {"redacted_data": "x"}}
    signed = {**CALL, "extras": {"thought_signature": "t"}}
    assert told(THOUGHT, hidden, signed, TEXT) == (
        [{"type": "reasoning", "reasoning": "hm"}, CALL, TEXT],
        [("messages[1]", what) for what in ("signature", "reasoning", "signature")],
    )


def test_a_thought_that_was_not_shown_is_no_loss() -> None:
    assert told({"type": "reasoning", "reasoning": "", "id": "rs_1"}, TEXT) == ([TEXT], [])


def test_what_servers_did_stays_behind() -> None:
    did = [
        {"type": "server_tool_call", "id": "1", "name": "web_search", "args": {}},
        {"type": "server_tool_result", "tool_call_id": "1", "status": "success", "output": []},
        {"type": "non_standard", "value": {"type": "compaction", "content": "…"}},
    ]
    assert told(*did, TEXT) == ([TEXT], [("messages[1]", block["type"]) for block in did])


def test_a_file_known_by_its_id_alone_stays_behind() -> None:
    image = {"type": "image", "file_id": "file-1"}
    assert told(image, TEXT) == ([TEXT], [("messages[1]", "image")])


def test_names_of_things_there_mean_nothing_here() -> None:
    text = {**TEXT, "id": "msg_1", "extras": {"phase": "final"}}
    assert told(text, to="anthropic_vertex") == ([text], [])
    assert told(text, to="cohere") == ([TEXT], [])


def test_citations_by_address_go_on() -> None:
    cited = {"type": "citation", "url": "https://a.b", "title": "t", "extras": {"index": 3}}
    placed = {"type": "citation", "cited_text": "c", "extras": {"start_char_index": 1}}
    blocks, lost = told({**TEXT, "annotations": [cited, placed]})
    assert blocks == [
        {**TEXT, "annotations": [{"type": "citation", "url": "https://a.b", "title": "t"}]}
    ]
    assert lost == [("messages[1]", "citation")]


def test_what_a_custom_tool_was_called_with_stays_a_text() -> None:
    call = {**CALL, "args": {"__arg1": "x"}, "extras": {"type": "custom_tool_call", "item_id": "1"}}
    blocks, lost = told(call, to="anthropic")
    assert blocks == [call]
    blocks, lost = told(call)
    assert blocks[0]["extras"] == {"type": "custom_tool_call"}
    assert lost == []


@pytest.mark.parametrize(
    "came, goes",
    [
        ("anthropic", "anthropic"),
        ("anthropic", "anthropic_bedrock"),
        ("openai", "azure_openai"),
        ("google_genai", "google_vertexai"),
        (None, "openai"),
    ],
)
def test_at_home_and_from_nobody_it_goes_as_it_is(came: str | None, goes: str) -> None:
    history: list[BaseMessage] = [said(THOUGHT, TEXT, provider=came)]
    made, lost = crossed(history, goes)
    assert made is history
    assert not lost


def test_the_history_itself_is_left_alone() -> None:
    history = [said(THOUGHT, TEXT)]
    crossed(history, "openai")
    assert blocks_of(history[0]) == [THOUGHT, TEXT]
    assert provider_of(history[0]) == "anthropic"


def test_a_message_that_was_stored_still_knows_where_it_came_from() -> None:
    stored = pickle.loads(pickle.dumps(said(THOUGHT, TEXT)))
    assert provider_of(stored) == "anthropic"
    _, lost = crossed([stored], "openai")
    assert [loss.what for loss in lost] == ["signature"]


def test_a_preview_shows_what_is_missing() -> None:
    search = {"type": "server_tool_call", "id": "1", "name": "web_search", "args": {}}
    history = [HumanMessage("hi"), said(search, THOUGHT, TEXT), HumanMessage("and now?")]
    shown = ChatOpenAI(model="m", api_key="k").preview(history)
    assert shown.body["messages"][1] == {"role": "assistant", "content": "a"}
    assert {(loss.where, loss.what) for loss in shown.losses} == {
        ("messages[1]", what) for what in ("server_tool_call", "signature", "reasoning")
    }
    assert shown.warnings == ()


def test_a_loss_is_words_and_remembers_what_it_is_of() -> None:
    loss = pickle.loads(pickle.dumps(Loss("messages[3]", "image", "it is too large")))
    assert loss == "messages[3]: image was left out of the request: it is too large"
    assert (loss.where, loss.what, loss.is_expected) == ("messages[3]", "image", False)
    assert Loss("messages[3]", "reasoning").is_expected


def test_calls_get_ids_that_the_provider_takes() -> None:
    call: Any = {"type": "tool_call", "id": "call_abc", "name": "f", "args": {}}
    history = [
        HumanMessage("a"),
        AIMessage(content_blocks=[call], response_metadata={"model_provider": "openai"}),
        ToolMessage("1", tool_call_id="call_abc"),
        AIMessage(content_blocks=[call], response_metadata={"model_provider": "mistralai"}),
        ToolMessage("2", tool_call_id="other"),
    ]
    made, _ = crossed(history, "mistralai", lambda id: id.removeprefix("call_"))
    foreign, own = made[1], made[3]
    assert isinstance(foreign, AIMessage)
    assert isinstance(own, AIMessage)
    assert [each["id"] for each in foreign.tool_calls] == ["abc"]
    assert [each["id"] for each in own.tool_calls] == ["call_abc"]
    assert [m.tool_call_id for m in made if isinstance(m, ToolMessage)] == ["abc", "other"]
    assert [m.tool_call_id for m in history if isinstance(m, ToolMessage)] == ["call_abc", "other"]


def test_a_preview_shows_no_keys() -> None:
    model = ChatOpenAI(
        model="m",
        api_key="sk-topsecret1",
        base_url="https://user:topsecret2@example.com/v1?api_key=topsecret3&version=1",
        default_headers={"x-api-key": "topsecret4"},
    )
    shown = model.preview("hi")
    assert "topsecret" not in repr(shown)
    assert shown.url.startswith("https://scrubbed@example.com/v1/chat/completions?")
    assert "version=1" in shown.url
