"""Gemini: the question how many tokens a request would make the model read.

The Gemini API takes the whole request inside the question, Vertex AI its parts.

https://ai.google.dev/api/tokens#method:-models.counttokens
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ...messages import BaseMessage
from .. import Encoded
from ..counting import Counting, count_in
from .dialect import Dialect
from .request import encode, path_of

__all__ = ["COUNTING"]

# The fields of a request that the count takes where it takes them one by one.
FIELDS = frozenset({"contents", "generationConfig", "systemInstruction", "tools"})


def _encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write the question."""
    encoded = encode(model, messages, settings, streaming, dialect)
    path = path_of(model, "countTokens")
    if dialect.counts_in_parts:
        body = {name: value for name, value in encoded.body.items() if name in FIELDS}
    else:
        name = path[1:].partition(":")[0]
        body = {"generateContentRequest": {"model": name, **encoded.body}}
    return replace(encoded, path=path, body=body)


COUNTING = Counting(_encode, count_in("totalTokens"))
