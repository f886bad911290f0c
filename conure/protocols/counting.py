"""Asking a provider how many tokens a request would make its model read.

A protocol whose API can tell has a `Counting`. Its `encode` takes what the protocol's own takes
and gives another request: the same words, without what only shapes the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from ..errors import ProtocolError
from ..messages import BaseMessage
from ..wire import json
from .encoded import Encoded
from .shape import is_object

__all__ = ["Counting", "Encode", "count_in"]

Encode: TypeAlias = Callable[[str, Sequence[BaseMessage], Mapping[str, Any], bool, Any], Encoded]


class Counting(Struct, frozen=True):
    """How the count of a request is asked for, and read."""

    encode: Encode
    """model, messages, settings, streaming (always false), dialect -> the question"""
    decode: Callable[[bytes], int]
    """the reply's body -> the count"""


def count_in(*fields: str) -> Callable[[bytes], int]:
    """Make the reader of replies that have the count under a name, or under another.

    >>> count_in("input_tokens")(b'{"input_tokens": 14}')
    14
    """

    def read(body: bytes) -> int:
        wire = json.decode(body)
        for field in fields:
            count = wire.get(field) if is_object(wire) else None
            if isinstance(count, int) and not isinstance(count, bool):
                return count
        raise ProtocolError(f"the reply has no count of tokens in {fields[0]!r}", body=wire)

    return read
