"""The shape of one HTTP exchange, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

__all__ = ["Head", "Headers", "Request", "Timeouts"]


class Headers(dict[str, str]):
    """Header fields by name, in lower case; asked for in any case.

    >>> headers = Headers.of([("Retry-After", "3"), ("Via", "a"), ("via", "b")])
    >>> headers.get("RETRY-AFTER"), headers["Via"]
    ('3', 'a, b')
    """

    __slots__ = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> Headers:
        """Gather fields as they came; those of one name are joined by a comma."""
        fields = list(fields)
        joined = {name.lower(): value for name, value in fields}
        if len(joined) == len(fields):
            return cls(joined)
        joined.clear()
        for name, value in fields:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return cls(joined)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


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
