"""Bodies that are compressed or too long, in any pieces."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.wire.inflate import Body

TEXT = bytes(range(256)) * 9


def squeeze(data: bytes, wbits: int) -> bytes:
    squeezer = zlib.compressobj(wbits=wbits)
    return squeezer.compress(data) + squeezer.flush()


SQUEEZED = {
    "gzip": gzip.compress(TEXT),
    "GZIP ": gzip.compress(TEXT[:10]) + gzip.compress(TEXT[10:]),
    "x-gzip": gzip.compress(TEXT, 0),
    "deflate": zlib.compress(TEXT),
    "Deflate": squeeze(TEXT, -15),
    "deflate, gzip": gzip.compress(zlib.compress(TEXT)),
    "identity, gzip": gzip.compress(TEXT),
    "identity": TEXT,
}


@given(st.sampled_from(list(SQUEEZED)), st.lists(st.integers(1, 400), max_size=9))
def test_any_split(codings: str, sizes: list[int]) -> None:
    body, data, out = Body(codings, 1 << 20), SQUEEZED[codings], b""
    for size in sizes:
        out += body.feed(data[:size])
        data = data[size:]
    out += body.feed(data)
    body.end()
    assert out == TEXT


def test_events_come_as_they_are_flushed() -> None:
    squeezer = zlib.compressobj(wbits=31)
    body = Body("gzip", 1 << 20)
    for event in (b"data: 1\n\n", b"data: 2\n\n"):
        sent = squeezer.compress(event) + squeezer.flush(zlib.Z_SYNC_FLUSH)
        assert body.feed(sent) == event


@pytest.mark.parametrize("codings", [None, "", "identity", "gzip"])
def test_a_body_is_bounded(codings: str | None) -> None:
    data = gzip.compress(TEXT) if codings == "gzip" else TEXT
    assert Body(codings, len(TEXT)).feed(data) == TEXT
    with pytest.raises(ProtocolError, match="longer than 2,303 bytes"):
        Body(codings, len(TEXT) - 1).feed(data)


def test_a_bomb_is_stopped_long_before_it_is_unpacked() -> None:
    squeezed = gzip.compress(gzip.compress(bytes(100_000_000), 9), 9)
    with pytest.raises(ProtocolError, match="longer than"):
        Body("gzip, gzip", 10_000_000).feed(squeezed)


@pytest.mark.parametrize(
    "codings, data, words",
    [
        ("gzip", b"no gzip at all", "damaged"),
        ("deflate", b"\x78\x9cnonsense", "damaged"),
        ("gzip", gzip.compress(TEXT)[:-3], "stops before its end"),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT)[:-3]), "stops before its end"),
        ("br", b"", "'br' although `identity`"),
    ],
)
def test_what_cannot_be_undone(codings: str, data: bytes, words: str) -> None:
    def undo() -> None:
        body = Body(codings, 1 << 20)
        body.feed(data)
        body.end()

    with pytest.raises(ProtocolError, match=words):
        undo()


def test_nothing_is_nothing() -> None:
    body = Body("gzip", 100)
    assert body.feed(b"") == b""
    body.end()


def test_bytes_after_a_deflated_body_are_nobodys() -> None:
    assert Body("deflate", 1 << 20).feed(zlib.compress(TEXT) + b"more") == TEXT
