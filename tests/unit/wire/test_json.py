"""JSON as providers send it, and as they must get it."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import pytest

from conure.errors import ConfigurationError, ProtocolError
from conure.wire.json import decode, encode


@pytest.mark.parametrize(
    "data, value",
    [
        (b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ('"text"', "text"),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"-9223372036854775809", -9223372036854775809),
        (b'["\\ud83d\\ude00"]', ["\N{GRINNING FACE}"]),
        (b'"\\ud83d"', "\ud83d"),
        (b'"a\tb\nc"', "a\tb\nc"),
        (b'"\xff"', "\ufffd"),
        (b"\xef\xbb\xbf{}", {}),
        (b"1e999", math.inf),
        (b"[Infinity, -Infinity]", [math.inf, -math.inf]),
    ],
)
def test_what_providers_send_is_read(data: Any, value: Any) -> None:
    assert decode(data) == value


def test_not_a_number() -> None:
    assert math.isnan(decode(b'{"x": NaN}')["x"])


@pytest.mark.parametrize("data", [b"", b"<html>", b'{"a": 1', b"{} {}", "[" * 100_000])
def test_what_is_no_json_says_what_it_is(data: bytes | str) -> None:
    with pytest.raises(ProtocolError, match="expected JSON, got '") as caught:
        decode(data)
    assert len(caught.value.message) < 300


def test_encode_is_compact_and_unescaped() -> None:
    assert encode({"a": [1, "\u00e9 \N{GRINNING FACE}"]}) == '{"a":[1,"é 😀"]}'.encode()
    assert encode((1, 2**70)) == b"[1,1180591620717411303424]"


def test_half_an_emoji_can_be_sent() -> None:
    assert encode({"é": "\ud83d!", "d": MappingProxyType({1: 2})}) == (
        '{"é":"\\ud83d!","d":{"1":2}}'.encode()
    )


def test_lookalikes() -> None:
    class Name(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "not me"

    assert encode([Name("me"), MappingProxyType({"a": 1})]) == b'["me",{"a":1}]'


@pytest.mark.parametrize(
    "value, words",
    [
        ({"messages": [{"content": object()}]}, r"\$\.messages\[0\]\.content cannot .*object"),
        ({"a": {None: 1}}, r"\$\.a cannot be sent as JSON: its key None is not a string"),
        ({"a": (1, 2j)}, r"\$\.a\[1\] .*complex"),
        ({"ok": "\ud83d", "bad": {1j}}, r"\$\.bad .*set"),
        (print, r"\$ cannot be sent"),
    ],
)
def test_what_is_not_json_is_named_by_its_path(value: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        encode(value)


def test_a_loop_is_named() -> None:
    loop: list[Any] = []
    loop.append({"again": loop})
    with pytest.raises(ConfigurationError, match="contains itself"):
        encode({"a": loop})


def test_depth_is_named() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ConfigurationError, match="nested too deeply"):
        encode(deep)
