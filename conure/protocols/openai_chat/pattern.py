"""Chat Completions: reading a chunk that differs from an earlier one only in its text.

Most chunks of a stream repeat 300 bytes around a few that are new. `learn` splits a chunk that
was read the general way around its text and proves, by parsing it with another text put in, that
nothing else can hide there; chunks of the same pattern then need no parsing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ...errors import ProtocolError
from ...messages.events import BlockDelta
from ...wire import json
from ..shape import is_list, is_object
from .calls import Call

__all__ = ["NO_PATTERN", "Pattern", "learn"]

# Random padding against eavesdroppers, the last field of a chunk.
PADDING = re.compile(rb'("(?:obfuscation|p)": ?")[^"\\]*"}\Z')
PROBE = "probe"


class Pattern(NamedTuple):
    """Bytes before and after the text, and the block and field it belongs to."""

    prefix: bytes
    start: int
    end_mark: bytes
    skip: int
    padded: bool
    block: int
    field: str
    keep: Callable[[str], None] | None

    def matches(self, frame: bytes) -> bool:
        return frame.startswith(self.prefix) and self.end_mark in frame


# No frame starts with a byte that UTF-8 does not have.
NO_PATTERN = Pattern(b"\xff", 1, b"\xff", 1, False, 0, "", None)


def learn(
    frame: bytes, wire: dict[str, Any], event: BlockDelta, call: Call | None
) -> Pattern | None:
    """Make the pattern of a chunk that gave exactly this event, if it has one."""
    if (place := _place(wire, event)) is None:
        return None
    owner, name = place
    before = re.search(rb'"%b": ?"' % re.escape(name.encode()), frame)
    if before is None:
        return None
    start = before.end()
    end_mark = frame[_end_of_string(frame, start) :]
    padding = PADDING.search(end_mark)
    if padding is not None:
        end_mark = end_mark[: padding.end(1)]
    owner[name] = PROBE
    if not _proves(frame[:start], end_mark, wire, padded=padding is not None):
        return None
    keep = call.parts.append if call is not None and event.field == "args" else None
    padded = padding is not None
    return Pattern(
        frame[:start], start, end_mark, len(end_mark), padded, event.index, event.field, keep
    )


def _place(wire: dict[str, Any], event: BlockDelta) -> tuple[dict[str, Any], str] | None:
    """Find where the event's text stands in the chunk: the object and the field."""
    choices = wire.get("choices")
    if not is_list(choices) or len(choices) != 1:
        return None
    delta = choices[0].get("delta")
    if not is_object(delta):
        return None
    if event.field == "args":
        entries = delta.get("tool_calls")
        if not is_list(entries) or len(entries) != 1:
            return None
        function = entries[0].get("function")
        if is_object(function) and function.get("arguments") == event.text:
            return function, "arguments"
        return None
    same = [name for name, value in delta.items() if value == event.text and name != "role"]
    return (delta, same[0]) if len(same) == 1 and event.field in ("text", "reasoning") else None


def _end_of_string(frame: bytes, start: int) -> int:
    """Find the quote that ends a JSON string: the first after an even number of backslashes."""
    end = frame.index(b'"', start)
    while (end - len(frame[start:end].rstrip(b"\\")) - start) % 2:
        end = frame.index(b'"', end + 1)
    return end


def _proves(prefix: bytes, end_mark: bytes, expected: dict[str, Any], *, padded: bool) -> bool:
    """Tell whether another text between the same bytes gives the same chunk with that text."""
    probe = prefix + PROBE.encode() + end_mark
    try:
        wire = json.decode(probe + b'"}' if padded else probe)
    except ProtocolError:
        return False
    noise = ("obfuscation", "p") if padded else ()
    return all(wire.get(k, ...) == v for k, v in expected.items() if k not in noise)
