"""Every example of the Models page, as it stands there but for its import lines.

The list of all of them, with pass, fail or what they wait for, is printed by
`pytest tests/examples -k list -s`.
"""

from __future__ import annotations

import os
import textwrap
import traceback
from pathlib import Path

import pytest

from tests.examples import advanced, calling, structured, tools
from tests.examples.page import EXAMPLES, translated, without
from tests.examples.table import TABLE, outcome

ROOMS = (calling, tools, structured, advanced)
PAGES = Path(__file__).parents[2].parent / "shared" / "seeds"
ALL = [f"S-{number:03d}" for number in range(1, 52)]


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.name)
def test_example(one):
    if missing := one.missing:
        pytest.skip(missing)
    outcome(one)


def test_every_example_is_there():
    assert sorted({one.id for one in TABLE}) == ALL


def test_the_list_of_all_examples(capsys):
    lines: list[str] = []
    failed: list[str] = []
    for one in sorted(TABLE, key=lambda one: one.name):
        verdict = f"skipped: {one.missing}" if one.missing else _verdict(one)
        if verdict.startswith("FAIL"):
            failed.append(one.name)
        lines.append(f"{one.name:<22} {verdict}")
    with capsys.disabled():
        print("\n\nThe examples of the Models page\n" + "\n".join(lines))
    assert not failed


def _verdict(one):
    before = dict(os.environ)
    try:
        outcome(one)
    except Exception as error:  # noqa: BLE001 - the list says what happened
        return f"FAIL: {traceback.format_exception_only(error)[-1].strip().splitlines()[0]}"
    finally:
        os.environ.clear()
        os.environ.update(before)
    return "pass"


@pytest.mark.skipif(not PAGES.is_dir(), reason="the pages are not beside the repository")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text_is_the_page_s(name):
    lines = [line.strip() for line in textwrap.dedent(EXAMPLES[name]).splitlines()]
    wanted = _plain("\n".join(lines).strip())
    assert any(
        wanted in _plain("\n".join(line.strip() for line in page.splitlines()))
        for page in (path.read_text("utf-8") for path in PAGES.glob("*.txt"))
    )


def _plain(text: str) -> str:
    """Leave out what one of the pages has in another encoding."""
    return "".join(letter for letter in text if letter.isascii())


def test_only_import_lines_are_translated():
    for source in EXAMPLES.values():
        pairs = zip(source.splitlines(), translated(source).splitlines(), strict=True)
        changed = [(old, new) for old, new in pairs if old != new]
        assert all(old.lstrip().startswith(("from langchain", "import lang")) for old, _ in changed)
        assert all("langchain" not in new for _, new in changed)


def test_statements_can_be_left_out():
    source = "a = f(\n    1,\n)\nwith x:\n    b = 2\n    c = 3\n"
    assert without(source, ("a =", "b =")) == "with x:\n    c = 3"
