"""The shape of one HTTP exchange, as values."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

__all__ = ["Head", "Request", "Timeouts"]


class Request(Struct, frozen=True):
    """What to send. Keys travel in `headers`, never in `url`."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        # Never the headers: they hold the key, and tracebacks show this.
        return f"Request({self.method!r}, {self.url!r})"


class Head(Struct, frozen=True):
    """The answer's status and headers; names compare without case (`headers.get("Retry-After")`).

    `at` is the driver's monotonic clock, in seconds, when the head arrived.
    """

    status: int
    headers: Mapping[str, str]
    at: float = 0.0


class Timeouts(Struct, frozen=True):
    """How long each phase may take, in seconds; None waits for ever."""

    connect: float | None = 10.0
    read: float | None = 600.0
