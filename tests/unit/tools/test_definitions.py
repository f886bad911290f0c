"""How models are told of tools: every form in, one form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Optional

import pydantic
import pytest
import typing_extensions
from typing_extensions import TypedDict

from conure.errors import ConfigurationError
from conure.schema import ANTHROPIC, SchemaError
from conure.tools import custom_tool, tool, tool_definition
from conure.utils.function_calling import (
    convert_to_json_schema,
    convert_to_openai_function,
    convert_to_openai_tool,
)

PARAMETERS = {
    "type": "object",
    "properties": {"location": {"type": "string"}},
    "required": ["location"],
}


def function(x: Any, **options: Any) -> Any:
    return convert_to_openai_tool(x, **options)["function"]


@tool
def get_weather(location: str) -> str:
    """Get the weather at a location."""
    return f"It's sunny in {location}."


def test_a_tool() -> None:
    """S-017, S-115."""
    assert convert_to_openai_tool(get_weather) == {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the weather at a location.",
            "parameters": PARAMETERS,
        },
    }


class GetWeather(pydantic.BaseModel):
    """Get the current weather in a given location"""  # noqa: D400, D415 - as the page has it

    location: str = pydantic.Field(description="The city and state, e.g. San Francisco, CA")


class Actor(pydantic.BaseModel):
    name: str
    role: str


class MovieDetails(pydantic.BaseModel):
    title: str
    cast: list[Actor]
    budget: float | None = pydantic.Field(None, description="Budget in millions USD")


def test_a_pydantic_class() -> None:
    """S-047, S-116."""
    assert function(GetWeather) == {
        "name": "GetWeather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                }
            },
            "required": ["location"],
        },
    }


def test_references_are_put_in_place_and_titles_taken_away() -> None:
    """S-029."""
    made = function(MovieDetails)
    assert made["description"] == ""
    assert made["parameters"] == {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "cast": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "role": {"type": "string"}},
                    "required": ["name", "role"],
                },
            },
            "budget": {
                "anyOf": [{"type": "number"}, {"type": "null"}],
                "default": None,
                "description": "Budget in millions USD",
            },
        },
        "required": ["title", "cast"],
    }


def test_a_property_may_be_called_title() -> None:
    class Book(TypedDict):
        title: str

    assert function(Book)["parameters"]["properties"] == {"title": {"type": "string"}}


class Inner(TypedDict):
    name: str


class Film(TypedDict):
    title: Annotated[str, ..., "The title of the movie"]
    year: Annotated[int, 1979, "When"]
    lead: Inner
    budget: Annotated[float | None, ..., "Budget in millions USD"]
    rating: Optional[float]  # noqa: UP045 - the older spelling is met


def test_a_typed_dict() -> None:
    """S-026, S-030; WARTs 4.3: the documentation of `dict`, and null that is not allowed."""
    made = function(Film)
    assert made["description"] == ""
    assert made["parameters"] == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "The title of the movie"},
            "year": {"type": "integer", "description": "When", "default": 1979},
            "lead": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
            "budget": {
                "anyOf": [{"type": "number"}, {"type": "null"}],
                "description": "Budget in millions USD",
            },
            "rating": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        },
        "required": ["title", "lead", "budget", "rating"],
    }


def test_keys_of_a_typed_dict_may_be_optional() -> None:
    """WART 4.3: `total=False` keys without default are listed as required."""

    class Loose(TypedDict, total=False):
        a: int
        b: typing_extensions.Required[int]

    assert function(Loose)["parameters"]["required"] == ["b"]


def test_other_classes_and_functions() -> None:
    @dataclass
    class Point:
        """A point."""

        x: int

    async def later(city: str, days: int = 1) -> None:  # noqa: D417 - not all are described
        """Look.

        Args:
            city: Where.

        """

    assert function(Point)["description"] == "A point."
    made = function(later)
    assert (made["name"], made["description"]) == ("later", "Look.")
    assert made["parameters"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where."},
            "days": {"type": "integer", "default": 1},
        },
        "required": ["city"],
    }


def test_a_function_that_says_nothing_and_answers_none() -> None:
    """S-131."""

    def get_weather(location: str) -> None: ...

    assert function(get_weather) == {
        "name": "get_weather",
        "description": "",
        "parameters": PARAMETERS,
    }


def test_an_object_that_can_be_called() -> None:
    """WART 4.3: callable class instances fail on missing `__name__`."""

    class Finder:
        """Find."""

        def __call__(self, query: str) -> str:
            return query

    assert function(Finder())["name"] == "Finder"


# Dicts


@pytest.mark.parametrize(
    "given",
    [
        {"title": "look", "description": "Look.", **PARAMETERS},
        {"name": "look", "description": "Look.", "parameters": PARAMETERS},
        {"name": "look", "description": "Look.", "input_schema": PARAMETERS},
        {"toolSpec": {"name": "look", "description": "Look.", "inputSchema": {"json": PARAMETERS}}},
        {
            "type": "function",
            "function": {"name": "look", "description": "Look.", "parameters": PARAMETERS},
        },
    ],
)
def test_dicts_of_every_form(given: Any) -> None:
    before = repr(given)
    assert function(given) == {"name": "look", "description": "Look.", "parameters": PARAMETERS}
    strict = function(given, strict=True)
    assert strict["strict"] is True
    assert strict["parameters"] == {**PARAMETERS, "additionalProperties": False}
    assert function(given, strict=False) == {**function(given), "strict": False}
    assert repr(given) == before


def test_title_and_name_together() -> None:
    """WART 4.3: a JSON schema carrying both loses its parameters."""
    made = function({"title": "look", "name": "other", **PARAMETERS})
    assert (made["name"], made["parameters"]) == ("look", PARAMETERS)


@pytest.mark.parametrize(
    "given",
    [
        {"type": "web_search"},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
        {"type": "file_search", "vector_store_ids": ["a"]},
        {"type": "mcp", "server_label": "a"},
        {"type": "shell"},
        {"type": "custom", "name": "code", "description": "Run."},
        {"type": "function", "name": "flat", "parameters": PARAMETERS},
        {"google_search": {}},
        {"functionDeclarations": [{"name": "a"}]},
        {"cachePoint": {"type": "default"}},
    ],
)
def test_what_a_provider_runs_itself_is_passed_on(given: Any) -> None:
    """WARTs 4.3: `custom` becomes an empty function tool; unknown types raise."""
    assert convert_to_openai_tool(given) == given


def test_strict_is_for_every_form() -> None:
    """WART 4.3: `strict` is ignored for tool dicts that are already formed."""
    flat = {"type": "function", "name": "flat", "parameters": PARAMETERS}
    made = convert_to_openai_tool(flat, strict=True)
    assert made["strict"] is True
    assert made["parameters"]["additionalProperties"] is False
    assert convert_to_openai_tool({"type": "web_search"}, strict=True) == {"type": "web_search"}


@pytest.mark.parametrize("given", [{}, {"a": 1, "b": 2}, {"description": "x"}, "text", 3, None])
def test_what_is_no_tool_is_refused(given: Any) -> None:
    with pytest.raises(ValueError):
        convert_to_openai_tool(given)


# Strict


def test_strict_narrows() -> None:
    """S-119, S-029."""
    made = function(MovieDetails, strict=True)
    parameters = made["parameters"]
    assert parameters["required"] == ["title", "cast", "budget"]
    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["budget"] == {
        "anyOf": [{"type": "number"}, {"type": "null"}],
        "description": "Budget in millions USD",
    }
    assert parameters["properties"]["cast"]["items"]["additionalProperties"] is False


def test_what_strict_cannot_say_is_refused_before_it_is_sent() -> None:
    """WART 4.5: a schema is sent that the API rejects."""

    class Scores(pydantic.BaseModel):
        scores: dict[str, int]

    assert tool_definition(Scores)["function"]["name"] == "Scores"
    with pytest.raises(SchemaError, match=r"\$.scores: is an object with any keys"):
        tool_definition(Scores, strict=True)


def test_other_rules() -> None:
    made = tool_definition(MovieDetails, strict=True, rules=ANTHROPIC)
    assert made["function"]["parameters"]["required"] == ["title", "cast"]


# Once


def test_a_definition_is_made_once() -> None:
    assert tool_definition(get_weather) is tool_definition(get_weather)
    assert tool_definition(GetWeather, strict=True) is tool_definition(GetWeather, strict=True)
    assert tool_definition(GetWeather) is not tool_definition(GetWeather, strict=True)


def test_what_is_converted_may_be_changed() -> None:
    convert_to_openai_tool(GetWeather)["function"]["name"] = "changed"
    assert function(GetWeather)["name"] == "GetWeather"


# The other two forms


def test_as_a_function() -> None:
    assert convert_to_openai_function(get_weather) == function(get_weather)
    assert convert_to_openai_function({"type": "custom", "name": "a"}) == {"name": "a"}


def test_as_a_json_schema() -> None:
    assert convert_to_json_schema(get_weather) == {
        "title": "get_weather",
        "description": "Get the weather at a location.",
        **PARAMETERS,
    }
    strict = convert_to_json_schema(Film, strict=True)
    assert strict["title"] == "Film"
    assert "description" not in strict
    assert strict["additionalProperties"] is False
    assert convert_to_json_schema({"name": "bare"}) == {
        "title": "bare",
        "type": "object",
        "properties": {},
    }


def test_a_custom_tool() -> None:
    """S-123, S-125."""
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: /a/"}

    @custom_tool(format=grammar)
    def do_math(input_string: str) -> str:
        """Do a mathematical operation."""
        return "27.0"

    definition = {
        "type": "custom",
        "name": "do_math",
        "description": "Do a mathematical operation.",
        "format": grammar,
    }
    assert convert_to_openai_tool(do_math) == definition
    assert tool_definition(do_math, strict=True) == definition


def test_refusals_are_configuration_errors() -> None:
    with pytest.raises(ConfigurationError, match="a tool is a function, a class, a tool or a dict"):
        tool_definition("text")
