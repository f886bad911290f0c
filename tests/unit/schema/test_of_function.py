"""Functions: what a model is told of their parameters, and how they are called."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any, Literal

import annotated_types
import pydantic
import pytest

from conure.schema import InvalidValue, SchemaError, shape_of_function

if TYPE_CHECKING:
    from nowhere import Missing


def plan(  # noqa: D417 - not all are described
    city: str,
    days: int = 3,
    *,
    mode: Literal["car", "train"] = "train",
    notes: list[str] | None = None,
    budget: Annotated[float, annotated_types.Ge(0), "In euros"] = 100,
) -> Missing:
    """Plan a trip.

    It need not be
    a long one.

    Args:
        city: Where to go,
            by name.
        days (int): How long.
        budget: Not this.

    Returns:
        A plan.

    """
    return city, days, mode, notes, budget


def test_a_signature_becomes_a_schema() -> None:
    own = shape_of_function(plan, parse_docstring=True)
    assert own.name == "plan"
    assert own.description == "Plan a trip.\n\nIt need not be a long one."
    assert own.json_schema == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where to go, by name."},
            "days": {"type": "integer", "description": "How long.", "default": 3},
            "mode": {"type": "string", "enum": ["car", "train"], "default": "train"},
            "notes": {
                "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
                "default": None,
            },
            "budget": {
                "type": "number",
                "minimum": 0,
                "description": "In euros",
                "default": 100,
            },
        },
        "required": ["city"],
    }


def test_only_what_was_said_reaches_the_function() -> None:
    own = shape_of_function(plan)
    assert own.read({"city": "Rome", "other": 1}) == {"city": "Rome"}
    assert own.read({"city": "Rome", "days": "2", "mode": None}) == {"city": "Rome", "days": 2}
    assert own.call(plan, own.read({"city": "Rome"})) == ("Rome", 3, "train", None, 100)


def test_every_problem_is_told() -> None:
    with pytest.raises(InvalidValue) as caught:
        shape_of_function(plan).read({"days": "x", "budget": -1})
    assert caught.value.errors == [
        ("$.city", "is missing"),
        ("$.days", 'must be an integer, not "x"'),
        ("$.budget", "must be 0 or more, not -1.0"),
    ]


def test_a_docstring_that_is_not_taken_apart_is_only_dedented() -> None:
    assert shape_of_function(plan).description.splitlines()[:4] == [
        "Plan a trip.",
        "",
        "It need not be",
        "a long one.",
    ]
    assert "    city: Where to go,\n        by name." in shape_of_function(plan).description


def test_every_kind_of_parameter() -> None:
    def every(a: int, /, b: int, *more: int, c: int, **rest: str) -> Any:
        return a, b, more, c, rest

    own = shape_of_function(every)
    assert own.json_schema == {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "integer"},
            "more": {"type": "array", "items": {"type": "integer"}},
            "c": {"type": "integer"},
        },
        "required": ["a", "b", "c"],
        "additionalProperties": {"type": "string"},
    }
    read = own.read({"a": 1, "b": 2, "more": [3, "4"], "c": 5, "x": 6})
    assert own.call(every, read) == (1, 2, (3, 4), 5, {"x": "6"})
    assert own.call(every, own.read({"a": 1, "b": 2, "c": 3})) == (1, 2, (), 3, {})
    with pytest.raises(InvalidValue, match=r"\$.x: must be a string"):
        own.read({"a": 1, "b": 2, "c": 3, "x": []})


def test_without_hints_anything_goes() -> None:
    def loose(a, b=1, *args, **kwargs):
        return a, b, args, kwargs

    own = shape_of_function(loose)
    assert own.json_schema == {
        "type": "object",
        "properties": {"a": {}, "b": {"default": 1}, "args": {"type": "array", "items": {}}},
        "required": ["a"],
        "additionalProperties": True,
    }
    assert own.call(loose, own.read({"a": [1], "z": 2})) == ([1], 1, (), {"z": 2})
    with pytest.raises(InvalidValue, match="a: is missing"):
        own.read({})


def test_types_made_where_the_function_was_made_are_found() -> None:
    class Spot(pydantic.BaseModel):
        name: str

    def go(to: Spot, via: list[Spot] = []) -> None:  # noqa: B006 - never changed
        """Go."""

    own = shape_of_function(go)
    assert own.read({"to": {"name": "Rome"}})["to"] == Spot(name="Rome")


def test_fields_of_pydantic_as_defaults() -> None:
    def find(
        limit: int = pydantic.Field(5, ge=1, description="How many"),
        query: str = pydantic.Field(description="What"),
    ) -> None:
        """Find."""

    own = shape_of_function(find)
    assert own.json_schema == {
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "description": "How many", "default": 5},
            "query": {"type": "string", "description": "What"},
        },
        "required": ["query"],
    }
    assert own.read({"query": "a"}) == {"limit": 5, "query": "a"}


def test_what_can_be_called_but_is_no_function() -> None:
    class Finder:
        """Find things."""

        def __call__(self, query: str) -> str:
            return query

        def method(self, query: str) -> str:
            """Ask."""
            return query

    class Bare:
        def __call__(self, query: str) -> str:
            """Ask again."""
            return query

    found = shape_of_function(Finder())
    assert (found.name, found.description) == ("Finder", "Find things.")
    assert list(found.json_schema["properties"]) == ["query"]
    assert shape_of_function(Bare()).description == "Ask again."
    assert shape_of_function(Finder().method).name == "method"
    part = shape_of_function(functools.partial(plan, days=1))
    assert part.name == "plan"
    assert part.json_schema["properties"]["days"]["default"] == 1


def test_a_wrapped_function_shows_through() -> None:
    def twice(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return [function(*args, **kwargs)] * 2

        return wrapper

    own = shape_of_function(twice(plan))
    assert own.json_schema == shape_of_function(plan).json_schema


def test_what_others_supply_is_kept_out() -> None:
    own = shape_of_function(plan, is_injected=lambda name, _: "me" if name == "days" else None)
    assert own.injected == {"days": "me"}
    assert "days" not in own.json_schema["properties"]
    assert own.read({"city": "Rome", "days": "many"}) == {"city": "Rome"}


@pytest.mark.parametrize(
    "docstring, message",
    [
        (None, "needs a docstring"),
        ("No section.", "no section `Args:`"),
        ("Close.\nArgs:\n    a: x", "no section `Args:`"),
        ("Other.\n\nArgs:\n    b: x", "'b', which is no parameter"),
    ],
)
def test_docstrings_can_be_demanded(docstring: str | None, message: str) -> None:
    def act(a: int) -> None: ...

    act.__doc__ = docstring
    with pytest.raises(SchemaError, match=message):
        shape_of_function(act, parse_docstring=True, strict_docstring=True)
    shape_of_function(act, parse_docstring=True)


def test_no_arguments_need_no_section() -> None:
    def now() -> None:
        """Tell the time."""

    own = shape_of_function(now, parse_docstring=True, strict_docstring=True)
    assert own.json_schema == {"type": "object", "properties": {}}


def test_what_cannot_be_said_has_a_path() -> None:
    def send(to: list[object], how: type[int]) -> None: ...

    with pytest.raises(SchemaError, match=r"\$.how: .* has no JSON Schema"):
        shape_of_function(send)

    def rest(**how: type[int]) -> None: ...

    with pytest.raises(SchemaError, match=r"\$.how"):
        shape_of_function(rest)
    with pytest.raises(SchemaError, match="has no signature"):
        shape_of_function(int)
