"""The pieces of a stream, and how they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["AddableDict", "total"]


class AddableDict(dict[str, Any]):
    """A piece of a streamed dict: pieces add key by key."""

    def __add__(self, other: Mapping[str, Any]) -> AddableDict:
        whole = AddableDict(self)
        for key, value in other.items():
            whole[key] = value if whole.get(key) is None else total([whole[key], value])
        return whole

    def __radd__(self, other: Mapping[str, Any]) -> AddableDict:
        return AddableDict(other) + self


def total(pieces: Sequence[Any]) -> Any:
    """Add up the pieces of a stream; pieces that do not add replace what came before."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    if isinstance(first, str) and all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    whole = first
    for piece in pieces[1:]:
        try:
            whole = whole + piece
        except TypeError:
            whole = piece
    return whole
