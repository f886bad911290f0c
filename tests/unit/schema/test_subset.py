"""Narrowing: one test for each thing that a strict mode does not take."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.schema import ANTHROPIC, BEDROCK, GEMINI, OPENAI, RULES, Rules, SchemaError, narrow


def one(part: Any, rules: Rules, *, required: bool = True, **root: Any) -> Any:
    """Narrow an object with one property, and answer what became of the property."""
    schema = {"type": "object", "properties": {"x": part}, **root}
    if required:
        schema["required"] = ["x"]
    narrowed = narrow(schema, rules)
    assert narrow(narrowed, rules) == narrowed
    return narrowed["properties"]["x"]


def refusal(schema: Any, rules: Rules) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        narrow(schema, rules)
    assert isinstance(caught.value, ConfigurationError)
    return caught.value


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT = {"type": "string"}
NULL = {"type": "null"}


def test_the_schema_itself_is_not_changed() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string", "default": "a"}}}
    before = repr(schema)
    for rules in RULES.values():
        narrow(schema, rules)
    assert repr(schema) == before


# Objects


def test_every_property_becomes_required_and_what_was_not_nullable() -> None:
    assert narrow(
        {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["b"]}, OPENAI
    ) == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": TEXT},
        "required": ["a", "b"],
        "additionalProperties": False,
    }


def test_elsewhere_what_is_optional_stays_so() -> None:
    schema = {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["b"]}
    assert narrow(schema, ANTHROPIC) == {**schema, "additionalProperties": False}
    assert narrow(schema, GEMINI) == schema


@pytest.mark.parametrize(
    "part, nullable",
    [
        ({"type": ["integer", "null"]}, {"type": ["integer", "null"]}),
        ({"anyOf": [TEXT, NULL]}, {"anyOf": [TEXT, NULL]}),
        ({"anyOf": [TEXT, {"type": "integer"}]}, {"anyOf": [TEXT, {"type": "integer"}, NULL]}),
        ({"enum": ["a", "b"]}, {"anyOf": [{"type": "string", "enum": ["a", "b"]}, NULL]}),
        ({"const": None}, NULL),
        (
            {"type": "array", "items": TEXT, "description": "d"},
            {"anyOf": [{"type": "array", "items": TEXT}, NULL], "description": "d"},
        ),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ],
)
def test_nullable_in_the_way_that_fits(part: Any, nullable: Any) -> None:
    assert one(part, OPENAI, required=False) == nullable


@pytest.mark.parametrize("rules", [OPENAI, ANTHROPIC, BEDROCK])
@pytest.mark.parametrize(
    "part",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "patternProperties": {"^a": TEXT}},
    ],
)
def test_a_dict_is_refused_with_path_and_remedy(part: Any, rules: Rules) -> None:
    error = refusal(obj(a={"type": "array", "items": obj(b=part)}), rules)
    assert error.path == "$.a[].b"
    assert "any keys (a dict)" in str(error)
    assert "make it a list of objects with a key and a value" in str(error)
    assert rules.url in str(error)


def test_a_dict_is_taken_where_free_keys_can_be_had() -> None:
    part = {"type": "object", "additionalProperties": {"type": "integer", "exclusiveMinimum": 0}}
    assert one(part, GEMINI) == {
        "type": "object",
        "additionalProperties": {"type": "integer", "description": "More than 0"},
    }


def test_open_objects_with_known_keys_are_closed() -> None:
    part = {"type": "object", "properties": {"a": TEXT}, "additionalProperties": True}
    assert one(part, OPENAI)["additionalProperties"] is False


def test_an_object_without_keys_is_one() -> None:
    assert one({"type": "object", "properties": {}}, OPENAI) == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


# The root


@pytest.mark.parametrize(
    "schema", [TEXT, {"type": "array", "items": TEXT}, {"anyOf": [obj(a=TEXT), obj(b=TEXT)]}]
)
def test_the_root_must_be_one_object(schema: Any) -> None:
    for rules in RULES.values():
        assert refusal(schema, rules).path == "$"


def test_a_root_that_is_a_reference_is_written_out() -> None:
    schema = {"$ref": "#/$defs/A", "$defs": {"A": obj(a=TEXT)}, "description": "d"}
    assert narrow(schema, GEMINI) == {**obj(a=TEXT), "description": "d"}


# References and circles


def test_what_stands_beside_a_reference_is_merged_into_it() -> None:
    definitions = {"N": {"type": "integer", "description": "A number", "minimum": 0}}
    part = {"$ref": "#/$defs/N", "description": "How many", "default": 1}
    assert one(part, OPENAI, **{"$defs": definitions}) == {
        "type": "integer",
        "description": "How many (default: 1)",
        "minimum": 0,
    }


def test_a_reference_alone_stays_one() -> None:
    narrowed = narrow({**obj(a={"$ref": "#/$defs/N"}), "$defs": {"N": obj(b=TEXT)}}, ANTHROPIC)
    assert narrowed["properties"] == {"a": {"$ref": "#/$defs/N"}}
    assert narrowed["$defs"] == {"N": {**obj(b=TEXT), "additionalProperties": False}}


def test_definitions_that_nobody_uses_go() -> None:
    assert "$defs" not in narrow({**obj(a=TEXT), "$defs": {"N": {"type": "object"}}}, OPENAI)


def test_older_definitions_are_found() -> None:
    schema = {**obj(a={"$ref": "#/definitions/N"}), "definitions": {"N": obj(b=TEXT)}}
    narrowed = narrow(schema, BEDROCK)
    assert narrowed["properties"]["a"] == {"$ref": "#/$defs/N"}
    assert "definitions" not in narrowed


NODE = {
    "type": "object",
    "properties": {
        "next": {"anyOf": [{"$ref": "#/$defs/Node"}, NULL]},
        "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
    },
    "required": ["next", "kids"],
}
LIST = {
    "type": "object",
    "properties": {"head": {"$ref": "#/$defs/Node", "description": "First"}},
    "required": ["head"],
    "$defs": {"Node": NODE},
}


def test_circles_stay_where_they_may() -> None:
    narrowed = narrow(LIST, OPENAI)
    assert narrowed["properties"]["head"] == {
        "anyOf": [{"$ref": "#/$defs/Node"}],
        "description": "First",
    }
    assert narrowed["$defs"]["Node"]["required"] == ["next", "kids"]
    assert narrow(narrowed, OPENAI) == narrowed


def test_circles_are_made_optional_where_they_must_be() -> None:
    narrowed = narrow(LIST, GEMINI)
    assert narrowed["required"] == []
    assert narrowed["$defs"]["Node"]["required"] == []


def test_circles_are_refused_where_they_must_be() -> None:
    for rules in (ANTHROPIC, BEDROCK):
        error = refusal(LIST, rules)
        assert error.path == "$.head"
        assert "mentions itself" in str(error)


def test_the_root_may_mention_itself() -> None:
    schema = obj(a=TEXT, b={"anyOf": [{"$ref": "#"}, NULL]})
    assert narrow(schema, OPENAI)["properties"]["b"] == {"anyOf": [{"$ref": "#"}, NULL]}


def test_a_circle_of_compositions_is_refused() -> None:
    schema = {**obj(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}
    assert "mentions itself at once" in str(refusal(schema, OPENAI))


# Compositions


def test_all_of_becomes_one() -> None:
    part = {
        "allOf": [
            {"$ref": "#/$defs/A"},
            {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ],
        "description": "Both",
    }
    definitions = {"A": {**obj(a=TEXT), "description": "One"}}
    assert one(part, ANTHROPIC, **{"$defs": definitions}) == {
        "type": "object",
        "description": "Both",
        "properties": {"a": TEXT, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }


def test_all_of_keeps_the_narrower_bound() -> None:
    part = {
        "allOf": [
            {"type": "number", "minimum": 1, "maximum": 9, "enum": [1, 2, 3]},
            {"type": "integer", "minimum": 2, "maximum": 10, "enum": [2, 3, 4]},
        ]
    }
    assert one(part, OPENAI) == {"type": "integer", "enum": [2, 3]}
    bounds = {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 2, "maximum": 5}]}
    assert one(bounds, OPENAI) == {"type": "integer", "minimum": 2, "maximum": 5}


def test_all_of_that_contradicts_itself_is_refused() -> None:
    for part in (
        {"allOf": [TEXT, {"type": "integer"}]},
        {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
    ):
        assert refusal(obj(x=part), OPENAI).path == "$.x"


def test_one_of_becomes_any_of() -> None:
    part = {"oneOf": [TEXT, {"type": "integer"}], "discriminator": {"propertyName": "k"}}
    for rules in RULES.values():
        assert one(part, rules) == {"anyOf": [TEXT, {"type": "integer"}]}


def test_what_stands_beside_any_of_holds_for_each() -> None:
    part = {
        "type": "object",
        "properties": {"a": TEXT},
        "required": ["a"],
        "anyOf": [{"properties": {"b": TEXT}, "required": ["b"]}, {"properties": {"c": NULL}}],
        "description": "d",
    }
    narrowed = one(part, ANTHROPIC)
    assert narrowed["description"] == "d"
    assert [branch["required"] for branch in narrowed["anyOf"]] == [["b", "a"], ["a"]]


def test_any_of_of_one_is_that_one() -> None:
    assert one({"anyOf": [TEXT], "description": "d"}, OPENAI) == {**TEXT, "description": "d"}
    assert one({"anyOf": [TEXT, TEXT, False]}, OPENAI) == TEXT


def test_nested_alternatives_are_one_list() -> None:
    part = {"anyOf": [{"anyOf": [TEXT, {"type": "integer"}]}, NULL]}
    assert one(part, OPENAI) == {"anyOf": [TEXT, {"type": "integer"}, NULL]}


def test_conditions_are_left_to_reading() -> None:
    part = {**TEXT, "not": {"const": "a"}, "if": {"const": "b"}, "then": False}
    assert one(part, OPENAI) == TEXT


# Types, choices


def test_several_types_are_told_apart_where_there_is_more_to_say() -> None:
    part = {"type": ["array", "string", "null"], "items": TEXT, "minLength": 2, "description": "d"}
    assert one(part, ANTHROPIC) == {
        "anyOf": [
            {"type": "array", "items": TEXT},
            {"type": "string", "description": "At least 2 characters"},
            NULL,
        ],
        "description": "d",
    }


@pytest.mark.parametrize("part", [{}, True, {"description": "anything"}, {"type": "array"}])
def test_anything_is_refused(part: Any) -> None:
    for rules in RULES.values():
        error = refusal(obj(x=part), rules)
        assert error.path.startswith("$.x")
        assert "say what type it has" in str(error)


def test_nothing_is_refused() -> None:
    for part in (False, {"anyOf": [False]}):
        assert refusal(obj(x=part), OPENAI).path == "$.x"


@pytest.mark.parametrize(
    "part, kind",
    [
        ({"properties": {"a": TEXT}}, "object"),
        ({"items": TEXT}, "array"),
        ({"pattern": "a"}, "string"),
        ({"minimum": 1}, "number"),
    ],
)
def test_a_type_that_is_plain_from_the_keywords_is_written_down(part: Any, kind: str) -> None:
    assert one(part, OPENAI)["type"] == kind


def test_choices_are_grouped_by_type() -> None:
    part = {"enum": ["a", 1, None, 2.5, "b"], "description": "d"}
    assert one(part, OPENAI) == {
        "anyOf": [
            {"type": "string", "enum": ["a", "b"]},
            NULL,
            {"type": "number", "enum": [1, 2.5]},
        ],
        "description": "d",
    }


def test_constants_are_choices_where_they_are_not_known() -> None:
    assert one({"const": "a"}, OPENAI) == {"type": "string", "const": "a"}
    assert one({"const": "a"}, GEMINI) == {"type": "string", "enum": ["a"]}
    assert one({"const": True}, GEMINI) == {"type": "boolean"}
    assert one({"enum": ["a", "b"], "const": "b"}, OPENAI) == {"type": "string", "const": "b"}


def test_choices_that_the_type_excludes_go() -> None:
    assert one({"type": "string", "enum": ["a", None]}, OPENAI) == {"type": "string", "enum": ["a"]}


def test_choices_among_objects_are_refused() -> None:
    assert "list simple values" in str(refusal(obj(x={"enum": [{"a": 1}]}), OPENAI))


# Arrays


def test_tuples_become_arrays_of_their_items() -> None:
    part = {"prefixItems": [TEXT, {"type": "integer"}], "minItems": 2, "maxItems": 2}
    items = {"anyOf": [TEXT, {"type": "integer"}]}
    assert one(part, OPENAI) == {"type": "array", "minItems": 2, "maxItems": 2, "items": items}
    assert one(part, GEMINI)["prefixItems"] == [TEXT, {"type": "integer"}]
    assert one(part, ANTHROPIC) == {
        "type": "array",
        "minItems": 1,
        "description": "At least 2 items; at most 2 items",
        "items": items,
    }


def test_older_tuples_too() -> None:
    assert one({"type": "array", "items": [TEXT, TEXT]}, OPENAI)["items"] == TEXT


def test_an_empty_tuple_is_an_array_of_nothing() -> None:
    assert one({"type": "array", "maxItems": 0}, OPENAI)["items"] == NULL


# Bounds and words


@pytest.mark.parametrize(
    "part, rules, told",
    [
        (
            {"type": "string", "minLength": 2, "maxLength": 5},
            OPENAI,
            {"type": "string", "description": "At least 2 characters; at most 5 characters"},
        ),
        (
            {"type": "integer", "minimum": 1, "description": "N"},
            ANTHROPIC,
            {"type": "integer", "description": "N (1 or more)"},
        ),
        ({"type": "integer", "minimum": 1}, OPENAI, {"type": "integer", "minimum": 1}),
        (
            {"type": "number", "multipleOf": 2, "exclusiveMaximum": 9},
            GEMINI,
            {"type": "number", "description": "Less than 9; a multiple of 2"},
        ),
        (
            {"type": "string", "format": "uri"},
            OPENAI,
            {"type": "string", "description": "Format: uri"},
        ),
        ({"type": "string", "format": "uri"}, BEDROCK, {"type": "string", "format": "uri"}),
        (
            {"type": "string", "contentEncoding": "base64"},
            OPENAI,
            {"type": "string", "description": "Written as base64"},
        ),
        ({"type": "string", "pattern": "^a+$"}, OPENAI, {"type": "string", "pattern": "^a+$"}),
        (
            {"type": "string", "pattern": "(?=a)"},
            OPENAI,
            {"type": "string", "description": "Matching (?=a)"},
        ),
        (
            {"type": "array", "items": TEXT, "uniqueItems": True},
            OPENAI,
            {"type": "array", "items": TEXT, "description": "No item twice"},
        ),
        (
            {"type": "array", "items": TEXT, "minItems": 1},
            ANTHROPIC,
            {"type": "array", "items": TEXT, "minItems": 1},
        ),
        ({"type": "string", "default": "a"}, ANTHROPIC, {"type": "string", "default": "a"}),
        (
            {"type": "string", "default": "a", "title": "T"},
            OPENAI,
            {"type": "string", "title": "T", "description": 'Default: "a"'},
        ),
        ({"type": ["string", "null"], "default": None}, OPENAI, {"type": ["string", "null"]}),
        ({"type": "string", "examples": ["a"], "deprecated": True, "x-own": 1}, GEMINI, TEXT),
    ],
)
def test_what_cannot_be_demanded_is_said_in_words(part: Any, rules: Rules, told: Any) -> None:
    assert one(part, rules) == told


# Limits


def nested(depth: int) -> Any:
    schema: Any = obj(x=TEXT)
    for _ in range(depth - 1):
        schema = obj(x=schema)
    return schema


def test_depth_is_limited() -> None:
    narrow(nested(10), OPENAI)
    error = refusal(nested(11), OPENAI)
    assert error.path == "$" + ".x" * 10
    narrow(nested(11), GEMINI)


@pytest.mark.parametrize(
    "schema, rules, words",
    [
        (obj(**{f"p{n}": TEXT for n in range(5_001)}), OPENAI, "5000 properties"),
        (obj(x={"enum": [f"c{n}" for n in range(1_001)]}), OPENAI, "1000 values in enums"),
        (obj(**{"n" * 120_001: TEXT}), OPENAI, "120000 characters in names and enums"),
        (obj(x={"enum": ["c" * 60 + str(n) for n in range(251)]}), OPENAI, "15000 characters"),
        (
            {"type": "object", "properties": {f"p{n}": TEXT for n in range(25)}},
            ANTHROPIC,
            "24 optional properties",
        ),
        (
            obj(**{f"p{n}": {"type": ["string", "null"]} for n in range(17)}),
            ANTHROPIC,
            "16 properties of several types",
        ),
    ],
)
def test_size_is_limited(schema: Any, rules: Rules, words: str) -> None:
    assert f"takes {words} at most" in str(refusal(schema, rules))


def test_a_row_shows_its_name() -> None:
    assert repr(OPENAI) == 'Rules("OpenAI\'s strict mode")'
