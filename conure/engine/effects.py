"""The few things a plan may ask the outside world for.

A plan is a generator. It never touches a socket or a clock: it yields one of these and a
driver (`transport/drive.py`, sync or async) sends the answer back. Write
`answer = yield from Effect(...)` and the type of `answer` follows, or, where every call counts,
`answer: Its = yield Effect(...)`. Failures of the outside are thrown in there, as `conure.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec import Struct

from ..wire.http import Head, Request, Timeouts

__all__ = ["Call", "Effect", "Emit", "Left", "Now", "Plan", "Read", "Send", "Sleep"]

Answer = TypeVar("Answer")


class Effect(Struct, Generic[Answer]):
    """One question to the driver."""

    def __iter__(self) -> Generator[Effect[Any], Any, Answer]:
        answer: Answer = yield self
        return answer


class Send(Effect[Head]):
    """Open an exchange (leaving the one before); answers once the response head is here."""

    request: Request
    timeouts: Timeouts


class Read(Effect[tuple[bytes, float]]):
    """The next bytes of the body and the clock when they came; b"" when it is over.

    Waits at most `timeout` seconds, then throws `ModelTimeoutError` into the plan.
    """

    timeout: float | None


class Sleep(Effect[None]):
    """Wait."""

    seconds: float


class Now(Effect[float]):
    """The monotonic clock, in seconds."""


class Emit(Effect[None]):
    """Hand what came, events or the chunks made of them, to whoever is iterating."""

    events: list[Any]


class Call(Effect[Any]):
    """Run one piece of user code and answer what it returns; awaited when it is async.

    Where `only_async` is given, an awaitable in a sync call raises `ConfigurationError` with
    those words; otherwise it is awaited there too. What is `blocking` runs in a thread where an
    event loop would wait for it; `in_async` is run in its place where it can be awaited.
    """

    function: Callable[[], Any]
    only_async: str | None = None
    blocking: bool = False
    in_async: Callable[[], Any] | None = None


class Left(BaseException):
    """Whoever iterates has left: thrown into the plan, which may yet tell of it by `Call`.

    `partial` is what had come of the reply, where somebody listens.
    """

    partial: Any = None


Plan: TypeAlias = Generator[Effect[Any], Any, Answer]
