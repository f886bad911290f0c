"""Reading a value out of a reply, or saying why there is none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from conure.chat_models.answers import METHODS, Wanted, read_answer
from conure.errors import InvalidOutput, ModelRefusalError, OutputParserException, Truncated
from conure.messages import AIMessage
from conure.schema import shape_of


class Movie(BaseModel):
    title: str
    year: int


UP = Movie(title="Up", year=2009)
JSON = '{"title": "Up", "year": 2009}'


def read(message: AIMessage | str, method: str = "json_schema", schema: Any = Movie) -> Any:
    message = AIMessage(message) if isinstance(message, str) else message
    wanted = Wanted(None if schema is None else shape_of(schema))
    return read_answer(message, wanted, METHODS[method])


def call(args: Any, name: str = "Movie", **fields: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": "1"}], **fields)


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"\n  {JSON}\n",
        f"```json\n{JSON}\n```",
        f"```\n{JSON}\n```",
        f"Here you are:\n\n{JSON}\n\nAnything else?",
        f"As {{so}} often [1], see [2]: {JSON}",
        f"I thought of {{braces}}, and {JSON} it is",
        f'{{"title": "no year"}} was wrong, rather {JSON}',
        f"{JSON} or " + '{"title": "Cars", "year": 2006}',
        JSON.replace("2009", '"2009"'),
        '{"title": "Up", "year": 2009.0}',
    ],
)
@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
def test_the_value_in_a_text(method, text):
    assert read(text, method) == UP


@pytest.mark.parametrize(
    "text, value",
    [
        ('{"a": [1, 2]}', {"a": [1, 2]}),
        ("[1, 2]", [1, 2]),
        ("3", 3),
        ("```json\n[1]\n```", [1]),
        ('so {"a": "line\nbreak"}.', {"a": "line\nbreak"}),
    ],
)
def test_any_json_without_a_schema(text, value):
    assert read(text, "json_mode", None) == value


@pytest.mark.parametrize(
    "text, path, words",
    [
        ("I do not know.", "$", "is not JSON"),
        ('{"title": "Up"}', "$.year", "is missing"),
        ('{"title": "Up", "year": "soon"}', "$.year", "integer"),
        (f"So: {JSON[:-1]}", "$", "is not JSON"),
        ('{"movies": [{"title": "Up", "year": 2009}, {"ti', "$", "is not JSON"),
        ('maybe {"title": "Up"} or {"title": 3}', "$.year", "is missing"),
        ("[" * 100_000, "$", "is not JSON"),
        ("null", "$", "should be an object"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(text, path, words):
    with pytest.raises(InvalidOutput) as caught:
        read(text)
    error = caught.value
    assert error.errors[0][0] == path
    assert words in error.errors[0][1]
    assert error.raw.text == error.llm_output == text
    assert isinstance(error, (OutputParserException, ValueError))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("text", ["", "I had rather not."])
def test_no_answer_at_all(method, text):
    with pytest.raises(InvalidOutput) as caught:
        read(text, method)
    if text and method == "function_calling":
        assert "but said: 'I had rather not.'" in str(caught.value)


@pytest.mark.parametrize(
    "facts",
    [
        {"finish_reason": "length"},
        {"stop_reason": "max_tokens"},
        {"stopReason": "max_tokens"},
        {"finish_reason": "MAX_TOKENS"},
        {"done_reason": "length"},
    ],
)
@pytest.mark.parametrize("method", ["json_schema", "json_mode", "function_calling"])
def test_cut_off(method, facts):
    message = AIMessage('{"title": "U', response_metadata=facts)
    with pytest.raises(Truncated, match="max_tokens") as caught:
        read(message, method)
    assert caught.value.raw is message


def test_a_call_that_was_whole_before_the_end():
    facts = {"finish_reason": "length"}
    assert read(call(UP.model_dump(), response_metadata=facts), "function_calling") == UP


def test_a_refusal():
    message = AIMessage([{"type": "refusal", "refusal": "No."}])
    with pytest.raises(ModelRefusalError, match=r"No\.") as caught:
        read(message)
    assert caught.value.partial is message


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "refusal"])
def test_filtered(reason):
    with pytest.raises(ModelRefusalError, match=reason):
        read(AIMessage(JSON[:9], response_metadata={"finish_reason": reason}))


def test_the_first_call_of_the_name():
    calls = [
        {"name": "Other", "args": {"x": 1}, "id": "0"},
        {"name": "Movie", "args": {"title": "Up", "year": 2009}, "id": "1"},
        {"name": "Movie", "args": {"title": "Cars", "year": 2006}, "id": "2"},
    ]
    assert read(AIMessage("", tool_calls=calls), "function_calling") == UP


def test_calls_that_are_no_answer():
    with pytest.raises(InvalidOutput, match="no answer of the form"):
        read(call({"x": 1}, "Other"), "function_calling")
    with pytest.raises(InvalidOutput, match=r"\$.year: is missing"):
        read(call({"title": "Up"}), "function_calling")


def test_arguments_that_are_no_json():
    broken = {"name": "Movie", "args": '{"title": ', "id": "1", "error": "ends too early"}
    with pytest.raises(InvalidOutput, match="is not JSON"):
        read(AIMessage("", invalid_tool_calls=[broken]), "function_calling")


def test_looking_for_json_comes_to_an_end():
    # Trying each opening brace of a broken text takes minutes, here.
    with pytest.raises(InvalidOutput):
        read('{"a": [1, {"b": 2}, ' * 50_000)
    with pytest.raises(InvalidOutput):
        read('{"a": [' + '{"b": 2}, ' * 50_000)
    with pytest.raises(InvalidOutput):
        read('{"x ' * 200_000)
