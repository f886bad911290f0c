"""Programs that bind tools of every kind and run them."""

# Programs stand on one line where they would be typed so.
# ruff: noqa: E501

from __future__ import annotations

from tests.differential.program import program
from tests.examples.provider import Reply, call

__all__: list[str] = []

WEATHER = '''
@tool
def get_weather(location: str, days: int = 1) -> str:
    """Get the weather at a location."""
    return f"sunny in {location} for {days}"
'''
KINDS = {
    "tool": (WEATHER, "get_weather"),
    "function": (
        '''
def get_weather(location: str, days: int = 1) -> str:
    """Get the weather at a location.

    Args:
        location: The place.
        days: How many.
    """
''',
        "get_weather",
    ),
    "async-function": ('async def f(x: int) -> str:\n    "Do it."\n', "f"),
    "pydantic": (
        '''
from pydantic import BaseModel, Field

class GetWeather(BaseModel):
    """Get the weather."""
    location: str = Field(..., description="The place")
    days: int = 1
''',
        "GetWeather",
    ),
    "pydantic-nested": (
        '''
from typing import Literal, Optional
from pydantic import BaseModel, Field

class Place(BaseModel):
    """A place."""
    city: str
    country: Optional[str] = None

class GetWeather(BaseModel):
    """Get the weather."""
    places: list[Place]
    unit: Literal["c", "f"] = "c"
''',
        "GetWeather",
    ),
    "typeddict": (
        '''
from typing_extensions import Annotated, TypedDict

class GetWeather(TypedDict):
    """Get the weather."""
    location: Annotated[str, ..., "The place"]
    days: Annotated[int, 1, "How many"]
''',
        "GetWeather",
    ),
    "json-schema": (
        """
S = {"title": "get_weather", "description": "Get it.", "type": "object",
     "properties": {"location": {"type": "string"}}, "required": ["location"]}
""",
        "S",
    ),
    "openai-dict": (
        """
S = {"type": "function", "function": {"name": "f", "description": "Do it.",
     "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}}
""",
        "S",
    ),
    "openai-function-dict": (
        """
S = {"name": "f", "description": "Do it.",
     "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}
""",
        "S",
    ),
    "anthropic-dict": (
        """
S = {"name": "f", "description": "Do it.",
     "input_schema": {"type": "object", "properties": {"x": {"type": "integer"}}}}
""",
        "S",
    ),
    "named-tool": ('@tool("other")\ndef f(x: int) -> int:\n    "Do it."\n    return x\n', "f"),
    "described-tool": ('@tool(description="Said.")\ndef f(x: int) -> int:\n    return x\n', "f"),
    "parsed-docstring": (
        '''
@tool(parse_docstring=True)
def f(x: int, y: str = "a") -> int:
    """Do it.

    Args:
        x: The number.
        y: The letter.
    """
    return x
''',
        "f",
    ),
    "args-schema": (
        '''
from pydantic import BaseModel, Field

class Given(BaseModel):
    x: int = Field(description="A number")

@tool(args_schema=Given)
def f(x: int) -> int:
    """Do it."""
    return x
''',
        "f",
    ),
    "annotated": (
        '''
from typing import Annotated

@tool
def f(x: Annotated[int, "A number"], y: list[str] | None = None) -> int:
    """Do it."""
    return x
''',
        "f",
    ),
    "injected": (
        '''
from typing import Annotated
from langchain_core.tools import InjectedToolArg

@tool
def f(x: int, user: Annotated[str, InjectedToolArg]) -> str:
    """Do it."""
    return user * x
''',
        "f",
    ),
    "enum": (
        '''
from enum import Enum

class Unit(str, Enum):
    c = "c"
    f = "f"

@tool
def f(unit: Unit) -> str:
    """Do it."""
    return unit
''',
        "f",
    ),
    "no-arguments": ('@tool\ndef f() -> str:\n    "Do it."\n    return "r"\n', "f"),
    "structured-tool": (
        '''
from langchain_core.tools import StructuredTool

def add(a: int, b: int) -> int:
    """Add."""
    return a + b

S = StructuredTool.from_function(add, name="adds")
''',
        "S",
    ),
}
for name, (made, named) in KINDS.items():
    program(f"bind-tools-{name}", f'{made}\nmodel().bind_tools([{named}]).invoke("hi")')
    program(
        f"strict-tools-{name}", f'{made}\nmodel().bind_tools([{named}], strict=True).invoke("hi")'
    )

for name, choice in {
    "auto": '"auto"',
    "any": '"any"',
    "required": '"required"',
    "none": '"none"',
    "true": "True",
    "false": "False",
    "name": '"get_weather"',
    "dict": '{"type": "function", "function": {"name": "get_weather"}}',
    "unknown": '"nothing"',
}.items():
    program(
        f"tool-choice-{name}",
        f'{WEATHER}\nmodel().bind_tools([get_weather], tool_choice={choice}).invoke("hi")',
    )

