"""Values out of a real llama.cpp that holds its answers to a JSON Schema: twenty of them.

Behind a server and in this process. The model writes noise, so that only the schema makes an
answer fit. Lengths are bounded, or an answer would go on until the context is full.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from enum import Enum, IntEnum
from itertools import pairwise
from typing import Annotated, Any, Literal, NotRequired, Optional

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from conure import init_chat_model
from conure.schema import shape_of

QUESTION = "Which?"
Short = Annotated[str, Field(max_length=6)]
Digit = Annotated[int, Field(ge=0, le=9)]


class Mood(Enum):
    GLAD = "glad"
    SAD = "sad"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Point(BaseModel):
    x: Digit
    y: Digit


class Named(BaseModel):
    name: Short
    mood: Mood


class Line(BaseModel):
    start: Point
    end: Point
    label: Short | None = None


class Path(BaseModel):
    points: list[Point] = Field(min_length=1, max_length=3)


class Leaf(BaseModel):
    kind: Literal["leaf"]
    size: Digit


class Branch(BaseModel):
    kind: Literal["branch"]
    leaves: list[Leaf] = Field(max_length=2)


class Tree(BaseModel):
    top: Annotated[Leaf | Branch, Field(discriminator="kind")]


class Tag(BaseModel):
    id: uuid.UUID
    note: Literal["new", "old"] | None = None


class Flags(BaseModel):
    on: bool
    level: Level
    ratio: float  # its grammars do not bound fractions


@dataclass
class Dice:
    sides: Annotated[int, Field(ge=2, le=20)]
    loaded: bool = False


@dataclass
class Cup:
    dice: Annotated[list[Dice], Field(max_length=2)]
    mood: Mood = Mood.GLAD


class Weather(TypedDict):
    """The weather."""

    sky: Annotated[Literal["blue", "grey"], ..., "Its colour"]
    wind: NotRequired[Literal[0, 1, 2]]


class Forecast(TypedDict):
    today: Weather
    later: Annotated[list[Weather], Field(max_length=2)]


def schema_of(**properties: Any) -> dict[str, Any]:
    return {
        "title": "Answer",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


CITY = {"enum": ["Paris", "Oslo"]}
SCHEMAS = [
    Mood,
    Level,
    bool,
    Literal["a", "b", 3],
    Annotated[int, Field(ge=-5, le=5)],
    Optional[Digit],  # noqa: UP045 - as people write it
    Point,
    Named,
    Line,
    Path,
    Tree,
    Tag,
    Flags,
    Dice,
    Cup,
    Weather,
    Forecast,
    Annotated[list[Point], Field(min_length=2, max_length=3)],
    tuple[Digit, Mood],
    schema_of(city=CITY, days={"type": "integer", "minimum": 1, "maximum": 7}),
    schema_of(word={"type": "string", "minLength": 2, "maxLength": 5}),
    schema_of(cities={"type": "array", "items": CITY, "minItems": 1, "maxItems": 3}),
    schema_of(deep=schema_of(deeper=schema_of(end={"const": "here"}))),
    schema_of(either={"anyOf": [{"type": "boolean"}, {"type": "null"}, CITY]}),
]
"""asked for without strict mode, whose subset would drop the bounds of texts"""


def name_of(schema: Any) -> str:
    if isinstance(schema, dict):
        return "-".join(schema["properties"])
    return getattr(schema, "__name__", str(schema))


CASES = [
    pytest.param(schema, seed, id=name_of(schema).replace(" ", ""))
    for seed, schema in enumerate(SCHEMAS)
]


@pytest.fixture
def model(place: dict[str, Any]) -> Any:
    """Fail where something fails: nothing is asked twice."""
    return init_chat_model(**place, max_retries=0, max_tokens=500)


def asked(model: Any, schema: Any, seed: int, **options: Any) -> Any:
    given = {"method": "json_schema", "strict": False, "seed": seed}
    return model.with_structured_output(
        schema, extra_body={"cache_prompt": False}, **(given | options)
    )


@pytest.mark.parametrize("schema, seed", CASES)
def test_values_fit_their_schema(model, schema, seed):
    structured = asked(model, schema, seed, include_raw=True)
    answer = structured.invoke(QUESTION)
    assert answer["parsing_error"] is None
    assert answer["parsed"] == shape_of(schema).read(answer["raw"].text)
    again = asyncio.run(structured.ainvoke(QUESTION))
    assert again["parsed"] == answer["parsed"]


@pytest.mark.parametrize("schema, seed", CASES)
def test_streams_end_with_the_same_value(model, schema, seed):
    structured = asked(model, schema, seed)
    values = list(structured.stream(QUESTION))
    assert values[-1] == structured.invoke(QUESTION)
    grows = isinstance(schema, dict) or schema in (Weather, Forecast)
    assert len(values) > 1 if grows else len(values) == 1
    if grows:
        # Keys come and stay.
        seen = [list(value) for value in values]
        assert all(later[: len(one)] == one for one, later in pairwise(seen))


@pytest.mark.parametrize("schema", [Point, Path, Flags, Dice])
def test_strict_mode_is_understood_too(model, schema):
    value = asked(model, schema, 1, strict=None).invoke(QUESTION)
    assert isinstance(value, schema)


@pytest.mark.parametrize("seed", range(3))
def test_items_come_one_by_one(model, seed):
    structured = asked(model, Path, seed)
    items = list(structured.stream_items(QUESTION))
    assert items == structured.invoke(QUESTION).points
    assert all(isinstance(item, Point) for item in items)


def test_a_call_is_a_value_too(model):
    structured = model.with_structured_output(Point, method="function_calling", seed=5)
    # Its calls are held to the schema, whatever the noise.
    assert isinstance(structured.invoke(QUESTION, max_tokens=900), Point)
