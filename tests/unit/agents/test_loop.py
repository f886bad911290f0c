"""The loop: every way to run an agent comes to the same state."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, Any

import pytest

from conure.agents import create_agent
from conure.errors import ConfigurationError, GraphRecursionError
from conure.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from conure.tools import InjectedState, ToolException, ToolRuntime, tool
from tests.unit.agents.scripted import WAYS, call, calls, script, seen, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def weather(city: str) -> str:
    """Say how the weather is."""
    if city == "Atlantis":
        raise ValueError("it is under water")
    return f"sunny in {city}"


@tool
async def later(city: str) -> str:
    """Say how the weather will be."""
    await asyncio.sleep(0)
    return f"rain in {city}"


@tool(return_direct=True)
def final(answer: str) -> str:
    """Answer."""
    return answer


@ways
def test_no_tools(way):
    result = way(create_agent(script("hello")), user())
    assert seen(result) == [
        ("human", "hi", None, None, None, None),
        ("ai", "hello", None, [], None, None),
    ]
    assert all(message.id for message in result["messages"])


@ways
def test_one_tool(way):
    model = script(calls(call("weather", city="Rome")), "It is sunny.")
    result = way(create_agent(model, [weather]), user())
    assert texts(result) == ["hi", "", "sunny in Rome", "It is sunny."]
    assert seen(result)[2] == ("tool", "sunny in Rome", "weather", None, "1", "success")


@ways
def test_parallel_calls_are_answered_in_the_order_of_the_request(way):
    order = [
        call("later", "a", city="A"),
        call("weather", "b", city="B"),
        call("later", "c", city="C"),
    ]
    result = way(create_agent(script(calls(*order), "done"), [weather, later]), user())
    answers = [(m.tool_call_id, m.text) for m in result["messages"] if isinstance(m, ToolMessage)]
    assert answers == [("a", "rain in A"), ("b", "sunny in B"), ("c", "rain in C")]


@pytest.mark.parametrize("way", [WAYS["invoke"], WAYS["ainvoke"]])
def test_parallel_calls_run_side_by_side(way):
    meeting = threading.Barrier(3, timeout=20)

    def meet(name: str) -> str:
        """Wait for the others."""
        meeting.wait()
        return name

    three = calls(*(call("meet", str(n), name=str(n)) for n in range(3)))
    assert texts(way(create_agent(script(three, "done"), [meet]), user()))[2:5] == ["0", "1", "2"]


def test_one_after_the_other():
    inside: list[str] = []

    def alone(name: str) -> str:
        """Be alone."""
        assert not inside
        inside.append(name)
        inside.remove(name)
        return name

    three = calls(*(call("alone", str(n), name=str(n)) for n in range(3)))
    agent = create_agent(script(three, "done"), [alone])
    assert texts(agent.invoke(user(), {"max_concurrency": 1}))[2:5] == ["0", "1", "2"]


@ways
def test_what_fails_is_raised(way):
    agent = create_agent(script(calls(call("weather", city="Atlantis"))), [weather])
    with pytest.raises(ValueError, match="under water"):
        way(agent, user())


@pytest.mark.parametrize(
    "policy, words",
    [
        (True, "ValueError: it is under water"),
        (ValueError, "ValueError: it is under water"),
        ((KeyError, ValueError), "ValueError: it is under water"),
        ("Try another one.", "Try another one."),
        (lambda error: f"no: {error}", "no: it is under water"),
    ],
)
def test_what_fails_is_told_to_the_model_where_that_is_wanted(policy, words):
    model = script(calls(call("weather", city="Atlantis")), "I see.")
    result = create_agent(model, [weather], handle_tool_errors=policy).invoke(user())
    assert seen(result)[2] == ("tool", words, "weather", None, "1", "error")
    assert model.calls[1][0][-1].text == words


@ways
def test_a_tool_exception_is_for_the_model(way):
    def fragile() -> str:
        """Fail."""
        raise ToolException("not today")

    result = way(create_agent(script(calls(call("fragile")), "I see."), [fragile]), user())
    assert seen(result)[2] == ("tool", "not today", "fragile", None, "1", "error")


def test_a_tool_exception_is_raised_where_that_is_wanted():
    def fragile() -> str:
        """Fail."""
        raise ToolException("not today")

    agent = create_agent(script(calls(call("fragile"))), [fragile], handle_tool_errors=False)
    with pytest.raises(ToolException, match="not today"):
        agent.invoke(user())


@ways
def test_an_unknown_tool_is_told_with_the_known_ones(way):
    result = way(create_agent(script(calls(call("wether")), "oh"), [weather]), user())
    answer = result["messages"][2]
    assert answer.status == "error"
    assert (
        answer.text == "There is no tool 'wether'. Did you mean 'weather'? The tools are: weather."
    )


@ways
def test_arguments_that_do_not_fit_are_told(way):
    result = way(create_agent(script(calls(call("weather", town="Rome")), "oh"), [weather]), user())
    answer = result["messages"][2]
    assert (answer.status, answer.name) == ("error", "weather")
    assert "city" in answer.text
    assert "again" in answer.text


@ways
def test_a_call_that_cannot_be_read_is_told(way):
    broken = AIMessage("", invalid_tool_calls=[{"name": "weather", "args": "{", "id": "1"}])
    result = way(create_agent(script(broken, "oh"), [weather]), user())
    assert [m.type for m in result["messages"]] == ["human", "ai", "tool", "ai"]
    assert result["messages"][2].status == "error"


@ways
def test_return_direct_ends_the_run(way):
    result = way(create_agent(script(calls(call("final", answer="42"))), [final]), user())
    assert texts(result) == ["hi", "", "42"]


def test_return_direct_beside_another_tool_goes_on():
    both = calls(call("final", "1", answer="42"), call("weather", "2", city="Rome"))
    result = create_agent(script(both, "done"), [final, weather]).invoke(user())
    assert texts(result) == ["hi", "", "42", "sunny in Rome", "done"]


@ways
def test_the_limit_is_reached(way):
    model = script(calls(call("weather", city="Rome")), cycle=True)
    agent = create_agent(model, [weather])
    with pytest.raises(GraphRecursionError, match="5 steps"):
        way(agent, user(), {"recursion_limit": 5})
    assert len(model.calls) == 3


def test_the_limit_counts_each_step():
    model = script(calls(call("weather", city="Rome")), "done")
    assert create_agent(model, [weather]).invoke(user(), {"recursion_limit": 3})


def test_an_async_tool_in_a_sync_run():
    result = create_agent(script(calls(call("later", city="Rome")), "done"), [later]).invoke(user())
    assert texts(result)[2] == "rain in Rome"


def test_the_system_prompt_is_asked_with_and_not_kept():
    for prompt in ("Be brief.", SystemMessage("Be brief.")):
        model = script("ok")
        result = create_agent(model, system_prompt=prompt).invoke(user())
        assert [m.type for m in model.calls[0][0]] == ["system", "human"]
        assert [m.type for m in result["messages"]] == ["human", "ai"]


def test_the_name_stands_on_replies():
    assert create_agent(script("ok"), name="bob").invoke(user())["messages"][-1].name == "bob"


def test_messages_in_any_form():
    for messages in (
        "hi",
        ("user", "hi"),
        [("user", "hi")],
        HumanMessage("hi"),
        [HumanMessage("hi")],
    ):
        assert texts(create_agent(script("ok")).invoke({"messages": messages})) == ["hi", "ok"]


def test_what_is_given_stays_as_it_is():
    mine = HumanMessage("hi")
    create_agent(script("ok")).invoke({"messages": [mine]})
    assert mine.id is None


@pytest.mark.parametrize("input", ["hi", [HumanMessage("hi")], {}, {"message": "hi"}, None])
def test_an_input_that_is_none(input):
    with pytest.raises(ConfigurationError):
        create_agent(script("ok")).invoke(input)


def test_ids_that_a_provider_repeats_do_not_overwrite():
    first = AIMessage("", tool_calls=[call("weather", city="Rome")], id="same")
    result = create_agent(script(first, AIMessage("done", id="same")), [weather]).invoke(user())
    assert texts(result) == ["hi", "", "sunny in Rome", "done"]
    assert len({message.id for message in result["messages"]}) == 4


def test_tools_with_one_name_are_an_error():
    with pytest.raises(ConfigurationError, match="two tools"):
        create_agent(script(), [weather, weather])


def test_a_model_that_was_bound_before_keeps_its_tools():
    model = script("ok").bind_tools([{"type": "web_search"}])
    create_agent(model, [weather]).invoke(user())
    names = [
        one.get("function", one).get("name", one["type"]) for one in model.calls[0][1]["tools"]
    ]
    assert names == ["web_search", "weather"]


@ways
def test_what_a_tool_is_given(way):
    given: dict[str, Any] = {}

    @tool
    def look(
        city: str,
        state: Annotated[dict[str, Any], InjectedState],
        messages: Annotated[list[Any], InjectedState("messages")],
        runtime: ToolRuntime[Any, Any],
    ) -> str:
        """Look around."""
        given.update(state=state, messages=messages, runtime=runtime)
        return city

    asked = calls(call("look", city="Rome", state="made up"))
    agent = create_agent(script(asked, "done"), [look], store={"a": 1})
    assert texts(way(agent, user(), context={"user": "ann"}))[2] == "Rome"
    assert len(given["messages"]) == 2
    assert given["state"]["messages"] == given["messages"]
    assert given["runtime"].context == {"user": "ann"}
    assert given["runtime"].store == {"a": 1}
    assert given["runtime"].tool_call_id == "1"
