"""Cohere's chat API: the settings of a call, what each may be, and how it is written.

`SETTINGS` maps a name to a check that answers None, or in words what is wrong with a value.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..checks import FLAG, LIST, OBJECT, TEXT, Check, anything, choice, number, texts, whole
from ..shape import is_mapping, is_object

__all__ = ["SETTINGS", "write_settings"]

SETTINGS: dict[str, Check] = {
    "citation_options": OBJECT,
    "documents": LIST,
    "extra_body": OBJECT,
    "frequency_penalty": number(0, 1),
    "k": whole(0, 500),
    "logprobs": FLAG,
    "max_tokens": whole(1),
    "model_kwargs": OBJECT,
    "p": number(0, 1),
    "parallel_tool_calls": FLAG,
    "presence_penalty": number(0, 1),
    "priority": whole(0),
    "reasoning_effort": TEXT,
    "response_format": anything,
    "safety_mode": TEXT,
    "seed": whole(0),
    "stop": texts,
    "stream_usage": FLAG,
    "strict_tools": FLAG,
    "temperature": number(0),
    "thinking": OBJECT,
    "tool_choice": choice,
    "tools": LIST,
    "top_k": whole(0, 500),
    "top_p": number(0, 1),
}

# Settings with a meaning of their own below, and those that shape the exchange, not the body.
ELSEWHERE = frozenset({
    "extra_body", "extra_headers", "extra_query", "model", "model_kwargs", "parallel_tool_calls",
    "reasoning_effort", "response_format", "stop", "stop_sequences", "stream", "stream_usage",
    "timeout", "tool_choice", "tools", "top_k", "top_p",
})  # fmt: skip
RENAMES = {"top_k": "k", "top_p": "p"}
FREE = ("auto", None)
"""choices among tools that are what happens anyway"""
FORCED = ("any", "required", True)
FORBIDDEN = ("none", False)


def write_settings(
    body: dict[str, Any], settings: Mapping[str, Any], *, warnings: list[str]
) -> None:
    """Write settings into a request; what cannot be said is told in `warnings`."""
    given: Mapping[str, Any] = settings
    if more := settings.get("model_kwargs"):
        given = {**more, **settings}
    body |= {
        name: value for name, value in given.items() if value is not None and name not in ELSEWHERE
    }
    for name, own in RENAMES.items():
        if (value := given.get(name)) is not None:
            body.setdefault(own, value)
    if stop := given.get("stop") or given.get("stop_sequences"):
        body["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    if (effort := given.get("reasoning_effort")) is not None and "thinking" not in body:
        # How long it thinks is said in tokens, of which an effort says nothing.
        body["thinking"] = {"type": "disabled" if effort == "none" else "enabled"}
    if (shape := _shape(given.get("response_format"))) is not None:
        body["response_format"] = shape
    if given.get("tools"):
        _write_tools(body, given, warnings)
    if extra := settings.get("extra_body"):
        body.update(extra)


def _shape(wanted: Any) -> Any:
    """Write what an answer must look like; the schema has no name here."""
    if wanted is None:
        return None
    if not is_mapping(wanted):
        raise ConfigurationError(
            "response_format must be a dict such as {'type': 'json_schema', 'json_schema': {…}}, "
            f"not {type(wanted).__name__}"
        )
    if wanted.get("type") != "json_schema":
        return wanted
    inner: Any = wanted.get("json_schema")
    schema = (inner if is_mapping(inner) else wanted).get("schema", inner)
    return {"type": "json_object", "json_schema": schema}


def _write_tools(body: dict[str, Any], given: Mapping[str, Any], warnings: list[str]) -> None:
    tools = [_tool(tool, f"tools[{n}]") for n, tool in enumerate(given["tools"])]
    asked = [tool["function"].pop("strict", None) for tool in tools]
    if any(asked) and "strict_tools" not in body:
        body["strict_tools"] = True
        if not all(asked):
            warnings.append("strict: this provider holds all tools to their schemas, or none")
    word, name = _choice(given.get("tool_choice"))
    if name is not None:
        # The API cannot name a tool: offered alone, it is the one that is called.
        tools = [tool for tool in tools if tool["function"].get("name") == name]
        if not tools:
            raise ConfigurationError(f"tool_choice names {name!r}, which is none of the tools")
    body["tools"] = tools
    if word is not None:
        body["tool_choice"] = word
    if given.get("parallel_tool_calls") is False and name is None:
        warnings.append("parallel_tool_calls was left out: this provider does not take it")


def _choice(chosen: Any) -> tuple[str | None, str | None]:
    """Read a choice among tools: the wire's word for it, and the tool it names."""
    if is_mapping(chosen):
        inner: Any = chosen.get("function")
        name = (inner if is_mapping(inner) else chosen).get("name")
        return ("REQUIRED", name) if name else _choice(chosen.get("type"))
    word = chosen.lower() if isinstance(chosen, str) else chosen
    if word in FREE:
        return None, None
    if word in FORCED:
        return "REQUIRED", None
    return ("NONE", None) if word in FORBIDDEN else ("REQUIRED", chosen)


def _tool(tool: Any, where: str) -> dict[str, Any]:
    if not is_mapping(tool):
        raise ConfigurationError(f"{where} must be a dict, not {type(tool).__name__}")
    function: Any = tool.get("function", tool)
    if not is_object(function) or "name" not in function:
        raise ConfigurationError(
            f"{where}: this provider runs no tools of its own such as {tool.get('type')!r}"
        )
    kept = {name: part for name, part in function.items() if name not in ("extras", "type")}
    return {"type": "function", "function": kept}
