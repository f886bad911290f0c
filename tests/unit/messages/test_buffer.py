from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    get_buffer_string,
)

CALL = {"name": "f", "args": {"a": "<b>"}, "id": "1", "type": "tool_call"}
SAID = [
    SystemMessage("s"),
    HumanMessage("q"),
    AIMessage("a", tool_calls=[CALL]),
    ToolMessage("r", tool_call_id="1"),
    FunctionMessage("f", name="f"),
    ChatMessage("c", role="critic"),
]


def test_prefixes():
    assert get_buffer_string(SAID) == (
        f"System: s\nHuman: q\nAI: a{[CALL]}\nTool: r\nFunction: f\ncritic: c"
    )
    assert get_buffer_string(SAID[1:2], "User") == "User: q"
    assert get_buffer_string([AIMessage("a")], ai_prefix="Bot") == "Bot: a"
    assert (
        get_buffer_string(
            SAID, system_prefix="S", tool_prefix="T", function_prefix="F", message_separator="|"
        ).count("|")
        == 5
    )
    legacy = AIMessage("a", additional_kwargs={"function_call": {"name": "f"}})
    assert get_buffer_string([legacy]) == "AI: a{'name': 'f'}"


def test_xml():
    assert get_buffer_string(SAID, format="xml").split("\n") == [
        '<message type="system">s</message>',
        '<message type="human">q</message>',
        '<message type="ai">',
        "<content>a</content>",
        '<tool_call id="1" name="f">{"a": "&lt;b&gt;"}</tool_call>',
        "</message>",
        '<message type="tool" tool_call_id="1">r</message>',
        '<message type="function" name="f">f</message>',
        '<message type="critic">c</message>',
    ]


@pytest.mark.parametrize(
    "block,shown",
    [
        ({"type": "text", "text": "<&>"}, "&lt;&amp;&gt;"),
        ({"type": "reasoning", "reasoning": "hm"}, "<reasoning>hm</reasoning>"),
        ({"type": "reasoning", "reasoning": ""}, ""),
        (
            {"type": "image", "url": 'https://x/?a=1&b="'},
            '<image url="https://x/?a=1&amp;b=&quot;" />',
        ),
        ({"type": "image", "url": "data:image/png;base64,AA=="}, ""),
        ({"type": "image", "base64": "AA==", "mime_type": "image/png"}, ""),
        ({"type": "audio", "file_id": "f"}, '<audio file_id="f" />'),
        ({"type": "text-plain", "mime_type": "text/plain", "text": "doc"}, "doc"),
        (
            {"type": "server_tool_call", "name": "s", "args": {"q": "x"}, "id": "1"},
            '<server_tool_call id="1" name="s">{"q": "x"}</server_tool_call>',
        ),
        (
            {
                "type": "server_tool_result",
                "tool_call_id": "1",
                "status": "success",
                "output": "o" * 600,
            },
            '<server_tool_result tool_call_id="1">' + "o" * 500 + "</server_tool_result>",
        ),
        (
            {"type": "server_tool_result", "tool_call_id": "1", "status": "success", "output": {1}},
            '<server_tool_result tool_call_id="1">{1}</server_tool_result>',
        ),
    ],
)
def test_xml_of_blocks(block, shown):
    assert get_buffer_string([AIMessage([block])], format="xml") == (
        f'<message type="ai">{shown}</message>'
    )


def test_mistakes():
    with pytest.raises(ConfigurationError, match="'prefix' or 'xml'"):
        get_buffer_string(SAID, format="html")
    with pytest.raises(ConfigurationError, match="RemoveMessage cannot be shown"):
        get_buffer_string([RemoveMessage("1")])
