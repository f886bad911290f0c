"""Functions as middleware: `@before_model`, `@wrap_tool_call` and the others.

A function, sync or async, becomes the one hook of a middleware that goes by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction
from typing import Any, cast

from ...errors import ConfigurationError
from ..state import AgentState, JumpTo
from .types import AgentMiddleware, hook_config, system_of

__all__ = [
    "after_agent",
    "after_model",
    "before_agent",
    "before_model",
    "dynamic_prompt",
    "wrap_model_call",
    "wrap_tool_call",
]

Middleware = AgentMiddleware[Any, Any, Any]


def before_agent(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    can_jump_to: Sequence[JumpTo] | None = None,
    name: str | None = None,
) -> Any:
    """Run a function of (state, runtime) once, before everything else."""
    return _made("before_agent", function, state_schema, tools, name, can_jump_to)


def before_model(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    can_jump_to: Sequence[JumpTo] | None = None,
    name: str | None = None,
) -> Any:
    """Run a function of (state, runtime) before each question to the model."""
    return _made("before_model", function, state_schema, tools, name, can_jump_to)


def after_model(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    can_jump_to: Sequence[JumpTo] | None = None,
    name: str | None = None,
) -> Any:
    """Run a function of (state, runtime) after each reply, before its tools are called.

    >>> @after_model(can_jump_to=["end"])
    ... def enough(state, runtime):
    ...     return {"jump_to": "end"} if len(state["messages"]) > 20 else None
    >>> enough.name
    'enough'
    """
    return _made("after_model", function, state_schema, tools, name, can_jump_to)


def after_agent(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    can_jump_to: Sequence[JumpTo] | None = None,
    name: str | None = None,
) -> Any:
    """Run a function of (state, runtime) once, in the end."""
    return _made("after_agent", function, state_schema, tools, name, can_jump_to)


def wrap_model_call(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    name: str | None = None,
) -> Any:
    """Put a function of (request, handler) around each question to the model."""
    return _made("wrap_model_call", function, state_schema, tools, name)


def wrap_tool_call(
    function: Callable[..., Any] | None = None,
    *,
    state_schema: type[Any] | None = None,
    tools: Sequence[Any] | None = None,
    name: str | None = None,
) -> Any:
    """Put a function of (request, handler) around each call of a tool."""
    return _made("wrap_tool_call", function, state_schema, tools, name)


def dynamic_prompt(function: Callable[..., Any] | None = None) -> Any:
    """Let a function of the request say what the system prompt is: a str or `SystemMessage`."""
    if function is None:
        return dynamic_prompt
    prompt = function

    def change(request: Any, handler: Any) -> Any:
        return handler(request.override(system_message=system_of(prompt(request))))

    async def achange(request: Any, handler: Any) -> Any:
        return await handler(request.override(system_message=system_of(await prompt(request))))

    changing = achange if iscoroutinefunction(function) else change
    return _made("wrap_model_call", changing, None, None, function.__name__)


def _made(
    hook: str,
    function: Callable[..., Any] | None,
    state_schema: type[Any] | None,
    tools: Sequence[Any] | None,
    name: str | None,
    can_jump_to: Sequence[JumpTo] | None = None,
) -> Any:
    if function is None:

        def made_of(given: Callable[..., Any]) -> Any:
            return _made(hook, given, state_schema, tools, name, can_jump_to)

        return made_of
    if not callable(cast("Any", function)):
        raise ConfigurationError(f"@{hook} stands before a function, or is called with its options")
    if can_jump_to is not None:
        hook_config(can_jump_to=can_jump_to)(function)
    parts: dict[str, Any] = {
        f"a{hook}" if iscoroutinefunction(function) else hook: staticmethod(function),
        "state_schema": state_schema or AgentState,
        "tools": list(tools or ()),
        "name": name or getattr(function, "__name__", hook),
    }
    made = type(parts["name"], (AgentMiddleware,), parts)
    return cast("Middleware", made())
