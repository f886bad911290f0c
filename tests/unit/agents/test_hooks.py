"""Middleware: the order of hooks, what they may change, where they may jump."""

from __future__ import annotations

import asyncio
import operator
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, NotRequired

import pytest

from conure.agents import AgentState, create_agent
from conure.agents.middleware import (
    AgentMiddleware,
    ExtendedModelResponse,
    ModelResponse,
    after_agent,
    after_model,
    before_agent,
    before_model,
    dynamic_prompt,
    hook_config,
    wrap_model_call,
    wrap_tool_call,
)
from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from conure.runtime import get_runtime
from conure.tools import tool
from conure.types import Command
from tests.unit.agents.scripted import WAYS, call, calls, script, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
KINDS = ("before_agent", "before_model", "after_model", "after_agent")


def weather(city: str) -> str:
    """Say how the weather is."""
    return f"sunny in {city}"


def _noting(log: list[str], words: str, kind: str) -> dict[str, Any]:
    def hook(self, state, runtime):
        log.append(words)

    async def ahook(self, state, runtime):
        log.append(words)

    return {kind: hook, f"a{kind}": ahook}


def _around(log: list[str], words: str, kind: str) -> dict[str, Any]:
    def hook(self, request, handler):
        log.append(f"{words} in")
        answer = handler(request)
        log.append(f"{words} out")
        return answer

    async def ahook(self, request, handler):
        log.append(f"{words} in")
        answer = await handler(request)
        log.append(f"{words} out")
        return answer

    return {kind: hook, f"a{kind}": ahook}


def recorder(label: str, log: list[str], *, colour: str) -> AgentMiddleware:
    """Make a middleware that notes all its hooks, written in sync, in async or in both."""
    written: dict[str, Any] = {}
    for kind in (*KINDS, "wrap_model_call", "wrap_tool_call"):
        make = _noting if kind in KINDS else _around
        pair = make(log, f"{label}.{kind}", kind)
        unwanted = {"sync": f"a{kind}", "async": kind}.get(colour)
        written |= {name: hook for name, hook in pair.items() if name != unwanted}
    return type(label, (AgentMiddleware,), {"name": label, **written})()


ORDER = """one.before_agent two.before_agent
one.before_model two.before_model
one.wrap_model_call in|two.wrap_model_call in|two.wrap_model_call out|one.wrap_model_call out
two.after_model one.after_model
one.wrap_tool_call in|two.wrap_tool_call in|two.wrap_tool_call out|one.wrap_tool_call out
one.before_model two.before_model
one.wrap_model_call in|two.wrap_model_call in|two.wrap_model_call out|one.wrap_model_call out
two.after_model one.after_model
two.after_agent one.after_agent"""


@pytest.mark.parametrize("colour", ["sync", "async", "both"])
@ways
def test_the_order_of_hooks(way, colour):
    log: list[str] = []
    both = [recorder("one", log, colour=colour), recorder("two", log, colour=colour)]
    model = script(calls(call("weather", city="Rome")), "done")
    result = way(create_agent(model, [weather], middleware=both), user())
    lines = ORDER.splitlines()
    assert log == [word for line in lines for word in line.split("|" if "|" in line else " ")]
    assert texts(result) == ["hi", "", "sunny in Rome", "done"]


class Counting(AgentState[Any]):
    seen: NotRequired[Annotated[list[str], operator.add]]
    last: NotRequired[str]


@ways
def test_hooks_change_the_state(way):
    @before_model(state_schema=Counting)
    def count(state, runtime):
        return {"seen": [f"{len(state['messages'])} messages"], "last": "count"}

    @after_agent(state_schema=Counting)
    def close(state, runtime):
        return {"last": "close"}

    model = script(calls(call("weather", city="Rome")), "done")
    agent = create_agent(model, [weather], middleware=[count, close])
    result = way(agent, user(seen=["given"]))
    assert result["seen"] == ["given", "1 messages", "3 messages"]
    assert result["last"] == "close"


