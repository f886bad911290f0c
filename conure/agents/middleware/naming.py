"""Which tools a middleware is about, by their names, and what it answers in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...errors import ConfigurationError
from ...messages import BaseMessage, ToolMessage
from ..calling import pending_calls

__all__ = ["answer_to", "name_of", "names_of", "waiting"]


def name_of(tool: Any) -> str:
    """Give the name of a tool, whatever form it has."""
    if isinstance(tool, str):
        return tool
    if isinstance(tool, Mapping):
        given = cast("Mapping[str, Any]", tool)
        inner: Any = given.get("function") or given
        return str(inner.get("name") or given.get("type") or "")
    name = getattr(tool, "name", None) or getattr(tool, "__name__", None)
    if not isinstance(name, str):
        raise ConfigurationError(f"{tool!r} is neither a tool nor the name of one")
    return name


def names_of(tools: Sequence[Any] | None, where: str) -> frozenset[str] | None:
    """Give the names of tools; None for all of them."""
    if tools is None:
        return None
    if isinstance(tools, str):
        raise ConfigurationError(f"{where}: tools is a list, so write tools=[{tools!r}]")
    return frozenset(name_of(tool) for tool in tools)


def answer_to(call: Mapping[str, Any], content: Any, *, status: Any = "error") -> ToolMessage:
    """Answer a call in its tool's place."""
    return ToolMessage(content, call["id"] or "", name=call["name"], status=status)


def waiting(messages: Sequence[BaseMessage]) -> list[Any]:
    """Give the calls of the last reply that nobody has answered yet."""
    return [call for call in pending_calls(messages) if call["type"] == "tool_call"]
