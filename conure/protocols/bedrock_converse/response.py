"""Bedrock Converse: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot
        disagree.
Rule 2: deltas that differ from the one before only in their text are not parsed again: see
        `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event
from ...wire import json
from ...wire.eventstream import EventStreamDecoder, Frame
from ..decoder import StreamReader
from ..errors import failure_of
from ..frames import failure_in
from ..shape import is_object
from .dialect import Dialect
from .pattern import END, NO_PATTERN, learn
from .reply import Reply
from .whole import as_stream

__all__ = ["StreamDecoder", "decode"]

# Every frame begins with a length, whose first byte is nearly always this.
FRAMED = b"\x00"
DELTA = "contentBlockDelta"
# A server whose deltas teach nothing is asked no further.
LESSONS = 8


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body[:1] == FRAMED:
        # Some stream whatever they were asked for.
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    wire = json.decode(body)
    if not is_object(wire):
        raise ProtocolError("the reply is no JSON object", body=wire)
    reply = Reply()
    if "output" in wire:
        for name, told in as_stream(wire):
            reply.read(name, told)
    elif "message" in wire or "Message" in wire:
        reply.fail(failure_of(wire))
    else:
        raise ProtocolError("the reply has no output", body=wire)
    return reply.events


class StreamDecoder(StreamReader[Reply, Frame]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the message has stopped, `done` after the counts that follow.
    """

    __slots__ = ("_current", "_dialect", "_lessons")

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(EventStreamDecoder(), Reply())
        self._dialect = dialect
        self._current = NO_PATTERN
        self._lessons = LESSONS

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.complete or self._reply.failed

    def _read_frames(self, frames: Sequence[Frame]) -> None:
        # The hot loop: a call in it is paid for each event.
        append = self._reply.events.append
        known, prefix, close, block, field = self._current
        start, after = len(prefix), len(close)
        for frame in frames:
            headers, payload = frame
            if headers is known and payload.startswith(prefix):
                end = payload.rfind(close)
                if end >= start and payload[end + after : -2].isalnum() and payload[-2:] == END:
                    raw = payload[start:end]
                    try:
                        if b"\\" in raw or b'"' in raw:
                            text = json.decode(b'"%b"' % raw)
                        else:
                            text = raw.decode()
                    except (ProtocolError, UnicodeError):
                        pass
                    else:
                        if text:
                            append(BlockDelta(block, field, text))
                        continue
            self._read(frame)
            if self._reply.failed or self._broken is not None:
                break
            known, prefix, close, block, field = self._current
            start, after = len(prefix), len(close)

    def _read(self, frame: Frame) -> None:
        """Read one frame the general way."""
        reply = self._reply
        if reply.failed:
            return
        headers, payload = frame
        self._current = NO_PATTERN
        if headers.get(":message-type") != "event":
            if (failure := failure_in(frame)) is not None:
                reply.fail(failure)
            return
        wire = self._parse(payload)
        if not is_object(wire):
            return
        before = len(reply.events)
        name = headers.get(":event-type", "")
        reply.read(name, wire)
        if name == DELTA and self._lessons > 0 and len(reply.events) == before + 1:
            self._learn(frame, wire, reply.events[-1])

    def _learn(self, frame: Frame, wire: dict[str, Any], event: Event) -> None:
        if type(event) is not BlockDelta:
            return
        pattern = learn(*frame, wire, event)
        if pattern is None:
            self._lessons -= 1
        else:
            self._current = pattern

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.finished = True
        return decode(body, self._dialect)
