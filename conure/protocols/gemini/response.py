"""Gemini: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot
        disagree. A stream is server-sent events where that was asked for, else one JSON array.
Rule 2: chunks that differ from the one before only in their text and counts are not parsed again:
        see `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event
from ...wire import json
from ...wire.sse import ServerSentEvent, SSEDecoder
from ..decoder import StreamReader
from ..shape import is_list, is_object
from .dialect import Dialect
from .pattern import DIGITS, NO_PATTERN, Pattern, learn
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]

# Gateways end their streams as another protocol does.
DONE = b"[DONE]"
# Learning pays where several chunks are read by what was learnt.
LESSONS = 8
# Of what is a reply at all, there is one.
KNOWN = frozenset({"candidates", "error", "promptFeedback", "usageMetadata"})


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body.lstrip()[:5] in (b"data:", b"event"):
        # Some stream whatever they were asked for.
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    reply = _read(json.decode(body))
    # It came whole, whether it says so or not.
    reply.finished = True
    reply.close()
    return reply.events


def _read(wire: Any) -> Reply:
    chunks: list[Any] = wire if is_list(wire) else [wire]
    reply = Reply()
    if not any(is_object(chunk) and not KNOWN.isdisjoint(chunk) for chunk in chunks):
        raise ProtocolError("the reply has no candidates", body=wire)
    for chunk in chunks:
        if is_object(chunk) and not reply.failed:
            reply.read(chunk)
    return reply


class StreamDecoder(StreamReader[Reply, ServerSentEvent]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once a reason to stop was given. More may follow it, so `done` is true
    only after an error.
    """

    __slots__ = ("_current", "_last", "_lessons")

    def __init__(self, dialect: Dialect) -> None:  # noqa: ARG002 - as every protocol's
        super().__init__(SSEDecoder(), Reply())
        self._current = NO_PATTERN
        self._lessons = LESSONS
        # The last chunk that was not parsed: its counts are still to be read.
        self._last: bytes | None = None

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.failed

    def _read_frames(self, frames: Sequence[ServerSentEvent]) -> None:
        # The hot loop: a call in it is paid for each chunk.
        append = self._reply.events.append
        prefix, start, middle, rest, block, field = self._current
        said = self._reply.pieces.append
        for frame in frames:
            _, data = frame
            if data.startswith(prefix):
                end = data.find(b'"', start)
                tail = end + len(middle)
                if data[end:tail] == middle and data[tail:].translate(None, DIGITS) == rest:
                    raw = data[start:end]
                    try:
                        text = json.decode(b'"%b"' % raw) if b"\\" in raw else raw.decode()
                    except (ProtocolError, UnicodeError):
                        pass
                    else:
                        if text:
                            append(BlockDelta(block, field, text))
                            said(text)
                        self._last = data
                        continue
            self._read(frame)
            if self._reply.failed or self._broken is not None:
                break
            prefix, start, middle, rest, block, field = self._current
            said = self._reply.pieces.append

    def _read(self, frame: ServerSentEvent) -> None:
        name, raw = frame
        data = raw.strip()
        if not data or data == DONE or self._reply.failed:
            return
        self._count_last()
        self._current = NO_PATTERN
        wire = self._parse(data, is_error=name == "error")
        if is_object(wire):
            before = len(self._reply.events)
            self._reply.read(wire)
            if self._lessons > 0 and len(self._reply.events) == before + 1:
                self._learn(raw, wire, self._reply.events[-1])
        elif is_list(wire):
            for chunk in wire:
                if is_object(chunk) and not self._reply.failed:
                    self._reply.read(chunk)

    def _count_last(self) -> None:
        """Read the counts of the last chunk that was not parsed; learning was worth it."""
        last, self._last = self._last, None
        if last is not None:
            self._lessons = LESSONS
            if is_object(wire := self._parse(last)):
                self._reply.count(wire)

    def _learn(self, frame: bytes, wire: dict[str, Any], event: Event) -> None:
        if type(event) is BlockDelta:
            self._lessons -= 1
            pattern: Pattern | None = learn(frame, wire, event)
            if pattern is not None:
                self._current = pattern

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply = _read(json.decode(body))
        self._reply.close()
        return self._reply.events

    def _end(self) -> None:
        self._count_last()
        self._reply.close()
