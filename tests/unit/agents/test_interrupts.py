"""Runs that stop and go on: interrupts, crashes, threads, and what is kept between steps."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, NotRequired

import pydantic
import pytest

from conure.agents import AgentState, create_agent
from conure.agents.middleware import after_model, before_model, wrap_tool_call
from conure.checkpoint import Checkpointer, InMemorySaver
from conure.errors import ConfigurationError, GraphRecursionError
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.tools import tool
from conure.types import Command, interrupt
from tests.unit.agents.scripted import WAYS, call, calls, script, seen, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
THREAD: dict[str, Any] = {"configurable": {"thread_id": "t"}}


@tool
def ask(question: str) -> str:
    """Ask the human."""
    return f"the human says {interrupt(question)}"


def weather(city: str) -> str:
    """Say how the weather is."""
    return f"sunny in {city}"


def test_the_memory_saver_is_a_checkpointer():
    assert isinstance(InMemorySaver(), Checkpointer)


@ways
def test_interrupt_and_resume(way):
    model = script(calls(call("ask", question="ok?")), "done")
    agent = create_agent(model, [ask], checkpointer=InMemorySaver())
    waiting = way(agent, user(), THREAD)
    (question,) = waiting["__interrupt__"]
    assert question.value == "ok?"
    assert texts(waiting) == ["hi", ""]
    snapshot = agent.get_state(THREAD)
    assert snapshot.next == ("tools",)
    assert snapshot.interrupts == (question,)
    result = way(agent, Command(resume="yes"), THREAD)
    assert "__interrupt__" not in result
    assert texts(result) == ["hi", "", "the human says yes", "done"]
    assert agent.get_state(THREAD).next == ()
    assert len(model.calls) == 2


@ways
def test_what_had_finished_beside_an_interrupt_is_not_done_again(way):
    done: list[str] = []

    def act(name: str) -> str:
        """Act."""
        done.append(name)
        return name

    three = calls(
        call("act", "1", name="a"),
        call("ask", "2", question="?"),
        call("act", "3", name="b"),
    )
    agent = create_agent(script(three, "done"), [act, ask], checkpointer=InMemorySaver())
    way(agent, user(), THREAD)
    assert sorted(done) == ["a", "b"]
    result = way(agent, Command(resume="yes"), THREAD)
    assert sorted(done) == ["a", "b"]
    assert texts(result) == ["hi", "", "a", "the human says yes", "b", "done"]


def test_several_questions_are_answered_by_id():
    both = calls(call("ask", "1", question="one?"), call("ask", "2", question="two?"))
    agent = create_agent(script(both, "done"), [ask], checkpointer=InMemorySaver())
    one, two = agent.invoke(user(), THREAD)["__interrupt__"]
    assert (one.value, two.value) == ("one?", "two?")
    with pytest.raises(ConfigurationError, match="2 interrupts wait"):
        agent.invoke(Command(resume="yes"), THREAD)
    (left,) = agent.invoke(Command(resume={two.id: "2"}), THREAD)["__interrupt__"]
    assert left == one
    result = agent.invoke(Command(resume={one.id: "1"}), THREAD)
    assert texts(result)[2:4] == ["the human says 1", "the human says 2"]


def test_one_task_asks_twice():
    @tool
    def ask_twice() -> str:
        """Ask twice."""
        return f"{interrupt('first?')} and {interrupt('second?')}"

    agent = create_agent(
        script(calls(call("ask_twice")), "done"), [ask_twice], checkpointer=InMemorySaver()
    )
    assert agent.invoke(user(), THREAD)["__interrupt__"][0].value == "first?"
    assert agent.invoke(Command(resume="1"), THREAD)["__interrupt__"][0].value == "second?"
    assert texts(agent.invoke(Command(resume=None), THREAD))[2] == "1 and None"


@ways
def test_hooks_ask_as_well(way):
    @after_model
    def review(state, runtime):
        if not state["messages"][-1].tool_calls:
            return None
        decision = interrupt({"calls": [c["name"] for c in state["messages"][-1].tool_calls]})
        return None if decision == "approve" else {"jump_to": "end"}

    @wrap_tool_call
    def confirm(request, handler):
        return (
            handler(request) if interrupt("sure?") else ToolMessage("no", request.tool_call["id"])
        )

    model = script(calls(call("weather", city="Rome")), "done")
    agent = create_agent(
        model, [weather], middleware=[review, confirm], checkpointer=InMemorySaver()
    )
    assert way(agent, user(), THREAD)["__interrupt__"][0].value == {"calls": ["weather"]}
    assert way(agent, Command(resume="approve"), THREAD)["__interrupt__"][0].value == "sure?"
    result = way(agent, Command(resume=True), THREAD)
    assert texts(result) == ["hi", "", "sunny in Rome", "done"]
    assert len(model.calls) == 2


def test_an_interrupt_is_not_caught_by_the_user_s_own_handling():
    @tool
    def careful() -> str:
        """Catch everything."""
        try:
            return str(interrupt("?"))
        except Exception:  # noqa: BLE001 - the point of it
            return "caught"

    agent = create_agent(
        script(calls(call("careful")), "done"),
        [careful],
        checkpointer=InMemorySaver(),
        handle_tool_errors=True,
    )
    assert agent.invoke(user(), THREAD)["__interrupt__"]


def test_an_interrupt_needs_a_place_to_be_kept():
    agent = create_agent(script(calls(call("ask", question="?"))), [ask])
    with pytest.raises(ConfigurationError, match="checkpointer=InMemorySaver"):
        agent.invoke(user())
    with pytest.raises(ConfigurationError, match="in a tool or a hook"):
        interrupt("?")
    kept = create_agent(script("ok"), checkpointer=InMemorySaver())
    with pytest.raises(ConfigurationError, match="thread_id"):
        kept.invoke(user())
    with pytest.raises(ConfigurationError, match="was not begun"):
        kept.invoke(Command(resume=1), THREAD)
    kept.invoke(user(), THREAD)
    with pytest.raises(ConfigurationError, match="waits for none"):
        kept.invoke(Command(resume=1), THREAD)


# -- going on after a failure -----------------------------------------------------------------


@ways
def test_a_run_that_failed_goes_on_where_it_was(way):
    done: list[str] = []
    failing = [True]

    def act(name: str) -> str:
        """Act."""
        if name == "b" and failing:
            raise ValueError("broken")
        done.append(name)
        return name

    three = calls(*(call("act", name, name=name) for name in "abc"))
    model = script(three, "done")
    agent = create_agent(model, [act], checkpointer=InMemorySaver())
    with pytest.raises(ValueError, match="broken"):
        way(agent, user(), THREAD)
    assert sorted(done) == ["a", "c"]
    failing.clear()
    result = way(agent, None, THREAD)
    assert texts(result) == ["hi", "", "a", "b", "c", "done"]
    assert sorted(done) == ["a", "b", "c"]
    assert len(model.calls) == 2


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


class DyingSaver(InMemorySaver):
    """Dies at the nth thing it is to keep, before or after it is kept."""

    def __init__(self, at: int, *, kept: bool) -> None:
        super().__init__()
        self.left = at
        self.kept = kept

    def put(self, *args: Any) -> None:
        self._live(super().put, *args)

    def put_write(self, *args: Any) -> None:
        self._live(super().put_write, *args)

    def _live(self, put: Any, *args: Any) -> None:
        self.left -= 1
        if self.left == 0 and not self.kept:
            raise Killed
        put(*args)
        if self.left == 0:
            raise Killed


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("at", range(1, 14))
@pytest.mark.parametrize("way", [WAYS["invoke"], WAYS["ainvoke"]])
def test_a_run_that_was_killed_comes_to_the_same_end(way, at, kept):
    ran: list[str] = []
    saver = DyingSaver(at, kept=kept)

    def act(name: str) -> str:
        """Act."""
        ran.append(name)
        return name.upper()

    def answer(messages: Any) -> Any:
        rounds = sum(isinstance(message, AIMessage) for message in messages)
        if rounds == 3:
            return "done"
        names = [f"{rounds}{letter}" for letter in "ab"]
        return calls(*(call("act", name, name=name) for name in names))

    from conure.testing import FunctionChatModel

    agent = create_agent(FunctionChatModel(answer), [act], checkpointer=saver)
    whole = create_agent(FunctionChatModel(answer), [act]).invoke(user())
    ran.clear()
    finished: list[str] = []
    try:
        result = way(agent, user(), THREAD)
    except Killed:
        saved = saver.get("t")
        if saved is not None:
            kept_calls = [key for key in saved.writes if key.startswith("answer:tools:")]
            finished += [key.rpartition(":")[2] for key in kept_calls]
        ran_before = [*ran]
        result = way(agent, user() if saved is None else None, THREAD)
        assert not set(finished) & set(ran[len(ran_before) :])
    assert seen(result) == seen(whole)
    # A call is made again only where its answer was not kept: the two that were under way at most.
    assert len(ran) - len(set(ran)) <= 2


# -- threads ----------------------------------------------------------------------------------


@ways
def test_a_conversation_goes_on(way):
    model = script("one", "two")
    agent = create_agent(model, checkpointer=InMemorySaver())
    way(agent, user("a"), THREAD)
    result = way(agent, user("b"), THREAD)
    assert texts(result) == ["a", "one", "b", "two"]
    other = {"configurable": {"thread_id": "other"}}
    assert agent.get_state(other).values == {}


def test_stops_before_and_after_steps():
    model = script(calls(call("weather", city="Rome")), "done")
    agent = create_agent(model, [weather], checkpointer=InMemorySaver(), interrupt_before=["tools"])
    assert texts(agent.invoke(user(), THREAD)) == ["hi", ""]
    assert agent.get_state(THREAD).next == ("tools",)
    assert texts(agent.invoke(None, THREAD)) == ["hi", "", "sunny in Rome", "done"]
    model = script(calls(call("weather", city="Rome")), "done")
    agent = create_agent(model, [weather], checkpointer=InMemorySaver())
    assert texts(agent.invoke(user(), THREAD, interrupt_after="*")) == ["hi", ""]
    assert texts(agent.invoke(None, THREAD, interrupt_after="*"))[2:] == ["sunny in Rome"]
    assert texts(agent.invoke(None, THREAD, interrupt_after="*"))[3:] == ["done"]
    with pytest.raises(ConfigurationError, match="no step 'tool'"):
        agent.invoke(user(), THREAD, interrupt_before=["tool"])


def test_state_is_updated_and_history_gone_back_to():
    model = script("one", "two", "three")
    agent = create_agent(model, checkpointer=InMemorySaver())
    agent.invoke(user("a"), THREAD)
    first, *_ = agent.get_state_history(THREAD)
    assert first == agent.get_state(THREAD)
    assert [one.metadata["source"] for one in agent.get_state_history(THREAD)] == ["loop", "input"]
    agent.invoke(user("b"), THREAD)
    forked = agent.invoke(user("c"), first.config)
    assert texts(forked) == ["a", "one", "c", "three"]
    assert len(list(agent.get_state_history(THREAD, limit=2))) == 2
    config = agent.update_state(THREAD, {"messages": [HumanMessage("noted")]})
    assert texts(agent.get_state(config).values)[-1] == "noted"
    assert agent.get_state(THREAD).parent_config is not None


def test_a_command_updates_and_goes_on_elsewhere():
    model = script("one", "two")
    agent = create_agent(model, checkpointer=InMemorySaver())
    agent.invoke(user("a"), THREAD)
    again = Command(update={"messages": [HumanMessage("b")]}, goto="model")
    assert texts(agent.invoke(again, THREAD)) == ["a", "one", "b", "two"]
    with pytest.raises(ConfigurationError, match="no step"):
        agent.invoke(Command(goto="elsewhere"), THREAD)


def test_a_resume_with_an_update():
    agent = create_agent(
        script(calls(call("ask", question="?")), "done"), [ask], checkpointer=InMemorySaver()
    )
    agent.invoke(user(), THREAD)
    result = agent.invoke(
        Command(resume="yes", update={"messages": [HumanMessage("by the way")]}), THREAD
    )
    assert texts(result) == ["hi", "", "by the way", "the human says yes", "done"]


def test_a_new_input_keeps_what_tools_had_finished():
    both = calls(call("weather", "1", city="Rome"), call("ask", "2", question="?"))
    agent = create_agent(script(both, "ok"), [weather, ask], checkpointer=InMemorySaver())
    agent.invoke(user(), THREAD)
    result = agent.invoke(user("never mind"), THREAD)
    assert texts(result)[:3] == ["hi", "", "sunny in Rome"]
    assert texts(result)[-2:] == ["never mind", "ok"]


def test_the_limit_leaves_a_run_that_can_go_on():
    model = script(calls(call("weather", city="Rome")), "done")
    agent = create_agent(model, [weather], checkpointer=InMemorySaver())
    with pytest.raises(GraphRecursionError):
        agent.invoke(user(), {**THREAD, "recursion_limit": 2})
    assert texts(agent.invoke(None, THREAD)) == ["hi", "", "sunny in Rome", "done"]


# -- what is kept -----------------------------------------------------------------------------


class Point(pydantic.BaseModel):
    x: int


@dataclasses.dataclass
class Place:
    name: str
    at: Point


class Mine(AgentState[Any]):
    place: NotRequired[Place]
    plain: NotRequired[dict[str, Any]]
    strange: NotRequired[Any]


class JsonSaver(InMemorySaver):
    """Refuses whatever is not JSON's own."""

    def put(self, thread_id: str, checkpoint: Any) -> None:
        assert json.loads(json.dumps(checkpoint)) == checkpoint
        super().put(thread_id, checkpoint)

    def put_write(self, thread_id: str, checkpoint_id: str, key: str, value: Any) -> None:
        assert json.loads(json.dumps(value)) == value
        super().put_write(thread_id, checkpoint_id, key, value)


