"""Bedrock Converse: what a guardrail blocked, from its trace.

A guardrail that only masks lets the answer pass, under the same stop reason as one that blocks:
the trace tells them apart, where it is asked for.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTraceAssessment.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..shape import is_list, is_object

__all__ = ["refusal_of"]

NAMES = ("name", "type", "match")
INTERVENED, FILTERED = "guardrail_intervened", "content_filtered"


def refusal_of(reason: str, trace: Any) -> str | None:
    """Say why there is no answer; None where there is one, or nothing is known.

    >>> word = {"match": "secret", "action": "BLOCKED"}
    >>> found = {"wordPolicy": {"customWords": [word]}}
    >>> refusal_of("guardrail_intervened", {"guardrail": {"inputAssessment": {"g": found}}})
    'blocked by a guardrail: secret (wordPolicy)'
    """
    if reason == FILTERED:
        return "the provider filtered the answer"
    guardrail = trace.get("guardrail") if is_object(trace) else None
    if reason != INTERVENED or not is_object(guardrail):
        return None
    what = list(dict.fromkeys(_blocked(guardrail, "")))
    said = guardrail.get("actionReason")
    words = said if isinstance(said, str) and "blocked" in said.lower() else ""
    if not what and not words:
        return None
    words = words.strip().removesuffix(".") or "blocked by a guardrail"
    return f"{words}: {', '.join(what)}" if what else words


def _blocked(found: Any, policy: str) -> Iterator[str]:
    """Name all that has the action BLOCKED, with its policy."""
    if is_list(found):
        for item in found:
            yield from _blocked(item, policy)
    elif is_object(found):
        if found.get("action") == "BLOCKED":
            name = next((str(found[name]) for name in NAMES if found.get(name)), "something")
            yield f"{name} ({policy})" if policy else name
        for key, value in found.items():
            yield from _blocked(value, key if key.endswith("Policy") else policy)
