"""Anthropic Messages: token counts.

Input is told in three parts: what was read from the cache, what was written to it, and the rest.

https://docs.anthropic.com/en/api/messages#response-usage
"""

from __future__ import annotations

from typing import Any

from ..shape import is_object

__all__ = ["add_counts", "read_usage"]


def add_counts(known: dict[str, Any], told: Any) -> None:
    """Take in counts told later: running totals, of which the greatest is the total.

    Some servers tell the input only when the message starts, others only when it ends.
    """
    if not is_object(told):
        return
    for name, value in told.items():
        before = known.get(name)
        if is_object(value) and is_object(before):
            known[name] = before = {**before}
            add_counts(before, value)
        elif isinstance(value, (int, float)) and isinstance(before, (int, float)):
            known[name] = max(before, value)
        elif value is not None:
            known[name] = value


def read_usage(wire: dict[str, Any]) -> dict[str, Any] | None:
    """Read the counts in our terms; None where nothing was counted."""
    given, written = wire.get("input_tokens"), wire.get("output_tokens")
    if not isinstance(given, int) and not isinstance(written, int):
        return None
    read = wire.get("cache_read_input_tokens")
    created = wire.get("cache_creation_input_tokens")
    by_age = wire.get("cache_creation")
    details: dict[str, Any] = {"cache_read": read, "cache_creation": created}
    if is_object(by_age):
        details |= by_age
        if created is None:
            created = details["cache_creation"] = sum(n for n in by_age.values() if n)
    given = (given or 0) + (read or 0) + (created or 0)
    written = written or 0
    usage: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": written,
        "total_tokens": given + written,
    }
    if details := {name: count for name, count in details.items() if isinstance(count, int)}:
        usage["input_token_details"] = details
    thought = wire.get("output_tokens_details")
    if is_object(thought) and isinstance(count := thought.get("thinking_tokens"), int):
        usage["output_token_details"] = {"reasoning": count}
    return usage
