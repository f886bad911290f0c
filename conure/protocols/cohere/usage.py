"""Cohere's chat API: token counts -> one usage report.

`tokens` is what the model read and wrote, with what was put around the request; `billed_units`
is what is paid for, and stays in the metadata.

https://docs.cohere.com/docs/how-does-cohere-pricing-work
"""

from __future__ import annotations

from typing import Any

from ..shape import is_object

__all__ = ["read_usage"]


def read_usage(wire: Any) -> dict[str, Any] | None:
    """Make the report of a reply's counts, or None where there are none.

    >>> read_usage({"tokens": {"input_tokens": 9, "output_tokens": 2}})
    {'input_tokens': 9, 'output_tokens': 2, 'total_tokens': 11}
    """
    if not is_object(wire):
        return None
    counts: Any = wire.get("tokens") or wire.get("billed_units")
    if not is_object(counts):
        return None
    given, made = _count(counts, "input_tokens"), _count(counts, "output_tokens")
    if given is None and made is None:
        return None
    given, made = given or 0, made or 0
    usage: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": made,
        "total_tokens": given + made,
    }
    given_details = {
        "cache_read": _count(wire, "cached_tokens"),
        "image": _count(counts, "image_tokens"),
    }
    made_details = {"reasoning": _count(counts, "reasoning_tokens")}
    for name, details in (("input", given_details), ("output", made_details)):
        if said := {kind: count for kind, count in details.items() if count is not None}:
            usage[f"{name}_token_details"] = said
    return usage


def _count(wire: dict[str, Any], name: str) -> int | None:
    count = wire.get(name)
    return int(count) if isinstance(count, int | float) and not isinstance(count, bool) else None
