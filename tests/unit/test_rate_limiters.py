"""The rate limiter's arithmetic, on a clock that only the tests move."""

from __future__ import annotations

import asyncio
import copy
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.rate_limiters import BaseRateLimiter, InMemoryRateLimiter


class Clock:
    """A clock that stands still but for sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 1_000.0
        self.naps: list[float] = []

        def sleep(seconds: float) -> None:
            self.naps.append(seconds)
            self.time += seconds

        async def asleep(seconds: float) -> None:
            sleep(seconds)

        monkeypatch.setattr("conure.rate_limiters.now", lambda: self.time)
        monkeypatch.setattr("conure.rate_limiters.sleep", sleep)
        monkeypatch.setattr("conure.rate_limiters.asleep", asleep)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_bucket_starts_full() -> None:
    limiter = InMemoryRateLimiter(requests_per_second=0.1)
    assert limiter.reserve(5.0) == 0
    assert limiter.reserve(5.0) == 10


def test_turns_are_handed_out_one_after_the_other() -> None:
    limiter = InMemoryRateLimiter(requests_per_second=4)
    assert [limiter.reserve(0.0) for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    assert limiter.reserve(0.5) == 0.5


def test_a_bucket_lets_so_many_begin_at_once_after_a_pause() -> None:
    limiter = InMemoryRateLimiter(requests_per_second=2, max_bucket_size=3)
    assert [limiter.reserve(0.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert [limiter.reserve(100.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_bucket_refills_bit_by_bit() -> None:
    limiter = InMemoryRateLimiter(requests_per_second=1, max_bucket_size=2)
    assert [limiter.reserve(0.0), limiter.reserve(0.0)] == [0, 0]
    assert [limiter.reserve(1.0), limiter.reserve(1.0)] == [0, 1]


@pytest.mark.parametrize("rate", [0.5, 3, 100])
@pytest.mark.parametrize("bucket", [1, 2.5, 10])
def test_the_rate_is_kept_whatever_the_arrivals(rate: float, bucket: float) -> None:
    dice = random.Random(7)
    limiter = InMemoryRateLimiter(requests_per_second=rate, max_bucket_size=bucket)
    now, begun = 50.0, []
    for _ in range(2_000):
        now += dice.expovariate(rate * 2)
        begun.append(now + limiter.reserve(now))
    assert begun == sorted(begun)
    for first in range(0, 2_000, 97):
        for last in range(first, 2_000, 89):
            allowed = bucket + (begun[last] - begun[first]) * rate
            assert last - first + 1 <= allowed + 1e-6
    assert (len(begun) - bucket) / (begun[-1] - begun[0]) == pytest.approx(rate, rel=0.02)


def test_sync_and_async_calls_share_one_bucket(clock: Clock) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=2)

    async def main() -> None:
        assert await limiter.aacquire()
        assert await limiter.aacquire()

    assert limiter.acquire()
    asyncio.run(main())
    assert limiter.acquire()
    assert clock.naps == [0.5, 0.5, 0.5]


def test_without_blocking_the_answer_comes_at_once(clock: Clock) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=2)

    async def main() -> list[bool]:
        return [await limiter.aacquire(blocking=False) for _ in range(2)]

    assert limiter.acquire(blocking=False)
    assert not limiter.acquire(blocking=False)
    clock.time += 0.5
    assert asyncio.run(main()) == [True, False]
    assert clock.naps == []


def test_threads_get_a_turn_each() -> None:
    limiter = InMemoryRateLimiter(requests_per_second=10)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.reserve(0.0), range(400)))
    assert sorted(waits) == pytest.approx([n / 10 for n in range(400)])


@pytest.mark.parametrize(
    "options",
    [
        {"requests_per_second": 0},
        {"requests_per_second": -1},
        {"requests_per_second": float("inf")},
        {"requests_per_second": float("nan")},
        {"max_bucket_size": 0.5},
        {"max_bucket_size": float("nan")},
    ],
)
def test_what_could_never_grant_is_refused_by_name(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        InMemoryRateLimiter(**options)


def test_options_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        InMemoryRateLimiter(1)  # type: ignore[misc]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_keeps_the_rates_and_has_a_bucket_of_its_own(copied: Any) -> None:
    limiter = InMemoryRateLimiter(requests_per_second=2, max_bucket_size=3)
    limiter.reserve(0.0)
    twin = copied(limiter)
    assert [twin.reserve(0.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_others_may_be_written() -> None:
    class Open(BaseRateLimiter):
        def acquire(self, *, blocking: bool = True) -> bool:
            return True

        async def aacquire(self, *, blocking: bool = True) -> bool:
            return True

    assert Open().acquire()
    with pytest.raises(TypeError, match="abstract"):
        BaseRateLimiter()  # type: ignore[abstract]
