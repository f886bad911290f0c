"""How a vendor's Responses differ from the maker's own: one knob for each difference.

Every knob says why it exists and where that is written.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

__all__ = ["Dialect"]


class Dialect(Struct, frozen=True):
    """What to say otherwise or leave out. Unset means: as the maker does."""

    deployment: str | None = None
    """The name under which the model is known there, sent in place of its own: https://learn.microsoft.com/azure/ai-foundry/openai/reference"""

    drops: frozenset[str] = frozenset()
    """Settings answered with an error, left out with a warning: https://docs.x.ai/docs/api-reference"""

    strips: frozenset[str] = frozenset()
    """Fields of content parts that are refused, such as another maker's `cache_control`:
    https://platform.openai.com/docs/guides/prompt-caching"""

    passes: bool = False
    """Whether parts and items unknown here are sent as they are, not refused:
    https://openrouter.ai/docs/api-reference/responses-api/overview"""

    fixed_temperature: Callable[[str], bool] | None = None
    """Whether a model accepts no other temperature than 1:
    https://platform.openai.com/docs/guides/reasoning"""
