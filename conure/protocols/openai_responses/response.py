"""Responses: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`: a whole reply is what its last
        event would have said, so `invoke` and `stream` cannot disagree.
Rule 2: an event is known by the `type` in its data; some never name it outside.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event, Metadata
from ...wire import json
from ...wire.sse import ServerSentEvent, SSEDecoder
from ..decoder import StreamReader
from ..shape import is_object
from .dialect import Dialect
from .reply import SOLE_ARGUMENT, Part, Reply

__all__ = ["StreamDecoder", "decode"]

DONE = b"[DONE]"
# How pieces are written that need not be parsed: `"item_id":…,"output_index":…,"delta":"…`.
ITEM_ID = b'"item_id":"'
PLACES = (b"output_index", b"content_index", b"summary_index")
DELTA = b'"delta":"'
SCORED = b'"logprobs":[{'
NUMBER = re.compile(rb'"sequence_number": *(\d+)')
# Gateways that change the ids with every piece teach nothing.
LESSONS = 200


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body.lstrip()[:5] in (b"data:", b"event"):
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    wire = json.decode(body)
    reply = Reply()
    if is_object(wire) and ("output" in wire or wire.get("status") in ("queued", "failed")):
        reply.start({"id": wire.get("id")})
        reply.finish(wire)
    elif is_object(wire) and (wire.get("error") or "detail" in wire):
        reply.fail(wire)
    else:
        raise ProtocolError("the reply has no output", body=wire)
    return reply.events


class StreamDecoder(StreamReader[Reply, ServerSentEvent]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the reply said how it ended, `done` as soon as that was told.
    """

    __slots__ = ("_dialect", "_field", "_key", "_last", "_lessons", "_part")

    def __init__(self, dialect: Dialect, *, resumed: bool = False) -> None:
        super().__init__(SSEDecoder(), Reply(resumed=resumed))
        self._dialect = dialect
        # What stands right before the text of each piece of one part, and that part.
        self._key = b""
        self._part: Part | None = None
        self._field = ""
        self._lessons = LESSONS
        self._last = b""

    @property
    def finished(self) -> bool:
        return self._reply.finished or self._reply.failed

    @property
    def done(self) -> bool:
        return self._reply.done

    def _read_frames(self, frames: Sequence[ServerSentEvent]) -> None:
        # The hot loop: a call in it is paid for each piece.
        reply = self._reply
        events = reply.events
        key, part, field = self._key, self._part, self._field
        if frames:
            self._last = frames[-1][1]
        for frame in frames:
            _, data = frame
            if part is not None and (at := data.find(key)) > 0 and data.find(SCORED) < 0:
                # A piece of the text that the last one was a piece of: its place is known.
                start = at + len(key)
                end = data.find(b'"', start)
                raw = data[start:end]
                if end > start and b"\\" not in raw:
                    try:
                        text = raw.decode()
                    except UnicodeDecodeError:
                        pass
                    else:
                        part.size += len(text)
                        part.last = text
                        events.append(BlockDelta(part.index, field, text))
                        continue
            self._read(frame)
            if reply.done or self._broken is not None:
                break
            key, part, field = self._key, self._part, self._field

    def _read(self, frame: ServerSentEvent) -> None:
        name, data = frame[0], frame[1].strip()
        reply = self._reply
        if data == DONE:
            reply.done = True
        if reply.done or not data:
            return
        wire = self._parse(data, is_error=name == "error")
        if is_object(wire):
            self._read_event(name, data, wire)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.finished = self._reply.done = True
        return decode(body, self._dialect)

    def _end(self) -> None:
        """Tell where a reply was cut off, so that it can be gone on with from there."""
        if not self.finished and (found := NUMBER.search(self._last)):
            self._reply.events.append(Metadata({"sequence_number": int(found[1])}))

    def _read_event(self, name: str | None, frame: bytes, wire: dict[str, Any]) -> None:
        reply = self._reply
        before = len(reply.events)
        if read := READERS.get(wire.get("type") or name or ""):
            read(reply, wire)
        elif wire.get("error"):
            reply.fail(wire)
        self._part = None
        if len(reply.events) == before + 1 and type(event := reply.events[-1]) is BlockDelta:
            self._learn(frame, wire, event)

    def _learn(self, frame: bytes, wire: dict[str, Any], event: BlockDelta) -> None:
        """Remember how a piece looks, so that the next one need not be parsed."""
        end = frame.find(DELTA)
        begin = frame.find(ITEM_ID)
        key = frame[begin : end + len(DELTA)]
        told = all(b'"%b":' % name in key for name in PLACES if name.decode() in wire)
        if self._lessons > 0 and 0 < begin < end and told and wire.get("delta"):
            place = self._reply.place_of(wire)
            found = [
                part
                for (its, field, _), part in self._reply.parts.items()
                if its == place and part.index == event.index and field == event.field
            ]
            if found and found[0].kind not in SOLE_ARGUMENT:
                self._lessons -= 1
                self._key, self._part, self._field = key, found[0], event.field


def _started(reply: Reply, wire: dict[str, Any]) -> None:
    response = wire.get("response")
    reply.start(response if is_object(response) else {})


def _ended(reply: Reply, wire: dict[str, Any]) -> None:
    response = wire.get("response")
    reply.finish(response if is_object(response) else {})
    reply.done = True


def _failed(reply: Reply, wire: dict[str, Any]) -> None:
    response = wire.get("response")
    if is_object(response):
        reply.fail({"error": response.get("error") or response}, response)
    elif is_object(wire.get("error")):
        reply.fail(wire)
    else:
        reply.fail({"error": {n: wire[n] for n in ("code", "message", "param") if n in wire}})


def _item_added(reply: Reply, wire: dict[str, Any]) -> None:
    if is_object(item := wire.get("item")):
        reply.item_added(reply.place_of(wire, item), item)


def _item_done(reply: Reply, wire: dict[str, Any]) -> None:
    if is_object(item := wire.get("item")):
        reply.item_done(reply.place_of(wire, item), item)


def _text(field: str, within: str) -> Callable[[Reply, dict[str, Any]], None]:
    def read(reply: Reply, wire: dict[str, Any]) -> None:
        reply.grow(wire, field, within)

    return read


READERS: dict[str, Callable[[Reply, dict[str, Any]], None]] = {
    "error": _failed,
    "response.cancelled": _ended,
    "response.code_interpreter_call_code.delta": Reply.grow_args,
    "response.completed": _ended,
    "response.content_part.added": Reply.part_added,
    "response.created": _started,
    "response.custom_tool_call_input.delta": Reply.grow_args,
    "response.failed": _failed,
    "response.function_call_arguments.delta": Reply.grow_args,
    "response.image_generation_call.partial_image": Reply.partial_image,
    "response.incomplete": _ended,
    "response.mcp_call_arguments.delta": Reply.grow_args,
    "response.output_item.added": _item_added,
    "response.output_item.done": _item_done,
    "response.output_text.annotation.added": Reply.annotate,
    "response.output_text.delta": _text("text", "content_index"),
    "response.queued": _started,
    "response.reasoning_summary_text.delta": _text("reasoning", "summary_index"),
    "response.reasoning_text.delta": _text("reasoning", "content_index"),
    "response.refusal.delta": _text("refusal", "content_index"),
}
