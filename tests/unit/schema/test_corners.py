"""Corners of types and schemas that few people come by."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Final, Generic, NamedTuple, Self, TypedDict, TypeVar

import annotated_types
import attrs
import msgspec
import pydantic
import pytest
import typing_extensions

import conure.schema
from conure.schema import (
    OPENAI,
    InvalidValue,
    PartialJSON,
    SchemaError,
    narrow,
    shape_of,
    shape_of_function,
)
from conure.schema.form import Definitions, Form, NamedForm
from conure.schema.merge import both

T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
Either = TypeVar("Either", int, str)
Defaulted = typing_extensions.TypeVar("Defaulted", default=bool)


class Name(str):
    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not text.istitle():
            raise ValueError("must begin with a capital")
        return super().__new__(cls, text)


@attrs.define
class Parrot:
    """A bird."""

    _name: str
    wings: int = 2
    words: list[str] = attrs.field(factory=list, metadata={"description": "What it says."})
    hidden: int = attrs.field(default=1, init=False)


@dataclass
class Hidden:
    a: int
    b: int = field(default=1, init=False)
    c: ClassVar[int] = 3
    d: Final[int] = 4  # pyright: ignore[reportGeneralTypeIssues]


@dataclass
class Loose(Generic[T, Bound, Either, Defaulted]):
    any: T
    bound: Bound
    either: Either
    defaulted: Defaulted


class Spot(NamedTuple):
    x: int
    y: int = 0


def read(tp: Any, value: Any) -> Any:
    shape = shape_of(tp)
    return shape.read({"value": value} if shape.is_wrapped else value)


def wrong(tp: Any, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidValue) as caught:
        read(tp, value)
    return caught.value.errors


# Types


def test_classes_derived_from_scalars() -> None:
    name = read(Name, "Polly")
    assert name == "Polly"
    assert type(name) is Name
    assert read(Name, name) is name
    assert wrong(list[Name], ["polly"]) == [("$[0]", "must begin with a capital")]
    assert shape_of(Name).json_schema == {"type": "string"}
    assert read(PurePosixPath, "a/b") == PurePosixPath("a/b")


def test_regular_expressions() -> None:
    pattern = read(re.Pattern[str], "a+")
    assert pattern.match("aa")
    assert read(re.Pattern, pattern) is pattern
    assert wrong(re.Pattern, "(") == [("$", 'must be a regular expression, not "("')]


def test_attrs_classes() -> None:
    assert shape_of(Parrot).json_schema == {
        "type": "object",
        "description": "A bird.",
        "properties": {
            "name": {"type": "string"},
            "wings": {"type": "integer", "default": 2},
            "words": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What it says.",
            },
        },
        "required": ["name"],
    }
    assert read(Parrot, {"name": "Polly", "wings": "1"}) == Parrot("Polly", 1)


def test_fields_that_nobody_may_set() -> None:
    assert list(shape_of(Hidden).json_schema["properties"]) == ["a", "d"]
    assert read(Hidden, {"a": 1}).d == 4


def test_named_tuples_from_arrays() -> None:
    assert read(Spot, [1, "2"]) == Spot(1, 2)
    assert read(Spot, [1]) == Spot(1)
    assert wrong(Spot, []) == [("$.x", "is missing")]


def test_type_variables_that_stand_for_nothing() -> None:
    properties = shape_of(Loose).json_schema["properties"]
    assert properties == {
        "any": {},
        "bound": {"type": "integer"},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "defaulted": {"type": "boolean"},
    }


def test_generic_arguments_that_cannot_be_hashed() -> None:
    @dataclass
    class Box(Generic[T]):
        content: T

    tp = Box[Annotated[int, annotated_types.Ge(0), []]]  # type: ignore[misc]
    assert read(tp, {"content": 1}) == Box(1)


def test_two_types_of_one_name() -> None:
    def made(kind: Any) -> Any:
        return msgspec.defstruct("Same", [("x", kind)])

    first, second = made(int), made(str)
    definitions = shape_of(tuple[first, second]).json_schema["$defs"]
    assert {name: part["properties"]["x"]["type"] for name, part in definitions.items()} == {
        "Same": "integer",
        "Same_2": "string",
    }


def test_two_models_of_one_name() -> None:
    def made(kind: Any) -> Any:
        inner = pydantic.create_model("Inner", y=(kind, ...))
        return pydantic.create_model("Same", x=(inner, ...))

    first, second = made(int), made(str)
    schema = shape_of(tuple[first, second]).json_schema
    assert schema["$defs"]["Same"]["properties"]["x"] == {"$ref": "#/$defs/Inner"}
    assert schema["$defs"]["Same_2"]["properties"]["x"] == {"$ref": "#/$defs/Inner_2"}
    value = read(tuple[first, second], [{"x": {"y": 1}}, {"x": {"y": "a"}}])
    assert value[1].x.y == "a"


def test_a_default_of_its_own_in_a_typed_dict() -> None:
    class Options(TypedDict):
        n: Annotated[int, 5]
        s: Annotated[str, ...]

    assert read(Options, {"s": "a"}) == {"n": 5, "s": "a"}
    assert shape_of(Options).json_schema["required"] == ["s"]


def test_defaults_that_are_no_json_are_not_shown() -> None:
    @dataclass
    class Odd:
        a: Any = object()  # noqa: RUF009 - shared on purpose
        b: Any = PurePosixPath("x")  # noqa: RUF009 - the same

    assert shape_of(Odd).json_schema["properties"] == {"a": {}, "b": {"default": "x"}}


def test_the_name_in_python_is_taken_for_the_alias() -> None:
    @dataclass
    class Renamed:
        from_: int = field(metadata={"alias": "from"})

    assert read(Renamed, {"from_": 1}) == read(Renamed, {"from": 1})


def test_metadata_that_says_nothing_to_us_is_let_pass() -> None:
    assert shape_of(Annotated[int, object(), 5]).json_schema == {"type": "integer"}
    extra = Annotated[int, msgspec.Meta(extra_json_schema={"x-ours": 1})]
    assert shape_of(extra).json_schema == {"type": "integer", "x-ours": 1}


def test_a_bound_is_for_the_branches_it_is_for() -> None:
    either = Annotated[int | str, annotated_types.Ge(3)]
    assert read(either, "a") == "a"
    assert wrong(either, 1) == [("$", "must be 3 or more, not 1")]
    [(_, words)] = wrong(Annotated[Any, annotated_types.MaxLen(0)], (object(),))
    assert words == "must be of length 0 or less"


def test_bounds_that_json_cannot_write_are_checked_all_the_same() -> None:
    far = Annotated[int, annotated_types.Le(complex(1).real)]
    assert shape_of(far).json_schema == {"type": "integer", "maximum": 1.0}


def test_sets_of_what_cannot_be_hashed() -> None:
    [(path, words)] = wrong(set[list[int]], [[1]])
    assert path == "$"
    assert "unhashable" in words


def test_items_of_tuples_have_paths() -> None:
    assert wrong(tuple[int, int], [1, "x"]) == [("$[1]", 'must be an integer, not "x"')]


def test_keys_of_dicts_are_read() -> None:
    assert read(defaultdict[str, int], {"a": 1})["a"] == 1
    assert wrong(dict[int, int], {"x": 1}) == [("$.x", 'must be an integer, not "x"')]
    assert read(dict[int, str], {1: "a"}) == {1: "a"}


def test_a_text_that_a_union_takes_is_not_looked_into() -> None:
    assert read(Spot | str, '{"x": 1}') == '{"x": 1}'
    assert read(Spot | int, '{"x": 1}') == Spot(1)
    assert wrong(Spot | int, "{oops") == [("$", 'must be an object or an integer, not "{oops"')]


def test_an_alias_has_parts() -> None:
    names = typing_extensions.TypeAliasType("names", list[Annotated[int, "A number"]])
    assert shape_of(names).at((0,)).json_schema["type"] == "integer"
    assert shape_of(Annotated[list[int], annotated_types.MaxLen(3)]).at((0,)).read(1) == 1


def test_strings_that_are_no_annotations() -> None:
    @dataclass
    class Odd:
        x: "1 +"  # type: ignore[syntax] # noqa: F722

    with pytest.raises(SchemaError, match="cannot read the annotation"):
        shape_of(Odd)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is that of Python 3.12")
def test_types_with_parameters_in_brackets() -> None:
    names: dict[str, Any] = {"__name__": __name__}
    exec(
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Box[T]:\n"
        "    content: T\n"
        "    more: 'list[T] | None' = None\n"
        "type Tree[T] = T | list[Tree[T]]\n"
        "def call[T: int](x: T, y: 'T') -> None: ...\n",
        names,
    )
    assert read(names["Box"][int], {"content": "1", "more": ["2"]}) == names["Box"](1, [2])
    assert read(names["Tree"][int], [1, [2]]) == [1, [2]]
    own = shape_of_function(names["call"])
    assert own.read({"x": "1", "y": "2"}) == {"x": 1, "y": 2}


# pydantic


def test_a_model_with_validators_on_plain_types() -> None:
    class Model(TypedDict):
        up: Annotated[str, pydantic.AfterValidator(str.upper)]
        kind: Annotated[str, pydantic.StringConstraints(pattern="^a")]

    assert read(Model, {"up": "a", "kind": "ab"}) == {"up": "A", "kind": "ab"}
    assert wrong(Model, {"up": 3.5, "kind": "b"})[-1][0] == "$.kind"


def test_problems_of_models_have_paths_without_what_pydantic_adds() -> None:
    class A(pydantic.BaseModel):
        a: int

    class B(pydantic.BaseModel):
        b: int

    class Both(pydantic.BaseModel):
        it: A | B

    assert {path for path, _ in wrong(Both, {"it": {"a": "x"}})} == {"$.it.a", "$.it.b"}
    with pytest.raises(SchemaError, match="has nothing there"):
        shape_of(A).at(("b",))


def test_values_that_json_cannot_write_are_validated_as_they_are() -> None:
    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        x: Any

    thing = object()
    assert read(Model, {"x": thing}).x is thing
    model = Model(x=1)
    assert read(Model, model) is model


# Schemas


def test_what_both_take() -> None:
    assert both(True, {"type": "string"}) == {"type": "string"}
    assert both({"type": "string"}, True) == {"type": "string"}
    assert both({"type": "string"}, False) is False
    merged = both(
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "pattern": "a"},
        {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}], "pattern": "b"},
    )
    assert merged == {"anyOf": [{"type": "string", "maxLength": 2}], "pattern": "a"}
    assert both({"type": ["integer", "string"]}, {"type": "number"})["type"] == "integer"
    assert both({"items": {"minimum": 1}}, {"items": {"minimum": 2}}) == {"items": {"minimum": 2}}


def test_alternatives_under_a_type_are_not_one_object() -> None:
    schema = {
        "type": "object",
        "anyOf": [
            {"properties": {"a": {"type": "string"}}},
            {"properties": {"b": {"type": "null"}}},
        ],
    }
    with pytest.raises(SchemaError, match="wants one object here, not alternatives"):
        narrow(schema, OPENAI)


def test_a_schema_that_is_no_json_is_made_each_time() -> None:
    schema = {"title": "odd", "type": "object", "default": object()}
    assert shape_of(schema) is not shape_of(schema)


def test_items_that_may_be_anything_are_left_alone() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array"}, "b": True}}
    assert shape_of(schema).read({"a": [None, "1"], "b": "2"}) == {"a": [None, "1"], "b": "2"}
    choice = {
        "type": "object",
        "properties": {"a": {"anyOf": [{"const": None}, {"type": "null"}]}},
        "required": ["a"],
    }
    assert shape_of(choice).read({}) == {"a": None}


# The room itself


def test_names_that_are_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = conure.schema.nothing  # type: ignore[attr-defined]
    assert "shape_of" in dir(conure.schema)
    assert all(hasattr(conure.schema, name) for name in conure.schema.__all__)
    assert repr(shape_of(Spot)) == "Shape(Spot)"


def test_a_form_must_be_written_out() -> None:
    form = Form()
    with pytest.raises(NotImplementedError):
        form.schema(Definitions())
    with pytest.raises(NotImplementedError):
        form.read(1, lax=True)
    assert form.at("a") is None
    assert NamedForm("x").at("a") is None


def test_a_key_that_waits_for_its_colon() -> None:
    partial = PartialJSON()
    for piece in ('{"a"', " ", ":", " ", "1", "}"):
        partial.feed(piece)
    assert partial.value == {"a": 1}


def test_functions_that_are_classes_or_built_in() -> None:
    class Made:
        """Make."""

        def __init__(self, x: int, then: Callable[[], None] | None = None) -> None:
            self.x = x

    with pytest.raises(SchemaError, match=r"\$.then"):
        shape_of_function(Made)

    class Simple:
        """Make."""

        def __init__(self, x: int) -> None:
            self.x = x

    own = shape_of_function(Simple)
    assert own.call(Simple, own.read({"x": "1"})).x == 1
    assert InitVar  # the name is looked up in this module


def test_a_field_of_pydantic_may_make_its_default() -> None:
    class Options(TypedDict):
        tags: Annotated[list[str], pydantic.Field(default_factory=lambda: ["a"])]

    first, second = read(Options, {}), read(Options, {})
    first["tags"].append("b")
    assert second == {"tags": ["a"]}


def test_bounds_without_json_are_left_out_of_the_schema() -> None:
    odd = Annotated[int, annotated_types.Le(Limit())]
    assert shape_of(odd).json_schema == {"type": "integer"}
    assert read(odd, 1) == 1


class Limit:
    """Above everything."""

    def __ge__(self, other: object) -> bool:
        return True
