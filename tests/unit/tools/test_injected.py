"""What the model does not supply."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import pydantic
import pytest

from conure.runnables import RunnableConfig
from conure.tools import (
    InjectedState,
    InjectedStore,
    InjectedToolArg,
    InjectedToolCallId,
    InvalidToolArguments,
    ToolRuntime,
    run_tool_calls,
    tool,
    tool_definition,
)


def call(name: str, **args: Any) -> Any:
    return {"type": "tool_call", "name": name, "args": args, "id": "call_1"}


@tool
def every(
    query: str,
    user: Annotated[str, InjectedToolArg],
    call_id: Annotated[str, InjectedToolCallId],
    settings: RunnableConfig,
    runtime: ToolRuntime,
    mark: Annotated[int, InjectedToolArg()] = 7,
) -> Any:
    """Take everything."""
    return query, user, call_id, settings["tags"], runtime, mark


def test_the_model_sees_nothing_of_them() -> None:
    assert list(every.args) == ["query"]
    assert list(every.tool_call_schema["properties"]) == ["query"]
    definition = tool_definition(every, strict=True)
    assert definition["function"]["parameters"]["required"] == ["query"]


def test_each_is_supplied() -> None:
    given: list[Any] = []

    @tool
    def keep(
        query: str,
        user: Annotated[str, InjectedToolArg],
        call_id: Annotated[str, InjectedToolCallId],
        settings: RunnableConfig,
        runtime: ToolRuntime[None, dict[str, int]],
        mark: Annotated[int, InjectedToolArg()] = 7,
    ) -> str:
        """Keep."""
        given.append((query, user, call_id, settings, runtime, mark))
        return "kept"

    assert keep.invoke(call("keep", query="q", user="me"), {"tags": ["t"]}).content == "kept"
    [(query, user, call_id, settings, runtime, mark)] = given
    assert (query, user, call_id, settings["tags"], mark) == ("q", "me", "call_1", ["t"], 7)
    assert runtime.tool_call_id == "call_1"
    assert asyncio.run(keep.ainvoke(call("keep", query="q", user="me"))).content == "kept"


def test_outside_an_agent_a_runtime_is_empty() -> None:
    """WART 4.1: outside an agent, a validation error."""

    @tool
    def act(x: int, runtime: ToolRuntime) -> Any:
        """Act."""
        runtime.stream_writer("nobody hears")
        runtime.emit_output_delta("this either")
        return runtime

    runtime = act.invoke({"x": 1})
    assert (runtime.state, runtime.context, runtime.store, runtime.tools) == ({}, None, None, ())
    assert runtime.config["tags"] == []
    own = ToolRuntime[Any, Any](state={"a": 1})
    assert act.invoke({"x": 1, "runtime": own}) is own


def test_the_id_of_the_call_needs_a_call() -> None:
    with pytest.raises(ValueError, match="invoke it with a tool call"):
        every.invoke({"query": "a", "user": "me"})


def test_what_nobody_supplied_is_missing() -> None:
    with pytest.raises(TypeError, match="user"):
        every.invoke(call("every", query="a"))


def test_state_and_store_come_from_an_agent_or_the_caller() -> None:
    @tool
    def act(
        x: int,
        state: Annotated[dict[str, Any], InjectedState("field")],
        store: Annotated[Any, InjectedStore()],
    ) -> Any:
        """Act."""
        return state, store

    assert InjectedState("field").field == "field"
    assert act.invoke({"x": 1, "state": {"a": 1}, "store": "s"}) == ({"a": 1}, "s")
    with pytest.raises(ValueError, match="wants 'state' from an agent"):
        act.invoke({"x": 1})


def test_an_argument_may_be_called_config() -> None:
    """WART 4.1: a model-facing argument named `config` is shadowed and the call fails."""

    @tool
    def deploy(config: dict[str, int], callbacks: list[str], runtime: str) -> Any:
        """Deploy."""
        return config, callbacks, runtime

    assert list(deploy.args) == ["config", "callbacks", "runtime"]
    given = {"config": {"a": 1}, "callbacks": ["b"], "runtime": "c"}
    assert deploy.invoke(given) == ({"a": 1}, ["b"], "c")


def test_reserved_names_without_a_type_of_their_own_are_kept_out() -> None:
    @tool
    def act(x: int, run_manager: Any = None, callbacks=None) -> Any:
        """Act."""
        return x, callbacks

    assert list(act.args) == ["x", "run_manager"]
    assert act.invoke({"x": 1}) == (1, None)


def test_fields_of_a_class_may_be_injected() -> None:
    class Query(pydantic.BaseModel):
        """Find."""

        text: str
        user: Annotated[str, InjectedToolArg] = "nobody"

    @tool(args_schema=Query)
    def find(text: str, user: str) -> Any:
        return text, user

    assert list(find.args) == ["text"]
    assert find.invoke({"text": "a"}) == ("a", "nobody")
    assert find.invoke({"text": "a", "user": "me"}) == ("a", "me")
    for x in (find, Query):
        parameters = tool_definition(x)["function"]["parameters"]
        assert list(parameters["properties"]) == ["text"]


def test_with_an_args_schema_the_function_may_ask_for_more() -> None:
    class Query(pydantic.BaseModel):
        """Find."""

        text: str

    @tool(args_schema=Query)
    def find(text: str, config: RunnableConfig, call_id: Annotated[str, InjectedToolCallId]) -> Any:
        return [text, config["tags"], call_id]

    message = find.invoke(call("find", text="a"), {"tags": ["t"]})
    assert message.content == '["a", ["t"], "call_1"]'


def test_a_model_cannot_supply_what_is_not_its_own() -> None:
    @tool
    def pay(amount: int, user: Annotated[str, InjectedToolArg] = "nobody") -> str:
        """Pay."""
        return f"{user} pays {amount}"

    calls = [call("pay", amount=1, user="somebody else")]
    assert run_tool_calls(calls, [pay])[0].content == "nobody pays 1"
    assert run_tool_calls(calls, [pay], inject={"user": "me"})[0].content == "me pays 1"
    with pytest.raises(InvalidToolArguments):
        pay.invoke(call("pay"))
