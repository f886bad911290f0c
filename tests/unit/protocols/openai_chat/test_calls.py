"""Tool calls, however a vendor cuts them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.protocols.openai_chat.chunks import call, chunk, message, streamed, whole


def calls(*entries: Any, finish: str = "tool_calls") -> list[tuple[Any, Any]]:
    """Names and arguments of the calls in a stream, one entry a chunk."""
    events = streamed(*(chunk(tool_calls=[entry]) for entry in entries), chunk(finish))
    return [(each["name"], each["args"]) for each in message(events).tool_calls]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(
            [call(0, "a", "f", ""), call(0, None, None, '{"x"'), call(0, arguments=":1}")],
            id="usual",
        ),
        pytest.param([call(1, "a", "f", '{"x"'), call(1, arguments=":1}")], id="index from 1"),
        pytest.param([call("0", "a", "f", '{"x"'), call(0, arguments=":1}")], id="index as text"),
        pytest.param([call(None, "a", "f", '{"x"'), call(arguments=":1}")], id="no index, no id"),
        pytest.param(
            [call(None, "a", "f", '{"x"'), call(None, "a", arguments=":1}")], id="no index"
        ),
        pytest.param([call(0, "a", "f", '{"x"'), call(0, "a", "f", ":1}")], id="all repeated"),
        pytest.param([call(0, "a", "f", '{"x"'), call(0, "", "", ":1}")], id="empty after first"),
        pytest.param([call(0, "a", "f", '{"x"'), call(0, "b", None, ":1}")], id="rotating id"),
        pytest.param([call(0, "a", "f", '{"x"'), call(0, "b", "f", ":1}")], id="rotating id, name"),
        pytest.param([call(0, "", "f", '{"x"'), call(0, "a", None, ":1}")], id="late id"),
        pytest.param([call(0, "a", "", '{"x"'), call(0, None, "f", ":1}")], id="late name"),
        pytest.param([call(0, "a", "f", {"x": 1})], id="arguments as object"),
        pytest.param([call(0, 7, "f", '{"x":1}')], id="id as number"),
    ],
)
def test_one_call_in_pieces(entries: list[Any]) -> None:
    assert calls(*entries) == [("f", {"x": 1})]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([call(0, "a", "f", "{}"), call(1, "b", "g", "{}")], id="usual"),
        pytest.param([call(0, "a", "f", "{}"), call(0, "b", "g", "{}")], id="two ids, one index"),
        pytest.param([call(0, "a", "f"), call(0, "b", "g")], id="two ids, one index, no arguments"),
        pytest.param([call(0, None, "f", "{}"), call(0, None, "g", "{}")], id="one index, no ids"),
        pytest.param([call(None, "", "f", "{}"), call(None, "", "g", "{}")], id="no index, no ids"),
        pytest.param([call(None, "a", "f", "{}"), call(None, "b", "g", "{}")], id="no index"),
    ],
)
def test_two_calls(entries: list[Any]) -> None:
    assert calls(*entries) == [("f", {}), ("g", {})]


def test_a_name_in_pieces() -> None:
    assert calls(call(0, "a", "get_"), call(0, None, "weather", "{}")) == [("get_weather", {})]
    assert calls(call(0, "a", "get_"), call(0, None, "get_weather", "{}")) == [("get_weather", {})]


def test_interleaved_calls_keep_apart() -> None:
    entries = [call(0, "a", "f", "{"), call(1, "b", "g", "{"), call(0, arguments="}")]
    assert calls(*entries, call(1, arguments="}")) == [("f", {}), ("g", {})]


def test_a_whole_reply_has_as_many_calls_as_entries() -> None:
    entries = [call(0, "a", "f", "{}"), call(0, "a", "f", "{}"), call(arguments="{}")]
    found = message(whole("tool_calls", tool_calls=entries)).tool_calls
    assert [each["name"] for each in found] == ["f", "f", ""]


def test_calls_without_ids_get_unique_ones() -> None:
    events = whole("tool_calls", tool_calls=[call(name="f"), call(name="f")])
    first, second = message(events).tool_calls
    assert first["id"]
    assert second["id"]
    assert first["id"] != second["id"]


@pytest.mark.parametrize("nothing", [None, "", "null", " null\n"])
def test_no_arguments_are_empty_arguments(nothing: str | None) -> None:
    assert calls(call(0, "a", "f", nothing)) == [("f", {})]
    assert message(whole("tool_calls", tool_calls=[call(0, "a", "f", nothing)])).tool_calls


def test_arguments_cut_off_are_no_call() -> None:
    events = streamed(chunk(tool_calls=[call(0, "a", "f", '{"x": [1')]), chunk("length"))
    assert not message(events).tool_calls
    assert [bad["args"] for bad in message(events).invalid_tool_calls] == ['{"x": [1']


@pytest.mark.parametrize("finish", ["length", "max_tokens"])
def test_a_call_cut_off_before_its_arguments_is_no_call(finish: str) -> None:
    entries = [call(0, "a", "f", "{}"), call(1, "b", "g", "")]
    for events in (
        streamed(chunk(tool_calls=entries), chunk(finish)),
        whole(finish, tool_calls=entries),
    ):
        assert [each["name"] for each in message(events).tool_calls] == ["f"]
        (bad,) = message(events).invalid_tool_calls
        assert (bad["name"], bad["args"]) == ("g", "")
        assert bad["error"]


def test_arguments_that_are_no_object_are_no_call() -> None:
    assert calls(call(0, "a", "f", "[1]")) == []


def test_a_custom_call_has_its_input_as_one_argument() -> None:
    first = {
        "index": 0,
        "id": "a",
        "type": "custom",
        "custom": {"name": "sql", "input": 'SELECT "'},
    }
    more = {"index": 0, "custom": {"input": 'x"\n'}}
    expected = [("sql", {"__arg1": 'SELECT "x"\n'})]
    assert calls(first, more) == expected
    entry = {"id": "a", "type": "custom", "custom": {"name": "sql", "input": 'SELECT "x"\n'}}
    events = whole("tool_calls", tool_calls=[entry])
    assert [(each["name"], each["args"]) for each in message(events).tool_calls] == expected
    (block,) = message(events).content_blocks
    assert block["extras"]["type"] == "custom_tool_call"


def test_the_older_function_call() -> None:
    pieces = [{"name": "f", "arguments": ""}, {"arguments": '{"x"'}, {"arguments": ":1}"}]
    events = streamed(*(chunk(function_call=piece) for piece in pieces), chunk("function_call"))
    for found in (
        events,
        whole("function_call", function_call={"name": "f", "arguments": '{"x":1}'}),
    ):
        (block,) = message(found).content_blocks
        assert (block["type"], block["name"], block["args"]) == ("tool_call", "f", {"x": 1})
        assert block["extras"] == {"type": "function_call"}
        assert block["id"].startswith("call_")


def test_an_empty_function_call_is_none() -> None:
    assert not message(whole(content="x", function_call={"name": "", "arguments": ""})).tool_calls


def test_other_fields_of_a_call_are_kept() -> None:
    entry = call(0, "a", "f", "{}") | {"extra_content": {"google": {"thought_signature": "s"}}}
    entry["function"]["parsed_arguments"] = None
    (block,) = message(whole("tool_calls", tool_calls=[entry])).content_blocks
    assert block["extras"] == {"extra_content": {"google": {"thought_signature": "s"}}}


def test_entries_that_are_no_objects_say_nothing() -> None:
    assert not message(whole(content="x", tool_calls=["f", None])).tool_calls
    assert not message(whole(content="x", tool_calls="f")).tool_calls


def test_a_call_whose_other_kind_is_filled_with_emptiness() -> None:
    # As recorded of snowflake.
    entry = {**call(None, "a", "f", '{"x": 1}'), "custom": {"input": "", "name": ""}}
    entry["type"] = "function"
    reply = message(whole("tool_calls", tool_calls=[entry]))
    assert [(each["id"], each["name"], each["args"]) for each in reply.tool_calls] == [
        ("a", "f", {"x": 1})
    ]