def test_a_key_that_nobody_declared():
    @before_model
    def stray(state, runtime):
        return {"message": []}

    agent = create_agent(script("ok"), middleware=[stray])
    with pytest.raises(ConfigurationError, match=r"stray.before_model sets 'message'.*'messages'"):
        agent.invoke(user())
    with pytest.raises(ConfigurationError, match="the input sets 'topic'"):
        agent.invoke(user(topic="x"))


@pytest.mark.parametrize("made", [before_agent, before_model, after_model])
@ways
def test_jump_to_the_end(way, made):
    log: list[str] = []

    @made(can_jump_to=["end"])
    def stop(state, runtime):
        return {"messages": [AIMessage("stopped")], "jump_to": "end"}

    @after_agent
    def closing(state, runtime):
        log.append("closed")

    asked = script(calls(call("weather", city="Rome")))
    result = way(create_agent(asked, [weather], middleware=[stop, closing]), user())
    assert texts(result)[-1] == "stopped"
    assert log == ["closed"]
    assert "jump_to" not in result


@ways
def test_jump_to_the_model(way):
    class Again(AgentMiddleware):
        @hook_config(can_jump_to=["model"])
        def after_model(self, state, runtime):
            if len(state["messages"]) == 2:
                return {"messages": [HumanMessage("again")], "jump_to": "model"}
            return None

    model = script("one", "two")
    assert texts(way(create_agent(model, middleware=[Again()]), user())) == [
        *("hi", "one", "again", "two"),
    ]


@ways
def test_jump_to_the_tools(way):
    @before_model(can_jump_to=["tools"])
    def first(state, runtime):
        if len(state["messages"]) > 1:
            return None
        asked = calls(call("weather", city="Rome"))
        return {"messages": [asked], "jump_to": "tools"}

    result = way(create_agent(script("done"), [weather], middleware=[first]), user())
    assert texts(result) == ["hi", "", "sunny in Rome", "done"]


def test_a_jump_need_not_be_declared():
    @before_model
    def stop(state, runtime):
        return {"jump_to": "end"}

    assert texts(create_agent(script(), middleware=[stop]).invoke(user())) == ["hi"]


@pytest.mark.parametrize(
    "goto, words", [("tools", "add it to can_jump_to"), ("nowhere", "is no place")]
)
def test_a_jump_that_leads_nowhere(goto, words):
    @before_model(can_jump_to=["end"])
    def lost(state, runtime):
        return {"jump_to": goto}

    with pytest.raises(ConfigurationError, match=words):
        create_agent(script("ok"), middleware=[lost]).invoke(user())


def test_a_jump_to_tools_that_nobody_called():
    @before_model
    def lost(state, runtime):
        return {"jump_to": "tools"}

    with pytest.raises(ConfigurationError, match="no call waits"):
        create_agent(script("ok"), [weather], middleware=[lost]).invoke(user())


def test_hooks_take_their_parameters_by_any_name():
    given: list[Any] = []

    @before_model
    def odd(s, r):
        given.append(r.context)

    @before_model
    def single(s):
        given.append(len(s["messages"]))

    create_agent(script("ok"), middleware=[odd, single]).invoke(user(), context="c")
    assert given == ["c", 1]


def test_the_runtime_is_at_hand():
    @before_model
    def look(state, runtime):
        assert get_runtime() is runtime

    @tool
    def deep() -> str:
        """Look for the runtime."""
        return str(get_runtime().context)

    model = script(calls(call("deep")), "done")
    agent = create_agent(model, [deep], middleware=[look])
    assert texts(agent.invoke(user(), context="c"))[2] == "c"
    with pytest.raises(ConfigurationError, match="no run"):
        get_runtime()


