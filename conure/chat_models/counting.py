"""Counting the tokens of what a model would read, before it is asked.

`count_tokens` asks the provider, over its own endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..engine.effects import Plan
from ..errors import ConfigurationError
from ..messages import AIMessage, BaseMessage
from ..messages.coerce import to_messages
from ..runnables import Runnable
from ..runnables.config import RunnableConfig
from ..transport.drive import arun, run

if TYPE_CHECKING:
    from ..messages.coerce import ModelInput

__all__ = ["TokenCounter"]


class TokenCounter(Runnable["ModelInput", AIMessage]):
    """What a chat model knows about the size of its input."""

    sync_transport: Any = None
    async_transport: Any = None

    if TYPE_CHECKING:

        def chosen(self, config: RunnableConfig | None) -> TokenCounter: ...

    def counting(
        self,
        messages: Sequence[BaseMessage],  # noqa: ARG002 - as of those that can
        settings: Mapping[str, Any],  # noqa: ARG002 - as of those that can
    ) -> Plan[int]:
        """Tell how the provider's count is had."""
        raise ConfigurationError(
            f"{type(self).__name__} has no endpoint that counts tokens: "
            "get_num_tokens_from_messages estimates them"
        )

    def count_tokens(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        tools: Sequence[Any] | None = None,
        **settings: Any,
    ) -> int:
        """Ask the provider how many tokens the model would read; nothing is answered.

        `tools` and `settings` are those of the call that is meant; what the model is bound to
        counts too. Raises `ConfigurationError` where the provider has no such endpoint.
        """
        model = self.chosen(config)
        plan = model.counting(to_messages(input), _settings(tools, settings))
        return run(plan, model.sync_transport)

    async def acount_tokens(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        tools: Sequence[Any] | None = None,
        **settings: Any,
    ) -> int:
        """Ask the provider how many tokens the model would read, without blocking the loop."""
        model = self.chosen(config)
        plan = model.counting(to_messages(input), _settings(tools, settings))
        return await arun(plan, model.async_transport)


def _settings(tools: Sequence[Any] | None, settings: dict[str, Any]) -> dict[str, Any]:
    if tools is None:
        return settings
    from .bound import tool_settings

    chosen: dict[str, Any] = {
        name: settings.pop(name, None) for name in ("tool_choice", "strict", "parallel_tool_calls")
    }
    return {**settings, **tool_settings(tools, **chosen)}
