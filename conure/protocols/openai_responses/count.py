"""Responses: the question how many tokens a request would make the model read.

https://platform.openai.com/docs/api-reference/responses/input-tokens
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...messages import BaseMessage
from .. import Encoded
from ..counting import Counting, count_in
from .dialect import Dialect
from .request import encode

__all__ = ["COUNTING"]

PATH = "/responses/input_tokens"

# The fields of a request that the count takes.
FIELDS = frozenset({
    "conversation", "input", "instructions", "model", "parallel_tool_calls",
    "previous_response_id", "reasoning", "text", "tool_choice", "tools", "truncation",
})  # fmt: skip
# What those are made of; the other settings shape the answer, or the exchange.
READ = FIELDS | {
    "disabled_params", "extra_body", "model_kwargs", "prompt", "reasoning_effort",
    "response_format", "use_previous_response_id", "verbosity",
}  # fmt: skip


def _encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write the question; a stored prompt cannot be counted, which is told as a warning."""
    read = {name: value for name, value in settings.items() if name in READ}
    encoded = encode(model, messages, read, streaming, dialect)
    body = {name: value for name, value in encoded.body.items() if name in FIELDS}
    warnings = encoded.warnings
    if "prompt" in encoded.body:
        warnings += ("prompt was left out of the count: the endpoint does not take it",)
    return Encoded(PATH, body, warnings)


COUNTING = Counting(_encode, count_in("input_tokens"))
