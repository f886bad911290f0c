"""Every exception conure raises.

ConureError
├── ModelError                          a call that went wrong
│   ├── ModelInvalidRequestError        400, 413, 422 …: the request is at fault; sent once
│   │   ├── ContextOverflowError        more tokens than the model can read
│   │   └── ContentFilteredError        the provider's filter refused the prompt
│   ├── ModelAuthenticationError        401; sent once
│   ├── ModelPermissionDeniedError      403; sent once
│   ├── ModelNotFoundError              404: no such model or endpoint; sent once
│   ├── ModelRateLimitError             429: wait, then ask again
│   │   └── QuotaExceededError          out of credit: waiting does not help; sent once
│   ├── ModelAPIError                   5xx and other failures of the provider
│   │   └── ProtocolError               bytes that are not the protocol they should be
│   ├── ModelTimeoutError (TimeoutError)
│   │   ├── FirstEventTimeout           the stream opened and said nothing
│   │   ├── StreamChunkTimeoutError     the stream stopped saying anything new
│   │   └── DeadlineExceeded            the whole call, retries included, took too long
│   ├── ModelConnectionError (ConnectionError)
│   │   └── StreamTruncated             the stream ended before the reply did
│   └── ModelRefusalError, Refused      the model declined, where a value was asked for
├── GraphRecursionError (RecursionError)    an agent that does not come to an end
├── ConfigurationError (ValueError)     wrong before anything was sent
│   ├── ImpossibleRequestError          the model is known not to take this; nothing was sent
│   └── MissingKeyError                 no credential where one is needed
└── OutputParserException (ValueError)  a reply that does not parse as asked
    └── InvalidOutput                   the answer does not fit the schema
        └── Truncated                   the answer was cut off before it was whole

SettingIgnoredWarning (UserWarning): something the provider cannot take was left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "ConfigurationError",
    "ContentFilteredError",
    "ContextOverflowError",
    "ConureError",
    "DeadlineExceeded",
    "FirstEventTimeout",
    "GraphRecursionError",
    "ImpossibleRequestError",
    "InvalidOutput",
    "MissingKeyError",
    "ModelAPIError",
    "ModelAuthenticationError",
    "ModelConnectionError",
    "ModelError",
    "ModelInvalidRequestError",
    "ModelNotFoundError",
    "ModelPermissionDeniedError",
    "ModelRateLimitError",
    "ModelRefusalError",
    "ModelTimeoutError",
    "OutputParserException",
    "ProtocolError",
    "QuotaExceededError",
    "Refused",
    "SettingIgnoredWarning",
    "StreamChunkTimeoutError",
    "StreamTruncated",
    "Truncated",
]


class ConureError(Exception):
    """Catch everything conure raises on purpose."""


class ConfigurationError(ConureError, ValueError):
    """Report a mistake found before anything was sent."""


class ImpossibleRequestError(ConfigurationError):
    """Report a request that the model is known not to take; `nearest` says what it would take.

    What is known of a model stands in `model.profile`; another `profile=` is believed instead.
    """

    def __init__(self, reason: str, nearest: str) -> None:
        super().__init__(f"{reason}: {nearest}")
        self.reason = reason
        self.nearest = nearest

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.nearest)


class MissingKeyError(ConfigurationError):
    """Report that a provider needs a credential and none was given."""


class GraphRecursionError(ConureError, RecursionError):
    """Report an agent that took as many steps as it may: raise `recursion_limit`, or mend it."""


class OutputParserException(ConureError, ValueError):  # noqa: N818 - the field's name for it
    """Report a reply that does not parse as asked; `llm_output` is what it said."""

    def __init__(self, error: object, *, llm_output: str | None = None) -> None:
        super().__init__(str(error))
        self.llm_output = llm_output


class InvalidOutput(OutputParserException):
    """Report an answer that does not fit its schema.

    `raw` is the reply's `AIMessage`; `errors` lists what is wrong as (JSON path, words) pairs.
    """

    def __init__(
        self,
        message: str,
        *,
        raw: Any = None,
        errors: Sequence[tuple[str, str]] = (),
        attempts: int = 1,
    ) -> None:
        super().__init__(message, llm_output=None if raw is None else str(raw.text))
        self.raw = raw
        self.errors = list(errors)
        self.attempts = attempts


class Truncated(InvalidOutput):
    """Report an answer that ended before it was whole: give it more tokens (`max_tokens`)."""


class ModelError(ConureError):
    """Describe a call that went wrong.

    `status_code`, `code`, `param`, `type` and `body` are the provider's own; `retry_after` is in
    seconds; `attempts` counts the requests sent; `partial` is the `AIMessage` received so far,
    for errors in the middle of a stream.
    """

    retryable = False

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        status_code: int | None = None,
        code: str | None = None,
        param: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's own word
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.model = model
        self.status_code = status_code
        self.code = code
        self.param = param
        self.type = type
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body
        self.attempts = 1
        self.partial: Any = None


class ModelInvalidRequestError(ModelError):
    """Report a request the provider cannot accept."""


class ContextOverflowError(ModelInvalidRequestError):
    """Report more tokens than the model can read: shorten the history (`trim_messages`)."""


class ContentFilteredError(ModelInvalidRequestError):
    """Report that the provider's content filter refused the prompt."""


class ModelAuthenticationError(ModelError):
    """Report a missing, wrong or expired key."""


class ModelPermissionDeniedError(ModelError):
    """Report a key that may not do this."""


class ModelNotFoundError(ModelError):
    """Report a model or endpoint that does not exist."""


class ModelRateLimitError(ModelError):
    """Report too many requests or tokens; `retry_after` says how long to wait, when known."""

    retryable = True


class QuotaExceededError(ModelRateLimitError):
    """Report that credit or a long-term quota is used up; asking again does not help."""

    retryable = False


class ModelAPIError(ModelError):
    """Report a failure on the provider's side."""

    retryable = True


class ProtocolError(ModelAPIError):
    """Report bytes that are not what the protocol says they should be."""

    retryable = False


class ModelTimeoutError(ModelError, TimeoutError):
    """Report that the provider did not answer in time."""

    retryable = True


class FirstEventTimeout(ModelTimeoutError):  # noqa: N818 - a timeout is its name
    """Report a stream that opened but sent no content in time."""


class StreamChunkTimeoutError(ModelTimeoutError):
    """Report a stream that stopped sending content; pings do not count."""

    retryable = False


class DeadlineExceeded(ModelTimeoutError):  # noqa: N818 - the field's name for it
    """Report that the whole call, retries included, took longer than `deadline`."""

    retryable = False


class ModelConnectionError(ModelError, ConnectionError):
    """Report that the provider could not be reached or the connection broke."""

    retryable = True


class StreamTruncated(ModelConnectionError):  # noqa: N818 - says what happened to the stream
    """Report a stream that ended before the reply did; `partial` is what came."""

    retryable = False


class ModelRefusalError(ModelError):
    """Report that the model declined to answer where a value was asked for."""


Refused = ModelRefusalError
"""the short name"""


class SettingIgnoredWarning(UserWarning):
    """Say that a setting or a content block was left out because the provider cannot take it."""
