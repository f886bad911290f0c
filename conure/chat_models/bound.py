"""What `bind_tools` makes of its arguments: settings in the one form that protocols read.

Tools become `{"type": "function", "function": {…}}` or stay the provider's own dict. A choice
becomes "auto", "none", "required" or the dict that names one tool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError
from ..tools import tool_definition

__all__ = ["ToolLike", "tool_settings"]

ToolLike: TypeAlias = Mapping[str, Any] | type | Callable[..., Any] | Any

CHOICES = {"any": "required", "auto": "auto", "none": "none", "required": "required"}


def tool_settings(
    tools: Sequence[ToolLike],
    *,
    tool_choice: str | bool | Mapping[str, Any] | None,
    strict: bool | None,
    parallel_tool_calls: bool | None,
) -> dict[str, Any]:
    """Give the settings that bind these tools."""
    given: Any = tools
    if isinstance(given, str | Mapping) or not hasattr(given, "__iter__"):
        raise ConfigurationError(f"bind_tools takes a list of tools, not {type(tools).__name__}")
    definitions = [tool_definition(tool, strict=strict) for tool in given]
    names = [_name(definition) for definition in definitions]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise ConfigurationError(
            f"two tools are called {twice[0]!r}: the model could not tell them apart"
        )
    settings: dict[str, Any] = {}
    if definitions:
        settings["tools"] = definitions
        if (choice := _choice(tool_choice, definitions, names)) is not None:
            settings["tool_choice"] = choice
        if parallel_tool_calls is not None:
            settings["parallel_tool_calls"] = parallel_tool_calls
    elif tool_choice:
        raise ConfigurationError(f"tool_choice={tool_choice!r} without any tool to choose")
    return settings


def _choice(
    choice: str | bool | Mapping[str, Any] | None,
    definitions: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> str | dict[str, Any] | None:
    if choice is None or choice is False:
        return None
    if choice is True:
        return "required"
    if isinstance(choice, Mapping):
        return dict(choice)
    # A tool may be called like a choice: then it is the tool that is meant.
    if choice in names:
        definition = definitions[names.index(choice)]
        kind = definition.get("type")
        if kind in {"function", "custom"}:
            return {"type": kind, kind: {"name": choice}}
        return {"type": choice}
    if choice in CHOICES:
        return CHOICES[choice]
    from difflib import get_close_matches

    near = get_close_matches(choice, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(name for name in names if name)
    raise ConfigurationError(
        f"tool_choice={choice!r} is no tool that is bound.{hint} Bound: {known}. "
        'Or say "auto", "any" or "none".'
    )


def _name(definition: Mapping[str, Any]) -> str:
    for place in ("function", "custom"):
        inner = definition.get(place)
        if isinstance(inner, Mapping):
            return str(cast("Mapping[str, Any]", inner).get("name", ""))
    return str(definition.get("name") or definition.get("type") or "")
