"""with_structured_output: a value or an exception, never None."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from conure.chat_models import init_chat_model
from conure.errors import (
    ConfigurationError,
    InvalidOutput,
    ModelAPIError,
    ModelRefusalError,
    Refused,
    SettingIgnoredWarning,
    Truncated,
)
from conure.messages import AIMessage, message_chunk_to_message
from conure.runnables.pieces import total
from conure.testing import ScriptedChatModel
from tests.live.asking import whole, written
from tests.live.server import FaultServer, reply, sse
from tests.unit.chat_models.answering import (
    COLOURS,
    Vendor,
    answer,
    called,
    gathered,
    model_of,
    said,
)


class Movie(BaseModel):
    """A movie."""

    title: str = Field(description="Its title")
    year: int


class MovieDict(TypedDict):
    """A movie."""

    title: Annotated[str, ..., "Its title"]
    year: int


@dataclass
class MovieRow:
    """A movie."""

    title: str
    year: int


SCHEMA = {
    "title": "Movie",
    "description": "A movie.",
    "type": "object",
    "properties": {"title": {"type": "string"}, "year": {"type": "integer"}},
    "required": ["title", "year"],
}
FUNCTION = {"name": "Movie", "description": "A movie.", "parameters": SCHEMA}
UP = {"title": "Up", "year": 2009}
JSON = '{"title": "Up", "year": 2009}'
KINDS = [
    (Movie, Movie(**UP), True),
    (MovieRow, MovieRow(**UP), True),
    (MovieDict, UP, False),
    (SCHEMA, UP, False),
    (FUNCTION, UP, False),
]


# Methods and kinds.


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema, value, strict", KINDS)
def test_by_json_schema(colour, schema, value, strict):
    model, vendor = model_of(said(JSON))
    assert answer(colour, model.with_structured_output(schema)) == value
    (body,) = vendor.bodies
    sent = body["response_format"]
    assert (sent["type"], sent["json_schema"]["strict"]) == ("json_schema", strict)
    assert sent["json_schema"]["name"] in {"Movie", "MovieDict", "MovieRow"}
    assert sent["json_schema"]["description"] == "A movie."
    schema = sent["json_schema"]["schema"]
    assert schema["required"] == ["title", "year"]
    assert schema.get("additionalProperties") is (False if strict else None)
    assert "tools" not in body


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema, value, _strict", KINDS)
def test_by_function_calling(colour, schema, value, _strict):
    name = schema["title" if "title" in schema else "name"] if isinstance(schema, dict) else None
    name = name or schema.__name__
    model, vendor = model_of(called((name, UP)))
    structured = model.with_structured_output(schema, method="function_calling")
    assert answer(colour, structured) == value
    (body,) = vendor.bodies
    (function,) = [tool["function"] for tool in body["tools"]]
    assert (function["name"], function["description"]) == (name, "A movie.")
    assert "strict" not in function
    assert body["tool_choice"] == {"type": "function", "function": {"name": name}}
    assert body["parallel_tool_calls"] is False
    assert "response_format" not in body


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema, value, _strict", [*KINDS, (None, UP, None)])
def test_by_json_mode(colour, schema, value, _strict):
    model, vendor = model_of(said(f"```json\n{JSON}\n```"))
    structured = model.with_structured_output(schema, method="json_mode")
    assert answer(colour, structured) == value
    assert vendor.bodies[0]["response_format"] == {"type": "json_object"}


class Mood(Enum):
    GLAD = "glad"
    SAD = "sad"


@pytest.mark.parametrize(
    "schema, text, value",
    [
        (list[Movie], '{"value": [{"title": "Up", "year": 2009}]}', [Movie(**UP)]),
        (Mood, '{"value": "sad"}', Mood.SAD),
        (Literal["a", "b"], '{"value": "b"}', "b"),
        (int | str, '{"value": 3}', 3),
        (Movie | int, f'{{"value": {JSON}}}', Movie(**UP)),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (int, '{"value": 3}', 3),
    ],
)
def test_types_that_are_no_objects(schema, text, value):
    model, vendor = model_of(said(text))
    assert model.with_structured_output(schema).invoke("hi") == value
    sent = vendor.bodies[0]["response_format"]["json_schema"]["schema"]
    assert sent.get("type", "object") == "object"


@pytest.mark.parametrize(
    "name, method",
    [
        ("openai:gpt-4.1", "json_schema"),
        ("openai:gpt-4", "function_calling"),
        ("openai:gpt-3.5-turbo", "function_calling"),
        ("groq:llama-3.3-70b-versatile", "function_calling"),
        ("deepseek:deepseek-chat", "function_calling"),
    ],
)
def test_the_method_follows_the_model(name, method):
    vendor = Vendor(called(("Movie", UP)) if method == "function_calling" else said(JSON))
    model = init_chat_model(name, api_key="k", transport=vendor)
    assert model.with_structured_output(Movie).invoke("hi") == Movie(**UP)
    assert ("tools" in vendor.bodies[0]) == (method == "function_calling")


# Strictness.


class Wordcount(BaseModel):
    words: dict[str, int]


def test_what_strict_mode_cannot_say_is_asked_for_without():
    model, vendor = model_of(said('{"words": {"a": 1}}'))
    assert model.with_structured_output(Wordcount).invoke("hi").words == {"a": 1}
    sent = vendor.bodies[0]["response_format"]["json_schema"]
    assert sent["strict"] is False
    assert sent["schema"]["properties"]["words"]["additionalProperties"] == {"type": "integer"}


def test_strict_by_order_raises_with_the_path_before_anything_is_sent():
    model, vendor = model_of(said("never"))
    with pytest.raises(ConfigurationError, match=r"\$\.words"):
        model.with_structured_output(Wordcount, strict=True).invoke("hi")
    assert vendor.bodies == []


@pytest.mark.parametrize("schema", [Movie, MovieDict, SCHEMA])
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_strict_is_honoured(schema, strict, method):
    name = "MovieDict" if schema is MovieDict else "Movie"
    told = said(JSON) if method == "json_schema" else called((name, UP))
    model, vendor = model_of(told)
    model.with_structured_output(schema, strict=strict, method=method).invoke("hi")
    (body,) = vendor.bodies
    if method == "json_schema":
        sent = body["response_format"]["json_schema"]
        parameters = sent["schema"]
    else:
        sent = body["tools"][0]["function"]
        parameters = sent["parameters"]
    assert sent["strict"] is strict
    assert parameters.get("additionalProperties") is (False if strict else None)


class Limited(BaseModel):
    rating: int = Field(ge=0, le=10)
    note: str | None = None
    seen: bool = False


def test_what_was_narrowed_away_is_still_checked():
    model, vendor = model_of(said('{"rating": 11, "note": null, "seen": true}'))
    with pytest.raises(InvalidOutput, match="rating"):
        model.with_structured_output(Limited).invoke("hi")
    sent = vendor.bodies[0]["response_format"]["json_schema"]["schema"]
    assert sent["required"] == ["rating", "note", "seen"]


def test_null_for_what_was_made_required_is_the_default():
    model, _ = model_of(said('{"rating": 3, "note": null, "seen": null}'))
    assert model.with_structured_output(Limited).invoke("hi") == Limited(rating=3)


# What goes wrong.

TROUBLE = [
    (said("I do not know."), InvalidOutput),
    (said('{"title": "Up"}'), InvalidOutput),
    (said('{"title": "Up", "year": "soon"}'), InvalidOutput),
    (said(""), InvalidOutput),
    (said(None), InvalidOutput),
    (said("null"), InvalidOutput),
    (said(None, refusal="No."), ModelRefusalError),
    (said('{"title": "U', finish="content_filter"), ModelRefusalError),
    (said('{"title": "U', finish="length"), Truncated),
]
BY_CALL = [
    (said("I do not know."), InvalidOutput),
    (called(("Other", {"x": 1})), InvalidOutput),
    (called(("Movie", '{"title": ')), InvalidOutput),
    (called(("Movie", {"title": "Up"})), InvalidOutput),
    (called(("Movie", '{"title": "U'), finish="length"), Truncated),
    (said(None, refusal="No."), ModelRefusalError),
]
CASES = [
    *(("json_schema", told, error) for told, error in TROUBLE),
    *(("json_mode", told, error) for told, error in TROUBLE),
    *(("function_calling", told, error) for told, error in BY_CALL),
]


@pytest.mark.parametrize("schema", [Movie, SCHEMA])
@pytest.mark.parametrize("method, told, error", CASES)
def test_no_value_is_an_exception(schema, method, told, error):
    model, _ = model_of(told)
    structured = model.with_structured_output(schema, method=method)
    with pytest.raises(error) as caught:
        structured.invoke("hi")
    if error is not ModelRefusalError:
        assert isinstance(caught.value.raw, AIMessage)
        assert caught.value.errors
    with pytest.raises(error):
        list(structured.stream("hi"))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("method, told, error", CASES)
def test_include_raw_never_raises_for_an_answer(colour, method, told, error):
    model, _ = model_of(told)
    structured = model.with_structured_output(Movie, method=method, include_raw=True)
    given = answer(colour, structured)
    assert list(given) == ["raw", "parsed", "parsing_error"]
    assert isinstance(given["raw"], AIMessage)
    assert given["parsed"] is None
    assert type(given["parsing_error"]) is error
    assert total(gathered(colour, structured))["parsing_error"].__class__ is error


def test_what_is_no_answer_is_raised_even_so():
    model = ScriptedChatModel([ModelAPIError("down")])
    with pytest.raises(ModelAPIError):
        model.with_structured_output(Movie, include_raw=True).invoke("hi")


def test_refused_is_the_short_name():
    assert Refused is ModelRefusalError


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("method", ["json_schema", "json_mode", "function_calling"])
def test_include_raw(colour, method):
    model, _ = model_of(called(("Movie", UP)) if method == "function_calling" else said(JSON))
    given = answer(colour, model.with_structured_output(Movie, method=method, include_raw=True))
    assert (given["parsed"], given["parsing_error"]) == (Movie(**UP), None)
    assert given["raw"].additional_kwargs["parsed"] == Movie(**UP)


@pytest.mark.parametrize(
    "schema, options, words",
    [
        (Movie, {"method": "magic"}, "'magic': choose one of"),
        (None, {}, 'unless method="json_mode"'),
        (None, {"method": "json_schema"}, 'unless method="json_mode"'),
        (Movie, {"max_attempts": 0}, "give 1 or more"),
        (object(), {}, "object"),
        ({"type": "strnig"}, {}, "strnig"),
    ],
)
def test_mistakes_are_named_at_once(schema, options, words):
    model, _ = model_of(said(JSON))
    with pytest.raises(ConfigurationError, match=words):
        model.with_structured_output(schema, **options)


def test_an_unknown_setting_is_named_before_anything_is_sent():
    model, vendor = model_of(said(JSON))
    with pytest.raises(ConfigurationError, match="Did you mean temperature"):
        model.with_structured_output(Movie, temprature=0).invoke("hi")
    assert vendor.bodies == []


# Asking again.

WRONG = said('{"title": "Up", "year": "soon"}')


@pytest.mark.parametrize("colour", COLOURS)
def test_an_answer_that_does_not_fit_is_asked_for_again(colour):
    model, vendor = model_of(WRONG, said("what?"), said(JSON))
    assert answer(colour, model.with_structured_output(Movie, max_attempts=3)) == Movie(**UP)
    roles = [[message["role"][0] for message in body["messages"]] for body in vendor.bodies]
    assert roles == [["u"], ["u", "a", "u"], ["u", "a", "u", "a", "u"]]
    assert "$.year" in vendor.bodies[1]["messages"][-1]["content"]
    assert all(body["response_format"] for body in vendor.bodies)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_call_that_does_not_fit_is_told_so(colour):
    model, vendor = model_of(called(("Movie", {"title": "Up"})), called(("Movie", UP)))
    structured = model.with_structured_output(Movie, method="function_calling", max_attempts=2)
    assert answer(colour, structured) == Movie(**UP)
    told = vendor.bodies[1]["messages"][-1]
    assert (told["role"], told["tool_call_id"]) == ("tool", "call_1")
    assert "$.year: is missing" in told["content"]


def test_attempts_come_to_an_end():
    model, vendor = model_of(WRONG)
    with pytest.raises(InvalidOutput) as caught:
        model.with_structured_output(Movie, max_attempts=3).invoke("hi")
    assert (caught.value.attempts, len(vendor.bodies)) == (3, 3)


@pytest.mark.parametrize("budget, asked", [(49, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_tokens_come_to_an_end(budget, asked):
    model, vendor = model_of(WRONG)  # fifty tokens each
    structured = model.with_structured_output(Movie, max_attempts=9, max_total_tokens=budget)
    with pytest.raises(InvalidOutput):
        structured.invoke("hi")
    assert len(vendor.bodies) == asked


@pytest.mark.parametrize("told", [said('{"title": "U', finish="length"), said(None, refusal="No.")])
def test_what_asking_again_cannot_mend_is_asked_once(told):
    model, vendor = model_of(told)
    with pytest.raises((Truncated, ModelRefusalError)):
        model.with_structured_output(Movie, max_attempts=5).invoke("hi")
    assert len(vendor.bodies) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_asks_again_too(colour):
    model, vendor = model_of(WRONG, said(JSON))
    assert gathered(colour, model.with_structured_output(Movie, max_attempts=2)) == [Movie(**UP)]
    assert len(vendor.bodies) == 2


# Streams.


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema", [MovieDict, SCHEMA, FUNCTION])
@pytest.mark.parametrize("method", ["json_schema", "json_mode", "function_calling"])
def test_dicts_grow(colour, schema, method):
    name = "MovieDict" if schema is MovieDict else "Movie"
    model, _ = model_of(called((name, UP)) if method == "function_calling" else said(JSON))
    assert gathered(colour, model.with_structured_output(schema, method=method)) == [
        {},
        {"title": "U"},
        {"title": "Up"},
        {"title": "Up", "year": 2009},
    ]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema, value", [(Movie, Movie(**UP)), (MovieRow, MovieRow(**UP))])
def test_what_cannot_be_shown_in_part_comes_at_the_end(colour, schema, value):
    model, _ = model_of(said(JSON))
    assert gathered(colour, model.with_structured_output(schema)) == [value]


def test_lists_grow_without_their_envelope():
    schema = {"title": "Years", "type": "array", "items": {"type": "integer"}}
    model, _ = model_of(said('{"value": [2009, 2010]}'))
    seen = list(model.with_structured_output(schema).stream("hi"))
    assert (seen[0], seen[-1]) == ([2], [2009, 2010])
    assert all(isinstance(one, list) for one in seen)


def test_the_last_is_the_one_that_was_validated():
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "seen": {"default": False}}}
    model, _ = model_of(said(JSON))
    assert list(model.with_structured_output(schema).stream("hi"))[-1] == {**UP, "seen": False}


def test_what_was_shown_does_not_change_any_more():
    model, _ = model_of(said('{"value": [{"tags": ["one", "two"]}, {"tags": ["three"]}]}'))
    schema = {"title": "X", "type": "array", "items": {"type": "object"}}
    seen, copies = [], []
    for value in model.with_structured_output(schema).stream("hi"):
        seen.append(value)
        copies.append(repr(value))
    assert [repr(value) for value in seen] == copies
    assert len(set(copies)) == len(copies) > 5


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("schema", [Movie, SCHEMA])
def test_include_raw_comes_in_pieces_that_add_up(colour, schema):
    model, _ = model_of(said(JSON))
    pieces = gathered(colour, model.with_structured_output(schema, include_raw=True))
    assert [next(iter(piece)) for piece in (pieces[0], pieces[-1])] == ["raw", "parsing_error"]
    assert {key for piece in pieces for key in piece} == {"raw", "parsed", "parsing_error"}
    whole = total(pieces)
    assert whole["raw"].text == JSON
    assert message_chunk_to_message(whole["raw"]).usage_metadata["total_tokens"] == 50
    assert whole["parsed"] == (Movie(**UP) if schema is Movie else UP)
    assert whole["parsing_error"] is None


LIST = '{"movies": [{"title": "Up", "year": 2009}, {"title": "Cars", "year": "2006"}]}'


class Movies(BaseModel):
    movies: list[Movie]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "schema, text", [(Movies, LIST), (list[Movie], LIST.replace("movies", "value"))]
)
def test_each_item_once(colour, schema, text):
    model, _ = model_of(said(text))
    structured = model.with_structured_output(schema)
    items = gathered(colour, structured, "stream_items")
    assert items == [Movie(**UP), Movie(title="Cars", year=2006)]


def test_items_of_a_call():
    model, _ = model_of(called(("Movies", LIST)))
    structured = model.with_structured_output(Movies, method="function_calling")
    assert [movie.title for movie in structured.stream_items("hi")] == ["Up", "Cars"]


def test_an_item_comes_before_the_next_is_written():
    seen: list[int] = []

    class Counting(Vendor):
        def read(self, timeout: float | None) -> bytes:
            seen.append(len(self.left))
            return super().read(timeout)

    vendor = Counting(said(LIST))
    model = init_chat_model("openai:gpt-4.1", api_key="k", transport=vendor)
    items = model.with_structured_output(Movies).stream_items("hi")
    assert next(items) == Movie(**UP)
    assert vendor.left
    items.close()


@pytest.mark.parametrize("colour", COLOURS)
def test_an_item_that_does_not_fit(colour):
    model, _ = model_of(said(LIST.replace('"2006"', '"soon"')))
    structured = model.with_structured_output(Movies)
    with pytest.raises(InvalidOutput) as caught:
        gathered(colour, structured, "stream_items")
    assert caught.value.errors[0][0] == "$.movies[1].year"
    assert caught.value.raw.text.startswith('{"movies": [{"title": "Up"')


@pytest.mark.parametrize("schema", [Movie, SCHEMA, MovieDict])
def test_items_need_a_list(schema):
    model, vendor = model_of(said(JSON))
    with pytest.raises(ConfigurationError, match="exactly one list"):
        list(model.with_structured_output(schema).stream_items("hi"))
    assert vendor.bodies == []


def test_what_is_complete_is_shared_not_copied():
    text = '{"value": [' + ", ".join(['{"tags": ["one", "two"]}'] * 50) + "]}"
    model, _ = model_of(said(text))
    schema = {"title": "X", "type": "array", "items": {"type": "object"}}
    seen = list(model.with_structured_output(schema).stream("hi"))
    assert all(
        earlier is later
        for one, other in pairwise(seen)
        for earlier, later in zip(one[:-1], other[:-1], strict=False)
    )


def test_growing_is_linear():
    def entered(count: int) -> int:
        films = ", ".join(f'{{"title": "{"x" * 10}", "year": {n}}}' for n in range(count))
        model, _ = model_of(said(f'{{"movies": [{films}]}}'))
        schema = {"title": "M", "type": "object", "properties": {"movies": {"type": "array"}}}
        structured = model.with_structured_output(schema)
        calls = 0

        def note(frame: Any, event: str, argument: Any) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(note)
        try:
            for _ in structured.stream("hi"):
                pass
        finally:
            sys.setprofile(None)
        return calls

    entered(1)
    assert entered(400) <= 2.2 * entered(200)


# Beside tools, on other runnables.


def look(x: int) -> int:
    """Look."""
    return x


@pytest.mark.parametrize("colour", COLOURS)
def test_a_tool_or_an_answer(colour):
    model, vendor = model_of(called(("look", {"x": 1})), said(JSON))
    structured = model.with_structured_output(Movie, tools=[look], strict=True, include_raw=True)
    first, second = answer(colour, structured), answer(colour, structured)
    assert (first["parsed"], first["parsing_error"]) == (None, None)
    assert first["raw"].tool_calls[0]["name"] == "look"
    assert second["parsed"] == Movie(**UP)
    (body, _) = vendor.bodies
    assert body["tools"][0]["function"]["strict"] is True
    assert body["response_format"]["json_schema"]["strict"] is True


def test_a_tool_where_only_the_value_is_wanted():
    model, _ = model_of(called(("look", {"x": 1})))
    with pytest.raises(InvalidOutput, match="called look instead of answering"):
        model.with_structured_output(Movie, tools=[look]).invoke("hi")


def test_tools_are_left_out_where_the_answer_is_a_call():
    model, vendor = model_of(called(("Movie", UP)))
    structured = model.with_structured_output(Movie, tools=[look], method="function_calling")
    with pytest.warns(SettingIgnoredWarning, match="tools are left out"):
        assert structured.invoke("hi") == Movie(**UP)
    assert [tool["function"]["name"] for tool in vendor.bodies[0]["tools"]] == ["Movie"]


def test_settings_of_the_model_of_the_schema_and_of_the_call():
    model, vendor = model_of(said(JSON))
    structured = model.bind(temperature=0.5, seed=1).with_structured_output(
        Movie, seed=2, top_p=0.1
    )
    structured.invoke("hi", top_p=0.2)
    (body,) = vendor.bodies
    assert (body["temperature"], body["seed"], body["top_p"]) == (0.5, 2, 0.2)


@pytest.mark.parametrize("colour", COLOURS)
def test_on_fallbacks(colour):
    broken = ScriptedChatModel([ModelAPIError("down")], cycle=True)
    model, _ = model_of(said(JSON))
    structured = broken.with_fallbacks([model]).with_structured_output(Movie)
    assert answer(colour, structured) == Movie(**UP)


@pytest.mark.parametrize("colour", COLOURS)
def test_on_a_model_chosen_later(colour):
    vendor = Vendor(said(JSON), called(("Movie", UP)))
    structured = init_chat_model(api_key="k", transport=vendor).with_structured_output(Movie)
    for name in ("openai:gpt-4.1", "groq:llama-3.3-70b-versatile"):
        config = {"configurable": {"model": name}}
        assert answer(colour, structured, config=config) == Movie(**UP)
    assert ["tools" in body for body in vendor.bodies] == [False, True]


def test_in_chains_and_batches():
    model, _ = model_of(said(JSON))
    structured = model.with_structured_output(Movie)
    assert (structured | (lambda movie: movie.year)).invoke("hi") == 2009
    assert structured.batch(["a", "b"]) == [Movie(**UP)] * 2
    assert structured.with_retry().invoke("hi") == Movie(**UP)


@pytest.mark.parametrize("told", [reply(whole(JSON)), sse(*written(JSON))])
def test_over_a_socket(told):
    with FaultServer(told) as server:
        model = init_chat_model("openai:gpt-4.1", base_url=f"{server.url}/v1", api_key="k")
        structured = model.with_structured_output(Movie)
        streams = isinstance(told, list)
        values = list(structured.stream("hi")) if streams else [structured.invoke("hi")]
        body = server.requests[0].json()
    assert values == [Movie(**UP)]
    assert body["stream"] is streams
    assert body["response_format"]["json_schema"]["name"] == "Movie"


PROGRAM = """
import sys
from dataclasses import dataclass
from typing import TypedDict
from conure.testing import ScriptedChatModel

@dataclass
class Row:
    a: int

class Plain(TypedDict):
    a: int

def add(a: int, b: int) -> int:
    "Add."

model = ScriptedChatModel(['{"a": 1}'], cycle=True)
schema = {"title": "A", "type": "object", "properties": {"a": {"type": "integer"}}}
for kind in (Row, Plain, schema):
    model.with_structured_output(kind).invoke("hi")
    list(model.with_structured_output(kind).stream("hi"))
model.bind_tools([add, Row, Plain, schema]).invoke("hi")
print("pydantic" in sys.modules)
"""


def test_pydantic_is_for_those_who_bring_it():
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_schemas_are_computed_once(monkeypatch):
    from conure.schema import subset

    narrowed: list[Any] = []
    narrow = subset.narrow
    monkeypatch.setattr(
        subset, "narrow", lambda schema, rules: narrowed.append(schema) or narrow(schema, rules)
    )

    class Fresh(BaseModel):
        title: str
        year: int

    model, _ = model_of(said(JSON))
    for _ in range(3):
        structured = model.with_structured_output(Fresh)
        structured.invoke("hi")
        structured.invoke("hi")
    assert len(narrowed) == 1
