"""Two schemas that must both hold, as one.

For `allOf`, for what stands beside a `$ref` or an `anyOf`. Where two bounds cannot be written as
one, the first stays: the whole schema still validates the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .kinds import kinds_of, same
from .problems import SchemaError
from .refs import Schema

__all__ = ["both"]


def both(one: Any, other: Any) -> Any:
    """Answer a schema that takes what both take; words of the first win."""
    if one is True or other is True:
        return other if one is True else one
    if one is False or other is False:
        return False
    first, second = cast("Schema", one), cast("Schema", other)
    merged = dict(first)
    for keyword, argument in second.items():
        if keyword not in merged:
            merged[keyword] = argument
        elif rule := RULES.get(keyword):
            merged[keyword] = rule(merged[keyword], argument)
    if "type" in first and "type" in second:
        merged["type"] = _kinds(first, second)
    return merged


def _kinds(one: Schema, other: Schema) -> Any:
    first, second = kinds_of(one), kinds_of(other)
    common = [kind for kind in first if kind in second or (kind, "number") in _within(second)]
    common += [kind for kind in second if kind == "integer" and "number" in first]
    common = list(dict.fromkeys(common))
    if not common:
        raise SchemaError(f"nothing is both {' or '.join(first)} and {' or '.join(second)}")
    return common[0] if len(common) == 1 else common


def _within(kinds: list[str]) -> list[tuple[str, str]]:
    return [("integer", "number")] if "number" in kinds else []


def _properties(one: Schema, other: Schema) -> Schema:
    shared = {key: both(one[key], other[key]) for key in one if key in other}
    return {**one, **{key: part for key, part in other.items() if key not in one}, **shared}


def _union(one: list[Any], other: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*one, *other]))


def _common(one: list[Any], other: list[Any]) -> list[Any]:
    common = [value for value in one if any(same(value, choice) for choice in other)]
    if not common:
        raise SchemaError("two enums that must both hold have no value in common")
    return common


def _product(one: list[Any], other: list[Any]) -> list[Any]:
    pairs: list[Any] = []
    for first in one:
        for second in other:
            try:
                pairs.append(both(first, second))
            except SchemaError:  # a branch that nothing can take
                continue
    return pairs


RULES: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _properties,
    "required": _union,
    "enum": _common,
    "items": both,
    "additionalProperties": both,
    "anyOf": _product,
    "allOf": lambda one, other: [*one, *other],
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
"""keyword -> how two arguments become one; for other keywords the first stays"""
