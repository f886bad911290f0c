"""Bedrock Converse: tools and the choice among them.

Functions come in the neutral form `{"type": "function", "function": {…}}`, in the wire's own or
as other makers write them. What is no function goes as it is: tools of the provider, points of
the cache.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..shape import is_mapping, is_object
from .content import cache_point

__all__ = ["open_tools", "write_choice", "write_tools"]

EMPTY: dict[str, Any] = {"type": "object", "properties": {}}
CHOICES = {"auto": "auto", "any": "any", "none": "none", "required": "any"}
OWN = frozenset({"cachePoint", "systemTool", "toolSpec"})


def write_tools(tools: Iterable[Any]) -> list[Any]:
    """Write the definitions of tools."""
    written: list[Any] = []
    for tool in tools:
        written += _tool(tool)
    return written


def _tool(tool: Any) -> list[Any]:
    if not is_mapping(tool) or not OWN.isdisjoint(tool):
        return [tool]
    inner: Any = tool.get("function")
    function: Mapping[str, Any] = inner if is_mapping(inner) else tool
    if "name" not in function:
        return [tool]
    if tool.get("type") not in (None, "function", "custom") and "input_schema" not in function:
        # A tool that the provider runs, by the name that other makers' tools have, too.
        return [{"systemTool": {"name": function["name"]}}]
    spec: dict[str, Any] = {"name": function["name"]}
    if function.get("description"):
        spec["description"] = function["description"]
    schema = function.get("parameters") or function.get("input_schema") or EMPTY
    spec["inputSchema"] = {"json": schema}
    if function.get("strict") is not None:
        spec["strict"] = function["strict"]
    extras: Mapping[str, Any] = tool.get("extras") or {}
    marks = (place.get("cache_control") for place in (function, tool, extras))
    mark = next((found for found in marks if found is not None), None)
    return [{"toolSpec": spec}] + ([] if mark is None else [cache_point(mark)])


def open_tools(messages: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Define tools that were called before, where nobody defines them now.

    The API refuses a history with calls otherwise. What they take is not known any more.
    """
    names: dict[str, None] = {}
    for turn in messages:
        for block in turn["content"]:
            call = block.get("toolUse")
            if is_object(call) and "type" not in call:
                names[str(call.get("name"))] = None
            elif "toolResult" in block and "type" not in block["toolResult"] and not names:
                # A result whose call is gone: the API wants some tool to be there.
                names["tool"] = None
    return [{"toolSpec": {"name": name, "inputSchema": {"json": EMPTY}}} for name in names]


def write_choice(choice: Any) -> dict[str, Any] | None:
    """Write which tool must or may be called; `{"none": {}}`, which the API lacks, for no tool."""
    if choice is None:
        return None
    if isinstance(choice, bool):
        return {"any" if choice else "none": {}}
    if isinstance(choice, str):
        known = CHOICES.get(choice)
        return {known: {}} if known else {"tool": {"name": choice}}
    kind = choice.get("type")
    if kind is None:
        return dict(choice)
    if kind in CHOICES:
        return {CHOICES[kind]: {}}
    inner: Any = choice.get(kind)
    return {"tool": {"name": (inner if is_mapping(inner) else choice).get("name")}}
