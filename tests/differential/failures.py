"""Programs whose calls fail, are tried again, or fall back."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply

__all__: list[str] = []


def failing(status: int, message: str = "broken", **more: object) -> Reply:
    error = {"message": message, "type": "some_error", "param": None, "code": None, **more}
    return Reply(status=status, body={"error": error}, headers={"x-request-id": "req_1"})


STATUSES = {
    400: "bad-request", 401: "authentication", 403: "permission", 404: "not-found",
    408: "timeout", 409: "conflict", 413: "too-large", 422: "unprocessable", 429: "rate-limit",
    500: "server", 502: "gateway", 503: "unavailable",
}  # fmt: skip
for status, name in STATUSES.items():
    program(f"error-{status}-{name}", 'model().invoke("hi")', failing(status))
program("error-async", 'await model().ainvoke("hi")', failing(429))
program(
    "error-context",
    'model().invoke("hi")',
    failing(400, "This model's maximum context length is 8192 tokens.",
            code="context_length_exceeded"),
)  # fmt: skip
program(
    "error-words",
    """
    error = attempt(lambda: model().invoke("hi"))
    show("a most special word" in str(error))
    """,
    failing(400, "a most special word"),
)
program("error-not-json", 'model().invoke("hi")', Reply(status=500, body=b"<html>oops</html>"))
program("error-text-body", 'model().invoke("hi")', Reply(status=400, body={"error": "words"}))
program("error-200-error", 'model().invoke("hi")', Reply(body={"error": {"message": "late"}}))
program("error-200-not-json", 'model().invoke("hi")', Reply(body=b"<html>"))
program("error-no-choices", 'model().invoke("hi")',
        Reply(body={"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": []}))  # fmt: skip
program(
    "error-refused",
    'model(base_url="http://127.0.0.1:9/v1", openai_proxy=None).invoke("hi")',
    elsewhere=True,
)
AGAIN = Reply(status=503, body={"error": {"message": "later"}}, headers={"retry-after-ms": "1"})
program("retry-then-fine", 'show(model(max_retries=2).invoke("hi").text)', AGAIN, Reply("ok"))
program("retry-given-up", 'model(max_retries=1).invoke("hi")', AGAIN)
program("retry-not-for-400", 'model(max_retries=2).invoke("hi")', failing(400))
program(
    "retry-not-when-told",
    'model(max_retries=2).invoke("hi")',
    Reply(status=503, body={"error": {"message": "x"}}, headers={"x-should-retry": "false"}),
)
program("retry-stream", 'show("".join(c.text for c in model(max_retries=1).stream("hi")))',
        AGAIN, Reply("ok"))  # fmt: skip
program(
    "with-retry",
    'show(model().with_retry(stop_after_attempt=2, wait_exponential_jitter=False).invoke("hi").text)',
    AGAIN,
    Reply("ok"),
)
program(
    "with-fallbacks",
    'show(model().with_fallbacks([model("gpt-4o-mini")]).invoke("hi").text)',
    failing(500),
    Reply("ok"),
)
program(
    "fallbacks-first-error",
    'model().with_fallbacks([model("gpt-4o-mini")]).invoke("hi")',
    failing(400),
    failing(500),
)
program(
    "fallbacks-some-errors",
    'model().with_fallbacks([model("gpt-4o-mini")], exceptions_to_handle=(KeyError,)).invoke("hi")',
    failing(500),
)
program(
    "fallbacks-tools",
    """
    def f(x: int) -> int:
        "Do it."
    show(model().with_fallbacks([model("gpt-4o-mini")]).bind_tools([f]).invoke("hi").text)
    """,
    failing(500),
    Reply("ok"),
)
program(
    "fallbacks-stream",
    """
    show("".join(c.text for c in model().with_fallbacks([model("gpt-4o-mini")]).stream("hi")))
    """,
    failing(500),
    Reply("ok"),
)
program(
    "error-families",
    """
    from langchain_core.exceptions import (ModelError, ModelRateLimitError, ModelAPIError,
        OutputParserException, ModelAuthenticationError, ModelInvalidRequestError)
    error = attempt(lambda: model().invoke("hi"))
    show(isinstance(error, ModelError), isinstance(error, ModelRateLimitError),
         isinstance(error, ModelAPIError))
    show(issubclass(OutputParserException, ValueError))
    """,
    failing(429),
)
