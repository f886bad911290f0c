"""Gemini: arguments of a call that are streamed by their places.

Each piece names a place by a path such as `$.items[0].name`; text at one place may come in
several pieces. The pieces of one call make one value, told when the call ends.

https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from ..shape import is_list, is_object

__all__ = ["StreamedArguments"]

STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")
# More would be a mistake, or meant to exhaust the memory.
LONGEST_LIST = 10_000

Path = tuple[str | int, ...]


class StreamedArguments:
    """The arguments of one call, while they come."""

    __slots__ = ("_growing", "value")

    def __init__(self, value: dict[str, Any] | None = None) -> None:
        self.value: dict[str, Any] = {**(value or {})}
        self._growing: str | None = None

    def add(self, pieces: Any) -> None:
        """Put pieces at their places; one that has none says nothing."""
        for piece in pieces if is_list(pieces) else ():
            if is_object(piece) and isinstance(path := piece.get("jsonPath"), str):
                self._put(path, piece)

    def _put(self, path: str, piece: dict[str, Any]) -> None:
        steps = _steps(path)
        if not steps:
            return
        place: Any = self.value
        for step, following in pairwise(steps):
            place = _enter(place, step, [] if isinstance(following, int) else {})
            if place is None:
                return
        last = steps[-1]
        value = _value(piece)
        if isinstance(value, str) and self._growing == path:
            before = _at(place, last)
            value = before + value if isinstance(before, str) else value
        _set(place, last, value)
        self._growing = path if piece.get("willContinue") else None


def _steps(path: str) -> Path:
    """Read a path; nothing where it is none."""
    rest = path.removeprefix("$")
    steps: list[str | int] = []
    at = 0
    while at < len(rest):
        found = STEP.match(rest, at)
        if found is None:
            return ()
        name, number, quoted, doubly = found.groups()
        if number is not None:
            steps.append(int(number))
        else:
            text = next(part for part in (name, quoted, doubly) if part is not None)
            steps.append(re.sub(r"\\(.)", r"\1", text) if name is None else text)
        at = found.end()
    return tuple(steps)


def _value(piece: dict[str, Any]) -> Any:
    for name in ("stringValue", "numberValue", "boolValue"):
        if name in piece:
            return piece[name]
    return None


def _at(place: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return place[step] if is_list(place) and step < len(place) else None
    return place.get(step) if is_object(place) else None


def _enter(place: Any, step: str | int, empty: Any) -> Any:
    inner = _at(place, step)
    if is_list(inner) or is_object(inner):
        return inner
    return empty if _set(place, step, empty) else None


def _set(place: Any, step: str | int, value: Any) -> bool:
    if isinstance(step, int):
        if not is_list(place) or step > len(place) + LONGEST_LIST:
            return False
        place += [None] * (step + 1 - len(place))
        place[step] = value
        return True
    if not is_object(place):
        return False
    place[step] = value
    return True
