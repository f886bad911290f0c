"""All calls of a message at once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pydantic
import pytest

from conure.messages import AIMessage, ToolMessage
from conure.tools import ToolException, arun_tool_calls, run_tool_calls, tool


@tool
def double(x: int) -> int:
    """Double."""
    return 2 * x


@tool
async def later(x: int) -> int:
    """Double later."""
    await asyncio.sleep(0)
    return 2 * x


@tool
def fail(how: str) -> None:
    """Fail."""
    raise (ToolException if how == "tool" else ValueError)(how)


def call(name: str, id: Any = "1", **args: Any) -> Any:
    return {"type": "tool_call", "name": name, "args": args, "id": id}


def answers(messages: list[ToolMessage]) -> list[Any]:
    return [(message.tool_call_id, message.status, message.content) for message in messages]


def both(message: Any, tools: list[Any], **options: Any) -> list[ToolMessage]:
    """Ask in both colours, which must agree."""
    first = run_tool_calls(message, tools, **options)
    assert asyncio.run(arun_tool_calls(message, tools, **options)) == first
    return first


def test_each_call_is_answered_in_order() -> None:
    message = AIMessage("", tool_calls=[call("double", str(n), x=n) for n in range(20)])
    assert answers(both(message, [double])) == [(str(n), "success", str(2 * n)) for n in range(20)]


def test_they_run_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=10)

    @tool
    def meet(x: int) -> int:
        """Wait for the others."""
        meeting.wait()
        return x

    calls = [call("meet", str(n), x=n) for n in range(3)]
    assert [m.content for m in run_tool_calls(calls, [meet], max_concurrency=3)] == ["0", "1", "2"]
    assert len(asyncio.run(arun_tool_calls(calls, [meet]))) == 3


def test_no_more_than_allowed_run_at_once() -> None:
    running, most = 0, 0

    @tool
    async def count(x: int) -> int:
        """Count."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return x

    calls = [call("count", str(n), x=n) for n in range(9)]
    asyncio.run(arun_tool_calls(calls, [count], max_concurrency=2))
    assert most == 2
    most = 0
    asyncio.run(arun_tool_calls(calls, [count], config={"max_concurrency": 3}))
    assert most == 3


def test_an_unknown_tool_is_answered_with_a_suggestion() -> None:
    [answer] = both([call("dubble", x=1)], [double, fail])
    assert answer.status == "error"
    assert answer.content == (
        "There is no tool 'dubble'. Did you mean 'double'? The tools are: double, fail."
    )
    assert answer.name == "dubble"
    assert both([call("zzz")], [double])[0].content == (
        "There is no tool 'zzz'. The tools are: double."
    )
    assert both([call("zzz")], [])[0].content == "There is no tool 'zzz'."


def test_wrong_arguments_are_answered() -> None:
    [answer] = both([call("double", x="one")], [double])
    assert answer.status == "error"
    assert 'x: must be an integer, not "one"' in answer.text


def test_arguments_that_are_no_json_are_answered() -> None:
    message = AIMessage(
        "",
        tool_calls=[call("double", "a", x=1)],
        invalid_tool_calls=[
            {
                "type": "invalid_tool_call",
                "name": "double",
                "args": '{"x": ',
                "id": "b",
                "error": "arguments are cut off: not a whole JSON object",
            },
            {"type": "invalid_tool_call", "name": None, "args": "", "id": "c", "error": None},
        ],
    )
    assert answers(both(message, [double])) == [
        ("a", "success", "2"),
        ("b", "error", "arguments are cut off: not a whole JSON object"),
        ("c", "error", "the arguments are not a JSON object"),
    ]


def test_errors_for_the_model_are_answered_and_others_raised() -> None:
    assert answers(both([call("fail", how="tool")], [fail])) == [("1", "error", "tool")]
    for run in (run_tool_calls, lambda *a: asyncio.run(arun_tool_calls(*a))):
        with pytest.raises(ValueError, match="other"):
            run([call("fail", how="other")], [fail])
    assert answers(both([call("fail", how="other")], [fail], handle_errors=Exception)) == [
        ("1", "error", "other")
    ]
    several = both([call("fail", how="other")], [fail], handle_errors=(KeyError, ValueError))
    assert several[0].status == "error"


def test_functions_are_tools_and_classes_are_not() -> None:
    def shout(text: str) -> str:
        return text.upper()

    class Movie(pydantic.BaseModel):
        title: str

    found = both([call("shout", text="a"), call("Movie", title="b")], [shout, Movie, {"type": "x"}])
    assert answers(found) == [
        ("1", "success", "A"),
        ("1", "error", "There is no tool 'Movie'. The tools are: shout."),
    ]


def test_printed_calls_without_type_or_id() -> None:
    calls = [{"name": "double", "args": {"x": 1}}, {"name": "double", "args": {"x": 2}, "id": None}]
    assert answers(both(calls, [double])) == [("", "success", "2"), ("", "success", "4")]


def test_an_async_tool_in_sync_code_is_refused() -> None:
    assert answers(asyncio.run(arun_tool_calls([call("later", x=1)], [later])))[0][2] == "2"
    with pytest.raises(NotImplementedError, match="later is async"):
        run_tool_calls([call("later", x=1)], [later])


def test_nothing_to_do() -> None:
    assert both(AIMessage("hi"), [double]) == []
