"""The recorded traffic beside the checkout, where it lies there: what providers really sent."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "traffic"

needs_traffic = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no recorded traffic beside the checkout (../shared/traffic)"
)


@cache
def load(family: str) -> list[dict[str, Any]]:
    """Read every interaction of one file."""
    path = FOLDER / f"{family}.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def chat() -> Iterator[dict[str, Any]]:
    """Every interaction that speaks Chat Completions."""
    yield from load("openai.chat")
    yield from load("openai.chat.compatible")


def recorded(name: str, *families: str) -> dict[str, Any]:
    """Find an interaction by its id; another set of recordings need not have it."""
    for record in (record for family in families for record in load(family)):
        if record["id"] == name:
            return record
    pytest.skip(f"{name} is not among these recordings")


def body(record: dict[str, Any]) -> bytes:
    """Give the answer's body as bytes."""
    if "response_b64" in record:
        return base64.b64decode(record["response_b64"])
    if "response_text" in record:
        return record["response_text"].encode()
    return json.dumps(record["response"], ensure_ascii=False).encode()


def is_stream(record: dict[str, Any]) -> bool:
    return "response_text" in record or "response_b64" in record
