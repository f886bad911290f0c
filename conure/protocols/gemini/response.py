"""Gemini: a reply's bytes -> our events.

`decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot disagree.
A stream is server-sent events where that was asked for, else one JSON array.

https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
"""

from __future__ import annotations

from typing import Any

from ...errors import ProtocolError
from ...messages.events import Event
from ...wire import json
from ...wire.sse import ServerSentEvent, SSEDecoder
from ..decoder import StreamReader
from ..shape import is_list, is_object
from .dialect import Dialect
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]

# Gateways end their streams as another protocol does.
DONE = b"[DONE]"
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

    __slots__ = ()

    def __init__(self, dialect: Dialect) -> None:  # noqa: ARG002 - as every protocol's
        super().__init__(SSEDecoder(), Reply())

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.failed

    def _read(self, frame: ServerSentEvent) -> None:
        name, raw = frame
        data = raw.strip()
        if not data or data == DONE or self._reply.failed:
            return
        wire = self._parse(data, is_error=name == "error")
        if is_object(wire):
            self._reply.read(wire)
        elif is_list(wire):
            for chunk in wire:
                if is_object(chunk) and not self._reply.failed:
                    self._reply.read(chunk)

    def _read_whole(self, body: bytes) -> list[Event]:
        self._reply = _read(json.decode(body))
        self._reply.close()
        return self._reply.events

    def _end(self) -> None:
        self._reply.close()
