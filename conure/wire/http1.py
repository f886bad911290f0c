"""HTTP/1.1 as bytes: a request written, a reply read, for the sync and the async transport.

Rule 1: no sockets here; whoever has one feeds what came and says when nothing more will.
Rule 2: tolerant of sloppy spelling (bare LF, folded headers, any case), strict about where a
        body ends: a body cut short never looks whole, and no byte is left to the next reply.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

from itertools import chain

from ..errors import ConfigurationError, ProtocolError
from .http import Headers, Request
from .inflate import Inflater, inflaters

__all__ = ["ReplyReader", "Truncated", "write_head"]

LONGEST_HEAD = 1 << 18
LONGEST_LINE = 1 << 14
HEX_DIGITS = b"0123456789abcdefABCDEF"


class Truncated(EOFError):  # noqa: N818 - says what happened to it
    """The connection ended before the reply did; `started` if any byte of it came."""

    def __init__(self, words: str, *, started: bool) -> None:
        super().__init__(words)
        self.started = started


def write_head(request: Request, target: str, host: str) -> bytes:
    """Write a request up to its body."""
    lines = [f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\n"]
    identity = True
    for name, value in request.headers.items():
        if "\n" in value or "\r" in value or "\n" in name or ":" in name or " " in name:
            raise ConfigurationError(
                f"the header {name!r} holds a line break, or its name is none: a key read from a "
                "file often ends in one, strip it"
            )
        if name.lower() == "accept-encoding":
            identity = False
        lines.append(f"{name}: {value}\r\n")
    if identity:
        lines.append("Accept-Encoding: identity\r\n")
    if request.body is not None:
        lines.append(f"Content-Length: {len(request.body)}\r\n")
    lines.append("\r\n")
    try:
        return "".join(lines).encode("latin-1")
    except UnicodeEncodeError:
        raise ConfigurationError(_unwritable(request, target)) from None


def _unwritable(request: Request, target: str) -> str:
    for name, value in request.headers.items():
        if not f"{name}{value}".isascii():
            return (
                f"the header {name!r} holds a character that HTTP cannot carry: "
                "was the key pasted with a typographic quote or dash?"
            )
    return f"the address {target!r} holds a character that must be percent-encoded"


class ReplyReader:
    """Feed it a reply's bytes as they come; it answers with those of the body.

    `status` is 0 until the head is complete. Once `done`, `reusable` says whether the connection
    may carry another request. `limit` bounds the body as it grows when decompressed.
    """

    __slots__ = (
        "_chunk",
        "_gap",
        "_inflaters",
        "_left",
        "_limit",
        "_method",
        "_rest",
        "_size",
        "_trailer",
        "done",
        "headers",
        "reusable",
        "status",
    )

    def __init__(self, method: str, limit: int) -> None:
        self._method = method
        self._limit = limit
        self._rest = b""
        self._left: int | None = None
        self._chunk: int | None = None
        self._gap = False
        self._trailer = False
        self._size = 0
        self._inflaters: list[Inflater] = []
        self.status = 0
        self.headers = Headers()
        self.done = False
        self.reusable = False

    def feed(self, data: bytes) -> bytes:
        """Answer the bytes of the body in `data`; b"" also while only the head is coming."""
        while not self.status:
            data = self._rest + data
            end, size = _find_end(data)
            if end < 0:
                if len(data) > LONGEST_HEAD:
                    raise ProtocolError("the headers of the answer do not end")
                self._rest = data
                if not b"HTTP/1.".startswith(data[:7]):
                    raise _no_http(data)
                return b""
            self._rest = b""
            self._read_head(data[:end])
            data = data[end + size :]
        if self._chunk is not None:
            data = self._unchunk(data)
        elif self._left is not None:
            data = self._count(data)
        if self._inflaters:
            return self._inflate(data)
        self._size += len(data)
        if self._size > self._limit:
            raise self._too_long()
        return data

    def end(self) -> None:
        """Take note that nothing more will come."""
        if self.done:
            return
        if not self.status:
            raise Truncated("the connection was closed without an answer", started=bool(self._rest))
        if self._chunk is not None or self._left is not None:
            missing = "" if self._left is None else f"; {self._left:,} bytes are missing"
            words = f"the connection was closed in the middle of the answer{missing}"
            raise Truncated(words, started=True)
        self.done = True
        self._inflate(b"")

    def _read_head(self, head: bytes) -> None:
        text = head.decode("latin-1")
        first, *lines = text.replace("\r\n", "\n").split("\n")
        if not first.startswith("HTTP/1.") or not first[9:12].isdigit() or first[8:9] != " ":
            raise _no_http(head)
        status = int(first[9:12])
        if 100 <= status < 200 and status != 101:
            return
        fields: list[tuple[str, str]] = []
        for line in lines:
            name, colon, value = line.partition(":")
            if line[:1] in {" ", "\t"} and fields:
                name, before = fields.pop()
                fields.append((name, f"{before} {line.strip()}"))
            elif colon:
                fields.append((name.rstrip(), value.strip()))
        self.status = status
        self.headers = Headers.of(fields)
        self._frame(first)

    def _frame(self, first: str) -> None:
        """Find out where the body ends: RFC 9112, 6.3."""
        headers = self.headers
        options = headers.get("connection", "").lower()
        self.reusable = "close" not in options and (
            not first.startswith("HTTP/1.0") or "keep-alive" in options
        )
        codings = headers.get("content-encoding", "")
        transfer: str | None = headers.get("transfer-encoding")
        length: str | None = headers.get("content-length")
        if self._method == "HEAD" or self.status in {101, 204, 304}:
            self._left = 0
        elif transfer is not None:
            *outer, last = transfer.lower().split(",")
            if last.strip() == "chunked":
                self._chunk = 0
            else:
                outer.append(last)
            codings = ",".join((codings, *outer))
        elif length is not None:
            lengths = {part.strip() for part in length.split(",")}
            text = lengths.pop()
            if lengths or len(text) > 18 or not text.isascii() or not text.isdigit():
                raise ProtocolError(f"the answer's Content-Length makes no sense: {length!r}")
            self._left = int(text)
        if self.status == 101 or (self._left is None and self._chunk is None):
            self.reusable = False
        if codings and self._left != 0:
            self._inflaters = inflaters(codings)
        if self._left == 0:
            self.done = True

    def _count(self, data: bytes) -> bytes:
        assert self._left is not None
        extra = len(data) - self._left
        if extra >= 0:
            if extra:
                # Whatever this is, it answers no request of ours.
                self.reusable = False
                data = data[: self._left]
            self._left = 0
            self.done = True
        else:
            self._left -= len(data)
        return data

    def _unchunk(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at, size = 0, len(data)
        while at < size:
            if self._chunk:
                end = at + self._chunk
                parts.append(data[at:end])
                self._chunk = end - size if end > size else 0
                if data.startswith(b"\r\n", end):
                    at = end + 2
                else:
                    self._gap = not self._chunk
                    at = end
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._rest = data[at:]
                if size - at > LONGEST_LINE:
                    raise ProtocolError("a chunk of the answer says its size at endless length")
                break
            self._read_line(data[at:end])
            at = end + 1
            if self.done:
                self.reusable = self.reusable and at == size
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_line(self, line: bytes) -> None:
        line = line.removesuffix(b"\r")
        if self._gap:
            self._gap = False
            if line:
                raise ProtocolError("a chunk of the answer is longer than it says")
        elif self._trailer:
            if not line:
                self.done = True
        else:
            digits = line.partition(b";")[0].strip()
            if not digits or digits.strip(HEX_DIGITS) or len(digits) > 16:
                shown = line[:40].decode("latin-1")
                raise ProtocolError(f"expected the size of a chunk, got {shown!r}")
            self._chunk = int(digits, 16)
            self._trailer = not self._chunk

    def _inflate(self, data: bytes) -> bytes:
        pieces = [data] if data else []
        for inflater in self._inflaters:
            grown: list[bytes] = []
            size = self._size
            for part in chain.from_iterable(map(inflater.feed, pieces)):
                size += len(part)
                if size > self._limit:
                    raise self._too_long()
                grown.append(part)
            if self.done:
                inflater.end()
            pieces = grown
        whole = b"".join(pieces)
        self._size += len(whole)
        return whole

    def _too_long(self) -> ProtocolError:
        return ProtocolError(f"the answer is longer than {self._limit:,} bytes")


def _find_end(data: bytes) -> tuple[int, int]:
    end = data.find(b"\r\n\r\n")
    loose = data.find(b"\n\n", 0, end if end >= 0 else len(data))
    return (end, 4) if loose < 0 else (loose, 2)


def _no_http(data: bytes) -> ProtocolError:
    shown = data[:40].decode("latin-1")
    # 0x15 and 0x16 are a TLS alert and handshake.
    hint = (
        "; it speaks TLS: should the address begin with https://?"
        if data[:1] in b"\x15\x16"
        else ""
    )
    return ProtocolError(f"expected an HTTP/1.1 answer, got {shown!r}{hint}")
