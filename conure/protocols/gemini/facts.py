"""Gemini: why a reply ended, and what else is told about it, under our names.

https://ai.google.dev/api/generate-content#FinishReason
"""

from __future__ import annotations

import re
from typing import Any

from ...messages.events import FinishReason
from ..shape import is_list, is_object

__all__ = ["BLOCKED", "named_facts", "reason_of"]

# By name, and by number where somebody asked for those.
FINISH_REASONS: dict[Any, FinishReason] = {
    "STOP": "stop", 1: "stop",
    "MAX_TOKENS": "length", 2: "length",
    "SAFETY": "content_filter", 3: "content_filter",
    "RECITATION": "content_filter", 4: "content_filter",
    "BLOCKLIST": "content_filter", 7: "content_filter",
    "PROHIBITED_CONTENT": "content_filter", 8: "content_filter",
    "SPII": "content_filter", 9: "content_filter",
    "IMAGE_SAFETY": "content_filter", 11: "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
}  # fmt: skip
BLOCKED = frozenset(name for name, reason in FINISH_REASONS.items() if reason == "content_filter")
"""why an answer is kept back, or what there was of it cut off"""


def reason_of(said: Any) -> FinishReason:
    """Give a reason in our terms."""
    return FINISH_REASONS.get(said, "other") if isinstance(said, (str, int)) else "other"


# What code for this provider knows under another name than the wire's.
OTHER_NAMES = {"responseId": "id", "modelVersion": "model_name"}
# What the wire tells in objects, whose fields code for this provider knows in snake case.
SPELLED = frozenset({
    "citationMetadata", "groundingMetadata", "logprobsResult", "promptFeedback", "safetyRatings",
    "urlContextMetadata",
})  # fmt: skip
HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")


def named_facts(wire: dict[str, Any]) -> dict[str, Any]:
    """Give facts under the names that `response_metadata` has for them.

    >>> named_facts({"avgLogprobs": -0.1, "groundingMetadata": {"webSearchQueries": ["q"]}})
    {'avg_logprobs': -0.1, 'grounding_metadata': {'web_search_queries': ['q']}}
    """
    return {
        OTHER_NAMES.get(name) or _snake(name): _spelled(value) if name in SPELLED else value
        for name, value in wire.items()
    }


def _spelled(value: Any) -> Any:
    if is_object(value):
        return {_snake(name): _spelled(inner) for name, inner in value.items()}
    return [_spelled(item) for item in value] if is_list(value) else value


def _snake(name: str) -> str:
    return HUMP.sub(lambda hump: f"_{hump[0].lower()}", name)
