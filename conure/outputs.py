"""What handlers are told at the end of a model's run: light values around messages.

`langchain_core.outputs` by the same names. The calls themselves never need these.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .messages import AIMessageChunk, BaseMessage

__all__ = [
    "ChatGeneration",
    "ChatGenerationChunk",
    "ChatResult",
    "Generation",
    "GenerationChunk",
    "LLMResult",
]


class Generation(Struct, kw_only=True):
    """One text a model wrote."""

    text: str = ""
    generation_info: dict[str, Any] | None = None

    @property
    def type(self) -> str:
        return "Generation"


class GenerationChunk(Generation, kw_only=True):
    """A piece of such a text."""

    def __add__(self, other: GenerationChunk) -> GenerationChunk:
        info = {**(self.generation_info or {}), **(other.generation_info or {})}
        return GenerationChunk(text=self.text + other.text, generation_info=info or None)


class ChatGeneration(Struct, kw_only=True):
    """One message a model wrote."""

    message: BaseMessage
    generation_info: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """The text of the message."""
        return str(self.message.text)

    @property
    def type(self) -> str:
        return "ChatGeneration"


class ChatGenerationChunk(ChatGeneration, kw_only=True):
    """A piece of such a message."""

    def __add__(self, other: ChatGenerationChunk) -> ChatGenerationChunk:
        info = {**(self.generation_info or {}), **(other.generation_info or {})}
        mine, theirs = self.message, other.message
        assert isinstance(mine, AIMessageChunk)
        assert isinstance(theirs, AIMessageChunk)
        return ChatGenerationChunk(message=mine + theirs, generation_info=info or None)


class ChatResult(Struct, kw_only=True):
    """The candidates of one call, and what the provider said about the call."""

    generations: list[ChatGeneration]
    llm_output: dict[str, Any] | None = None


class LLMResult(Struct, kw_only=True):
    """The candidates for each of several prompts."""

    generations: list[list[Any]]
    llm_output: dict[str, Any] | None = None
    run: list[Any] | None = None

    @property
    def type(self) -> str:
        return "LLMResult"
