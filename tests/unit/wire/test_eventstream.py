"""Binary frames: what is whole is read however it is cut, what is broken ends the stream."""

from __future__ import annotations

import contextlib
import struct
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.wire.eventstream import EventStreamDecoder, Frame

EVENT = {":message-type": "event", ":event-type": "messageStart"}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
HEADERS = st.dictionaries(NAMES, NAMES, max_size=3)
FRAMES = st.lists(st.tuples(HEADERS, st.binary(max_size=60)), max_size=5)


def header(name: str, kind: int, value: bytes) -> bytes:
    raw = name.encode()
    return bytes([len(raw)]) + raw + bytes([kind]) + value


def text(name: str, value: str) -> bytes:
    raw = value.encode()
    return header(name, 7, struct.pack(">H", len(raw)) + raw)


def framed(headers: bytes, payload: bytes) -> bytes:
    prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
    prelude += struct.pack(">I", crc32(prelude))
    whole = prelude + headers + payload
    return whole + struct.pack(">I", crc32(whole))


def frame(payload: bytes, headers: dict[str, str] | None = None) -> bytes:
    pairs = EVENT if headers is None else headers
    return framed(b"".join(text(name, value) for name, value in pairs.items()), payload)


def read(*parts: bytes, **more: Any) -> list[Frame]:
    decoder = EventStreamDecoder(**more)
    found = [each for part in parts for each in decoder.feed(part)]
    return found + decoder.close()


@pytest.mark.parametrize(
    "sent, payload",
    [
        (b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2H\xeb}\x98\xc8\xff", b""),
        (
            b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ{'foo':'bar'}\xc3e96",
            b"{'foo':'bar'}",
        ),
        (
            (
                b"\x00\x00\x00+\x00\x00\x00\x0e4\x8b\xec{\x08event-id\x04\x00\x00\xa0\x0c"
                b"{'foo':'bar'}\xd3\x89\x02\x85"
            ),
            b"{'foo':'bar'}",
        ),
    ],
)
def test_frames_that_the_maker_published(sent: bytes, payload: bytes) -> None:
    """https://github.com/awslabs/aws-c-event-stream/tree/main/tests."""
    assert read(sent) == [({}, payload)]


@given(FRAMES, st.data())
def test_any_split_gives_the_same_frames(frames: list[Frame], data: Any) -> None:
    stream = b"".join(frame(payload, headers) for headers, payload in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*parts) == read(*[stream[n : n + 1] for n in range(len(stream))]) == frames


def test_headers_that_are_no_texts_are_passed_over() -> None:
    values = [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16)]
    headers = b"".join(header(f"h{kind}", kind, bytes(size)) for kind, size in values)
    headers += header("raw", 6, struct.pack(">H", 2) + b"\x00\xff") + text(":event-type", "x")
    assert read(framed(headers, b"!")) == [({":event-type": "x"}, b"!")]


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_corrupt_byte_ends_the_stream(place: int) -> None:
    whole = frame(b'{"role":"assistant"}')
    corrupt = bytearray(whole)
    corrupt[place] ^= 0x10
    decoder = EventStreamDecoder()
    # A length that was changed is not waited for: its checksum tells at once.
    with pytest.raises(ProtocolError, match="corrupt"):
        decoder.feed(bytes(corrupt))


def test_what_came_before_something_broken_is_handed_out_first() -> None:
    decoder = EventStreamDecoder()
    good = frame(b"1")
    assert decoder.feed(good + good[:-1] + b"\x00" + good) == [(EVENT, b"1")]
    with pytest.raises(ProtocolError, match="wrong checksum"):
        decoder.feed(good)


def test_closing_tells_of_what_was_broken_once() -> None:
    decoder = EventStreamDecoder()
    good = frame(b"1")
    assert len(decoder.feed(good + b"\x00" * 12)) == 1
    with pytest.raises(ProtocolError, match="corrupt"):
        decoder.close()
    assert decoder.close() == []


def test_a_frame_that_was_cut_off_says_nothing() -> None:
    whole = frame(b'{"role":"assistant"}')
    for size in range(len(whole)):
        assert read(whole[:size]) == []
        assert read(whole + whole[:size]) == read(whole)


@pytest.mark.parametrize("total", [2**32 - 1, 2**31, 1025])
def test_a_huge_length_is_refused_before_anything_is_kept(total: int) -> None:
    prelude = struct.pack(">II", total, 0)
    with pytest.raises(ProtocolError, match="more than 1,024"):
        read(prelude + struct.pack(">I", crc32(prelude)), limit=1024)


@pytest.mark.parametrize("total, headers", [(15, 0), (0, 0), (40, 25), (16, 2**32 - 1)])
def test_lengths_that_cannot_be_are_refused(total: int, headers: int) -> None:
    prelude = struct.pack(">II", total, headers)
    with pytest.raises(ProtocolError, match="shorter than its headers"):
        read(prelude + struct.pack(">I", crc32(prelude)) + bytes(64))


@pytest.mark.parametrize(
    "headers, words",
    [
        (b"\x05ab", "cut short"),
        (header("a", 7, b"\x00"), "cut short"),
        (header("a", 7, b"\x00\x09abc"), "cut short"),
        (header("a", 9, bytes(15)), "cut short"),
        (header("a", 10, b""), "unknown type 10"),
        (b"\x01a", "cut short"),
    ],
)
def test_headers_that_make_no_sense_are_refused(headers: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        read(framed(headers, b""))


def test_many_different_headers_are_not_all_remembered() -> None:
    decoder = EventStreamDecoder()
    for number in range(600):
        sent = {":event-type": f"kind{number}"}
        assert decoder.feed(frame(b"", sent)) == [(sent, b"")]
    assert len(decoder._known) <= 256
    assert len(decoder._preludes) <= 256


@given(st.binary(max_size=200))
def test_any_bytes_give_frames_or_an_error(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        read(data)
