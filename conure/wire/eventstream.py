"""Event streams in binary frames: bytes in, whole frames out.

Rule 1: both checksums of a frame are checked; a length is believed only once its own one holds.
Rule 2: a frame has at most `limit` bytes, so that nothing that comes can fill the memory.
Rule 3: what is broken ends the stream, after the frames before it have been handed out.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

from ..errors import ProtocolError

__all__ = ["EventStreamDecoder", "Frame"]

LIMIT = 64 * 1024 * 1024
PRELUDE = 12
"""bytes of a frame's length, its headers' length and the checksum of both"""
CHECKSUM = 4

# Sizes of header values whose type has a fixed one: true, false, byte, short, integer, long,
# timestamp, uuid. https://smithy.io/2.0/aws/amazon-eventstream.html#header-value-types
SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
BYTES, STRING = 6, 7
# The frames of a stream have few different headers, which come again and again.
REMEMBERED = 64


class Frame(NamedTuple):
    """A frame: its headers that are texts, by name, and what it carries."""

    headers: dict[str, str]
    payload: bytes


class EventStreamDecoder:
    """Feed it bytes as they come; it answers with the frames they complete.

    Raises `ProtocolError` for bytes that are no frames, as soon as nothing is left to answer.
    """

    __slots__ = ("_broken", "_known", "_limit", "_needed", "_parts", "_size")

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._needed = PRELUDE
        self._broken: ProtocolError | None = None
        self._known: dict[bytes, dict[str, str]] = {}

    def feed(self, data: bytes) -> list[Frame]:
        """Answer the frames that `data` completes."""
        self._raise_broken()
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._needed:
            return []
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        frames: list[Frame] = []
        try:
            rest = self._read(data, frames)
        except ProtocolError as error:
            if not frames:
                raise
            self._broken, rest = error, b""
        self._parts = [rest] if rest else []
        self._size = len(rest)
        return frames

    def close(self) -> list[Frame]:
        """Answer nothing: of a frame that was cut off nothing can be believed."""
        self._raise_broken()
        return []

    def _raise_broken(self) -> None:
        broken, self._broken = self._broken, None
        if broken is not None:
            raise broken

    def _read(self, data: bytes, frames: list[Frame]) -> bytes:
        """Read the frames that are whole; answer the beginning of the one that is not."""
        start, size = 0, len(data)
        known = self._known
        self._needed = PRELUDE
        while size - start >= PRELUDE:
            total, end = self._lengths(data, start)
            stop = start + total
            if stop > size:
                self._needed = total
                break
            payload = stop - CHECKSUM
            checksum = int.from_bytes(data[payload:stop], "big")
            if crc32(memoryview(data)[start:payload]) != checksum:
                raise ProtocolError("a frame of the event stream is corrupt: wrong checksum")
            raw = data[start + PRELUDE : end]
            headers = known.get(raw)
            if headers is None:
                if len(known) >= REMEMBERED:
                    known.clear()
                headers = known[raw] = _headers(raw)
            frames.append(Frame(headers, data[end:payload]))
            start = stop
        return data[start:]

    def _lengths(self, data: bytes, start: int) -> tuple[int, int]:
        """Give the length of the frame and where in the data its headers end."""
        total = int.from_bytes(data[start : start + 4], "big")
        length = int.from_bytes(data[start + 4 : start + 8], "big")
        checksum = int.from_bytes(data[start + 8 : start + 12], "big")
        if crc32(data[start : start + 8]) != checksum:
            raise ProtocolError("the event stream is corrupt: wrong checksum before a frame")
        if total > self._limit:
            raise ProtocolError(
                f"a frame of the event stream has {total:,} bytes, more than {self._limit:,}"
            )
        if length + PRELUDE + CHECKSUM > total:
            raise ProtocolError("a frame of the event stream is shorter than its headers")
        return total, start + PRELUDE + length


def _headers(raw: bytes) -> dict[str, str]:
    """Read headers; those that are no texts are passed over: none that counts is one."""
    headers: dict[str, str] = {}
    at, size = 0, len(raw)
    while at < size:
        name, at = _slice(raw, at + 1, raw[at])
        kind, at = _slice(raw, at, 1)
        if (fixed := SIZES.get(kind[0])) is not None:
            _, at = _slice(raw, at, fixed)
            continue
        if kind[0] not in (BYTES, STRING):
            raise ProtocolError(f"a header of the event stream has the unknown type {kind[0]}")
        length, at = _slice(raw, at, 2)
        value, at = _slice(raw, at, int.from_bytes(length, "big"))
        if kind[0] == STRING:
            headers[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return headers


def _slice(raw: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(raw):
        raise ProtocolError("a header of the event stream is cut short")
    return raw[at : at + length], at + length
