"""Chat Completions: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`: a whole message is one large
        delta, so `invoke` and `stream` cannot disagree.
Rule 2: chunks that differ from one read before only in their text are not parsed again: see
        `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

from typing import Any

from ...errors import ProtocolError
from ...messages.events import BlockDelta, Event
from ...wire import json
from ...wire.sse import SSEDecoder
from ..shape import is_list, is_object
from .dialect import Dialect
from .pattern import NO_PATTERN, Pattern, learn
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]

DONE = b"[DONE]"
# Vendors that change their envelope with every chunk teach nothing: a lesson costs five readings.
LESSONS = 16
CHUNKS_A_LESSON = 8
PATTERNS = 6


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body.lstrip()[:5] in (b"data:", b"event"):
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    wire = json.decode(body)
    reply = Reply(dialect, whole=True)
    if is_object(wire):
        reply.read(wire)
    elif is_list(wire) and wire and is_object(wire[0]) and "error" in wire[0]:
        reply.fail(wire)
    if not reply.failed and not (is_object(wire) and wire.get("choices")):
        raise ProtocolError("the reply has no choices", body=wire)
    reply.close()
    return reply.events


class StreamDecoder:
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once a finish reason or `[DONE]` was seen, `done` after `[DONE]`.
    """

    __slots__ = (
        "_broken",
        "_current",
        "_dialect",
        "_frames",
        "_lessons",
        "_patterns",
        "_raw",
        "_reply",
        "_started",
    )

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._frames = SSEDecoder()
        self._reply = Reply(dialect, whole=False)
        self._started = False
        self._raw: list[bytes] | None = None
        self._broken: ProtocolError | None = None
        self._patterns: list[Pattern] = []
        self._current = NO_PATTERN
        self._lessons = LESSONS * CHUNKS_A_LESSON

    @property
    def finished(self) -> bool:
        reply = self._reply
        return reply.done or reply.finish is not None

    @property
    def done(self) -> bool:
        return self._reply.done

    def feed(  # noqa: C901, PLR0912 - the hot loop: a call in it is paid for each chunk
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
        prefix, start, end_mark, skip, padded, block, field, keep = self._current
        frames = self._frames.feed(data)
        self._lessons += len(frames)
        for name, frame in frames:
            if frame.startswith(prefix):
                end = frame.find(end_mark, start)
                tail = end + skip
                if end >= 0 and (
                    frame.find(b'"', tail) == len(frame) - 2 and frame[-1] == 125
                    if padded
                    else tail == len(frame)
                ):
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
                            if keep is not None:
                                keep(text)
                        continue
            self._read(name, frame)
            if reply.failed or self._broken is not None:
                break
            prefix, start, end_mark, skip, padded, block, field, keep = self._current
        if self._broken is not None and not events:
            raise self._broken
        return events

    def close(self) -> list[Event]:
        """Answer what was held back, and the last event if its end never came."""
        reply = self._reply
        if self._raw is not None:
            # A server that answers whole although it was asked to stream.
            events = decode(b"".join(self._raw), self._dialect)
            reply.done = True
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
        """Read one frame the general way."""
        reply = self._reply
        data = frame.strip()
        if data == DONE:
            reply.done = True
        if reply.failed or reply.done or not data:
            return
        try:
            wire = json.decode(data)
        except ProtocolError as error:
            if name == "error":
                reply.fail(data.decode("utf-8", "replace"))
            else:
                # What came before it in the same bytes is handed out first.
                self._broken = error
            return
        if name == "error" or is_list(wire):
            reply.fail(wire)
        elif is_object(wire):
            self._read_chunk(wire, frame)

    def _read_chunk(self, wire: dict[str, Any], frame: bytes) -> None:
        """Read one chunk, and learn its pattern if it has one."""
        reply, message = self._reply, self._reply.message
        before, blocks = len(reply.events), message.blocks
        message.plain = True
        reply.read(wire)
        if not message.plain or blocks != message.blocks:
            self._patterns.clear()
            self._current = NO_PATTERN
        elif self._lessons > 0 and len(reply.events) == before + 1:
            event = reply.events[-1]
            if type(event) is BlockDelta:
                self._learn(frame, wire, event)

    def _learn(self, frame: bytes, wire: dict[str, Any], event: BlockDelta) -> None:
        for pattern in self._patterns:
            if pattern.matches(frame):
                self._current = pattern
                return
        self._lessons -= CHUNKS_A_LESSON
        pattern = learn(frame, wire, event, self._reply.message.call)
        if pattern is not None:
            self._patterns = [pattern, *self._patterns[: PATTERNS - 1]]
            self._current = pattern
