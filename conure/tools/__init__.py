"""Tools: functions that a model may ask to be called.

Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import BaseTool
    from .custom import custom_tool
    from .decorator import tool
    from .definitions import (
        convert_to_json_schema,
        convert_to_openai_function,
        convert_to_openai_tool,
        tool_definition,
    )
    from .errors import InvalidToolArguments, ToolException
    from .function_tools import StructuredTool, Tool
    from .many import arun_tool_calls, run_tool_calls
    from .markers import (
        InjectedState,
        InjectedStore,
        InjectedToolArg,
        InjectedToolCallId,
        ToolRuntime,
    )

__all__ = [
    "BaseTool",
    "InjectedState",
    "InjectedStore",
    "InjectedToolArg",
    "InjectedToolCallId",
    "InvalidToolArguments",
    "StructuredTool",
    "Tool",
    "ToolException",
    "ToolRuntime",
    "arun_tool_calls",
    "convert_to_json_schema",
    "convert_to_openai_function",
    "convert_to_openai_tool",
    "custom_tool",
    "run_tool_calls",
    "tool",
    "tool_definition",
]

HOMES = {
    "BaseTool": "base",
    "InjectedState": "markers",
    "InjectedStore": "markers",
    "InjectedToolArg": "markers",
    "InjectedToolCallId": "markers",
    "InvalidToolArguments": "errors",
    "StructuredTool": "function_tools",
    "Tool": "function_tools",
    "ToolException": "errors",
    "ToolRuntime": "markers",
    "arun_tool_calls": "many",
    "convert_to_json_schema": "definitions",
    "convert_to_openai_function": "definitions",
    "convert_to_openai_tool": "definitions",
    "custom_tool": "custom",
    "run_tool_calls": "many",
    "tool": "decorator",
    "tool_definition": "definitions",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        from importlib import import_module

        return getattr(import_module(f".{home}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