@ways
def test_calls_answered_by_a_hook_go_back_to_the_model(way):
    @after_model
    def answer(state, runtime):
        last = state["messages"][-1]
        return {"messages": [ToolMessage("mine", c["id"]) for c in last.tool_calls]}

    model = script(calls(call("weather", city="Rome")), "done")
    result = way(create_agent(model, [weather], middleware=[answer]), user())
    assert texts(result) == ["hi", "", "mine", "done"]


def test_messages_are_replaced_and_removed():
    @before_model
    def tidy(state, runtime):
        first, *_ = state["messages"]
        return {"messages": [RemoveMessage(first.id), HumanMessage("instead", id="new")]}

    assert texts(create_agent(script("ok"), middleware=[tidy]).invoke(user())) == ["instead", "ok"]


# -- around the model -------------------------------------------------------------------------


@ways
def test_a_request_is_overridden(way):
    other = script("from the other")

    @wrap_model_call
    def change(request, handler):
        assert request.state["messages"] == request.messages
        return handler(
            request.override(
                model=other,
                system_prompt="Be brief.",
                messages=request.messages[-1:],
                tools=[],
                model_settings={"stop": ["other"]},
            )
        )

    result = way(create_agent(script(), [weather], middleware=[change]), user())
    (messages, settings) = other.calls[0]
    assert [message.text for message in messages] == ["Be brief.", "hi"]
    assert "tools" not in settings
    assert result["messages"][-1].text == "from the "


def test_an_override_that_does_not_exist():
    @wrap_model_call
    def change(request, handler):
        return handler(request.override(temperature=0))

    with pytest.raises(ConfigurationError, match=r"no temperature.*model_settings"):
        create_agent(script("ok"), middleware=[change]).invoke(user())


@ways
def test_a_question_is_asked_again(way):
    @wrap_model_call
    def retry(request, handler):
        try:
            return handler(request)
        except ValueError:
            return handler(request)

    agent = create_agent(script(ValueError("once"), "ok"), middleware=[retry])
    assert texts(way(agent, user())) == ["hi", "ok"]


@ways
def test_a_question_is_not_asked(way):
    @wrap_model_call
    async def answer(request, handler):
        return AIMessage("from memory")

    model = script()
    assert texts(way(create_agent(model, middleware=[answer]), user())) == ["hi", "from memory"]
    assert model.calls == []


@ways
def test_an_answer_with_a_command(way):
    @wrap_model_call(state_schema=Counting)
    def outer(request, handler):
        response = handler(request)
        assert isinstance(response, ModelResponse)
        return ExtendedModelResponse(
            model_response=response, command=Command(update={"seen": ["outer"], "last": "outer"})
        )

    @wrap_model_call(state_schema=Counting)
    def inner(request, handler):
        return ExtendedModelResponse(
            model_response=handler(request),
            command=Command(update={"seen": ["inner"], "last": "inner"}),
        )

    result = way(create_agent(script("ok"), middleware=[outer, inner]), user())
    assert result["seen"] == ["inner", "outer"]
    assert result["last"] == "outer"


@ways
def test_a_dynamic_prompt(way):
    @dynamic_prompt
    def prompt(request):
        return f"Speak {request.runtime.context}."

    model = script("ok")
    way(create_agent(model, middleware=[prompt]), user(), context="French")
    assert model.calls[0][0][0].text == "Speak French."


def test_tools_chosen_at_run_time():
    @tool
    def spare() -> str:
        """Lie by."""
        return "spare"

    @wrap_model_call
    def add(request, handler):
        return handler(request.override(tools=[*request.tools, spare]))

    model = script(calls(call("spare")), "done")
    with pytest.raises(ValueError, match=r"spare.*create_agent.*wrap_tool_call"):
        create_agent(model, [weather], middleware=[add]).invoke(user())

    @wrap_tool_call
    def run_it(request, handler):
        assert request.tool is None
        return handler(request.override(tool=spare))

    model = script(calls(call("spare")), "done")
    result = create_agent(model, [weather], middleware=[add, run_it]).invoke(user())
    assert texts(result)[2] == "spare"


