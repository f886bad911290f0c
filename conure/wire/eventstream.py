"""Event streams in binary frames: bytes in, whole frames out.

Rule 1: both checksums of a frame are checked; a length is believed only once its own one holds.
Rule 2: a frame has at most `limit` bytes, so that nothing that comes can fill the memory.
Rule 3: what is broken ends the stream, after the frames before it have been handed out.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

from struct import Struct
from typing import TypeAlias
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
# The frames of a stream have few different headers and lengths, which come again and again.
REMEMBERED = 256


Frame: TypeAlias = tuple[dict[str, str], bytes]
"""a frame: its headers that are texts, by name, and what it carries; equal headers are the same"""

_prelude = Struct(">III").unpack
_checksum = Struct(">I").unpack_from


class EventStreamDecoder:
    """Feed it bytes as they come; it answers with the frames they complete.

    Raises `ProtocolError` for bytes that are no frames, as soon as nothing is left to answer.
    """

    __slots__ = ("_broken", "_known", "_limit", "_needed", "_parts", "_preludes", "_size")

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._needed = PRELUDE
        self._broken: ProtocolError | None = None
        self._known: dict[bytes, dict[str, str]] = {}
        self._preludes: dict[bytes, tuple[int, int]] = {}

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
        # Written for speed: a call in this loop is paid for each frame.
        start, size = 0, len(data)
        append, preludes = frames.append, self._preludes
        raw, headers = b"\xff", dict[str, str]()  # no header is named so
        self._needed = PRELUDE
        while size - start >= PRELUDE:
            prelude = data[start : start + PRELUDE]
            total, length = preludes.get(prelude) or self._lengths(prelude)
            stop = start + total
            if stop > size:
                self._needed = total
                break
            payload = stop - CHECKSUM
            if crc32(data[start:payload]) != _checksum(data, payload)[0]:
                raise ProtocolError("a frame of the event stream is corrupt: wrong checksum")
            start += PRELUDE
            if len(raw) != length or not data.startswith(raw, start):
                raw = data[start : start + length]
                headers = self._known.get(raw) or self._learn(raw)
            append((headers, data[start + length : payload]))
            start = stop
        return data[start:]

    def _lengths(self, prelude: bytes) -> tuple[int, int]:
        """Give the length of a frame and of its headers, and remember them: most come again."""
        total, length, checksum = _prelude(prelude)
        if crc32(prelude[:8]) != checksum:
            raise ProtocolError("the event stream is corrupt: wrong checksum before a frame")
        if total > self._limit:
            raise ProtocolError(
                f"a frame of the event stream has {total:,} bytes, more than {self._limit:,}"
            )
        if length + PRELUDE + CHECKSUM > total:
            raise ProtocolError("a frame of the event stream is shorter than its headers")
        if len(self._preludes) >= REMEMBERED:
            self._preludes.clear()
        self._preludes[prelude] = total, length
        return total, length

    def _learn(self, raw: bytes) -> dict[str, str]:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        headers = self._known[raw] = _headers(raw)
        return headers


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
