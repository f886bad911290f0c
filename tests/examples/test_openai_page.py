"""Every example of the ChatOpenAI page, as it stands there but for its import lines.

The list of all of them, with pass, fail or what they wait for, is printed by
`pytest tests/examples -k list -s`.
"""

from __future__ import annotations

import os
import textwrap
import traceback
from pathlib import Path

import pytest

from tests.examples import (
    openai_agents,
    openai_chat,
    openai_client_tools,
    openai_features,
    openai_state,
    openai_tools,
)
from tests.examples.openai_table import PAGE, TABLE, outcome
from tests.examples.page import translated

ROOMS = (
    openai_agents,
    openai_chat,
    openai_client_tools,
    openai_features,
    openai_state,
    openai_tools,
)
PAGES = Path(__file__).parents[2].parent / "shared" / "seeds"
ALL = [f"S-{number}" for number in range(101, 202)]
ORDERED = sorted(TABLE, key=lambda one: one.name)


@pytest.mark.parametrize("one", ORDERED, ids=lambda one: one.name)
def test_example(one, request):
    if one.missing:
        pytest.skip(one.missing)
    if one.fails:
        request.applymarker(pytest.mark.xfail(strict=True, reason=one.fails, raises=AssertionError))
    outcome(one)


def test_every_example_is_there():
    assert list(PAGE) == ALL
    assert sorted({one.id for one in TABLE}) == ALL


def test_the_list_of_all_examples(capsys):
    lines: list[str] = []
    failed: list[str] = []
    for one in ORDERED:
        verdict = f"skipped: {one.missing}" if one.missing else _verdict(one)
        if verdict.startswith("FAIL"):
            failed.append(one.name)
        lines.append(f"{one.name:<20} {verdict}")
    with capsys.disabled():
        print("\n\nThe examples of the ChatOpenAI page\n" + "\n".join(lines))
    assert not failed


def _verdict(one):
    before = dict(os.environ)
    try:
        outcome(one)
    except Exception as error:  # noqa: BLE001 - the list says what happened
        if one.fails and isinstance(error, AssertionError):
            return f"xfail: {one.fails}"
        return f"FAIL: {traceback.format_exception_only(error)[-1].strip().splitlines()[0]}"
    finally:
        os.environ.clear()
        os.environ.update(before)
    return "FAIL: it holds now, take `fails` away" if one.fails else "pass"


@pytest.mark.skipif(not PAGES.is_dir(), reason="the pages are not beside the repository")
def test_the_text_is_the_page_s():
    pages = [_lines(path.read_text("utf-8")) for path in PAGES.glob("*.txt")]
    for name, text in PAGE.items():
        assert any(_lines(text) in page for page in pages), name


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in textwrap.dedent(text).splitlines()).strip()


def test_only_import_lines_are_translated():
    for source in PAGE.values():
        pairs = zip(source.splitlines(), translated(source).splitlines(), strict=True)
        changed = [(old, new) for old, new in pairs if old != new]
        assert all(old.lstrip().startswith("from langchain") for old, _ in changed)
        assert all("langchain" not in new for _, new in changed)
