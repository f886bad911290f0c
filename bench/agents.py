"""What the loop of an agent costs beyond its model and its tools, in CPU time per round.

`agents.py conure` or, under an interpreter that has it, `agents.py langchain`. A round is a step
of the model and a step of the tools. The model answers from memory; what it and the tool cost
alone is measured alone and taken off.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["main"]

ROUNDS = 20
RUNS = 100


def _conure(answer: Callable[[Any], Any]) -> tuple[Any, ...]:
    from conure.agents import create_agent
    from conure.messages import AIMessage
    from conure.testing import FunctionChatModel
    from conure.tools import tool

    return create_agent, FunctionChatModel(answer), tool, AIMessage


def _langchain(answer: Callable[[Any], Any]) -> tuple[Any, ...]:
    from langchain.agents import create_agent
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.outputs import ChatGeneration, ChatResult
    from langchain_core.tools import tool

    class Model(BaseChatModel):
        @property
        def _llm_type(self) -> str:
            return "memory"

        def bind_tools(self, tools: Any, **settings: Any) -> Any:  # noqa: ARG002 - theirs
            return self

        def _generate(self, messages: Any, *given: Any, **more: Any) -> Any:  # noqa: ARG002
            return ChatResult(generations=[ChatGeneration(message=answer(messages))])

    return create_agent, Model(), tool, AIMessage


PEERS = {"conure": _conure, "langchain": _langchain}


def main(peer: str) -> None:
    """Measure one peer and print what it took."""

    def answer(messages: Any) -> Any:
        if len(messages) > 2 * ROUNDS:
            return message("done")
        call = {"name": "add", "args": {"a": 1, "b": 2}, "id": str(len(messages))}
        return message("", tool_calls=[call])

    create_agent, model, tool, message = PEERS[peer](answer)

    @tool
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    agent = create_agent(model, [add])
    limit = {"recursion_limit": 1000}
    history = agent.invoke({"messages": [("user", "hi")]}, limit)["messages"]
    bound = model.bind_tools([add])
    call = {"name": "add", "args": {"a": 1, "b": 2}, "id": "1", "type": "tool_call"}

    def asked() -> None:
        if hasattr(model, "calls"):
            model.calls.clear()
        for end in range(1, len(history), 2):
            bound.invoke(history[:end])

    whole = _cpu(lambda: agent.invoke({"messages": [("user", "hi")]}, limit))
    models = _cpu(asked)
    tools = _cpu(lambda: [add.invoke(call) for _ in range(ROUNDS)])
    loop = (whole - models - tools) / (ROUNDS + 1)
    print(f"{peer}: {loop * 1e6:.0f} µs a round, {whole * 1e6:.0f} µs a run of {ROUNDS} rounds")


def _cpu(work: Callable[[], Any]) -> float:
    work()
    times: list[float] = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[RUNS // 4]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "conure")
