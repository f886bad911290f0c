"""Responses: what is asked about a reply that the provider keeps, and making a history shorter.

https://platform.openai.com/docs/guides/background
https://platform.openai.com/docs/api-reference/responses/compact
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ...messages import BaseMessage
from .. import Encoded, Stored
from ..counting import Encode
from .dialect import Dialect
from .request import encode
from .response import StreamDecoder

__all__ = ["STORED"]

PATH = "/responses"

# The fields of a request that the endpoint takes, and the settings they are made of.
FIELDS = frozenset({
    "input", "instructions", "model", "previous_response_id", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "service_tier",
})  # fmt: skip
READ = FIELDS | {"disabled_params", "extra_body", "model_kwargs", "use_previous_response_id"}


def _errand(method: str, path: str, **query: Any) -> Encode:
    """Make the encoder of a request that asks nothing of the model."""

    def write(
        _model: str,
        _messages: Sequence[BaseMessage],
        settings: Mapping[str, Any],
        _streaming: bool,
        _dialect: Dialect,
    ) -> Encoded:
        more = {"include[]": list(include)} if (include := settings.get("include")) else {}
        asked = {**more, **query} if method == "GET" else query
        return Encoded(f"{PATH}/{path}", method=method, query=asked)

    return write


def _get(id: str) -> Encode:
    return _errand("GET", id)


def _resume(id: str, after: int | None) -> Encode:
    known = {} if after is None else {"starting_after": after}
    return _errand("GET", id, stream="true", **known)


def _cancel(id: str) -> Encode:
    return _errand("POST", f"{id}/cancel")


def _delete(id: str) -> Encode:
    return _errand("DELETE", id)


def _compact(
    model: str,
    messages: Sequence[BaseMessage],
    settings: Mapping[str, Any],
    streaming: bool,
    dialect: Dialect,
) -> Encoded:
    """Write the question; what only shapes an answer has no place in it."""
    read = {name: value for name, value in settings.items() if name in READ}
    encoded = encode(model, messages, read, streaming, dialect)
    body = {name: value for name, value in encoded.body.items() if name in FIELDS}
    if extra := settings.get("extra_body"):
        body.update(extra)
    return Encoded(f"{PATH}/compact", body, encoded.warnings)


STORED = Stored(
    get=_get,
    resume=_resume,
    cancel=_cancel,
    delete=_delete,
    decoder=partial(StreamDecoder, resumed=True),
    compact=_compact,
)
