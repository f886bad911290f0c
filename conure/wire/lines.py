"""Newline-delimited JSON: bytes in, complete lines out.

Blank lines are dropped, CRLF counts as LF. A line has at most `limit` bytes.
"""

from __future__ import annotations

from ..errors import ProtocolError

__all__ = ["LineDecoder"]

LIMIT = 64 * 1024 * 1024


class LineDecoder:
    r"""Feed it bytes as they come; it answers with the lines they complete.

    >>> lines = LineDecoder()
    >>> lines.feed(b'{"a": 1}\n{"b"'), lines.feed(b": 2}"), lines.close()
    ([b'{"a": 1}'], [], [b'{"b": 2}'])
    """

    __slots__ = ("_limit", "_parts", "_size")

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Answer the lines that `data` completes, without their ends."""
        if b"\n" not in data:
            self._keep(data)
            return []
        if self._parts:
            data = b"".join((*self._parts, data))
            self._parts.clear()
            self._size = 0
        *lines, rest = data.split(b"\n")
        if rest:
            self._keep(rest)
        return [line for raw in lines if (line := raw.rstrip(b"\r"))]

    def close(self) -> list[bytes]:
        """Answer the last line when its end never came; it may be cut short."""
        line = b"".join(self._parts).rstrip(b"\r")
        self._parts.clear()
        self._size = 0
        return [line] if line else []

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._limit:
            message = f"a line of the stream is longer than {self._limit:,} bytes"
            raise ProtocolError(message)
