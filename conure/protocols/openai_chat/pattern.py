"""Chat Completions: reading a chunk that differs from an earlier one only in its text.

Most chunks of a stream repeat 300 bytes around a few that are new. `learn` splits a chunk that
was read the general way around its text and proves, by parsing it with another text put in, that
nothing else can hide there; chunks of the same pattern then need no parsing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ...errors import ProtocolError
from ...messages.events import BlockDelta
from ...wire import json
from .calls import Call
from .wire import is_list, is_object

__all__ = ["NO_PATTERN", "Pattern", "learn"]

# Random padding against eavesdroppers, the last field of a chunk.
PADDING = (b'"obfuscation":"', b'"obfuscation": "', b'"p":"', b'"p": "')
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
    for key in (b'"%b":"' % name.encode(), b'"%b": "' % name.encode()):
        start = frame.find(key) + len(key)
        if start < len(key):
            continue
        end = _end_of_string(frame, start)
        if end < 0:
            continue
        prefix, end_mark, padded = frame[:start], frame[end:], False
        for pad in PADDING:
            found = end_mark.rfind(pad)
            if (
                found >= 0
                and end_mark.endswith(b'"}')
                and b'"' not in end_mark[found + len(pad) : -2]
            ):
                end_mark, padded = end_mark[: found + len(pad)], True
                break
        owner[name] = PROBE
        if not _proves(prefix, end_mark, padded, wire):
            return None
        keep = call.parts.append if call is not None and event.field == "args" else None
        return Pattern(
            prefix, start, end_mark, len(end_mark), padded, event.index, event.field, keep
        )
    return None


def _place(wire: dict[str, Any], event: BlockDelta) -> tuple[dict[str, Any], str] | None:
    """Where the event's text stands in the chunk: the object and the field."""
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
    end = start
    while (end := frame.find(b'"', end)) >= 0:
        slashes = 0
        while frame[end - 1 - slashes] == 92 and end - slashes > start:
            slashes += 1
        if slashes % 2 == 0:
            return end
        end += 1
    return -1


def _proves(prefix: bytes, end_mark: bytes, padded: bool, expected: dict[str, Any]) -> bool:
    """Whether another text between the same bytes gives the same chunk with that text."""
    probe = prefix + PROBE.encode() + end_mark
    if padded:
        probe += b'"}'
    try:
        wire = json.decode(probe)
    except ProtocolError:
        return False
    for name in ("obfuscation", "p") if padded else ():
        if name in wire:
            wire[name] = expected.get(name)
    return bool(wire == expected)
