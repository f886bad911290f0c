"""JSON's kinds of values: which a value is, which a schema names, and when two values are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .refs import Schema

__all__ = ["KINDS", "kinds_of", "same"]


def _is_integer(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


KINDS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def kinds_of(schema: Schema) -> list[str]:
    """Answer the types a schema names."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    return [*kinds, "null"] if schema.get("nullable") is True and kinds else kinds


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(cast("list[Any]", one), cast("list[Any]", other), strict=False)
        return len(cast("list[Any]", one)) == len(cast("list[Any]", other)) and all(
            same(a, b) for a, b in pairs
        )
    if isinstance(one, dict) and isinstance(other, dict):
        a, b = cast("Schema", one), cast("Schema", other)
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return one == other
