"""Every provider class, and the language it speaks: a row for each; tests walk the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conure.anthropic import ChatAnthropic, ChatAnthropicBedrock, ChatAnthropicVertex
from conure.aws import ChatBedrockConverse
from conure.cohere import ChatCohere
from conure.deepseek import ChatDeepSeek
from conure.fireworks import ChatFireworks
from conure.google_genai import ChatGoogleGenerativeAI
from conure.google_vertexai import ChatVertexAI
from conure.groq import ChatGroq
from conure.huggingface import ChatHuggingFace
from conure.mistralai import ChatMistralAI
from conure.ollama import ChatOllama
from conure.openai import AzureChatOpenAI, ChatOpenAI
from conure.openrouter import ChatOpenRouter
from conure.perplexity import ChatPerplexity
from conure.together import ChatTogether
from conure.xai import ChatXAI
from tests.providers import (
    anthropic_messages,
    bedrock,
    cohere,
    gemini,
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
    Provider("AzureChatOpenAI", AzureChatOpenAI, openai_chat.SPEAKER),
    Provider("ChatAnthropic", ChatAnthropic, anthropic_messages.SPEAKER),
    Provider("ChatAnthropicBedrock", ChatAnthropicBedrock, bedrock.CLAUDE),
    Provider("ChatAnthropicVertex", ChatAnthropicVertex, anthropic_messages.ON_VERTEX),
    Provider("ChatGoogleGenerativeAI", ChatGoogleGenerativeAI, gemini.SPEAKER),
    Provider("ChatVertexAI", ChatVertexAI, gemini.SPEAKER),
    Provider("ChatBedrockConverse", ChatBedrockConverse, bedrock.CONVERSE),
    Provider("ChatCohere", ChatCohere, cohere.SPEAKER),
    Provider("ChatOllama", ChatOllama, ollama.SPEAKER),
    Provider("ChatMistralAI", ChatMistralAI, openai_chat.MISTRAL),
    Provider("ChatPerplexity", ChatPerplexity, openai_chat.FORGETFUL),
    *(
        Provider(kind.__name__, kind, openai_chat.SPEAKER)
        for kind in (
            *(ChatDeepSeek, ChatFireworks, ChatGroq, ChatHuggingFace),
            *(ChatOpenRouter, ChatTogether, ChatXAI),
        )
    ),
)
