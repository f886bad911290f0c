"""No public name comes, goes or changes its signature unnoticed."""

from __future__ import annotations

from tests.architecture.public_api import SNAPSHOT, public_api


def test_the_public_api_is_the_one_written_down() -> None:
    assert public_api() == SNAPSHOT.read_text(encoding="utf-8"), (
        "if this is meant: python -m tests.architecture.public_api, and a line in CHANGELOG.md"
    )
