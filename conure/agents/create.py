"""`create_agent`: a model, its tools and its middleware, checked and put in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast, overload

from ..chat_models.init import init_chat_model
from ..chat_models.model import ChatModel
from ..checkpoint import Checkpointer
from ..checkpoint.langgraph import LangGraphCheckpointer, checkpointer_of
from ..errors import ConfigurationError
from ..messages import SystemMessage
from ..tools import BaseTool, ToolException, tool_definition
from ..tools.many import as_tool
from .agent import Agent
from .asking import Asker
from .calling import HandleToolErrors, ToolsNode
from .hooks import hooks_of
from .loop import Program
from .middleware.types import AgentMiddleware, system_of
from .nodes import HookNode, ModelNode
from .state import AgentResult, AgentState, StateKeys
from .structured_output import AutoStrategy, ProviderStrategy, ResponseFormat, ToolStrategy

__all__ = ["create_agent"]

ResponseT = TypeVar("ResponseT")
StateT = TypeVar("StateT")
Middleware = AgentMiddleware[Any, Any, Any]


@overload
def create_agent(
    model: str | ChatModel,
    tools: Sequence[Any] | None = None,
    *,
    system_prompt: str | SystemMessage | None = None,
    middleware: Sequence[Any] = (),
    response_format: Any = None,
    state_schema: type[StateT],
    context_schema: type[Any] | None = None,
    checkpointer: Checkpointer | LangGraphCheckpointer | None = None,
    store: Any = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    handle_tool_errors: HandleToolErrors = ToolException,
    name: str | None = None,
) -> Agent[StateT]: ...
@overload
def create_agent(
    model: str | ChatModel,
    tools: Sequence[Any] | None = None,
    *,
    system_prompt: str | SystemMessage | None = None,
    middleware: Sequence[Any] = (),
    response_format: type[ResponseT] | ResponseFormat[ResponseT],
    context_schema: type[Any] | None = None,
    checkpointer: Checkpointer | LangGraphCheckpointer | None = None,
    store: Any = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    handle_tool_errors: HandleToolErrors = ToolException,
    name: str | None = None,
) -> Agent[AgentResult[ResponseT]]: ...
@overload
def create_agent(
    model: str | ChatModel,
    tools: Sequence[Any] | None = None,
    *,
    system_prompt: str | SystemMessage | None = None,
    middleware: Sequence[Any] = (),
    response_format: Mapping[str, Any] | None = None,
    context_schema: type[Any] | None = None,
    checkpointer: Checkpointer | LangGraphCheckpointer | None = None,
    store: Any = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    handle_tool_errors: HandleToolErrors = ToolException,
    name: str | None = None,
) -> Agent[dict[str, Any]]: ...
def create_agent(
    model: str | ChatModel,
    tools: Sequence[Any] | None = None,
    *,
    system_prompt: str | SystemMessage | None = None,
    middleware: Sequence[Any] = (),
    response_format: Any = None,
    state_schema: type[Any] | None = None,
    context_schema: type[Any] | None = None,
    checkpointer: Checkpointer | LangGraphCheckpointer | None = None,
    store: Any = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    handle_tool_errors: HandleToolErrors = ToolException,
    name: str | None = None,
) -> Agent[Any]:
    """Make an agent: a model that calls tools until it has the answer.

    `response_format` asks for a value, which stands under `structured_response`. A `checkpointer`
    keeps each step, by the `thread_id` of the config. `handle_tool_errors` says which errors of
    tools the model is told of, and how: True for all, a text or a function for what to say.

    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> def weather(city: str) -> str:
    ...     "Say how the weather is."
    ...     return f"sunny in {city}"
    >>> call = {"name": "weather", "args": {"city": "Rome"}, "id": "1"}
    >>> model = ScriptedChatModel([AIMessage(tool_calls=[call]), "It is sunny."])
    >>> agent = create_agent(model, [weather])
    >>> result = agent.invoke({"messages": [("user", "How is the weather in Rome?")]})
    >>> [message.text for message in result["messages"][-2:]]
    ['sunny in Rome', 'It is sunny.']
    """
    del context_schema  # for the type checker and the reader
    layers = [_middleware(one) for one in middleware]
    _check_names(layers)
    given = [*(tools or ()), *(tool for one in layers for tool in one.tools)]
    offered, callable_ones = _tools(given)
    response = _response(response_format)
    extra = [one.state_schema for one in layers]
    keys = StateKeys([AgentState, *extra, *([state_schema] if state_schema else [])])
    around_calls = hooks_of(layers, "wrap_tool_call")
    chains = {
        kind: [HookNode(hook) for hook in hooks_of(layers[::direction], kind)]
        for kind, direction in ORDER.items()
    }
    asker = Asker(name, callable_ones, open_world=bool(around_calls))
    asking = ModelNode(
        asker,
        hooks_of(layers, "wrap_model_call"),
        model=init_chat_model(model) if isinstance(model, str) else model,
        tools=offered,
        system_message=system_of(system_prompt),
        response_format=response,
    )
    calling = ToolsNode(callable_ones, around_calls, handle_tool_errors)
    program = Program(chains, asking, calling, keys, name=name)
    return Agent(
        program,
        response=getattr(response, "schema", None),
        checkpointer=checkpointer_of(checkpointer),
        store=store,
        interrupt_before=interrupt_before or (),
        interrupt_after=interrupt_after or (),
        name=name,
    )


ORDER = {"before_agent": 1, "before_model": 1, "after_model": -1, "after_agent": -1}
"""the hooks before and after -> whether the first middleware comes first or last"""


def _middleware(given: Any) -> Middleware:
    if isinstance(given, AgentMiddleware):
        return cast("Middleware", given)
    hint = "an instance: add ()" if isinstance(given, type) else "an AgentMiddleware"
    raise ConfigurationError(f"middleware={given!r}: each must be {hint}")


def _check_names(layers: Sequence[Middleware]) -> None:
    names = [one.name for one in layers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(
            f"two middleware are called {twice[0]!r}: give one of them another `name`"
        )


def _tools(given: Sequence[Any]) -> tuple[list[Any], dict[str, BaseTool]]:
    """Give the tools that the model is told of, and by name those that are called here."""
    offered: list[Any] = []
    callable_ones: dict[str, BaseTool] = {}
    for tool in given:
        made = as_tool(tool)
        if made is None:
            tool_definition(tool)  # a provider runs it, or it is described to the model only
            offered.append(tool)
            continue
        known = callable_ones.setdefault(made.name, made)
        if known is not made:
            raise ConfigurationError(
                f"two tools are called {made.name!r}: the model could not tell them apart"
            )
        offered.append(made)
    return offered, callable_ones


def _response(given: Any) -> Any:
    if given is None or isinstance(given, (ProviderStrategy, ToolStrategy, AutoStrategy)):
        return cast("Any", given)
    return AutoStrategy(given)
