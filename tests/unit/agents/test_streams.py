"""What those are told who stream an agent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conure.agents import create_agent
from conure.agents.middleware import before_model
from conure.chat_models import init_chat_model
from conure.checkpoint import InMemorySaver
from conure.errors import ConfigurationError
from conure.messages import AIMessageChunk, ToolMessage, sum_chunks
from conure.runtime import get_stream_writer
from conure.tools import ToolRuntime, tool
from conure.types import interrupt
from tests.unit.agents.scripted import call, calls, script, seen, texts, user

THREAD: dict[str, Any] = {"configurable": {"thread_id": "t"}}


@tool
def weather(city: str, runtime: ToolRuntime[Any, Any]) -> str:
    """Say how the weather is."""
    runtime.stream_writer(f"looking at {city}")
    runtime.emit_output_delta("sun")
    get_stream_writer()("looked")
    return f"sunny in {city}"


def made(**options: Any) -> Any:
    model = script(calls(call("weather", city="Rome"), text="let me see"), "It is sunny there.")
    return create_agent(model, [weather], **options)


def sync(agent: Any, *args: Any, **options: Any) -> list[Any]:
    return [*agent.stream(*args, **options)]


def asyncly(agent: Any, *args: Any, **options: Any) -> list[Any]:
    async def gathered() -> list[Any]:
        return [item async for item in agent.astream(*args, **options)]

    return asyncio.run(gathered())


both = pytest.mark.parametrize("stream", [sync, asyncly])


@both
def test_updates_are_what_comes_unless_told_otherwise(stream):
    @before_model
    def idle(state, runtime):
        return None

    items = stream(made(middleware=[idle]), user())
    assert [next(iter(item)) for item in items] == [
        *("idle.before_model", "model", "tools", "idle.before_model", "model"),
    ]
    assert items[0] == {"idle.before_model": None}
    assert items[2]["tools"]["messages"][0].text == "sunny in Rome"


@both
def test_values_begin_with_the_input(stream):
    items = stream(made(), user(), stream_mode="values")
    assert [len(item["messages"]) for item in items] == [1, 2, 3, 4]
    assert seen(items[-1]) == seen(made().invoke(user()))


@both
def test_messages_are_chunks_and_answers_of_tools(stream):
    items = stream(made(name="bob"), user(), stream_mode="messages")
    chunks = [message for message, _ in items if isinstance(message, AIMessageChunk)]
    answers = [message for message, _ in items if isinstance(message, ToolMessage)]
    assert [message.text for message in answers] == ["sunny in Rome"]
    assert "".join(chunk.text for chunk in chunks) == "let me seeIt is sunny there."
    assert len(chunks) > 6
    nodes = [facts["langgraph_node"] for _, facts in items]
    assert sorted(set(nodes)) == ["model", "tools"]
    _, facts = items[0]
    assert (facts["langgraph_step"], facts["lc_agent_name"], facts["ls_provider"]) == (
        1,
        "bob",
        "test",
    )
    first = [chunk for (chunk, facts) in items if facts["langgraph_step"] == 1]
    assert sum_chunks(first).tool_calls[0]["args"] == {"city": "Rome"}


@both
def test_a_model_that_does_not_stream_is_told_whole(stream):
    agent = create_agent(script("all at once", disable_streaming=True))
    items = stream(agent, user(), stream_mode="messages")
    assert [message.text for message, _ in items] == ["all at once"]


@both
def test_a_model_within_a_tool_is_heard(stream):
    inner = init_chat_model("test:echo")

    @tool
    def think(topic: str) -> str:
        """Think."""
        return inner.invoke(topic).text

    agent = create_agent(script(calls(call("think", topic="one two")), "done"), [think])
    items = stream(agent, user(), stream_mode="messages")
    heard = [m.text for m, facts in items if facts["langgraph_node"] == "tools" and m.text]
    assert heard == ["one", " two", "one two"]


@both
def test_custom(stream):
    assert stream(made(), user(), stream_mode="custom") == ["looking at Rome", "looked"]


@both
def test_tools(stream):
    items = stream(made(), user(), stream_mode="tools")
    assert [item["event"] for item in items] == [
        *("tool-started", "tool-output-delta", "tool-finished"),
    ]
    assert {item["tool_call_id"] for item in items} == {"1"}
    assert items[0]["input"] == {"city": "Rome"}
    assert items[1]["delta"] == "sun"
    assert items[2]["output"].text == "sunny in Rome"


@both
def test_a_tool_that_fails(stream):
    @tool
    def fail() -> str:
        """Fail."""
        raise ValueError("broken")

    agent = create_agent(script(calls(call("fail"))), [fail])
    items: list[Any] = []
    with pytest.raises(ValueError, match="broken"):
        items.extend(agent.stream(user(), stream_mode="tools"))
    assert items[-1]["event"] == "tool-error"
    with pytest.raises(ValueError, match="broken"):
        stream(create_agent(script(calls(call("fail"))), [fail]), user())


@both
def test_several_modes(stream):
    items = stream(made(), user(), stream_mode=["values", "custom"])
    assert [mode for mode, _ in items] == [
        "values",
        "values",
        "custom",
        "custom",
        "values",
        "values",
    ]
    dicts = stream(made(), user(), stream_mode=["custom"], version="v2")
    assert dicts[0] == {"type": "custom", "ns": (), "data": "looking at Rome"}
    dicts = stream(made(), user(), stream_mode="values", version="v2")
    assert [sorted(one) for one in dicts] == [["data", "interrupts", "ns", "type"]] * 4


@both
def test_a_mode_that_does_not_exist(stream):
    with pytest.raises(ConfigurationError, match="'values'"):
        stream(made(), user(), stream_mode="value")
    with pytest.raises(ConfigurationError, match="temperature"):
        stream(made(), user(), temperature=0)


def test_leaving_ends_the_run():
    model = script("one", "two", cycle=True)
    agent = create_agent(model)
    stream = agent.stream(user(), stream_mode="values")
    next(stream)
    stream.close()
    assert model.calls == []


def test_leaving_an_async_stream_ends_the_run():
    async def main() -> Any:
        began = asyncio.Event()
        cancelled = []

        async def slow(messages):
            began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(True)
                raise

        from conure.testing import FunctionChatModel

        stream = create_agent(FunctionChatModel(slow)).astream(user(), stream_mode="values")
        await anext(stream)
        await began.wait()
        await stream.aclose()
        return cancelled

    assert asyncio.run(main()) == [True]


@both
def test_an_interrupt_is_shown(stream):
    @tool
    def ask() -> str:
        """Ask."""
        return str(interrupt("?"))

    def agent() -> Any:
        return create_agent(script(calls(call("ask"))), [ask], checkpointer=InMemorySaver())

    *_, last = stream(agent(), user(), THREAD)
    assert last["__interrupt__"][0].value == "?"
    *_, last = stream(agent(), user(), THREAD, stream_mode="values")
    assert last["__interrupt__"][0].value == "?"


# -- events -------------------------------------------------------------------------------------


def test_events_of_version_2():
    events = [*made(name="bob").stream_events(user())]
    names = [(event["event"], event["name"]) for event in events]
    assert names[0] == ("on_chain_start", "bob")
    assert names[-1] == ("on_chain_end", "bob")
    assert ("on_chat_model_stream", "ScriptedChatModel") in names
    assert ("on_tool_start", "weather") in names
    assert ("on_chain_start", "tools") in names


def test_the_run_object():
    stream = made().stream_events(user(), version="v3")
    snapshots = [*stream.values]
    assert [len(snapshot["messages"]) for snapshot in snapshots] == [1, 2, 3, 4]
    assert seen(stream.output) == seen(made().invoke(user()))
    assert [str(message.text) for message in stream.messages] == [
        "let me see",
        "It is sunny there.",
    ]
    assert [message.node for message in stream.messages] == ["model", "model"]
    (run,) = stream.tool_calls
    assert (run.tool_name, run.input, run.completed) == ("weather", {"city": "Rome"}, True)
    assert [*run.output_deltas] == ["sun"]
    assert run.output.text == "sunny in Rome"
    assert stream.interrupted is False
    assert [*stream.extensions["custom"]] == ["looking at Rome", "looked"]


def test_messages_are_read_while_they_are_written():
    model = script("one two", "never asked")
    stream = create_agent(model).stream_events(user(), version="v3")
    first = next(iter(stream.messages))
    pieces = iter(first.text)
    assert next(pieces) == "one"
    assert not first.done
    assert [*pieces] == [" two"]
    assert first.output.text == "one two"
    assert texts(stream.output) == ["hi", "one two"]


def test_the_state_is_the_same_however_it_is_read():
    invoked = made().invoke(user())["messages"]
    streamed = made().stream_events(user(), version="v3").output["messages"]
    for one, other in zip(invoked, streamed, strict=True):
        assert one.content == other.content
        assert one.response_metadata == other.response_metadata


def test_projections_come_as_they_happen():
    stream = made().stream_events(user(), version="v3")
    names = [name for name, _ in stream.interleave("values", "messages", "tool_calls")]
    assert names == ["values", "messages", "values", "tool_calls", "values", "messages", "values"]
    with pytest.raises(ConfigurationError, match="no projection"):
        stream.interleave("value")


def test_envelopes():
    envelopes = [*made().stream_events(user(), version="v3")]
    assert [one["seq"] for one in envelopes] == [*range(1, len(envelopes) + 1)]
    methods = {one["method"] for one in envelopes}
    assert methods == {"values", "messages", "updates", "tools", "custom"}
    assert all(one["type"] == "event" and one["params"]["timestamp"] for one in envelopes)


def test_abort():
    model = script("one", "two")
    with create_agent(model).stream_events(user(), version="v3") as stream:
        assert len(next(iter(stream.values))["messages"]) == 1
        stream.abort()
    assert next(iter(stream.values))["messages"][0].text == "hi"
    assert model.calls == []


def test_what_went_wrong_is_raised_from_each_view():
    stream = create_agent(script(ValueError("down"))).stream_events(user(), version="v3")
    for view in (stream.values, stream.messages, stream):
        with pytest.raises(ValueError, match="down"):
            list(view)
    with pytest.raises(ValueError, match="down"):
        _ = stream.output


def test_the_run_object_in_async():
    async def main() -> None:
        stream = await made().astream_events(user(), version="v3")
        assert [len(s["messages"]) async for s in stream.values] == [1, 2, 3, 4]
        heard = [await message.text async for message in stream.messages]
        assert heard == ["let me see", "It is sunny there."]
        (run,) = [run async for run in stream.tool_calls]
        assert (await run.output()).text == "sunny in Rome"
        assert [delta async for delta in run.output_deltas] == ["sun"]
        assert seen(await stream.output) == seen(made().invoke(user()))
        assert await stream.interrupted is False
        names = [name async for name, _ in stream.interleave("values", "messages")]
        assert names == ["values", "messages", "values", "values", "messages", "values"]
        async with made().astream_events(user(), version="v3") as left:
            async for _ in left.values:
                break
        assert len([s async for s in left.values]) < 4

    asyncio.run(main())


def test_an_interrupt_of_a_run_object():
    @tool
    def ask() -> str:
        """Ask."""
        return str(interrupt("?"))

    agent = create_agent(script(calls(call("ask"))), [ask], checkpointer=InMemorySaver())
    stream = agent.stream_events(user(), THREAD, version="v3")
    assert stream.interrupted
    assert stream.interrupts[0].value == "?"
