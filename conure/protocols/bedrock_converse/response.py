"""Bedrock Converse: a reply's bytes -> our events.

`decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot disagree.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from ...errors import ProtocolError
from ...messages.events import Event
from ...wire import json
from ...wire.eventstream import EventStreamDecoder, Frame
from ..decoder import StreamReader
from ..errors import failure_of
from ..frames import failure_in
from ..shape import is_object
from .dialect import Dialect
from .reply import Reply
from .whole import as_stream

__all__ = ["StreamDecoder", "decode"]

# Every frame begins with a length, whose first byte is nearly always this.
FRAMED = b"\x00"


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

    __slots__ = ("_dialect",)

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(EventStreamDecoder(), Reply())
        self._dialect = dialect

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.complete or self._reply.failed

    def _read(self, frame: Frame) -> None:
        reply = self._reply
        if reply.failed:
            return
        headers, payload = frame
        if headers.get(":message-type") == "event":
            if is_object(wire := self._parse(payload)):
                reply.read(headers.get(":event-type", ""), wire)
        elif (failure := failure_in(frame)) is not None:
            reply.fail(failure)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.finished = True
        return decode(body, self._dialect)
