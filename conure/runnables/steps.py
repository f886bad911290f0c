"""What a composed runnable asks for.

A story is a generator that yields steps and is given their answers; a step knows how it is done
in sync (`run`) and in async (`arun`). So each runnable tells its story once. Write
`answer = yield from Step(...)`. What a step raises is thrown into the story at that line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from .config import RunnableConfig, ambient
from .many import abatch, batch
from .run import Job
from .streams import amerge, atee, merge, tee
from .waiting import asleep, in_thread, sleep, wait

if TYPE_CHECKING:
    from .base import Runnable

__all__ = [
    "END",
    "Begin",
    "Call",
    "Emit",
    "Flow",
    "Invoke",
    "Merge",
    "Next",
    "Once",
    "Open",
    "Sleep",
    "Source",
    "Step",
    "Story",
    "Tee",
    "Tell",
    "Together",
    "once",
]

Answer = TypeVar("Answer")


class _End:
    """What `Next` answers when a source has no more."""

    def __repr__(self) -> str:
        return "END"


END: Any = _End()
Source: TypeAlias = "Iterator[Any] | AsyncIterator[Any]"
"""a stream in the colour of the driver"""


class Step(Generic[Answer]):
    """One thing to do."""

    __slots__ = ()
    opens = False
    """whether the answer is a stream that the driver closes when the story ends"""

    def __iter__(self) -> Generator[Step[Any], Any, Answer]:
        answer: Answer = yield self
        return answer

    def run(self) -> Answer:
        raise NotImplementedError

    async def arun(self) -> Answer:
        raise NotImplementedError


Story: TypeAlias = Generator[Step[Any], Any, Answer]


class Invoke(Step[Answer]):
    """Ask another runnable."""

    __slots__ = ("config", "input", "kwargs", "runnable")

    def __init__(
        self,
        runnable: Runnable[Any, Answer],
        input: Any,
        config: RunnableConfig | None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.runnable = runnable
        self.input = input
        self.config = config
        self.kwargs = kwargs or {}

    def run(self) -> Answer:
        if self.config is None:  # then nothing is ambient either
            return self.runnable.invoke(self.input, None, **self.kwargs)
        with ambient(self.config):
            return self.runnable.invoke(self.input, self.config, **self.kwargs)

    async def arun(self) -> Answer:
        with ambient(self.config):
            return await self.runnable.ainvoke(self.input, self.config, **self.kwargs)


class Call(Step[Any]):
    """Run user code: `function` in place, or beside the event loop when it may block.

    An async driver prefers `afunction`, and awaits what is awaitable.
    """

    __slots__ = ("afunction", "blocking", "config", "function")

    def __init__(
        self,
        function: Callable[[], Any],
        config: RunnableConfig | None = None,
        *,
        afunction: Callable[[], Any] | None = None,
        blocking: bool = False,
    ) -> None:
        self.function = function
        self.afunction = afunction
        self.config = config
        self.blocking = blocking

    def run(self) -> Any:
        with ambient(self.config):
            return self.function()

    async def arun(self) -> Any:
        with ambient(self.config):
            if self.blocking and self.afunction is None:
                answer = await in_thread(self.function)
            else:
                answer = (self.afunction or self.function)()
            return await answer if hasattr(answer, "__await__") else answer


class Tell(Step[None]):
    """Run a job that `Run.notify` gave."""

    __slots__ = ("job",)

    def __init__(self, job: Job) -> None:
        self.job = job

    def run(self) -> None:
        if (answer := self.job()) is not None:
            wait(answer)

    async def arun(self) -> None:
        if (answer := self.job()) is not None:
            await answer


class Sleep(Step[None]):
    """Wait."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def run(self) -> None:
        sleep(self.seconds)

    async def arun(self) -> None:
        await asleep(self.seconds)


class Together(Step[list[Any]]):
    """Do several steps side by side; the answers come in their order."""

    __slots__ = ("config", "steps")

    def __init__(self, steps: Sequence[Step[Any]], config: RunnableConfig | None) -> None:
        self.steps = steps
        self.config = config

    def run(self) -> list[Any]:
        return batch(lambda step, _: step.run(), self.steps, self.config)

    async def arun(self) -> list[Any]:
        return await abatch(lambda step, _: step.arun(), self.steps, self.config)


