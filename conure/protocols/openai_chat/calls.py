"""Chat Completions: tool calls, however a vendor cuts them.

Rule 1: in a stream a piece belongs to the call of its index; a new id that comes with a name, or
        a name after arguments that are already whole, begins another call under the same index.
Rule 2: a piece without an index belongs to the call of its id; with a name it is a call of its
        own; with neither it continues the last one.
Rule 3: in a whole reply every entry is a call of its own.
Rule 4: a call without an id gets one that is unique, so that its answer can name it.
"""

from __future__ import annotations

from os import urandom
from typing import Any

import msgspec

from ...messages.events import BlockDelta, BlockEnd, BlockPatch, BlockStart, Event
from ...wire import json

__all__ = ["Call", "Calls"]

# The wire's own fields of a call; all others are kept in `extras`.
KNOWN = frozenset({"id", "type", "index", "function", "custom", "name", "arguments", "input"})
# What `extras.type` says of a call that is not the usual one.
KINDS = {"custom": "custom_tool_call"}
CUT_OFF = {
    "type": "invalid_tool_call",
    "args": "",
    "error": "the reply was cut off before the arguments",
}


class Call:
    """One call of the reply: the block it became and what is known of it."""

    __slots__ = ("block", "id", "kind", "made_up", "name", "parts")

    def __init__(self, block: int, kind: str, id: str, name: str) -> None:
        self.block = block
        self.kind = kind
        self.id = id
        self.made_up = not id
        self.name = name
        self.parts: list[str] = []


class Calls:
    """The calls of one reply, in order."""

    __slots__ = ("_all", "_by_id", "_by_index", "_last")

    def __init__(self) -> None:
        self._all: list[Call] = []
        self._by_index: dict[Any, Call] = {}
        self._by_id: dict[str, Call] = {}
        self._last: Call | None = None

    def read(self, entry: dict[str, Any], block: int, *, whole: bool, events: list[Event]) -> Call | None:
        """Read one entry of `tool_calls`; `block` is the index for the block of a new call.

        Answers the call when `entry` does nothing but continue its arguments.
        """
        kind = "custom" if "custom" in entry else _text(entry.get("type")) or "function"
        inner = entry.get("custom" if kind == "custom" else "function")
        body: dict[str, Any] = inner if isinstance(inner, dict) else entry
        id = _text(entry.get("id"))
        name = _text(body.get("name"))
        args = body.get("input" if kind == "custom" else "arguments")
        text = args if isinstance(args, str) else "" if args is None else json.encode(args).decode()
        index = entry.get("index")
        if isinstance(index, str) and index.isdecimal():
            index = int(index)
        call = None if whole else self._find(index, id, name)
        known = call is not None
        if call is None:
            call = self._open(entry, body, Call(block, kind, id, name), events)
            self._all.append(call)
            if index is not None:
                self._by_index[index] = call
        elif (patch := _news(call, id, name)) is not None:
            known = False
            events.append(patch)
        if id:
            self._by_id[id] = call
        self._last = call
        if text:
            call.parts.append(text)
            if kind == "custom":
                text = json.encode(text).decode()[1:-1]
            events.append(BlockDelta(call.block, "args", text))
        return call if known and not name and kind == "function" else None

    def close(self, events: list[Event], *, cut: bool) -> None:
        """Say that no more arguments will come; `cut`: the reply ran into its limit."""
        for call in self._all:
            if call.kind == "custom":
                events.append(BlockDelta(call.block, "args", '"}'))
            elif cut and not call.parts and call is self._last:
                # The limit struck before the arguments began: calling without them is not meant.
                events.append(BlockPatch(call.block, CUT_OFF))
            elif len(call.parts) <= 2 and "".join(call.parts).strip() == "null":
                # How some models call what takes no arguments.
                events.append(BlockPatch(call.block, {"args": "{}"}))
            events.append(BlockEnd(call.block))

    def _open(self, entry: dict[str, Any], body: dict[str, Any], call: Call, events: list[Event]) -> Call:
        if call.made_up:
            call.id = f"call_{urandom(12).hex()}"
        block: dict[str, Any] = {
            "type": "tool_call_chunk",
            "id": call.id,
            "name": call.name,
            "args": '{"__arg1": "' if call.kind == "custom" else "",
        }
        extras = {
            name: value
            for place in ((entry, body) if body is not entry else (entry,))
            for name, value in place.items()
            if name not in KNOWN and value is not None
        }
        if call.kind != "function":
            extras["type"] = KINDS.get(call.kind, call.kind)
        if extras:
            block["extras"] = extras
        events.append(BlockStart(call.block, block))
        return call

    def _find(self, index: Any, id: str, name: str) -> Call | None:
        """The call that a piece continues, or None when it begins one."""
        if index is None:
            if id:
                return self._by_id.get(id)
            return None if name else self._last
        call = self._by_index.get(index)
        if call is None or (not id and not name):
            return call
        if id and not call.made_up and id != call.id:
            # Some give every piece a new id: without a name, or amid arguments, it is no new call.
            return call if not name or (call.parts and not _is_whole(call)) else None
        if name and not id and call.parts and _is_whole(call):
            return None
        return call


def _news(call: Call, id: str, name: str) -> BlockPatch | None:
    """What a later piece tells of a call that its first did not."""
    fields: dict[str, Any] = {}
    if id and call.made_up:
        fields["id"] = call.id = id
        call.made_up = False
    if name and name != call.name:
        # A name in pieces is as rare as it is legal; one that came before is not repeated.
        call.name = name if name.startswith(call.name) else call.name + name
        fields["name"] = call.name
    return BlockPatch(call.block, fields) if fields else None


def _is_whole(call: Call) -> bool:
    try:
        msgspec.json.decode("".join(call.parts))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
