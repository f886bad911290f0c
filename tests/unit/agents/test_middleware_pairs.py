"""Every two middleware of the library together, in both orders, in every way to run an agent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from conure.agents import create_agent, middleware as room
from conure.agents.middleware import (
    AgentMiddleware,
    ClearToolUsesEdit,
    ContextEditingMiddleware,
    HumanInTheLoopMiddleware,
    LLMToolEmulator,
    LLMToolSelectorMiddleware,
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ModelRefusalMiddleware,
    ModelRetryMiddleware,
    PIIMiddleware,
    ProviderToolSearchMiddleware,
    SummarizationMiddleware,
    TodoListMiddleware,
    ToolCallLimitMiddleware,
    ToolErrorMiddleware,
    ToolRetryMiddleware,
)
from conure.anthropic.middleware import AnthropicPromptCachingMiddleware
from conure.checkpoint import InMemorySaver
from conure.types import Command
from tests.unit.agents.scripted import WAYS, call, calls, script, seen, user

THREAD = {"configurable": {"thread_id": "1"}}
MAKERS: dict[str, Callable[[], Any]] = {
    "AnthropicPromptCachingMiddleware": lambda: AnthropicPromptCachingMiddleware(
        unsupported_model_behavior="ignore"
    ),
    "ContextEditingMiddleware": lambda: ContextEditingMiddleware(
        edits=[ClearToolUsesEdit(trigger=0, keep=0)]
    ),
    "HumanInTheLoopMiddleware": lambda: HumanInTheLoopMiddleware({"look": True}),
    "LLMToolEmulator": lambda: LLMToolEmulator(tools=["look"], model=script("played", cycle=True)),
    "LLMToolSelectorMiddleware": lambda: LLMToolSelectorMiddleware(
        model=script('{"tools": ["look"]}', cycle=True)
    ),
    "ModelCallLimitMiddleware": lambda: ModelCallLimitMiddleware(run_limit=3),
    "ModelFallbackMiddleware": lambda: ModelFallbackMiddleware(script("else", cycle=True)),
    "ModelRefusalMiddleware": ModelRefusalMiddleware,
    "ModelRetryMiddleware": lambda: ModelRetryMiddleware(initial_delay=0),
    "PIIMiddleware": lambda: PIIMiddleware("email", apply_to_tool_results=True),
    "ProviderToolSearchMiddleware": ProviderToolSearchMiddleware,
    "SummarizationMiddleware": lambda: SummarizationMiddleware(
        script("in short", cycle=True), trigger=("messages", 3), keep=("messages", 2)
    ),
    "TodoListMiddleware": TodoListMiddleware,
    "ToolCallLimitMiddleware": lambda: ToolCallLimitMiddleware(run_limit=1),
    "ToolErrorMiddleware": lambda: ToolErrorMiddleware(lambda error, request: str(error)),
    "ToolRetryMiddleware": lambda: ToolRetryMiddleware(initial_delay=0),
}


def look(place: str) -> str:
    """Look at a place."""
    return f"write to ann@example.com at {place}"


def run_with(way: Callable[..., Any], *names: str) -> dict[str, Any]:
    """Run one agent to its end, and approve what it asks about on the way."""
    agent = create_agent(
        script(calls(call("look", "1", place="a"), call("look", "2", place="b")), "done"),
        [look],
        system_prompt="Be brief.",
        middleware=[MAKERS[name]() for name in names],
        checkpointer=InMemorySaver(),
    )
    result = way(agent, user("I am bob@example.com"), THREAD)
    while questions := agent.get_state(THREAD).interrupts:
        waiting = questions[0].value["action_requests"]
        approval = {"decisions": [{"type": "approve"} for _ in waiting]}
        result = way(agent, Command(resume=approval), THREAD)
    return result


def test_every_middleware_of_the_library_has_a_maker():
    known = {
        name
        for name in room.__all__
        if isinstance(kind := getattr(room, name), type)
        and issubclass(kind, AgentMiddleware)
        and kind is not AgentMiddleware
    }
    assert known | {"AnthropicPromptCachingMiddleware"} == set(MAKERS)


@pytest.mark.parametrize("names", [*permutations(MAKERS, 2)], ids="+".join)
def test_two_together_end_in_the_same_state_in_every_way(names):
    first, *others = [run_with(way, *names) for way in WAYS.values()]
    said = seen(first)
    assert said[-1][1] == "done"
    asked = {one["id"] for message in said for one in message[3] or ()}
    answered = [message[4] for message in said if message[0] == "tool"]
    assert sorted(answered) == sorted(asked), "each call is answered once"
    for other in others:
        assert seen(other) == said
        assert other.keys() == first.keys()


@pytest.mark.parametrize("name", MAKERS)
def test_each_alone_ends_in_the_same_state_in_every_way(name):
    first, *others = [seen(run_with(way, name)) for way in WAYS.values()]
    assert first[-1][1] == "done"
    assert all(other == first for other in others)