def test_a_state_is_json_and_comes_back_as_it_was():
    place = Place("home", Point(x=1))
    artifact = tool(response_format="content_and_artifact")(_with_artifact)
    model = script(calls(call("_with_artifact")), "done")
    agent = create_agent(model, [artifact], state_schema=Mine, checkpointer=JsonSaver())
    result = agent.invoke(user(place=place, plain={"a": [1, None, HumanMessage("in")]}), THREAD)
    kept = agent.get_state(THREAD).values
    assert kept == result
    assert kept["place"] == place
    assert kept["plain"]["a"][2].content == "in"
    assert kept["messages"][2].artifact == {"rows": [1]}


def _with_artifact() -> Any:
    """Give an artifact."""
    return "content", {"rows": [1]}


def test_what_cannot_be_kept_is_named():
    agent = create_agent(script("ok"), state_schema=Mine, checkpointer=InMemorySaver())
    with pytest.raises(ConfigurationError, match=r"strange.*object"):
        agent.invoke(user(strange=object()), THREAD)


def test_a_value_is_kept_with_its_type():
    agent = create_agent(script('{"x": 1}'), response_format=Point, checkpointer=InMemorySaver())
    assert agent.invoke(user(), THREAD)["structured_response"] == Point(x=1)
    assert agent.get_state(THREAD).values["structured_response"] == Point(x=1)


def test_agents_within_agents_keep_apart():
    saver = InMemorySaver()
    inner = create_agent(script("from within", "again"), checkpointer=saver, name="inner")

    @tool
    def delegate(task: str) -> str:
        """Let another agent do it."""
        return inner.invoke(user(task))["messages"][-1].text

    model = script(calls(call("delegate", task="x")), "done")
    agent = create_agent(model, [delegate], checkpointer=saver)
    result = agent.invoke(user(), THREAD)
    assert texts(result) == ["hi", "", "from within", "done"]
    assert texts(agent.get_state(THREAD).values) == texts(result)


def test_before_model_is_not_run_again_after_a_crash_in_the_model():
    ran: list[str] = []

    @before_model
    def note(state, runtime):
        ran.append("note")

    agent = create_agent(
        script(ValueError("down"), "ok"), middleware=[note], checkpointer=InMemorySaver()
    )
    with pytest.raises(ValueError, match="down"):
        agent.invoke(user(), THREAD)
    assert texts(agent.invoke(None, THREAD)) == ["hi", "ok"]
    assert ran == ["note"]
