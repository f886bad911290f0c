"""What a setting may be: checks that answer None, or in words what is wrong with a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

from .shape import is_mapping

__all__ = [
    "FLAG",
    "LIST",
    "OBJECT",
    "TEXT",
    "Check",
    "a",
    "anything",
    "biases",
    "choice",
    "number",
    "texts",
    "whole",
]

Check: TypeAlias = Callable[[Any], str | None]


def number(low: float, high: float = float("inf")) -> Check:
    """Want a number within a range."""

    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"give a number, not {_kind(value)}"
        if not low <= value <= high:
            return _range(low, high)
        return None

    return check


def whole(low: float = -(2**63), high: float = 2**64) -> Check:
    """Want a whole number within a range."""

    def check(value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"give a whole number, not {_kind(value)}"
        return None if low <= value <= high else _range(low, high)

    return check


def _range(low: float, high: float) -> str:
    return f"give {low:g} or more" if high > 2**60 else f"give a number from {low:g} to {high:g}"


def a(kind: type | tuple[type, ...], words: str) -> Check:
    """Want a value of a type; `words` name it."""

    def check(value: Any) -> str | None:
        return None if isinstance(value, kind) else f"give {words}, not {_kind(value)}"

    return check


def _kind(value: Any) -> str:
    return "True or False" if isinstance(value, bool) else type(value).__name__


def texts(value: Any) -> str | None:
    """Want a text or several."""
    if isinstance(value, str):
        return None
    if not _is_sequence(value) or not all(isinstance(item, str) for item in value):
        return "give a str or a list of str"
    return None


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))


def biases(value: Any) -> str | None:
    """Want biases by token id."""
    if not is_mapping(value):
        return f"give a dict of token id to bias, not {_kind(value)}"
    for token, bias in value.items():
        if not str(token).isdecimal():
            return f"{token!r} is not a token id"
        if isinstance(bias, bool) or not isinstance(bias, (int, float)) or not -100 <= bias <= 100:
            return f"the bias of {token} must be a number from -100 to 100"
    return None


def anything(_value: Any) -> str | None:
    """Want nothing in particular."""
    return None


def choice(value: Any) -> str | None:
    """Want a choice among tools."""
    if isinstance(value, (str, bool, Mapping)):
        return None
    return f'give "auto", "none", "required", the name of a tool or a dict, not {_kind(value)}'


TEXT = a(str, "a str")
FLAG = a(bool, "True or False")
OBJECT = a(Mapping, "a dict")
LIST = a((list, tuple), "a list")
