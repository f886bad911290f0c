"""Anthropic Messages: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot
        disagree.
Rule 2: deltas that differ from the one before only in their text are not parsed again: see
        `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event
from ...wire import json
from ...wire.sse import SSEDecoder
from ..shape import is_list, is_object
from .dialect import Dialect
from .pattern import END, NO_PATTERN, PADDING, Pattern, learn
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]

# Gateways end their streams as another protocol does.
DONE = b"[DONE]"
# A server whose deltas teach nothing is asked no further.
LESSONS = 8


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body.lstrip()[:5] in (b"data:", b"event"):
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    wire = json.decode(body)
    reply = Reply()
    if is_object(wire) and is_list(wire.get("content")):
        reply.message_start({"message": wire})
        reply.message_stop(wire)
    elif is_object(wire) and (wire.get("type") == "error" or "error" in wire):
        reply.error(wire)
    else:
        raise ProtocolError("the reply has no content", body=wire)
    return reply.events


class StreamDecoder:
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the message has stopped; so is `done`, though more may follow.
    """

    __slots__ = ("_broken", "_current", "_dialect", "_frames", "_lessons", "_raw", "_reply",
                 "_started")  # fmt: skip

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._frames = SSEDecoder()
        self._reply = Reply()
        self._started = False
        self._raw: list[bytes] | None = None
        self._broken: ProtocolError | None = None
        self._current = NO_PATTERN
        self._lessons = LESSONS

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.finished or self._reply.failed

    def feed(  # noqa: C901, PLR0912 - the hot loop: a call in it is paid for each event
        self, data: bytes
    ) -> list[Event]:
        if not self._started:
            data = self._start(data)
        if self._raw is not None:
            self._raw.append(data)
            return []
        if self._broken is not None:
            raise self._broken
        reply = self._reply
        events = reply.turn_page()
        append = events.append
        prefix, start, block, field = self._current
        for name, frame in self._frames.feed(data):
            if frame.startswith(prefix):
                end = frame.rfind(b'"')
                tail = frame[end:]
                if end >= start and (tail == END or tail.translate(None, PADDING) == END):
                    raw = frame[start:end]
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
            self._read(name, frame)
            if reply.failed or self._broken is not None:
                break
            prefix, start, block, field = self._current
        if self._broken is not None and not events:
            raise self._broken
        return events

    def close(self) -> list[Event]:
        """Answer what was held back, and the last event if its end never came."""
        reply = self._reply
        if self._raw is not None:
            # A server that answers whole although it was asked to stream.
            events = decode(b"".join(self._raw), self._dialect)
            reply.finished = True
            return events
        if self._broken is not None:
            raise self._broken
        reply.turn_page()
        for name, frame in self._frames.close():
            # A last event without its end may be cut short: then it says nothing.
            self._read(name, frame)
        reply.close()
        return reply.events

    def _start(self, data: bytes) -> bytes:
        data = data.lstrip()
        if data:
            self._started = True
            if data[:1] in (b"{", b"["):
                self._raw = []
        return data

    def _read(self, name: str | None, frame: bytes) -> None:
        """Read one event the general way."""
        reply = self._reply
        data = frame.strip()
        if reply.failed or not data or data == DONE:
            return
        try:
            wire = json.decode(data)
        except ProtocolError as error:
            if name == "error":
                reply.error({"error": data.decode("utf-8", "replace")})
            else:
                # What came before it in the same bytes is handed out first.
                self._broken = error
            return
        if not is_object(wire):
            return
        if name == "error":
            reply.error(wire)
        elif wire.get("type") == "content_block_delta":
            before = len(reply.events)
            reply.content_block_delta(wire)
            if self._lessons > 0 and len(reply.events) == before + 1:
                self._learn(frame, wire, reply.events[-1])
        else:
            self._current = NO_PATTERN
            reply.read(wire)

    def _learn(self, frame: bytes, wire: dict[str, Any], event: Event) -> None:
        if type(event) is not BlockDelta:
            return
        pattern: Pattern | None = learn(frame, wire, event)
        if pattern is None:
            self._lessons -= 1
        else:
            self._current = pattern