CALLED = Reply(calls=[call("get_weather", {"location": "Boston"}, "c1")])
program(
    "parallel-tool-calls",
    f'{WEATHER}\nmodel().bind_tools([get_weather], parallel_tool_calls=False).invoke("hi")',
)
program("bind-tools-empty", 'model().bind_tools([]).invoke("hi")')
program(
    "bind-tools-mixed",
    KINDS["pydantic"][0]
    + KINDS["json-schema"][0]
    + WEATHER
    + 'model().bind_tools([GetWeather, {**S, "title": "f"}, get_weather]).invoke("hi")',
)
program(
    "tool-loop",
    WEATHER
    + """
m = model().bind_tools([get_weather])
messages = [{"role": "user", "content": "Boston?"}]
reply = m.invoke(messages)
messages.append(reply)
for call in reply.tool_calls:
    messages.append(get_weather.invoke(call))
show(reply, messages[-1], m.invoke(messages))
""",
    CALLED,
    Reply("It is sunny."),
)
program(
    "tool-bad-arguments-reply",
    'show(model().invoke("hi"))',
    Reply(calls=[call("f", '{"x": ', "c1"), call("g", {"y": 1}, "c2")]),
)
program(
    "tool-arguments-not-object", 'show(model().invoke("hi"))', Reply(calls=[call("f", "[1]", "c1")])
)
CALL = '{"name": "get_weather", "args": {"location": "B"}, "id": "c1", "type": "tool_call"}'
UNTYPED = '{"name": "get_weather", "args": {"location": "B"}, "id": "c1"}'
for name, source in {
    "dict": 'show(get_weather.invoke({"location": "B", "days": 2}))',
    "str": 'show(get_weather.invoke("B"))',
    "call": f"show(get_weather.invoke({CALL}))",
    "call-without-type": f"show(get_weather.invoke({UNTYPED}))",
    "wrong-type": 'get_weather.invoke({"location": "B", "days": "many"})',
    "number-for-str": 'show(get_weather.invoke({"location": 5}))',
    "str-for-number": 'show(get_weather.invoke({"location": "B", "days": "3"}))',
    "missing": "get_weather.invoke({})",
    "unknown": 'show(get_weather.invoke({"location": "B", "more": 1}))',
    "facts": "show(get_weather.name, get_weather.description, get_weather.return_direct)",
    "args": "show(get_weather.args)",
    "async": 'show(await get_weather.ainvoke({"location": "B"}))',
    "batch": 'show(get_weather.batch([{"location": "A"}, {"location": "B"}]))',
    "directly": 'show(get_weather("B"))',
}.items():
    program(f"tool-invoke-{name}", WEATHER + source)
for name, value in {
    "str": '"s"', "int": "3", "none": "None", "dict": '{"é": [1, None]}', "list": '["a", "b"]',
    "tuple": "(1, 2)", "numbers": "[1, 2]", "bool": "True",
    "blocks": '[{"type": "text", "text": "t"}]',
}.items():  # fmt: skip
    program(
        f"tool-returns-{name}",
        f"""
        @tool
        def f():
            "Do it."
            return {value}
        show(f.invoke({{"name": "f", "args": {{}}, "id": "c1", "type": "tool_call"}}).content)
        """,
    )
for name, error, handled in (
    ("tool-exception", "ToolException", "False"),
    ("tool-exception-handled", "ToolException", "True"),
    ("tool-exception-text", "ToolException", '"sorry"'),
    ("value-error", "ValueError", "False"),
):
    program(
        f"tool-raises-{name}",
        f"""
        from langchain_core.tools import StructuredTool, ToolException
        def f():
            "Do it."
            raise {error}("broken")
        made = StructuredTool.from_function(f, handle_tool_error={handled})
        show(made.invoke({{"name": "f", "args": {{}}, "id": "c1", "type": "tool_call"}}))
        """,
    )
program(
    "tool-artifact",
    """
    @tool(response_format="content_and_artifact")
    def f(x: int):
        "Do it."
        return f"made {x}", [x]
    show(f.invoke({"name": "f", "args": {"x": 2}, "id": "c1", "type": "tool_call"}))
    show(f.invoke({"x": 2}))
    """,
)
program("tool-without-docstring", "@tool\ndef f(x: int) -> int:\n    return x\n")
program(
    "tool-injected-given",
    KINDS["injected"][0] + 'show(f.invoke({"x": 2, "user": "u"}))\nshow(sorted(f.tool_call_schema'
    '.model_json_schema()["properties"]) if not isinstance(f.tool_call_schema, dict) else'
    ' sorted(f.tool_call_schema["properties"]))',
)
program(
    "convert-tool",
    WEATHER
    + "from langchain_core.utils.function_calling import convert_to_openai_tool, convert_to_openai_function\n"
    "show(convert_to_openai_tool(get_weather), convert_to_openai_function(get_weather, strict=True))",
)
