"""The quick look agrees with the long way: same values, same problems."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from conure.schema import InvalidValue, shape_of
from conure.schema.quick import quick_look
from conure.schema.shape import Shape


def of(**properties: Any) -> dict[str, Any]:
    return {"title": "X", "type": "object", "properties": properties}


POINT = of(x={"type": "integer"}, y={"type": "integer", "default": 3})
USUAL = [
    of(a={"type": "string"}),
    of(a={"type": "integer", "minimum": 2}),
    of(a={"type": "number"}, b={"type": "boolean"}),
    of(a={"type": ["string", "null"]}),
    of(a={"anyOf": [{"type": "integer"}, {"type": "null"}]}) | {"required": ["a"]},
    of(a={"enum": ["Yes", "No"]}) | {"additionalProperties": False},
    of(a={"type": "array", "items": {"type": "integer"}, "maxItems": 2}),
    of(a={"type": "integer", "default": 7}) | {"additionalProperties": {"type": "string"}},
    of(a={"$ref": "#/$defs/P"}) | {"$defs": {"P": POINT}},
    of(a={"anyOf": [POINT, of(x={"type": "integer"})]}),
    of(a={"$ref": "#/$defs/T"})
    | {"$defs": {"T": of(a={"anyOf": [{"$ref": "#/$defs/T"}, {"type": "null"}]})}},
    of(a={"type": "string", "pattern": "^h", "format": "date"}, b={}),
    {"title": "X", "type": "object", "required": ["b"]},
]
UNUSUAL = [
    of(a={"oneOf": [{"type": "integer"}, {"type": "number"}]}),
    of(a={"enum": ["1", 1]}),
    of(a={"type": "string", "nullable": True}),
    of(a=False),
    of(a={"not": {"type": "string"}}),
]
ATOMS: list[Any] = [
    None, True, 0, 2, 2.0, 2.5, "hi", "yes", "Yes", "3", "2020-01-01", [], [1, 2], [1, 2, 3], ["1"],
    {}, {"x": 1}, {"x": 1, "y": 2}, {"x": "1"}, {"a": None}, {"a": {"a": {}}}, {"a": 3},
]  # fmt: skip
VALUES: list[Any] = [
    *({"a": atom} for atom in ATOMS),
    *({"a": one, "b": other} for one, other in itertools.product(ATOMS[:8], ATOMS[:8])),
    {},
    {"c": "more"},
    {"a": 1, "c": 2},
]


def outcome(shape: Shape[Any], value: Any) -> Any:
    try:
        return repr(shape.read(value))
    except InvalidValue as error:
        return error.errors


@pytest.mark.parametrize("schema", USUAL + UNUSUAL)
def test_both_ways_agree(schema):
    quick, long = shape_of(schema), Shape(type(shape_of(schema).form)(schema), name="X")
    assert (quick_look(schema) is None) == (schema in UNUSUAL)
    long.form._look = None
    for value in VALUES:
        assert outcome(quick, value) == outcome(long, value), value


def test_what_is_read_is_not_what_was_given():
    given = {"a": [1, 2]}
    read = shape_of(of(a={"type": "array"})).read(given)
    read["a"].append(3)
    assert given == {"a": [1, 2]}
