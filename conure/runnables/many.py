"""Many calls at once, in threads or in one event loop.

N workers share one iterator of inputs: never a thread or task per input, and an input is looked
at only when a worker is free for it. Each call runs in a copy of the caller's context. After a
failure nothing new begins.

The one twin of this floor: threads and event loops have no common story.
"""

from __future__ import annotations

from collections.abc import Sized
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .checks import warn
from .config import RunnableConfig, get_config_list, resolve

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import (
        AsyncGenerator,
        Callable,
        Coroutine,
        Generator,
        Iterable,
        Iterator,
        Sequence,
    )
    from contextvars import Context
    from threading import Thread

__all__ = [
    "abatch",
    "abatch_as_completed",
    "batch",
    "batch_as_completed",
]

Input = TypeVar("Input")
Output = TypeVar("Output")

MOST_TASKS = 1_000
"""in one `abatch` without `max_concurrency`: more would only wait for sockets"""


class _Inputs:
    """The inputs with their configs, numbered, to be taken by one worker at a time."""

    def __init__(
        self,
        inputs: Iterable[Any],
        config: RunnableConfig | Sequence[RunnableConfig] | None,
        fixed: RunnableConfig | None,
    ) -> None:
        if config is None or isinstance(config, dict):
            first = resolve(config)
            self._configs = _repeat(first)
        else:
            inputs = list(inputs)
            configs = get_config_list(config, len(inputs))
            self._configs = iter(configs)
            first = configs[0] if configs else None
        self.size = len(inputs) if isinstance(inputs, Sized) else None
        self._inputs = iter(inputs)
        self.width = (first or {}).get("max_concurrency") or (fixed or {}).get("max_concurrency")
        self._count = 0
        self.stopped = False
        self.failures: dict[int, BaseException] = {}

    def take(self) -> tuple[int, Any, RunnableConfig | None] | None:
        """Answer the next number, input and config; None when there is nothing more to do."""
        if self.stopped:
            return None
        try:
            item = next(self._inputs)
        except BaseException as error:  # the inputs are the caller's code: they may well fail
            self.stopped = True
            if not isinstance(error, StopIteration):
                self.failures[self._count] = error
            return None
        number = self._count
        self._count += 1
        return number, item, next(self._configs)

    def fail(self, number: int, error: BaseException) -> None:
        """Remember a failure; nothing new begins."""
        self.stopped = True
        self.failures[number] = error

    def check(self) -> None:
        """Raise the first failure in input order; calls cancelled because of it do not count."""
        if self.failures:
            ordered = [self.failures[number] for number in sorted(self.failures)]
            raise next((e for e in ordered if isinstance(e, Exception)), ordered[0])

    def workers(self, default: int) -> int:
        width = self.width or default
        return width if self.size is None else min(width, self.size)


def _repeat(config: RunnableConfig | None) -> Iterator[RunnableConfig | None]:
    """One config for all, except that a run id can name one run only."""
    yield config
    if config and config.get("run_id"):
        config = config.copy()
        del config["run_id"]
        warn("run_id names one run: only the first input of the batch uses it")
    while True:
        yield config


def batch(
    call: Callable[[Input, RunnableConfig | None], Output],
    inputs: Iterable[Input],
    config: RunnableConfig | Sequence[RunnableConfig] | None = None,
    fixed: RunnableConfig | None = None,
    *,
    return_exceptions: bool = False,
) -> list[Output]:
    """Answer every input, in order.

    When one fails, running calls end first; then the first failure in input order is raised.
    """
    work = _Inputs(inputs, config, fixed)
    results: dict[int, Output] = {}
    try:
        for thread in _start(work, call, results.__setitem__, spare=return_exceptions):
            thread.join()
    finally:
        work.stopped = True
    work.check()
    return [results[number] for number in range(len(results))]


def batch_as_completed(
    call: Callable[[Input, RunnableConfig | None], Output],
    inputs: Iterable[Input],
    config: RunnableConfig | Sequence[RunnableConfig] | None = None,
    fixed: RunnableConfig | None = None,
    *,
    return_exceptions: bool = False,
) -> Generator[tuple[int, Output], None, None]:
    """Yield (index, answer) as answers come; leaving early begins nothing new."""
    from queue import SimpleQueue

    work = _Inputs(inputs, config, fixed)
    done: SimpleQueue[tuple[int, Output] | None] = SimpleQueue()

    def deliver(number: int, answer: Output) -> None:
        done.put((number, answer))

    try:
        threads = _start(work, call, deliver, spare=return_exceptions, at_end=done.put)
        alive = len(threads)
        while alive or not done.empty():
            if (item := done.get()) is None:
                alive -= 1
            else:
                yield item
    finally:
        work.stopped = True
    work.check()


