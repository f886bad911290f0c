"""Status, headers and the provider's own words -> one exception that says what to do.

The class follows from the provider's code or wording where they are known to be more exact
than the status (`CODES`, `WORDINGS`), else from the status (`STATUSES`).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from ..errors import (
    ContentFilteredError,
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
    QuotaExceededError,
)
from ..protocols import ErrorReport

__all__ = ["from_reply", "retry_after"]

STATUSES: dict[int, type[ModelError]] = {
    400: ModelInvalidRequestError,
    401: ModelAuthenticationError,
    402: QuotaExceededError,
    403: ModelPermissionDeniedError,
    404: ModelNotFoundError,
    408: ModelTimeoutError,
    409: ModelAPIError,
    410: ModelNotFoundError,
    424: ModelAPIError,
    425: ModelAPIError,
    429: ModelRateLimitError,
    499: ModelAPIError,  # cancelled, by whoever stands between
}

CODES: dict[str, type[ModelError]] = {
    "context_length_exceeded": ContextOverflowError,
    "exceed_context_size_error": ContextOverflowError,
    "too_many_prompt_tokens": ContextOverflowError,
    "string_above_max_length": ContextOverflowError,
    "content_filter": ContentFilteredError,
    "content_policy_violation": ContentFilteredError,
    "invalid_api_key": ModelAuthenticationError,
    "authentication_error": ModelAuthenticationError,
    "permission_error": ModelPermissionDeniedError,
    "model_not_found": ModelNotFoundError,
    "not_found_error": ModelNotFoundError,
    "DeploymentNotFound": ModelNotFoundError,
    "invalid_model": ModelNotFoundError,
    "insufficient_quota": QuotaExceededError,
    "billing_error": QuotaExceededError,
    "billing_hard_limit_reached": QuotaExceededError,
    "billing_not_active": QuotaExceededError,
    "access_terminated": ModelPermissionDeniedError,
    "rate_limit_exceeded": ModelRateLimitError,
    "rate_limit_error": ModelRateLimitError,
    # Said of what a minute allows and of what a plan does: waiting may help.
    "RESOURCE_EXHAUSTED": ModelRateLimitError,
    "API_KEY_INVALID": ModelAuthenticationError,
    "overloaded_error": ModelAPIError,
    "server_error": ModelAPIError,
    "api_error": ModelAPIError,
    "AccessDeniedException": ModelPermissionDeniedError,
    "ExpiredTokenException": ModelAuthenticationError,
    "IncompleteSignatureException": ModelAuthenticationError,
    "InvalidSignatureException": ModelAuthenticationError,
    "MissingAuthenticationTokenException": ModelAuthenticationError,
    "ServiceQuotaExceededException": QuotaExceededError,
    "ThrottlingException": ModelRateLimitError,
    "UnrecognizedClientException": ModelAuthenticationError,
}

# Vendors that answer 400 or 429 with words only.
WORDINGS: tuple[tuple[str, type[ModelError]], ...] = (
    ("maximum context length", ContextOverflowError),
    ("exceeds the available context size", ContextOverflowError),
    ("prompt is too long", ContextOverflowError),
    ("input is too long", ContextOverflowError),
    ("too many tokens", ContextOverflowError),
    ("total length of all messages is too long", ContextOverflowError),
    ("exceeds the context window", ContextOverflowError),
    ("input tokens exceeds maximum", ContextOverflowError),
    ("exceeds the maximum number of tokens", ContextOverflowError),
    ("content management policy", ContentFilteredError),
    ("exceeded your current quota", QuotaExceededError),
    ("credit balance is too low", QuotaExceededError),
    ("insufficient balance", QuotaExceededError),
    ("insufficient credits", QuotaExceededError),
    ("incorrect api key", ModelAuthenticationError),
    ("api key not valid", ModelAuthenticationError),
    ("invalid api key", ModelAuthenticationError),
)

# The statuses that a code or wording may make more exact; the others say enough themselves.
REFINABLE = frozenset({None, 200, 400, 403, 409, 413, 422, 429})

REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid")

REMEDIES: dict[type[ModelError], str] = {
    ModelAuthenticationError: "Check the API key.",
    ModelPermissionDeniedError: "Check what this key may do.",
    ModelNotFoundError: "Check the model name and base_url.",
    ContextOverflowError: "Shorten the history (trim_messages) or use a larger model.",
    QuotaExceededError: "Waiting does not help: check plan and billing.",
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
    if report.code is None and (name := headers.get("x-amzn-errortype")):
        # AWS tells it outside of the body: a name, then where it is defined.
        report = replace(report, code=name.partition(":")[0])
    kind = _kind(status, report)
    request_id = next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)
    words = report.message or "the provider gave no reason"
    where = f"{provider}, {model}" + (f", HTTP {status}" if status else "")
    remedy = REMEDIES.get(kind)
    error = kind(
        f"{where}: {words}"
        + (f" [{request_id}]" if request_id else "")
        + (f" {remedy}" if remedy else ""),
        provider=provider,
        model=model,
        status_code=status,
        code=report.code,
        param=report.param,
        type=report.type,
        request_id=request_id,
        retry_after=report.retry_after if (said := retry_after(headers)) is None else said,
        body=report.body,
    )
    verdict = headers.get("x-should-retry")
    if verdict in {"true", "false"} and kind is not QuotaExceededError:
        error.retryable = verdict == "true"
    return error


def _kind(status: int | None, report: ErrorReport) -> type[ModelError]:
    if status in REFINABLE:
        for word in (report.code, report.type):
            kind = CODES.get(word or "")
            if kind is not None and not (kind is ModelAPIError and status in STATUSES):
                return kind
        said = report.message.lower()
        for words, kind in WORDINGS:
            if words in said:
                return kind
    if status is None or status < 400:
        return ModelAPIError
    if status >= 500:
        return ModelAPIError
    return STATUSES.get(status, ModelInvalidRequestError)


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
    from email.utils import mktime_tz, parsedate_tz

    until, since = parsedate_tz(value), parsedate_tz(headers.get("date") or "")
    if until is None or since is None:
        return None
    try:
        return float(max(0, mktime_tz(until) - mktime_tz(since)))
    except (OverflowError, ValueError):
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
