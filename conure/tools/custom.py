"""Custom tools: the model writes a text, not JSON, if wanted by a grammar.

https://platform.openai.com/docs/guides/function-calling#custom-tools
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any, overload

from .function_tools import Tool, documented, named

__all__ = ["CustomTool", "custom_tool"]


class CustomTool(Tool):
    """A tool that takes a text as the model wrote it."""

    definition: dict[str, Any]
    """how the model is told of it"""


@overload
def custom_tool(function: Callable[..., Any], /) -> CustomTool: ...
@overload
def custom_tool(
    *,
    format: dict[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], CustomTool]: ...
def custom_tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    format: dict[str, Any] | None = None,  # noqa: A002 - the same
) -> Any:
    """Make a custom tool of a function of one text: `@custom_tool`, `@custom_tool(format=...)`.

    >>> @custom_tool
    ... def shout(text: str) -> str:
    ...     '''Say it louder.'''
    ...     return text.upper()
    >>> shout.invoke({"type": "tool_call", "name": "shout", "args": {"__arg1": "hi"}, "id": "1"})
    ToolMessage(content=[{'type': 'custom_tool_call_output', 'output': 'HI'}], name='shout', \
tool_call_id='1')
    """
    if function is None:
        return partial(_made, grammar=format)
    return _made(function, grammar=format)


def _made(function: Callable[..., Any], *, grammar: dict[str, Any] | None) -> CustomTool:
    name = named(function)
    description = documented(function, Tool(name, function)) or name
    definition: dict[str, Any] = {"type": "custom", "name": name, "description": description}
    if grammar is not None:
        definition["format"] = grammar
    colour = "coroutine" if iscoroutinefunction(function) else "func"
    wrapped = _async_wrapped(function) if colour == "coroutine" else _wrapped(function)
    return CustomTool(name, description=description, definition=definition, **{colour: wrapped})


def _wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        return [{"type": "custom_tool_call_output", "output": function(*args, **kwargs)}]

    return call


def _async_wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        return [{"type": "custom_tool_call_output", "output": await function(*args, **kwargs)}]

    return call
