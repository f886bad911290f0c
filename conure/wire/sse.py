"""Server-sent events: bytes in, complete events out.

Rule 1: bytes are split before they are decoded; `str.splitlines` breaks on U+2028, which is
        legal inside a JSON string.
Rule 2: CR, LF and CRLF all end a line, wherever the network cut the bytes.
Rule 3: `id`, `retry`, comments and unknown fields are dropped; so is an event without data,
        unless it is bare JSON: servers put errors so into the middle of a stream.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from typing import TypeAlias

from ..errors import ProtocolError

__all__ = ["SSEDecoder", "ServerSentEvent"]

ServerSentEvent: TypeAlias = tuple[str | None, bytes]
"""The event's name, if it has one, and its data."""

BOM = b"\xef\xbb\xbf"
LIMIT = 64 * 1024 * 1024


class SSEDecoder:
    r"""Feed it bytes as they come; it answers with the events they complete.

    >>> events = SSEDecoder()
    >>> events.feed(b"data: 1\n\nevent: ping\ndata: 2\r"), events.feed(b"\n\r\n")
    ([(None, b'1')], [('ping', b'2')])
    """

    __slots__ = ("_after_cr", "_limit", "_parts", "_size", "_started")

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._started = False
        self._after_cr = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Answer the events that `data` completes."""
        if self._after_cr or b"\r" in data:
            data = self._with_line_feeds(data)
        if self._parts:
            if b"\n\n" not in data and not (data[:1] == b"\n" and self._parts[-1][-1:] == b"\n"):
                self._keep(data)
                return []
            data = b"".join((*self._parts, data))
            self._parts.clear()
            self._size = 0
        if not self._started:
            data = self._without_mark(data)
        whole, end, rest = data.rpartition(b"\n\n")
        if rest:
            self._keep(rest)
        if b"\n\n" in whole:
            return _read_all(whole)
        # One by one, as they come from a model that is thinking.
        event = _read(whole) if end else None
        return [] if event is None else [event]

    def close(self) -> list[ServerSentEvent]:
        """Answer the last event when the blank line after it never came; it may be cut short."""
        block = b"".join(self._parts).removesuffix(b"\n")
        self._parts.clear()
        self._size = 0
        event = _read(block if self._started else self._without_mark(block))
        return [] if event is None else [event]

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        self._parts.append(data)
        self._size += len(data)
        if self._size > self._limit:
            message = f"an event of the stream is longer than {self._limit:,} bytes"
            raise ProtocolError(message)

    def _with_line_feeds(self, data: bytes) -> bytes:
        # A CR at the end of the data ends its line at once: waiting for the LF that may follow
        # would hold the event back until the next one.
        if not data:
            return data
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
            self._after_cr = False
            if not data:
                return data
        self._after_cr = data[-1:] == b"\r"
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _without_mark(self, data: bytes) -> bytes:
        if len(data) < len(BOM) and BOM.startswith(data):
            return data
        self._started = True
        return data.removeprefix(BOM)


def _read_all(text: bytes) -> list[ServerSentEvent]:
    # Nearly every stream is one `data: ...` line per event, and this loop runs for each of them:
    # when the only line ends are those between events, one split does it all.
    if text.startswith(b"data: "):
        values = text[6:].split(b"\n\ndata: ")
        if text.count(b"\n") == 2 * len(values) - 2:
            return [(None, value) for value in values]
    # Or events of one name follow each other: most likely those of the one in the middle.
    middle = text.find(b"\n\nevent: ", len(text) // 2)
    end = text.find(b"\ndata: ", middle) + 7
    head = text[middle:end]
    if middle < 0 or end < 7 or b"\n" in head[2:-7]:
        return _read_each(text)
    before, *values = text.split(head)
    name = head[9:-7].decode("utf-8", "replace") or None
    events = _read_each(before)
    for value in values:
        if b"\n" not in value:
            events.append((name, value))
        else:
            events += _read_each(head[2:] + value)
    return events


def _read_each(text: bytes) -> list[ServerSentEvent]:
    events = [_read(block) for block in text.split(b"\n\n")]
    return [event for event in events if event is not None]


def _read(block: bytes) -> ServerSentEvent | None:
    if block.startswith(b"data: ") and b"\n" not in block:
        return None, block[6:]
    if block.startswith(b"event: "):
        head, found, value = block.partition(b"\ndata: ")
        if found and b"\n" not in value and b"\n" not in head:
            return head[7:].decode("utf-8", "replace") or None, value
    return _read_lines(block)


def _read_lines(block: bytes) -> ServerSentEvent | None:
    name: str | None = None
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value[1:] if value[:1] == b" " else value)
        elif field == b"event":
            name = value.removeprefix(b" ").decode("utf-8", "replace") or None
    if not data and block.lstrip()[:1] == b"{":
        return name, block
    return (name, b"\n".join(data)) if data else None
