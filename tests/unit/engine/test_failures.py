"""Status, headers and words -> the exception that says what to do."""

from __future__ import annotations

import pytest

from conure import errors
from conure.engine.failures import from_reply, retry_after
from conure.protocols import ErrorReport


def failure(status, message="no", *, headers=None, **words):
    return from_reply(
        status, headers or {}, ErrorReport(message, **words), provider="groq", model="llama"
    )


@pytest.mark.parametrize(
    "status,kind,retryable",
    [
        (400, errors.ModelInvalidRequestError, False),
        (401, errors.ModelAuthenticationError, False),
        (402, errors.QuotaExceededError, False),
        (403, errors.ModelPermissionDeniedError, False),
        (404, errors.ModelNotFoundError, False),
        (408, errors.ModelTimeoutError, True),
        (409, errors.ModelAPIError, True),
        (413, errors.ModelInvalidRequestError, False),
        (418, errors.ModelInvalidRequestError, False),
        (422, errors.ModelInvalidRequestError, False),
        (429, errors.ModelRateLimitError, True),
        (500, errors.ModelAPIError, True),
        (503, errors.ModelAPIError, True),
        (529, errors.ModelAPIError, True),
        (None, errors.ModelAPIError, True),
    ],
)
def test_status_decides_without_a_code(status, kind, retryable):
    error = failure(status)
    assert type(error) is kind
    assert error.retryable is retryable
    assert error.status_code == status


@pytest.mark.parametrize(
    "status,words,kind",
    [
        (400, {"code": "context_length_exceeded"}, errors.ContextOverflowError),
        (400, {"type": "exceed_context_size_error"}, errors.ContextOverflowError),
        (
            400,
            {"message": "This model's maximum context length is 8192"},
            errors.ContextOverflowError,
        ),
        (400, {"code": "content_filter"}, errors.ContentFilteredError),
        (400, {"message": "API key not valid. Please pass one."}, errors.ModelAuthenticationError),
        (429, {"code": "insufficient_quota"}, errors.QuotaExceededError),
        (429, {"message": "You exceeded your current quota"}, errors.QuotaExceededError),
        (404, {"code": "DeploymentNotFound"}, errors.ModelNotFoundError),
        (500, {"code": "invalid_api_key"}, errors.ModelAPIError),
    ],
)
def test_exact_words_beat_a_vague_status(status, words, kind):
    message = words.pop("message", "no")
    assert type(failure(status, message, **words)) is kind


def test_carries_the_providers_words_and_says_what_to_do():
    error = failure(
        401, "bad key", headers={"x-request-id": "req_1"}, code="invalid_api_key", body={"a": 1}
    )
    assert str(error) == "groq, llama, HTTP 401: bad key [req_1] Check the API key."
    assert (error.provider, error.model, error.request_id) == ("groq", "llama", "req_1")
    assert (error.code, error.body) == ("invalid_api_key", {"a": 1})


def test_the_providers_verdict_on_retrying_wins():
    assert failure(400, headers={"x-should-retry": "true"}).retryable is True
    assert failure(500, headers={"x-should-retry": "false"}).retryable is False


def test_an_empty_quota_is_final_whatever_the_header_says():
    error = failure(429, headers={"x-should-retry": "true"}, code="insufficient_quota")
    assert error.retryable is False


@pytest.mark.parametrize(
    "headers,seconds",
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "soon"}, None),
        (
            {
                "retry-after": "Fri, 21 Nov 2025 10:00:07 GMT",
                "date": "Fri, 21 Nov 2025 10:00:00 GMT",
            },
            7.0,
        ),
        (
            {
                "retry-after": "Fri, 21 Nov 2025 09:00:00 GMT",
                "date": "Fri, 21 Nov 2025 10:00:00 GMT",
            },
            0.0,
        ),
        ({"retry-after": "Fri, 21 Nov 2025 10:00:07 GMT"}, None),
        (
            {
                "retry-after": "Fri, 21 Nov 2025 10:00:07 -0000",
                "date": "Fri, 21 Nov 2025 10:00:00 GMT",
            },
            7.0,
        ),
    ],
)
def test_reads_every_form_of_retry_after(headers, seconds):
    assert retry_after(headers) == seconds
