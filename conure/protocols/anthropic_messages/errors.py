"""Anthropic Messages: what the provider says of an error, as a reply and inside of one.

https://docs.anthropic.com/en/api/errors
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ...messages.events import Failure
from ..errors import failure_of as failure_in_any, read_error

__all__ = ["failure_of", "read_error"]

# An error amid a stream comes under status 200; its type says which status it would have been.
STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def failure_of(wire: Any) -> Failure:
    """Read an error that came inside a reply."""
    failure = failure_in_any(wire)
    return replace(failure, status=STATUSES.get(failure.type or "", failure.status))
