"""What type checkers see of agents. Checked by pyright and mypy, not run."""

from __future__ import annotations

from typing import Any, assert_type

from pydantic import BaseModel

from conure.agents import Agent, AgentResult, AgentState, create_agent
from conure.agents.middleware import AgentMiddleware, ModelRequest, ToolCallRequest, hook_config
from conure.agents.structured_output import AutoStrategy, ProviderStrategy, ToolStrategy
from conure.checkpoint import InMemorySaver
from conure.messages import AIMessage, AnyMessage
from conure.runtime import Runtime, get_runtime
from conure.types import Command, interrupt


class Movie(BaseModel):
    title: str


class Mine(AgentState[Movie]):
    topic: str


def results(config: Any) -> None:
    plain = create_agent("openai:gpt-4.1", checkpointer=InMemorySaver())
    assert_type(plain, Agent[dict[str, Any]])
    assert_type(plain.invoke({"messages": "hi"}), dict[str, Any])

    agent = create_agent("openai:gpt-4.1", response_format=Movie)
    assert_type(agent, Agent[AgentResult[Movie]])
    assert_type(agent.invoke({"messages": "hi"})["structured_response"], Movie)
    assert_type(agent.invoke(Command(resume=True))["messages"], list[AnyMessage])
    for strategy in (ProviderStrategy(Movie), ToolStrategy(Movie), AutoStrategy(Movie)):
        made = create_agent("openai:gpt-4.1", response_format=strategy)
        assert_type(made.invoke({"messages": "hi"})["structured_response"], Movie)

    whole = create_agent("openai:gpt-4.1", state_schema=Mine, response_format=Movie)
    assert_type(whole.invoke({"messages": "hi"})["topic"], str)
    assert_type(whole.with_config(config), Agent[Mine])
    assert_type(whole.get_state(config).next, tuple[str, ...])


async def results_later() -> None:
    agent = create_agent("openai:gpt-4.1", response_format=Movie)
    assert_type((await agent.ainvoke({"messages": "hi"}))["structured_response"], Movie)


class Guard(AgentMiddleware[Mine, str, Movie]):
    state_schema = Mine

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: Mine, runtime: Runtime[str]) -> dict[str, Any] | None:
        assert_type(runtime.context, str)
        assert_type(get_runtime(int).context, int)
        return None if interrupt(state["topic"]) else {"jump_to": "end"}

    def wrap_model_call(self, request: ModelRequest[str], handler: Any) -> AIMessage:
        assert_type(request.override(system_prompt="Be brief."), ModelRequest[str])
        return AIMessage("ok")

    def wrap_tool_call(self, request: ToolCallRequest, handler: Any) -> Any:
        return handler(request.override(tool=None))
