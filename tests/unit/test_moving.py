"""docs/moving-from-langchain.md says what is so: a check for each row of its tables."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NotRequired

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from conure.agents import create_agent
from conure.agents.middleware import after_model, before_model, wrap_model_call
from conure.agents.structured_output import (
    ProviderStrategy,
    StructuredOutputError,
    ToolStrategy,
)
from conure.chat_models import ChatModel, init_chat_model
from conure.checkpoint import InMemorySaver
from conure.errors import (
    ConfigurationError,
    InvalidOutput,
    ModelAuthenticationError,
    ModelError,
    StreamTruncated,
    Truncated,
)
from conure.messages import AIMessage, AIMessageChunk, message_chunk_to_message, sum_chunks
from conure.openai import ChatOpenAI
from conure.rate_limiters import InMemoryRateLimiter
from conure.testing import ScriptedChatModel
from conure.tools import InvalidToolArguments, ToolException, convert_to_openai_tool, tool
from conure.types import interrupt
from tests.unit.chat_models.answering import Vendor, called, model_of, said

PAGE = Path(__file__).parents[2] / "docs" / "moving-from-langchain.md"
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| here", "| instead"))
]
IMPORTS = [row for row in ROWS if len(row) == 2]
DIFFERENCES = [row[0] for row in ROWS if len(row) == 3]
CHECKS: dict[str, Callable[[], None]] = {}
JSON = '{"title": "Up", "year": 2009}'


def holds(start: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Check the row that starts so."""

    def keep(check: Callable[[], None]) -> Callable[[], None]:
        CHECKS[start] = check
        return check

    return keep


@pytest.mark.parametrize("row", DIFFERENCES)
def test_difference(row):
    checks = [check for start, check in CHECKS.items() if row.startswith(start)]
    assert len(checks) == 1, f"{len(checks)} checks for: {row}"
    checks[0]()


def test_no_check_is_left_over():
    assert [s for s in CHECKS if not any(row.startswith(s) for row in DIFFERENCES)] == []


@pytest.mark.parametrize("row", IMPORTS, ids=lambda row: row[0])
def test_import_lines(row):
    _, module, _, name = row[1].strip("`").split(" ")
    room = import_module(module)
    if name != "…":
        assert hasattr(room, name)
    else:
        assert room.__all__


class Movie(BaseModel):
    title: str
    year: int


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


# Models and settings.


@holds("an unknown parameter")
def _() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean temperature"):
        ChatOpenAI(model="m", api_key="k", temprature=0)


@holds("an empty list")
def _() -> None:
    model, vendor = model_of(said("ok"))
    with pytest.raises(ConfigurationError):
        model.invoke([])
    assert vendor.bodies == []


@holds("a single message")
def _() -> None:
    model, vendor = model_of(said("ok"))
    for question in (("user", "hi"), {"role": "user", "content": "hi"}, AIMessage("hi")):
        model.invoke(question)
    assert [len(body["messages"]) for body in vendor.bodies] == [1, 1, 1]
    assert vendor.bodies[0] == vendor.bodies[1]


@holds("`o4-mini`")
def _() -> None:
    assert isinstance(init_chat_model("o4-mini", api_key="k"), ChatOpenAI)


@holds("settings bound before")
def _() -> None:
    model, vendor = model_of(said(JSON))
    model.bind(seed=1).bind_tools([add]).invoke("hi")
    model.bind(seed=1).with_structured_output(Movie).invoke("hi")
    assert [body["seed"] for body in vendor.bodies] == [1, 1]


@holds("`ChatOpenAI` at another address")
def _() -> None:
    vendor = Vendor(said("ok"))
    model = ChatOpenAI(model="m", base_url="http://127.0.0.1:1/v1", max_tokens=5, transport=vendor)
    model.invoke("hi")
    assert vendor.bodies[0]["max_tokens"] == 5


@holds("a configurable model")
def _() -> None:
    model = init_chat_model()
    assert isinstance(model, ChatModel)
    with pytest.raises(ConfigurationError, match="configurable"):
        model.invoke("hi")


@holds("a rate limiter")
def _() -> None:
    assert InMemoryRateLimiter(requests_per_second=0.001).acquire(blocking=False)


# Replies.


