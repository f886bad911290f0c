"""How often and how long: the policy decides from values alone."""

from __future__ import annotations

from conure.engine.retry import Retry
from conure.errors import ModelAPIError, ModelInvalidRequestError, ModelRateLimitError


def wait(attempt, error, *, left=float("inf"), spread=1.0, policy=None):
    return (policy or Retry()).wait(attempt, error, left, lambda: spread)


def test_ceiling_doubles_and_stops_growing():
    policy = Retry(max_retries=9, first_wait=0.5, longest_wait=3.0)
    waits = [wait(n, ModelAPIError("x"), policy=policy) for n in range(1, 6)]
    assert waits == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_thousands_of_attempts():
    assert wait(2000, ModelAPIError("x"), policy=Retry(max_retries=5000)) == 8.0


def test_jitter_is_full():
    assert wait(1, ModelAPIError("x"), spread=0.0) == 0.0
    assert wait(1, ModelAPIError("x"), spread=0.5) == 0.25


def test_gives_up_after_the_last_retry():
    assert wait(2, ModelAPIError("x")) is not None
    assert wait(3, ModelAPIError("x")) is None


def test_never_repeats_what_cannot_get_better():
    assert wait(1, ModelInvalidRequestError("x")) is None


def test_waits_at_least_what_the_provider_asks_for():
    error = ModelRateLimitError("x", retry_after=3.0)
    assert wait(1, error, spread=0.0) == 3.0
    assert 3.0 <= wait(1, error, spread=1.0) <= 3.5


def test_does_not_wait_past_the_deadline():
    error = ModelRateLimitError("x", retry_after=60.0)
    assert wait(1, error, left=30.0) is None
