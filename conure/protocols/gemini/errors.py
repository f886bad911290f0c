"""Gemini: what an error says, by Google's common shape of errors.

https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

from typing import Any

from ...messages.events import Failure
from .. import ErrorReport
from ..errors import failure_of as any_failure_of, read_error as read_any_error
from ..shape import is_list, is_object

__all__ = ["failure_of", "read_error"]

RETRY = "type.googleapis.com/google.rpc.RetryInfo"


def read_error(body: bytes) -> ErrorReport:
    """Say what went wrong in the provider's words, and how long it asks us to wait.

    >>> read_error(b'{"error": {"code": 404, "message": "no such", "status": "NOT_FOUND"}}').code
    'NOT_FOUND'
    """
    return _more_exact(read_any_error(body))


def failure_of(wire: Any) -> Failure:
    """Read an error that came inside a reply."""
    found = any_failure_of(wire)
    report = _more_exact(ErrorReport(found.message, found.code, found.type, None, found.body))
    return Failure(found.status, report.code, report.type, report.message, report.body)


def _more_exact(report: ErrorReport) -> ErrorReport:
    found = report.body
    if is_list(found) and found:
        # As the only element of what would have been a stream.
        found = found[0]
    error = found.get("error") if is_object(found) else None
    if not is_object(error):
        return report
    status, details = error.get("status"), error.get("details")
    details = [detail for detail in details if is_object(detail)] if is_list(details) else []
    reasons = [detail["reason"] for detail in details if isinstance(detail.get("reason"), str)]
    return ErrorReport(
        report.message,
        code=status if isinstance(status, str) else report.code,
        type=reasons[0] if reasons else report.type,
        param=report.param,
        body=report.body,
        retry_after=_delay(details),
    )


def _delay(details: list[dict[str, Any]]) -> float | None:
    """Read a duration such as `34.4s`."""
    for detail in details:
        if detail.get("@type") == RETRY and isinstance(delay := detail.get("retryDelay"), str):
            try:
                return max(0.0, float(delay.removesuffix("s")))
            except ValueError:
                return None
    return None
