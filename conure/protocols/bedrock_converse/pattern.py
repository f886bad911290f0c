"""Bedrock Converse: reading a delta that differs from the one before only in its text.

Most events of a stream repeat fifty bytes around a few that are new, and end in padding. `learn`
splits one that was read the general way around its text and proves, by parsing it with another
text and other padding put in, that nothing else can hide there; events of the same pattern then
need no parsing.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...errors import ProtocolError
from ...messages.events import BlockDelta
from ...wire import json

__all__ = ["END", "NO_PATTERN", "Pattern", "learn"]

END = b'"}'
"""what follows the padding"""
NAMES = {"text": "text", "reasoning": "text", "args": "input"}
PROBE = "probe"


class Pattern(NamedTuple):
    """The headers of the frame, the bytes around the text, and where the text belongs."""

    headers: Any
    prefix: bytes
    close: bytes
    """what stands between the text and the padding"""
    block: int
    field: str


# No payload starts with a byte that UTF-8 does not have.
NO_PATTERN = Pattern(None, b"\xff", b"\xff", 0, "")


def learn(
    headers: dict[str, str], payload: bytes, wire: dict[str, Any], event: BlockDelta
) -> Pattern | None:
    """Make the pattern of a delta that gave exactly this event, if it has one."""
    name = NAMES[event.field]
    before = re.search(rb'"%b": ?"' % name.encode(), payload)
    after = re.search(rb'"\}+, ?"p": ?"[A-Za-z0-9]+"\}$', payload)
    if before is None or after is None or after.start() < before.end():
        return None
    prefix = payload[: before.end()]
    close = payload[after.start() : payload.rindex(b'"', 0, -2) + 1]
    try:
        probed = json.decode(b"".join((prefix, PROBE.encode(), close, PROBE.encode(), END)))
    except ProtocolError:
        return None
    return (
        Pattern(headers, prefix, close, event.index, event.field)
        if probed == _probed(wire, name)
        else None
    )


def _probed(wire: Any, name: str) -> Any:
    """Give the same event with another text and other padding."""
    return {**wire, "delta": _with_probe(wire["delta"], name), "p": PROBE}


def _with_probe(delta: Any, name: str) -> Any:
    (kind, value), *rest = delta.items()
    if rest:
        return None
    return {kind: PROBE if kind == name else _with_probe(value, name)}
