"""Counting the tokens of what a model would read, before it is asked.

count_tokens   asks the provider, over its own endpoint
get_num_…      work it out here: by the model's tokenizer, where the user has it, else by
               counting characters. Nothing is sent, nothing fetched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
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
    from .tokenizer import Tokenize

__all__ = ["TokenCounter"]


class TokenCounter(Runnable["ModelInput", AIMessage]):
    """What a chat model knows about the size of its input."""

    sync_transport: Any = None
    async_transport: Any = None

    if TYPE_CHECKING:
        run_settings: Mapping[str, Any]

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

    def get_num_tokens_from_messages(
        self,
        messages: ModelInput,
        tools: Sequence[Any] | None = None,
        *,
        allow_fetching_images: bool = False,  # noqa: ARG002 - a permission that is not needed
    ) -> int:
        """Work out how many tokens these messages, and tools, are about.

        By the model's own tokenizer, where `custom_get_token_ids` or an installed `tiktoken` has
        it, else by characters. An image counts by its size; one given by its address, which is
        not fetched even if it may be, as one of 1024 x 1024 pixels.

        >>> from conure.chat_models import init_chat_model
        >>> init_chat_model("test:echo").get_num_tokens_from_messages("How are parrots?")
        11
        """
        model = self.chosen(None)
        from .estimate import estimate

        return estimate(to_messages(messages), tools, model.tokenizer(), model.image_tokens)

    def get_num_tokens(self, text: str) -> int:
        """Work out how many tokens a text is about.

        >>> from conure.chat_models import init_chat_model
        >>> init_chat_model("test:echo").get_num_tokens("How are parrots?")
        4
        """
        from .estimate import tokens_in

        return ceil(tokens_in([text], self.chosen(None).tokenizer()))

    def get_token_ids(self, text: str) -> list[int]:
        """Give the tokens of a text, by number; raises `ConfigurationError` without a tokenizer."""
        tokenize = self.chosen(None).tokenizer()
        if tokenize is None:
            raise ConfigurationError(
                "the tokenizer of this model is not here: give custom_get_token_ids, or, for "
                "OpenAI's models, install tiktoken and let it fetch its vocabulary once. "
                "get_num_tokens estimates without one"
            )
        return tokenize(text)

    def tokenizer(self) -> Tokenize | None:
        """Give what turns a text into tokens, where that is known."""
        return self.run_settings.get("custom_get_token_ids")

    def image_tokens(self, block: dict[str, Any]) -> int:  # noqa: ARG002 - as of those that know
        """Tell how many tokens an image counts."""
        return 85


def _settings(tools: Sequence[Any] | None, settings: dict[str, Any]) -> dict[str, Any]:
    if tools is None:
        return settings
    from .bound import tool_settings

    chosen: dict[str, Any] = {
        name: settings.pop(name, None) for name in ("tool_choice", "strict", "parallel_tool_calls")
    }
    return {**settings, **tool_settings(tools, **chosen)}
