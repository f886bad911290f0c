"""Anthropic Messages: tools and the choice among them, and the previews that features need.

Functions come in the neutral form `{"type": "function", "function": {…}}` or in the wire's own.
Tools that the provider runs go as they are; those that other makers have too may be named as
they are there.

https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..shape import is_mapping

__all__ = ["betas_of", "write_choice", "write_tools"]

# What other makers call it -> the same here.
PORTABLE: dict[str, dict[str, str]] = {
    "bash": {"type": "bash_20250124", "name": "bash"},
    "code_execution": {"type": "code_execution_20250825", "name": "code_execution"},
    "code_interpreter": {"type": "code_execution_20250825", "name": "code_execution"},
    "memory": {"type": "memory_20250818", "name": "memory"},
    "text_editor": {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
    "tool_search": {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
    "web_fetch": {"type": "web_fetch_20250910", "name": "web_fetch"},
    "web_search": {"type": "web_search_20250305", "name": "web_search"},
    "web_search_preview": {"type": "web_search_20250305", "name": "web_search"},
}

# Fields of a function's definition that stand beside its schema.
BESIDE = (
    "allowed_callers",
    "cache_control",
    "defer_loading",
    "eager_input_streaming",
    "input_examples",
)

EMPTY: dict[str, Any] = {"type": "object", "properties": {}}
CHOICES = {"auto": "auto", "any": "any", "none": "none", "required": "any"}

# The beginning of a tool's type -> the preview it belongs to.
TOOL_BETAS = (
    ("advisor_", "advisor-tool-2026-03-01"),
    ("code_execution_20250522", "code-execution-2025-05-22"),
    ("code_execution_20250825", "code-execution-2025-08-25"),
    ("computer_20241022", "computer-use-2024-10-22"),
    ("computer_20250124", "computer-use-2025-01-24"),
    ("computer_20251124", "computer-use-2025-11-24"),
    ("mcp_toolset", "mcp-client-2025-11-20"),
    ("memory_20250818", "context-management-2025-06-27"),
    ("tool_search_tool_", "advanced-tool-use-2025-11-20"),
    ("web_fetch_20250910", "web-fetch-2025-09-10"),
)
FIELD_BETAS = {
    "allowed_callers": "advanced-tool-use-2025-11-20",
    "defer_loading": "advanced-tool-use-2025-11-20",
    "input_examples": "advanced-tool-use-2025-11-20",
}


def write_tools(tools: Iterable[Any]) -> list[Any]:
    """Write the definitions of tools."""
    return [_tool(tool) for tool in tools]


def _tool(tool: Any) -> Any:
    if not is_mapping(tool):
        return tool
    kind = tool.get("type")
    if kind == "function":
        return _function(tool)
    if (known := PORTABLE.get(str(kind))) is not None:
        return {**known, **{name: value for name, value in tool.items() if name != "type"}}
    if "input_schema" not in tool and "parameters" in tool and "name" in tool:
        return _function(tool)
    return tool


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    inner: Any = tool.get("function")
    function: Mapping[str, Any] = inner if is_mapping(inner) else tool
    written: dict[str, Any] = {"name": function.get("name")}
    if function.get("description"):
        written["description"] = function["description"]
    written["input_schema"] = function.get("parameters") or EMPTY
    if function.get("strict") is not None:
        written["strict"] = function["strict"]
    extras: Mapping[str, Any] = tool.get("extras") or {}
    for name in BESIDE:
        for place in (function, tool, extras):
            if place.get(name) is not None:
                written.setdefault(name, place[name])
    return written


def write_choice(choice: Any, *, parallel: bool | None) -> dict[str, Any] | None:
    """Write which tool must or may be called, and whether several at once."""
    written = _choice(choice)
    if parallel is False and (written or {}).get("type") != "none":
        written = {**(written or {"type": "auto"}), "disable_parallel_tool_use": True}
    return written


def _choice(choice: Any) -> dict[str, Any] | None:
    if choice is None:
        return None
    if isinstance(choice, bool):
        return {"type": "any" if choice else "none"}
    if isinstance(choice, str):
        known = CHOICES.get(choice)
        return {"type": known} if known else {"type": "tool", "name": choice}
    kind = choice.get("type")
    if kind in ("function", "custom"):
        inner: Any = choice.get(kind)
        return {"type": "tool", "name": (inner if is_mapping(inner) else choice).get("name")}
    if kind in ("any", "auto", "none", "tool"):
        return dict(choice)
    # A tool of the provider's own is chosen by its type where bind_tools is given its name.
    named = PORTABLE.get(str(kind), {}).get("name") or choice.get("name") or kind
    return {"type": "tool", "name": named}


def betas_of(tools: Iterable[Any]) -> list[str]:
    """Tell which previews tools belong to."""
    found: list[str] = []
    for tool in tools:
        if is_mapping(tool):
            kind = str(tool.get("type"))
            found += [beta for start, beta in TOOL_BETAS if kind.startswith(start)]
            found += [beta for name, beta in FIELD_BETAS.items() if tool.get(name)]
    return found
