"""Gemini: reading a chunk that differs from the one before only in its text and its counts.

Most chunks of a stream repeat two hundred bytes around a few that are new. `learn` splits one
that was read the general way into what stands before its text, between the text and the counts,
and the counts, and proves, by parsing it with another text put in, that nothing else can hide
there. Chunks of the same pattern then need no parsing; of their counts only the last matter.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...errors import ProtocolError
from ...messages.events import BlockDelta
from ...wire import json

__all__ = ["DIGITS", "NO_PATTERN", "Pattern", "learn"]

DIGITS = b"0123456789"
"""what may differ in the counts"""
PROBE = "probe"
TEXT = re.compile(rb'"text": ?"')
COUNTS = b'"usageMetadata"'


class Pattern(NamedTuple):
    """The bytes before the text, those up to the counts, and the rest without its digits."""

    prefix: bytes
    start: int
    middle: bytes
    rest: bytes
    block: int
    field: str


# No frame starts with a byte that UTF-8 does not have.
NO_PATTERN = Pattern(b"\xff", 1, b"", b"", 0, "")


def learn(frame: bytes, wire: dict[str, Any], event: BlockDelta) -> Pattern | None:
    """Make the pattern of a chunk that gave exactly this event, if it has one."""
    before = TEXT.search(frame)
    part = _only_part(wire)
    if before is None or part is None or part.get("text") != event.text:
        return None
    start = before.end()
    end = frame.find(b'"', start)
    prefix, after = frame[:start], frame[end:]
    try:
        probed = json.decode(prefix + PROBE.encode() + after)
    except ProtocolError:
        return None
    part["text"] = PROBE
    same = probed == wire
    part["text"] = event.text
    if not same:
        return None
    middle, counts, rest = after.partition(COUNTS)
    rest = (counts + rest).translate(None, DIGITS)
    return Pattern(prefix, start, middle, rest, event.index, event.field)


def _only_part(wire: dict[str, Any]) -> dict[str, Any] | None:
    """Give the part of a chunk that says one thing and goes on; it may be a thought."""
    match wire.get("candidates"):
        case [{"content": {"parts": [{"text": str()} as part]}} as candidate]:
            goes_on = "finishReason" not in candidate and "thoughtSignature" not in part
            return part if goes_on else None
        case _:
            return None
