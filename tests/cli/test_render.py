"""Markdown on a terminal: however it is cut, it looks the same, and nothing waits past its line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from conure.cli.render import Markdown, Plain, renderer

ANSI = re.compile(r"\x1b\[\d+m")


def shown(*pieces: str) -> str:
    screen = Markdown()
    return "".join(screen.feed(piece) for piece in pieces) + screen.close()


def bare(text: str) -> str:
    return ANSI.sub("", text)


@pytest.mark.parametrize(
    "written, seen",
    [
        ("plain", "plain"),
        ("**bold** and *so*", "\x1b[1mbold\x1b[0m and \x1b[3mso\x1b[0m"),
        ("use `x = **y`", "use \x1b[36mx = **y\x1b[0m"),
        ("# Title\ntext", "\x1b[1mTitle\x1b[0m\ntext"),
        ("- one\n  * two", "• one\n  • two"),
        ("> said", "\x1b[2m│ said\x1b[0m"),
        ("[here](http://x.y)", "\x1b[4mhere\x1b[0m \x1b[2mhttp://x.y\x1b[0m"),
        (
            "```py\n# a *b*\n```\n",
            "\x1b[2m```py\x1b[0m\n\x1b[36m# a *b*\x1b[0m\n\x1b[2m```\x1b[0m\n",
        ),
    ],
)
def test_what_is_dressed(written: str, seen: str) -> None:
    assert shown(written) == seen


@pytest.mark.parametrize(
    "text",
    ["5 * 3 * 2", "**kwargs", "a_b_c", "#hash", "-5 degrees", "[1] a note", "`open", "2**8 is 256"],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert shown(text) == text


@given(st.lists(st.text("ab *`#->\n[](_~")), st.data())
def test_any_cut_looks_the_same(pieces: list[str], data: st.DataObject) -> None:
    whole = "".join(pieces)
    assert shown(*pieces) == shown(whole) == shown(*whole)


@given(st.text("ab *`#->[](_~\n"))
def test_nothing_waits_past_its_line(text: str) -> None:
    screen = Markdown()
    said = screen.feed(text + "\n")
    assert screen.close() == ""
    assert bare(said).count("\n") == text.count("\n") + 1


@given(st.text("abc .,\n"))
def test_plain_words_come_through_at_once(text: str) -> None:
    screen = Markdown()
    assert "".join(screen.feed(character) for character in text + "x") == text + "x"


def test_without_a_terminal_nothing_is_touched() -> None:
    assert isinstance(renderer(terminal=False), Plain)
    assert Plain().feed("**as is**") == "**as is**"


def test_a_reply_cannot_drive_the_terminal() -> None:
    assert shown("\x1b]0;title\x07\x1b[2Jhi\r\x9b5A\tthere\n") == "]0;title[2Jhi5A\tthere\n"
