"""Ollama's own chat API: a reply's bytes -> our events.

`decode` and `StreamDecoder` read with the same `Reply`, so `invoke` and `stream` cannot disagree.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from typing import Any

from ...errors import ProtocolError
from ...messages.events import Event
from ...wire import json
from ...wire.lines import LineDecoder
from ..decoder import StreamReader
from ..shape import is_object
from .dialect import Dialect
from .reply import Reply

__all__ = ["StreamDecoder", "decode"]


def decode(body: bytes, dialect: Dialect) -> list[Event]:
    """Read a whole reply; an error inside it is a `Failure`, as the last event."""
    try:
        wire: Any = json.decode(body)
    except ProtocolError:
        if b"\n" not in body.strip():
            raise
        # Some stream whatever they were asked for.
        decoder = StreamDecoder(dialect)
        return decoder.feed(body) + decoder.close()
    if not is_object(wire) or not ("message" in wire or "error" in wire):
        raise ProtocolError("the reply has no message", body=wire)
    reply = Reply()
    reply.read({"done": True, **wire})
    return reply.events


class StreamDecoder(StreamReader[Reply, bytes]):
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the last line came; so is `done`.
    """

    __slots__ = ()

    WHOLE = ()

    def __init__(self, dialect: Dialect) -> None:  # noqa: ARG002 - as every protocol's
        super().__init__(LineDecoder(), Reply())

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.finished or self._reply.failed

    def _read(self, frame: bytes) -> None:
        if not self.done and frame.strip() and is_object(wire := self._parse(frame)):
            self._reply.read(wire)
