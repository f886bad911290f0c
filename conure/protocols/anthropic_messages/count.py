"""Anthropic Messages: the question how many tokens a request would make the model read.

https://docs.anthropic.com/en/api/messages-count-tokens
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ...errors import ConfigurationError
from ...messages import BaseMessage
from ...wire import json
from .. import Encoded
from ..counting import Counting, count_in
from .dialect import Dialect
from .request import encode

__all__ = ["COUNTING"]

# The fields of a request that the count takes.
FIELDS = frozenset({
    "cache_control", "context_management", "mcp_servers", "messages", "model", "output_config",
    "output_format", "speed", "system", "thinking", "tool_choice", "tools",
})  # fmt: skip
# Settings that only shape the answer: nobody need be told that they do not count.
UNREAD = frozenset({
    "max_tokens", "reuse_last_container", "stop", "stop_sequences", "temperature", "top_k", "top_p",
})  # fmt: skip


def _encode(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write the question; what a container holds cannot be counted, which is told as a warning."""
    if dialect.count_path is None:
        raise ConfigurationError(
            "this provider counts no tokens for others: `count_tokens_approximately` needs none"
        )
    if "{model}" in dialect.count_path:
        packed = encode(model, messages, settings, streaming, dialect)
        from urllib.parse import quote

        path = dialect.count_path.replace("{model}", quote(dialect.counted_as(model), safe=""))
        body = {"input": {"invokeModel": {"body": b64encode(json.encode(packed.body)).decode()}}}
        return replace(packed, path=path, body=body)
    read = {name: value for name, value in settings.items() if name not in UNREAD}
    encoded = encode(model, messages, read, streaming, dialect)
    body = {"model": model, **encoded.body}
    body = {name: value for name, value in body.items() if name in FIELDS}
    warnings = encoded.warnings
    if "container" in encoded.body:
        warnings += ("container was left out of the count: the endpoint does not take it",)
    if dialect.body_version is not None:
        body["anthropic_version"] = dialect.body_version
    return replace(encoded, path=dialect.count_path, body=body, warnings=warnings)


COUNTING = Counting(_encode, count_in("input_tokens", "inputTokens"))
