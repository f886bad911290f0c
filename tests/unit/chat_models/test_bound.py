"""bind_tools: what every kind of tool, choice and format is on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from conure.chat_models import init_chat_model
from conure.errors import ConfigurationError, InvalidOutput, ModelAPIError, Truncated
from conure.messages import AIMessage, message_chunk_to_message, sum_chunks
from conure.testing import ScriptedChatModel
from conure.tools import tool
from tests.live.asking import whole
from tests.live.server import FaultServer, reply
from tests.unit.chat_models.answering import (
    COLOURS,
    Vendor,
    answer,
    called,
    gathered,
    model_of,
    said,
)


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


class GetWeather(BaseModel):
    """Get the weather."""

    city: str = Field(description="Where")


class GetTime(TypedDict):
    """Get the time."""

    zone: Annotated[str, ..., "Time zone"]


@dataclass
class Roll:
    """Roll a die."""

    sides: int = 6


SCHEMA = {
    "title": "search",
    "description": "Search.",
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
}
FUNCTION = {"name": "fly", "description": "Fly.", "parameters": {"type": "object"}}
EMPTY = {"type": "object", "properties": {}}
WIRE = {"type": "function", "function": {"name": "land", "parameters": EMPTY}}
INPUT_SCHEMA = {"name": "perch", "description": "Perch.", "input_schema": {"type": "object"}}
BUILT_IN = {"type": "web_search"}
EVERY_KIND = [add, shout, GetWeather, GetTime, Roll, SCHEMA, FUNCTION, WIRE, INPUT_SCHEMA]
NAMES = ["add", "shout", "GetWeather", "GetTime", "Roll", "search", "fly", "land", "perch"]


def sent(tools: Any, **options: Any) -> Any:
    model, vendor = model_of(said("ok"))
    model.bind_tools(tools, **options).invoke("hi")
    return vendor.bodies[0]


def test_every_kind_of_tool_side_by_side():
    tools = sent(EVERY_KIND)["tools"]
    assert [one["function"]["name"] for one in tools] == NAMES
    assert {one["type"] for one in tools} == {"function"}
    described = {one["function"]["name"]: one["function"] for one in tools}
    assert described["add"] == {
        "name": "add",
        "description": "Add two numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    }
    assert described["GetWeather"]["parameters"]["properties"]["city"]["description"] == "Where"
    assert described["GetTime"]["parameters"]["properties"]["zone"]["description"] == "Time zone"
    assert described["Roll"]["parameters"]["properties"]["sides"]["default"] == 6
    assert described["search"]["description"] == "Search."


def test_a_tool_of_the_provider_goes_as_it_is():
    model = ScriptedChatModel(["ok"])
    model.bind_tools([add, BUILT_IN]).invoke("hi")
    assert model.calls[0][1]["tools"][1] == BUILT_IN


def test_no_tools_are_no_setting():
    assert "tools" not in sent([])
    assert "parallel_tool_calls" not in sent([], parallel_tool_calls=False)


ADD = {"type": "function", "function": {"name": "add"}}


@pytest.mark.parametrize(
    "choice, wire",
    [
        ("auto", "auto"),
        ("any", "required"),
        ("required", "required"),
        (True, "required"),
        ("none", "none"),
        ("add", ADD),
        (ADD, ADD),
    ],
)
def test_what_may_be_chosen(choice, wire):
    assert sent([add, shout], tool_choice=choice)["tool_choice"] == wire


@pytest.mark.parametrize("choice", [None, False])
def test_no_choice_is_none_sent(choice):
    assert "tool_choice" not in sent([add], tool_choice=choice)


@pytest.mark.parametrize(
    "choice, wire",
    [
        ("web_search", {"type": "web_search"}),
        ("grep", {"type": "custom", "custom": {"name": "grep"}}),
    ],
)
def test_other_tools_are_chosen_by_their_kind(choice, wire):
    model = ScriptedChatModel(["ok"])
    custom = {"type": "custom", "custom": {"name": "grep"}}
    model.bind_tools([add, BUILT_IN, custom], tool_choice=choice).invoke("hi")
    assert model.calls[0][1]["tool_choice"] == wire


def test_a_tool_that_is_called_like_a_choice():
    def auto() -> None:
        """Drive."""

    assert sent([auto], tool_choice="auto")["tool_choice"]["function"] == {"name": "auto"}


@pytest.mark.parametrize("strict", [True, False, None])
def test_strict_is_for_every_function(strict):
    tools = [one["function"] for one in sent([add, SCHEMA, WIRE], strict=strict)["tools"]]
    assert [one.get("strict") for one in tools] == [strict] * 3
    closed = [one["parameters"].get("additionalProperties") for one in tools]
    assert closed == [False if strict else None] * 3


@pytest.mark.parametrize("parallel", [True, False])
def test_parallel_calls_are_allowed_or_not(parallel):
    assert sent([add], parallel_tool_calls=parallel)["parallel_tool_calls"] is parallel


def test_other_settings_go_along():
    assert sent([add], temperature=0)["temperature"] == 0


@pytest.mark.parametrize(
    "tools, options, words",
    [
        ([add, shout], {"tool_choice": "shoot"}, r"Did you mean 'shout'\? Bound: add, shout"),
        ([add], {"tool_choice": "xyzzy"}, "'xyzzy' is no tool that is bound. Bound: add"),
        ([], {"tool_choice": "any"}, "without any tool"),
        ([add, add], {}, "two tools are called 'add'"),
        (add, {}, "takes a list of tools, not function"),
        ("add", {}, "takes a list of tools, not str"),
        ({"type": "web_search"}, {}, "takes a list of tools, not dict"),
        ([3], {}, "a tool is a function, a class, a tool or a dict, not int"),
        ([{"nonsense": 1, "more": 2}], {}, "a tool dict needs"),
        ([add], {"temprature": 0}, "Did you mean temperature"),
    ],
)
def test_mistakes_are_named_before_anything_is_sent(tools, options, words):
    model, vendor = model_of(said("ok"))
    with pytest.raises(ConfigurationError, match=words):
        model.bind_tools(tools, **options)
    assert vendor.bodies == []


@pytest.mark.parametrize("colour", COLOURS)
def test_calls_come_back_parsed(colour):
    model, _ = model_of(called(("add", {"a": 1, "b": 2}), ("shout", {"text": "hi"})))
    calls = answer(colour, model.bind_tools([add, shout])).tool_calls
    assert [(call["name"], call["args"], call["type"]) for call in calls] == [
        ("add", {"a": 1, "b": 2}, "tool_call"),
        ("shout", {"text": "hi"}, "tool_call"),
    ]
    streamed = gathered(colour, model.bind_tools([add, shout]))
    assert message_chunk_to_message(sum_chunks(streamed)).tool_calls == calls


def test_what_was_bound_before_and_is_bound_after_stays():
    model, vendor = model_of(said("ok"))
    bound = model.bind(temperature=0.5).bind_tools([add]).bind(max_tokens=7).bind(seed=1)
    bound.invoke("hi", stop=["x"])
    (body,) = vendor.bodies
    assert (body["temperature"], body["seed"], body["stop"]) == (0.5, 1, ["x"])
    assert 7 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert body["tools"][0]["function"]["name"] == "add"
    model.invoke("hi")
    assert "tools" not in vendor.bodies[1]


def test_the_last_tools_win():
    model, vendor = model_of(said("ok"))
    model.bind_tools([add]).bind_tools([shout]).invoke("hi")
    assert [one["function"]["name"] for one in vendor.bodies[0]["tools"]] == ["shout"]


def test_through_wrappers():
    model, vendor = model_of(said("ok"))
    for wrapped in (
        model.with_retry().bind_tools([add]),
        model.with_config({"tags": ["a"]}).bind_tools([add]),
        (model.bind_tools([add]) | (lambda message: message)),
    ):
        wrapped.invoke("hi")
        assert vendor.bodies[-1]["tools"][0]["function"]["name"] == "add"


@pytest.mark.parametrize("colour", COLOURS)
def test_on_fallbacks_every_member_has_them(colour):
    broken = ScriptedChatModel([ModelAPIError("down")], cycle=True)
    model, vendor = model_of(said("ok"))
    assert answer(colour, broken.with_fallbacks([model]).bind_tools([add])).text == "ok"
    assert broken.calls[0][1]["tools"][0]["function"]["name"] == "add"
    assert vendor.bodies[0]["tools"][0]["function"]["name"] == "add"


@pytest.mark.parametrize("colour", COLOURS)
def test_on_a_model_chosen_later(colour):
    vendor = Vendor(said("ok"))
    model = init_chat_model(temperature=0, api_key="k", transport=vendor)
    bound = model.bind_tools([add], tool_choice="add")
    for name in ("openai:gpt-4.1", "openai:gpt-4o"):
        answer(colour, bound, config={"configurable": {"model": name}})
    assert [body["model"] for body in vendor.bodies] == ["gpt-4.1", "gpt-4o"]
    assert [body["tool_choice"] for body in vendor.bodies] == [ADD, ADD]
    assert [body["temperature"] for body in vendor.bodies] == [0, 0]


def test_over_a_socket():
    with FaultServer(reply(whole("ok"))) as server:
        model = init_chat_model("openai:m", base_url=f"{server.url}/v1", api_key="k")
        model.bind_tools([add], tool_choice="any", parallel_tool_calls=False).invoke("hi")
        body = server.requests[0].json()
    assert body["tool_choice"] == "required"
    assert body["parallel_tool_calls"] is False
    assert body["tools"][0]["function"]["name"] == "add"


# A response format: the value stands on the message.


class Movie(BaseModel):
    title: str
    year: int


class MovieDict(TypedDict):
    title: str
    year: int


MOVIE_SCHEMA = {
    "title": "Movie",
    "type": "object",
    "properties": {"title": {"type": "string"}, "year": {"type": "integer"}},
    "required": ["title", "year"],
}
UP = '{"title": "Up", "year": 2009}'
UP_DICT = {"title": "Up", "year": 2009}


def streamed(colour: str, model: Any) -> AIMessage:
    return message_chunk_to_message(sum_chunks(gathered(colour, model)))


@pytest.mark.parametrize("how", [answer, streamed])
@pytest.mark.parametrize("colour", COLOURS)
def test_either_calls_or_the_value(colour, how):
    model, vendor = model_of(called(("add", {"a": 1, "b": 2})), said(UP))
    bound = model.bind_tools([add], response_format=Movie, strict=True)
    first, second = how(colour, bound), how(colour, bound)
    assert (len(first.tool_calls), "parsed" in first.additional_kwargs) == (1, False)
    assert second.additional_kwargs["parsed"] == Movie(title="Up", year=2009)
    assert second.text == UP
    (body, _) = vendor.bodies
    assert body["tools"][0]["function"]["strict"] is True
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"]["name"] == "Movie"


@pytest.mark.parametrize(
    "given, strict, value",
    [
        (Movie, True, Movie(title="Up", year=2009)),
        (MovieDict, False, UP_DICT),
        (MOVIE_SCHEMA, False, UP_DICT),
        ({"name": "Movie", "parameters": MOVIE_SCHEMA}, False, UP_DICT),
    ],
)
def test_formats_that_are_schemas(given, strict, value):
    model, vendor = model_of(said(UP))
    message = model.bind_tools([add], response_format=given).invoke("hi")
    assert message.additional_kwargs["parsed"] == value
    assert vendor.bodies[0]["response_format"]["json_schema"]["strict"] is strict
    # The same for one call, without tools, and on a model chosen later.
    assert model.invoke("hi", response_format=given).additional_kwargs["parsed"] == value
    assert vendor.bodies[1]["response_format"] == vendor.bodies[0]["response_format"]
    later = init_chat_model(api_key="k", transport=vendor).bind_tools([], response_format=given)
    later = later.with_config(configurable={"model": "openai:gpt-4.1"})
    assert later.invoke("hi").additional_kwargs["parsed"] == value


def test_formats_of_the_wire_go_as_they_are():
    model, vendor = model_of(said(UP))
    formats = [
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "x", "schema": MOVIE_SCHEMA}},
    ]
    for one in formats:
        message = model.bind_tools([add], response_format=one).invoke("hi")
        assert vendor.bodies[-1]["response_format"] == one
        assert "parsed" not in message.additional_kwargs


@pytest.mark.parametrize("how", [answer, streamed])
@pytest.mark.parametrize(
    "told, error",
    [
        (said("I do not know."), InvalidOutput),
        (said('{"title": "Up", "year": "soon"}'), InvalidOutput),
        (said('{"title": "U', finish="length"), Truncated),
    ],
)
def test_what_is_no_value_raises_with_the_message(how, told, error):
    model, _ = model_of(told)
    with pytest.raises(error) as caught:
        how("sync", model.bind_tools([add], response_format=Movie))
    assert caught.value.raw.text == told["choices"][0]["message"]["content"]


def test_a_refusal_is_a_message():
    model, _ = model_of(said(None, refusal="No."))
    message = model.bind_tools([add], response_format=Movie).invoke("hi")
    assert message.additional_kwargs == {"refusal": "No."}
