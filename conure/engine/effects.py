"""The few things a plan may ask the outside world for.

A plan is a generator. It never touches a socket or a clock: it yields one of these and a
driver (`transport/drive.py`, sync or async) sends the answer back. Write
`answer = yield from Effect(...)`; the type of `answer` follows. Failures of the outside are
thrown into the plan at that line, as `conure.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

from ..wire.http import Head, Request, Timeouts

__all__ = ["Call", "Effect", "Emit", "Now", "Plan", "Read", "Send", "Sleep"]

Answer = TypeVar("Answer")


class Effect(Generic[Answer]):
    """One question to the driver."""

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[Any], Any, Answer]:
        answer: Answer = yield self
        return answer


class Send(Effect[Head]):
    """Open an exchange (leaving the one before); answers once the response head is here."""

    __slots__ = ("request", "timeouts")

    def __init__(self, request: Request, timeouts: Timeouts) -> None:
        self.request = request
        self.timeouts = timeouts


class Read(Effect[tuple[bytes, float]]):
    """The next bytes of the body and the clock when they came; b"" when it is over.

    Waits at most `timeout` seconds, then throws `ModelTimeoutError` into the plan.
    """

    __slots__ = ("timeout",)

    def __init__(self, timeout: float | None) -> None:
        self.timeout = timeout


class Sleep(Effect[None]):
    """Wait."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Now(Effect[float]):
    """The monotonic clock, in seconds."""

    __slots__ = ()


class Emit(Effect[None]):
    """Hand what came, events or the chunks made of them, to whoever is iterating."""

    __slots__ = ("events",)

    def __init__(self, events: list[Any]) -> None:
        self.events = events


class Call(Effect[Any]):
    """Run one piece of user code and answer what it returns; awaited when it is async.

    Where `only_async` is given, an awaitable in a sync call raises `ConfigurationError` with
    those words; otherwise it is awaited there too.
    """

    __slots__ = ("function", "only_async")

    def __init__(self, function: Callable[[], Any], only_async: str | None = None) -> None:
        self.function = function
        self.only_async = only_async


Plan: TypeAlias = Generator[Effect[Any], Any, Answer]
