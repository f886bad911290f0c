"""Examples of structured output: S-025 to S-030."""

from __future__ import annotations

import ast
import json
from typing import Any

from conure.errors import InvalidOutput
from conure.messages import AIMessage
from tests.examples.page import EXAMPLES, run
from tests.examples.provider import Reply
from tests.examples.table import MODEL, Outcome, example

__all__ = ["INCEPTION"]

INCEPTION = {"title": "Inception", "year": 2010, "director": "Christopher Nolan", "rating": 8.8}
TOLD = Reply(json.dumps(INCEPTION))
TEXTS = {
    "title": "The title of the movie",
    "year": "The year the movie was released",
    "director": "The director of the movie",
    "rating": "The movie's rating out of 10",
}


def described(body: Any) -> Any:
    """Look at what every one of these requests has in common."""
    assert body["response_format"]["type"] == "json_schema"
    sent = body["response_format"]["json_schema"]
    properties = sent["schema"]["properties"]
    assert sorted(sent["schema"]["required"]) == sorted(properties)
    return sent


@example("S-025", given=MODEL, replies=[TOLD])
def s025(it: Outcome) -> None:
    sent = described(it.wire[0])
    assert (sent["name"], sent["strict"]) == ("Movie", True)
    assert sent["schema"]["additionalProperties"] is False
    properties = sent["schema"]["properties"]
    assert {name: one["description"] for name, one in properties.items()} == TEXTS
    assert it.space["response"] == it.space["Movie"](**INCEPTION)
    assert it.lines == ["title='Inception' year=2010 director='Christopher Nolan' rating=8.8"]


@example("S-026", given=MODEL, replies=[TOLD])
def s026(it: Outcome) -> None:
    sent = described(it.wire[0])
    assert (sent["name"], sent["description"]) == ("MovieDict", "A movie with details.")
    properties = sent["schema"]["properties"]
    assert {name: one["description"] for name, one in properties.items()} == TEXTS
    page = EXAMPLES["S-026"].rpartition("# ")[2]
    assert it.space["response"] == ast.literal_eval(page)
    assert ast.literal_eval(it.printed) == INCEPTION


@example("S-027", given=MODEL, replies=[TOLD])
def s027(it: Outcome) -> None:
    sent = described(it.wire[0])
    assert (sent["name"], sent["description"]) == ("Movie", "A movie with details")
    assert {n: one["description"] for n, one in sent["schema"]["properties"].items()} == TEXTS
    assert it.printed.startswith("{'title': 'Inception', 'year': 2010, ")
    assert it.space["response"] == INCEPTION


@example("S-028", given=MODEL, replies=[TOLD, Reply('{"title": "Inception"}')])
def s028(it: Outcome) -> None:
    assert list(it.value) == ["raw", "parsed", "parsing_error"]
    assert isinstance(it.value["raw"], AIMessage)
    assert it.value["parsed"] == it.space["Movie"](**INCEPTION)
    assert it.value["parsing_error"] is None
    # What does not fit stands in parsing_error.
    failed = it.space["model_with_structure"].invoke("again")
    assert failed["parsed"] is None
    assert isinstance(failed["parsing_error"], InvalidOutput)
    assert failed["raw"].text == '{"title": "Inception"}'


DETAILS = {
    "title": "Inception",
    "year": 2010,
    "cast": [{"name": "Leonardo DiCaprio", "role": "Cobb"}],
    "genres": ["Science fiction"],
    "budget": None,
}


def _sent_and_given(it: Outcome) -> tuple[Any, Any]:
    _, value = run("model_with_structure.invoke('Provide details')", it.space)
    return described(it.wire[0])["schema"], value


def _without_refs(schema: Any, whole: Any) -> Any:
    if isinstance(schema, dict):
        if ref := schema.get("$ref"):
            return _without_refs(whole["$defs"][ref.rpartition("/")[2]], whole)
        return {name: _without_refs(one, whole) for name, one in schema.items() if name != "$defs"}
    return [_without_refs(one, whole) for one in schema] if isinstance(schema, list) else schema


@example("S-029", given=MODEL, replies=[Reply(json.dumps(DETAILS))])
def s029(it: Outcome) -> None:
    schema, value = _sent_and_given(it)
    assert value == it.space["MovieDetails"](**DETAILS)
    _budget_takes_null(schema)
    actor = _without_refs(schema, schema)["properties"]["cast"]["items"]
    assert set(actor["properties"]) == {"name", "role"}
    assert actor["additionalProperties"] is False
    assert "default" not in schema["properties"]["budget"]


@example("S-030", given=MODEL, replies=[Reply(json.dumps(DETAILS))])
def s030(it: Outcome) -> None:
    schema, value = _sent_and_given(it)
    assert value == DETAILS
    _budget_takes_null(schema)
    sent = it.wire[0]["response_format"]["json_schema"]
    assert "description" not in sent
    whole = _without_refs(schema, schema)
    assert "description" not in whole
    assert "description" not in whole["properties"]["cast"]["items"]


def _budget_takes_null(schema: Any) -> None:
    budget = schema["properties"]["budget"]
    assert budget["description"] == "Budget in millions USD"
    kinds = budget.get("type") or [one["type"] for one in budget["anyOf"]]
    assert sorted(kinds) == ["null", "number"]
