"""`@tool` in all its forms: what a function becomes, and what the model is told of it."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pydantic
import pytest

from conure.errors import ConfigurationError
from conure.runnables import RunnableConfig
from conure.schema import SchemaError
from conure.tools import BaseTool, InvalidToolArguments, StructuredTool, Tool, tool


def weather(city: str, days: int = 1) -> str:
    """Look at the weather."""
    return f"{city}: sun for {days}"


def test_bare() -> None:
    made = tool(weather)
    assert (made.name, made.description) == ("weather", "Look at the weather.")
    assert made.args == {
        "city": {"title": "City", "type": "string"},
        "days": {"title": "Days", "type": "integer", "default": 1},
    }
    assert made.tool_call_schema == {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
        "required": ["city"],
    }
    assert made.tool_call_schema.model_json_schema() == dict(made.tool_call_schema)
    assert made.get_input_schema() == made.tool_call_schema
    assert made.args_schema is None
    assert made.invoke({"city": "Rome"}) == "Rome: sun for 1"


def test_options() -> None:
    @tool(
        "forecast",
        description="Tell the future.",
        return_direct=True,
        response_format="content_and_artifact",
        extras={"defer_loading": True},
    )
    def anything(city: str) -> tuple[str, int]:
        """Not this."""
        return city, 1

    assert (anything.name, anything.description) == ("forecast", "Tell the future.")
    assert anything.return_direct
    assert anything.response_format == "content_and_artifact"
    assert anything.extras == {"defer_loading": True}
    assert anything.func is not None
    assert anything.coroutine is None
    assert (anything.tags, anything.metadata) == (None, None)


def test_named_only() -> None:
    @tool("forecast")
    def anything(city: str) -> str:
        """Tell."""
        return city

    assert (anything.name, anything.description) == ("forecast", "Tell.")
    assert tool("other", description="x")(weather).name == "other"
    assert tool(weather, description="x").description == "x"


def test_called_directly_it_is_the_function() -> None:
    """WART 4.1: decorated functions cannot be unit-tested directly."""
    made = tool(weather)
    assert made("Rome", days=2) == "Rome: sun for 2"
    assert inspect.signature(made) == inspect.signature(weather)
    assert made.__name__ == "weather"
    assert made.__doc__ == "Look at the weather."


def test_a_docstring_is_dedented() -> None:
    """WART 4.1: interior indentation is not removed."""

    @tool
    def act(a: int) -> None:
        """Act.

        Well:
            like this.
        """

    assert act.description == "Act.\n\nWell:\n    like this."


def test_a_google_docstring_is_taken_apart() -> None:
    @tool(parse_docstring=True)
    def act(a: int, b: str = "x") -> None:
        """Act
        now.

        Args:
            a: The a,
                at last.
            b: The b.

        Returns:
            Nothing.

        """  # noqa: D205 - as people write it

    assert act.description == "Act now."
    assert act.args["a"]["description"] == "The a, at last."
    assert act.args["b"]["description"] == "The b."


@pytest.mark.parametrize(
    "docstring", ["No section.", "Close.\nArgs:\n    a: x", "Other.\n\nArgs:\n    c: x"]
)
def test_a_bad_docstring_is_an_error_if_wanted(docstring: str) -> None:
    """WART 4.1: an unknown name raises even with error_on_invalid_docstring=False."""

    def act(a: int) -> None: ...

    act.__doc__ = docstring
    with pytest.raises(ValueError, match="docstring"):
        tool(parse_docstring=True)(act)
    assert tool(parse_docstring=True, error_on_invalid_docstring=False)(act).name == "act"


def test_a_description_is_needed() -> None:
    def act(a: int) -> None: ...

    for make in (tool, tool("act"), StructuredTool.from_function):
        with pytest.raises(ValueError, match="act needs a description"):
            make(act)
    with pytest.raises(ConfigurationError, match="lambda needs a name"):
        tool(lambda: 1, description="x")
    with pytest.raises(ConfigurationError, match="made of a function"):
        tool(3)


def test_annotations_are_told() -> None:
    @tool
    def act(
        a: Annotated[int, "An a"],
        b: Annotated[str, pydantic.Field(description="A b", max_length=3)],
        c=None,
        *,
        d: list[float] | None = None,
    ) -> None:
        """Act."""

    assert act.args == {
        "a": {"title": "A", "type": "integer", "description": "An a"},
        "b": {"title": "B", "type": "string", "description": "A b", "maxLength": 3},
        "c": {"title": "C", "default": None},
        "d": {
            "title": "D",
            "anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}],
            "default": None,
        },
    }


def test_rest_parameters_are_spread() -> None:
    """WART 4.1: values of *args and **kwargs arrive nested."""

    @tool
    def act(a: int, *args: int, **kwargs: str) -> Any:
        """Act."""
        return a, args, kwargs

    assert act.invoke({"a": 1, "args": [2, "3"], "x": "y"}) == (1, (2, 3), {"x": "y"})


def test_an_async_function() -> None:
    @tool
    async def act(a: int) -> int:
        """Act."""
        return a + 1

    assert act.func is None
    assert act.coroutine is not None
    assert asyncio.run(act.ainvoke({"a": "1"})) == 2
    assert asyncio.run(act(1)) == 2
    with pytest.raises(NotImplementedError, match="act is async: call it with ainvoke"):
        act.invoke({"a": 1})


def test_a_sync_function_in_async_code_runs_in_a_thread() -> None:
    import threading

    @tool
    def where() -> bool:
        """Where."""
        return threading.current_thread() is threading.main_thread()

    assert asyncio.run(where.ainvoke({})) is False


def test_an_object_that_can_be_called() -> None:
    """WART 4.3: callable class instances fail on missing __name__."""

    class Adder:
        """Add."""

        def __call__(self, a: int) -> int:
            return a + 1

    class Later:
        """Add later."""

        async def __call__(self, a: int) -> int:
            return a + 1

    assert tool(Adder()).name == "Adder"
    assert tool(Adder()).invoke({"a": 1}) == 2
    assert asyncio.run(tool(Later()).ainvoke({"a": 1})) == 2


# args_schema


class Query(pydantic.BaseModel):
    """What to look for."""

    text: str = pydantic.Field(description="Words")
    limit: int = 5
    tags: list[str] = []


def test_a_pydantic_class_describes_the_arguments() -> None:
    def find(text: str, limit: int, tags: list[str]) -> Any:
        return text, limit, tags

    made = tool(args_schema=Query)(find)
    assert made.description == "What to look for."
    assert made.args_schema is Query
    assert made.args["text"] == {"title": "Text", "type": "string", "description": "Words"}
    assert made.invoke({"text": 5}) == ("5", 5, [])
    with pytest.raises(InvalidToolArguments, match="limit: Input should be a valid integer"):
        made.invoke({"text": "a", "limit": "many"})


def test_only_what_the_function_takes_reaches_it() -> None:
    @tool(args_schema=Query)
    def find(text: str, **rest: Any) -> Any:
        return text, rest

    @tool(args_schema=Query)
    def narrow(text: str) -> Any:
        return text

    assert find.invoke({"text": "a", "limit": 3}) == ("a", {"limit": 3, "tags": []})
    assert narrow.invoke({"text": "a"}) == "a"


def test_models_within_stay_models() -> None:
    class Outer(pydantic.BaseModel):
        """Outer."""

        query: Query

    @tool(args_schema=Outer)
    def find(query: Query) -> Any:
        return query

    assert find.invoke({"query": {"text": "a"}}) == Query(text="a")


def test_other_classes_describe_the_arguments() -> None:
    @dataclass
    class Data:
        """From data."""

        a: int

    class Typed(TypedDict):
        """From a dict."""

        a: int

    for schema, description in ((Data, "From data."), (Typed, "From a dict.")):

        @tool(args_schema=schema)
        def act(a: int) -> int:
            return a

        assert act.description == description
        assert act.invoke({"a": "3"}) == 3


def test_a_json_schema_describes_and_validates_the_arguments() -> None:
    """WART 4.1: an args_schema that is a JSON Schema is not validated."""
    schema = {
        "title": "act",
        "description": "Act on it.",
        "type": "object",
        "properties": {
            "a": {"type": "integer", "minimum": 1},
            "b": {"type": "string", "default": "x"},
        },
        "required": ["a"],
    }

    @tool(args_schema=schema)
    def act(a: int, b: str) -> Any:
        return a, b

    assert act.description == "Act on it."
    assert act.args_schema == schema
    assert act.invoke({"a": "2"}) == (2, "x")
    for arguments, words in (({}, "a: is missing"), ({"a": 0}, "a: must be 1 or more, not 0")):
        with pytest.raises(InvalidToolArguments, match=words):
            act.invoke(arguments)


def test_an_args_schema_must_describe_an_object() -> None:
    with pytest.raises(ConfigurationError, match="must describe an object"):
        tool(args_schema={"type": "string"})(weather)
    with pytest.raises(SchemaError, match=r"\$.properties.a.type"):
        tool(args_schema={"type": "object", "properties": {"a": {"type": "int"}}})(weather)


# Other ways to make one


def test_without_a_schema_it_takes_one_text() -> None:
    @tool(infer_schema=False)
    def shout(text: str) -> str:
        """Shout."""
        return text.upper()

    assert shout.invoke("hi") == "HI"
    assert shout.args == {"tool_input": {"type": "string"}}


def test_of_a_function_in_both_colours() -> None:
    async def later(city: str, days: int = 1) -> str:
        return f"later {city}"

    made = StructuredTool.from_function(weather, later, name="both", tags=["a"])
    assert made.invoke({"city": "Rome"}) == "Rome: sun for 1"
    assert asyncio.run(made.ainvoke({"city": "Rome"})) == "later Rome"
    assert made.tags == ["a"]
    only = StructuredTool.from_function(coroutine=later, description="Later.")
    assert only.name == "later"
    with pytest.raises(ConfigurationError, match="needs a function"):
        StructuredTool.from_function()
    with pytest.raises(ConfigurationError, match="needs a function"):
        StructuredTool(name="a", description="b")


def test_a_tool_of_one_text() -> None:
    made = Tool("shout", str.upper, "Say it louder.")
    assert made.invoke("hi") == "HI"
    assert made.invoke({"anything": "hi"}) == "HI"
    assert made.args == {"tool_input": {"type": "string"}}
    with pytest.raises(InvalidToolArguments, match="must be one text"):
        made.invoke({"a": "b", "c": "d"})
    described = Tool("find", lambda text, limit, tags: limit, "Find.", args_schema=Query)
    assert described.invoke({"text": "a"}) == 5
    assert list(described.args) == ["text", "limit", "tags"]


def test_a_tool_of_a_runnable() -> None:
    from conure.runnables import RunnableLambda

    made = tool("shout", RunnableLambda(str.upper), description="Louder.")
    assert made.invoke("hi") == "HI"
    assert asyncio.run(made.ainvoke("hi")) == "HI"
    assert (
        made.invoke({"type": "tool_call", "name": "shout", "args": {"x": "hi"}, "id": "1"}).content
        == "HI"
    )
    wide = tool("wide", RunnableLambda(sorted), args_schema=Query)
    assert wide.description == "Ask wide."
    assert wide.invoke({"text": "a"}) == ["limit", "tags", "text"]
    with pytest.raises(ConfigurationError, match="needs a name"):
        tool(weather, RunnableLambda(str.upper))


def test_a_class_of_ones_own() -> None:
    class Multiply(BaseTool):
        name: str = "multiply"
        description: str = "Multiply two numbers."
        factor: int = 1

        def _run(self, a: int, b: int = 2, config: RunnableConfig | None = None) -> int:
            assert config is not None
            return a * b * self.factor

    made = Multiply(factor=3, tags=["x"])
    assert made.invoke({"a": "2"}) == 12
    assert asyncio.run(made.ainvoke({"a": 2, "b": 1})) == 6
    assert list(made.args) == ["a", "b"]
    assert made(2, config={}) == 12
    assert made.run({"a": 1}) == 6
    assert asyncio.run(made.arun({"a": 1})) == 6
    with pytest.raises(ConfigurationError, match="has no field 'colour'"):
        Multiply(colour=1)


def test_a_class_that_is_only_async() -> None:
    class Later(BaseTool):
        name: str = "later"
        description: str = "Later."

        async def _arun(self, a: int) -> int:
            return a

    assert asyncio.run(Later().ainvoke({"a": 1})) == 1
    with pytest.raises(NotImplementedError, match="later is async"):
        Later().invoke({"a": 1})
    with pytest.raises(ConfigurationError, match="needs name and description"):
        BaseTool()


def test_a_class_with_an_args_schema() -> None:
    class Find(BaseTool):
        name: str = "find"
        description: str = "Find."
        args_schema: Any = Query

        def _run(self, text: str, limit: int, tags: list[str]) -> Any:
            return limit

    assert Find().invoke({"text": "a"}) == 5


def test_pydantic_is_not_imported_for_plain_functions() -> None:
    code = (
        "import sys\n"
        "from conure.tools import tool, tool_definition\n"
        "@tool\n"
        "def act(a: int, b: list[str] | None = None) -> int:\n"
        "    'Act.'\n"
        "    return a\n"
        "tool_definition(act, strict=True)\n"
        "assert act.invoke({'a': '3'}) == 3\n"
        "banned = {'pydantic', 'asyncio', 'dataclasses', 'aiohttp', 'urllib3'}\n"
        "heavy = banned & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_conure_loads_no_tools() -> None:
    code = (
        "import sys, conure\n"
        "rooms = ('conure.schema', 'conure.tools')\n"
        "found = [name for name in sys.modules if name.startswith(rooms)]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
