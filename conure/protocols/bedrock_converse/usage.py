"""Bedrock Converse: token counts.

Input is told in three parts: what was read from the cache, what was written to it, and the rest.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
"""

from __future__ import annotations

from typing import Any

from ..shape import is_list, is_object

__all__ = ["read_usage"]

READ = ("cacheReadInputTokens", "cacheReadInputTokenCount")
WRITTEN = ("cacheWriteInputTokens", "cacheWriteInputTokenCount")


def read_usage(wire: Any) -> dict[str, Any] | None:
    """Read the counts in our terms; None where nothing was counted."""
    if not is_object(wire):
        return None
    given, written = _count(wire, "inputTokens"), _count(wire, "outputTokens")
    if given is None and written is None:
        return None
    read, created = _count(wire, *READ), _count(wire, *WRITTEN)
    details: dict[str, Any] = {"cache_read": read, "cache_creation": created}
    details |= _by_age(wire.get("cacheDetails"))
    given = (given or 0) + (read or 0) + (created or 0)
    written = written or 0
    usage: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": written,
        "total_tokens": given + written,
    }
    if details := {name: count for name, count in details.items() if count is not None}:
        usage["input_token_details"] = details
    return usage


def _by_age(told: Any) -> dict[str, int]:
    """Tell what was written to the cache by how long it stays there."""
    ages: dict[str, int] = {}
    for entry in told if is_list(told) else ():
        if is_object(entry) and isinstance(count := entry.get("inputTokens"), int):
            name = f"ephemeral_{entry.get('ttl')}_input_tokens"
            ages[name] = ages.get(name, 0) + count
    return ages


def _count(wire: dict[str, Any], *names: str) -> int | None:
    return next((n for name in names if isinstance(n := wire.get(name), int)), None)
