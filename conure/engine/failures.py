"""Status, headers and the provider's own words -> one exception that says what to do.

The class follows from the provider's code or wording where they are known to be more exact
than the status (`CODES`, `WORDINGS`), else from the status (`STATUSES`).
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import errors
from ..errors import ModelError
from ..protocols import ErrorReport

__all__ = ["from_reply", "retry_after"]

STATUSES: dict[int, type[ModelError]] = {
    400: errors.ModelInvalidRequestError,
    401: errors.ModelAuthenticationError,
    402: errors.QuotaExceededError,
    403: errors.ModelPermissionDeniedError,
    404: errors.ModelNotFoundError,
    408: errors.ModelTimeoutError,
    409: errors.ModelAPIError,
    410: errors.ModelNotFoundError,
    425: errors.ModelAPIError,
    429: errors.ModelRateLimitError,
}

CODES: dict[str, type[ModelError]] = {
    "context_length_exceeded": errors.ContextOverflowError,
    "exceed_context_size_error": errors.ContextOverflowError,
    "too_many_prompt_tokens": errors.ContextOverflowError,
    "string_above_max_length": errors.ContextOverflowError,
    "content_filter": errors.ContentFilteredError,
    "content_policy_violation": errors.ContentFilteredError,
    "invalid_api_key": errors.ModelAuthenticationError,
    "authentication_error": errors.ModelAuthenticationError,
    "permission_error": errors.ModelPermissionDeniedError,
    "model_not_found": errors.ModelNotFoundError,
    "not_found_error": errors.ModelNotFoundError,
    "DeploymentNotFound": errors.ModelNotFoundError,
    "invalid_model": errors.ModelNotFoundError,
    "insufficient_quota": errors.QuotaExceededError,
    "billing_error": errors.QuotaExceededError,
    "billing_hard_limit_reached": errors.QuotaExceededError,
    "billing_not_active": errors.QuotaExceededError,
    "access_terminated": errors.ModelPermissionDeniedError,
    "rate_limit_exceeded": errors.ModelRateLimitError,
    "rate_limit_error": errors.ModelRateLimitError,
    "overloaded_error": errors.ModelAPIError,
    "server_error": errors.ModelAPIError,
    "api_error": errors.ModelAPIError,
}

# Vendors that answer 400 or 429 with words only.
WORDINGS: tuple[tuple[str, type[ModelError]], ...] = (
    ("maximum context length", errors.ContextOverflowError),
    ("exceeds the available context size", errors.ContextOverflowError),
    ("prompt is too long", errors.ContextOverflowError),
    ("input is too long", errors.ContextOverflowError),
    ("too many tokens", errors.ContextOverflowError),
    ("total length of all messages is too long", errors.ContextOverflowError),
    ("exceeds the context window", errors.ContextOverflowError),
    ("content management policy", errors.ContentFilteredError),
    ("exceeded your current quota", errors.QuotaExceededError),
    ("credit balance is too low", errors.QuotaExceededError),
    ("insufficient balance", errors.QuotaExceededError),
    ("insufficient credits", errors.QuotaExceededError),
    ("incorrect api key", errors.ModelAuthenticationError),
    ("api key not valid", errors.ModelAuthenticationError),
    ("invalid api key", errors.ModelAuthenticationError),
)

# What an exact code may refine: a 5xx stays the provider's failure whatever it calls it.
REFINABLE = frozenset({200, 400, 401, 402, 403, 404, 409, 413, 422, 429})

REMEDIES: dict[type[ModelError], str] = {
    errors.ModelAuthenticationError: "Check the API key.",
    errors.ModelPermissionDeniedError: "Check what this key may do.",
    errors.ModelNotFoundError: "Check the model name and base_url.",
    errors.ContextOverflowError: "Shorten the history (trim_messages) or use a larger model.",
    errors.QuotaExceededError: "Waiting does not help: check plan and billing.",
}


def from_reply(
    status: int | None,
    headers: Mapping[str, str],
    report: ErrorReport,
    *,
    provider: str,
    model: str,
) -> ModelError:
    """Make the exception for an error reply, or for an error inside a reply."""
    kind = _kind(status, report)
    request_id = headers.get("x-request-id") or headers.get("request-id")
    words = report.message or "the provider gave no reason"
    where = f"{provider}, {model}" + (f", HTTP {status}" if status else "")
    remedy = REMEDIES.get(kind)
    error = kind(
        f"{where}: {words}" + (f" [{request_id}]" if request_id else "") + (f" {remedy}" if remedy else ""),
        provider=provider,
        model=model,
        status_code=status,
        code=report.code,
        param=report.param,
        type=report.type,
        request_id=request_id,
        retry_after=retry_after(headers),
        body=report.body,
    )
    verdict = headers.get("x-should-retry")
    if verdict in {"true", "false"} and kind is not errors.QuotaExceededError:
        error.retryable = verdict == "true"
    return error


def _kind(status: int | None, report: ErrorReport) -> type[ModelError]:
    if status is None or status in REFINABLE:
        for word in (report.code, report.type):
            if word in CODES:
                return CODES[word]
        said = report.message.lower()
        for words, kind in WORDINGS:
            if words in said:
                return kind
    if status is None or status < 400:
        return errors.ModelAPIError
    if status >= 500:
        return errors.ModelAPIError
    return STATUSES.get(status, errors.ModelInvalidRequestError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds the provider asks us to wait.

    `retry-after-ms` (milliseconds) and `Retry-After` as seconds or as an HTTP date, which is
    compared with the reply's own `Date`, so that a wrong local clock does no harm.

    >>> retry_after({"retry-after-ms": "1500"}), retry_after({"retry-after": "3"})
    (1.5, 3.0)
    """
    seconds = _number(headers.get("retry-after-ms"))
    if seconds is not None:
        return max(0.0, seconds / 1000)
    value = headers.get("retry-after")
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return max(0.0, seconds)
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(value)
        since = parsedate_to_datetime(headers.get("date") or "")
    except ValueError:
        return None
    return max(0.0, (until - since).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
