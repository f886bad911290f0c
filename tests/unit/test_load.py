from __future__ import annotations

import json

import pytest

from conure.errors import ConfigurationError
from conure.load import dumpd, dumps, load, loads
from conure.messages import AIMessage, HumanMessage, ToolMessage, assemble, blocks_of
from conure.messages.events import BlockDelta, BlockStart


def test_the_shape():
    assert dumpd(HumanMessage("hi", id="1")) == {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": {"content": "hi", "type": "human", "id": "1"},
    }
    assert dumpd(AIMessage(""))["kwargs"] == {
        "content": "",
        "type": "ai",
        "tool_calls": [],
        "invalid_tool_calls": [],
    }


@pytest.mark.parametrize(
    "value",
    [
        HumanMessage("hi"),
        AIMessage("a", tool_calls=[{"name": "f", "args": {}, "id": "1"}]),
        ToolMessage("r", tool_call_id="1", status="error"),
        [HumanMessage("hi"), {"messages": [AIMessage("ä")], "n": 1, "none": None}],
    ],
)
def test_what_was_dumped_loads(value):
    assert load(dumpd(value)) == value
    assert loads(dumps(value)) == value
    assert loads(dumps(value, pretty=True)) == value


def test_blocks_survive():
    reply = assemble(
        [BlockStart(0, {"type": "reasoning", "extras": {"s": 1}}), BlockDelta(1, "text", "a")]
    )
    assert blocks_of(loads(dumps(reply))) == blocks_of(reply)


def test_what_cannot_be_built_is_said_to_be_so():
    class Thing:
        def __repr__(self):
            return "<thing>"

    written = dumpd({"thing": Thing()})["thing"]
    assert (written["type"], written["repr"]) == ("not_implemented", "<thing>")

    class Model:
        def to_constructor(self):
            return {"lc": 1, "type": "constructor", "id": ["x"], "kwargs": {}}

    assert dumpd(Model())["id"] == ["x"]


@pytest.mark.parametrize(
    "path",
    [
        ["os", "system"],
        ["langchain", "schema", "messages", "Path"],
        ["HumanMessage"],
        [],
        None,
        "x",
    ],
)
def test_only_messages_are_built(path):
    written = {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": "x"}}
    with pytest.raises(ConfigurationError, match="only messages are built"):
        load([written])


def test_secrets_are_not_filled_in(monkeypatch):
    monkeypatch.setenv("KEY", "secret")
    secret = {"lc": 1, "type": "secret", "id": ["KEY"]}
    assert load({"key": secret}) == {"key": secret}


def test_what_may_be_loaded_cannot_be_widened():
    assert loads(json.dumps(3)) == 3
    with pytest.raises(ConfigurationError, match="nothing else can be loaded"):
        load({}, allowed_objects=[object])
