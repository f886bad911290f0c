"""The validator: each keyword, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from conure.schema import InvalidValue, SchemaError, check_schema, shape_of
from conure.schema.problems import path_of
from conure.schema.validate import is_valid, problems_in

TEXT = {"type": "string"}

# schema, values that fit, values that do not
TABLE: list[tuple[Any, list[Any], list[Any]]] = [
    (True, [1, None, {}], []),
    ({}, [1, None, {}], []),
    (False, [], [1, None]),
    (TEXT, ["a", ""], [1, None, ["a"]]),
    ({"type": "integer"}, [1, 1.0, -3], [1.5, "1", True]),
    ({"type": "number"}, [1, 1.5], [False, "1"]),
    ({"type": "boolean"}, [True], [1, "true"]),
    ({"type": "null"}, [None], [0, ""]),
    ({"type": "array"}, [[]], [{}, "a"]),
    ({"type": "object"}, [{}], [[], None]),
    ({"type": ["string", "null"]}, ["a", None], [1]),
    ({"type": "string", "nullable": True}, ["a", None], [1]),
    ({"enum": [1, "a", None, [1]]}, [1, 1.0, "a", None, [1]], [True, 2, "b", [2], [1, 1]]),
    ({"enum": [{"a": 1}]}, [{"a": 1}], [{"a": True}, {"b": 1}, {}]),
    ({"const": False}, [False], [0, None]),
    ({"minLength": 2, "maxLength": 3}, ["ab", "abc", 5], ["a", "abcd"]),
    ({"pattern": "^a"}, ["ab", 5], ["ba"]),
    ({"minimum": 1, "maximum": 3}, [1, 3, 2.5, "x"], [0, 4]),
    ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2, 1.1], [1, 3]),
    ({"multipleOf": 0.1}, [0.3, 2, "x"], [0.35]),
    ({"items": TEXT, "minItems": 1, "maxItems": 2}, [["a"], "x"], [[], ["a", "b", "c"], [1]]),
    (
        {"prefixItems": [TEXT], "items": {"type": "integer"}},
        [["a", 1], ["a"], []],
        [[1], ["a", "b"]],
    ),
    ({"items": [TEXT], "additionalItems": False}, [["a"]], [[1], ["a", "b"]]),
    ({"items": [TEXT], "additionalItems": TEXT}, [["a", "b"]], [["a", 1]]),
    ({"uniqueItems": True}, [[1, True, "1"], "aa"], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
    ({"uniqueItems": False}, [[1, 1]], []),
    (
        {"contains": TEXT, "minContains": 2, "maxContains": 3},
        [["a", "b", 1], 1],
        [["a"], ["a"] * 4],
    ),
    ({"properties": {"a": TEXT}, "required": ["a"]}, [{"a": "x", "b": 1}, 1], [{}, {"a": 1}]),
    ({"properties": {"a": TEXT}, "additionalProperties": False}, [{}, {"a": "x"}], [{"b": 1}]),
    ({"additionalProperties": TEXT}, [{"a": "x"}], [{"a": 1}]),
    (
        {"patternProperties": {"^x": TEXT}, "additionalProperties": False},
        [{"xa": "a"}],
        [{"xa": 1}, {"a": "a"}],
    ),
    ({"propertyNames": {"maxLength": 1}}, [{"a": 1}, 1], [{"ab": 1}]),
    ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}, 5], [{}, {"a": 1, "b": 2}]),
    ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}, {"a": 1, "b": 1}, 1], [{"a": 1}]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1], [0, 3]),
    ({"anyOf": [TEXT, {"minimum": 5}]}, ["a", 5], [4]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, [1, 5.5], [5, 1.5]),
    ({"not": TEXT}, [1], ["a"]),
    ({"if": {"minimum": 5}, "then": {"multipleOf": 5}, "else": False}, [10], [6, 1]),
    ({"format": "date"}, ["2026-01-31", 5], ["soon", "2026-13-01"]),
    ({"format": "date-time"}, ["2026-01-31T10:00:00Z"], ["x"]),
    ({"format": "uuid"}, ["12345678-1234-5678-1234-567812345678"], ["x"]),
    ({"format": "ipv4"}, ["127.0.0.1"], ["localhost"]),
    ({"format": "duration"}, ["PT5M"], ["5 minutes"]),
    ({"format": "of our own"}, ["x"], []),
    (
        {"$ref": "#/$defs/A~1b", "$defs": {"A/b": {"type": "array", "items": {"$ref": "#"}}}},
        [[], [[], [[]]]],
        [1, [1]],
    ),
    ({"$ref": "#/definitions/A", "definitions": {"A": TEXT}}, ["a"], [1]),
    ({"properties": {"a": TEXT, "b": {"$ref": "#/properties/a"}}}, [{"b": "x"}], [{"b": 1}]),
]


@pytest.mark.parametrize("schema, right, wrong", TABLE)
def test_each_keyword(schema: Any, right: list[Any], wrong: list[Any]) -> None:
    check_schema(schema)
    for value in right:
        assert list(problems_in(value, schema)) == []
    for value in wrong:
        assert not is_valid(value, schema)


@pytest.mark.parametrize(
    "schema, value, problems",
    [
        (TEXT, 1, [("$", "must be a string, not 1")]),
        ({"type": ["string", "null"]}, 1, [("$", "must be a string or null, not 1")]),
        ({"type": "array", "items": TEXT}, ["a", 1], [("$[1]", "must be a string, not 1")]),
        (
            {
                "properties": {"a": TEXT, "b": TEXT},
                "required": ["b"],
                "additionalProperties": False,
            },
            {"a": 1, "c": 2},
            [
                ("$.b", "is missing"),
                ("$.a", "must be a string, not 1"),
                ("$.c", "is not known"),
            ],
        ),
        ({"anyOf": [TEXT, {"type": "null"}]}, 1, [("$", "must be a string or null, not 1")]),
        (
            {"anyOf": [TEXT, {"properties": {"a": TEXT}, "type": "object"}]},
            {"a": 1},
            [("$.a", "must be a string, not 1")],
        ),
        (
            {"oneOf": [{}, TEXT]},
            "a",
            [("$", "must fit exactly one of the alternatives, not several")],
        ),
        ({"not": TEXT}, "a", [("$", 'must not be "a"')]),
        (
            {"minimum": 3, "multipleOf": 2},
            1,
            [("$", "must be 3 or more, not 1"), ("$", "must be a multiple of 2, not 1")],
        ),
        ({"minItems": 2}, [1], [("$", "must have 2 items or more")]),
        ({"enum": ["a", 1]}, "b", [("$", 'must be one of "a", 1, not "b"')]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("$.b", 'is missing: "a" needs it')]),
    ],
)
def test_what_it_says(schema: Any, value: Any, problems: Any) -> None:
    assert [(path_of(path), words) for path, words in problems_in(value, schema)] == problems


@pytest.mark.parametrize(
    "schema, path, words",
    [
        ({"type": "int"}, "$.type", '"int" is no type: use "integer"'),
        ({"type": "STRING"}, "$.type", '"STRING" is no type: use "string"'),
        ({"type": ["string", "any"]}, "$.type", '"any" is no type'),
        ({"type": []}, "$.type", "must name a type"),
        ({"properties": {"a": 3}}, "$.properties.a", "must be a schema, not 3"),
        ({"properties": ["a"]}, "$.properties", "must be an object"),
        ({"required": True}, "$.required", "must be a list of names, not true"),
        ({"required": [1]}, "$.required", "must be a list of names"),
        ({"enum": []}, "$.enum", "must be a list of values"),
        ({"anyOf": {}}, "$.anyOf", "must be a list of schemas"),
        ({"items": {"items": {"type": "str"}}}, "$.items.items.type", 'use "string"'),
        ({"minimum": "1"}, "$.minimum", 'must be a number, not "1"'),
        ({"minLength": -1}, "$.minLength", "must be a whole number, not -1"),
        ({"pattern": "("}, "$.pattern", "is no regular expression"),
        ({"title": 1}, "$.title", "must be a string, not 1"),
        ({"$ref": "#/$defs/A"}, '$["$ref"]', "leads nowhere"),
        ({"$ref": "http://a.test/x"}, '$["$ref"]', "cannot be followed"),
        ({"$ref": "#"}, "$", "leads nowhere"),
        (
            {"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}},
            '$["$defs"].A',
            "leads nowhere",
        ),
        ([], "$", "must be a schema, not []"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_path(schema: Any, path: str, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        check_schema(schema)
    assert caught.value.path == path
    assert words in str(caught.value)


def test_unknown_keywords_are_let_pass() -> None:
    check_schema({"type": "object", "x-ours": {"type": "int"}, "default": {"type": "int"}})


# JSON Schemas as shapes


FILM = {
    "title": "Film",
    "description": "A film",
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "year": {"type": "integer", "minimum": 1888},
        "seen": {"type": "boolean", "default": False},
        "tags": {"type": "array", "items": {"type": "string"}, "default": []},
        "note": {"type": ["string", "null"]},
    },
    "required": ["title", "note"],
}


def test_a_json_schema_is_a_shape() -> None:
    shape = shape_of(FILM)
    assert (shape.name, shape.description) == ("Film", "A film")
    assert shape.json_schema == FILM
    read = shape.read('{"title": 5, "year": "1979", "seen": null}')
    assert read == {"title": "5", "year": 1979, "seen": False, "tags": [], "note": None}
    read["tags"].append("x")
    assert shape.read({"title": "a"})["tags"] == []


def test_answers_are_validated_against_it() -> None:
    with pytest.raises(InvalidValue) as caught:
        shape_of(FILM).read({"year": 1800, "note": 1, "tags": [True]})
    assert caught.value.errors == [
        ("$.title", "is missing"),
        ("$.year", "must be 1888 or more, not 1800"),
        ("$.tags[0]", "must be a string, not true"),
    ]


def test_a_wrong_schema_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"\$.properties.a.type"):
        shape_of({"type": "object", "properties": {"a": {"type": "int"}}})


@pytest.mark.parametrize(
    "envelope",
    [
        {"name": "Film", "description": "d", "parameters": FILM},
        {"name": "Film", "description": "d", "input_schema": FILM},
        {"name": "Film", "description": "d", "schema": FILM, "strict": True},
        {"type": "function", "function": {"name": "Film", "description": "d", "parameters": FILM}},
        {
            "type": "json_schema",
            "json_schema": {"name": "Film", "description": "d", "schema": FILM},
        },
    ],
)
def test_a_schema_in_an_envelope_is_found(envelope: Any) -> None:
    shape = shape_of(envelope)
    assert (shape.name, shape.description) == ("Film", "d")
    assert shape.json_schema == FILM


def test_older_definitions_are_brought_up_to_date() -> None:
    shape = shape_of(
        {
            "title": "my list!",
            "type": "array",
            "items": {"$ref": "#/definitions/A"},
            "definitions": {"A": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        }
    )
    assert shape.name == "my_list_"
    assert shape.object_schema == {
        "type": "object",
        "properties": {
            "value": {"title": "my list!", "type": "array", "items": {"$ref": "#/$defs/A"}}
        },
        "required": ["value"],
        "$defs": {"A": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    }
    assert shape.read({"value": [{"a": "1"}]}) == [{"a": 1}]


def test_without_a_title_it_is_an_answer() -> None:
    assert shape_of({"type": "object"}).name == "answer"
    assert shape_of({"type": "object", "title": "..."}).name == "___"


# What the wire does to values is undone


@pytest.mark.parametrize(
    "schema, value, meant",
    [
        ({"type": "string"}, 5, "5"),
        ({"type": "number"}, "2.5", 2.5),
        ({"type": "integer"}, 2.0, 2),
        ({"type": "boolean"}, "false", False),
        ({"type": ["integer", "null"]}, "3", 3),
        ({"type": "array", "items": {"type": "integer"}}, '["1"]', [1]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, '{"a": 1}', {"a": "1"}),
        ({"enum": ["Red", "Blue"]}, "red", "Red"),
        ({"const": "Only"}, "ONLY", "Only"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 5, 5),
        ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, "5", 5),
        ({"allOf": [{"type": "integer"}]}, "5", 5),
        ({"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}, ["1", 2], [1, "2"]),
        (
            {"items": [{"type": "integer"}], "additionalItems": {"type": "string"}},
            ["1", 2],
            [1, "2"],
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": "1"}, {"a": 1}),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": None}, {}),
        ({"type": "object", "properties": {"a": {}}}, {"a": None}, {"a": None}),
    ],
)
def test_values_are_read_as_they_are_meant(schema: Any, value: Any, meant: Any) -> None:
    shape = shape_of(schema)
    assert shape.read({"value": value} if shape.is_wrapped else value) == meant
