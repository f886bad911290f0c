"""What an agent asks again and again, kept by Anthropic between its questions.

https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Literal
from warnings import warn

from ...agents.middleware.around import AroundModel, Below
from ...agents.middleware.limits import one_of
from ...agents.middleware.types import ModelRequest
from ...errors import ConfigurationError, SettingIgnoredWarning
from ...messages import SystemMessage
from ...runnables.steps import Story
from ...tools import BaseTool
from .. import ChatAnthropic, ChatAnthropicBedrock, ChatAnthropicVertex

__all__ = ["AnthropicPromptCachingMiddleware"]

ANTHROPIC = (ChatAnthropic, ChatAnthropicBedrock, ChatAnthropicVertex)


class AnthropicPromptCachingMiddleware(AroundModel):
    """Let Anthropic keep tools, system prompt and history between the questions of an agent.

    Each of them ends with a mark, so that what changes last costs the least. `ttl` is how long
    it is kept; conversations shorter than `min_messages_to_cache` are sent unmarked. A model of
    another maker is warned about, refused ("raise") or asked as it is ("ignore").

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel
    >>> caching = AnthropicPromptCachingMiddleware(unsupported_model_behavior="ignore")
    >>> agent = create_agent(EchoChatModel(), middleware=[caching])
    >>> agent.invoke({"messages": "hello"})["messages"][-1].text
    'hello'
    """

    def __init__(
        self,
        type: Literal["ephemeral"] = "ephemeral",  # noqa: A002 - the field's name for it
        ttl: Literal["5m", "1h"] = "5m",
        min_messages_to_cache: int = 0,
        unsupported_model_behavior: Literal["ignore", "warn", "raise"] = "warn",
    ) -> None:
        where = "AnthropicPromptCachingMiddleware"
        self.type = one_of(where, "type", type, "ephemeral")
        self.ttl = one_of(where, "ttl", ttl, "5m", "1h")
        self.min_messages_to_cache = min_messages_to_cache
        self.unsupported_model_behavior = one_of(
            where,
            "unsupported_model_behavior",
            unsupported_model_behavior,
            *("ignore", "warn", "raise"),
        )

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Mark what is to be kept."""
        count = len(request.messages) + (request.system_message is not None)
        if not self._understood(request.model) or count < self.min_messages_to_cache:
            return (yield from below(request))
        mark = {"type": self.type, "ttl": self.ttl}
        marked = request.override(
            model_settings={**request.model_settings, "cache_control": mark},
            system_message=_marked_prompt(request.system_message, mark),
            tools=_marked_tools(request.tools, mark),
        )
        return (yield from below(marked))

    def _understood(self, model: Any) -> bool:
        if isinstance(model, ANTHROPIC):
            return True
        words = (
            "AnthropicPromptCachingMiddleware is for Anthropic's models, and the model is a "
            f"{type(model).__name__}"
        )
        if self.unsupported_model_behavior == "raise":
            raise ConfigurationError(words)
        if self.unsupported_model_behavior == "warn":
            warn(f"{words}: nothing is cached", SettingIgnoredWarning, stacklevel=2)
        return False


def _marked_prompt(system: SystemMessage | None, mark: dict[str, str]) -> SystemMessage | None:
    if system is None or not system.content:
        return system
    given: Any = system.content
    parts: list[Any] = [given] if isinstance(given, str) else list(given)
    last = parts[-1]
    block: dict[str, Any] = {"type": "text", "text": last} if isinstance(last, str) else last
    parts[-1] = {**block, "cache_control": mark}
    return system.model_copy(update={"content": parts})


def _marked_tools(tools: Sequence[Any], mark: dict[str, str]) -> list[Any]:
    """Mark the last tool, where it is one of the program's."""
    marked = list(tools)
    if marked and isinstance(marked[-1], BaseTool):
        last = copy(marked[-1])
        last.extras = {**(last.extras or {}), "cache_control": mark}
        marked[-1] = last
    return marked
