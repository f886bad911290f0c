"""Claude at other hosts than its maker's: what they take from where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure import init_chat_model
from conure.anthropic import ChatAnthropicVertex
from conure.errors import ConfigurationError
from conure.messages import HumanMessage
from conure.protocols.anthropic_messages import PROTOCOL, Dialect
from conure.providers import find
from tests.unit.protocols.anthropic_messages.test_chat_anthropic import HELLO, Answers

AT = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
MODEL = f"{AT}/publishers/anthropic/models/claude-x@20250101"


def vertex(transport: Answers, **parameters: Any) -> ChatAnthropicVertex:
    given = {"model": "claude-x@20250101", "project": "p", "location": "us-east5"}
    return ChatAnthropicVertex(
        **{**given, "access_token": "t", "transport": transport, **parameters}
    )


def test_google_takes_the_model_from_the_path() -> None:
    answers = Answers(HELLO)
    model = vertex(answers, max_output_tokens=9, additional_headers={"x-a": "b"}, betas=["c"])
    assert model.invoke("hi").content == "hello"
    assert answers.asked[-1].url == f"{MODEL}:rawPredict"
    assert answers.body() == {
        "anthropic_version": "vertex-2023-10-16",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert answers.header("authorization") == "Bearer t"
    assert (answers.header("x-a"), answers.header("anthropic-beta")) == ("b", "c")
    assert answers.header("anthropic-version") is None
    answers.kind, answers.pieces = "text/event-stream", (b'data: {"type": "message_stop"}\n\n',)
    list(model.stream("hi"))
    assert answers.asked[-1].url == f"{MODEL}:streamRawPredict"
    assert answers.body()["stream"] is True


def test_google_counts_at_a_path_of_its_own() -> None:
    answers = Answers(b'{"input_tokens": 14}')
    assert vertex(answers).count_tokens("hi") == 14
    assert answers.asked[-1].url == f"{AT}/publishers/anthropic/models/count-tokens:rawPredict"
    assert answers.body() == {
        "anthropic_version": "vertex-2023-10-16",
        "model": "claude-x@20250101",
        "messages": [{"role": "user", "content": "hi"}],
    }


def test_a_project_is_needed_there() -> None:
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        ChatAnthropicVertex(model="claude-x", access_token="t")


@pytest.mark.parametrize("name", ["CLOUD_ML_REGION", "GOOGLE_CLOUD_LOCATION"])
def test_the_place_may_come_from_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "europe-west1")
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "mine")
    answers = Answers(HELLO)
    made = init_chat_model("anthropic_vertex:claude-x", api_key=lambda: "t", transport=answers)
    made.invoke("hi")
    assert isinstance(made, ChatAnthropicVertex)
    assert "/projects/mine/locations/europe-west1/" in answers.asked[-1].url


@pytest.mark.parametrize("host", ["google_anthropic_vertex", "anthropic_bedrock"])
def test_where_no_call_is_cached_as_such_its_last_block_is(host: str) -> None:
    mark = {"type": "ephemeral"}
    dialect = find(host).dialect
    encoded = PROTOCOL.encode("m", [HumanMessage("a")], {"cache_control": mark}, False, dialect)
    assert "cache_control" not in encoded.body
    assert encoded.body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": mark}]}
    ]


def test_where_tokens_cannot_be_counted_it_says_so() -> None:
    dialect = Dialect(count_path=None)
    assert PROTOCOL.counting is not None
    with pytest.raises(ConfigurationError, match="count_tokens_approximately"):
        PROTOCOL.counting.encode("m", [HumanMessage("a")], {}, False, dialect)


def test_previews_are_named_where_the_host_looks() -> None:
    encoded = PROTOCOL.encode(
        "m", [HumanMessage("a")], {"betas": ["b"]}, True, find("anthropic_bedrock").dialect
    )
    assert encoded.body["anthropic_beta"] == ["b"]
    assert not encoded.headers
    assert json.dumps(encoded.body).count("stream") == 0
