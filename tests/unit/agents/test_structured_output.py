"""Agents that answer with values."""

from __future__ import annotations

import dataclasses
from typing import Any, TypedDict

import pydantic
import pytest

from conure.agents import create_agent
from conure.agents.structured_output import (
    AutoStrategy,
    MultipleStructuredOutputsError,
    ProviderStrategy,
    StructuredOutputError,
    StructuredOutputValidationError,
    ToolStrategy,
)
from conure.checkpoint import InMemorySaver
from conure.errors import InvalidOutput, ModelRefusalError, Truncated
from conure.messages import AIMessage
from tests.unit.agents.scripted import WAYS, call, calls, script, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


class Movie(pydantic.BaseModel):
    title: str
    year: int


class Book(pydantic.BaseModel):
    author: str


@dataclasses.dataclass
class Data:
    title: str


class Typed(TypedDict):
    title: str


UP = Movie(title="Up", year=2009)
JSON = '{"title": "Up", "year": 2009}'
SCHEMA = {"title": "movie", "type": "object", "properties": {"title": {"type": "string"}}}


def weather(city: str) -> str:
    """Say how the weather is."""
    return f"sunny in {city}"


# -- by the provider ---------------------------------------------------------------------------


@ways
@pytest.mark.parametrize("given", [Movie, ProviderStrategy(Movie), AutoStrategy(Movie)])
def test_by_the_provider(way, given):
    model = script(calls(call("weather", city="Rome")), JSON)
    result = way(create_agent(model, [weather], response_format=given), user())
    assert result["structured_response"] == UP
    assert texts(result) == ["hi", "", "sunny in Rome", JSON]
    for _, settings in model.calls:
        assert settings["response_format"]["json_schema"]["name"] == "Movie"
        assert settings["tools"][0]["function"]["strict"] is True


@pytest.mark.parametrize(
    "schema, value",
    [(Data, Data("Up")), (Typed, {"title": "Up"}), (SCHEMA, {"title": "Up"}), (list[int], [1, 2])],
)
def test_any_schema(schema, value):
    text = "[1, 2]" if schema == list[int] else '{"title": "Up"}'
    result = create_agent(script(text), response_format=schema).invoke(user())
    assert result["structured_response"] == value


@ways
def test_an_answer_that_does_not_fit_is_asked_for_again(way):
    model = script('{"title": "Up"}', JSON)
    result = way(create_agent(model, response_format=ProviderStrategy(Movie)), user())
    assert result["structured_response"] == UP
    told = model.calls[1][0][-1]
    assert told.type == "human"
    assert "year" in told.text


def test_the_budget_is_spent():
    model = script("no", cycle=True)
    agent = create_agent(model, response_format=ProviderStrategy(Movie, max_attempts=2))
    with pytest.raises(StructuredOutputValidationError) as caught:
        agent.invoke(user())
    assert len(model.calls) == 2
    assert (caught.value.attempts, caught.value.tool_name) == (2, "Movie")
    assert caught.value.ai_message.text == "no"
    assert isinstance(caught.value, InvalidOutput)
    assert isinstance(caught.value, StructuredOutputError)


def test_the_budget_is_for_one_question():
    model = script("no", JSON, "no", JSON)
    agent = create_agent(
        model,
        response_format=ProviderStrategy(Movie, max_attempts=2),
        checkpointer=InMemorySaver(),
    )
    thread = {"configurable": {"thread_id": "t"}}
    for _ in range(2):
        assert agent.invoke(user(), thread)["structured_response"] == UP


def test_the_value_of_the_turn_before_is_gone():
    model = script(JSON, calls(call("weather", city="Rome")), '{"title": "Us", "year": 2019}')
    agent = create_agent(model, [weather], response_format=Movie, checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "t"}}
    agent.invoke(user(), thread)
    assert agent.invoke(user(), thread)["structured_response"].title == "Us"


def test_what_another_attempt_cannot_mend():
    cut = AIMessage('{"title": "U', response_metadata={"finish_reason": "length"})
    model = script(cut)
    with pytest.raises((Truncated, InvalidOutput)):
        create_agent(model, response_format=ProviderStrategy(Movie, max_attempts=1)).invoke(user())
    refusal = AIMessage([{"type": "refusal", "refusal": "I will not."}])
    with pytest.raises(ModelRefusalError, match="I will not"):
        create_agent(script(refusal), response_format=ProviderStrategy(Movie)).invoke(user())


# -- by a tool ----------------------------------------------------------------------------------


