"""Lines of JSON, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from conure.errors import ProtocolError
from conure.wire.lines import LineDecoder


def read(*pieces: bytes) -> list[bytes]:
    decoder = LineDecoder()
    lines = [line for piece in pieces for line in decoder.feed(piece)]
    return lines + decoder.close()


def test_lines() -> None:
    assert read(b'{"a":1}\n\n{"b":2}\r\n\r\n{"c":3}') == [b'{"a":1}', b'{"b":2}', b'{"c":3}']
    assert read(b"") == []


@given(st.lists(st.binary(max_size=8)))
def test_any_split(pieces: list[bytes]) -> None:
    assert read(*pieces) == read(b"".join(pieces))


def test_a_line_is_bounded() -> None:
    decoder = LineDecoder(limit=10)
    decoder.feed(b"0123456789")
    with pytest.raises(ProtocolError, match="longer than 10 bytes"):
        decoder.feed(b"0")
