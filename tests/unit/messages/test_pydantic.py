from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from conure.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    assemble,
    blocks_of,
)
from conure.messages.events import BlockDelta, BlockStart


class State(BaseModel):
    messages: list[AnyMessage] = []
    first: HumanMessage | None = None
    any: BaseMessage | None = None


def test_messages_are_taken_as_they_are():
    message = HumanMessage("a")
    state = State(messages=[message, AIMessageChunk("b")], first=message)
    assert state.messages[0] is message
    assert type(state.messages[1]) is AIMessageChunk
    assert state.first is message


@pytest.mark.parametrize(
    "given,message",
    [
        ({"type": "human", "content": "a"}, HumanMessage("a")),
        ({"role": "user", "content": "a"}, HumanMessage("a")),
        ({"role": "assistant", "content": "a"}, AIMessage("a")),
        ({"type": "system", "data": {"content": "a"}}, SystemMessage("a")),
        ({"type": "tool", "content": "a", "tool_call_id": "1"}, ToolMessage("a", tool_call_id="1")),
    ],
)
def test_dicts_become_messages(given, message):
    assert State(messages=[given], any=given).messages == [message]
    assert State(any=given).any == message


@pytest.mark.parametrize("given", [3, "a", {"type": "humn", "content": "a"}, {"content": 3}])
def test_all_else_is_refused(given):
    with pytest.raises(ValidationError):
        State(messages=[given])
    with pytest.raises(ValidationError, match=r"expected HumanMessage|role|HumanMessage content"):
        State(first=given)


def test_a_message_of_another_class_is_refused():
    with pytest.raises(ValidationError, match="expected HumanMessage"):
        State(first=AIMessage("a"))


def test_models_come_back_from_json():
    reply = assemble(
        [BlockStart(0, {"type": "reasoning", "extras": {"s": 1}}), BlockDelta(1, "text", "a")]
    )
    state = State(messages=[HumanMessage("hi"), reply, ToolMessage("r", tool_call_id="1")])
    made = State.model_validate_json(state.model_dump_json())
    assert made == state
    assert blocks_of(made.messages[1]) == blocks_of(reply)
    assert State(**state.model_dump()) == state
    assert state.model_dump()["messages"][0] == HumanMessage("hi").model_dump()


def test_json_schema():
    schema = State.model_json_schema()
    kinds = {
        part["properties"]["type"].get("const")
        for part in [
            *schema.get("$defs", {}).values(),
            *schema["properties"]["messages"]["items"].get("anyOf", []),
        ]
        if "properties" in part
    }
    assert {"human", "ai", "system", "tool", "chat", "function", "remove"} <= kinds
    assert ToolMessage.model_json_schema()["required"] == ["content", "tool_call_id"]
    assert BaseMessage.model_json_schema()["properties"]["type"] == {"type": "string"}
    assert TypeAdapter(AIMessage).json_schema()["title"] == "AIMessage"


def test_pydantic_is_not_imported_before_it_asks():
    code = "import sys, conure.messages; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
