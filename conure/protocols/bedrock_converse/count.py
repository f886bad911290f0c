"""Bedrock Converse: the question how many tokens a request would make the model read.

Models count, profiles that stand for a model in several regions do not: the question names the
model itself.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
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

# The fields of a request that the count takes.
FIELDS = frozenset({"additionalModelRequestFields", "messages", "system", "toolConfig"})
# What those are made of; the other settings shape the answer, or the exchange.
READ = FIELDS | {
    "additional_model_request_fields", "base_model_id", "betas", "model_kwargs", "provider",
    "raw_blocks", "reasoning_effort", "supports_tool_choice_values", "system", "thinking",
    "tool_choice", "tools", "top_k",
}  # fmt: skip


def _encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write the question."""
    read = {name: value for name, value in settings.items() if name in READ}
    encoded = encode(model, messages, read, streaming, dialect)
    body = {name: value for name, value in encoded.body.items() if name in FIELDS}
    counted = dialect.counted_as(str(settings.get("base_model_id") or model))
    path = path_of(counted, "count-tokens")
    return replace(encoded, path=path, body={"input": {"converse": body}})


COUNTING = Counting(_encode, count_in("inputTokens"))
