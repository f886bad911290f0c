"""Anthropic Messages: reading a delta that differs from the one before only in its text.

Most events of a stream repeat a hundred bytes around a few that are new. `learn` splits one that
was read the general way around its text and proves, by parsing it with another text put in, that
nothing else can hide there; events of the same pattern then need no parsing.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...errors import ProtocolError
from ...messages.events import BlockDelta
from ...wire import json

__all__ = ["END", "NO_PATTERN", "PADDING", "Pattern", "learn"]

END = b'"}}'
"""what follows the text in an event of a pattern, with PADDING anywhere in it"""
PADDING = b" "
"""put before the last braces against eavesdroppers"""

NAMES = {"text": "text", "reasoning": "thinking", "args": "partial_json"}
PROBE = "probe"


class Pattern(NamedTuple):
    """The bytes before the text, and the block and field it belongs to."""

    prefix: bytes
    start: int
    block: int
    field: str


# No frame starts with a byte that UTF-8 does not have.
NO_PATTERN = Pattern(b"\xff", 1, 0, "")


def learn(frame: bytes, wire: dict[str, Any], event: BlockDelta) -> Pattern | None:
    """Make the pattern of a delta that gave exactly this event, if it has one."""
    name = NAMES[event.field]
    before = re.search(rb'"%b": ?"' % name.encode(), frame)
    if before is None:
        return None
    prefix = frame[: before.end()]
    try:
        probed = json.decode(prefix + PROBE.encode() + END)
    except ProtocolError:
        return None
    expected = {**wire, "delta": {**wire["delta"], name: PROBE}}
    return Pattern(prefix, len(prefix), event.index, event.field) if probed == expected else None
