"""Anthropic Messages: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot
        disagree.
Rule 2: deltas that differ from the one before only in their text are not parsed again: see
        `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event
from ...wire import json
from ...wire.sse import ServerSentEvent, SSEDecoder
from ..decoder import StreamReader
from ..frames import ChunkDecoder
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
        reply.message_stop({})
    elif is_object(wire) and (wire.get("type") == "error" or "error" in wire):
        reply.error(wire)
    else:
        raise ProtocolError("the reply has no content", body=wire)
    return reply.events


class StreamDecoder(StreamReader[Reply, ServerSentEvent]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the message has stopped; so is `done`, though more may follow.
    """

    __slots__ = ("_current", "_dialect", "_lessons")

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(ChunkDecoder() if dialect.framed else SSEDecoder(), Reply())
        self._dialect = dialect
        self._current = NO_PATTERN
        self._lessons = LESSONS

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.finished or self._reply.failed

    def _read_frames(self, frames: Sequence[ServerSentEvent]) -> None:
        # The hot loop: a call in it is paid for each event.
        append = self._reply.events.append
        prefix, start, block, field = self._current
        for frame in frames:
            _, data = frame
            if data.startswith(prefix):
                end = data.rfind(b'"')
                tail = data[end:]
                if end >= start and (tail == END or tail.translate(None, PADDING) == END):
                    raw = data[start:end]
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
            prefix, start, block, field = self._current

    def _read(self, frame: ServerSentEvent) -> None:
        name, raw = frame
        reply = self._reply
        data = raw.strip()
        if reply.failed or not data or data == DONE:
            return
        wire = self._parse(data, is_error=name == "error")
        if not is_object(wire):
            return
        if name == "error":
            reply.error(wire)
        elif wire.get("type") == "content_block_delta":
            before = len(reply.events)
            reply.content_block_delta(wire)
            if self._lessons > 0 and len(reply.events) == before + 1:
                self._learn(raw, wire, reply.events[-1])
        else:
            self._current = NO_PATTERN
            reply.read(wire)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.finished = True
        return decode(body, self._dialect)

    def _end(self) -> None:
        self._reply.close()

    def _learn(self, frame: bytes, wire: dict[str, Any], event: Event) -> None:
        if type(event) is not BlockDelta:
            return
        pattern: Pattern | None = learn(frame, wire, event)
        if pattern is None:
            self._lessons -= 1
        else:
            self._current = pattern
