"""OpenAI: token counts of every spelling -> one usage report.

Counts mean the same everywhere: input includes what came from a cache, output includes reasoning.
Where a vendor counts otherwise, its own total tells.

https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeGuard

from .shape import is_object

__all__ = ["read_usage"]

INPUT = ("prompt_tokens", "input_tokens")
OUTPUT = ("completion_tokens", "output_tokens")
INPUT_PLACES = ("prompt_tokens_details", "input_tokens_details")
OUTPUT_PLACES = ("completion_tokens_details", "output_tokens_details")
# The wire's name -> ours; what the details say counts more than what stands beside the totals.
INPUT_DETAILS = {
    "audio_tokens": "audio",
    "cache_creation_input_tokens": "cache_creation",
    "cache_creation_tokens": "cache_creation",
    "cache_write_tokens": "cache_creation",
    "cached_tokens": "cache_read",
    "image_tokens": "image",
    "text_tokens": "text",
    "video_tokens": "video",
}
INPUT_BESIDE = {
    "cache_creation_input_tokens": "cache_creation",
    "cache_read_input_tokens": "cache_read",
    "cached_tokens": "cache_read",
    "num_cached_tokens": "cache_read",
    "prompt_cache_hit_tokens": "cache_read",
}
OUTPUT_DETAILS = {
    "audio_tokens": "audio",
    "image_tokens": "image",
    "reasoning_tokens": "reasoning",
    "text_tokens": "text",
}
OUTPUT_BESIDE = {"reasoning_tokens": "reasoning"}
# Tiers with a price of their own: their tokens are counted under their name, too.
TIERS = frozenset({"flex", "priority"})


def read_usage(wire: dict[str, Any], tier: object = None) -> dict[str, Any] | None:
    """Make the report of a reply's token counts, or None where there are none.

    `tier` is the service tier that answered. Of one with its own price the details say how many
    tokens were its own (`flex`), read from a cache (`flex_cache_read`) or thought
    (`flex_reasoning`).

    >>> read_usage(
    ...     {
    ...         "prompt_tokens": 3,
    ...         "completion_tokens": 1,
    ...         "total_tokens": 14,
    ...         "completion_tokens_details": {"reasoning_tokens": 10},
    ...     }
    ... )["output_tokens"]
    11
    """
    given, made, total = _first(wire, INPUT), _first(wire, OUTPUT), wire.get("total_tokens")
    if given is None and made is None:
        return None
    given_details = _details(wire, INPUT_PLACES, INPUT_DETAILS, INPUT_BESIDE)
    made_details = _details(wire, OUTPUT_PLACES, OUTPUT_DETAILS, OUTPUT_BESIDE)
    given, made = given or 0, made or 0
    if type(total) is not int and not _is_count(total):
        total = given + made
    elif (rest := int(total) - given - made) > 0:
        # Reasoning is not in completion_tokens of some; audio or cache not in prompt_tokens.
        if rest == made_details.get("reasoning"):
            made += rest
        elif rest in _sums(given_details):
            given += rest
    usage: dict[str, Any] = {"input_tokens": given, "output_tokens": made, "total_tokens": total}
    if tier in TIERS:
        given_details |= _of_tier(str(tier), given, "cache_read", given_details)
        made_details |= _of_tier(str(tier), made, "reasoning", made_details)
    if given_details:
        usage["input_token_details"] = given_details
    if made_details:
        usage["output_token_details"] = made_details
    return usage


def _of_tier(tier: str, count: int, apart: str, details: dict[str, int]) -> dict[str, int]:
    """Count a tier's tokens under its name; what is priced otherwise counts apart."""
    if apart not in details:
        return {tier: count}
    return {f"{tier}_{apart}": details[apart], tier: max(count - details[apart], 0)}


def _details(
    wire: dict[str, Any],
    places: tuple[str, ...],
    details: Mapping[str, str],
    beside: Mapping[str, str],
) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in places:
        if is_object(inner := wire.get(place)):
            for name, count in inner.items():
                if name in details and (type(count) is int or _is_count(count)):
                    found.setdefault(details[name], int(count))
    for name in beside.keys() & wire.keys():
        if _is_count(wire[name]):
            found.setdefault(beside[name], int(wire[name]))
    return found


def _first(wire: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        count = wire.get(name)
        if type(count) is int or _is_count(count):
            return int(count)
    return None


def _sums(details: dict[str, int]) -> tuple[int, ...]:
    read, written = details.get("cache_read", 0), details.get("cache_creation", 0)
    return details.get("audio", 0), read, written, read + written


def _is_count(value: Any) -> TypeGuard[int | float]:
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
