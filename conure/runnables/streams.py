"""Several streams as one, and one as several; in threads or in one event loop.

A merged stream asks each source for its next piece only when the last one was taken. The copies
of a stream share what was read of it, and read it in the consumer that is first.
"""

from __future__ import annotations

from collections import deque
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Queue
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Sequence
    from queue import SimpleQueue
    from threading import Semaphore

__all__ = ["amerge", "atee", "merge", "tee"]


def merge(sources: Sequence[Iterator[Any]]) -> Generator[tuple[int, Any], None, None]:
    """Yield (number of the source, piece) as pieces come; the first error ends it."""
    if len(sources) == 1:
        for piece in sources[0]:
            yield 0, piece
        return
    from queue import SimpleQueue
    from threading import Semaphore, Thread

    ready: SimpleQueue[tuple[int, Any, BaseException | None]] = SimpleQueue()
    turns = [Semaphore() for _ in sources]
    left: list[bool] = []
    for number, source in enumerate(sources):
        work = (_feed, number, source, ready, turns[number], left)
        Thread(target=copy_context().run, args=work, daemon=True).start()
    alive = len(sources)
    try:
        while alive:
            number, piece, error = ready.get()
            if isinstance(error, StopIteration):
                alive -= 1
            elif error is not None:
                raise error
            else:
                yield number, piece
                turns[number].release()
    finally:
        left.append(True)
        for turn in turns:
            turn.release()


def _feed(
    number: int,
    source: Iterator[Any],
    ready: SimpleQueue[tuple[int, Any, BaseException | None]],
    turn: Semaphore,
    left: list[bool],
) -> None:
    try:
        while turn.acquire() and not left:
            ready.put((number, next(source), None))
    except BaseException as error:
        ready.put((number, None, error))
    finally:
        if left and (close := getattr(source, "close", None)):
            close()


async def amerge(
    sources: Sequence[AsyncIterator[Any]],
) -> AsyncGenerator[tuple[int, Any], None]:
    """Yield (number of the source, piece) as pieces come; the first error ends it."""
    from asyncio import Queue, create_task, gather

    ready: Queue[tuple[int, Any, BaseException | None]] = Queue(maxsize=len(sources))
    tasks = [create_task(_afeed(number, source, ready)) for number, source in enumerate(sources)]
    alive = len(tasks)
    try:
        while alive:
            number, piece, error = await ready.get()
            if isinstance(error, StopAsyncIteration):
                alive -= 1
            elif error is not None:
                raise error
            else:
                yield number, piece
    finally:
        for task in tasks:
            task.cancel()
        await gather(*tasks, return_exceptions=True)


async def _afeed(
    number: int,
    source: AsyncIterator[Any],
    ready: Queue[tuple[int, Any, BaseException | None]],
) -> None:
    try:
        async for piece in source:
            await ready.put((number, piece, None))
        await ready.put((number, None, StopAsyncIteration()))
    except Exception as error:
        await ready.put((number, None, error))


def tee(source: Iterator[Any], count: int) -> list[Iterator[Any]]:
    """Give `count` copies of a stream, to be read in different threads."""
    from threading import Lock

    lock = Lock()
    copies: list[deque[Any]] = [deque() for _ in range(count)]

    def read(own: deque[Any]) -> Iterator[Any]:
        while True:
            with lock:
                if not own:
                    for piece in source:
                        for copy in copies:
                            copy.append(piece)
                        break
                    else:
                        return
            yield own.popleft()

    return [read(own) for own in copies]


def atee(source: AsyncIterator[Any], count: int) -> list[AsyncIterator[Any]]:
    """Give `count` copies of a stream, to be read in different tasks."""
    from asyncio import Lock

    lock = Lock()
    copies: list[deque[Any]] = [deque() for _ in range(count)]

    async def read(own: deque[Any]) -> AsyncIterator[Any]:
        while True:
            async with lock:
                if not own:
                    async for piece in source:
                        for copy in copies:
                            copy.append(piece)
                        break
                    else:
                        return
            yield own.popleft()

    return [read(own) for own in copies]