def test_what_a_wrap_may_not_answer():
    @wrap_model_call
    def wrong(request, handler):
        return "ok"

    with pytest.raises(ConfigurationError, match=r"wrong.wrap_model_call answered str"):
        create_agent(script("ok"), middleware=[wrong]).invoke(user())


# -- around tools -----------------------------------------------------------------------------


@ways
def test_a_call_is_changed_and_its_answer(way):
    @wrap_tool_call
    def change(request, handler):
        args = {"city": request.tool_call["args"]["city"].upper()}
        answer = handler(request.override(tool_call={**request.tool_call, "args": args}))
        return answer.model_copy(update={"content": f"{answer.text}!"})

    model = script(calls(call("weather", city="Rome")), "done")
    result = way(create_agent(model, [weather], middleware=[change]), user())
    assert texts(result)[2] == "sunny in ROME!"


@ways
def test_a_call_is_answered_without_its_tool(way):
    @wrap_tool_call
    async def answer(request, handler):
        return ToolMessage("cached", request.tool_call["id"])

    model = script(calls(call("weather", city="Rome"), call("weather", "2", city="Oslo")), "done")
    result = way(create_agent(model, [weather], middleware=[answer]), user())
    assert [(m.text, m.name) for m in result["messages"][2:4]] == [("cached", "weather")] * 2


@ways
def test_a_tool_answers_with_a_command(way):
    @tool
    def note(text: str) -> Command[Any]:
        """Note something."""
        message = ToolMessage("noted", tool_call_id="1")
        return Command(update={"last": text, "messages": [message]}, goto="end")

    agent = create_agent(script(calls(call("note", text="x"))), [note], state_schema=Counting)
    result = way(agent, user())
    assert result["last"] == "x"
    assert [(m.text, m.name) for m in result["messages"][2:]] == [("noted", "note")]


def test_a_command_that_does_not_answer_its_call():
    @tool
    def note() -> Command[Any]:
        """Note something."""
        return Command(update={"last": "x"})

    agent = create_agent(script(calls(call("note"))), [note], state_schema=Counting)
    with pytest.raises(ConfigurationError, match="ToolMessage"):
        agent.invoke(user())


def test_the_tools_of_a_middleware_are_the_agent_s():
    class Helping(AgentMiddleware):
        tools = (weather,)

    model = script(calls(call("weather", city="Rome")), "done")
    assert texts(create_agent(model, middleware=[Helping()]).invoke(user()))[2] == "sunny in Rome"


def test_two_middleware_of_one_name():
    class Same(AgentMiddleware):
        pass

    with pytest.raises(ConfigurationError, match="two middleware are called 'Same'"):
        create_agent(script(), middleware=[Same(), Same()])
    with pytest.raises(ConfigurationError, match=r"add \(\)"):
        create_agent(script(), middleware=[Same])


def test_a_hook_in_a_thread_does_not_block_the_loop():
    went_on = threading.Event()

    @wrap_model_call
    def slow(request, handler):
        loop.call_soon_threadsafe(went_on.set)
        assert went_on.wait(timeout=20)
        return handler(request)

    async def main() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        agent = create_agent(script("ok"), middleware=[slow])
        assert texts(await agent.ainvoke(user())) == ["hi", "ok"]

    loop: Any = None
    asyncio.run(main())


def test_many_sync_hooks_around_many_tools_do_not_wait_for_each_other_s_threads():
    names = ["first", "second"]

    def around(request, handler):
        return handler(request)

    each = [call("weather", str(number), city="x") for number in range(8)]
    hooks = [wrap_tool_call(name=name)(around) for name in names]
    agent = create_agent(script(calls(*each), "done"), [weather], middleware=hooks)

    async def main() -> Any:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        return await asyncio.wait_for(agent.ainvoke(user()), 20)

    assert texts(asyncio.run(main()))[-1] == "done"
