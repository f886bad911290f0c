"""Cohere's chat API: a reply's bytes -> our events.

`decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot disagree.

https://docs.cohere.com/docs/streaming
"""

from __future__ import annotations

from ...errors import ProtocolError
from ...messages.events import Event
from ...wire import json
from ...wire.sse import ServerSentEvent, SSEDecoder
from ..decoder import StreamReader
from ..shape import is_object
from .dialect import Dialect
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]

# Sent after the last event, as other protocols do.
DONE = b"[DONE]"


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    if body.lstrip()[:5] in (b"data:", b"event"):
        # Some stream whatever they were asked for.
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    wire = json.decode(body)
    reply = Reply()
    if is_object(wire) and is_object(wire.get("message")):
        reply.whole(wire)
    elif is_object(wire) and ("message" in wire or "error" in wire):
        reply.fail(wire)
    else:
        raise ProtocolError("the reply has no message", body=wire)
    return reply.events


class StreamDecoder(StreamReader[Reply, ServerSentEvent]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the message has ended; so is `done`.
    """

    __slots__ = ("_dialect",)

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(SSEDecoder(), Reply())
        self._dialect = dialect

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.finished or self._reply.failed

    def _read(self, frame: ServerSentEvent) -> None:
        name, raw = frame
        data = raw.strip()
        if self.done or not data or data == DONE:
            return
        wire = self._parse(data, is_error=name == "error")
        if not is_object(wire):
            return
        if name == "error":
            self._reply.fail(wire)
        else:
            self._reply.read(wire)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply.finished = True
        return decode(body, self._dialect)
