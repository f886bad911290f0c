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


class StreamDecoder:
    """Feed it bytes as they come; it answers with the events they complete.

    `finished` is true once the last line came; so is `done`.
    """

    __slots__ = ("_broken", "_lines", "_reply")

    def __init__(self, dialect: Dialect) -> None:  # noqa: ARG002 - as every protocol's
        self._lines = LineDecoder()
        self._reply = Reply()
        self._broken: ProtocolError | None = None

    @property
    def finished(self) -> bool:
        return self._reply.finished

    @property
    def done(self) -> bool:
        return self._reply.finished or self._reply.failed

    def feed(self, data: bytes) -> list[Event]:
        if self._broken is not None:
            raise self._broken
        reply = self._reply
        events = reply.turn_page()
        for line in self._lines.feed(data):
            self._read(line)
            if reply.failed or self._broken is not None:
                break
        if self._broken is not None and not events:
            raise self._broken
        return events

    def close(self) -> list[Event]:
        """Answer the last line if its end never came; cut short it says nothing."""
        if self._broken is not None:
            raise self._broken
        reply = self._reply
        events = reply.turn_page()
        for line in self._lines.close():
            self._read(line)
        self._broken = None
        return events

    def _read(self, line: bytes) -> None:
        if self.done or not line.strip():
            return
        try:
            wire: Any = json.decode(line)
        except ProtocolError as error:
            # What came before it in the same bytes is handed out first.
            self._broken = error
            return
        if is_object(wire):
            self._reply.read(wire)
