from __future__ import annotations

import pytest

from conure.messages import AIMessage, AIMessageChunk, ChatMessage, HumanMessage, ToolMessage
from conure.messages.pretty import headline

HUMAN = "================================ Human Message ================================="
AI = "================================== Ai Message =================================="


@pytest.mark.parametrize("title", ["Human Message", "Ai Message", "x", "odd", "a" * 90])
def test_headlines_are_as_wide_as_a_terminal(title):
    assert len(headline(title)) == max(80, len(title) + 2)


def test_texts():
    assert HumanMessage("hi").pretty_repr() == f"{HUMAN}\n\nhi"
    assert HumanMessage("hi", name="bob").pretty_repr() == f"{HUMAN}\nName: bob\n\nhi"
    assert AIMessage("a\nb").pretty_repr() == f"{AI}\n\na\nb"
    assert AIMessageChunk("a").pretty_repr() == f"{AI}\n\na"
    assert " Tool Message " in ToolMessage("a", tool_call_id="1").pretty_repr()
    assert " Chat Message " in ChatMessage("a", "critic").pretty_repr()


def test_tool_calls():
    message = AIMessage(
        "",
        tool_calls=[{"name": "f", "args": {"a": 1, "b": "x"}, "id": "1"}],
        invalid_tool_calls=[{"name": "g", "args": "{", "id": "2", "error": "cut"}],
    )
    assert message.pretty_repr() == (
        f"{AI}\nTool Calls:\n  f (1)\n Call ID: 1\n  Args:\n    a: 1\n    b: x\n"
        "Invalid Tool Calls:\n  g (2)\n Call ID: 2\n  Error: cut\n  Args:\n    {"
    )


def test_lists():
    short = [{"type": "text", "text": "a"}]
    assert HumanMessage(short).pretty_repr() == f"{HUMAN}\n\n{short}"
    long = [{"type": "text", "text": "ä" * 100}]
    assert '[\n  {\n    "type": "text",\n    "text": "ää' in HumanMessage(long).pretty_repr()
    assert "b'" in HumanMessage([{"type": "x", "data": b"a" * 100}]).pretty_repr()


def test_printing(capsys):
    HumanMessage("hi").pretty_print()
    assert capsys.readouterr().out == f"{HUMAN}\n\nhi\n"
    assert "\x1b[1m Human Message \x1b[0m" in HumanMessage("hi").pretty_repr(html=True)


def test_nothing():
    assert HumanMessage("").pretty_repr() == f"{HUMAN}\n\n"
