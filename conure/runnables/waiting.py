"""Waiting: for time, for blocking code beside an event loop, for async code without one."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["aside", "asleep", "in_thread", "now", "sleep", "wait"]

Output = TypeVar("Output")


def now() -> float:
    """Read the monotonic clock."""
    from time import monotonic

    return monotonic()


def sleep(seconds: float) -> None:
    """Wait in this thread."""
    from time import sleep

    sleep(seconds)


async def asleep(seconds: float) -> None:
    """Wait in this task."""
    from asyncio import sleep

    await sleep(seconds)


async def in_thread(function: Callable[[], Output]) -> Output:
    """Run a blocking function beside the event loop, in a copy of this context."""
    from asyncio import get_running_loop

    context = copy_context()
    return await get_running_loop().run_in_executor(None, lambda: context.run(_run, function))


async def aside(function: Callable[[Callable[[Awaitable[Any]], Any]], Output]) -> Output:
    """Run a blocking function beside the event loop; what it is given awaits there for it.

    In a thread of its own: what it awaits may need one of the loop's, which are few, and while
    all of them waited for each other none would be left.
    """
    from asyncio import get_running_loop, run_coroutine_threadsafe, wrap_future
    from concurrent.futures import Future
    from threading import Thread

    loop, context = get_running_loop(), copy_context()
    done: Future[Output] = Future()

    async def finish(awaitable: Awaitable[Any]) -> Any:
        return await awaitable

    def await_there(awaitable: Awaitable[Any]) -> Any:
        return run_coroutine_threadsafe(finish(awaitable), loop).result()

    def work() -> None:
        done.set_running_or_notify_cancel()
        try:
            answer = context.run(_run, lambda: function(await_there))
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(answer)

    Thread(target=work, name="conure-aside", daemon=True).start()
    return await wrap_future(done)


def _run(function: Callable[[], Output]) -> Output:
    try:
        return function()
    except StopIteration as error:  # a future cannot carry it
        raise RuntimeError("function raised StopIteration") from error


def wait(awaitable: Awaitable[Any]) -> Any:
    """Run async user code to its end in sync code, beside a running loop if there is one."""
    from asyncio import get_running_loop, run

    async def main() -> Any:
        return await awaitable

    try:
        get_running_loop()
    except RuntimeError:
        return run(main())
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(copy_context().run, lambda: run(main())).result()
