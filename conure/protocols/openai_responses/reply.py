"""Responses: one reply being read, whole or event by event.

Rule 1: what an event announces piece by piece, the item says again when it is done; what pieces
        did not bring is told then. An item nobody announced is told when the reply is whole.
Rule 2: an item is known by its place in the output. Ids change within one stream.
Rule 3: an error ends the reply, wherever it stands.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from typing import Any

from ...messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Finish,
    FinishReason,
    Metadata,
    ReplyStart,
    UsageReport,
)
from ...messages.native_items import blocks_of_item, standard_annotation
from ...wire import json
from ..errors import failure_of
from ..shape import is_list, is_object
from ..usage import read_usage
from .items import content_of

__all__ = ["SOLE_ARGUMENT", "Part", "Reply"]

INCOMPLETE: dict[str, FinishReason] = {
    "max_output_tokens": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}
ENDED = frozenset({"completed", "incomplete", "failed", "cancelled"})
# Fields that repeat the request, or are told as something else than facts.
NO_FACTS = frozenset({
    "background", "error", "frequency_penalty", "input", "instructions", "max_output_tokens",
    "max_tool_calls", "output", "output_text", "parallel_tool_calls", "presence_penalty",
    "prompt", "prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier",
    "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation",
    "usage", "user",
})  # fmt: skip
CALLS = frozenset({"function_call", "custom_tool_call"})
IN_PIECES = CALLS | {"message", "reasoning"}

# Item -> the name under which its call is told while it is being made.
SERVER_CALLS = {
    "code_interpreter_call": "code_interpreter",
    "file_search_call": "file_search",
    "mcp_call": "remote_mcp",
    "mcp_list_tools": "mcp_list_tools",
    "web_search_call": "web_search",
}
# How many blocks an item makes, where it is not one; nobody knows how many parts will come.
BLOCKS = {"message": 0}
# Items whose arguments are JSON text.
WRITTEN = frozenset({"function_call", "mcp_call"})
# Item -> the argument that is a text of its own, and not JSON, while it is written.
SOLE_ARGUMENT = {"custom_tool_call": "__arg1", "code_interpreter_call": "code"}
NOT_PATCHED = frozenset({"type", "text", "reasoning", "refusal", "args", "annotations", "error"})


class Part:
    """A block that grows: its number, how much was told of it, and what it began with."""

    __slots__ = ("begun", "block", "index", "kind", "last", "notes", "size")

    def __init__(self, index: int, block: dict[str, Any], kind: str, *, begun: bool) -> None:
        self.index = index
        self.block = block
        self.kind = kind
        self.begun = begun
        """whether it was told from its beginning"""
        self.size = 0
        self.last = ""
        self.notes = 0


class Reply:
    """What has come of a reply so far; reading appends to `events`."""

    __slots__ = (
        "_blocks",
        "_called",
        "_ids",
        "_known",
        "_open",
        "_reserved",
        "_started",
        "done",
        "events",
        "failed",
        "finished",
        "parts",
        "resumed",
    )

    def __init__(self, *, resumed: bool = False) -> None:
        self.resumed = resumed
        """whether the beginning was seen before: what it told is not told again"""
        self.events: list[Event] = []
        self.done = False
        self.failed = False
        self.finished = False
        self.parts: dict[tuple[int, str, int], Part] = {}
        """by place in the output, field, and place in the item"""
        self._blocks = 0
        self._called = False
        self._started = False
        self._known: set[int] = set()
        self._open: dict[int, dict[str, Any]] = {}
        self._reserved: dict[int, list[int]] = {}
        self._ids: dict[str, int] = {}

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        self.events = []
        return self.events

    # -- a whole reply, or what stands for one in an event ---------------------------------------

    def start(self, response: dict[str, Any]) -> None:
        """Tell what is known before anything is said."""
        if not self._started:
            self._started = True
            id = response.get("id")
            self.events.append(ReplyStart(id if isinstance(id, str) and id else None, content_of))
        if facts := _facts(response):
            self.events.append(Metadata(facts))

    def finish(self, response: dict[str, Any]) -> None:
        """Tell what was not told yet, then how the reply ended."""
        output = response.get("output")
        told = set(self._ids)
        for place, item in enumerate(output if is_list(output) else ()):
            if not is_object(item):
                continue
            is_new = place not in self._known and item.get("id") not in told
            if (is_new and not self.resumed) or place in self._open:
                self.item_done(place, item)
        if response.get("error"):
            self.fail({"error": response["error"]}, response)
            return
        status = str(response.get("status") or "completed")
        reason = self._reason(status, response.get("incomplete_details"))
        facts = _facts(response)
        if status in ENDED:
            facts["finish_reason"] = reason
        if not self._started:
            self._started = True
            self.events.append(ReplyStart(response.get("id") or None, content_of))
        self.events.append(Metadata(facts))
        self._count(response)
        if status in ENDED:
            self.close_items()
            self.finished = True
            details = response.get("incomplete_details")
            raw = details.get("reason") if is_object(details) else None
            self.events.append(Finish(reason, str(raw or status)))

    def fail(self, wire: Any, response: dict[str, Any] | None = None) -> None:
        """End with an error the provider sent instead of, or amid, a reply."""
        if response is not None:
            self._count(response)
        self.events.append(failure_of(wire))
        self.failed = self.done = True

    def close_items(self) -> None:
        """End the blocks of items that were never done."""
        for part in self._unfinished():
            self.events.append(BlockEnd(part.index))
        self.parts.clear()
        self._open.clear()

    def _unfinished(self) -> list[Part]:
        return [part for (place, _, _), part in self.parts.items() if place in self._open]

    def _count(self, response: dict[str, Any]) -> None:
        usage = response.get("usage")
        if is_object(usage) and (report := read_usage(usage, response.get("service_tier"))):
            self.events.append(UsageReport(report))

    def _reason(self, status: str, details: Any) -> FinishReason:
        if status == "completed":
            return "tool_calls" if self._called else "stop"
        reason = details.get("reason") if is_object(details) else None
        return INCOMPLETE.get(str(reason), "other")

    # -- items -----------------------------------------------------------------------------------

    def place_of(self, event: dict[str, Any], item: dict[str, Any] | None = None) -> int:
        """Find the place in the output; some never say it."""
        place = event.get("output_index")
        if isinstance(place, int):
            return place
        id = event.get("item_id") if item is None else item.get("id")
        if id in self._ids:
            return self._ids[id]
        return max(self._known, default=-1) + (item is not None)

    def item_added(self, place: int, item: dict[str, Any]) -> None:
        """Open what an item announces."""
        kind = str(item.get("type"))
        self._known.add(place)
        self._open[place] = item
        # Items may be written side by side; their blocks stand in the order they began in.
        count = BLOCKS.get(kind, 2 if kind in SERVER_CALLS else 1)
        self._reserved[place] = list(range(self._blocks, self._blocks + count))
        self._blocks += count
        if isinstance(id := item.get("id"), str):
            self._ids[id] = place
        if kind in CALLS:
            self._called = True
            self._open_call(place, kind, item)
        elif kind in SERVER_CALLS:
            block: dict[str, Any] = {
                "type": "server_tool_call_chunk",
                "name": SERVER_CALLS[kind],
                "args": "",
            }
            extras = {
                ours: item[theirs]
                for ours, theirs in (
                    ("tool_name", "name"),
                    ("server_label", "server_label"),
                    ("container_id", "container_id"),
                )
                if kind != "web_search_call" and item.get(theirs) is not None
            }
            block["id"] = item.get("id")
            self._begin((place, "args", 0), block | ({"extras": extras} if extras else {}), kind)
        elif kind == "reasoning":
            block = {"type": "reasoning", "reasoning": ""}
            if item.get("id") is not None:
                block["id"] = item["id"]
            self._begin((place, "reasoning", 0), block, kind)

    def item_done(self, place: int, item: dict[str, Any]) -> None:
        """Tell what an item has that was not told of it, and end it."""
        kind = str(item.get("type"))
        blocks = blocks_of_item(item)
        was_open = self._open.pop(place, None) is not None
        # What was told piece by piece before a stream was resumed is not told again, whole.
        was_told = self.resumed and not was_open and kind in IN_PIECES
        self._known.add(place)
        if isinstance(id := item.get("id"), str):
            self._ids[id] = place
        self._called = self._called or kind in CALLS
        if was_open or any(key[0] == place for key in self.parts):
            self._end_parts(place, item, kind, blocks, was_told=was_told)
        elif not was_told:
            for block in blocks:
                self._whole(place, block)
            self._tell_logprobs(item)

    def _end_parts(
        self,
        place: int,
        item: dict[str, Any],
        kind: str,
        blocks: list[dict[str, Any]],
        *,
        was_told: bool,
    ) -> None:
        """Match an item's blocks with the parts of it that were told."""
        if kind in ("message", "reasoning"):
            keys = [(place, FIELDS.get(b["type"], "text"), n) for n, b in enumerate(blocks)]
        elif kind == "image_generation_call":
            keys = [(place, "base64", 0)]
        else:
            keys = [(place, "args", n) for n in range(len(blocks))]
        for key, block in zip(keys, blocks, strict=True):
            part = self.parts.pop(key, None)
            if part is None:
                if not was_told:
                    self._whole(place, block)
            else:
                self._complete(part, key[1], block, item)
        for key in [key for key in self.parts if key[0] == place]:
            self.events.append(BlockEnd(self.parts.pop(key).index))

    def _complete(
        self, part: Part, field: str, block: dict[str, Any], item: dict[str, Any]
    ) -> None:
        events = self.events
        if field == "args":
            self._complete_args(part, block, item)
        elif field == "base64":
            events.append(BlockPatch(part.index, _final_image(block)))
        else:
            self._rest(part, field, block.get(field) or "")
        fields = {
            name: value
            for name, value in block.items()
            if name not in NOT_PATCHED and part.block.get(name) != value and field != "base64"
        }
        if notes := (block.get("annotations") or ())[part.notes :]:
            fields["annotations"] = notes
        if fields:
            events.append(BlockPatch(part.index, fields))
        events.append(BlockEnd(part.index))

    def _complete_args(self, part: Part, block: dict[str, Any], item: dict[str, Any]) -> None:
        name = SOLE_ARGUMENT.get(part.kind)
        if name is not None:
            whole = item.get("input" if name == "__arg1" else name)
            if whole is not None or part.size:
                self._sole(part, name, (whole or "")[part.size :])
                self.events.append(BlockDelta(part.index, "args", '"}'))
            return
        whole = item.get("arguments") if part.kind in WRITTEN else None
        if not isinstance(whole, str):
            args = block.get("args")
            whole = json.encode(args).decode() if args else ""
        self._rest(part, "args", whole)
        if block["type"] == "invalid_tool_call" and not whole:
            self.events.append(
                BlockPatch(part.index, {"type": "invalid_tool_call", "error": block["error"]})
            )

    def _open_call(self, place: int, kind: str, item: dict[str, Any]) -> None:
        shown = {**item, "input" if kind == "custom_tool_call" else "arguments": ""}
        if shown.get("status") is not None:
            # What it will be: a patch for this word alone would be a chunk that says nothing.
            shown["status"] = "completed"
        block = blocks_of_item(shown)[0]
        block |= {"type": "tool_call_chunk", "args": ""}
        part = self._begin((place, "args", 0), block, kind)
        if kind == "function_call" and item.get("arguments"):
            self._rest(part, "args", item["arguments"])

    def _begin(self, key: tuple[int, str, int], block: dict[str, Any], kind: str) -> Part:
        index = self._next(key[0])
        part = self.parts[key] = Part(index, block, kind, begun=True)
        self.events.append(BlockStart(index, block))
        return part

    def _whole(self, place: int, block: dict[str, Any]) -> None:
        index = self._next(place)
        self.events.append(BlockStart(index, block))
        self.events.append(BlockEnd(index))

    def _next(self, place: int) -> int:
        """Give a block its number: one kept for its item, or a new one."""
        if reserved := self._reserved.get(place):
            return reserved.pop(0)
        self._blocks += 1
        return self._blocks - 1

    def part(self, key: tuple[int, str, int], *, begun: bool = False) -> Part:
        """Give the part of a key, opened where nothing announced it."""
        part = self.parts.get(key)
        if part is None:
            place, field, _ = key
            item = self._open.get(place) or {}
            kind = str(item.get("type") or "message")
            block: dict[str, Any] = {"type": IMPLIED[field]}
            if field != "args":
                block[field] = ""
                block |= {n: item[n] for n in ("id", "phase") if item.get(n) is not None}
            part = self._begin(key, block, kind)
            part.begun = begun or place in self._open
        return part

    def _rest(self, part: Part, field: str, whole: str) -> None:
        """Tell the end of a text of which pieces were told, if they are its beginning."""
        if part.begun and len(whole) > part.size and whole[: part.size].endswith(part.last):
            self.events.append(BlockDelta(part.index, field, whole[part.size :]))
            part.size = len(whole)

    def _sole(self, part: Part, name: str, text: str) -> None:
        """Tell a piece of a text that is the only argument of a call."""
        written = json.encode(text).decode()[1:-1]
        if not part.size:
            written = f'{{"{name}":"{written}'
        part.size += len(text) or (not part.size)
        self.events.append(BlockDelta(part.index, "args", written))

    def _tell_logprobs(self, item: dict[str, Any]) -> None:
        content = item.get("content")
        for part in content if is_list(content) else ():
            if is_object(part) and (found := part.get("logprobs")):
                self.events.append(Metadata({"logprobs": {"content": found}}))

    # -- pieces ----------------------------------------------------------------------------------

    def grow(self, event: dict[str, Any], field: str, within: str) -> None:
        """Read a piece of a text; `within` names the field that counts the texts of an item."""
        text = event.get("delta")
        if not isinstance(text, str) or not text:
            return
        part = self.part((self.place_of(event), field, event.get(within) or 0))
        part.size += len(text)
        part.last = text
        self.events.append(BlockDelta(part.index, field, text))
        if found := event.get("logprobs"):
            self.events.append(Metadata({"logprobs": {"content": found}}))

    def grow_args(self, event: dict[str, Any]) -> None:
        """Read a piece of a call's arguments."""
        text = event.get("delta")
        part = self.part((self.place_of(event), "args", 0))
        if not isinstance(text, str) or not text:
            return
        if name := SOLE_ARGUMENT.get(part.kind):
            self._sole(part, name, text)
        else:
            part.size += len(text)
            part.last = text
            self.events.append(BlockDelta(part.index, "args", text))

    def part_added(self, event: dict[str, Any]) -> None:
        """Open a part of a message."""
        part = event.get("part")
        kind = part.get("type") if is_object(part) else None
        field = {"output_text": "text", "refusal": "refusal"}.get(str(kind))
        if field is None or not is_object(part):
            return
        made = self.part((self.place_of(event), field, event.get("content_index") or 0), begun=True)
        self._rest(made, field, str(part.get(field) or ""))

    def annotate(self, event: dict[str, Any]) -> None:
        """Add a citation to a text."""
        part = self.part((self.place_of(event), "text", event.get("content_index") or 0))
        part.notes += 1
        note = standard_annotation(event.get("annotation"))
        self.events.append(BlockPatch(part.index, {"annotations": [note]}))

    def partial_image(self, event: dict[str, Any]) -> None:
        """Show an image that is not finished."""
        key = (self.place_of(event), "base64", 0)
        extras = {
            name: event[name]
            for name in ("size", "quality", "background", "output_format")
            if event.get(name) is not None
        } | {"partial_index": event.get("partial_image_index") or 0}
        form = event.get("output_format") or "png"
        fields = {"base64": event.get("partial_image_b64"), "extras": extras}
        part = self.parts.get(key)
        if part is None:
            block = {"type": "image", "mime_type": f"image/{form}", "id": event.get("item_id")}
            self._begin(key, block | fields, "image_generation_call")
        else:
            self.events.append(BlockPatch(part.index, fields))


def _final_image(block: dict[str, Any]) -> dict[str, Any]:
    return {**block, "extras": {**block.get("extras", {}), "partial_index": None}}


def _facts(response: dict[str, Any]) -> dict[str, Any]:
    facts = {
        name: value
        for name, value in response.items()
        if name not in NO_FACTS and value is not None and value not in ({}, [], "")
    }
    if "model" in facts:
        facts["model_name"] = facts["model"]
    return facts


FIELDS = {"text": "text", "refusal": "refusal", "reasoning": "reasoning"}
IMPLIED = {
    "args": "tool_call_chunk",
    "reasoning": "reasoning",
    "refusal": "refusal",
    "text": "text",
}
