"""conure and llama.cpp in two more of its languages: Anthropic Messages and OpenAI Responses.

Each is asked for real, sync and async, whole and streamed, and compared with what the server
says to a client that is not ours.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from conure.anthropic import ChatAnthropic
from conure.errors import ContextOverflowError, ModelInvalidRequestError
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.openai import ChatOpenAI
from tests.llama.asking import Async, Sync, added_up

QUESTION = "Why do parrots talk?"
# Always one text; the server does not hand a seed on from Messages.
FIXED: dict[str, Any] = {"temperature": 0}
ASKED_AGAIN = 80
TURN = {"role": "user", "content": QUESTION}


@pytest.fixture(params=[Sync, Async])
def ask(request: pytest.FixtureRequest) -> Any:
    return request.param()


def messages_at(server: Any, **parameters: Any) -> Any:
    given = {"model": "tiny", "api_key": "k", "base_url": server.url, "max_retries": 0}
    return ChatAnthropic(**(given | {"max_tokens": 40} | parameters))


def responses_at(server: Any, **parameters: Any) -> Any:
    given = {"model": "tiny", "api_key": "k", "base_url": f"{server.url}/v1", "max_retries": 0}
    return ChatOpenAI(use_responses_api=True, **(given | {"max_tokens": 40} | parameters))


@pytest.fixture(params=[messages_at, responses_at], ids=["messages", "responses"])
def model(request: pytest.FixtureRequest, llama: Any) -> Any:
    return request.param(llama)


def kinds(message: AIMessage) -> list[str]:
    return [block["type"] for block in message.content_blocks]


def test_messages_say_what_the_server_says(ask, llama):
    body = {"model": "tiny", "messages": [TURN], "max_tokens": 40} | FIXED
    status, wire = llama.ask("POST", "/v1/messages", body)
    assert status == 200
    reply = ask.invoke(messages_at(llama), QUESTION, **FIXED)
    assert reply.text == "".join(b["text"] for b in wire["content"] if b["type"] == "text") != ""
    assert reply.response_metadata["stop_reason"] == wire["stop_reason"]
    assert reply.response_metadata["model_name"] == wire["model"] == "tiny"
    assert reply.usage_metadata["output_tokens"] == wire["usage"]["output_tokens"]


def test_responses_say_what_the_server_says(ask, llama):
    body = {"model": "tiny", "input": QUESTION, "max_output_tokens": 40} | FIXED
    status, wire = llama.ask("POST", "/v1/responses", body)
    assert status == 200
    reply = ask.invoke(responses_at(llama), QUESTION, **FIXED)
    parts = [p for item in wire["output"] if item["type"] == "message" for p in item["content"]]
    assert reply.text == "".join(part["text"] for part in parts) != ""
    assert reply.response_metadata["status"] == wire["status"]
    assert reply.usage_metadata["output_tokens"] == wire["usage"]["output_tokens"]


def test_a_stream_adds_up_to_what_invoke_returns(ask, model):
    chunks = ask.stream(model, QUESTION, **FIXED)
    whole, streamed = ask.invoke(model, QUESTION, **FIXED), added_up(chunks)
    assert len(chunks) > 10
    assert streamed.text == whole.text == "".join(chunk.text for chunk in chunks)
    assert kinds(streamed) == kinds(whole) == ["text"]
    assert streamed.usage_metadata["output_tokens"] == whole.usage_metadata["output_tokens"]


def test_a_conversation_goes_on(ask, model):
    first = ask.invoke(model, QUESTION, **FIXED)
    longer = ask.invoke(model, [HumanMessage(QUESTION), first, HumanMessage("And?")], **FIXED)
    assert longer.usage_metadata["input_tokens"] > first.usage_metadata["input_tokens"]
    assert longer.text


def test_a_limit_ends_the_reply(ask, model):
    for reply in (
        ask.invoke(model, QUESTION, max_tokens=5, **FIXED),
        added_up(ask.stream(model, QUESTION, max_tokens=5, **FIXED)),
    ):
        assert reply.usage_metadata["output_tokens"] == 5


def test_calls_side_by_side_do_not_mix(ask, model):
    replies = ask.at_once(model.bind(max_tokens=10), ["x" * n for n in range(1, 9)])
    lengths = [reply.usage_metadata["input_tokens"] for reply in replies]
    assert lengths == [lengths[0] + n for n in range(8)]


def test_an_error_says_what_the_server_said(ask, model):
    with pytest.raises((ContextOverflowError, ModelInvalidRequestError)) as raised:
        ask.invoke(model, "x" * 5000)
    assert "context" in str(raised.value)


class Weather(BaseModel):
    """Ask for the weather of some days."""

    days: int = Field(ge=0, le=9)


def until_called(ask: Any, model: Any, way: str) -> AIMessage:
    """Ask until the model calls a tool.

    Here the server forces no tool and holds no answer to a schema, but once the model, which
    writes noise, begins a call, the call is held to the tool's schema.
    """
    for number in range(ASKED_AGAIN):
        question = f"{QUESTION} {number}"
        if way == "whole":
            reply = ask.invoke(model, question)
        else:
            reply = added_up(ask.stream(model, question))
        if reply.tool_calls:
            return reply
    raise AssertionError(f"no call in {ASKED_AGAIN} replies")


@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_a_tool_is_called_and_its_answer_goes_back(ask, model, way):
    bound = model.bind_tools([Weather]).bind(max_tokens=60)
    reply = until_called(ask, bound, way)
    assert {call["name"] for call in reply.tool_calls} == {"Weather"}
    assert all(Weather(**call["args"]) for call in reply.tool_calls)
    assert "tool_call" in kinds(reply)
    calls = [*reply.tool_calls, *reply.invalid_tool_calls]
    results = [ToolMessage("rain", tool_call_id=call["id"]) for call in calls]
    after = ask.invoke(bound, [HumanMessage(QUESTION), reply, *results], max_tokens=5)
    assert after.usage_metadata["input_tokens"] > reply.usage_metadata["input_tokens"]


def test_tokens_are_counted_by_the_server(llama):
    for made, path, body in (
        (messages_at, "/v1/messages/count_tokens", {"messages": [TURN]}),
        (responses_at, "/v1/responses/input_tokens", {"input": QUESTION}),
    ):
        status, wire = llama.ask("POST", path, {"model": "tiny", **body})
        assert status == 200
        assert made(llama).count_tokens(QUESTION) == wire["input_tokens"]
