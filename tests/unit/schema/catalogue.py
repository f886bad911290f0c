"""Types that people ask models for, each with an answer as JSON and the value it means.

`refused` names the providers whose strict mode cannot say the type, with the path where not.
"""

from __future__ import annotations

import enum
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
)
from uuid import UUID

import annotated_types
import msgspec
import pydantic
import typing_extensions

__all__ = ["CASES", "Case"]

T = TypeVar("T")
N = TypeVar("N", int, float)
UserId = NewType("UserId", int)

DICTS = {"openai", "anthropic", "bedrock"}
LOOPS = {"anthropic", "bedrock"}
ALL = {"openai", "anthropic", "bedrock", "gemini"}


class Case(NamedTuple):
    type: Any
    answer: Any
    value: Any
    refused: set[str] = set()  # noqa: RUF012 - never changed
    path: str = "$"


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flavour(enum.StrEnum):
    SWEET = enum.auto()
    SOUR = enum.auto()


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"
    NONE = None


@dataclass
class Point:
    """A point.

    Attributes:
        x: How far to the right.
        y: How far up.

    """

    x: float
    y: float = 0.0


@dataclass
class Person:
    name: str
    """What they are called."""
    age: int | None = None
    nicknames: list[str] = field(default_factory=list)
    home: Point | None = None


@dataclass(frozen=True)
class Tree:
    label: str
    children: list[Tree] = field(default_factory=list)


@dataclass
class Chain:
    value: int
    next: Chain | None = None


@dataclass
class Even:
    n: int
    odd: Odd | None = None


@dataclass
class Odd:
    n: int
    even: Even | None = None


@dataclass
class Box(Generic[T]):
    content: T
    label: str = "box"


@dataclass
class Pair(Generic[T, N]):
    first: T
    second: N


@dataclass
class IntBox(Box[int]):
    extra: bool = False


@dataclass
class Renamed:
    from_: str = field(metadata={"alias": "from", "description": "Whence."})


@dataclass
class Checked:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


@dataclass
class Cat:
    name: str
    kind: Literal["cat"] = "cat"


@dataclass
class Dog:
    name: str
    good: bool
    kind: Literal["dog"] = "dog"


@dataclass
class Deep:
    a: Box[Box[list[Point]]]


class Movie(TypedDict):
    title: str
    year: int


class Described(typing_extensions.TypedDict):
    """A film.

    Attributes:
        seen: Whether we saw it.

    """

    title: Annotated[str, ..., "The title"]
    rating: Annotated[float | None, ..., "Out of ten"]
    language: Annotated[str, "en", "ISO code"]
    seen: bool


class Partial(TypedDict, total=False):
    a: int
    b: Required[str]


class Mostly(Partial):
    c: NotRequired[list[int]]
    d: str


class GenericDict(typing_extensions.TypedDict, Generic[T]):
    items: list[T]


class Coordinates(NamedTuple):
    lat: float
    lon: float
    name: str = "somewhere"


class Struct(msgspec.Struct):
    id: int
    tags: list[str] = []


class Circle(msgspec.Struct, tag="circle", frozen=True):
    radius: float


class Square(msgspec.Struct, tag="square", frozen=True):
    side: float


class Renaming(msgspec.Struct, rename="camel"):
    first_name: str


class Actor(pydantic.BaseModel):
    name: str
    role: str = pydantic.Field(description="Whom they play")


class Film(pydantic.BaseModel):
    """A film with its actors."""

    title: str
    year: int = pydantic.Field(ge=1888, le=2100)
    cast: list[Actor]
    genres: list[str] = []
    budget: float | None = pydantic.Field(None, description="In millions")


class Comment(pydantic.BaseModel):
    text: str
    replies: list[Comment] = []


class Aliased(pydantic.BaseModel):
    class_: str = pydantic.Field(alias="class")


class Lion(pydantic.BaseModel):
    kind: Literal["lion"]
    roars: bool


class Ant(pydantic.BaseModel):
    kind: Literal["ant"]
    legs: int


class Zoo(pydantic.BaseModel):
    animal: Lion | Ant = pydantic.Field(discriminator="kind")


class Page(pydantic.BaseModel, Generic[T]):
    items: list[T]
    total: int


class Strict(pydantic.BaseModel, strict=True):
    when: date
    ident: UUID


class Rules(pydantic.BaseModel):
    code: str = pydantic.Field(pattern=r"^[A-Z]{3}$")
    names: list[str] = pydantic.Field(min_length=1, max_length=3)
    price: Decimal = pydantic.Field(gt=0, decimal_places=2)
    share: float = pydantic.Field(multiple_of=0.5)


class Ranged(pydantic.BaseModel):
    low: int
    high: int

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> Ranged:
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


class Scores(pydantic.BaseModel):
    scores: dict[str, int]


class Anything(TypedDict):
    payload: Any


@pydantic.dataclasses.dataclass
class Stamped:
    at: datetime


