"""Bodies, bounded, and undone where a server compressed them although `identity` was asked for.

A body is measured as it grows when it is undone, in steps: a bomb grows a thousandfold.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain

from ..errors import ProtocolError

__all__ = ["Body"]

STEP = 1 << 20
PLAIN = frozenset({"", "identity"})
GZIP = frozenset({"gzip", "x-gzip"})


class Body:
    r"""Feed it a body's bytes as they come; it answers what they stand for.

    `codings` is the value of `Content-Encoding`; more than `limit` bytes raise `ProtocolError`.

    >>> Body("gzip", 100).feed(b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x02\0\xfd\xffhi")
    b'hi'
    """

    __slots__ = ("_inflaters", "_limit", "_size")

    def __init__(self, codings: str | None, limit: int) -> None:
        names = [name.strip().lower() for name in codings.split(",")] if codings else []
        self._inflaters = [_Inflater(name) for name in reversed(names) if name not in PLAIN]
        self._limit = limit
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        if not self._inflaters:
            self._size += len(data)
            if self._size > self._limit:
                raise self._too_long()
            return data
        pieces = [data]
        for inflater in self._inflaters:
            pieces = list(self._bounded(chain.from_iterable(map(inflater.feed, pieces))))
        whole = b"".join(pieces)
        self._size += len(whole)
        return whole

    def end(self) -> None:
        """Raise `ProtocolError` when compressed data stopped before its end."""
        for inflater in self._inflaters:
            inflater.end()

    def _bounded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        size = self._size
        for piece in pieces:
            size += len(piece)
            if size > self._limit:
                raise self._too_long()
            yield piece

    def _too_long(self) -> ProtocolError:
        return ProtocolError(f"the answer is longer than {self._limit:,} bytes")


class _Inflater:
    """Undo gzip or deflate."""

    __slots__ = ("_begun", "_gzip", "_stream")

    def __init__(self, coding: str) -> None:
        if coding not in GZIP and coding != "deflate":
            raise ProtocolError(
                f"the server sent its answer in {coding!r} although `identity` was asked for; "
                "only gzip and deflate can be undone: look for a proxy that compresses"
            )
        self._gzip = coding in GZIP
        self._begun = False
        self._stream = zlib.decompressobj(31 if self._gzip else 15)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Answer what the data grows to, at most a megabyte at a time."""
        try:
            yield from self._feed(data)
        except zlib.error as error:
            raise ProtocolError(f"the compressed answer is damaged: {error}") from None

    def _feed(self, data: bytes) -> Iterator[bytes]:
        if not self._begun and data:
            self._begun = True
            # Some servers call a raw stream `deflate`; a zlib header's low bits say 8.
            if not self._gzip and data[0] & 0x0F != 8:
                self._stream = zlib.decompressobj(-15)
        while data:
            if self._stream.eof:
                if not self._gzip:
                    return
                self._stream = zlib.decompressobj(31)
            yield self._stream.decompress(data, STEP)
            data = self._stream.unconsumed_tail or self._stream.unused_data

    def end(self) -> None:
        """Raise when the compressed data stopped before its own end."""
        if self._begun and not self._stream.eof:
            raise ProtocolError("the compressed answer stops before its end")
