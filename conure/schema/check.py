"""Whether a JSON Schema is one: what a user wrote is checked before anything is sent.

Paths lead to the place in the schema. Unknown keywords are let pass: the standard says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from .kinds import KINDS
from .problems import SchemaError, path_of, shown
from .refs import Schema, parts_of, resolved

__all__ = ["check_schema"]


def check_schema(schema: Any) -> None:
    """Raise `SchemaError` at the first thing in a schema that cannot be meant.

    >>> check_schema({"type": "object", "properties": {"age": {"type": "int"}}})
    Traceback (most recent call last):
    conure.schema.problems.SchemaError: $.properties.age.type: "int" is no type: use "integer"
    """
    _check(schema, (), cast("Schema", schema if isinstance(schema, dict) else {}))


def _check(schema: Any, path: tuple[str, ...], root: Schema) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise SchemaError(f"must be a schema, not {shown(schema)}", path=path_of(path))
    known = cast("Schema", schema)
    for keyword, check in CHECKS.items():
        if keyword in known:
            _complain(check(known[keyword]), (*path, keyword))
    if "$ref" in known:
        _follow(known["$ref"], path, root)
    for steps, part in parts_of(known):
        _check(part, (*path, *steps), root)


def _complain(complaint: str | None, path: tuple[str, ...]) -> None:
    if complaint:
        raise SchemaError(complaint, path=path_of(path))


def _follow(reference: Any, path: tuple[str, ...], root: Schema) -> None:
    """Follow a reference to something that is not again only a reference, for ever."""
    seen: list[Any] = []
    while isinstance(reference, str) and reference not in seen:
        seen.append(reference)
        try:
            target = resolved(reference, root)
        except SchemaError as error:
            raise SchemaError(error.message, path=path_of((*path, "$ref"))) from None
        reference = cast("Schema", target).get("$ref") if isinstance(target, dict) else None
        if reference is None:
            return
    raise SchemaError(f"{shown(seen[0] if seen else reference)} leads nowhere", path=path_of(path))


def _type(value: Any) -> str | None:
    for kind in cast("list[Any]", value) if isinstance(value, list) else [value]:
        if kind not in KINDS:
            better = ALIASES.get(kind) if isinstance(kind, str) else None
            return f"{shown(kind)} is no type" + (f': use "{better}"' if better else "")
    return "must name a type" if value == [] else None


ALIASES = {
    "str": "string",
    "text": "string",
    "date": "string",
    "datetime": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "none": "null",
    "None": "null",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "dict": "object",
    **{kind.upper(): kind for kind in KINDS},
    **{kind.title(): kind for kind in KINDS},
}
"""what is meant by words that are not JSON Schema's"""


def _map(value: Any) -> str | None:
    return None if isinstance(value, dict) else f"must be an object, not {shown(value)}"


def _schemas(value: Any) -> str | None:
    good = isinstance(value, list) and value != []
    return None if good else f"must be a list of schemas, not {shown(value)}"


def _names(value: Any) -> str | None:
    good = isinstance(value, list) and all(isinstance(n, str) for n in cast("list[Any]", value))
    return None if good else f"must be a list of names, not {shown(value)}"


def _choices(value: Any) -> str | None:
    good = isinstance(value, list) and value != []
    return None if good else f"must be a list of values, not {shown(value)}"


def _number(value: Any) -> str | None:
    return None if KINDS["number"](value) else f"must be a number, not {shown(value)}"


def _count(value: Any) -> str | None:
    good = KINDS["integer"](value) and value >= 0
    return None if good else f"must be a whole number, not {shown(value)}"


def _pattern(value: Any) -> str | None:
    try:
        re.compile(value)
    except (re.error, TypeError) as error:
        return f"is no regular expression: {error}"
    return None


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else f"must be a string, not {shown(value)}"


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "type": _type,
    "properties": _map,
    "patternProperties": _map,
    "$defs": _map,
    "definitions": _map,
    "required": _names,
    "enum": _choices,
    "allOf": _schemas,
    "anyOf": _schemas,
    "oneOf": _schemas,
    "prefixItems": _schemas,
    "title": _text,
    "description": _text,
    "format": _text,
    "$ref": _text,
    "pattern": _pattern,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": _number,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
}
