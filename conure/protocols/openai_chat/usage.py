"""Chat Completions: token counts of every spelling -> one usage report.

Counts mean the same everywhere: input includes what came from a cache, output includes reasoning.
Where a vendor counts otherwise, its own total tells.

https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["read_usage"]

Paths = Mapping[str, tuple[tuple[str, ...], ...]]

INPUT = (("prompt_tokens",), ("input_tokens",))
OUTPUT = (("completion_tokens",), ("output_tokens",))
# The first path that leads to a number counts.
INPUT_DETAILS: Paths = {
    "audio": (("prompt_tokens_details", "audio_tokens"),),
    "cache_creation": (
        ("prompt_tokens_details", "cache_write_tokens"),
        ("prompt_tokens_details", "cache_creation_tokens"),
        ("prompt_tokens_details", "cache_creation_input_tokens"),
        ("cache_creation_input_tokens",),
    ),
    "cache_read": (
        ("prompt_tokens_details", "cached_tokens"),
        ("input_tokens_details", "cached_tokens"),
        ("prompt_cache_hit_tokens",),
        ("cache_read_input_tokens",),
        ("cached_tokens",),
        ("num_cached_tokens",),
    ),
    "image": (("prompt_tokens_details", "image_tokens"),),
    "text": (("prompt_tokens_details", "text_tokens"),),
    "video": (("prompt_tokens_details", "video_tokens"),),
}
OUTPUT_DETAILS: Paths = {
    "accepted_prediction": (("completion_tokens_details", "accepted_prediction_tokens"),),
    "audio": (("completion_tokens_details", "audio_tokens"),),
    "image": (("completion_tokens_details", "image_tokens"),),
    "reasoning": (
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
        ("reasoning_tokens",),
    ),
    "rejected_prediction": (("completion_tokens_details", "rejected_prediction_tokens"),),
    "text": (("completion_tokens_details", "text_tokens"),),
}


def read_usage(wire: dict[str, Any]) -> dict[str, Any] | None:
    """Make the report of a reply's token counts, or None where there are none.

    >>> read_usage({"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 14,
    ...             "completion_tokens_details": {"reasoning_tokens": 10}})["output_tokens"]
    11
    """
    given, made, total = _first(wire, INPUT), _first(wire, OUTPUT), wire.get("total_tokens")
    if given is None and made is None:
        return None
    given_details = _details(wire, INPUT_DETAILS)
    made_details = _details(wire, OUTPUT_DETAILS)
    given, made = given or 0, made or 0
    if not _is_count(total):
        total = given + made
    elif (rest := total - given - made) > 0:
        # Reasoning is not in completion_tokens of some; audio or cache not in prompt_tokens.
        if rest == made_details.get("reasoning"):
            made += rest
        elif rest in _sums(given_details):
            given += rest
    usage: dict[str, Any] = {"input_tokens": given, "output_tokens": made, "total_tokens": total}
    if given_details:
        usage["input_token_details"] = given_details
    if made_details:
        usage["output_token_details"] = made_details
    return usage


def _details(wire: dict[str, Any], table: Paths) -> dict[str, int]:
    found = ((name, _first(wire, paths)) for name, paths in table.items())
    return {name: count for name, count in found if count is not None}


def _first(wire: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> int | None:
    for path in paths:
        value: Any = wire
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if _is_count(value):
            return int(value)
    return None


def _sums(details: dict[str, int]) -> tuple[int, ...]:
    read, written = details.get("cache_read", 0), details.get("cache_creation", 0)
    return details.get("audio", 0), read, written, read + written


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
