"""Compressed bodies, a piece at a time.

We ask for `identity`; some gateways compress all the same. What a piece grows to is handed
out in steps, so that the reader of the body can stop at its limit (a bomb grows a thousandfold).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..errors import ProtocolError

__all__ = ["Inflater", "inflaters"]

STEP = 1 << 20
PLAIN = frozenset({"", "identity"})
GZIP = frozenset({"gzip", "x-gzip"})


def inflaters(codings: str) -> list[Inflater]:
    """Answer what undoes a `Content-Encoding`, outermost first; nothing for `identity`.

    >>> len(inflaters("gzip")), inflaters("identity")
    (1, [])
    """
    names = [name.strip().lower() for name in codings.split(",")]
    return [Inflater(name) for name in reversed(names) if name not in PLAIN]


class Inflater:
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
