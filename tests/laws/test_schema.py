"""Laws of schemas: narrowing, reading and the validator agree, for schemas that nobody wrote."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings, strategies as st

from conure.messages.arguments import read_partial
from conure.schema import (
    RULES,
    PartialJSON,
    SchemaError,
    check_schema,
    narrow,
    parse_partial,
    shape_of,
)
from conure.schema.mend import mended
from conure.schema.refs import resolved
from conure.schema.validate import is_valid
from tests.unit.schema.test_of_type import as_told, violations

NAMES = st.sampled_from(["a", "b", "c", "first name", "$x"])
WORDS = st.fixed_dictionaries(
    {}, optional={"description": st.sampled_from(["", "Words"]), "title": st.just("Title")}
)


def _bounded(kind: str, **bounds: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=bounds)


LEAVES = st.one_of(
    _bounded(
        "string",
        minLength=st.integers(0, 2),
        maxLength=st.integers(2, 4),
        pattern=st.sampled_from(["", "a?", "(?=)"]),
    ),
    _bounded("string", format=st.sampled_from(["date", "uuid", "uri", "of-our-own"])),
    _bounded("integer", minimum=st.integers(-3, 0), exclusiveMaximum=st.integers(5, 9)),
    _bounded("number", maximum=st.integers(3, 9), multipleOf=st.just(1)),
    _bounded("boolean"),
    _bounded("null"),
    st.builds(lambda kinds: {"type": kinds}, st.just(["string", "null"])),
    st.builds(
        lambda choices: {"enum": choices},
        st.lists(st.sampled_from(["a", "b", 1, 2.5, True, None]), min_size=1, unique_by=repr),
    ),
    st.builds(lambda value: {"const": value}, st.sampled_from(["a", 1, None])),
)


@st.composite
def _objects(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, parts, max_size=3))
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required := [key for key in properties if draw(st.booleans())]:
        schema["required"] = required
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.booleans())
    return schema


def _composed(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        _objects(parts),
        st.builds(lambda items: {"type": "array", "items": items}, parts),
        st.builds(
            lambda items: {"prefixItems": items, "minItems": len(items), "maxItems": len(items)},
            lists,
        ),
        st.builds(lambda branches: {"anyOf": branches}, lists),
        st.builds(lambda branches: {"oneOf": branches}, lists),
        st.builds(lambda part: {"allOf": [part]}, parts),
        st.builds(lambda values: {"type": "object", "additionalProperties": values}, parts),
        st.sampled_from([{"$ref": "#/$defs/Leaf"}, {"$ref": "#/$defs/Node"}, {}]),
    )


WITH_WORDS = st.builds(
    lambda part, words: {**part, **words}, st.recursive(LEAVES, _composed, max_leaves=8), WORDS
)


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """JSON Schemas with an object at their root, and definitions, one of which is a circle."""
    root = draw(_objects(WITH_WORDS))
    leaf = draw(LEAVES)
    node = {
        "type": "object",
        "properties": {"leaf": {"$ref": "#/$defs/Leaf"}, "next": {"$ref": "#/$defs/Node"}},
    }
    return {**root, "$defs": {"Leaf": leaf, "Node": node}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 9) | st.sampled_from([2.5, 1.0, "", "a", "b", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def _answer(draw: st.DrawFn, schema: Any, root: Any, depth: int = 0) -> Any:  # noqa: PLR0911
    """Draw a value that has a good chance to be right."""
    while "$ref" in schema:
        schema, depth = resolved(schema["$ref"], root), depth + 1
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            return _answer(draw, draw(st.sampled_from(schema[keyword])), root, depth)
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    match schema.get("type"):
        case None if "prefixItems" in schema:
            return [_answer(draw, part, root, depth) for part in schema["prefixItems"]]
        case "object":
            parts = schema.get("properties", {})
            said = [k for k in parts if k in schema.get("required", ()) or draw(st.booleans())]
            said = [k for k in said if depth < 3 or k != "next"]
            return {key: _answer(draw, parts[key], root, depth) for key in said}
        case "array":
            return [_answer(draw, schema["items"], root, depth)] * draw(st.integers(0, 2))
        case "string" if "format" in schema:
            return draw(st.sampled_from(["2026-01-31", "12345678-1234-5678-1234-567812345678"]))
        case kind:
            return draw(st.sampled_from(SAMPLES[str(kind)]))


SAMPLES: dict[str, list[Any]] = {
    "string": ["", "a", "ab"],
    "integer": [0, 1, 2],
    "number": [0, 1.0, 2],
    "boolean": [True, False],
    "null": [None],
    "None": [None, 1, "a"],
    "['string', 'null']": ["a", None],
}


@st.composite
def answered(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    """Draw a schema with an answer that is right."""
    schema = draw(schemas())
    answer = _answer(draw, {**schema, "additionalProperties": False}, schema)
    assume(is_valid(answer, schema))
    return schema, answer


often = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def narrowed(schema: dict[str, Any], provider: str) -> dict[str, Any] | None:
    try:
        return narrow(schema, RULES[provider])
    except SchemaError:
        return None


@often
@given(schemas(), st.sampled_from(sorted(RULES)))
def test_narrowing_twice_changes_nothing(schema: dict[str, Any], provider: str) -> None:
    once = narrowed(schema, provider)
    if once is not None:
        check_schema(once)
        assert narrow(once, RULES[provider]) == once
        assert list(violations(once, provider)) == []


@often
@given(answered(), st.sampled_from(sorted(RULES)))
def test_what_is_right_may_be_said_and_is_read_back(
    pair: tuple[dict[str, Any], Any], provider: str
) -> None:
    """A strict mode forbids no right answer, and what it makes of one still means the same."""
    schema, answer = pair
    once = narrowed(schema, provider)
    if once is not None:
        told = as_told(answer, once, once)
        assert is_valid(told, once)
        read = shape_of(schema).read(told)
        assert is_valid(read, schema)
        # Where null is a value of an optional key, null and absence cannot be told apart.
        assert _without_nulls(read) == _without_nulls(shape_of(schema).read(answer))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


@often
@given(answered())
def test_what_is_right_is_read_as_it_is(pair: tuple[dict[str, Any], Any]) -> None:
    schema, answer = pair
    assert shape_of(schema).read(answer) == answer


@often
@given(schemas(), JSON)
def test_reading_and_validating_agree(schema: dict[str, Any], value: Any) -> None:
    """What is valid as it is, is read; what is read is valid."""
    shape = shape_of(schema)
    try:
        read = shape.read({"x": value} if not isinstance(value, dict) else value)
    except ValueError:
        assert not is_valid(value, schema)
    else:
        assert is_valid(read, schema)


@often
@given(schemas(), JSON)
def test_mending_twice_changes_nothing(schema: dict[str, Any], value: Any) -> None:
    once = mended(value, schema, fill=True)
    assert mended(once, schema, fill=True) == once


@often
@given(JSON, st.integers(1, 5), st.booleans())
def test_pieces_are_the_whole(value: Any, size: int, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    partial = PartialJSON()
    for start in range(0, len(text), size):
        partial.feed(text[start : start + size])
    assert partial.close() == value


@often
@given(st.dictionaries(NAMES, JSON, max_size=3), st.integers(0, 200))
def test_partial_values_are_those_of_arguments(value: dict[str, Any], end: int) -> None:
    text = json.dumps(value)[:end]
    assert (parse_partial(text) or {}) == (read_partial(text) or {})


@often
@given(st.text(max_size=30))
def test_any_text_is_survived(text: str) -> None:
    parse_partial(text)
    parse_partial("{" + text)
    parse_partial('["' + text)
