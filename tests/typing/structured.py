"""What type checkers see of values and bound tools. Checked by pyright and mypy, not run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypedDict, assert_type

from pydantic import BaseModel

from conure import AIMessage, AIMessageChunk, ChatModel
from conure.chat_models.structured import RawAnswer, StructuredModel
from conure.errors import InvalidOutput
from conure.openai import ChatOpenAI
from conure.tools import tool


class Movie(BaseModel):
    title: str
    year: int


class MovieDict(TypedDict):
    title: str
    year: int


@dataclass
class Row:
    title: str


class Mood(Enum):
    GLAD = "glad"


SCHEMA: dict[str, Any] = {"title": "Movie", "type": "object", "properties": {}}


def kinds(model: ChatModel) -> None:
    assert_type(model.with_structured_output(Movie), StructuredModel[Movie])
    assert_type(model.with_structured_output(Movie).invoke("hi"), Movie)
    assert_type(model.with_structured_output(MovieDict).invoke("hi"), MovieDict)
    assert_type(model.with_structured_output(Row).invoke("hi"), Row)
    assert_type(model.with_structured_output(Mood).invoke("hi"), Mood)
    assert_type(model.with_structured_output(list[Movie]).invoke("hi"), list[Movie])
    assert_type(model.with_structured_output(dict[str, int]).invoke("hi"), dict[str, int])
    assert_type(model.with_structured_output(SCHEMA).invoke("hi"), dict[str, Any])
    assert_type(model.with_structured_output(None, method="json_mode").invoke("hi"), dict[str, Any])


def unions(model: ChatModel) -> None:
    # pyright knows the value as well; to mypy a union is no type.
    model.with_structured_output(Movie | Row).invoke("hi")
    model.with_structured_output(Movie | None, include_raw=True).invoke("hi")


def options(model: ChatOpenAI) -> None:
    plain = model.with_structured_output(Movie, method="function_calling", strict=True)
    assert_type(plain.invoke("hi").year, int)
    asked = model.with_structured_output(Movie, max_attempts=3, max_total_tokens=1000, seed=1)
    assert_type(asked.invoke("hi", temperature=0), Movie)
    model.with_structured_output(Movie, method="magic")  # type: ignore[call-overload]


def raw(model: ChatModel) -> None:
    answer = model.with_structured_output(Movie, include_raw=True).invoke("hi")
    assert_type(answer, RawAnswer[Movie])
    assert_type(answer["raw"], AIMessage)
    assert_type(answer["parsed"], Movie | None)
    assert_type(answer["parsing_error"], BaseException | None)
    by_schema = model.with_structured_output(SCHEMA, include_raw=True).invoke("hi")
    assert_type(by_schema["parsed"], dict[str, Any] | None)


def many(model: ChatModel) -> None:
    structured = model.with_structured_output(Movie)
    assert_type(structured.batch(["a", "b"]), list[Movie])
    for index, movie in structured.batch_as_completed(["a", "b"]):
        assert_type(index, int)
        assert_type(movie, Movie)
    for one in structured.stream("hi"):
        assert_type(one, Movie)
    for part in model.with_structured_output(MovieDict).stream("hi"):
        assert_type(part, MovieDict)


async def awaited(model: ChatModel) -> None:
    structured = model.with_structured_output(Movie)
    assert_type(await structured.ainvoke("hi"), Movie)
    assert_type(await structured.abatch(["a"]), list[Movie])
    async for movie in structured.astream("hi"):
        assert_type(movie, Movie)
    async for item in model.with_structured_output(list[Movie]).astream_items("hi"):
        print(item)


def chained(model: ChatModel) -> None:
    def year(movie: Movie) -> int:
        return movie.year

    structured = model.with_structured_output(Movie)
    assert_type((structured | year).invoke("hi"), int)
    assert_type(structured.with_retry().invoke("hi"), Movie)
    assert_type(structured.with_fallbacks([structured]).invoke("hi"), Movie)


def failing(model: ChatModel) -> None:
    try:
        model.with_structured_output(Movie).invoke("hi")
    except InvalidOutput as error:
        assert_type(error.errors, list[tuple[str, str]])


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def bound(model: ChatModel, openai: ChatOpenAI) -> None:
    assert_type(model.bind_tools([add, Movie, MovieDict, SCHEMA]), ChatModel)
    assert_type(openai.bind_tools([add], tool_choice="add", strict=True), ChatOpenAI)
    reply = model.bind_tools([add]).invoke("hi")
    assert_type(reply, AIMessage)
    assert_type(reply.tool_calls[0]["args"], dict[str, Any])
    assert_type(add(1, 2), int)
    for chunk in model.bind_tools([add]).stream("hi"):
        assert_type(chunk, AIMessageChunk)
    assert_type(model.bind_tools([add]).with_structured_output(Movie).invoke("hi"), Movie)
