"""Whether a narrowed schema is small enough for its provider."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from .kinds import kinds_of
from .problems import SchemaError, path_of
from .refs import Schema, parts_of, resolved
from .rules import Rules

__all__ = ["check_limits"]

MANY_CHOICES = 250
"""values of an enum from which on their length counts"""


def check_limits(schema: Schema, rules: Rules) -> None:
    """Raise `SchemaError` when a schema is larger than its rules allow."""
    limits = rules.limits
    parts = list(_all_parts(schema))
    objects = [part for part in parts if "properties" in part]
    names = [name for part in objects for name in part["properties"]]
    choices = [value for part in parts for value in _choices(part)]
    texts = [*names, *schema.get("$defs", {}), *[c for c in choices if isinstance(c, str)]]
    members = [part for found in objects for part in found["properties"].values()]
    optional = sum(len(part["properties"]) - len(part["required"]) for part in objects)
    counted = (
        ("properties", len(names), limits.properties),
        ("values in enums", len(choices), limits.choices),
        ("characters in names and enums", sum(map(len, texts)), limits.characters),
        ("optional properties", optional, limits.optional),
        ("properties of several types", sum(map(_is_union, members)), limits.unions),
    )
    for what, count, most in counted:
        if most and count > most:
            raise SchemaError(f"{rules.name} takes {most} {what} at most, not {count}")
    for part in parts:
        long = sum(len(value) for value in _choices(part) if isinstance(value, str))
        if (
            limits.long_choices
            and len(_choices(part)) > MANY_CHOICES
            and long > limits.long_choices
        ):
            raise SchemaError(
                f"{rules.name} takes {limits.long_choices} characters at most in an enum of more "
                f"than {MANY_CHOICES} values, not {long}"
            )
    if limits.depth:
        _check_depth(schema, schema, (), limits.depth, rules, ())


def _all_parts(schema: Any) -> Iterator[Schema]:
    if isinstance(schema, dict):
        known = cast("Schema", schema)
        yield known
        for _, part in parts_of(known):
            yield from _all_parts(part)


def _choices(part: Schema) -> list[Any]:
    return part.get("enum", [part["const"]] if "const" in part else [])


def _is_union(part: Schema) -> bool:
    return "anyOf" in part or len(kinds_of(part)) > 1


def _check_depth(
    part: Any, root: Schema, path: tuple[str, ...], left: int, rules: Rules, seen: tuple[str, ...]
) -> None:
    if not isinstance(part, dict):
        return
    known = cast("Schema", part)
    reference = known.get("$ref")
    if isinstance(reference, str):
        if reference not in seen and reference != "#":
            target = resolved(reference, root)
            _check_depth(target, root, path, left, rules, (*seen, reference))
        return
    if known.get("type") == "object":
        left -= 1
    if left < 0:
        most = rules.limits.depth
        raise SchemaError(
            f"is object number {most + 1} within objects; {rules.name} takes {most}",
            path=path_of(path),
        )
    for steps, deeper in parts_of(known):
        if steps[0] != "$defs":
            step = steps[1:] if steps[0] == "properties" else ("[]",) * (steps[0] == "items")
            _check_depth(deeper, root, (*path, *step), left, rules, seen)
