"""Tools that the model looks up when it needs them, by its provider's own search."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from ...errors import ConfigurationError
from ...runnables.steps import Story
from ...tools import BaseTool
from .around import AroundModel, Below
from .naming import names_of
from .types import ModelRequest

__all__ = ["ProviderToolSearchMiddleware"]

SEARCHES: dict[str, dict[str, Any]] = {
    "anthropic": {"type": "tool_search_tool_bm25_20251119", "name": "tool_search_tool_bm25"},
    "openai": {"type": "tool_search"},
}
"""provider -> the tool by which it searches"""


class ProviderToolSearchMiddleware(AroundModel):
    """Keep tools out of the question until the model searches for them.

    These are the `searchable_tools`, and all with `extras={"defer_loading": True}`. Only some
    providers can: with another model, a deferred tool is an error.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel
    >>> def look(place: str) -> str:
    ...     '''Look at a place.'''
    >>> searching = ProviderToolSearchMiddleware(searchable_tools=["look"])
    >>> create_agent(EchoChatModel(), [look], middleware=[searching]).invoke({"messages": "?"})
    Traceback (most recent call last):
    conure.errors.ConfigurationError: 'test' has no search for tools; these have: anthropic, openai
    """

    def __init__(self, *, searchable_tools: Sequence[str | BaseTool] | None = None) -> None:
        where = type(self).__name__
        self.searchable_tool_names = names_of(searchable_tools or (), where) or frozenset[str]()

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Defer them, and add the search."""
        own = {tool.name for tool in request.tools if isinstance(tool, BaseTool)}
        if strange := sorted(self.searchable_tool_names - own):
            raise ConfigurationError(
                f"searchable_tools names {', '.join(strange)}, and the tools of this question are "
                f"{', '.join(sorted(own)) or 'none'}"
            )
        tools = [self._deferred(tool) for tool in request.tools]
        if not any(_is_deferred(tool) for tool in tools):
            return (yield from below(request))
        provider = request.model.provider
        if provider not in SEARCHES:
            raise ConfigurationError(
                f"{provider!r} has no search for tools; these have: {', '.join(SEARCHES)}"
            )
        return (yield from below(request.override(tools=[*tools, dict(SEARCHES[provider])])))

    def _deferred(self, tool: Any) -> Any:
        if not isinstance(tool, BaseTool) or tool.name not in self.searchable_tool_names:
            return tool
        deferred = copy(tool)
        deferred.extras = {**(tool.extras or {}), "defer_loading": True}
        return deferred


def _is_deferred(tool: Any) -> bool:
    return isinstance(tool, BaseTool) and (tool.extras or {}).get("defer_loading") is True
