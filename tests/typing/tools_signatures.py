"""Tools keep the signatures of their functions; shapes keep their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict, assert_type

from pydantic import BaseModel

from conure.messages import AIMessage, ToolCall, ToolMessage
from conure.runnables import RunnableLambda
from conure.schema import OPENAI, Closed, PartialJSON, Shape, shape_of
from conure.tools import (
    InjectedToolArg,
    StructuredTool,
    arun_tool_calls,
    run_tool_calls,
    tool,
    tool_definition,
)


class Movie(BaseModel):
    title: str


@dataclass
class Point:
    x: int


class Film(TypedDict):
    title: str


@tool
def weather(city: str, days: int = 1) -> str:
    """Look."""
    return f"{city} {days}"


@tool("other", return_direct=True, parse_docstring=False)
def named(city: str, user: Annotated[str, InjectedToolArg]) -> list[int]:
    """Look."""
    return [len(city), len(user)]


@tool(response_format="content_and_artifact")
async def later(city: str) -> tuple[str, bytes]:
    """Look."""
    return city, b""


def direct() -> None:
    assert_type(weather("Rome", days=2), str)
    assert_type(named("Rome", user="me"), list[int])
    weather(3)  # type: ignore[arg-type]
    weather("Rome", hours=2)  # type: ignore[call-arg]


def invoked(call: ToolCall) -> None:
    assert_type(weather.invoke(call), ToolMessage)
    assert_type(weather.invoke({"city": "Rome"}), Any)
    assert_type(weather.invoke("Rome"), Any)
    assert_type(weather.name, str)
    assert_type(weather.response_format, Literal["content", "content_and_artifact"])
    weather.invoke(3)  # type: ignore[call-overload]


async def ainvoked(call: ToolCall) -> None:
    assert_type(await weather.ainvoke(call), ToolMessage)
    assert_type(await weather.ainvoke("Rome"), Any)
    assert_type(await later("Rome"), tuple[str, bytes])


def all_calls(message: AIMessage) -> None:
    assert_type(run_tool_calls(message, [weather, named]), list[ToolMessage])


async def all_calls_later(message: AIMessage) -> None:
    assert_type(await arun_tool_calls(message, [weather, later]), list[ToolMessage])


def others() -> None:
    assert_type(tool("shout", RunnableLambda(str.upper)), StructuredTool[..., Any])
    assert_type(StructuredTool.from_function(len, description="d"), StructuredTool[..., Any])
    assert_type(tool_definition(Movie, strict=True), dict[str, Any])


def shapes() -> None:
    assert_type(shape_of(Movie), Shape[Movie])
    assert_type(shape_of(Movie).read("{}"), Movie)
    assert_type(shape_of(Point).read({"x": 1}), Point)
    assert_type(shape_of(Film).read({"title": "Alien"}), Film)
    assert_type(shape_of(list[Movie]).read("[]"), list[Movie])
    assert_type(shape_of({"type": "object"}).read("{}"), dict[str, Any])
    assert_type(shape_of(Movie).narrowed(OPENAI), dict[str, Any])
    assert_type(PartialJSON().feed("{"), list[Closed])
