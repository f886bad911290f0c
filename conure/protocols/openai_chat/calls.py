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
from ..shape import is_object

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


class _Piece:
    """One entry of `tool_calls`, its spellings evened out."""

    __slots__ = ("args", "body", "entry", "id", "index", "kind", "name")

    def __init__(self, entry: dict[str, Any]) -> None:
        self.entry = entry
        # Some fill every field of a call, those of the kind that it is not with emptiness.
        custom, kind = entry.get("custom"), _text(entry.get("type"))
        is_custom = is_object(custom) and (kind == "custom" or "function" not in entry)
        self.kind = "custom" if is_custom else kind or "function"
        inner = entry.get("custom" if self.kind == "custom" else "function")
        self.body = inner if is_object(inner) else entry
        self.id = _text(entry.get("id"))
        self.name = _text(self.body.get("name"))
        args = self.body.get("input" if self.kind == "custom" else "arguments")
        if not isinstance(args, str):
            args = "" if args is None else json.encode(args).decode()
        self.args = args
        self.index = _index(entry.get("index"))


class Call:
    """One call of the reply: the block it became and what is known of it."""

    __slots__ = ("block", "id", "is_id_made_up", "kind", "name", "parts")

    def __init__(self, block: int, piece: _Piece) -> None:
        self.block = block
        self.kind = piece.kind
        self.id = piece.id or f"call_{urandom(12).hex()}"
        self.is_id_made_up = not piece.id
        self.name = piece.name
        self.parts: list[str] = []

    def is_whole(self) -> bool:
        try:
            msgspec.json.decode("".join(self.parts))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return False
        return True

    def learn(self, piece: _Piece) -> BlockPatch | None:
        """Take in what a later piece tells of the call that its first did not."""
        fields: dict[str, Any] = {}
        if piece.id and self.is_id_made_up:
            fields["id"] = self.id = piece.id
            self.is_id_made_up = False
        name = piece.name
        if name and name != self.name:
            # A name in pieces is as rare as it is legal; one that came before is not repeated.
            self.name = name if name.startswith(self.name) else self.name + name
            fields["name"] = self.name
        return BlockPatch(self.block, fields) if fields else None


class Calls:
    """The calls of one reply, in order."""

    __slots__ = ("_all", "_by_id", "_by_index")

    def __init__(self) -> None:
        self._all: list[Call] = []
        self._by_index: dict[int | str, Call] = {}
        self._by_id: dict[str, Call] = {}

    def read(
        self, entry: dict[str, Any], block: int, *, whole: bool, events: list[Event]
    ) -> tuple[Call, bool, bool]:
        """Read one entry of `tool_calls`; a new call gets the index `block`.

        Answers the call, whether it is new, and whether the entry did no more than continue its
        arguments.
        """
        piece = _Piece(entry)
        call = None if whole else self._find(piece)
        if is_new := call is None:
            call = Call(block, piece)
            self._all.append(call)
            if piece.index is not None:
                self._by_index[piece.index] = call
            events.append(BlockStart(block, _block(call, piece)))
            patch = None
        elif (patch := call.learn(piece)) is not None:
            events.append(patch)
        if piece.id:
            self._by_id[piece.id] = call
        if text := piece.args:
            call.parts.append(text)
            if call.kind == "custom":
                text = json.encode(text).decode()[1:-1]
            events.append(BlockDelta(call.block, "args", text))
        plain = not is_new and patch is None and not piece.name and call.kind == "function"
        return call, is_new, plain

    def close(self, events: list[Event], *, cut: bool) -> None:
        """Say that no more arguments will come; `cut`: the reply ran into its limit."""
        for call in self._all:
            if call.kind == "custom":
                events.append(BlockDelta(call.block, "args", '"}'))
            elif cut and not call.parts and call is self._all[-1]:
                # The limit struck before the arguments began: calling without them is not meant.
                events.append(BlockPatch(call.block, CUT_OFF))
            elif len(call.parts) <= 2 and "".join(call.parts).strip() == "null":
                # How some models call what takes no arguments.
                events.append(BlockPatch(call.block, {"args": "{}"}))
            events.append(BlockEnd(call.block))

    def _find(self, piece: _Piece) -> Call | None:
        """Give the call that a piece continues, or None when it begins one."""
        id, name = piece.id, piece.name
        if piece.index is None:
            if id:
                return self._by_id.get(id)
            return None if name or not self._all else self._all[-1]
        call = self._by_index.get(piece.index)
        if call is None or (not id and not name):
            return call
        if id and not call.is_id_made_up and id != call.id:
            # Some give every piece a new id: without a name, or amid arguments, it is no new call.
            return call if not name or (call.parts and not call.is_whole()) else None
        if name and not id and call.parts and call.is_whole():
            return None
        return call


def _block(call: Call, piece: _Piece) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "tool_call_chunk",
        "id": call.id,
        "name": call.name,
        "args": '{"__arg1": "' if call.kind == "custom" else "",
    }
    fields = {**piece.entry, **piece.body} if piece.body is not piece.entry else piece.entry
    extras = {k: v for k, v in fields.items() if k not in KNOWN and v is not None}
    if call.kind != "function":
        extras["type"] = KINDS.get(call.kind, call.kind)
    if extras:
        block["extras"] = extras
    return block


def _index(value: Any) -> int | str | None:
    if isinstance(value, str):
        return int(value) if value.isdecimal() else value
    return value if isinstance(value, int) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