@ways
def test_by_a_tool(way):
    model = script(calls(call("Movie", title="Up", year=2009)))
    result = way(create_agent(model, [weather], response_format=ToolStrategy(Movie)), user())
    assert result["structured_response"] == UP
    assert texts(result) == ["hi", "", "Returning structured response: title='Up' year=2009"]
    settings = model.calls[0][1]
    assert settings["tool_choice"] == "required"
    assert [one["function"]["name"] for one in settings["tools"]] == ["weather", "Movie"]


@ways
def test_a_union_makes_a_tool_of_each(way):
    model = script(calls(call("Book", author="Ann")))
    result = way(create_agent(model, response_format=ToolStrategy(Movie | Book)), user())
    assert result["structured_response"] == Book(author="Ann")


@ways
def test_ordinary_calls_of_the_same_turn_run_too(way):
    both = calls(call("weather", "1", city="Rome"), call("Movie", "2", title="Up", year=2009))
    strategy = ToolStrategy(Movie, tool_message_content="There it is.")
    result = way(create_agent(script(both), [weather], response_format=strategy), user())
    assert result["structured_response"] == UP
    assert sorted(texts(result)[2:]) == ["There it is.", "sunny in Rome"]


@ways
def test_arguments_that_do_not_fit_are_told(way):
    model = script(
        calls(call("Movie", title="Up")), calls(call("Movie", "2", title="Up", year=2009))
    )
    result = way(create_agent(model, response_format=ToolStrategy(Movie)), user())
    assert result["structured_response"] == UP
    told = result["messages"][2]
    assert (told.status, told.name) == ("error", "Movie")
    assert "year" in told.text


def test_several_values_are_told():
    both = calls(call("Movie", "1", title="A", year=1), call("Movie", "2", title="B", year=2))
    model = script(both, calls(call("Movie", "3", title="Up", year=2009)))
    result = create_agent(model, response_format=ToolStrategy(Movie)).invoke(user())
    assert [message.type for message in result["messages"]] == [
        *("human", "ai", "tool", "tool", "ai", "tool"),
    ]
    assert result["structured_response"] == UP


@pytest.mark.parametrize(
    "handling, words",
    [
        (True, "Error: Failed to parse"),
        ("Once more.", "Once more."),
        (StructuredOutputValidationError, "Error: Failed to parse"),
        ((KeyError, ValueError), "Error: Failed to parse"),
        (lambda error: f"no: {type(error).__name__}", "no: StructuredOutputValidationError"),
    ],
)
def test_how_errors_are_told(handling, words):
    model = script(calls(call("Movie")), calls(call("Movie", "2", title="Up", year=2009)))
    strategy = ToolStrategy(Movie, handle_errors=handling)
    result = create_agent(model, response_format=strategy).invoke(user())
    assert result["messages"][2].text.startswith(words)


@pytest.mark.parametrize("handling", [False, MultipleStructuredOutputsError, KeyError])
def test_errors_that_are_raised(handling):
    agent = create_agent(
        script(calls(call("Movie"))), response_format=ToolStrategy(Movie, handle_errors=handling)
    )
    with pytest.raises(StructuredOutputValidationError, match="'Movie'"):
        agent.invoke(user())


def test_several_values_that_are_raised():
    both = calls(call("Movie", "1", title="A", year=1), call("Book", "2", author="B"))
    strategy = ToolStrategy(Movie | Book, handle_errors=False)
    with pytest.raises(MultipleStructuredOutputsError) as caught:
        create_agent(script(both), response_format=strategy).invoke(user())
    assert caught.value.tool_names == ["Movie", "Book"]


@ways
def test_a_text_in_place_of_the_call(way):
    model = script("It is Up.", calls(call("Movie", title="Up", year=2009)))
    result = way(create_agent(model, response_format=ToolStrategy(Movie)), user())
    assert result["structured_response"] == UP
    assert "by calling Movie" in result["messages"][2].text


def test_a_text_again_and_again():
    model = script("It is Up.", cycle=True)
    with pytest.raises(StructuredOutputValidationError, match="missing"):
        create_agent(model, response_format=ToolStrategy(Movie)).invoke(user())
    assert len(model.calls) == 3


def test_a_call_that_cannot_be_read():
    broken = AIMessage("", invalid_tool_calls=[{"name": "Movie", "args": "{", "id": "1"}])
    model = script(broken, calls(call("Movie", "2", title="Up", year=2009)))
    result = create_agent(model, response_format=ToolStrategy(Movie)).invoke(user())
    assert result["structured_response"] == UP
    assert result["messages"][2].status == "error"


def test_a_model_without_structured_output_is_given_a_tool():
    model: Any = script(calls(call("Movie", title="Up", year=2009)))
    model.structured_method = lambda asked=None: "function_calling"
    assert create_agent(model, response_format=Movie).invoke(user())["structured_response"] == UP
    assert "response_format" not in model.calls[0][1]
