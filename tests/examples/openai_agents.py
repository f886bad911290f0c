"""Examples that use an agent: S-123 to S-126, S-129, S-130 and S-148 to S-151.

They wait for agents. What they ask of the model runs today, round by round: the calls, the tools,
the items that go back, and what is printed. The replies are those that the page shows.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from conure.chat_models import init_chat_model
from conure.messages import AIMessage, HumanMessage, to_messages
from conure.openai import ChatOpenAI
from conure.tools import run_tool_calls
from tests.examples.openai_table import PAGE, answer, covers, openai_example
from tests.examples.provider import Reply, call
from tests.examples.table import Outcome

__all__ = ["AGENTS"]

AGENTS = "comes with agents"
TITLE = re.compile(r"^=+ (\w+) Message =+\n+", re.MULTILINE)


@openai_example("S-123", "S-124", "S-125", "S-126", "S-129", "S-130", waits=AGENTS)
@openai_example("S-148", "S-149", "S-150", "S-151", waits=AGENTS)
def of_agents(it: Outcome) -> None:
    raise NotImplementedError


def _shown(printed: str) -> list[tuple[str, Any, str]]:
    """Read printed messages: title, content, what is below it."""
    found: list[tuple[str, Any, str]] = []
    parts = TITLE.split(printed)[1:]
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        body, between, below = text.strip().partition("\nTool Calls:\n")
        if title == "Tool":
            below, between, body = body.partition("\n\n")
        found.append((title, _read(body), (between + below).strip()))
    return found


def _read(text: str) -> Any:
    """Read a content: lists are printed as Python here and as JSON there."""
    if not text.startswith("["):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return ast.literal_eval(text)


def _printed(messages: Sequence[Any]) -> list[tuple[str, Any, str]]:
    paper = StringIO()
    with redirect_stdout(paper):
        for message in to_messages(messages):
            message.pretty_print()
    return _shown(paper.getvalue())


def _answers(name: str) -> list[dict[str, Any]]:
    """Make the replies that the page shows: items as they are, texts in their messages."""
    found: list[dict[str, Any]] = []
    for title, content, _ in _shown(PAGE[name]):
        if title == "Ai":
            items = [_message(one) if one["type"] == "text" else one for one in content]
            found.append(answer(*items, id=f"resp_{len(found) + 1}"))
    return found


def _message(text: dict[str, Any]) -> dict[str, Any]:
    part = {"type": "output_text", "text": text["text"], "annotations": text["annotations"]}
    head = {"id": text["id"], "type": "message", "role": "assistant", "status": "completed"}
    return {**head, "content": [part]}


def _rounds(model: Any, tools: Sequence[Any], messages: list[Any]) -> list[Any]:
    """Ask until there are no more calls."""
    while True:
        reply = model.invoke(messages)
        messages.append(reply)
        if not reply.tool_calls:
            return messages
        messages += run_tool_calls(reply, tools)


def _page_s(name: str) -> list[tuple[str, Any, str]]:
    return _shown(PAGE[name])


def _alike(found: list[tuple[str, Any, str]], wanted: list[tuple[str, Any, str]]) -> bool:
    return covers([list(one) for one in found], [list(one) for one in wanted])


def _custom(it: Outcome, tool: Any, shown: str, **definition: Any) -> None:
    question = {"role": "user", "content": "Use the tool to calculate 3^3."}
    messages = _rounds(it.space["llm"].bind_tools([tool]), [tool], [question])
    assert it.paths == ["/v1/responses"] * 2
    first, second = it.wire
    wanted = {"type": "custom", "name": tool.name, "description": tool.description, **definition}
    assert first["tools"] == second["tools"] == [wanted]
    _, thought, called, output = second["input"]
    (_, content, _) = _page_s(shown)[1]
    assert covers([thought, called], content)
    back = {"type": "custom_tool_call_output", "call_id": called["call_id"], "output": "27"}
    assert output == back
    assert _alike(_printed(messages), _page_s(shown))


def _head(name: str) -> dict[str, Any]:
    """Run an example up to its agent."""
    source = PAGE[name].partition("agent = ")[0]
    return {"part": True, "source": source, "without": ["create_agent", "ProviderStrategy"]}


@openai_example("S-123", responses=_answers("S-124"), **_head("S-123"))
def s123(it: Outcome) -> None:
    _custom(it, it.space["execute_code"], "S-124")


@openai_example("S-125", responses=_answers("S-126"), **_head("S-125"))
def s125(it: Outcome) -> None:
    _custom(it, it.space["do_math"], "S-126", format=it.space["format_"])


@openai_example(
    "S-129",
    replies=[
        Reply(calls=[call("weather_tool", {"location": "SF"}, "call_1")]),
        Reply('{"temperature": 75.0, "condition": "Sunny"}'),
    ],
    **_head("S-129"),
)
def s129(it: Outcome) -> None:
    kind, function = it.space["Weather"], it.space["weather_tool"]
    model = init_chat_model("openai:gpt-5.5").bind_tools([function], response_format=kind)
    *_, last = _rounds(model, [function], [("user", "What's the weather in SF?")])
    for body in it.wire:
        assert body["response_format"]["json_schema"]["name"] == "Weather"
        assert body["tools"][0]["function"]["name"] == "weather_tool"
    assert it.wire[1]["messages"][-1]["content"] == "Sunny and 75 degrees F."
    assert repr(last.additional_kwargs["parsed"]) == PAGE["S-130"].strip()


IMPORTS = """
from conure.openai import ChatOpenAI
from conure.tools import convert_to_openai_tool, tool
"""


@openai_example("S-148", given=IMPORTS, responses=_answers("S-149"), **_head("S-148"))
def s148(it: Outcome) -> None:
    tools = [it.space["get_weather"], it.space["get_recipe"]]
    model = it.space["model"].bind_tools([*tools, {"type": "tool_search"}])
    question = {"role": "user", "content": "What's the weather in San Francisco?"}
    messages = _rounds(model, tools, [question])
    first, second = it.wire
    *functions, search = first["tools"]
    assert search == {"type": "tool_search"}
    assert [(one["name"], one["defer_loading"]) for one in functions] == [
        ("get_weather", True),
        ("get_recipe", True),
    ]
    _, *items, output = second["input"]
    assert covers(items, _page_s("S-149")[1][1])
    assert output["output"] == "The weather in San Francisco is sunny and 72°F"
    assert _alike(_printed(messages), _page_s("S-149"))


@openai_example(
    "S-150",
    given=IMPORTS,
    responses=_answers("S-151"),
    part=True,
    source=PAGE["S-150"].partition("# Implement middleware")[0],
)
def s150(it: Outcome) -> None:
    weather, config = it.space["get_weather"], it.space["tool_search_config"]
    model = ChatOpenAI(model="gpt-5.5", use_responses_api=True).bind_tools([config])
    messages: list[Any] = [HumanMessage("What's the weather in San Francisco?")]
    found = model.invoke(messages)
    assert isinstance(found, AIMessage)
    (asked,) = [one for one in found.content if one["type"] == "tool_search_call"]
    loaded = {
        "type": "tool_search_output",
        "execution": "client",
        "call_id": asked["call_id"],
        "status": "completed",
        "tools": it.space["search_tools"](asked["arguments"]["goal"]),
    }
    messages += [found, HumanMessage(content=[loaded])]
    messages = _rounds(model, [weather], messages)
    assert len(it.wire) == 3
    assert it.wire[0]["tools"] == [config]
    assert it.wire[1]["input"][1:] == [*_page_s("S-151")[1][1], loaded]
    called = it.wire[2]["input"][3]
    assert (called["type"], called["namespace"]) == ("function_call", "get_weather")
    assert _alike(_printed(messages), _page_s("S-151"))
