"""What the stream decoders of all protocols do alike: bytes -> frames -> the events of one reply.

Rule 1: what came before something broken, in the same bytes, is handed out first.
Rule 2: a server that answers whole although it was asked to stream is read whole, at the end.
Rule 3: a last frame whose end never came may be cut short: then it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol as Structural, TypeVar

from ..errors import ProtocolError
from ..messages.events import Event
from ..wire import json

__all__ = ["Decoder", "Framing", "Reply", "StreamReader"]

F_co = TypeVar("F_co", covariant=True)
F = TypeVar("F")


class Decoder(Structural):
    """Feed it bytes as they come; it answers with the events they complete.

    Never raises on what it does not know. `finished` is true once the reply is known to be
    whole, `done` once nothing can follow; `close` flushes what is still open, finished or not.
    """

    @property
    def finished(self) -> bool: ...

    @property
    def done(self) -> bool: ...

    def feed(self, data: bytes) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class Framing(Structural[F_co]):
    """Cuts bytes into frames; see `conure.wire`."""

    def feed(self, data: bytes) -> Sequence[F_co]: ...

    def close(self) -> Sequence[F_co]: ...


class Reply(Structural):
    """What has come of a reply so far; reading appends to `events`."""

    events: list[Event]
    failed: bool

    def turn_page(self) -> list[Event]:
        """Begin a new list of events and answer it."""
        ...


R = TypeVar("R", bound=Reply)


class StreamReader(Generic[R, F]):
    """Feed it bytes as they come; it answers with the events they complete.

    A protocol's decoder says how a frame is read, in `_read`; how a whole reply is, in
    `_read_whole`; and when the reply is `finished` and `done`. Where speed counts it reads the
    frames of one piece in a loop of its own, `_read_frames`.
    """

    __slots__ = ("_broken", "_frames", "_held", "_reply")

    WHOLE: ClassVar[tuple[bytes, ...]] = (b"{", b"[")
    """how a reply begins that is none of a stream; nothing, where every frame begins so"""

    def __init__(self, frames: Framing[F], reply: R) -> None:
        self._frames = frames
        self._reply = reply
        self._broken: ProtocolError | None = None
        # A whole reply, collected; None once it is known to be a stream.
        self._held: list[bytes] | None = [] if self.WHOLE else None

    def feed(self, data: bytes) -> list[Event]:
        if self._held is not None:
            data = self._open(data)
        if self._broken is not None:
            raise self._broken
        events = self._reply.turn_page()
        self._read_frames(self._frames.feed(data))
        if self._broken is not None and not events:
            raise self._broken
        return events

    def close(self) -> list[Event]:
        """Answer what was held back, and the last event if its end never came."""
        if self._held:
            return self._read_whole(b"".join(self._held))
        if self._broken is not None:
            raise self._broken
        self._reply.turn_page()
        for frame in self._frames.close():
            self._read(frame)
        self._broken = None
        self._end()
        return self._reply.events

    def _open(self, data: bytes) -> bytes:
        """Tell a stream from a whole reply by its first byte; answer what is of a stream."""
        if self._held:
            self._held.append(data)
            return b""
        data = data.lstrip()
        if data[:1] in self.WHOLE:
            self._held = [data]
            return b""
        if data:
            self._held = None
        return data

    def _read_frames(self, frames: Sequence[F]) -> None:
        for frame in frames:
            self._read(frame)
            if self._reply.failed or self._broken is not None:
                break

    def _read(self, frame: F) -> None:
        raise NotImplementedError

    def _read_whole(self, body: bytes) -> list[Event]:
        raise NotImplementedError

    def _end(self) -> None:
        """Tell what is known of a reply that may have been cut off."""

    def _parse(self, data: bytes, *, is_error: bool = False) -> Any:
        """Parse a frame; None where it is broken. An error may be no more than a text."""
        try:
            return json.decode(data)
        except ProtocolError as error:
            if is_error:
                return {"error": data.decode("utf-8", "replace")}
            self._broken = error
            return None
