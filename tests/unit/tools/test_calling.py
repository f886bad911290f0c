"""Calling a tool: what it takes, what it answers, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pydantic
import pytest

from conure.callbacks import BaseCallbackHandler
from conure.errors import ConfigurationError
from conure.messages import AIMessage, ToolMessage
from conure.runnables import RunnableLambda
from conure.tools import InvalidToolArguments, StructuredTool, ToolException, tool


@tool
def weather(city: str, days: int = 1) -> str:
    """Look at the weather."""
    return f"{city}: sun for {days}"


def call(name: str = "weather", id: Any = "call_1", **args: Any) -> Any:
    return {"type": "tool_call", "name": name, "args": args, "id": id}


# What it takes


def test_arguments_give_what_the_function_gives() -> None:
    assert weather.invoke({"city": "Rome", "days": "2", "unknown": 1}) == "Rome: sun for 2"


def test_a_text_is_the_only_required_argument() -> None:
    assert weather.invoke("Rome") == "Rome: sun for 1"


def test_a_text_for_several_arguments_is_refused() -> None:
    """WART 4.2: it is passed, unvalidated, to the first field."""

    @tool
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    with pytest.raises(InvalidToolArguments, match="must be an object with a, b, not one text"):
        add.invoke("1")

    @tool
    def optional(a: int = 1, b: int = 2) -> int:
        """Add."""
        return a + b

    with pytest.raises(InvalidToolArguments, match="not one text"):
        optional.invoke("1")


def test_a_tool_call_gives_a_tool_message() -> None:
    message = weather.invoke(call(city="Rome"))
    assert message == ToolMessage("Rome: sun for 1", "call_1", name="weather")
    assert message.status == "success"
    assert weather.invoke({**call("another", city="Rome"), "index": 3}) == message
    assert asyncio.run(weather.ainvoke(call(city="Rome"))) == message


def test_a_tool_call_of_a_message() -> None:
    message = AIMessage("", tool_calls=[call(city="Rome")])
    assert weather.invoke(message.tool_calls[0]).tool_call_id == "call_1"


def test_a_tool_call_without_its_type_is_one() -> None:
    """WART 4.2: it is treated as arguments. Seeds print tool calls so (S-021)."""
    printed = {"name": "weather", "args": {"city": "Rome"}, "id": "call_1"}
    assert weather.invoke(printed) == weather.invoke(call(city="Rome"))


def test_arguments_that_look_like_a_tool_call_are_arguments() -> None:
    @tool
    def record(name: str, args: dict[str, int], id: str) -> str:
        """Record."""
        return f"{name} {args} {id}"

    assert record.invoke({"name": "n", "args": {"a": 1}, "id": "i"}) == "n {'a': 1} i"


def test_a_tool_call_without_an_id_gives_the_raw_value() -> None:
    assert weather.invoke(call(city="Rome", id=None)) == "Rome: sun for 1"


def test_a_model_is_taken_apart() -> None:
    class Place(pydantic.BaseModel):
        city: str
        days: int = 4

    assert weather.invoke(Place(city="Rome")) == "Rome: sun for 4"


@pytest.mark.parametrize("given", [3, None, ["Rome"]])
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises(
        ConfigurationError, match="takes a dict of arguments, a text or a tool call"
    ):
        weather.invoke(given)


def test_arguments_that_are_no_object_are_refused() -> None:
    with pytest.raises(InvalidToolArguments, match="must be an object"):
        weather.invoke({**call(), "args": "Rome"})


def test_numbers_are_taken_for_texts() -> None:
    """WART 4.2: str fields do not accept numbers, which models often emit."""
    assert weather.invoke({"city": 5}) == "5: sun for 1"


def test_keyword_arguments_of_the_call_are_added() -> None:
    assert weather.invoke({"city": "Rome"}, days=9) == "Rome: sun for 9"
    assert weather.bind(days=9).invoke({"city": "Rome"}) == "Rome: sun for 9"


# What it answers


@dataclass
class Spot:
    name: str
    when: dt.date


class Model(pydantic.BaseModel):
    x: int
    at: dt.date = dt.date(2026, 1, 31)


class Strange:
    def __str__(self) -> str:
        return "strange"


def loop() -> Any:
    around: list[Any] = []
    around.append({"me": around})
    return around


@pytest.mark.parametrize(
    "value, content",
    [
        ("text", "text"),
        (["a", "b"], ["a", "b"]),
        ([{"type": "text", "text": "a"}, "b"], [{"type": "text", "text": "a"}, "b"]),
        ([{"type": "image_url", "image_url": {"url": "u"}}],) * 2,
        (None, "null"),
        (3, "3"),
        (2.5, "2.5"),
        (True, "true"),
        ({"grad": "21 °C"}, '{"grad": "21 °C"}'),
        ((1, "a"), '[1, "a"]'),
        ([1, 2], "[1, 2]"),
        ([], "[]"),
        ([{"type": "restaurant", "name": "x"}], '[{"type": "restaurant", "name": "x"}]'),
        ({"at": dt.date(2026, 1, 31)}, '{"at": "2026-01-31"}'),
        ({"id": UUID(int=1)}, '{"id": "00000000-0000-0000-0000-000000000001"}'),
        (Spot("a", dt.date(2026, 1, 31)), '{"name": "a", "when": "2026-01-31"}'),
        (Model(x=1), '{"x":1,"at":"2026-01-31"}'),
        ([Model(x=1)], '[{"x": 1, "at": "2026-01-31"}]'),
        (Strange(), "strange"),
        ({1, 2}, "[1, 2]"),
    ],
)
def test_return_values_become_content(value: Any, content: Any) -> None:
    """WART 4.2: pydantic gives `x=1`."""

    @tool
    def give() -> Any:
        """Give."""
        return value

    assert give.invoke(call("give")).content == content
    assert give.invoke({}) is value


def test_what_never_ends_is_shown_as_it_shows_itself() -> None:
    @tool
    def give() -> Any:
        """Give."""
        return loop()

    assert give.invoke(call("give")).content == "[{'me': [...]}]"


def test_a_message_is_returned_unchanged() -> None:
    @tool
    def give() -> Any:
        """Give."""
        return ToolMessage("own", "other", status="error")

    assert give.invoke(call("give")) == ToolMessage("own", "other", status="error")


def test_content_and_artifact() -> None:
    @tool(response_format="content_and_artifact")
    def draw(good: bool) -> Any:
        """Draw."""
        return ("drawn", {"pixels": [1]}) if good else "drawn"

    message = draw.invoke(call("draw", good=True))
    assert (message.content, message.artifact) == ("drawn", {"pixels": [1]})
    assert draw.invoke({"good": True}) == "drawn"
    with pytest.raises(ValueError, match="must return a tuple"):
        draw.invoke({"good": False})


# What it says when it cannot


def test_wrong_arguments_raise_in_words_for_the_model() -> None:
    with pytest.raises(InvalidToolArguments) as caught:
        weather.invoke(call(days="few"))
    assert str(caught.value) == (
        "The arguments of weather are not valid:\n- city: is missing\n- days: must be an integer, "
        'not "few"'
    )
    assert caught.value.errors == [
        ("$.city", "is missing"),
        ("$.days", 'must be an integer, not "few"'),
    ]
    assert caught.value.tool == "weather"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "handling, content",
    [
        (True, "The arguments of act are not valid:\n- a: is missing"),
        ("Wrong!", "Wrong!"),
        (lambda error: f"{len(error.errors)} wrong", "1 wrong"),
    ],
)
def test_wrong_arguments_can_be_answered(handling: Any, content: str) -> None:
    act = StructuredTool.from_function(
        lambda a: a, name="act", description="Act.", handle_validation_error=handling
    )
    message = act.invoke(call("act"))
    assert (message.content, message.status) == (content, "error")
    assert message.tool_call_id == "call_1"
    assert act.invoke({}) == content


def failing(error: Exception, **fields: Any) -> StructuredTool[..., Any]:
    def act() -> None:
        raise error

    return StructuredTool.from_function(act, description="Fail.", **fields)


@pytest.mark.parametrize(
    "handling, error, content",
    [
        (True, ToolException("too hot"), "too hot"),
        ("Sorry.", ToolException("too hot"), "Sorry."),
        (lambda error: f"<{error}>", ToolException("too hot"), "<too hot>"),
        (ValueError, ValueError("bad"), "bad"),
        (Exception, KeyError("k"), "'k'"),
        (Exception, TimeoutError(), "TimeoutError"),
        ((ValueError, KeyError), ValueError("bad"), "bad"),
    ],
)
def test_errors_can_be_answered(handling: Any, error: Exception, content: str) -> None:
    """WART 4.2: `handle_tool_error` cannot cover other errors than ToolException."""
    act = failing(error, handle_tool_error=handling)
    for message in (act.invoke(call("act")), asyncio.run(act.ainvoke(call("act")))):
        assert (message.content, message.status) == (content, "error")


@pytest.mark.parametrize(
    "handling, error",
    [
        (False, ToolException("x")),
        (True, ValueError("x")),
        ("text", ValueError("x")),
        (ValueError, ToolException("x")),
    ],
)
def test_other_errors_are_raised(handling: Any, error: Exception) -> None:
    with pytest.raises(type(error), match="x") as caught:
        failing(error, handle_tool_error=handling).invoke(call("act"))
    assert caught.value is error


# Being watched, being composed


class Watcher(BaseCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_tool_start(self, serialized: dict[str, Any], input_str: str, **kwargs: Any) -> None:
        self.heard.append(("start", serialized["name"], input_str, kwargs["inputs"]))
        self.labels = (kwargs["tags"], kwargs["metadata"], kwargs["tool_call_id"])

    def on_tool_end(self, output: Any, **kwargs: Any) -> None:
        self.heard.append(("end", output))

    def on_tool_error(self, error: BaseException, **kwargs: Any) -> None:
        self.heard.append(("error", error))

    def on_chain_start(self, serialized: dict[str, Any], inputs: Any, **kwargs: Any) -> None:
        self.heard.append(("chain", kwargs["parent_run_id"] is not None))


def test_a_run_is_told_of() -> None:
    for ask in (weather.invoke, lambda *a: asyncio.run(weather.ainvoke(*a))):
        watcher = Watcher()
        message = ask(call(city="Rome"), {"callbacks": [watcher]})
        assert watcher.heard == [
            ("start", "weather", "{'city': 'Rome'}", {"city": "Rome"}),
            ("end", message),
        ]


def test_labels_of_the_tool_are_its_own() -> None:
    watcher = Watcher()
    act = StructuredTool.from_function(
        lambda: 1,
        name="act",
        description="Act.",
        tags=["mine"],
        metadata={"a": 1},
        callbacks=[watcher],
    )
    act.invoke({}, {"tags": ["call"]})
    assert watcher.labels == (["call", "mine"], {"a": 1}, None)


def test_a_failure_is_told_of() -> None:
    watcher, error = Watcher(), ValueError("bad")
    with pytest.raises(ValueError, match="bad"):
        failing(error).invoke({}, {"callbacks": [watcher]})
    assert watcher.heard[-1] == ("error", error)
    with pytest.raises(InvalidToolArguments):
        weather.invoke({}, {"callbacks": [watcher]})
    assert isinstance(watcher.heard[-1][1], InvalidToolArguments)


def test_what_a_tool_asks_runs_below_it() -> None:
    watcher = Watcher()

    @tool
    def outer(x: int) -> int:
        """Ask another."""
        return RunnableLambda(lambda n: n + 1).invoke(x)

    assert outer.invoke({"x": 1}, {"callbacks": [watcher]}) == 2
    assert ("chain", True) in watcher.heard


def test_a_tool_is_a_runnable() -> None:
    chain = RunnableLambda(lambda city: {"city": city}) | weather | len
    assert chain.invoke("Rome") == 15
    assert weather.batch(["a", "b"]) == ["a: sun for 1", "b: sun for 1"]
    assert list(weather.stream("a")) == ["a: sun for 1"]
    assert asyncio.run(weather.abatch(["a"])) == ["a: sun for 1"]

    async def streamed() -> list[Any]:
        return [piece async for piece in weather.astream("a")]

    assert asyncio.run(streamed()) == ["a: sun for 1"]
    assert repr(weather) == "StructuredTool(name='weather', description='Look at the weather.')"


def test_streaming_a_tool_is_told_of_as_a_tool() -> None:
    watcher = Watcher()
    list(weather.stream("a", {"callbacks": [watcher]}))
    assert [event[0] for event in watcher.heard] == ["start", "end"]
