"""Every type of the catalogue: to a schema, narrowed for every provider, and back to a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conure.schema import RULES, SchemaError, check_schema, narrow, shape_of
from conure.schema.refs import parts_of, resolved
from conure.schema.validate import is_valid
from tests.unit.schema.catalogue import CASES, Case

STRUCTURE = {
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "type",
}

each_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{n}-{c.type}" for n, c in enumerate(CASES)]
)
each_provider = pytest.mark.parametrize("provider", RULES)


def test_there_are_many() -> None:
    assert len({repr(case.type) for case in CASES}) >= 80


@each_case
def test_the_schema_is_one_and_takes_the_answer(case: Case) -> None:
    shape = shape_of(case.type)
    check_schema(shape.json_schema)
    check_schema(shape.object_schema)
    assert is_valid(case.answer, shape.json_schema)


@each_case
def test_the_answer_is_read_back(case: Case) -> None:
    shape = shape_of(case.type)
    value = shape.read(json.dumps(case.answer))
    assert value == case.value
    assert type(value) is type(case.value)
    assert shape.read(_as_sent(case, case.answer)) == case.value


@each_case
def test_what_is_read_is_read_again_as_it_is(case: Case) -> None:
    assert shape_of(case.type).read(_as_sent(case, case.value)) == case.value


def _as_sent(case: Case, value: Any) -> Any:
    return {"value": value} if shape_of(case.type).is_wrapped else value


@each_provider
@each_case
def test_narrowed_it_is_what_the_provider_documents(case: Case, provider: str) -> None:
    shape, rules = shape_of(case.type), RULES[provider]
    if provider in case.refused:
        with pytest.raises(SchemaError) as caught:
            shape.narrowed(rules)
        assert caught.value.path == case.path
        assert rules.url in str(caught.value)
        return
    narrowed = shape.narrowed(rules)
    check_schema(narrowed)
    assert list(violations(narrowed, provider)) == []
    assert narrow(narrowed, rules) == narrowed


TAKEN = [(case, provider) for case in CASES for provider in RULES if provider not in case.refused]


@pytest.mark.parametrize("case, provider", TAKEN)
def test_what_the_provider_makes_the_model_say_is_read_back(case: Case, provider: str) -> None:
    shape = shape_of(case.type)
    narrowed = shape.narrowed(RULES[provider])
    said = as_told(_as_sent(case, case.answer), narrowed, narrowed)
    assert is_valid(said, narrowed), said
    assert shape.read(json.dumps(said)) == case.value


def as_told(answer: Any, schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """Say null where a strict mode requires what the answer leaves out."""
    if "$ref" in schema:
        return as_told(answer, resolved(schema["$ref"], root), root)
    for branch in schema.get("anyOf", ()):
        said = as_told(answer, branch, root)
        if is_valid(said, branch, root):
            return said
    if isinstance(answer, dict) and "properties" in schema:
        parts = schema["properties"]
        nulls = {key: None for key in schema["required"] if key not in answer}
        return nulls | {
            key: as_told(item, parts.get(key, {}), root) for key, item in answer.items()
        }
    if isinstance(answer, list) and isinstance(schema.get("items"), dict):
        return [as_told(item, schema["items"], root) for item in answer]
    return answer


def violations(schema: Any, provider: str) -> Iterator[str]:
    """Look for what a provider's documentation forbids, without our own narrowing."""
    rules = RULES[provider]
    allowed = STRUCTURE | rules.keywords | ({"prefixItems"} if rules.tuples else set())
    yield from (f"keyword {keyword}" for keyword in schema.keys() - allowed)
    if "$ref" in schema and len(schema) > 1 and "$defs" not in schema:
        yield "something beside $ref"
    if not schema.keys() & {"type", "anyOf", "$ref"}:
        yield f"no type: {schema}"
    if schema.get("type") == "object" and provider != "gemini":
        if schema.get("additionalProperties") is not False:
            yield "open object"
        if provider == "openai" and list(schema["properties"]) != schema["required"]:
            yield "not all required"
    if schema.get("format", next(iter(rules.formats))) not in rules.formats:
        yield f"format {schema['format']}"
    if schema.get("type") == "array" and not schema.keys() & {"items", "prefixItems"}:
        yield "array of anything"
    for _, part in parts_of(schema):
        if isinstance(part, dict):
            yield from violations(part, provider)