def _start(
    work: _Inputs,
    call: Callable[[Any, RunnableConfig | None], Any],
    deliver: Callable[[int, Any], None],
    *,
    spare: bool,
    at_end: Callable[[None], None] | None = None,
) -> list[Thread]:
    """Start the workers; a single one works in the caller's own thread, to its end."""
    from os import cpu_count
    from threading import Lock, Thread

    context = copy_context()
    lock = Lock()

    def labour() -> None:
        while True:
            with lock:
                taken = work.take()
            if taken is None:
                break
            number, item, config = taken
            try:
                answer = context.copy().run(call, item, config)
            except BaseException as error:
                if not (spare and isinstance(error, Exception)):
                    work.fail(number, error)
                    break
                answer = error
            deliver(number, answer)
        if at_end is not None:
            at_end(None)

    width = work.workers(min(32, (cpu_count() or 1) + 4))
    threads: list[Thread] = []
    if width == 1 and at_end is None:
        labour()
        return threads
    while len(threads) < width and not work.stopped:
        # Daemons: an interrupted program must not wait for replies nobody will read.
        thread = Thread(target=labour, name=f"conure-batch-{len(threads)}", daemon=True)
        threads.append(thread)
        thread.start()
    return threads


async def abatch(
    call: Callable[[Input, RunnableConfig | None], Coroutine[Any, Any, Output]],
    inputs: Iterable[Input],
    config: RunnableConfig | Sequence[RunnableConfig] | None = None,
    fixed: RunnableConfig | None = None,
    *,
    return_exceptions: bool = False,
) -> list[Output]:
    """Answer every input, in order; a failure cancels the calls still running."""
    work = _Inputs(inputs, config, fixed)
    results: dict[int, Output] = {}
    async with _Workers(work, call, results.__setitem__, spare=return_exceptions) as workers:
        await workers.finish()
    work.check()
    return [results[number] for number in range(len(results))]


async def abatch_as_completed(
    call: Callable[[Input, RunnableConfig | None], Coroutine[Any, Any, Output]],
    inputs: Iterable[Input],
    config: RunnableConfig | Sequence[RunnableConfig] | None = None,
    fixed: RunnableConfig | None = None,
    *,
    return_exceptions: bool = False,
) -> AsyncGenerator[tuple[int, Output], None]:
    """Yield (index, answer) as answers come; leaving early cancels what is still running."""
    from asyncio import Queue, create_task

    work = _Inputs(inputs, config, fixed)
    done: Queue[tuple[int, Output] | None] = Queue()

    def deliver(number: int, answer: Output) -> None:
        done.put_nowait((number, answer))

    async with _Workers(work, call, deliver, spare=return_exceptions) as workers:
        watch = create_task(workers.finish())
        watch.add_done_callback(lambda _: done.put_nowait(None))
        try:
            while (item := await done.get()) is not None:
                yield item
        finally:
            watch.cancel()
    work.check()


class _Workers:
    """The tasks of one batch; leaving the block leaves none of them behind."""

    def __init__(
        self,
        work: _Inputs,
        call: Callable[[Any, RunnableConfig | None], Coroutine[Any, Any, Any]],
        deliver: Callable[[int, Any], None],
        *,
        spare: bool,
    ) -> None:
        self.work = work
        self.call = call
        self.deliver = deliver
        self.spare = spare
        self.context = copy_context()
        self.tasks: list[Task[None]] = []

    async def __aenter__(self) -> Self:
        from asyncio import create_task

        width = self.work.workers(MOST_TASKS)
        self.tasks = [create_task(self.labour()) for _ in range(width)]
        return self

    async def __aexit__(self, *_: object) -> None:
        from asyncio import gather

        self.work.stopped = True
        for task in self.tasks:
            task.cancel()
        await gather(*self.tasks, return_exceptions=True)

    async def finish(self) -> None:
        """Wait for all workers, or for the first failure."""
        from asyncio import FIRST_EXCEPTION, wait

        if self.tasks:
            await wait(self.tasks, return_when=FIRST_EXCEPTION)

    async def labour(self) -> None:
        work = self.work
        while taken := work.take():
            number, item, config = taken
            try:
                answer = await _InContext(self.call(item, config), self.context.copy())
            except BaseException as error:
                if not (self.spare and isinstance(error, Exception)):
                    work.fail(number, error)
                    raise
                answer = error
            self.deliver(number, answer)


class _InContext:
    """A coroutine awaited in a context of its own, without a task of its own."""

    __slots__ = ("context", "coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], context: Context) -> None:
        self.coroutine = coroutine
        self.context = context

    def __await__(self) -> Generator[Any, Any, Any]:
        run = self.context.run
        step: Callable[[Any], Any] = self.coroutine.send
        answer: Any = None
        while True:
            try:
                future = run(step, answer)
            except StopIteration as stop:
                return stop.value
            try:
                answer = yield future
                step = self.coroutine.send
            except GeneratorExit:
                run(self.coroutine.close)
                raise
            except BaseException as error:
                answer = error
                step = self.coroutine.throw
