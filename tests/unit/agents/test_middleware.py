"""The middleware that comes with the library: each alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conure.agents import create_agent
from conure.agents.middleware import (
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRefusalMiddleware,
    ModelRetryMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    ToolErrorMiddleware,
    ToolRetryMiddleware,
)
from conure.agents.middleware.model_call_limit import ModelCallLimitExceededError
from conure.agents.middleware.tool_call_limit import ToolCallLimitExceededError
from conure.checkpoint import InMemorySaver
from conure.errors import ConfigurationError, ModelInvalidRequestError, ModelRefusalError
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.types import Command
from tests.unit.agents.scripted import WAYS, call, calls, script, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
THREAD = {"configurable": {"thread_id": "1"}}


def look(place: str) -> str:
    """Look at a place."""
    return f"nothing at {place}"


def pay(amount: int) -> str:
    """Pay."""
    return f"paid {amount}"


# -- limits ---------------------------------------------------------------------------------------


@ways
def test_the_model_is_asked_so_many_times_and_no_more(way):
    model = script(*(calls(call("look", str(n), place="x")) for n in range(9)))
    limit = ModelCallLimitMiddleware(run_limit=2)
    agent = create_agent(model, [look], middleware=[limit])
    said = texts(way(agent, user()))
    assert said[-1] == "Model call limits exceeded: run limit (3/2)"
    assert len(model.calls) == 2


def test_a_run_s_count_begins_anew_and_a_thread_s_does_not():
    model = script("a", "b", "c")
    limit = ModelCallLimitMiddleware(run_limit=1, thread_limit=2)
    agent = create_agent(model, middleware=[limit], checkpointer=InMemorySaver())
    said = [texts(agent.invoke(user(), THREAD))[-1] for _ in range(3)]
    assert said == ["a", "b", "Model call limits exceeded: thread limit (3/2)"]


def test_a_limit_may_raise():
    limit = ModelCallLimitMiddleware(run_limit=0, exit_behavior="error")
    with pytest.raises(ModelCallLimitExceededError) as raised:
        create_agent(script(), middleware=[limit]).invoke(user())
    assert (raised.value.run_count, raised.value.run_limit) == (1, 0)


@ways
def test_calls_beyond_the_limit_are_answered_in_the_tool_s_place(way):
    both = calls(call("look", "1", place="a"), call("look", "2", place="b"), call("pay", amount=1))
    agent = create_agent(
        script(both, "so be it"),
        [look, pay],
        middleware=[ToolCallLimitMiddleware(tool_name="look", run_limit=1)],
    )
    result = way(agent, user())
    answers = {m.tool_call_id: m for m in result["messages"] if isinstance(m, ToolMessage)}
    assert texts(result)[-1] == "so be it"
    assert answers["2"].status == "error"
    assert "Do not call 'look' again" in str(answers["2"].text)


@ways
def test_a_run_may_end_where_its_tools_are_used_up(way):
    both = calls(call("look", "1", place="a"), call("pay", "2", amount=1))
    agent = create_agent(
        script(both),
        [look, pay],
        middleware=[ToolCallLimitMiddleware(run_limit=1, exit_behavior="end")],
    )
    result = way(agent, user())
    assert texts(result)[-1] == "Tool call limit reached: run limit (2/1)"
    assert {m.tool_call_id for m in result["messages"] if m.type == "tool"} == {"1", "2"}


def test_tools_used_up_may_raise_and_counts_are_kept_apart():
    model = script(calls(call("look", place="a")), calls(call("pay", amount=1)))
    limits = [
        ToolCallLimitMiddleware(tool_name="look", run_limit=1, exit_behavior="error"),
        ToolCallLimitMiddleware(run_limit=1, exit_behavior="error"),
    ]
    with pytest.raises(ToolCallLimitExceededError, match="Tool call limit reached") as raised:
        create_agent(model, [look, pay], middleware=limits).invoke(user())
    assert raised.value.run_count == 2


@pytest.mark.parametrize(
    "make, words",
    [
        (ModelCallLimitMiddleware, "limits nothing"),
        (lambda: ModelCallLimitMiddleware(run_limit=-1), "no number of calls"),
        (lambda: ModelCallLimitMiddleware(run_limit=1, exit_behavior="stop"), "none of 'end'"),
        (lambda: ToolCallLimitMiddleware(run_limit=3, thread_limit=2), "cannot exceed"),
        (lambda: ToolRetryMiddleware(max_retries=-1), "must not be negative"),
        (lambda: ToolRetryMiddleware(on_failure="give up"), "neither"),
        (lambda: ToolRetryMiddleware(retry_on=("no",)), "neither exceptions nor a function"),
        (lambda: ToolRetryMiddleware(tools="look"), r"write tools=\['look'\]"),
        (ToolErrorMiddleware, "needs on_error"),
        (lambda: HumanInTheLoopMiddleware({"pay": {"allowed": []}}), "needs allowed_decisions"),
        (lambda: HumanInTheLoopMiddleware({}, interrupt_mode="?"), "interrupt_mode"),
        (lambda: ClearToolUsesEdit(keep=-1), "must not be negative"),
        (lambda: ContextEditingMiddleware(edits=["?"]), "is no edit"),
        (lambda: ContextEditingMiddleware(token_count_method="exact"), "token_count_method"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ConfigurationError, match=words):
        make()


# -- failures -------------------------------------------------------------------------------------


@ways
def test_another_model_is_asked_when_one_fails(way):
    first, second, third = script(ConnectionError("1")), script(ConnectionError("2")), script("3")
    agent = create_agent(first, middleware=[ModelFallbackMiddleware(second, third)])
    assert texts(way(agent, user()))[-1] == "3"


def test_when_all_models_fail_each_error_is_told():
    agent = create_agent(
        script(ConnectionError("one")), middleware=[ModelFallbackMiddleware(script(OSError("two")))]
    )
    with pytest.raises(OSError, match="two") as raised:
        agent.invoke(user())
    assert raised.value.__notes__ == ["before it scripted failed: ConnectionError('one')"]


@ways
def test_a_model_is_asked_again(way):
    model = script(ConnectionError(), ConnectionError(), "there")
    agent = create_agent(model, middleware=[ModelRetryMiddleware(initial_delay=0)])
    assert texts(way(agent, user()))[-1] == "there"
    assert len(model.calls) == 3


def test_a_model_that_fails_for_good_is_told_of_or_raised():
    def ask(**options: Any) -> str:
        retry = ModelRetryMiddleware(initial_delay=0, max_retries=1, **options)
        model = script(OSError("a"), OSError("b"))
        return texts(create_agent(model, middleware=[retry]).invoke(user()))[-1]

    assert ask() == "Model call failed after 2 attempts with OSError: b"
    assert ask(on_failure=lambda error: f"sorry: {error}") == "sorry: b"
    with pytest.raises(OSError, match="b"):
        ask(on_failure="error")
    with pytest.raises(OSError, match="a"):
        ask(retry_on=(KeyError,))


def test_what_cannot_succeed_later_is_not_tried_again():
    model = script(ModelInvalidRequestError("too odd"))
    agent = create_agent(model, middleware=[ModelRetryMiddleware(initial_delay=0)])
    with pytest.raises(ModelInvalidRequestError):
        agent.invoke(user())
    assert len(model.calls) == 1


def failing(times: int) -> Any:
    left = [times]

    def measure() -> str:
        """Measure."""
        left[0] -= 1
        if left[0] >= 0:
            raise OSError("wires")
        return "21"

    return measure


@ways
def test_a_tool_is_called_again(way):
    model = script(calls(call("measure")), "warm")
    retry = ToolRetryMiddleware(initial_delay=0)
    agent = create_agent(model, [failing(2)], middleware=[retry])
    assert texts(way(agent, user()))[-2:] == ["21", "warm"]


def test_a_tool_that_fails_for_good_is_told_of():
    model = script(calls(call("measure")), "who knows")
    retry = ToolRetryMiddleware(initial_delay=0)
    result = create_agent(model, [failing(9)], middleware=[retry]).invoke(user())
    answer = result["messages"][-2]
    assert answer.text == "Tool 'measure' failed after 3 attempts with OSError: wires"
    assert answer.status == "error"


def test_waits_grow_up_to_a_most():
    retries = ToolRetryMiddleware(jitter=False, max_delay=5).retries
    assert [retries.delay(count) for count in (1, 2, 3, 4)] == [1, 2, 4, 5]
    constant = ToolRetryMiddleware(jitter=False, backoff_factor=0).retries
    assert [constant.delay(count) for count in (1, 5)] == [1, 1]


@ways
def test_the_model_is_told_what_an_error_means(way):
    model = script(calls(call("measure")), "I see")
    told = ToolErrorMiddleware(lambda error, request: f"{request.tool_call['name']}: {error}")
    agent = create_agent(model, [failing(1)], middleware=[told])
    assert texts(way(agent, user()))[-2:] == ["measure: wires", "I see"]


@ways
def test_an_explanation_may_be_awaited(way):
    async def explain(error: Exception, request: Any) -> str:
        await asyncio.sleep(0)
        return f"awaited: {error}"

    model = script(calls(call("measure")), "I see")
    told = ToolErrorMiddleware(aon_error=explain)
    agent = create_agent(model, [failing(1)], middleware=[told])
    assert texts(way(agent, user()))[-2] == "awaited: wires"


def test_an_error_that_nobody_explains_is_raised():
    model = script(calls(call("measure")))
    told = ToolErrorMiddleware(lambda error, request: None)
    with pytest.raises(OSError, match="wires"):
        create_agent(model, [failing(1)], middleware=[told]).invoke(user())


REFUSAL = AIMessage([{"type": "refusal", "refusal": "no"}])


@ways
def test_a_refusal_is_raised_and_another_model_asked(way):
    with pytest.raises(ModelRefusalError, match="refused: no"):
        way(create_agent(script(REFUSAL), middleware=[ModelRefusalMiddleware()]), user())
    others = [ModelFallbackMiddleware(script("yes")), ModelRefusalMiddleware()]
    assert texts(way(create_agent(script(REFUSAL), middleware=others), user()))[-1] == "yes"


# -- the list of tasks, and shorter conversations -------------------------------------------------


@ways
def test_the_model_keeps_a_list_of_tasks(way):
    todos = [{"content": "look", "status": "completed"}]
    model = script(calls(call("write_todos", todos=todos)), "done")
    agent = create_agent(model, system_prompt="Be brief.", middleware=[TodoListMiddleware()])
    result = way(agent, user())
    assert result["todos"] == todos
    system = str(model.calls[0][0][0].text)
    assert system.startswith("Be brief.\n\n## `write_todos`")


@ways
def test_lists_written_side_by_side_are_refused(way):
    one = [{"content": "a", "status": "pending"}]
    model = script(
        calls(call("write_todos", "1", todos=one), call("write_todos", "2", todos=one)), "sorry"
    )
    result = way(create_agent(model, middleware=[TodoListMiddleware()]), user())
    assert "todos" not in result
    assert [m.status for m in result["messages"] if m.type == "tool"] == ["error", "error"]


def _said(count: int) -> list[Any]:
    said: list[Any] = [HumanMessage("hi")]
    for number in range(count):
        said.append(calls(call("look", str(number), place="x")))
        said.append(ToolMessage(f"page {number}", str(number), name="look"))
    return said


@ways
def test_old_results_are_not_shown_to_the_model_and_stay_in_the_state(way):
    model = script("ok")
    edit = ClearToolUsesEdit(trigger=0, keep=1, clear_tool_inputs=True)
    agent = create_agent(model, [look], middleware=[ContextEditingMiddleware(edits=[edit])])
    result = way(agent, {"messages": _said(3)})
    shown = [m.content for m in model.calls[0][0] if m.type == "tool"]
    assert shown == ["[cleared]", "[cleared]", "page 2"]
    assert [m.tool_calls[0]["args"] for m in model.calls[0][0] if m.type == "ai"] == [
        {},
        {},
        {"place": "x"},
    ]
    assert [m.content for m in result["messages"] if m.type == "tool"] == [
        "page 0",
        "page 1",
        "page 2",
    ]


def test_results_stay_where_there_is_room_or_they_are_excluded():
    for edit in (
        ClearToolUsesEdit(trigger=7, keep=0),
        ClearToolUsesEdit(trigger=0, keep=0, exclude_tools=["look"]),
        ClearToolUsesEdit(trigger=0, keep=9),
    ):
        said = _said(3)
        edit.apply(said, count_tokens=len)
        assert said == _said(3), edit


def test_no_more_is_cleared_than_wanted():
    said = _said(3)
    edit = ClearToolUsesEdit(trigger=0, keep=0, clear_at_least=1, placeholder="")
    edit.apply(said, count_tokens=lambda each: sum(len(str(m.content)) for m in each))
    assert [m.content for m in said if m.type == "tool"] == ["", "page 1", "page 2"]


# -- people ---------------------------------------------------------------------------------------


def _asked(way: Any, decisions: list[dict[str, Any]], *replies: Any, **options: Any) -> Any:
    asked = HumanInTheLoopMiddleware({"pay": True, "look": False}, **options)
    agent = create_agent(
        script(*replies), [look, pay], middleware=[asked], checkpointer=InMemorySaver()
    )
    stopped = agent.invoke(user(), THREAD)
    return stopped, way(agent, Command(resume={"decisions": decisions}), THREAD)


@ways
@pytest.mark.parametrize(
    "decision, words",
    [
        ({"type": "approve"}, "paid 90"),
        ({"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 9}}}, "paid 9"),
        ({"type": "edit", "edited_action": {"name": "look", "args": {"place": "x"}}}, "nothing"),
        ({"type": "reject"}, "rejected this call of pay; it was not made"),
        ({"type": "reject", "message": "too much"}, "rejected this call of pay: too much"),
        ({"type": "respond", "message": "I paid it"}, "I paid it"),
    ],
)
def test_a_person_decides(way, decision, words):
    stopped, result = _asked(way, [decision], calls(call("pay", amount=90)), "done")
    (question,) = stopped["__interrupt__"]
    assert question.value["action_requests"][0]["args"] == {"amount": 90}
    assert question.value["review_configs"][0]["action_name"] == "pay"
    answer = result["messages"][-2]
    assert words in str(answer.text)
    assert (answer.status == "error") == (decision["type"] == "reject")
    assert result["messages"][1].tool_calls[0]["args"] == {"amount": 90}
    assert texts(result)[-1] == "done"


def test_only_some_calls_wait_and_all_are_made_in_order():
    reply = calls(
        call("look", "1", place="x"), call("pay", "2", amount=1), call("pay", "3", amount=2)
    )
    decisions = [{"type": "reject"}, {"type": "approve"}]
    _, result = _asked(WAYS["invoke"], decisions, reply, "done")
    answers = {m.tool_call_id: str(m.text) for m in result["messages"] if m.type == "tool"}
    assert answers["1"] == "nothing at x"
    assert answers["3"] == "paid 2"
    assert "rejected" in answers["2"]


@pytest.mark.parametrize(
    "answer, words",
    [
        ({"decisions": []}, "1 calls wait"),
        ("yes", "waits for Command"),
        ({"decisions": [{"type": "ignore"}]}, "one of approve, edit"),
        ({"decisions": [{"type": "edit"}]}, "edited_action"),
        ({"decisions": [{"type": "respond"}]}, "lacks its"),
    ],
)
def test_an_answer_that_decides_nothing_is_refused(answer, words):
    agent = create_agent(
        script(calls(call("pay", amount=90))),
        [pay],
        middleware=[HumanInTheLoopMiddleware({"pay": True})],
        checkpointer=InMemorySaver(),
    )
    agent.invoke(user(), THREAD)
    with pytest.raises(ConfigurationError, match=words):
        agent.invoke(Command(resume=answer), THREAD)


@ways
def test_each_call_may_ask_by_itself_when_there_is_a_reason_to(way):
    config: Any = {
        "allowed_decisions": ["approve", "reject"],
        "description": lambda call, state, runtime: f"Pay {call['args']['amount']}?",
        "when": lambda request: request.tool_call["args"]["amount"] > 10,
    }
    agent = create_agent(
        script(calls(call("pay", "1", amount=5), call("pay", "2", amount=50)), "done"),
        [pay],
        middleware=[HumanInTheLoopMiddleware({"pay": config}, interrupt_mode="per_call")],
        checkpointer=InMemorySaver(),
    )
    (question,) = agent.invoke(user(), THREAD)["__interrupt__"]
    assert question.value["description"] == "Pay 50?"
    result = way(agent, Command(resume={"type": "approve"}), THREAD)
    assert texts(result)[-3:] == ["paid 5", "paid 50", "done"]
