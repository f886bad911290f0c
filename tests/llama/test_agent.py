"""An agent over a model in this process: two tools, each call held to its schema by a grammar."""

from __future__ import annotations

import asyncio
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pytest

from conure import init_chat_model
from conure.agents import create_agent
from conure.agents.middleware import wrap_model_call
from conure.messages import AIMessage, ToolMessage

pytestmark = pytest.mark.xdist_group("local")

STEPS = ("find_bird", "send_note")


@wrap_model_call
def one_tool_after_the_other(request: Any, handler: Any) -> Any:
    """Hold the model to the next tool; then let it say something."""
    done = sum(isinstance(message, AIMessage) for message in request.messages)
    if done < len(STEPS):
        return handler(request.override(tool_choice=STEPS[done]))
    return handler(request.override(tools=[]))


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_an_agent_completes_a_task_of_two_tools(tiny: Path, is_async: bool) -> None:
    called: list[tuple[str, Any, Any]] = []

    def find_bird(kind: Literal["parrot", "conure"], count: int) -> str:
        """Find birds of a kind."""
        called.append(("find_bird", kind, count))
        return f"{kind}, found"

    def send_note(to: Literal["ada", "bob"], urgent: bool) -> str:
        """Send a note of what was found."""
        called.append(("send_note", to, urgent))
        return f"sent to {to}"

    model = init_chat_model(f"local:{tiny}", n_ctx=2048, seed=5, max_tokens=400)
    agent = create_agent(model, [find_bird, send_note], middleware=[one_tool_after_the_other])
    asked: Any = {"messages": "Find a bird and send a note."}
    result = asyncio.run(agent.ainvoke(asked)) if is_async else agent.invoke(asked)

    # A model of random weights may call a tool as often as it likes, but no other.
    assert [name for name, _ in groupby(called, lambda call: call[0])] == [*STEPS]
    for name, first, second in called:
        if name == "find_bird":
            assert first in ("parrot", "conure")
            assert isinstance(second, int)
        else:
            assert first in ("ada", "bob")
            assert isinstance(second, bool)
    messages = result["messages"]
    answers = [message.text for message in messages if isinstance(message, ToolMessage)]
    assert answers == [
        f"{first}, found" if name == "find_bird" else f"sent to {first}"
        for name, first, _ in called
    ]
    assert isinstance(messages[-1], AIMessage)
    assert not messages[-1].tool_calls
    model.close()
