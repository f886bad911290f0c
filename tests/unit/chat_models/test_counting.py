"""Counting by the provider: what is asked, with which settings, and by whom it cannot be asked."""

from __future__ import annotations

import asyncio
import json

import pytest

from conure import init_chat_model
from conure.anthropic import ChatAnthropic
from conure.errors import ConfigurationError, ProtocolError, SettingIgnoredWarning
from conure.openai import ChatOpenAI
from conure.wire.http import Head

COUNT = {"object": "response.input_tokens", "input_tokens": 11}


class Counter:
    """A transport that answers from a script of (status, body); the last goes on for ever."""

    def __init__(self, *replies):
        self.replies = list(replies) or [(200, COUNT)]
        self.requests = []
        self.left = []

    def exchange(self):
        return self

    def send(self, request, timeouts):
        self.requests.append(request)
        status, body = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.left = [json.dumps(body).encode()]
        return Head(status, {"content-type": "application/json", "retry-after-ms": "1"})

    def read(self, timeout):
        return self.left.pop(0) if self.left else b""

    def close(self):
        pass

    @property
    def bodies(self):
        return [json.loads(request.body) for request in self.requests]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def openai(counter, **parameters):
    return ChatOpenAI(model="gpt-5.5", api_key="k", transport=counter, **parameters)


def test_what_is_bound_counts_and_what_shapes_the_answer_does_not():
    counter = Counter()
    model = openai(counter, temperature=1, max_tokens=5, n=2, seed=1, reasoning_effort="low")
    assert model.bind_tools([add], tool_choice="any").count_tokens("hi") == 11
    assert counter.requests[0].url == "https://api.openai.com/v1/responses/input_tokens"
    assert counter.requests[0].headers["authorization"] == "Bearer k"
    [body] = counter.bodies
    assert body.pop("tools")[0]["name"] == "add"
    assert body == {
        "model": "gpt-5.5",
        "input": [{"type": "message", "role": "user", "content": "hi"}],
        "reasoning": {"effort": "low"},
        "tool_choice": "required",
    }


def test_tools_and_settings_of_the_call_that_is_meant():
    counter = Counter()
    openai(counter).count_tokens("hi", tools=[add], tool_choice="add", model="gpt-5.5-pro")
    [body] = counter.bodies
    assert [tool["name"] for tool in body["tools"]] == ["add"]
    assert body["tool_choice"] == {"type": "function", "name": "add"}
    assert body["model"] == "gpt-5.5-pro"


def test_a_failed_count_is_asked_for_again():
    counter = Counter((429, {"error": {"message": "slow down"}}), (200, COUNT))
    assert openai(counter).count_tokens("hi") == 11
    assert len(counter.requests) == 2


def test_anthropic_counts_at_its_own_endpoint_with_its_own_fields():
    counter = Counter((200, {"input_tokens": 14}))
    model = ChatAnthropic(
        model="claude-sonnet-4-5", api_key="k", transport=counter, top_k=5, betas=["files-1"]
    )
    assert model.count_tokens([("system", "Be terse."), ("user", "hi")]) == 14
    [request] = counter.requests
    assert request.url == "https://api.anthropic.com/v1/messages/count_tokens"
    assert request.headers["anthropic-beta"] == "files-1"
    assert counter.bodies == [
        {
            "model": "claude-sonnet-4-5",
            "system": "Be terse.",
            "messages": [{"role": "user", "content": "hi"}],
        }
    ]


def test_what_cannot_be_counted_is_told():
    counter = Counter()
    with pytest.warns(SettingIgnoredWarning, match="prompt was left out of the count"):
        openai(counter).count_tokens("hi", prompt={"id": "p"})


def test_a_model_that_config_chooses_is_asked():
    counter = Counter()
    model = init_chat_model(
        "openai:gpt-5.5", configurable_fields=("model",), api_key="k", transport=counter
    )
    config = {"configurable": {"model": "openai:gpt-5-nano"}}
    assert model.count_tokens("hi", config) == 11
    assert counter.bodies[0]["model"] == "gpt-5-nano"


@pytest.mark.parametrize(
    "model",
    [
        init_chat_model("groq:llama-3", api_key="k"),
        init_chat_model("ollama:llama3"),
        init_chat_model("test:echo"),
    ],
)
def test_who_has_no_such_endpoint_says_so(model):
    with pytest.raises(ConfigurationError, match="get_num_tokens_from_messages estimates"):
        model.count_tokens("hi")
    with pytest.raises(ConfigurationError, match="get_num_tokens_from_messages estimates"):
        asyncio.run(model.acount_tokens("hi"))


@pytest.mark.parametrize("body", [{}, {"input_tokens": "11"}, {"input_tokens": True}, []])
def test_a_reply_without_a_count_is_no_count(body):
    with pytest.raises(ProtocolError, match="no count of tokens") as raised:
        openai(Counter((200, body))).count_tokens("hi")
    assert (raised.value.provider, raised.value.model) == ("openai", "gpt-5.5")
