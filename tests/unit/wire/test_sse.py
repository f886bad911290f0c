"""Server-sent events, cut anywhere and ended any way."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.wire.sse import SSEDecoder

STREAM = (
    b"\xef\xbb\xbf: hello\n\n"
    b'data: {"a": "\xe2\x80\xa8"}\n\n'
    b"event: delta\ndata: one\n\n"
    b"event: long\nid: 7\nretry: 10\ndata: first\ndata:second\ndata:  third\n\n"
    b"event: nothing\n\n"
    b"\n\n"
    b"data\n\n"
    b"data: a\nevent: after\n\n"
    b"unknown: field\ndata: b\n\n"
    b"data: [DONE]\n\n"
)
EVENTS = [
    (None, b'{"a": "\xe2\x80\xa8"}'),
    ("delta", b"one"),
    ("long", b"first\nsecond\n third"),
    (None, b""),
    ("after", b"a"),
    (None, b"b"),
    (None, b"[DONE]"),
]
ENDS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}


def read(*pieces: bytes) -> list[tuple[str | None, bytes]]:
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.close()


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whole_and_byte_by_byte(end: bytes) -> None:
    stream = STREAM.replace(b"\n", end)
    assert read(stream) == EVENTS
    assert read(*(stream[i : i + 1] for i in range(len(stream)))) == EVENTS


@given(st.sampled_from(list(ENDS.values())), st.lists(st.integers(0, len(STREAM) * 2), max_size=8))
def test_any_split(end: bytes, cuts: list[int]) -> None:
    stream = STREAM.replace(b"\n", end)
    edges = [0, *sorted(cuts), len(stream)]
    assert read(*(stream[a:b] for a, b in itertools.pairwise(edges))) == EVENTS


@given(st.lists(st.binary(max_size=12)))
def test_any_bytes_read_the_same_in_any_pieces(pieces: list[bytes]) -> None:
    assert read(*pieces) == read(b"".join(pieces))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_event_is_answered_as_soon_as_it_ends(end: bytes) -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: 1" + end) == []
    assert decoder.feed(end) == [(None, b"1")]
    assert decoder.feed(b"data: 2" + end + end) == [(None, b"2")]


def test_the_fast_path_and_the_slow_one_agree() -> None:
    plain = b"data: 1\n\ndata: 2\n\ndata: 3\n\n"
    assert read(plain) == [(None, b"1"), (None, b"2"), (None, b"3")]
    assert read(b":\n\n" + plain) == read(plain)
    assert read(b"data: 1\n\ndata: 2\ndata: 3\n\n") == [(None, b"1"), (None, b"2\n3")]


def test_close_flushes_an_event_without_its_blank_line() -> None:
    assert read(b"data: 1\n\ndata: [DONE]") == [(None, b"1"), (None, b"[DONE]")]
    assert read(b"event: end\ndata: {}\n") == [("end", b"{}")]
    assert read(b"event: end\n") == []
    assert read(b"") == []
    assert read(b"\xef\xbb\xbfdata: 1") == [(None, b"1")]
    decoder = SSEDecoder()
    decoder.feed(b"data: 1")
    assert decoder.close() == [(None, b"1")]
    assert decoder.close() == []


def test_an_event_is_bounded() -> None:
    decoder = SSEDecoder(limit=100)
    decoder.feed(b"data: " + b"x" * 90)
    with pytest.raises(ProtocolError, match="longer than 100 bytes"):
        decoder.feed(b"x" * 10)


def test_a_long_event_in_pieces_is_linear() -> None:
    decoder = SSEDecoder()
    decoder.feed(b"data: ")
    for _ in range(160):
        assert decoder.feed(b"x" * 65536) == []
    [(name, data)] = decoder.feed(b"\n\n")
    assert name is None
    assert len(data) == 160 * 65536


def test_names_that_are_no_utf8_do_not_raise() -> None:
    assert read(b"event: \xff\ndata: 1\n\n") == [("\ufffd", b"1")]


def told(*events: tuple[str, str], more: str = "") -> bytes:
    return "".join(f"event: {name}\n{more}data: {data}\n\n" for name, data in events).encode()


@pytest.mark.parametrize("more", ["", "id: 1\n"])
def test_runs_of_one_name_among_others(more: str) -> None:
    events = [
        ("start", "{}"),
        *[("piece", str(n)) for n in range(5)],
        ("end", "{}"),
        ("piece", "x"),
    ]
    wanted = [(name, data.encode()) for name, data in events]
    assert SSEDecoder().feed(told(*events, more=more)) == wanted
    assert SSEDecoder().feed(told(*events, more=more) + b"data: 1\ndata: 2\n\n")[-1] == (
        None,
        b"1\n2",
    )
