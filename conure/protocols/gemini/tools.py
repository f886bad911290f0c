"""Gemini: tools and the choice among them.

Functions come in the neutral form `{"type": "function", "function": {…}}` or in the wire's own,
and go as one list of declarations. Tools that the provider runs go as they are; those that other
makers have too may be named as they are there.

https://ai.google.dev/gemini-api/docs/function-calling
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_list, is_mapping

__all__ = ["write_choice", "write_tools"]

# What it is called here, in snake case, or by other makers -> the wire's name.
PORTABLE = {
    "code_execution": "codeExecution",
    "code_interpreter": "codeExecution",
    "computer_use": "computerUse",
    "enterprise_web_search": "enterpriseWebSearch",
    "file_search": "fileSearch",
    "google_maps": "googleMaps",
    "google_search": "googleSearch",
    "google_search_retrieval": "googleSearchRetrieval",
    "retrieval": "retrieval",
    "url_context": "urlContext",
    "web_fetch": "urlContext",
    "web_search": "googleSearch",
    "web_search_preview": "googleSearch",
}
DECLARATIONS = ("functionDeclarations", "function_declarations")
# Fields of a declaration that go as they are.
BESIDE = (
    "behavior", "parametersJsonSchema", "parameters_json_schema", "response",
    "responseJsonSchema", "response_json_schema",
)  # fmt: skip

MODES = {"any": "ANY", "auto": "AUTO", "none": "NONE", "required": "ANY", "validated": "VALIDATED"}


def write_tools(tools: Iterable[Any], warnings: list[str]) -> tuple[list[Any], bool]:
    """Write the definitions of tools; tell whether functions and others are among them."""
    declared: list[Any] = []
    others: list[Any] = []
    has_functions = False
    for position, tool in enumerate(tools):
        where = f"tools[{position}]"
        if not is_mapping(tool):
            raise ConfigurationError(f"{where} must be a dict, not {type(tool).__name__}")
        if any(is_list(tool.get(name)) for name in DECLARATIONS):
            has_functions = True
            others.append(tool)
        elif (function := _function(tool, warnings)) is not None:
            declared.append(function)
        else:
            others.append(_own(tool, where))
    written = ([{"functionDeclarations": declared}] if declared else []) + others
    return written, bool(declared or has_functions) and any(
        not any(name in tool for name in DECLARATIONS) for tool in others
    )


def _function(tool: Mapping[str, Any], warnings: list[str]) -> dict[str, Any] | None:
    inner = tool.get("function")
    if not is_mapping(inner):
        if not isinstance(tool.get("name"), str) or tool.get("type") in PORTABLE:
            return None
        inner = tool
    if inner.get("strict"):
        warnings.append(
            f"strict of {inner.get('name')!r} was left out: this provider has no strict functions, "
            'tool_choice="validated" holds all of them to their schemas'
        )
    return _declared(inner)


def _declared(function: Mapping[str, Any]) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": function.get("name")}
    if function.get("description"):
        declared["description"] = function["description"]
    schema = function.get("parameters")
    # A function that takes nothing has no parameters: an object without any is refused.
    if is_mapping(schema) and schema.get("properties"):
        declared["parametersJsonSchema"] = schema
    return declared | {name: function[name] for name in BESIDE if function.get(name) is not None}


def _own(tool: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind = tool.get("type")
    if kind is None:
        return {**tool}
    name = PORTABLE.get(str(kind))
    if name is None:
        raise ConfigurationError(
            f"{where}: this provider has no tool of type {kind!r}; known: {', '.join(PORTABLE)}"
        )
    return {name: {field: value for field, value in tool.items() if field not in ("type", "name")}}


def write_choice(choice: Any) -> dict[str, Any] | None:
    """Write which tool must or may be called."""
    if choice is None:
        return None
    if isinstance(choice, bool):
        return {"mode": "ANY" if choice else "NONE"}
    if isinstance(choice, str):
        mode = MODES.get(choice.lower())
        return {"mode": mode} if mode else _only([choice])
    return _only([*choice]) if is_list(choice) else _chosen(choice)


def _only(names: list[Any]) -> dict[str, Any]:
    return {"mode": "ANY", "allowedFunctionNames": names}


def _chosen(choice: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("functionCallingConfig", "function_calling_config"):
        if is_mapping(config := choice.get(name)):
            return {**config}
    if "mode" in choice:
        return {**choice}
    kind = choice.get("type")
    if kind in MODES:
        return {"mode": MODES[kind]}
    inner = choice.get("function")
    name = (inner if is_mapping(inner) else choice).get("name")
    if not isinstance(name, str):
        raise ConfigurationError(
            f"tool_choice={choice!r}: this provider lets functions be chosen, by their names"
        )
    return _only([name])
