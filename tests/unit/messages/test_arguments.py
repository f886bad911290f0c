from __future__ import annotations

import math

import pytest

from conure.messages.arguments import read_partial, read_whole


@pytest.mark.parametrize(
    "text,value",
    [
        ("", {}),
        (None, {}),
        (" \n", {}),
        ("{}", {}),
        ('{"a": 1}', {"a": 1}),
        (' {"a": [1, {"b": null}]} ', {"a": [1, {"b": None}]}),
        ('{"a": "x\ny\tz"}', {"a": "x\ny\tz"}),
        ('{"a": "\\ud83d"}', {"a": "\ud83d"}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"big": 123456789012345678901234567890}', {"big": 123456789012345678901234567890}),
    ],
)
def test_whole_arguments_are_read(text, value):
    assert read_whole(text) == value


@pytest.mark.parametrize(
    "text,problem",
    [
        ('{"a": 1', "cut off"),
        ('{"a": "b', "cut off"),
        ("not json", "not JSON"),
        ("[1, 2]", "not a list"),
        ('"text"', "not a string"),
        ("12", "not a number"),
        ("1.5", "not a number"),
        ("true", "not a boolean"),
        ("null", "not null"),
        ('{"a": NaN}', "cut off|not JSON"),
        ('{"a": 1}{"b": 2}', "not JSON|cut off"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_all_else_is_told_in_words_and_never_repaired(text, problem):
    found = read_whole(text)
    assert isinstance(found, str)
    assert any(part in found for part in problem.split("|"))


@pytest.mark.parametrize(
    "text,value",
    [
        ("", {}),
        (None, {}),
        ("{", {}),
        ('{"a', {}),
        ('{"a"', {}),
        ('{"a":', {}),
        ('{"a": "b', {"a": "b"}),
        ('{"a": "b"', {"a": "b"}),
        ('{"a": "b",', {"a": "b"}),
        ('{"a": "b", "c', {"a": "b"}),
        ('{"a":[1,{"b":"c', {"a": [1, {"b": "c"}]}),
        ('{"a":[1,', {"a": [1]}),
        ('{"a":[1,"x\\u00', {"a": [1]}),
        ('{"a": tr', {}),
        ('{"x": 1, "a": nul', {"x": 1}),
        ('{"x": 1, "a": true', {"x": 1, "a": True}),
        ('{"a": -', {}),
        ('{"a": 12', {"a": 12}),
        ('{"a": 1.', {"a": 1}),
        ('{"a": 1.5e', {"a": 1.5}),
        ('{"a": "\\u00', {}),
        ('{"a": "b\\', {"a": "b"}),
        ('{"a": "b\\\\', {"a": "b\\"}),
        ('{"a": "b\\n', {"a": "b\n"}),
        ('{"a": "line\nbreak', {"a": "line\nbreak"}),
        ('{"a": {"b": 1}, "c": [1, 2', {"a": {"b": 1}, "c": [1, 2]}),
        ('{"a": "}{][,:', {"a": "}{][,:"}),
        ('{"a": {}', {"a": {}}),
    ],
)
def test_unfinished_arguments_are_read_as_far_as_they_go(text, value):
    assert read_partial(text) == value


@pytest.mark.parametrize("text", ["[1", "foo", "null", "12", '"text', "]", '{"a": 1}{"b": 2}'])
def test_what_is_no_object_has_no_beginning_of_arguments(text):
    assert read_partial(text) is None


def test_every_beginning_of_an_object_can_be_read():
    whole = '{"city": "Par\\"is", "days": [1, 2.5, {"x": null}], "ok": true, "n": -1e5}'
    for end in range(1, len(whole) + 1):
        found = read_partial(whole[:end])
        assert found is not None
        assert found.keys() <= {"city", "days", "ok", "n"}
    assert math.isclose(read_partial(whole)["n"], -1e5)
