"""Batches: order, width, failures, contexts, in threads and in one event loop."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import threading
import uuid
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.runnables import Runnable, RunnableLambda
from conure.runnables.config import AMBIENT, ambient
from tests.unit.runnables.doubles import Broken


class Plus(Runnable[int, int]):
    """Adds one, natively in both colours; fails for inputs that it is told to."""

    def __init__(self, *bad: int) -> None:
        self.bad = bad
        self.seen: list[int] = []
        self.configs: list[Any] = []

    def invoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
        self.seen.append(input)
        self.configs.append(config)
        if input in self.bad:
            raise ValueError(f"bad {input}")
        return input + kwargs.get("by", 1)

    async def ainvoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
        return self.invoke(input, config, **kwargs)


@pytest.mark.parametrize("width", [None, 1, 2, 50])
@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_answers_come_in_the_order_of_the_inputs(colour: Any, width: Any, count: int) -> None:
    config = {"max_concurrency": width}
    plus = Plus()
    assert colour.batch(plus, list(range(count)), config) == list(range(1, count + 1))
    assert sorted(plus.seen) == list(range(count))


def test_inputs_may_be_any_iterable(colour: Any) -> None:
    assert colour.batch(Plus(), (n for n in range(5)), {"max_concurrency": 2}) == [1, 2, 3, 4, 5]


def test_keyword_arguments_go_to_every_call(colour: Any) -> None:
    assert colour.batch(Plus(), [1, 2], by=10) == [11, 12]
    assert sorted(colour.as_completed(Plus(), [1, 2], by=10)) == [(0, 11), (1, 12)]


def test_as_completed_gives_the_index_with_the_answer(colour: Any) -> None:
    assert sorted(colour.as_completed(Plus(), range(20))) == [(n, n + 1) for n in range(20)]
    assert colour.as_completed(Plus(), []) == []


def test_as_completed_gives_the_first_to_complete_first() -> None:
    first_may_end = threading.Event()

    def slow_first(n: int) -> int:
        if n == 0:
            assert first_may_end.wait(10)
        return n

    pairs = RunnableLambda(slow_first).batch_as_completed([0, 1], {"max_concurrency": 2})
    assert next(pairs) == (1, 1)
    first_may_end.set()
    assert list(pairs) == [(0, 0)]


def test_async_as_completed_gives_the_first_to_complete_first() -> None:
    async def main() -> None:
        first_may_end = asyncio.Event()

        async def slow_first(n: int) -> int:
            if n == 0:
                await first_may_end.wait()
            return n

        pairs = RunnableLambda(slow_first).abatch_as_completed([0, 1])
        assert await anext(pairs) == (1, 1)
        first_may_end.set()
        assert [pair async for pair in pairs] == [(0, 0)]

    asyncio.run(main())


@pytest.mark.parametrize("width", [1, 3])
def test_errors_stand_in_their_places_when_asked_for(colour: Any, width: int) -> None:
    config = {"max_concurrency": width}
    answers = colour.batch(Plus(1, 3), range(5), config, return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, ValueError, int, ValueError, int]
    pairs = colour.as_completed(Plus(1), range(3), config, return_exceptions=True)
    assert [type(answer) for _, answer in sorted(pairs, key=lambda p: p[0])] == [
        int, ValueError, int,
    ]  # fmt: skip


def test_the_first_failure_in_input_order_is_raised() -> None:
    both_run = threading.Barrier(2)
    second_failed = threading.Event()

    def fail(n: int) -> int:
        both_run.wait(10)
        if n == 0:
            assert second_failed.wait(10)
        else:
            second_failed.set()
        raise ValueError(f"bad {n}")

    with pytest.raises(ValueError, match="bad 0"):
        RunnableLambda(fail).batch([0, 1, 2], {"max_concurrency": 2})


def test_nothing_new_begins_after_a_failure(colour: Any) -> None:
    plus = Plus(2)
    with pytest.raises(ValueError, match="bad 2"):
        colour.batch(plus, range(100), {"max_concurrency": 1})
    assert plus.seen == [0, 1, 2]
    plus = Plus(2)
    with pytest.raises(ValueError, match="bad 2"):
        colour.as_completed(plus, range(100), {"max_concurrency": 1})
    assert plus.seen == [0, 1, 2]


def test_running_calls_end_before_the_failure_is_raised() -> None:
    ended: list[int] = []
    both_run = threading.Barrier(2)

    def work(n: int) -> None:
        both_run.wait(10)
        if n == 0:
            raise ValueError("bad 0")
        ended.append(n)

    with pytest.raises(ValueError, match="bad 0"):
        RunnableLambda(work).batch([0, 1], {"max_concurrency": 2})
    assert ended == [1]


def test_an_async_failure_cancels_what_is_running() -> None:
    async def main() -> list[str]:
        events: list[str] = []
        started = asyncio.Event()

        async def work(n: int) -> None:
            if n == 0:
                await started.wait()
                raise ValueError("bad 0")
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                events.append("cancelled")
                raise

        with pytest.raises(ValueError, match="bad 0"):
            await RunnableLambda(work).abatch([0, 1])
        return events

    assert asyncio.run(main()) == ["cancelled"]


def test_cancelling_a_batch_cancels_its_calls() -> None:
    async def main() -> int:
        cancelled = 0
        running = asyncio.Semaphore(0)

        async def work(n: int) -> None:
            nonlocal cancelled
            running.release()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled += 1

        batch = asyncio.create_task(RunnableLambda(work).abatch(range(3)))
        for _ in range(3):
            await running.acquire()
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        return cancelled

    assert asyncio.run(main()) == 3


def test_a_call_that_is_cancelled_itself_is_not_passed_over() -> None:
    async def work(n: int) -> int:
        if n == 1:
            raise asyncio.CancelledError
        return n

    async def main() -> None:
        with pytest.raises(asyncio.CancelledError):
            await RunnableLambda(work).abatch(range(3))

    asyncio.run(main())


def test_leaving_early_begins_nothing_new() -> None:
    plus = Plus()
    pairs = plus.batch_as_completed(range(1_000), {"max_concurrency": 1})
    next(pairs)
    pairs.close()
    workers = [t for t in threading.enumerate() if t.name.startswith("conure-batch")]
    for worker in workers:
        worker.join(10)
    seen = len(plus.seen)
    assert seen <= 1_000
    assert seen == len(plus.seen)


def test_leaving_early_cancels_what_is_running() -> None:
    async def main() -> list[int]:
        cancelled: list[int] = []

        async def work(n: int) -> int:
            if n == 0:
                return 0
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(n)
                raise
            return n

        pairs = RunnableLambda(work).abatch_as_completed(range(4), {"max_concurrency": 3})
        assert await anext(pairs) == (0, 0)
        await asyncio.sleep(0)
        await pairs.aclose()
        return cancelled

    assert set(asyncio.run(main())) == {1, 2, 3}


@pytest.mark.parametrize("width", [1, 3])
def test_no_more_run_at_once_than_allowed(width: int) -> None:
    lock = threading.Lock()
    running = most = 0
    all_busy = threading.Barrier(width)

    def work(n: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_busy.wait(10)
        with lock:
            running -= 1

    RunnableLambda(work).batch(range(4 * width), {"max_concurrency": width})
    assert most == width


def test_no_more_tasks_run_at_once_than_allowed() -> None:
    running = most = 0

    async def work(n: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    asyncio.run(RunnableLambda(work).abatch(range(20), {"max_concurrency": 4}))
    assert most == 4


def test_a_single_worker_works_in_the_callers_thread() -> None:
    ids = RunnableLambda(lambda _: threading.get_ident()).batch([1, 2], {"max_concurrency": 1})
    assert set(ids) == {threading.get_ident()}


def test_inputs_are_taken_only_when_a_worker_is_free() -> None:
    taken: list[int] = []

    def inputs() -> Any:
        for n in range(100):
            taken.append(n)
            yield n

    with pytest.raises(ValueError, match="bad 5"):
        Plus(5).batch(inputs(), {"max_concurrency": 1})
    assert taken == [0, 1, 2, 3, 4, 5]


def test_inputs_that_fail_fail_the_batch(colour: Any) -> None:
    def inputs() -> Any:
        yield 1
        raise KeyError("no more")

    for width in (1, 3):
        with pytest.raises(KeyError, match="no more"):
            colour.batch(Plus(), inputs(), {"max_concurrency": width}, return_exceptions=True)


def test_each_call_has_its_config(colour: Any) -> None:
    configs: Any = [{"tags": [str(n)]} for n in range(4)]
    plus = Plus()
    colour.batch(plus, range(4), configs)
    pairs = sorted(zip(plus.seen, plus.configs, strict=True), key=lambda pair: pair[0])
    assert [config["tags"] for _, config in pairs] == [["0"], ["1"], ["2"], ["3"]]
    with pytest.raises(ConfigurationError, match="4 configs for 3 inputs"):
        colour.batch(plus, range(3), configs)


def test_one_run_id_names_the_first_run_only(colour: Any) -> None:
    run_id = uuid.uuid4()
    plus = Plus()
    with pytest.warns(UserWarning, match="only the first"):
        colour.batch(plus, range(3), {"run_id": run_id, "max_concurrency": 1})
    assert [config.get("run_id") for config in plus.configs] == [run_id, None, None]


def test_the_width_may_come_from_the_ambient_config() -> None:
    with ambient({"max_concurrency": 1}):
        ids = RunnableLambda(lambda _: threading.get_ident()).batch([1, 2, 3])
    assert set(ids) == {threading.get_ident()}


def test_the_width_may_be_fixed_beforehand() -> None:
    thread = RunnableLambda(lambda _: threading.get_ident()).with_config(max_concurrency=1)
    assert set(thread.batch([1, 2, 3])) == {threading.get_ident()}
    both = threading.Barrier(2)
    meeting = RunnableLambda(lambda _: both.wait(10)).with_config(max_concurrency=1)
    assert sorted(meeting.batch([1, 2], {"max_concurrency": 2})) == [0, 1]


def test_calls_see_the_callers_context_and_not_each_others(colour: Any) -> None:
    value: contextvars.ContextVar[str] = contextvars.ContextVar("value")
    value.set("caller")

    class Setting(Runnable[int, str]):
        def invoke(self, input: int, config: Any = None, **kwargs: Any) -> str:
            seen = value.get()
            value.set(f"call {input}")
            return seen

        async def ainvoke(self, input: int, config: Any = None, **kwargs: Any) -> str:
            await asyncio.sleep(0)
            seen = self.invoke(input)
            await asyncio.sleep(0)
            assert value.get() == f"call {input}"
            return seen

    with ambient({"tags": ["outer"]}):
        answers = colour.batch(Setting(), range(6), {"max_concurrency": 2})
        assert AMBIENT.get() == {"tags": ["outer"]}
    assert answers == ["caller"] * 6
    assert value.get() == "caller"


def test_an_interrupt_stops_a_batch_at_once() -> None:
    release = threading.Event()
    begun: list[int] = []

    def work(n: int) -> None:
        begun.append(n)
        if n == 1:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        release.wait(10)

    try:
        with pytest.raises(KeyboardInterrupt):
            RunnableLambda(work).batch(range(100), {"max_concurrency": 2})
        assert len(begun) == 2
    finally:
        release.set()


def test_an_interrupt_inside_a_call_stops_the_batch_even_with_exceptions_returned() -> None:
    broken = Broken(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        broken.batch(range(100), {"max_concurrency": 2}, return_exceptions=True)
    assert broken.calls < 100


def test_a_call_may_answer_an_exception_without_failing(colour: Any) -> None:
    error = ValueError("a value")
    assert colour.batch(RunnableLambda(lambda _: error), [1, 2]) == [error, error]
