"""Gemini: token counts, also by what they count: text, pictures, sound.

What the provider's own tools read is counted apart from the prompt: it is in the total alone.

https://ai.google.dev/api/generate-content#UsageMetadata
"""

from __future__ import annotations

from typing import Any

from ..shape import is_list, is_object

__all__ = ["read_usage"]

# As numbers, where somebody asked for those.
MODALITIES = {1: "text", 2: "image", 3: "video", 4: "audio", 5: "document"}


def read_usage(wire: dict[str, Any]) -> dict[str, Any] | None:
    """Read the counts in our terms; None where nothing was counted."""
    given, written = wire.get("promptTokenCount"), wire.get("candidatesTokenCount")
    thought = _count(wire.get("thoughtsTokenCount"))
    total = wire.get("totalTokenCount")
    if not any(isinstance(count, int) for count in (given, written, total)):
        return None
    given, written = _count(given) or 0, (_count(written) or 0) + (thought or 0)
    usage: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": written,
        "total_tokens": total if isinstance(total, int) else given + written,
    }
    read = {
        **_by_modality(wire.get("promptTokensDetails")),
        "cache_read": _count(wire.get("cachedContentTokenCount")),
        "tool_use": _count(wire.get("toolUsePromptTokenCount")),
    }
    made = {**_by_modality(wire.get("candidatesTokensDetails")), "reasoning": thought}
    for name, details in (("input_token_details", read), ("output_token_details", made)):
        if known := {key: count for key, count in details.items() if count is not None}:
            usage[name] = known
    return usage


def _by_modality(details: Any) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for entry in details if is_list(details) else ():
        if is_object(entry) and (count := _count(entry.get("tokenCount"))) is not None:
            kind = entry.get("modality")
            name = MODALITIES.get(kind) if isinstance(kind, int) else str(kind).lower()
            if name:
                found[name] = (found.get(name) or 0) + count
    return found


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
