"""docs/explain/life-of-a-call.md is true: a real call passes its files, in its order."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conure.openai import ChatOpenAI
from tests.architecture.house import PACKAGE, ROOT

PAGE = ROOT / "docs" / "explain" / "life-of-a-call.md"
STEP = re.compile(r"^\| (?:\d+ \| )?\[`([\w/.]+)`\]\(\S+\) `(\w+)` \|", re.MULTILINE)
NUMBERED = re.compile(r"^\| (\d+) \| \[`([\w/.]+)`\]\(\S+\) `(\w+)` \|", re.MULTILINE)
NAMED = re.compile(r"\[`([\w/.]+\.py)`\]\([^)]+\)(?: |\n)`(\w+)`")

# Budgets of docs/decisions: how much of our own code runs before the first byte leaves.
MOST_FUNCTIONS = 25
MOST_FILES = 12


class Loopback:
    """A transport that answers without a socket and notes when it was asked to send."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.body = json.dumps(
            {
                "id": "1",
                "model": "m",
                "choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}],
            }
        ).encode()

    def exchange(self) -> Loopback:
        return self

    def send(self, request: Any, timeouts: Any) -> Any:
        from conure.wire.http import Head

        self.sent.append(request)
        return Head(200, {"content-type": "application/json"})

    def read(self, timeout: float | None) -> bytes:
        body, self.body = self.body, b""
        return body

    def close(self) -> None:
        pass


def steps() -> list[tuple[str, str]]:
    return [(file, name) for _, file, name in NUMBERED.findall(PAGE.read_text(encoding="utf-8"))]


def entered() -> Iterator[tuple[str, str]]:
    """Make one call and list the functions of ours it enters: (file, function)."""
    transport = Loopback()
    model = ChatOpenAI(model="m", api_key="x", transport=transport)
    model.invoke("warm up")
    transport.body = Loopback().body
    found: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call":
            if path == __file__ and frame.f_code.co_name == "send":
                found.append(("transport/http_sync.py", "send"))
            elif path.startswith(str(PACKAGE)):
                found.append((str(Path(path).relative_to(PACKAGE)), frame.f_code.co_name))

    sys.setprofile(note)
    try:
        model.invoke("hi")
    finally:
        sys.setprofile(None)
    yield from found


def test_a_call_takes_the_steps_in_order() -> None:
    remaining = iter(list(entered()))
    for step in steps():
        assert step in remaining, f"{step} is not where the page says"


def test_the_page_names_every_file_a_call_passes() -> None:
    told = {file for file, _ in steps()}
    passed = {file for file, _ in entered()}
    helpers = {file for file in passed if any(Path(file).parent in Path(t).parents for t in told)}
    assert passed - told <= helpers


def test_little_of_ours_runs_before_the_first_byte() -> None:
    passed = list(entered())
    # Once each: a generator is entered again whenever it goes on.
    before = dict.fromkeys(passed[: passed.index(("transport/http_sync.py", "send"))])
    assert len(before) <= MOST_FUNCTIONS, "\n".join(map(str, before))
    assert len({file for file, _ in before}) <= MOST_FILES


@pytest.mark.parametrize("file, name", NAMED.findall(PAGE.read_text(encoding="utf-8")))
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    assert re.search(rf"\b(def|class) {name}\b", (PACKAGE / file).read_text(encoding="utf-8"))
