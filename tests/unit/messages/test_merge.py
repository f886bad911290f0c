from __future__ import annotations

import pytest

from conure.messages.merge import ContentSum, absorb, joined, merge_content, merge_facts


@pytest.mark.parametrize(
    "left,right,total",
    [
        ({"text": "a"}, {"text": "b"}, {"text": "ab"}),
        ({"args": "a"}, {"args": ""}, {"args": "a"}),
        ({"status": "in_progress"}, {"status": "completed"}, {"status": "completed"}),
        (
            {"type": "a", "id": "1", "index": 0},
            {"type": "b", "id": "2", "index": 1},
            {"type": "a", "id": "1", "index": 0},
        ),
        ({"id": None}, {"id": "2"}, {"id": "2"}),
        ({"id": ""}, {"id": "2"}, {"id": "2"}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"a": None}, {"a": 1}, {"a": 1}),
        ({}, {"a": None}, {"a": None}),
        ({"n": 5}, {"n": 6}, {"n": 6}),
        ({"b": True}, {"b": False}, {"b": False}),
        ({"f": 0.5}, {"f": 1.5}, {"f": 1.5}),
        ({"a": 1}, {"a": "x"}, {"a": "x"}),
        ({"a": {"text": "x"}}, {"a": {"text": "y", "z": 1}}, {"a": {"text": "xy", "z": 1}}),
        ({"l": [1]}, {"l": [2]}, {"l": [1, 2]}),
        (
            {"l": [{"index": 0, "text": "a"}]},
            {"l": [{"index": 0, "text": "b"}]},
            {"l": [{"index": 0, "text": "ab"}]},
        ),
        ({"l": [1]}, {"l": {"x": 1}}, {"l": {"x": 1}}),
    ],
)
def test_dicts_merge(left, right, total):
    before = joined(right)
    absorb(left, right)
    assert joined(left) == total
    assert right == before


def test_what_was_merged_in_does_not_grow():
    left, right = {}, {"l": [{"index": 0, "text": "a"}], "d": {"text": "a"}}
    absorb(left, right)
    absorb(left, right)
    assert right == {"l": [{"index": 0, "text": "a"}], "d": {"text": "a"}}


def test_three_fragments_are_one_text():
    left = {"text": "a"}
    for text in "bc":
        absorb(left, {"text": text})
    assert joined(left) == {"text": "abc"}


@pytest.mark.parametrize(
    "contents,total",
    [
        (("a", "b"), "ab"),
        (("a", ["b"]), ["ab"]),
        (("", ["b"]), ["b"]),
        ((["a"], "b", "c"), ["abc"]),
        ((["a"], [{"type": "image", "url": "u"}], "b"), ["a", {"type": "image", "url": "u"}, "b"]),
        ((["a"],), ["a"]),
    ],
)
def test_contents_merge(contents, total):
    assert merge_content(*contents) == total


def test_a_sum_of_contents_can_be_looked_at_while_it_grows():
    total = ContentSum()
    total.add([{"type": "text", "text": "a", "index": 0}])
    early = total.content()
    total.add([{"type": "text", "text": "b", "index": 0}])
    assert early == [{"type": "text", "text": "a", "index": 0}]
    assert total.content() == [{"type": "text", "text": "ab", "index": 0}]


def test_facts_merge():
    assert merge_facts({"a": {"x": 1}, "b": 1}, {"a": {"y": 2}, "b": 2}) == {
        "a": {"x": 1, "y": 2},
        "b": 2,
    }
    assert merge_facts({"logprobs": {"content": [1]}}, {"logprobs": {"content": [2]}}) == {
        "logprobs": {"content": [1, 2]}
    }


def test_an_empty_text_adds_nothing_to_a_list():
    assert merge_content([{"type": "image", "url": "u"}], "") == [{"type": "image", "url": "u"}]


def test_an_empty_element_adds_nothing_to_a_list():
    assert merge_content([{"type": "image", "url": "u"}], [""]) == [{"type": "image", "url": "u"}]
