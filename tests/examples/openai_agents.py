"""Examples that use an agent: S-123 to S-126, S-129, S-130 and S-148 to S-151.

Each runs as it stands on the page. The replies are those that the page shows, and what the agent
prints is compared with what the page prints.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from tests.examples.openai_table import PAGE, answer, covers, openai_example
from tests.examples.provider import Reply, call
from tests.examples.table import Outcome

__all__: list[str] = []

TITLE = re.compile(r"^=+ (\w+) Message =+\n+", re.MULTILINE)


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


def _page_s(name: str) -> list[tuple[str, Any, str]]:
    return _shown(PAGE[name])


def _prints(it: Outcome, page: str) -> None:
    found, wanted = _shown(it.printed), _page_s(page)
    assert covers([list(one) for one in found], [list(one) for one in wanted])


def _custom(it: Outcome, tool: Any, page: str, **definition: Any) -> None:
    assert it.paths == ["/v1/responses"] * 2
    first, second = it.wire
    wanted = {"type": "custom", "name": tool.name, "description": tool.description, **definition}
    assert first["tools"] == second["tools"] == [wanted]
    _, thought, called, output = second["input"]
    (_, content, _) = _page_s(page)[1]
    assert covers([thought, called], content)
    back = {"type": "custom_tool_call_output", "call_id": called["call_id"], "output": "27"}
    assert output == back
    _prints(it, page)


@openai_example("S-123", "S-124", responses=_answers("S-124"))
def s123(it: Outcome) -> None:
    _custom(it, it.space["execute_code"], "S-124")
    assert it.space["stream"].output["messages"][-1].text == "27"


@openai_example("S-125", "S-126", responses=_answers("S-126"))
def s125(it: Outcome) -> None:
    _custom(it, it.space["do_math"], "S-126", format=it.space["format_"])


@openai_example(
    "S-129",
    "S-130",
    replies=[
        Reply(calls=[call("weather_tool", {"location": "SF"}, "call_1")]),
        Reply('{"temperature": 75.0, "condition": "Sunny"}'),
    ],
)
def s129(it: Outcome) -> None:
    for body in it.wire:
        assert body["response_format"]["json_schema"]["name"] == "Weather"
        assert body["tools"][0]["function"]["name"] == "weather_tool"
    assert it.wire[1]["messages"][-1]["content"] == "Sunny and 75 degrees F."
    assert repr(it.value) == PAGE["S-130"].strip()


IMPORTS = """
from typing import Any
from conure.agents import AgentState, create_agent
from conure.agents.middleware import AgentMiddleware, ToolCallRequest, hook_config
from conure.messages import AIMessage, HumanMessage
from conure.openai import ChatOpenAI
from conure.tools import convert_to_openai_tool, tool
"""


@openai_example("S-148", "S-149", given=IMPORTS, responses=_answers("S-149"))
def s148(it: Outcome) -> None:
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
    _prints(it, "S-149")


@openai_example("S-150", "S-151", given=IMPORTS, responses=_answers("S-151"))
def s150(it: Outcome) -> None:
    config = it.space["tool_search_config"]
    assert len(it.wire) == 3
    assert [body["tools"] for body in it.wire] == [[config]] * 3
    (_, asked, _), (_, loaded, _) = _page_s("S-151")[1:3]
    assert covers(it.wire[1]["input"][1:], [*asked, *loaded])
    called, output = it.wire[2]["input"][3:]
    assert (called["type"], called["namespace"]) == ("function_call", "get_weather")
    assert output["output"] == "The weather in San Francisco is sunny and 72°F"
    _prints(it, "S-151")
