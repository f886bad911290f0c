"""Tool calls as people write them -> tool calls.

Ours are checked and every mistake is named; OpenAI's, and those in older histories, are read.
Arguments that are no whole JSON object make an invalid call, never a repaired one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigurationError
from .arguments import read_whole

if TYPE_CHECKING:
    from .blocks import InvalidToolCall, ToolCall

__all__ = ["check_tool_calls", "invalid_call", "openai_calls"]


def check_tool_calls(owner: str, calls: Iterable[Any]) -> list[ToolCall]:
    """Answer tool calls with every key in its place; raise naming the first mistake."""
    return [_call(f"{owner} tool_calls[{i}]", call) for i, call in enumerate(calls)]


_CALL_KEYS = frozenset({"name", "args", "id", "type", "index", "extras"})


def _call(where: str, call: Any) -> ToolCall:
    if not isinstance(call, Mapping):
        raise ConfigurationError(f"{where} must be a dict, not {type(call).__name__}")
    fields = cast("Mapping[str, Any]", call)
    if unknown := fields.keys() - _CALL_KEYS:
        hint = ""
        if "function" in unknown or "arguments" in unknown:
            hint = "; OpenAI's shape goes into a dict message, or through convert_to_messages"
        raise ConfigurationError(
            f"{where} has unknown keys {sorted(unknown)}; it takes name, args and id{hint}"
        )
    name, args = fields.get("name"), fields.get("args")
    if not isinstance(name, str):
        raise ConfigurationError(f"{where}['name'] must be a str, not {type(name).__name__}")
    if not isinstance(args, dict):
        hint = ": parse the JSON text first" if isinstance(args, str) else ""
        raise ConfigurationError(f"{where}['args'] must be a dict, not {type(args).__name__}{hint}")
    number = fields.get("id")
    made: dict[str, Any] = {
        "name": name,
        "args": args,
        "id": None if number is None else str(number),
    }
    made["type"] = "tool_call"
    if len(fields) > len(made) or not fields.keys() <= made.keys():
        made |= {key: fields[key] for key in ("index", "extras") if key in fields}
    return cast("ToolCall", made)


def invalid_call(call: Mapping[str, Any]) -> InvalidToolCall:
    """Answer an invalid tool call with every key in its place."""
    made = {"type": "invalid_tool_call"} | {k: call.get(k) for k in ("name", "args", "id", "error")}
    made |= {key: call[key] for key in ("index", "extras") if key in call}
    return cast("InvalidToolCall", made)


def openai_calls(calls: Iterable[Any]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """Read tool calls in OpenAI's shape or ours: those with whole arguments, and the others."""
    good: list[Any] = []
    bad: list[Any] = []
    for call in calls:
        if not isinstance(call, Mapping):
            raise ConfigurationError(f"a tool call must be a dict, not {type(call).__name__}")
        fields = cast("Mapping[str, Any]", call)
        function = fields.get("function")
        custom = fields.get("custom")
        if isinstance(function, Mapping):
            read = _function_call(fields, cast("Mapping[str, Any]", function))
        elif isinstance(custom, Mapping):
            inner = cast("Mapping[str, Any]", custom)
            read = {"name": inner.get("name"), "args": {"__arg1": inner.get("input", "")}}
            read |= {"id": fields.get("id"), "extras": {"type": "custom_tool_call"}}
        else:
            read = dict(fields)
            if isinstance(read.get("args"), str):
                read = _read_args(read, read["args"])
        (bad if "error" in read else good).append({**read, "type": _KINDS["error" in read]})
    return good, bad


_KINDS = ("tool_call", "invalid_tool_call")


def _function_call(call: Mapping[str, Any], function: Mapping[str, Any]) -> dict[str, Any]:
    rest = {k: v for k, v in call.items() if k not in ("function", "id", "type", "index", "extras")}
    extras: dict[str, Any] = {**rest, **(call.get("extras") or {})}
    read: dict[str, Any] = {"name": function.get("name"), "args": {}, "id": call.get("id")}
    if extras:
        read["extras"] = extras
    arguments = function.get("arguments")
    if isinstance(arguments, Mapping):
        return {**read, "args": dict(cast("Mapping[str, Any]", arguments))}
    return _read_args(read, arguments)


def _read_args(read: dict[str, Any], text: Any) -> dict[str, Any]:
    args = read_whole(text if isinstance(text, str) else None)
    if isinstance(args, str):
        return {**read, "args": text, "error": None}
    return {**read, "args": args}
