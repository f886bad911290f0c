"""What the drivers need to talk HTTP: two verbs and a close, in two colours.

An exchange is one request and its answer, used by one call at a time. Transports are safe to
share between threads, event loops and after fork; they raise `conure.errors` only. One object
may be both kinds of transport, so the colours have different names for `exchange`.
"""

from __future__ import annotations

from typing import Protocol

from ..wire.http import Head, Request, Timeouts

__all__ = ["AsyncExchange", "AsyncTransport", "Exchange", "Transport"]


class Exchange(Protocol):
    """One request and its answer."""

    def send(self, request: Request, timeouts: Timeouts) -> Head: ...

    def read(self, timeout: float | None) -> bytes:
        """Answer the next bytes as they come, already decompressed; b"" at the end."""
        ...

    def close(self) -> None:
        """Give the connection back if the body was read to its end, else shut it at once."""
        ...


class Transport(Protocol):
    """A pool of connections; `exchange()` opens nothing by itself."""

    def exchange(self) -> Exchange: ...

    def close(self) -> None: ...


class AsyncExchange(Protocol):
    """One request and its answer, awaited; `close` is immediate and not awaited."""

    async def send(self, request: Request, timeouts: Timeouts) -> Head: ...

    async def read(self, timeout: float | None) -> bytes: ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """A pool of connections for each running event loop."""

    def aexchange(self) -> AsyncExchange: ...

    async def aclose(self) -> None: ...
