"""Every provider class, and the language it speaks: a row for each; tests walk the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conure.anthropic import ChatAnthropic
from conure.aws import ChatAnthropicBedrock, ChatBedrockConverse
from conure.cohere import ChatCohere
from conure.ollama import ChatOllama
from conure.openai import ChatOpenAI
from tests.providers import (
    anthropic_messages,
    bedrock,
    cohere,
    ollama,
    openai_chat,
    openai_responses,
)
from tests.providers.said import Speaker

__all__ = ["PROVIDERS", "Provider"]


@dataclass(frozen=True)
class Provider:
    """A class, the language behind it and what it needs besides an address."""

    name: str
    kind: Callable[..., Any]
    speaker: Speaker
    parameters: dict[str, Any] = field(default_factory=dict)

    def at(self, url: str, **parameters: Any) -> Any:
        """Make a model that talks to a server."""
        given = {"model": "m", "api_key": "k", "base_url": url, "max_retries": 0}
        return self.kind(**(given | self.parameters | parameters))

    def lacks(self, feature: str) -> bool:
        return feature in self.speaker.lacks

    def __repr__(self) -> str:
        return self.name


PROVIDERS = (
    Provider("ChatOpenAI", ChatOpenAI, openai_chat.SPEAKER),
    Provider(
        "ChatOpenAI-responses",
        ChatOpenAI,
        openai_responses.SPEAKER,
        {"use_responses_api": True},
    ),
    Provider("ChatAnthropic", ChatAnthropic, anthropic_messages.SPEAKER),
    Provider("ChatAnthropicBedrock", ChatAnthropicBedrock, bedrock.CLAUDE),
    Provider("ChatBedrockConverse", ChatBedrockConverse, bedrock.CONVERSE),
    Provider("ChatCohere", ChatCohere, cohere.SPEAKER),
    Provider("ChatOllama", ChatOllama, ollama.SPEAKER),
)
