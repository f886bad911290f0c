"""HTTP/1.1 written and read, cut anywhere; the standard library is the second opinion."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import itertools
import zlib
from typing import Any

import pytest
from hypothesis import given, strategies as st

from conure.errors import ConfigurationError, ProtocolError
from conure.wire.http import Request
from conure.wire.http1 import ReplyReader, Truncated, write_head

LIMIT = 1 << 24
BODY = bytes(range(256)) * 9


def chunks(data: bytes, *sizes: int, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    out, at = b"", 0
    for size in (*sizes, len(data)):
        if piece := data[at : at + size]:
            out += b"%X%b\r\n%b\r\n" % (len(piece), extension, piece)
        at += size
    return out + b"0\r\n" + trailer + b"\r\n"


def answer(fields: bytes, body: bytes, first: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return first + b"\r\n" + fields + b"\r\n" + body


def squeeze(data: bytes, wbits: int) -> bytes:
    squeezer = zlib.compressobj(wbits=wbits)
    return squeezer.compress(data) + squeezer.flush()


LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
REPLIES = {
    "length": (answer(LENGTH, BODY), BODY, True),
    "length of none": (answer(b"content-length:0\r\n", b""), b"", True),
    "same length twice": (answer(LENGTH + LENGTH, BODY), BODY, True),
    "chunked": (answer(CHUNKED, chunks(BODY, 1, 7, 1000)), BODY, True),
    "chunk extensions": (answer(CHUNKED, chunks(BODY, 9, extension=b";a=b")), BODY, True),
    "trailers": (answer(CHUNKED, chunks(BODY, trailer=b"X: 1\r\nY: 2\r\n")), BODY, True),
    "chunked wins over length": (
        answer(CHUNKED + b"Content-Length: 3\r\n", chunks(BODY)),
        BODY,
        True,
    ),
    "bare line feeds": (
        b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(BODY) + BODY,
        BODY,
        True,
    ),
    "bare chunks": (answer(CHUNKED, b"3\nabc\n2\nde\n0\n\n"), b"abcde", True),
    "close": (answer(b"Connection: close\r\n" + LENGTH, BODY), BODY, False),
    "until close": (answer(b"", BODY), BODY, False),
    "version 1.0": (answer(LENGTH, BODY, b"HTTP/1.0 200 OK"), BODY, False),
    "version 1.0 kept": (
        answer(b"Connection: Keep-Alive\r\n" + LENGTH, BODY, b"HTTP/1.0 200 OK"),
        BODY,
        True,
    ),
    "no content": (answer(b"", b"", b"HTTP/1.1 204 No Content"), b"", True),
    "no reason": (answer(LENGTH, BODY, b"HTTP/1.1 200"), BODY, True),
    "continue first": (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(LENGTH, BODY), BODY, True),
    "hints first": (
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + answer(LENGTH, BODY),
        BODY,
        True,
    ),
    "gzip": (
        answer(CHUNKED + b"Content-Encoding: gzip\r\n", chunks(gzip.compress(BODY), 5)),
        BODY,
        True,
    ),
    "gzip in parts": (
        answer(
            b"Content-Encoding: x-gzip\r\n", gzip.compress(BODY[:10]) + gzip.compress(BODY[10:])
        ),
        BODY,
        False,
    ),
    "gzip as transfer": (
        answer(b"Transfer-Encoding: gzip, chunked\r\n", chunks(gzip.compress(BODY))),
        BODY,
        True,
    ),
    "deflate": (answer(b"Content-Encoding: deflate\r\n", zlib.compress(BODY)), BODY, False),
    "raw deflate": (answer(b"Content-Encoding: deflate\r\n", squeeze(BODY, -15)), BODY, False),
    "both": (
        answer(b"Content-Encoding: deflate, gzip\r\n", gzip.compress(zlib.compress(BODY))),
        BODY,
        False,
    ),
    "identity": (answer(LENGTH + b"Content-Encoding: identity\r\n", BODY), BODY, True),
}


def read(*pieces: bytes, method: str = "POST", limit: int = LIMIT) -> tuple[ReplyReader, bytes]:
    reader = ReplyReader(method, limit)
    body = b"".join(reader.feed(piece) for piece in pieces)
    reader.end()
    return reader, body


@pytest.mark.parametrize("name", REPLIES)
def test_whole_and_byte_by_byte(name: str) -> None:
    raw, body, reusable = REPLIES[name]
    for pieces in ([raw], [raw[i : i + 1] for i in range(len(raw))]):
        reader, read_body = read(*pieces)
        assert (reader.status, read_body) == (204 if name == "no content" else 200, body)
        assert (reader.done, reader.reusable) == (True, reusable)


@given(st.sampled_from(list(REPLIES)), st.lists(st.integers(0, 3000), max_size=6))
def test_any_split(name: str, cuts: list[int]) -> None:
    raw, body, _ = REPLIES[name]
    edges = [0, *sorted(cuts), len(raw)]
    assert read(*(raw[a:b] for a, b in itertools.pairwise(edges)))[1] == body


@pytest.mark.parametrize("name", [n for n, (_, _, kept) in REPLIES.items() if kept])
def test_it_is_done_with_its_last_byte_and_not_before(name: str) -> None:
    raw = REPLIES[name][0]
    reader = ReplyReader("POST", LIMIT)
    reader.feed(raw[:-1])
    assert not reader.done
    reader.feed(raw[-1:])
    assert reader.done


@pytest.mark.parametrize("name", [n for n, (_, body, _) in REPLIES.items() if body])
def test_a_reply_cut_anywhere_never_looks_whole(name: str) -> None:
    raw, body, _ = REPLIES[name]
    plain_until_close = name == "until close"
    for cut in range(0, len(raw), 7):
        try:
            _, got = read(raw[:cut])
        except (Truncated, ProtocolError):
            continue
        assert plain_until_close or got == body


@pytest.mark.parametrize("cut, started", [(0, False), (1, True), (30, True)])
def test_whether_an_answer_had_begun(cut: int, started: bool) -> None:
    with pytest.raises(Truncated) as caught:
        read(REPLIES["length"][0][:cut])
    assert caught.value.started is started


def test_a_cut_body_says_how_much_is_missing() -> None:
    with pytest.raises(Truncated, match="2 bytes are missing"):
        read(answer(b"Content-Length: 5\r\n", b"abc"))
    with pytest.raises(Truncated, match=r"middle of the answer$"):
        read(answer(CHUNKED, b"5\r\nabc"))


def test_headers() -> None:
    reader, _ = read(
        answer(
            b"X-One: 1\r\nVia: a\r\nno colon\r\nX-Folded: b\r\n  c\r\nVIA :  d \r\n\xe9: \xe9\r\n",
            b"",
        )
    )
    assert reader.headers.get("x-ONE") == "1"
    assert dict(reader.headers) == {"x-one": "1", "via": "a, d", "x-folded": "b c", "é": "é"}
    assert "Via" in reader.headers
    assert reader.headers["Via"] == "a, d"
    assert reader.headers.get("nothing") is None
    assert 3 not in reader.headers


def test_bytes_after_the_reply_spoil_the_connection() -> None:
    for name in ("length", "chunked", "no content"):
        raw, body, _ = REPLIES[name]
        reader, got = read(raw + b"HTTP/1.1 200 OK\r\n")
        assert got == body
        assert not reader.reusable


def test_an_answer_to_head_has_no_body() -> None:
    reader, body = read(answer(LENGTH, b""), method="HEAD")
    assert (reader.done, reader.reusable, body) == (True, True, b"")


@pytest.mark.parametrize(
    "raw, words",
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "expected an HTTP/1.1 answer, got 'SSH"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS"),
        (b"HTTP/2.0 200 OK\r\n\r\n", "expected an HTTP/1.1"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "expected an HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000, "do not end"),
        (answer(b"Content-Length: 3, 4\r\n", b"abc"), "makes no sense: '3, 4'"),
        (answer(b"Content-Length: -3\r\n", b"abc"), "makes no sense"),
        (answer(b"Content-Length: 1e3\r\n", b"abc"), "makes no sense"),
        (answer(b"Content-Length: " + b"9" * 5000 + b"\r\n", b"abc"), "makes no sense"),
        (answer(CHUNKED, b"zz\r\n"), "size of a chunk, got 'zz'"),
        (answer(CHUNKED, b"-1\r\n"), "size of a chunk"),
        (answer(CHUNKED, b"1_0\r\n"), "size of a chunk"),
        (answer(CHUNKED, b"\r\n"), "size of a chunk"),
        (answer(CHUNKED, b"F" * 17 + b"\r\n"), "size of a chunk"),
        (answer(CHUNKED, b"2\r\nabc\r\n"), "longer than it says"),
        (answer(CHUNKED, b"1;" + b"x" * 20_000), "endless length"),
        (answer(b"Content-Encoding: br\r\n", b"abc"), "'br' although `identity`"),
        (answer(b"Content-Encoding: gzip\r\n", b"no gzip at all"), "damaged"),
        (answer(b"Content-Encoding: gzip\r\n", gzip.compress(BODY)[:-3]), "stops before its end"),
    ],
)
def test_what_is_no_http_is_said_to_be_none(raw: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        read(raw)
    with pytest.raises(ProtocolError, match=words):
        read(*(raw[i : i + 1000] for i in range(0, len(raw), 1000)))


@pytest.mark.parametrize("coding", [b"", b"Content-Encoding: gzip\r\n"])
def test_a_body_is_bounded(coding: bytes) -> None:
    body = bytes(1_000_000)
    sent = gzip.compress(body) if coding else body
    assert read(answer(coding, sent), limit=1_000_000)[1] == body
    with pytest.raises(ProtocolError, match="longer than 999,999 bytes"):
        read(answer(coding, sent), limit=999_999)


def test_a_bomb_is_stopped_long_before_it_is_unpacked() -> None:
    squeezed = gzip.compress(gzip.compress(bytes(200_000_000), 9), 9)
    assert len(squeezed) < 100_000
    with pytest.raises(ProtocolError, match="longer than"):
        read(answer(b"Content-Encoding: gzip, gzip\r\n", squeezed), limit=10_000_000)


@given(st.lists(st.binary(max_size=30), max_size=5), st.booleans())
def test_any_bytes_are_read_or_refused(pieces: list[bytes], headed: bool) -> None:
    if headed:
        pieces = [answer(CHUNKED, b""), *pieces]
    with contextlib.suppress(ProtocolError, Truncated):
        read(*pieces)


class Pipe:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)


PARTS = st.sampled_from(
    [
        b"a",
        b"\r\n",
        b"\n",
        b"3\r\nabc\r\n",
        b"0\r\n\r\n",
        b"5",
        b";x",
        b"abc",
        b"10\r\n",
        b" ",
        b"0",
    ]
)
FIELDS = st.lists(
    st.sampled_from(
        [
            LENGTH,
            CHUNKED,
            b"Content-Length: 3\r\n",
            b"Connection: close\r\n",
            b"X: y\r\n",
            b"A: b\r\n c\r\n",
        ]
    ),
    max_size=3,
    unique=True,
)


@given(
    FIELDS, st.lists(PARTS, max_size=8), st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 500 x"])
)
def test_the_standard_library_reads_the_same(fields: Any, parts: list[bytes], first: bytes) -> None:
    raw = answer(b"".join(fields), b"".join(parts), first)
    try:
        reader, body = read(raw)
    except (ProtocolError, Truncated):
        return  # stricter is fine; reading something else is not
    theirs = http.client.HTTPResponse(Pipe(raw), method="POST")  # type: ignore[arg-type]
    theirs.begin()
    assert theirs.status == reader.status
    assert theirs.read() == body
    assert {k.lower() for k in theirs.headers} == set(reader.headers)
    if reader.reusable:
        assert not theirs.will_close


def request(headers: dict[str, str], body: bytes | None = b"{}") -> Request:
    return Request("POST", "http://example.com/v1", headers, body)


def test_a_request() -> None:
    assert write_head(request({"Authorization": "Bearer x"}), "/v1", "example.com") == (
        b"POST /v1 HTTP/1.1\r\nHost: example.com\r\nAuthorization: Bearer x\r\n"
        b"Accept-Encoding: identity\r\nContent-Length: 2\r\n\r\n"
    )
    head = write_head(request({"accept-encoding": "gzip"}, None), "/", "[::1]:8080")
    assert head == b"POST / HTTP/1.1\r\nHost: [::1]:8080\r\naccept-encoding: gzip\r\n\r\n"


@pytest.mark.parametrize(
    "headers, words",
    [
        ({"Authorization": "Bearer sk-1\n"}, "'Authorization' holds a line break"),
        ({"X\r\nEvil": "1"}, "holds a line break"),
        ({"X: Evil": "1"}, "holds a line break, or its name is none"),
        ({"Authorization": "Bearer \u201csk-1\u201d"}, "'Authorization' holds a character .*quote"),
    ],
)
def test_a_request_that_cannot_be_said(headers: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        write_head(request(headers), "/v1", "example.com")
    assert "sk-1" not in str(caught.value)


def test_an_address_that_cannot_be_said() -> None:
    with pytest.raises(ConfigurationError, match="percent-encoded"):
        write_head(request({}), "/\u2603", "example.com")
