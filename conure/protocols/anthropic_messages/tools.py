"""Anthropic Messages: tools and the choice among them.

Functions come in the neutral form `{"type": "function", "function": {…}}` or in the wire's own.
Tools that the provider runs go as they are; those that other makers have too may be named as
they are there. A type that is neither is refused: the API's own end in their date.

https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping
from .mcp import write_server

__all__ = ["write_choice", "write_tools"]

# What other makers call it -> the same here.
PORTABLE: dict[str, dict[str, str]] = {
    "bash": {"type": "bash_20250124", "name": "bash"},
    "code_execution": {"type": "code_execution_20250825", "name": "code_execution"},
    "code_interpreter": {"type": "code_execution_20250825", "name": "code_execution"},
    "google_search": {"type": "web_search_20250305", "name": "web_search"},
    "memory": {"type": "memory_20250818", "name": "memory"},
    "text_editor": {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
    "tool_search": {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
    "url_context": {"type": "web_fetch_20250910", "name": "web_fetch"},
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

# Fields of such tools that other makers alone have.
FOREIGN = ("container", "external_web_access", "search_context_size")
# Types of the API's own.
OWN = re.compile(r"custom|mcp_toolset|.*_\d{8}")


def write_tools(
    tools: Iterable[Any], warnings: list[str]
) -> tuple[list[Any], list[dict[str, Any]]]:
    """Write the definitions of tools, and of the MCP servers among them."""
    written: list[Any] = []
    servers: list[dict[str, Any]] = []
    for position, tool in enumerate(tools):
        where = f"tools[{position}]"
        if is_mapping(tool) and tool.get("type") == "mcp":
            server, its_tools = write_server(tool, where)
            servers.append(server)
            written.append(its_tools)
        else:
            written.append(_tool(tool, where, warnings))
    return written, servers


def _tool(tool: Any, where: str, warnings: list[str]) -> Any:
    if not is_mapping(tool):
        return tool
    kind = tool.get("type")
    if kind is None and len(tool) == 1 and (sole := next(iter(tool))) in PORTABLE:
        # Some name a tool by its only key.
        return _portable(sole, tool[sole] or {}, warnings)
    if kind == "function":
        return _function(tool)
    if str(kind) in PORTABLE:
        return _portable(str(kind), tool, warnings)
    if "input_schema" not in tool and "parameters" in tool and "name" in tool:
        return _function(tool)
    if kind is not None and "input_schema" not in tool and not OWN.fullmatch(str(kind)):
        raise ConfigurationError(
            f"{where}: this provider has no tool of type {kind!r}. It has {', '.join(PORTABLE)}, "
            "and those that its documentation names by type and date, as in 'web_search_20250305'"
        )
    return tool


def _portable(kind: str, tool: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
    """Write a tool that other makers have too, by its name there."""
    fields = {name: value for name, value in tool.items() if name != "type"}
    if is_mapping(filters := fields.pop("filters", None)):
        fields |= filters
    warnings += [
        f"{name} of {kind} was left out: this provider does not take it"
        for name in FOREIGN
        if fields.pop(name, None) not in (None, {"type": "auto"})
    ]
    return {**PORTABLE[kind], **fields}


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
