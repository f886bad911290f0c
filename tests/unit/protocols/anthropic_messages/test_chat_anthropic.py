"""ChatAnthropic: what its parameters become, and what goes over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure import init_chat_model
from conure.anthropic import ChatAnthropic
from conure.errors import MissingKeyError, ModelAPIError, StreamTruncated
from conure.tools import tool
from conure.wire.http import Head, Request

# Functions of ours entered for one streamed event among many.
MOST_PER_EVENT = 6


class Answers:
    """A transport that answers from memory and remembers what was asked."""

    def __init__(self, *pieces: bytes, kind: str = "application/json") -> None:
        self.pieces = pieces
        self.kind = kind
        self.left: list[bytes] = []
        self.asked: list[Request] = []

    def exchange(self) -> Answers:
        return self

    def send(self, request: Request, timeouts: Any) -> Head:
        self.asked.append(request)
        self.left = list(self.pieces)
        return Head(200, {"content-type": self.kind})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.asked[-1].body)
        return body

    def header(self, name: str) -> str | None:
        return dict(self.asked[-1].headers.items()).get(name)


def reply(*content: dict[str, Any]) -> bytes:
    wire = {"id": "msg_1", "type": "message", "model": "m", "content": content}
    return json.dumps({**wire, "stop_reason": "end_turn", "usage": {"input_tokens": 1}}).encode()


HELLO = reply({"type": "text", "text": "hello"})


def model(transport: Answers, **parameters: Any) -> ChatAnthropic:
    return ChatAnthropic(
        **{"model": "claude-x", "api_key": "k", "transport": transport, **parameters}
    )


def test_the_name_of_a_model_tells_its_maker() -> None:
    answers = Answers(HELLO)
    made = init_chat_model("claude-sonnet-4-5", api_key="k", transport=answers)
    assert isinstance(made, ChatAnthropic)
    assert made.invoke("hi").content == "hello"
    assert answers.asked[-1].url == "https://api.anthropic.com/v1/messages"
    assert answers.header("x-api-key") == "k"
    assert answers.header("anthropic-version") == "2023-06-01"
    assert answers.header("anthropic-beta") is None


def test_names_that_other_code_uses() -> None:
    answers = Answers(HELLO)
    made = ChatAnthropic(
        model_name="claude-x",
        anthropic_api_key="k",
        anthropic_api_url="http://localhost:1/v1",
        max_tokens_to_sample=7,
        default_request_timeout=3.0,
        stop_sequences=["x"],
        transport=answers,
    )
    made.invoke("hi")
    assert answers.asked[-1].url == "http://localhost:1/v1/messages"
    assert (answers.body()["max_tokens"], answers.body()["stop_sequences"]) == (7, ["x"])
    with pytest.raises(MissingKeyError, match="ANTHROPIC_API_KEY"):
        ChatAnthropic(model="claude-x")


def test_headers_of_the_caller_win_and_previews_add_up() -> None:
    answers = Answers(HELLO)
    own = {"Anthropic-Version": "2099-01-01", "anthropic-beta": "a, b"}
    model(answers, default_headers=own, betas=["b", "c"]).invoke("hi")
    assert answers.header("anthropic-version") == "2099-01-01"
    assert answers.header("anthropic-beta") == "a,b,c"
    assert "2099" not in repr(answers.asked[-1].headers)


def test_tools_keep_what_only_this_provider_knows() -> None:
    @tool(extras={"cache_control": {"type": "ephemeral"}})
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    answers = Answers(reply({"type": "tool_use", "id": "1", "name": "add", "input": {"a": 1}}))
    native = {"name": "f", "input_schema": {"type": "object"}, "defer_loading": True}
    bound = model(answers).bind_tools([add, native, {"type": "web_search"}], tool_choice="add")
    assert bound.invoke("hi").tool_calls[0]["args"] == {"a": 1}
    first, second, third = answers.body()["tools"]
    assert first["cache_control"] == {"type": "ephemeral"}
    assert second == native
    assert third["name"] == "web_search"
    assert answers.body()["tool_choice"] == {"type": "tool", "name": "add"}
    chat = Answers(b'{"choices": [{"message": {"content": "a"}}]}')
    other = init_chat_model("openai:gpt-4.1", api_key="k", transport=chat)
    other.bind_tools([add, native]).invoke("hi")
    assert [set(told) for told in chat.body()["tools"]] == [{"type", "function"}] * 2


@pytest.mark.parametrize("method", [None, "function_calling", "json_schema", "json_mode"])
def test_values_by_each_method(method: Any) -> None:
    schema = {"title": "Sum", "type": "object", "properties": {"sum": {"type": "integer"}}}
    called = {"type": "tool_use", "id": "1", "name": "Sum", "input": {"sum": 3}}
    by_call = method in (None, "function_calling")
    answers = Answers(reply(called if by_call else {"type": "text", "text": '{"sum": 3}'}))
    assert model(answers).with_structured_output(schema, method=method).invoke("hi") == {"sum": 3}
    asked = answers.body()
    if by_call:
        assert asked["tool_choice"]["name"] == asked["tools"][0]["name"] == "Sum"
    else:
        assert asked["output_config"]["format"]["type"] == "json_schema"


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events
    )


START = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": []}}


def test_a_stream_that_fails_or_breaks_off() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    failing = Answers(sse(START, error), kind="text/event-stream")
    with pytest.raises(ModelAPIError, match="Overloaded") as caught:
        list(model(failing, max_retries=0).stream("hi"))
    assert (caught.value.status_code, caught.value.retryable) == (529, True)
    cut = Answers(sse(START), kind="text/event-stream")
    with pytest.raises(StreamTruncated):
        list(model(cut, max_retries=0).stream("hi"))


def test_few_of_our_functions_run_for_each_event() -> None:
    import sys
    from pathlib import Path

    import conure

    package = str(Path(conure.__file__).parent)
    count = 0

    def note(frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        if event == "call" and frame.f_code.co_filename.startswith(package):
            count += 1

    def entered(kind: str, start: dict[str, Any], delta: dict[str, Any], events: int) -> int:
        nonlocal count
        deltas = [{"type": "content_block_delta", "index": 0, "delta": delta}] * events
        opened = {"type": "content_block_start", "index": 0, "content_block": start}
        answers = Answers(sse(START, opened, *deltas, {"type": "message_stop"}))
        answers.kind = "text/event-stream"
        asked = model(answers)
        count = 0
        sys.setprofile(note)
        try:
            found = [getattr(chunk, kind) for chunk in asked.stream("hi")]
        finally:
            sys.setprofile(None)
        assert len(found) >= events
        return count

    text = ("content", {"type": "text", "text": ""}, {"type": "text_delta", "text": "word"})
    use = {"type": "tool_use", "id": "1", "name": "f", "input": {}}
    args = ("tool_call_chunks", use, {"type": "input_json_delta", "partial_json": "12"})
    for case in (text, args):
        assert (entered(*case, 400) - entered(*case, 200)) / 200 <= MOST_PER_EVENT
