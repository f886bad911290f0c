"""Chat Completions: a reply's bytes -> our events.

Rule 1: `decode` and `StreamDecoder` read with the same `Reply`: a whole message is one large
        delta, so `invoke` and `stream` cannot disagree.
Rule 2: chunks that differ from one read before only in their text are not parsed again: see
        `Pattern`. Anything unusual takes the general way, so this changes the speed alone.

https://platform.openai.com/docs/api-reference/chat-streaming
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


class StreamDecoder(StreamReader[Reply, ServerSentEvent]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once a finish reason or `[DONE]` was seen, `done` after `[DONE]`.
    """

    __slots__ = ("_current", "_dialect", "_lessons", "_patterns")

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(SSEDecoder(), Reply(dialect, whole=False))
        self._dialect = dialect
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

    def _read_frames(self, frames: Sequence[ServerSentEvent]) -> None:
        # The hot loop: a call in it is paid for each chunk.
        append = self._reply.events.append
        prefix, start, end_mark, skip, padded, block, field, keep = self._current
        self._lessons += len(frames)
        for frame in frames:
            _, data = frame
            if data.startswith(prefix):
                end = data.find(end_mark, start)
                tail = end + skip
                if end >= 0 and (
                    data.find(b'"', tail) == len(data) - 2 and data[-1] == 125
                    if padded
                    else tail == len(data)
                ):
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
                            if keep is not None:
                                keep(text)
                        continue
            self._read(frame)
            if self._reply.failed or self._broken is not None:
                break
            prefix, start, end_mark, skip, padded, block, field, keep = self._current

    def _read(self, frame: ServerSentEvent) -> None:
        name, raw = frame
        reply = self._reply
        data = raw.strip()
        if data == DONE:
            reply.done = True
        if reply.failed or reply.done or not data:
            return
        wire = self._parse(data, is_error=name == "error")
        if name == "error" or is_list(wire):
            reply.fail(wire)
        elif is_object(wire):
            self._read_chunk(wire, raw)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.done = True
        return decode(body, self._dialect)

    def _end(self) -> None:
        self._reply.close()

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
