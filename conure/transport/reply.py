"""An answer of http.client that says when it never began and gives all that is at hand.

Each event of a stream is an HTTP chunk of its own, and http.client gives one chunk per call; after
a burst, what already lies in the buffer is given together. Nothing here ever waits for more
than the first byte, so an event is never held back by the next.
"""

from __future__ import annotations

import io
import socket
from http.client import HTTPException, HTTPResponse, IncompleteRead, RemoteDisconnected
from typing import Any

__all__ = ["Reply"]

READ_SIZE = 65536
BUFFER = 16384
ZERO = ord("0")


class _Tap(io.RawIOBase):
    """What a socket brings; shut, it brings nothing, at once."""

    def __init__(self, sock: socket.socket) -> None:
        self._bring = sock.makefile("rb", buffering=0)
        self.shut = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return None if self.shut else self._bring.readinto(buffer)

    def close(self) -> None:
        self._bring.close()
        super().close()


class Reply(HTTPResponse):
    """An answer whose `RemoteDisconnected` means: not a single byte came."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self._tap = _Tap(sock)
        self.fp = io.BufferedReader(self._tap, BUFFER)
        self._failure: Exception | None = None

    def begin(self) -> None:
        try:
            self.fp.peek(1)
        except ConnectionError as error:
            raise RemoteDisconnected(*error.args) from error
        super().begin()

    def read_on(self) -> bytes:
        """Answer the next bytes: of a body in chunks, an event in each, all chunks at hand."""
        if self._failure is not None:
            raise self._failure
        data = self.read1(READ_SIZE)
        if not data and self.length:
            raise IncompleteRead(b"", self.length)
        if not (self.chunked and data and self._has_more()):
            return data
        parts = [data]
        try:
            while data := self.read1(READ_SIZE):
                parts.append(data)
                if not self._has_more():
                    break
        except (OSError, HTTPException) as error:
            self._failure = error  # first what came before it
        return b"".join(parts)

    def _has_more(self) -> bool:
        """Whether the next chunk can be read without waiting for the server."""
        if self.chunk_left:
            return False
        self._tap.shut = True
        came = self.fp.peek(1)
        self._tap.shut = False
        # The line end of the chunk before, then `size line end data`; the last chunk has size 0.
        end = came.find(b"\r\n", 2)
        return 0 < end < len(came) - 2 and came[2] != ZERO
