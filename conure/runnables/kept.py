"""A stream that is kept, to be read from its start by any number of readers; and events on the way.

`Kept` is pulled on by whoever reads first. `AsyncKept` is filled by a task. `handed` runs work
in a thread and yields what it hands over, step by step.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, Task
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator

__all__ = ["AsyncKept", "Kept", "handed"]


class Kept:
    """A stream that is kept: each reader gets it from its start; whoever is first pulls it on.

    `last_word` makes one more item of the error that ends the stream; then readers raise it.
    """

    def __init__(self, source: Iterator[Any], last_word: Callable[[Exception], Any]) -> None:
        from threading import RLock

        self.items: list[Any] = []
        self.over = False
        self._error: BaseException | None = None
        self._source = source
        self._last_word = last_word
        self._lock = RLock()

    def __iter__(self) -> Iterator[Any]:
        position = 0
        while True:
            over = self.over
            while position < len(self.items):
                yield self.items[position]
                position += 1
            if over:
                break
            self._pull(position)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the stream here; what came of it can still be read."""
        with self._lock:
            self.over = True
            if close := getattr(self._source, "close", None):
                close()

    def _pull(self, known: int) -> None:
        with self._lock:
            if self.over or len(self.items) > known:
                return  # another reader was first
            try:
                self.items.append(next(self._source))
            except StopIteration:
                self.over = True
            except BaseException as error:
                if isinstance(error, Exception):
                    self.items.append(self._last_word(error))
                self._error = error
                self.over = True


class AsyncKept:
    """The same in an event loop: a task fills it, so that no reader's cancellation ends it.

    Without `last_word` the stream's own items are dropped and nothing is kept: then it is for one
    reader, who gets what others `put` in meanwhile, from any thread.
    """

    def __init__(
        self, source: AsyncIterator[Any], last_word: Callable[[Exception], Any] | None = None
    ) -> None:
        self.items: list[Any] = []
        self.closed = False
        self._source = source
        self._last_word = last_word
        self._bell = _Bell()
        self._task: Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether no more items will come."""
        return self.closed or (self._task is not None and self._task.done())

    def put(self, item: Any) -> bool:
        """Add an item; answer False once the stream was closed."""
        if self.closed:
            return False
        self.items.append(item)
        self._bell.ring()
        return True

    async def __aiter__(self) -> AsyncGenerator[Any, None]:
        task = self._started()
        position = 0
        while True:
            over = task.done()
            while position < len(self.items):
                item = self.items[position]
                if self._last_word is None:
                    self.items[position] = None
                position += 1
                yield item
            if over:
                break
            await self._bell.wait()
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def aclose(self) -> None:
        """End the stream here; what came of it can still be read."""
        from asyncio import gather

        self.closed = True
        if self._task is not None:
            self._task.cancel()
            await gather(self._task, return_exceptions=True)
        elif aclose := getattr(self._source, "aclose", None):
            await aclose()

    def __del__(self) -> None:
        task = self._task
        if task is not None and not task.done():
            with suppress(RuntimeError):  # the loop may be closed by now
                task.get_loop().call_soon_threadsafe(task.cancel)

    def _started(self) -> Task[None]:
        if self._task is None:
            from asyncio import create_task

            bell = self._bell
            bell.hang()
            # The task must not know this object: dropping the last reader is to end it.
            self._task = create_task(_fill(self._source, self.items, bell, self._last_word))
            self._task.add_done_callback(bell.ring_for)
        return self._task


async def _fill(
    source: AsyncIterator[Any],
    items: list[Any],
    bell: _Bell,
    last_word: Callable[[Exception], Any] | None,
) -> None:
    try:
        async for item in source:
            if last_word is not None:
                items.append(item)
                bell.ring()
    except Exception as error:
        if last_word is not None:
            items.append(last_word(error))
        raise
    finally:
        if aclose := getattr(source, "aclose", None):
            await aclose()


class _Bell:
    """Wakes those who wait in one event loop; any thread may ring it."""

    def __init__(self) -> None:
        self._waiting: list[Future[None]] = []
        self._loop: AbstractEventLoop | None = None
        self._thread: int | None = None

    def hang(self) -> None:
        """Take the running loop as the one to wake."""
        from asyncio import get_running_loop
        from threading import get_ident

        self._loop = get_running_loop()
        self._thread = get_ident()

    def ring(self) -> None:
        from threading import get_ident

        if get_ident() == self._thread:
            self._wake()
        elif self._loop is not None:
            with suppress(RuntimeError):  # the loop may be closed by now
                self._loop.call_soon_threadsafe(self._wake)

    def ring_for(self, task: Task[None]) -> None:
        """Ring for a task that is done; its error is the readers' to raise, if there are any."""
        _ = task.cancelled() or task.exception()
        self.ring()

    async def wait(self) -> None:
        assert self._loop is not None
        future: Future[None] = self._loop.create_future()
        self._waiting.append(future)
        await future

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


def handed(work: Callable[[Callable[[Any], bool]], None]) -> Generator[Any, None, None]:
    """Yield what `work` hands over from a thread of its own, which goes on when it is taken.

    The function to hand over with answers False once the reader has left.
    """
    from queue import SimpleQueue
    from threading import Semaphore, Thread

    ready: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    turn = Semaphore(0)
    left: list[bool] = []

    def hand_over(item: Any) -> bool:
        if not left:
            ready.put((False, item))
            turn.acquire()
        if left:
            turn.release()  # others may be waiting as well
        return not left

    def labour() -> None:
        error: BaseException | None = None
        try:
            work(hand_over)
        except BaseException as raised:
            error = raised
        ready.put((True, error))

    Thread(target=copy_context().run, args=(labour,), daemon=True).start()
    try:
        while True:
            over, item = ready.get()
            if not over:
                yield item
                turn.release()
            elif item is not None:
                raise item
            else:
                return
    finally:
        left.append(True)
        turn.release()
