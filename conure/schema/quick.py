"""A quick look at a value: whether it is right as it stands, so that nothing need be mended.

A JSON Schema is turned into nested functions, once. They say yes only when the value is valid,
would not be changed by mending, and lacks nothing that has a default; a no says nothing, and the
long way is gone. Schemas that say unusual things always go it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from .refs import Schema, resolved
from .validate import KEYWORDS, is_valid

__all__ = ["Look", "copied", "quick_look"]

Look: TypeAlias = Callable[[Any], bool]

TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
STRUCTURE = frozenset(
    {"$ref", "additionalProperties", "anyOf", "enum", "items", "properties", "required", "type"}
)
BOUNDS = frozenset(
    {
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maximum",
        "maxItems",
        "maxLength",
        "maxProperties",
        "minimum",
        "minItems",
        "minLength",
        "minProperties",
        "multipleOf",
        "pattern",
        "uniqueItems",
    }
)
WORDS = frozenset(
    {"$comment", "$defs", "$id", "$schema", "default", "definitions", "description", "examples"}
    | {"title"}
)


class _Unusual(Exception):  # noqa: N818 - it is no error
    """The schema says something that no quick look can tell."""


def quick_look(schema: Schema) -> Look | None:
    """Make the function that looks at a value; None when the schema is unusual."""
    try:
        return _Maker(schema).look(schema)
    except _Unusual:
        return None


def copied(value: Any) -> Any:
    """Copy a JSON value, as mending does: what is read is not what was given."""
    if type(value) is dict:
        return {name: copied(item) for name, item in cast("Schema", value).items()}
    if type(value) is list:
        return [copied(item) for item in cast("list[Any]", value)]
    return value


class _Maker:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._made: dict[str, list[Look]] = {}

    def look(self, schema: Any) -> Look:
        if schema is True or schema == {}:
            return _yes
        if not isinstance(schema, dict):
            raise _Unusual
        known = cast("Schema", schema)
        if not known.keys() <= STRUCTURE | BOUNDS | WORDS:
            raise _Unusual
        looks = [
            make(known)
            for keyword, make in (
                ("type", self._type),
                ("$ref", self._ref),
                ("enum", self._enum),
                ("anyOf", self._any_of),
                ("properties", self._object),
                ("items", self._items),
            )
            if keyword in known
        ]
        if "properties" not in known and ("required" in known or "additionalProperties" in known):
            looks.append(self._object(known))
        looks += [self._bound(known, keyword) for keyword in BOUNDS & known.keys()]
        return _all(looks)

    def _type(self, schema: Schema) -> Look:
        kinds: Any = schema["type"]
        names: list[str] = [kinds] if isinstance(kinds, str) else kinds
        types = frozenset(one for name in names for one in TYPES.get(name, ()))
        return lambda value: type(value) in types

    def _ref(self, schema: Schema) -> Look:
        name: str = schema["$ref"]
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = []
            made.append(self.look(resolved(name, self._root)))
        return lambda value: made[0](value)  # noqa: PLW0108 - a type may mention itself

    def _enum(self, schema: Schema) -> Look:
        if not all(isinstance(choice, str) for choice in schema["enum"]):
            raise _Unusual
        choices = frozenset[str](schema["enum"])
        return lambda value: type(value) is str and value in choices

    def _any_of(self, schema: Schema) -> Look:
        branches = [(self.look(branch), branch) for branch in schema["anyOf"]]

        def look(value: Any) -> bool:
            for fits, branch in branches:
                if fits(value):
                    return True
                if is_valid(value, branch, self._root):
                    return False  # mending follows the first branch that is valid
            return False

        return look

    def _object(self, schema: Schema) -> Look:
        parts: dict[str, Any] = schema.get("properties", {})
        looks = {name: self.look(part) for name, part in parts.items()}
        given = {name for name, part in parts.items() if part is not True and "default" in part}
        due = given | set(schema.get("required", ()))
        others = schema.get("additionalProperties", True)
        other = _no if others is False else self.look(others)

        def look(value: Any) -> bool:
            if type(value) is not dict or not due <= value.keys():
                return False
            for name, item in cast("Schema", value).items():  # noqa: SIM110 - twice as quick
                if not looks.get(name, other)(item):
                    return False
            return True

        return look

    def _items(self, schema: Schema) -> Look:
        each = self.look(schema["items"])

        def look(value: Any) -> bool:
            if type(value) is not list:
                return False
            for item in cast("list[Any]", value):  # noqa: SIM110 - twice as quick
                if not each(item):
                    return False
            return True

        return look

    def _bound(self, schema: Schema, keyword: str) -> Look:
        check, bound, root = KEYWORDS[keyword], schema[keyword], self._root
        return lambda value: next(check(value, bound, schema, root), None) is None


def _all(looks: list[Look]) -> Look:
    match looks:
        case []:
            return _yes
        case [one]:
            return one
        case [one, other]:
            return lambda value: one(value) and other(value)
        case _:
            return lambda value: all([look(value) for look in looks])  # noqa: C419 - quicker


def _yes(_: Any) -> bool:
    return True


def _no(_: Any) -> bool:
    return False
