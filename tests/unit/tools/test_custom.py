"""Custom tools: one text in, an output item out."""

from __future__ import annotations

import asyncio
from typing import Any

from conure.tools import custom_tool, tool_definition


def call(name: str) -> Any:
    return {"type": "tool_call", "name": name, "args": {"__arg1": "3^3"}, "id": "call_1"}


def test_it_answers_with_an_output_item() -> None:
    @custom_tool
    def do_math(input_string: str) -> str:
        """Do a mathematical operation."""
        return input_string + "!"

    assert tool_definition(do_math) == {
        "type": "custom",
        "name": "do_math",
        "description": "Do a mathematical operation.",
    }
    message = do_math.invoke(call("do_math"))
    assert message.content == [{"type": "custom_tool_call_output", "output": "3^3!"}]
    assert (message.name, message.tool_call_id) == ("do_math", "call_1")


def test_an_async_one() -> None:
    @custom_tool
    async def think(text: str) -> str:
        """Think."""
        return text

    message = asyncio.run(think.ainvoke(call("think")))
    assert message.content == [{"type": "custom_tool_call_output", "output": "3^3"}]


def test_without_a_docstring_its_name_has_to_do() -> None:
    @custom_tool
    def think(text: str) -> str:
        return text

    assert think.description == "think"