class Flow(Step[Source]):
    """Let a source run through another runnable; answers the stream that comes out."""

    __slots__ = ("config", "kwargs", "runnable", "source")
    opens = True

    def __init__(
        self,
        runnable: Runnable[Any, Any],
        source: Any,
        config: RunnableConfig | None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.runnable = runnable
        self.source = source
        self.config = config
        self.kwargs = kwargs or {}

    def run(self) -> Iterator[Any]:
        return self.runnable.transform(self.source, self.config, **self.kwargs)

    async def arun(self) -> AsyncIterator[Any]:
        return self.runnable.atransform(self.source, self.config, **self.kwargs)


class Open(Step[Source]):
    """Take charge of a stream: it is closed when the story ends, however it ends."""

    __slots__ = ("stream",)
    opens = True

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def run(self) -> Iterator[Any]:
        return self.stream

    async def arun(self) -> AsyncIterator[Any]:
        return self.stream


class Once(Step[Source]):
    """Give a source of one piece."""

    __slots__ = ("piece",)

    def __init__(self, piece: Any) -> None:
        self.piece = piece

    def run(self) -> Iterator[Any]:
        return iter((self.piece,))

    async def arun(self) -> AsyncIterator[Any]:
        return once(self.piece)


class Begin(Step[Source]):
    """Wait for the first piece of a source; answers the whole source all the same.

    The pieces are noted in `seen` as they pass, where it is given.
    """

    __slots__ = ("seen", "source")

    def __init__(self, source: Any, seen: list[Any] | None = None) -> None:
        self.source = source
        self.seen = seen

    def run(self) -> Iterator[Any]:
        first = next(self.source, END)
        if first is END:
            return iter(())
        whole = chain((first,), self.source)
        return whole if self.seen is None else _noted(whole, self.seen)

    async def arun(self) -> AsyncIterator[Any]:
        whole = _achain(await anext(self.source, END), self.source)
        return whole if self.seen is None else _anoted(whole, self.seen)


class Tee(Step["list[Source]"]):
    """Give copies of a source."""

    __slots__ = ("count", "source")

    def __init__(self, source: Any, count: int) -> None:
        self.source = source
        self.count = count

    def run(self) -> list[Source]:
        return [*tee(self.source, self.count)]

    async def arun(self) -> list[Source]:
        return [*atee(self.source, self.count)]


class Merge(Step[Source]):
    """Give one stream of (number, piece) of several sources read side by side."""

    __slots__ = ("sources",)
    opens = True

    def __init__(self, sources: Sequence[Any]) -> None:
        self.sources = sources

    def run(self) -> Iterator[Any]:
        return merge(self.sources)

    async def arun(self) -> AsyncIterator[Any]:
        return amerge(self.sources)


class Next(Step[Any]):
    """Take the next piece of a source; END when there is none. May be yielded again and again."""

    __slots__ = ("config", "source")

    def __init__(self, source: Any, config: RunnableConfig | None = None) -> None:
        self.source = source
        self.config = config

    def run(self) -> Any:
        if self.config is None:
            return next(self.source, END)
        with ambient(self.config):
            return next(self.source, END)

    async def arun(self) -> Any:
        if not hasattr(self.source, "__anext__"):
            with ambient(self.config):
                return await in_thread(partial(next, self.source, END))
        if self.config is None:
            return await anext(self.source, END)
        with ambient(self.config):
            return await anext(self.source, END)


class Emit(Step[None]):
    """Hand on a piece; for `pump` and `apump` only."""

    __slots__ = ("piece",)

    def __init__(self, piece: Any) -> None:
        self.piece = piece


async def _achain(first: Any, source: AsyncIterator[Any]) -> AsyncIterator[Any]:
    if first is not END:
        yield first
        async for piece in source:
            yield piece


def _noted(source: Iterator[Any], seen: list[Any]) -> Iterator[Any]:
    for piece in source:
        seen.append(piece)
        yield piece


async def _anoted(source: AsyncIterator[Any], seen: list[Any]) -> AsyncIterator[Any]:
    async for piece in source:
        seen.append(piece)
        yield piece


async def once(item: Any) -> AsyncIterator[Any]:
    """Make a stream of one piece."""
    yield item
