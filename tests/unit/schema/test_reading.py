"""Reading: what is forgiven, what is not, and what is said about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

import annotated_types
import msgspec
import pydantic
import pytest

from conure.errors import ConureError
from conure.schema import InvalidValue, SchemaError, Shape, shape_of
from conure.schema.shape import MOST_SHAPES


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclass
class Stop:
    city: str
    days: int = 1
    tags: list[str] = field(default_factory=list)


@dataclass
class Trip:
    stops: list[Stop]
    size: Size = Size.SMALL


def read(tp: Any, value: Any) -> Any:
    shape = shape_of(tp)
    return shape.read({"value": value} if shape.is_wrapped else value)


def wrong(tp: Any, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidValue) as caught:
        read(tp, value)
    return caught.value.errors


@pytest.mark.parametrize(
    "tp, value, meant",
    [
        (str, 3, "3"),
        (str, 2.5, "2.5"),
        (int, "3", 3),
        (int, " +3 ", 3),
        (int, 3.0, 3),
        (int, "3.0", 3),
        (float, "2.5", 2.5),
        (float, "1e3", 1000.0),
        (bool, "true", True),
        (bool, "No", False),
        (bool, 1, True),
        (Decimal, "1.10", Decimal("1.10")),
        (Decimal, 3, Decimal(3)),
        (date, "2026-01-31T00:00:00Z", date(2026, 1, 31)),
        (datetime, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (timedelta, 90, timedelta(seconds=90)),
        (timedelta, "90", timedelta(seconds=90)),
        (time, "13:45", time(13, 45)),
        (list[int], "[1, 2]", [1, 2]),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (Stop, '{"city": "Rome"}', Stop("Rome")),
        (Stop | None, '{"city": "Rome"}', Stop("Rome")),
        (Size, "S", Size.SMALL),
        (Size, "large", Size.LARGE),
        (Literal["A", "b"], "a", "A"),
        (Literal[1, 2], "2", 2),
        (Path, "x", Path("x")),
        (list[int], (1, 2), [1, 2]),
        (set[int], [1, 1, 2], {1, 2}),
    ],
)
def test_what_can_be_meant_in_one_way_only_is_forgiven(tp: Any, value: Any, meant: Any) -> None:
    assert read(tp, value) == meant
    assert type(read(tp, value)) is type(meant)


@pytest.mark.parametrize(
    "tp, value, message",
    [
        (str, True, "must be a string, not true"),
        (str, None, "must be a string, not null"),
        (str, ["a"], 'must be a string, not ["a"]'),
        (int, True, "must be an integer, not true"),
        (int, "three", 'must be an integer, not "three"'),
        (int, 2.5, "must be an integer, not 2.5"),
        (int, "1_000", 'must be an integer, not "1_000"'),
        (int, float("inf"), "must be an integer, not Infinity"),
        (float, "nan", 'must be a number, not "nan"'),
        (float, False, "must be a number, not false"),
        (bool, "maybe", 'must be true or false, not "maybe"'),
        (bool, 2, "must be true or false, not 2"),
        (bytes, "%", 'must be bytes written as base64, not "%"'),
        (Decimal, "much", 'must be a number, not "much"'),
        (date, "soon", 'must be a date such as 2026-01-31, not "soon"'),
        (
            date,
            "2026-01-31T12:00:00",
            'must be a date such as 2026-01-31, not "2026-01-31T12:00:00"',
        ),
        (datetime, "soon", 'must be a date and time (ISO 8601), not "soon"'),
        (time, 12, "must be a time such as 13:45:00, not 12"),
        (timedelta, "long", 'must be a duration such as "PT1H30M", not "long"'),
        (UUID, "x", 'must be a UUID, not "x"'),
        (list[int], "1, 2", 'must be an array, not "1, 2"'),
        (dict[str, int], [1], "must be an object, not [1]"),
        (tuple[int, str], [1], "must have 2 items, not 1"),
        (Size, "medium", 'must be one of "s", "l", not "medium"'),
        (Literal["only"], "other", 'must be "only", not "other"'),
        (int | None, "x", 'must be an integer or null, not "x"'),
        (Literal["a"] | int, [], 'must be "a" or an integer, not []'),
        (None, 1, "must be null, not 1"),
    ],
)
def test_what_cannot_is_said_in_words_a_model_understands(
    tp: Any, value: Any, message: str
) -> None:
    assert wrong(tp, value) == [("$", message)]


def test_every_problem_has_its_path() -> None:
    answer = {"stops": [{"city": "Rome", "days": "few"}, {"ctiy": "Paris"}, 3], "size": "xl"}
    assert wrong(Trip, answer) == [
        ("$.stops[0].days", 'must be an integer, not "few"'),
        ("$.stops[1].city", 'is missing; "ctiy" is not known: did you mean "city"?'),
        ("$.stops[2]", "must be an object, not 3"),
        ("$.size", 'must be one of "s", "l", not "xl"'),
    ]


def test_the_error_is_a_list_for_the_model() -> None:
    with pytest.raises(InvalidValue) as caught:
        shape_of(Stop).read('{"days": "x"}')
    assert isinstance(caught.value, (ConureError, ValueError))
    assert caught.value.llm_output == '{"days": "x"}'
    assert str(caught.value) == (
        'not a valid Stop:\n- $.city: is missing\n- $.days: must be an integer, not "x"'
    )


def test_a_long_value_is_not_repeated_whole() -> None:
    [(_, message)] = wrong(int, "x" * 500)
    assert len(message) < 100


def test_keys_that_are_no_names_are_quoted_in_paths() -> None:
    assert wrong(dict[str, int], {"first name": "x"})[0][0] == '$["first name"]'


@pytest.mark.parametrize("text", ['{"city": "Ro', "certainly!", ""])
def test_what_is_no_json_is_said_to_be_none(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not JSON") as caught:
        shape_of(Stop).read(text)
    assert caught.value.llm_output == text


def test_json_as_models_write_it_is_read() -> None:
    assert shape_of(Stop).read('{"city": "a\nb"}') == Stop("a\nb")
    assert shape_of(Stop).read(b'{"city": "Rome"}') == Stop("Rome")


def test_a_bare_text_is_taken_for_a_type_that_is_one() -> None:
    assert shape_of(Size).read("l") is Size.LARGE
    assert shape_of(date).read("2026-01-31") == date(2026, 1, 31)
    assert shape_of(str).read("just text") == "just text"
    with pytest.raises(InvalidValue):
        shape_of(str).read('{"value": "cut off')


# Null, defaults, absence


class Options(TypedDict):
    limit: Annotated[int, 10, "How many"]
    note: NotRequired[str]
    mark: int | None


def test_null_means_absent_where_nothing_is_required() -> None:
    assert read(Options, {"limit": None, "note": None, "mark": None}) == {"limit": 10, "mark": None}
    assert read(Stop, {"city": "Rome", "days": None, "tags": None}) == Stop("Rome")


def test_a_missing_value_is_null_where_null_is_named() -> None:
    assert read(Options, {}) == {"limit": 10, "mark": None}


def test_null_for_what_is_required_is_wrong() -> None:
    assert wrong(Stop, {"city": None}) == [("$.city", "must be a string, not null")]


def test_defaults_are_not_shared() -> None:
    class Shared(TypedDict):
        tags: Annotated[list[str], [], "Tags"]

    first, second = read(Shared, {}), read(Shared, {})
    first["tags"].append("a")
    assert second == {"tags": []}


def test_null_means_the_default_in_pydantic_too() -> None:
    class Model(pydantic.BaseModel):
        limit: int = 10
        note: str | None = "n"
        tags: list[str] = []

    assert read(Model, {"limit": None, "note": None, "tags": None}) == Model(note=None)
    assert read(Model, {"limit": "3", "note": 4}) == Model(limit=3, note="4")


# Bounds


@pytest.mark.parametrize(
    "tp, value, message",
    [
        (Annotated[int, annotated_types.Gt(0)], 0, "must be greater than 0, not 0"),
        (Annotated[int, msgspec.Meta(ge=1, le=5)], 6, "must be 5 or less, not 6"),
        (Annotated[float, annotated_types.Lt(1)], 1.0, "must be less than 1, not 1.0"),
        (Annotated[int, annotated_types.MultipleOf(5)], 7, "must be a multiple of 5, not 7"),
        (Annotated[str, msgspec.Meta(min_length=2)], "a", "must be of length 2 or more, not 'a'"),
        (Annotated[list[int], annotated_types.MaxLen(1)], [1, 2], "must be of length 1 or less"),
        (Annotated[str, msgspec.Meta(pattern="^a")], "b", "must match the pattern ^a, not 'b'"),
        (Annotated[int, pydantic.Field(ge=3)], 2, "must be 3 or more, not 2"),
        (Annotated[int | None, pydantic.Field(ge=3)], 2, "must be 3 or more, not 2"),
        (
            Annotated[str, pydantic.StringConstraints(max_length=1)],
            "ab",
            "must be of length 1 or less, not 'ab'",
        ),
        (
            Annotated[date, annotated_types.Ge(date(2020, 1, 1))],
            "2019-01-01",
            "must be 2020-01-01 or more, not '2019-01-01'",
        ),
        (
            Annotated[str, annotated_types.Predicate(str.islower)],
            "A",
            "does not satisfy islower, not 'A'",
        ),
    ],
)
def test_bounds_are_checked(tp: Any, value: Any, message: str) -> None:
    assert wrong(tp, value) == [("$", message)]


def test_bounds_are_told() -> None:
    class Bounded(TypedDict):
        n: Annotated[int, msgspec.Meta(ge=1, lt=5, description="A number", title="N")]
        names: Annotated[list[Annotated[str, annotated_types.MinLen(1)]], annotated_types.Len(1, 3)]
        price: Annotated[Decimal, annotated_types.Gt(Decimal("0.5"))]
        maybe: Annotated[int | None, annotated_types.Ge(0), "Or not"]

    assert shape_of(Bounded).json_schema["properties"] == {
        "n": {
            "type": "integer",
            "minimum": 1,
            "exclusiveMaximum": 5,
            "title": "N",
            "description": "A number",
        },
        "names": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "maxItems": 3,
        },
        "price": {"type": "number", "exclusiveMinimum": 0.5},
        "maybe": {
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}],
            "description": "Or not",
        },
    }


def test_what_a_class_checks_itself_is_a_problem_like_any_other() -> None:
    @dataclass
    class Range:
        low: int
        high: int

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low must not be above high")

    assert wrong(list[Range], [{"low": 2, "high": 1}]) == [("$[0]", "low must not be above high")]


# Unions


class Car(TypedDict):
    kind: Literal["car"]
    wheels: int


class Boat(TypedDict):
    kind: Literal["boat", "ship"]
    length: float


def test_a_tag_tells_objects_apart_and_makes_problems_precise() -> None:
    assert read(Car | Boat, {"kind": "ship", "length": 3}) == {"kind": "ship", "length": 3.0}
    assert wrong(Car | Boat, {"kind": "car", "wheels": "many"}) == [
        ("$.wheels", 'must be an integer, not "many"')
    ]
    assert wrong(Car | Boat, {"kind": "plane"}) == [
        ("$.kind", 'must be one of "car", "boat", "ship", not "plane"')
    ]
    assert wrong(Car | Boat, {}) == [("$.kind", 'is missing: one of "car", "boat", "ship"')]


def test_without_a_tag_the_known_keys_tell() -> None:
    @dataclass
    class A:
        a: int = 0

    @dataclass
    class B:
        a: int = 0
        b: int = 0

    assert read(A | B, {"a": 1, "b": 2}) == B(1, 2)
    assert read(A | B, {"a": 1}) == A(1)
    assert wrong(Stop | Trip, {"stops": 3}) == [("$.stops", "must be an array, not 3")]


def test_the_exact_branch_wins_over_the_lax_one() -> None:
    assert read(int | str, "3") == "3"
    assert read(str | int, 3) == 3
    assert read(bool | int, 1) == 1
    assert read(bool | int, 1) is not True
    assert read(float | None, "3") == 3.0
    assert read(list[int | str], ["1", 2]) == ["1", 2]


# Shapes


def test_a_shape_is_made_once() -> None:
    assert shape_of(Stop) is shape_of(Stop)
    assert shape_of(list[Stop]) is shape_of(list[Stop])
    assert shape_of({"type": "object"}) is shape_of({"type": "object"})
    shape = shape_of(int)
    assert shape_of(shape) is shape


def test_equal_types_are_not_the_same() -> None:
    assert shape_of(list[Literal[1]]).json_schema["items"] == {"const": 1, "type": "integer"}
    assert shape_of(list[Literal[True]]).json_schema["items"] == {"const": True, "type": "boolean"}


def test_few_shapes_are_remembered() -> None:
    from conure.schema.shape import _shapes  # pyright: ignore[reportPrivateUsage]

    for number in range(MOST_SHAPES + 10):
        shape_of({"title": f"t{number}", "type": "object"})
    assert len(_shapes) <= MOST_SHAPES


@pytest.mark.parametrize(
    "tp, name",
    [
        (Stop, "Stop"),
        (list[Stop], "list_Stop"),
        (int | str, "int_or_str"),
        (dict[str, list[int]], "dict_str_list_int"),
        (Annotated[int, "x"], "int"),
        (Literal["a b"], "Literal_a_b"),
        (None, "None"),
    ],
)
def test_names_are_such_as_providers_take(tp: Any, name: str) -> None:
    assert shape_of(tp).name == name


def test_the_shape_of_a_part() -> None:
    shape: Shape[Trip] = shape_of(Trip)
    assert shape.at(("stops", 0)).read({"city": "Rome"}) == Stop("Rome")
    assert shape_of(list[Stop]).at(("value", 3)).read({"city": "Rome"}) == Stop("Rome")
    assert shape_of(dict[str, int]).at(("a",)).json_schema == {"type": "integer"}
    assert shape_of(tuple[int, str]).at((1,)).json_schema == {"type": "string"}
    assert shape_of(Stop | Trip).at(("city",)).json_schema == {"type": "string"}
    with pytest.raises(SchemaError, match=r"\$.stops.city"):
        shape.at(("stops", "city"))


def test_the_shape_of_a_part_of_a_model_and_of_a_schema() -> None:
    class Item(pydantic.BaseModel):
        n: int

    class Order(pydantic.BaseModel):
        items: list[Item] = pydantic.Field(alias="things")

    assert shape_of(Order).at(("things", 0)).read({"n": 1}) == Item(n=1)
    schema = {
        "type": "object",
        "properties": {"items": {"$ref": "#/$defs/Items"}},
        "$defs": {"Items": {"type": "array", "items": {"type": "integer"}}},
    }
    assert shape_of(schema).at(("items", 5)).read(3) == 3


# What has no shape


class Opaque:
    pass


@dataclass
class Holder:
    inner: list[Opaque]


@dataclass
class Lost:
    x: Nowhere  # noqa: F821 - it is to be missing


REFUSED = [
    (Opaque, r"\$: Opaque has no JSON Schema: use a dataclass"),
    (Holder, r"\$.inner\[\]: Opaque has no JSON Schema"),
    (Lost, r"\$.x: cannot read the annotation 'Nowhere'"),
    (len, "has no JSON Schema"),
    (3, "has no JSON Schema"),
]


@pytest.mark.parametrize("tp, message", REFUSED)
def test_what_has_no_json_is_refused_with_its_path(tp: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        shape_of(tp)


def test_pydantic_says_what_it_cannot_do() -> None:
    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        x: Opaque

    with pytest.raises(SchemaError, match="pydantic has no JSON Schema"):
        shape_of(Model)


@pytest.mark.filterwarnings("ignore")
def test_models_of_pydantic_1_are_refused_by_name() -> None:
    from pydantic.v1 import BaseModel

    class Old(BaseModel):
        x: int

    with pytest.raises(SchemaError, match="Old is a model of pydantic 1"):
        shape_of(Old)
