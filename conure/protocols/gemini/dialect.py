"""How hosts of Gemini differ, and what families of models accept.

Every knob says why it exists and where that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

__all__ = ["Dialect", "Facts"]


class Facts(Struct, frozen=True):
    """What a family of models accepts of what the protocol can say."""

    thinking: Literal["level", "budget", "none"] = "level"
    """how it is told how much to think: https://ai.google.dev/gemini-api/docs/thinking"""
    combines_tools: bool = False
    """whether functions and tools of the provider's go together: https://ai.google.dev/gemini-api/docs/tool-combination"""
    pictures_in_results: bool = False
    """whether what a function answers may hold media: https://ai.google.dev/gemini-api/docs/function-calling#multimodal"""
    signed_calls: bool = False
    """whether calls of the current turn are refused without their signature: https://ai.google.dev/gemini-api/docs/thought-signatures"""


ANY = Facts()


class Dialect(Struct, frozen=True):
    """What to say otherwise. Unset means: as the maker does."""

    says_tools_combine: bool = False
    """Whether functions beside tools of the provider's must be announced"""

    counts_in_parts: bool = False
    """Whether the count of tokens takes a request's fields one by one: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens"""

    facts: Callable[[str], Facts] = lambda _: ANY
    """What a model's family accepts, by the model's name"""
