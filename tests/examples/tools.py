"""Examples of calling tools: S-017 to S-024, and the flow of S-051."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from conure.messages import ToolMessage
from tests.examples.page import EXAMPLES, run
from tests.examples.provider import Reply, call
from tests.examples.table import MODEL, Outcome, example

__all__ = ["WEATHER"]

WEATHER = (
    MODEL
    + '''
from conure.tools import tool

@tool
def get_weather(location: str) -> str:
    """Get the weather at a location."""
    return f"It's sunny in {location}."
'''
)
BOUND = WEATHER + "model_with_tools = model.bind_tools([get_weather])\n"
TOOL_1 = (
    MODEL
    + '''
def tool_1(x: int) -> int:
    """Do one thing."""
    return x
'''
)

SENT = {
    "name": "get_weather",
    "description": "Get the weather at a location.",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}
BOSTON = call("get_weather", {"location": "Boston"}, "call_1")
TOKYO = call("get_weather", {"location": "Tokyo"}, "call_2")


@example("S-017", given=MODEL, replies=[Reply(calls=[BOSTON])])
def s017(it: Outcome) -> None:
    assert it.lines == ["Tool: get_weather", "Args: {'location': 'Boston'}"]
    (tool,) = it.wire[0]["tools"]
    assert tool == {"type": "function", "function": SENT}


NOW = "The current weather in Boston is 72°F and sunny."


@example("S-018", given=WEATHER, replies=[Reply(calls=[BOSTON]), Reply(NOW)])
def s018(it: Outcome) -> None:
    assert it.lines == [NOW]
    first, second = it.wire
    question, asked, told = second["messages"]
    assert [question] == first["messages"]
    assert question == {"role": "user", "content": "What's the weather in Boston?"}
    assert (asked["role"], asked["tool_calls"][0]["id"]) == ("assistant", "call_1")
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"location": "Boston"}
    wanted = {"role": "tool", "content": "It's sunny in Boston.", "tool_call_id": "call_1"}
    assert {name: told[name] for name in wanted} == wanted
    assert second["tools"] == first["tools"]


@example("S-019", given=TOOL_1, replies=[Reply("ok")])
def s019(it: Outcome) -> None:
    assert _sent_by(it, "model_with_tools")["tool_choice"] == "required"


@example("S-020", given=TOOL_1, replies=[Reply("ok")])
def s020(it: Outcome) -> None:
    choice = {"type": "function", "function": {"name": "tool_1"}}
    assert _sent_by(it, "model_with_tools")["tool_choice"] == choice


@example("S-022", given=WEATHER, replies=[Reply("ok")])
def s022(it: Outcome) -> None:
    it.space["model_with_tools"] = it.value
    assert _sent_by(it, "model_with_tools")["parallel_tool_calls"] is False


def _sent_by(it: Outcome, name: str) -> Any:
    it.space[name].invoke("hello")
    return it.wire[-1]


@example("S-021", given=WEATHER, replies=[Reply(calls=[BOSTON, TOKYO])])
def s021(it: Outcome) -> None:
    lines = EXAMPLES["S-021"].splitlines()
    page = "".join(line[2:] for line in lines if line.startswith(("# [", "# ]", "#  ")))
    wanted = ast.literal_eval(page)
    printed = ast.literal_eval(it.printed)
    assert printed == [{**one, "type": "tool_call"} for one in wanted]
    results = [(one.content, one.tool_call_id) for one in it.space["results"]]
    assert results == [("It's sunny in Boston.", "call_1"), ("It's sunny in Tokyo.", "call_2")]
    # As printed on the page, without `type`, a call is a call all the same.
    again = it.space["get_weather"].invoke(wanted[0])
    assert isinstance(again, ToolMessage)
    assert again.tool_call_id == "call_1"


STREAMED = [
    call("get_weather", {"location": "Boston"}, "call_SvMlU1TVIZugrFLckFE2ceRE",
         '{"lo', "catio", 'n": "B', "osto", 'n"}'),
    call("get_weather", {"location": "Tokyo"}, "call_QMZdy6qInx13oWKE7KhuhOLR",
         '{"lo', "catio", 'n": "T', "okyo", '"}'),
]  # fmt: skip


@example("S-023", given=BOUND, replies=[Reply(calls=STREAMED)])
def s023(it: Outcome) -> None:
    _, _, output = EXAMPLES["S-023"].partition("# Output:\n")
    assert it.lines == [line.removeprefix("# ") for line in output.splitlines()]


@example("S-024", given=BOUND, replies=[Reply(calls=STREAMED[:1])])
def s024(it: Outcome) -> None:
    steps = [ast.literal_eval(line) for line in it.lines]
    seen: list[Any] = []
    for calls in steps:
        if calls and calls[0]["args"] not in seen:
            seen.append(calls[0]["args"])
    assert seen == [{}, {"location": "B"}, {"location": "Bosto"}, {"location": "Boston"}]
    assert it.space["gathered"].tool_calls == steps[-1]


FLOW = """
model_with_tools = model.bind_tools([get_weather])
messages = [{"role": "user", "content": "What's the weather in SF and NYC?"}]
while True:
    ai_msg = model_with_tools.invoke(messages)
    messages.append(ai_msg)
    if not ai_msg.tool_calls:
        break
    messages += run_tool_calls(ai_msg, [get_weather])
print(messages[-1].text)
"""
CITIES = [
    call("get_weather", {"location": "San Francisco"}, "call_1"),
    call("get_weather", {"location": "New York"}, "call_2"),
]
BOTH = "SF: 72°F sunny, NYC: 68°F cloudy"


@example(
    "S-051",
    given=WEATHER + "from conure.tools import run_tool_calls\n",
    source=FLOW,
    replies=[Reply(calls=CITIES), Reply(BOTH)],
)
def s051(it: Outcome) -> None:
    assert it.lines == [BOTH]
    said = [(one["role"], one.get("tool_call_id")) for one in it.wire[1]["messages"]]
    assert said == [("user", None), ("assistant", None), ("tool", "call_1"), ("tool", "call_2")]
    with pytest.raises(NameError):
        run("run_tool_calls", {})