@pydantic.with_config(pydantic.ConfigDict(extra="forbid"))
class Forbidding(typing_extensions.TypedDict):
    a: int


Positive = Annotated[int, annotated_types.Gt(0)]
Short = Annotated[str, msgspec.Meta(max_length=5, description="Not long")]
Upper = Annotated[str, pydantic.AfterValidator(str.upper)]
Json = typing_extensions.TypeAliasType("Json", "dict[str, Json] | list[Json] | str | int | None")
Nested = typing_extensions.TypeAliasType("Nested", "list[Nested | int]")
Names = typing_extensions.TypeAliasType("Names", list[str])

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
IDENT = UUID("12345678-1234-5678-1234-567812345678")

CASES = [
    # scalars
    Case(str, "hi", "hi"),
    Case(int, 3, 3),
    Case(float, 2.5, 2.5),
    Case(float, 3, 3.0),
    Case(bool, True, True),
    Case(bytes, "aGk=", b"hi"),
    Case(Decimal, 1.25, Decimal("1.25")),
    Case(datetime, "2026-01-31T12:00:00+00:00", NOON),
    Case(datetime, "2026-01-31T12:00:00Z", NOON),
    Case(date, "2026-01-31", date(2026, 1, 31)),
    Case(time, "13:45:00", time(13, 45)),
    Case(timedelta, "PT1H30M", timedelta(minutes=90)),
    Case(UUID, str(IDENT), IDENT),
    Case(Path, "a/b.txt", Path("a/b.txt")),
    Case(IPv4Address, "127.0.0.1", IPv4Address("127.0.0.1")),
    Case(UserId, 7, 7),
    Case(Color, "red", Color.RED),
    Case(Level, 2, Level.HIGH),
    Case(Flavour, "sour", Flavour.SOUR),
    Case(Mixed, None, Mixed.NONE),
    Case(Literal["a", "b"], "b", "b"),
    Case(Literal["only"], "only", "only"),
    Case(Literal[1, 2, 3], 2, 2),
    Case(Literal["a", 1, None], None, None),  # noqa: PYI061 - as people write it
    Case(Literal[True], True, True),
    # unions
    Case(int | str, "5", "5"),
    Case(Union[str, int], 5, 5),  # noqa: UP007 - both spellings are met
    Case(Optional[str], None, None),  # noqa: UP045 - the same
    Case(int | float, 2.5, 2.5),
    Case(float | int, 2, 2),
    Case(datetime | str, "later", "later"),
    Case(list[int] | int, [1], [1]),
    Case(Color | None, "blue", Color.BLUE),
    Case(Cat | Dog, {"kind": "dog", "name": "Rex", "good": True}, Dog("Rex", good=True)),
    Case(Point | Person, {"name": "Ann"}, Person("Ann")),
    Case(Circle | Square, {"type": "square", "side": 2.0}, Square(2.0)),
    Case(Lion | Ant, {"kind": "ant", "legs": 6}, Ant(kind="ant", legs=6)),
    # containers
    Case(list[int], [1, 2], [1, 2]),
    Case(list[list[str]], [["a"], []], [["a"], []]),
    Case(Sequence[float], [1.5], [1.5]),
    Case(set[int], [1, 2], {1, 2}),
    Case(frozenset[str], ["a"], frozenset({"a"})),
    Case(deque[int], [1], deque([1])),
    Case(tuple[int, ...], [1, 2, 3], (1, 2, 3)),
    Case(tuple[int, str], [1, "a"], (1, "a")),
    Case(tuple[float, float], [1.0, 2.0], (1.0, 2.0)),
    Case(list[Color], ["red"], [Color.RED]),
    Case(list[Point], [{"x": 1.0}], [Point(1.0)]),
    Case(list[Literal["a"] | int], ["a", 1], ["a", 1]),
    Case(dict[str, int], {"a": 1}, {"a": 1}, DICTS),
    Case(dict[str, list[Point]], {"a": [{"x": 1.0}]}, {"a": [Point(1.0)]}, DICTS),
    Case(dict[int, str], {"1": "a"}, {1: "a"}, DICTS),
    Case(dict[Color, int], {"red": 1}, {Color.RED: 1}, DICTS),
    Case(Mapping[str, bool], {"a": True}, {"a": True}, DICTS),
    Case(OrderedDict[str, int], {"a": 1}, OrderedDict(a=1), DICTS),
    Case(dict, {"a": [1]}, {"a": [1]}, DICTS),
    Case(list, [1, "a"], [1, "a"], ALL, "$.value[]"),
    Case(Any, {"a": 1}, {"a": 1}, ALL, "$.value"),
    # dataclasses
    Case(Point, {"x": 1.0, "y": 2.0}, Point(1.0, 2.0)),
    Case(Point, {"x": 1.0}, Point(1.0)),
    Case(
        Person,
        {"name": "Ann", "home": {"x": 1.0}, "nicknames": ["A"]},
        Person("Ann", None, ["A"], Point(1.0)),
    ),
    Case(
        Tree,
        {"label": "a", "children": [{"label": "b"}]},
        Tree("a", [Tree("b")]),
        LOOPS,
        "$.children[]",
    ),
    Case(Chain, {"value": 1, "next": {"value": 2}}, Chain(1, Chain(2)), LOOPS, "$.next"),
    Case(Even, {"n": 2, "odd": {"n": 1}}, Even(2, Odd(1)), LOOPS, "$.odd"),
    Case(Box[int], {"content": 1}, Box(1)),
    Case(Box[Box[str]], {"content": {"content": "a"}}, Box(Box("a"))),
    Case(Pair[str, int], {"first": "a", "second": 1}, Pair("a", 1)),
    Case(IntBox, {"content": 1, "extra": True}, IntBox(1, extra=True)),
    Case(Renamed, {"from": "here"}, Renamed("here")),
    Case(Checked, {"low": 1, "high": 2}, Checked(1, 2)),
    Case(Deep, {"a": {"content": {"content": [{"x": 1.0}]}}}, Deep(Box(Box([Point(1.0)])))),
    # TypedDicts, named tuples, Structs
    Case(Movie, {"title": "Alien", "year": 1979}, {"title": "Alien", "year": 1979}),
    Case(
        Described,
        {"title": "Alien", "rating": None, "seen": True},
        {"title": "Alien", "rating": None, "language": "en", "seen": True},
    ),
    Case(Partial, {"b": "x"}, {"b": "x"}),
    Case(Mostly, {"b": "x", "d": "y", "c": [1]}, {"b": "x", "d": "y", "c": [1]}),
    Case(GenericDict[Point], {"items": [{"x": 1.0}]}, {"items": [Point(1.0)]}),
    Case(list[Movie], [{"title": "A", "year": 1}], [{"title": "A", "year": 1}]),
    Case(Coordinates, {"lat": 1.0, "lon": 2.0}, Coordinates(1.0, 2.0)),
    Case(Struct, {"id": 1, "tags": ["a"]}, Struct(1, ["a"])),
    Case(Renaming, {"firstName": "Ann"}, Renaming("Ann")),
    Case(Anything, {"payload": [1]}, {"payload": [1]}, ALL, "$.payload"),
    # pydantic
    Case(
        Film,
        {"title": "Alien", "year": 1979, "cast": [{"name": "S. W.", "role": "Ripley"}]},
        Film(title="Alien", year=1979, cast=[Actor(name="S. W.", role="Ripley")]),
    ),
    Case(list[Film], [], []),
    Case(Film | None, None, None),
    Case(
        Comment,
        {"text": "a", "replies": [{"text": "b"}]},
        Comment(text="a", replies=[Comment(text="b")]),
        LOOPS,
        "$.replies[]",
    ),
    Case(Aliased, {"class": "A"}, Aliased(**{"class": "A"})),
    Case(Zoo, {"animal": {"kind": "ant", "legs": 6}}, Zoo(animal=Ant(kind="ant", legs=6))),
    Case(Page[Actor], {"items": [], "total": 0}, Page[Actor](items=[], total=0)),
    Case(
        Strict,
        {"when": "2026-01-31", "ident": str(IDENT)},
        Strict(when=date(2026, 1, 31), ident=IDENT),
    ),
    Case(
        Rules,
        {"code": "ABC", "names": ["a"], "price": 1.5, "share": 0.5},
        Rules(code="ABC", names=["a"], price=Decimal("1.5"), share=0.5),
    ),
    Case(Ranged, {"low": 1, "high": 2}, Ranged(low=1, high=2)),
    Case(Scores, {"scores": {"a": 1}}, Scores(scores={"a": 1}), DICTS, "$.scores"),
    Case(Stamped, {"at": "2026-01-31T12:00:00Z"}, Stamped(NOON)),
    Case(Forbidding, {"a": 1}, {"a": 1}),
    Case(pydantic.HttpUrl, "https://a.test/", pydantic.HttpUrl("https://a.test/")),
    Case(pydantic.PositiveInt, 3, 3),
    # constrained
    Case(Positive, 1, 1),
    Case(Short, "abc", "abc"),
    Case(Upper, "abc", "ABC"),
    Case(Annotated[list[int], annotated_types.Len(2, 2)], [1, 2], [1, 2]),
    Case(Annotated[int | None, pydantic.Field(ge=3)], None, None),
    Case(Annotated[date, annotated_types.Ge(date(2020, 1, 1))], "2026-01-31", date(2026, 1, 31)),
    # aliases
    Case(Names, ["a"], ["a"]),
    Case(Json, {"a": ["b", 1, None]}, {"a": ["b", 1, None]}, DICTS, "$.value"),
    Case(Nested, [1, [2, []]], [1, [2, []]], LOOPS, "$.value[]"),
]