@holds("`usage_metadata.input_token_details")
def _() -> None:
    usage = model_of(said("ok"))[0].invoke("hi").usage_metadata
    assert usage.input_token_details.cache_read == 0
    assert usage["total_tokens"] == 50


@holds("`content_blocks` is the same")
def _() -> None:
    message = AIMessage([{"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}])
    assert message.content_blocks == message.content_blocks


@holds("a refusal is a block")
def _() -> None:
    model, _ = model_of(said(None, refusal="No."))
    whole = sum_chunks(model.stream("hi"))
    for message in (model.invoke("hi"), message_chunk_to_message(whole)):
        assert [block["type"] for block in message.content_blocks] == ["refusal"]


@holds("reasoning of every vendor")
def _() -> None:
    model, vendor = model_of(said("ok", reasoning_content="hm"))
    reply = model.invoke("hi")
    assert reply.content_blocks[0]["reasoning"] == "hm"
    later = init_chat_model("deepseek:deepseek-chat", api_key="k", transport=vendor)
    first = later.invoke("hi")
    later.invoke([("user", "hi"), first, ("user", "and?")])
    assert vendor.bodies[-1]["messages"][1]["reasoning_content"] == "hm"


@holds("broken tool calls are blocks")
def _() -> None:
    reply = model_of(called(("add", "{")))[0].invoke("hi")
    assert [block["type"] for block in reply.content_blocks] == ["invalid_tool_call"]


@holds("arguments that are no JSON object")
def _() -> None:
    reply = model_of(called(("add", "[1, 2]")))[0].invoke("hi")
    assert (len(reply.tool_calls), len(reply.invalid_tool_calls)) == (0, 1)


# Streams.


@holds("arguments that were cut off")
def _() -> None:
    model, _ = model_of(called(("add", '{"a": 1, "b'), finish="length"))
    whole = sum_chunks(model.stream("hi"))
    assert (len(whole.tool_calls), len(whole.invalid_tool_calls)) == (0, 1)


@holds("`finish_reason` is")
def _() -> None:
    facts = {"finish_reason": "stop"}
    both = AIMessageChunk("a", response_metadata=facts) + AIMessageChunk(
        "b", response_metadata=facts
    )
    assert both.response_metadata["finish_reason"] == "stop"


class Pieces(Vendor):
    """A vendor that sends these lines."""

    def __init__(self, *lines: str) -> None:
        super().__init__(said(""))
        self.lines = lines

    def send(self, request: Any, timeouts: Any) -> Any:
        head = super().send(request, timeouts)
        self.left = [f"data: {line}\n\n".encode() for line in self.lines]
        return head


def _delta(text: str, more: str = "", finish: str = "null") -> str:
    choice = f'{{"index": 0, "delta": {{"content": "{text}"}}, "finish_reason": {finish}}}'
    return f'{{"id": "c", "model": "m", "choices": [{choice}]{more}}}'


@holds("usage that grows")
def _() -> None:
    counts = [
        f', "usage": {{"prompt_tokens": 3, "completion_tokens": {n}, "total_tokens": {3 + n}}}'
        for n in (1, 2)
    ]
    lines = [_delta("a", counts[0]), _delta("b", counts[1], '"stop"'), "[DONE]"]
    model = ChatOpenAI(model="m", api_key="k", transport=Pieces(*lines))
    assert sum_chunks(model.stream("hi")).usage_metadata["total_tokens"] == 5


@holds("a stream cut off")
def _() -> None:
    model = ChatOpenAI(model="m", api_key="k", max_retries=0, transport=Pieces(_delta("half")))
    with pytest.raises(StreamTruncated) as caught:
        list(model.stream("hi"))
    assert caught.value.partial.text == "half"


@holds("adding up is linear")
def _() -> None:
    chunks = [AIMessageChunk("x")] * 20_000
    full = chunks[0]
    for chunk in chunks[1:]:
        full = full + chunk
    assert len(full.text) == 20_000


@holds("every chunk has something")
def _() -> None:
    *chunks, _ = model_of(said("one two three"))[0].stream("hi")
    assert all(chunk.text for chunk in chunks)


# Tools.


@holds("`my_tool(")
def _() -> None:
    assert tool(add)(1, 2) == 3


@holds('a call without `"type"`')
def _() -> None:
    call = {"name": "add", "args": {"a": 1, "b": 2}, "id": "1"}
    assert tool(add).invoke(call).tool_call_id == "1"


@tool
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


@holds("numbers where a text")
def _() -> None:
    assert shout.invoke({"text": 3}) == "3"


@holds("arguments are checked")
def _() -> None:
    schema = {
        "title": "x",
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    }
    made = tool("x", args_schema=schema, description="X.")(lambda text: text)
    with pytest.raises(InvalidToolArguments):
        made.invoke({"text": [1]})


@holds("`handle_tool_error`")
def _() -> None:
    @tool
    def fail() -> str:
        """Fail."""
        raise ValueError("so it goes")

    fail.handle_tool_error = (ValueError, KeyError)
    assert fail.invoke({}) == "so it goes"


class Film(TypedDict):
    budget: Annotated[float | None, ..., "In dollars"]
    seen: NotRequired[bool]


@holds("`T \\| None` in a TypedDict")
def _() -> None:
    parameters = convert_to_openai_tool(Film)["function"]["parameters"]
    assert parameters["required"] == ["budget"]
    assert "null" in str(parameters["properties"]["budget"])


@holds("a class without a docstring")
def _() -> None:
    assert convert_to_openai_tool(Film)["function"]["description"] == ""


@holds("`strict` holds")
def _() -> None:
    empty = {"type": "object", "properties": {}}
    ready = {"type": "function", "function": {"name": "x", "parameters": empty}}
    assert convert_to_openai_tool(ready, strict=True)["function"]["strict"] is True


@holds("an unknown `tool_choice`")
def _() -> None:
    with pytest.raises(ConfigurationError, match="Bound: add"):
        ScriptedChatModel([]).bind_tools([add], tool_choice="other")


@holds("no tools are not sent")
def _() -> None:
    model, vendor = model_of(said("ok"))
    model.bind_tools([]).invoke("hi")
    assert "tools" not in vendor.bodies[0]


@holds("in strict mode what may be left out")
def _() -> None:
    def wait(seconds: int = 5) -> int:
        """Wait."""
        return seconds

    made = tool(wait)
    parameters = convert_to_openai_tool(made, strict=True)["function"]["parameters"]
    assert parameters["required"] == ["seconds"]
    assert "default" not in parameters["properties"]["seconds"]
    assert made.invoke({"seconds": None}) == 5


# Structured output.


def _structured(reply: Any, schema: Any = Movie, **options: Any) -> tuple[Any, Vendor]:
    model, vendor = model_of(reply)
    return model.with_structured_output(schema, **options), vendor


@holds("the answer is a value or an exception")
def _() -> None:
    with pytest.raises(InvalidOutput):
        _structured(said("no"), method="function_calling")[0].invoke("hi")


@holds("one exception, `InvalidOutput`")
def _() -> None:
    with pytest.raises(InvalidOutput) as caught:
        _structured(said('{"title": "Up"}'))[0].invoke("hi")
    assert (caught.value.errors, caught.value.raw.text) == (
        [("$.year", "is missing")],
        '{"title": "Up"}',
    )


@holds("with `include_raw`")
def _() -> None:
    answer = _structured(said('{"title": "Up"}'), include_raw=True)[0].invoke("hi")
    assert isinstance(answer["parsing_error"], InvalidOutput)


@holds("an answer that was cut off")
def _() -> None:
    with pytest.raises(Truncated) as caught:
        _structured(said('{"title": "U', finish="length"), method="json_mode")[0].invoke("hi")
    assert caught.value.raw.text == '{"title": "U'


@holds("JSON is found")
def _() -> None:
    assert _structured(said(f"Here you are: {JSON}"))[0].invoke("hi").year == 2009


@holds("JSON Schemas and TypedDicts are checked")
def _() -> None:
    class Dated(TypedDict):
        year: int

    for schema in (Dated, {"title": "X", "type": "object", "required": ["x"], "properties": {}}):
        with pytest.raises(InvalidOutput):
            _structured(said("{}"), schema)[0].invoke("hi")


@holds("`dict[str, T]`")
def _() -> None:
    class Counts(BaseModel):
        words: dict[str, int]

    structured, vendor = _structured(said('{"words": {"a": 1}}'), Counts)
    assert structured.invoke("hi").words == {"a": 1}
    assert vendor.bodies[0]["response_format"]["json_schema"]["strict"] is False


@holds("`strict=False`")
def _() -> None:
    structured, vendor = _structured(said(JSON), strict=False)
    structured.invoke("hi")
    assert vendor.bodies[0]["response_format"]["json_schema"]["strict"] is False


@holds("dataclasses, enums")
def _() -> None:
    assert _structured(said('{"value": [1, "b"]}'), list[int | str])[0].invoke("hi") == [1, "b"]


@holds("`max_attempts`")
def _() -> None:
    structured, vendor = _structured(said("no"), max_attempts=9, max_total_tokens=100)
    with pytest.raises(InvalidOutput):
        structured.invoke("hi")
    assert len(vendor.bodies) == 2


@holds("`stream_items`")
def _() -> None:
    structured, _ = _structured(said(f'{{"value": [{JSON}, {JSON}]}}'), list[Movie])
    assert list(structured.stream_items("hi")) == [Movie(title="Up", year=2009)] * 2


@holds("a failure of `bind_tools")
def _() -> None:
    model, _ = model_of(said("no"))
    with pytest.raises(InvalidOutput) as caught:
        model.bind_tools([add], response_format=Movie).invoke("hi")
    assert caught.value.raw.text == "no"


# Agents.


def weather(city: str) -> str:
    """Say how the weather is."""
    return f"sunny in {city}"


ASKED = AIMessage("", tool_calls=[{"name": "weather", "args": {"city": "Rome"}, "id": "1"}])
THREAD: Any = {"configurable": {"thread_id": "t"}}


def agent_of(*replies: Any, tools: Any = (weather,), **options: Any) -> Any:
    return create_agent(ScriptedChatModel(replies), tools, **options)


def kinds_of(result: Any) -> list[str]:
    return [message.type for message in result["messages"]]


@holds("a `ToolException` is told")
def _() -> None:
    def weather(city: str) -> str:
        """Fail."""
        raise ToolException("no")

    result = agent_of(ASKED, "ok", tools=[weather]).invoke({"messages": "hi"})
    assert result["messages"][2].status == "error"
    with pytest.raises(ToolException):
        agent_of(ASKED, tools=[weather], handle_tool_errors=False).invoke({"messages": "hi"})


@holds("a reply with calls that cannot be read")
def _() -> None:
    broken = AIMessage("", invalid_tool_calls=[{"name": "weather", "args": "{", "id": "1"}])
    assert kinds_of(agent_of(broken, "ok").invoke({"messages": "hi"}))[2:] == ["tool", "ai"]


@holds("async tools run in `invoke`")
def _() -> None:
    async def weather(city: str) -> str:
        """Say how the weather is."""
        return city

    @wrap_model_call
    def around(request, handler):
        return handler(request)

    agent = agent_of(ASKED, "ok", tools=[weather], middleware=[around])
    assert agent.invoke({"messages": "hi"})["messages"][2].text == "Rome"
    agent = agent_of(ASKED, "ok", tools=[weather], middleware=[around])
    assert asyncio.run(agent.ainvoke({"messages": "hi"}))["messages"][2].text == "Rome"


@holds("hooks take state and runtime by position")
def _() -> None:
    @before_model
    def odd(s, r):
        assert s["messages"]
        assert r.context == 1

    agent_of("ok", middleware=[odd]).invoke({"messages": "hi"}, context=1)


@holds("`jump_to` leads where it says")
def _() -> None:
    for jumps, fails in ((None, False), (["model"], True)):

        @before_model(can_jump_to=jumps)
        def stop(state, runtime):
            return {"jump_to": "end"}

        with pytest.raises(ConfigurationError) if fails else nullcontext():
            assert kinds_of(agent_of(middleware=[stop]).invoke({"messages": "hi"})) == ["human"]


@holds("a key that is not in the state's schema")
def _() -> None:
    with pytest.raises(ConfigurationError, match="'topic'"):
        agent_of("ok").invoke({"messages": "hi", "topic": "x"})


@holds("two tools of one name")
def _() -> None:
    with pytest.raises(ConfigurationError, match="two tools"):
        agent_of(tools=[weather, weather])


@holds("`ProviderStrategy` and `ToolStrategy` ask again")
def _() -> None:
    agent = agent_of("no", JSON, response_format=ProviderStrategy(Movie))
    assert agent.invoke({"messages": "hi"})["structured_response"].year == 2009
    with pytest.raises(StructuredOutputError):
        agent_of("no", response_format=ProviderStrategy(Movie, max_attempts=1)).invoke(
            {"messages": "hi"}
        )


@holds("a text where `ToolStrategy` wants a call")
def _() -> None:
    args = {"title": "Up", "year": 2009}
    answer = AIMessage("", tool_calls=[{"name": "Movie", "args": args, "id": "1"}])
    agent = agent_of("Up", answer, response_format=ToolStrategy(Movie))
    assert agent.invoke({"messages": "hi"})["structured_response"].year == 2009


@holds("a raw schema asks by the provider's means")
def _() -> None:
    model = ScriptedChatModel([JSON])
    create_agent(model, response_format=Movie).invoke({"messages": "hi"})
    assert model.calls[0][1]["response_format"]["type"] == "json_schema"


@holds("the value of the turn before is gone")
def _() -> None:
    agent = agent_of(JSON, ASKED, JSON, response_format=Movie, checkpointer=InMemorySaver())
    agent.invoke({"messages": "hi"}, THREAD)
    states = [*agent.stream({"messages": "hi"}, THREAD, stream_mode="values")]
    assert ["structured_response" in state for state in states] == [False, False, False, True]


@holds("replies whose provider repeats ids")
def _() -> None:
    first = ASKED.model_copy(update={"id": "same"})
    result = agent_of(first, AIMessage("ok", id="same")).invoke({"messages": "hi"})
    assert kinds_of(result) == ["human", "ai", "tool", "ai"]


@holds("each finished tool call is kept at once")
def _() -> None:
    saver = InMemorySaver()

    @after_model
    def stop(state, runtime):
        assert saver.get("t") is not None

    agent = agent_of(ASKED, ValueError("down"), checkpointer=saver, middleware=[stop])
    with pytest.raises(ValueError, match="down"):
        agent.invoke({"messages": "hi"}, THREAD)
    assert [m.type for m in agent.get_state(THREAD).values["messages"]] == ["human", "ai", "tool"]


@holds("`interrupt()` without a checkpointer")
def _() -> None:
    def weather(city: str) -> str:
        """Ask."""
        return str(interrupt(city))

    with pytest.raises(ConfigurationError, match="checkpointer"):
        agent_of(ASKED, tools=[weather]).invoke({"messages": "hi"})


@holds("the state is the same however the run is read")
def _() -> None:
    whole = agent_of(ASKED, "ok").invoke({"messages": "hi"})["messages"]
    stream = agent_of(ASKED, "ok").stream_events({"messages": "hi"}, version="v3")
    assert [m.content for m in stream.output["messages"]] == [m.content for m in whole]


@holds("a view of a run object")
def _() -> None:
    stream = agent_of(ASKED, "ok").stream_events({"messages": "hi"}, version="v3")
    assert [*stream.values] == [*stream.values]


# Failures.


class Failing(Vendor):
    def send(self, request: Any, timeouts: Any) -> Any:
        from conure.wire.http import Head

        super().send(request, timeouts)
        self.left = [b'{"error": {"message": "wrong key"}}']
        return Head(401, {"content-type": "application/json", "x-request-id": "r1"})


@holds("every failure of a call")
def _() -> None:
    model = ChatOpenAI(model="m", api_key="k", transport=Failing(said("")))
    with pytest.raises(ModelAuthenticationError, match="wrong key") as caught:
        model.invoke("hi")
    assert isinstance(caught.value, ModelError)
    assert (caught.value.status_code, caught.value.request_id) == (401, "r1")
    assert not caught.value.retryable


@holds("`OpenAIRateLimitError` and the like")
def _() -> None:
    from conure import errors, openai

    assert openai.OpenAIRateLimitError is errors.ModelRateLimitError
    assert openai.OpenAIAuthenticationError is ModelAuthenticationError


@holds("one retry policy")
def _() -> None:
    vendor = Failing(said(""))
    with pytest.raises(ModelAuthenticationError):
        ChatOpenAI(model="m", api_key="k", max_retries=5, transport=vendor).invoke("hi")
    assert len(vendor.bodies) == 1
