"""JSON that is still being written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages.arguments import read_partial
from conure.schema import Closed, PartialJSON, parse_partial

FILMS = {
    "films": [
        {"title": 'A "quoted"\n\\ \u00e9 \U0001f600', "year": 1979, "cast": ["S", ["W"]]},
        {"title": "", "rating": -1.5e-3, "seen": None, "good": True},
    ],
    "total": 2,
    "empty": [{}, []],
}


@pytest.mark.parametrize(
    "text, value",
    [
        ("", None),
        ("  ", None),
        ('{"a": "b', {"a": "b"}),
        ('{"a":', {}),
        ('{"a', {}),
        ('{"a":[1,{"b":"c', {"a": [1, {"b": "c"}]}),
        ('{"a": tr', {}),
        ('{"a": true', {"a": True}),
        ('{"a": nul', {}),
        ('{"a": -', {}),
        ('{"a": 12', {"a": 12}),
        ('{"a": 12.', {"a": 12}),
        ('{"a": 1e', {"a": 1}),
        ('{"a": "x\\', {"a": "x"}),
        ('{"a": "x\\u00', {"a": "x"}),
        ('{"a": "x\\ud83d', {"a": "x"}),
        ('{"a": "\\ud83d\\ude00', {"a": "\U0001f600"}),
        ('{"a": "\\ud83dx', {"a": "\ud83dx"}),
        ('{"a": "\\ud83d\\n"}', {"a": "\ud83d\n"}),
        ('{"a": "b\nc', {"a": "b\nc"}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": 1,}', {"a": 1}),
        ("[1, 2,", [1, 2]),
        ("[1, 2,]", [1, 2]),
        ("[[], [", [[], []]),
        ('"ab', "ab"),
        ("12", 12),
        ("nul", None),
        ("{}", {}),
        ('{"a": 1} and more', {"a": 1}),
    ],
)
def test_the_longest_valid_prefix_wins(text: str, value: Any) -> None:
    assert parse_partial(text) == value


@pytest.mark.parametrize(
    "text, value",
    [
        ("nonsense ", None),
        ('{"a" 1}', {}),
        ('{"a": 1 "b": 2}', {"a": 1}),
        ("{a: 1}", {}),
        ("[1 2]", [1]),
        ('{"a": "\\x"}', {"a": ""}),
        ('{"a": "\\uzzzz"}', {"a": ""}),
        ("[1, 2}", [1, 2]),
        ("[NaN]", []),
        ("[01]", []),
        ("[1, " + "9" * 6_000, [1]),
    ],
)
def test_what_is_no_json_ends_it(text: str, value: Any) -> None:
    partial = PartialJSON()
    partial.feed(text)
    assert partial.is_broken
    assert not partial.is_done
    partial.feed('{"b": 1}')
    assert partial.value == value
    assert partial.close() == value


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_pieces_of_any_size_give_the_same(size: int, ascii_only: bool) -> None:
    text = json.dumps(FILMS, ensure_ascii=ascii_only, indent=2)
    partial = PartialJSON(fields=True)
    closed: list[Closed] = []
    for start in range(0, len(text), size):
        assert not partial.is_done
        closed += partial.feed(text[start : start + size])
        assert partial.value is not None or start == 0
    assert partial.is_done
    assert partial.value == FILMS
    whole = PartialJSON(fields=True)
    assert [item.path for item in whole.feed(text)] == [item.path for item in closed]


def test_each_item_is_handed_out_once_when_it_closes() -> None:
    partial = PartialJSON()
    assert partial.feed('{"films": [{"n": 1}, {"n"') == [Closed(("films", 0), {"n": 1})]
    assert partial.feed(': 2}, {"n": 3') == [Closed(("films", 1), {"n": 2})]
    assert partial.value == {"films": [{"n": 1}, {"n": 2}, {"n": 3}]}
    assert partial.feed("}") == [Closed(("films", 2), {"n": 3})]
    assert partial.feed('], "more": [7') == []
    assert partial.feed("]") == [Closed(("more", 0), 7)]
    assert partial.feed("}") == []
    assert partial.is_done


def test_items_of_arrays_in_arrays() -> None:
    paths = [item.path for item in PartialJSON().feed("[[1, 2], [[3]]]")]
    assert paths == [(0, 0), (0, 1), (0,), (1, 0, 0), (1, 0), (1,)]


def test_keys_are_told_of_on_request() -> None:
    assert PartialJSON(fields=True).feed('{"a": 1, "b": {"c": [2]}}') == [
        Closed(("a",), 1),
        Closed(("b", "c", 0), 2),
        Closed(("b", "c"), [2]),
        Closed(("b",), {"c": [2]}),
    ]


def test_the_value_never_shrinks_while_a_text_grows() -> None:
    text = json.dumps({"a": "\u00e9\U0001f600 \\ end"})
    partial, before = PartialJSON(), ""
    for character in text:
        partial.feed(character)
        now = (partial.value or {}).get("a", "")
        assert now.startswith(before)
        before = now


def test_a_snapshot_does_not_grow_and_shares_what_is_complete() -> None:
    partial = PartialJSON()
    partial.feed('{"done": [1], "open": [{"a": 1}, {"b": "te')
    before = partial.snapshot()
    assert before == partial.value
    partial.feed('xt", "c": 2}, {')
    assert before == {"done": [1], "open": [{"a": 1}, {"b": "te"}]}
    after = partial.snapshot()
    assert after == {"done": [1], "open": [{"a": 1}, {"b": "text", "c": 2}, {}]}
    assert after["done"] is before["done"]
    assert PartialJSON().snapshot() is None
    partial.feed("}]}")
    assert partial.snapshot() == partial.value


def test_text_around_json_is_skipped_on_request() -> None:
    partial = PartialJSON(in_text=True)
    partial.feed("Here you are:\n```json\n")
    assert partial.value is None
    partial.feed('{"a": 1}\n```\nAnything else {')
    assert partial.is_done
    assert partial.value == {"a": 1}


def test_a_word_at_the_root_is_done_when_nothing_more_comes() -> None:
    partial = PartialJSON()
    partial.feed("4")
    partial.feed("2")
    assert not partial.is_done
    assert partial.value == 42
    assert partial.close() == 42
    assert partial.is_done


def test_depth_is_no_danger() -> None:
    partial = PartialJSON()
    partial.feed("[" * 500 + "]" * 500)
    assert partial.is_done
    partial = PartialJSON()
    partial.feed("[" * 100_000)
    assert partial.is_broken


def test_arguments_of_tool_calls_are_read_alike() -> None:
    text = json.dumps(FILMS)
    for end in range(len(text)):
        if "\\u" not in text[max(0, end - 12) : end]:  # an unfinished escape: see the docstring
            assert (parse_partial(text[:end]) or {}) == (read_partial(text[:end]) or {})


def test_each_character_is_looked_at_once() -> None:
    """Work is counted in lines of ours that run, not in seconds."""
    import sys

    def lines(count: int) -> int:
        text = json.dumps({"items": [{"n": n, "text": "a\u00e9" * 5} for n in range(count)]})
        pieces = [text[start : start + 4] for start in range(0, len(text), 4)]
        ran = 0

        def trace(frame: Any, event: str, arg: Any) -> Any:
            nonlocal ran
            ran += event == "line"
            return trace if "partial_" in frame.f_code.co_filename else None

        partial = PartialJSON()
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            for piece in pieces:
                partial.feed(piece)
                _ = partial.value
        finally:
            sys.settrace(before)
        return ran

    assert lines(200) <= 2.2 * lines(100)
