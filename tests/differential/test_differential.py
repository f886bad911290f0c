"""Small programs, run here and on the reference, must send and give the same.

The reference lives in an environment of its own, whose Python `CONURE_REFERENCE_PYTHON` names;
it has `langchain` and `langchain-openai`. What differs is listed in `deliberate.py`.
"""

from __future__ import annotations

import os
import subprocess
from importlib import import_module
from typing import Any

import pytest

from tests.differential.deliberate import DELIBERATE, reason_for
from tests.differential.harness import differences, results
from tests.differential.program import PROGRAMS

TOPICS = ("composition", "failures", "helpers", "messages", "settings", "streams", "structured",
          "tools")  # fmt: skip
for topic in TOPICS:
    import_module(f"tests.differential.{topic}")

REFERENCE = os.environ.get("CONURE_REFERENCE_PYTHON", "")

pytestmark = [
    pytest.mark.skipif(
        not REFERENCE, reason="no reference: CONURE_REFERENCE_PYTHON does not name its Python"
    ),
    pytest.mark.xdist_group("differential"),
]

# What is not as it should be yet; a program that comes right must leave the list.
OPEN: dict[str, str] = {}

Difference = tuple[str, Any, Any]


@pytest.fixture(scope="module")
def found() -> dict[str, list[Difference]]:
    ours = results(PROGRAMS)
    theirs = results(PROGRAMS, REFERENCE)
    return {one.name: list(differences(ours[one.name], theirs[one.name])) for one in PROGRAMS}


def _case(name: str) -> Any:
    marks = [pytest.mark.xfail(reason=OPEN[name], strict=True)] if name in OPEN else []
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [_case(one.name) for one in PROGRAMS])
def test_program(found, name):
    unexplained = [
        f"{path}\n    here:      {ours!r:.300}\n    reference: {theirs!r:.300}"
        for path, ours, theirs in found[name]
        if reason_for(name, path) is None
    ]
    assert not unexplained, "\n".join(["", *unexplained])


def test_there_are_enough_programs(found, capsys):
    equal = sum(not differing for differing in found.values())
    deliberate = len(found) - equal - len(OPEN)
    with capsys.disabled():
        print(
            f"\n\n{len(found)} programs on both: {equal} equal, {deliberate} deliberately not "
            f"({len(DELIBERATE)} reasons), {len(OPEN)} open; {_version()}"
        )
    assert len(found) == len(PROGRAMS) >= 100


def test_every_deliberate_difference_is_there(found):
    seen = {reason_for(name, path) for name, differing in found.items() for path, _, _ in differing}
    stale = [row for number, row in enumerate(DELIBERATE) if number not in seen]
    assert not stale


def _version() -> str:
    code = "import importlib.metadata as m; print(m.version('langchain-core'))"
    done = subprocess.run([REFERENCE, "-c", code], capture_output=True, text=True, check=True)
    return f"against langchain-core {done.stdout.strip()}"
