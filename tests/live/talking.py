"""Talking to a transport in either colour, so that a test is written once for both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conure.transport.http_async import AsyncHTTPTransport
from conure.transport.http_sync import HTTPTransport
from conure.transport.options import Options
from conure.wire.http import Head, Request, Timeouts

__all__ = ["COLOURS", "Talker", "talker"]

COLOURS = ("sync", "async")


class Talker:
    """A transport, and a loop to use it in where it needs one."""

    def __init__(self, colour: str, **options: Any) -> None:
        self.sync = colour == "sync"
        made = HTTPTransport if self.sync else AsyncHTTPTransport
        self.transport: Any = made(Options(**options))
        self.runner = asyncio.Runner()

    def ask(
        self,
        url: str,
        body: bytes | None = b"{}",
        headers: dict[str, str] | None = None,
        *,
        method: str = "POST",
        connect: float | None = 5.0,
        read: float | None = 5.0,
        pause: float | None = 5.0,
        pieces: int | None = None,
    ) -> tuple[Head, list[bytes]]:
        """Ask once; read all, or leave after so many pieces."""
        request = Request(method, url, headers or {}, body)
        timeouts = Timeouts(connect, read)
        if not self.sync:
            return self.runner.run(self._ask(request, timeouts, pause, pieces))
        exchange = self.transport.exchange()
        try:
            head = exchange.send(request, timeouts)
            came = []
            while len(came) != pieces and (data := exchange.read(pause)):
                came.append(data)
        finally:
            exchange.close()
        return head, came

    async def _ask(
        self, request: Request, timeouts: Timeouts, pause: float | None, pieces: int | None
    ) -> tuple[Head, list[bytes]]:
        exchange = self.transport.aexchange()
        try:
            head = await exchange.send(request, timeouts)
            came = []
            while len(came) != pieces and (data := await exchange.read(pause)):
                came.append(data)
        finally:
            exchange.close()
        return head, came

    def whole(self, url: str, body: bytes | None = b"{}", **how: Any) -> bytes:
        return b"".join(self.ask(url, body, **how)[1])

    def close(self) -> None:
        if self.sync:
            self.transport.close()
        else:
            self.runner.run(self.transport.aclose())


@contextmanager
def talker(colour: str, **options: Any) -> Iterator[Talker]:
    one = Talker(colour, **options)
    with one.runner:
        yield one
