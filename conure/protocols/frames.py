"""Frames of a binary event stream: what is told besides events, which is how a stream breaks.

Exceptions come as frames of their own, after the status 200: their type says which status they
would have been. Errors of the service itself are told by headers alone.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors
"""

from __future__ import annotations

from base64 import b64decode
from binascii import a2b_base64
from typing import Any

from msgspec.structs import replace

from ..errors import ProtocolError
from ..messages.events import Failure
from ..wire import json
from ..wire.eventstream import EventStreamDecoder, Frame
from ..wire.sse import ServerSentEvent
from .errors import failure_of
from .shape import is_object

__all__ = ["ChunkDecoder", "failure_in"]

CHUNK, PADDING, END = b'{"bytes":"', b'","p":"', b'"}'
STATUSES = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


def failure_in(frame: Frame) -> Failure | None:
    """Read the failure that a frame tells of; None where it tells of none."""
    headers, payload = frame
    kind = headers.get(":message-type")
    if kind == "exception":
        return _failure(headers.get(":exception-type", ""), payload)
    if kind == "error":
        failure = _failure(headers.get(":error-code", ""), payload)
        return replace(failure, message=headers.get(":error-message") or failure.message)
    return None


class ChunkDecoder:
    """Unpacks events that come in base64, one a frame, as if they were server-sent events.

    An exception becomes the event that tells of errors, with the status that it stands for.
    """

    __slots__ = ("_frames",)

    def __init__(self) -> None:
        self._frames = EventStreamDecoder()

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Answer the events that `data` completes."""
        events: list[ServerSentEvent] = []
        for frame in self._frames.feed(data):
            headers, payload = frame
            if payload.startswith(CHUNK) and headers.get(":message-type") == "event":
                # Nearly all are like this, with nothing but padding behind the base64.
                end = payload.find(b'"', len(CHUNK))
                rest = payload[end:]
                padded = rest[:7] == PADDING and rest[-2:] == END
                if rest == END or (padded and rest[7:-2].isalnum()):
                    try:
                        packed = payload[len(CHUNK) : end]
                        events.append((None, a2b_base64(packed, strict_mode=True)))
                        continue
                    except ValueError:
                        pass
            if (event := _unpacked(frame)) is not None:
                events.append(event)
        return events

    def close(self) -> list[ServerSentEvent]:
        """Answer nothing: of a frame that was cut off nothing can be believed."""
        return [event for frame in self._frames.close() if (event := _unpacked(frame))]


def _unpacked(frame: Frame) -> ServerSentEvent | None:
    """Unpack a frame; what cannot be is an event as it is, which its reader finds broken."""
    headers, payload = frame
    if headers.get(":message-type") == "event":
        return _event_in(payload)
    failure = failure_in(frame)
    if failure is None:
        return None
    told = {"code": failure.code, "status": failure.status, "message": failure.message}
    return "error", json.encode({"error": told, "sent": failure.body})


def _event_in(payload: bytes) -> ServerSentEvent | None:
    try:
        wire = json.decode(payload)
    except ProtocolError:
        return None, payload
    data = wire.get("bytes") if is_object(wire) else None
    if not isinstance(data, str):
        return None
    try:
        return None, b64decode(data, validate=True)
    except ValueError:
        return None, data.encode()


def _failure(name: str, payload: bytes) -> Failure:
    wire: Any = {}
    try:
        wire = json.decode(payload) if payload else wire
    except ProtocolError:
        wire = payload.decode("utf-8", "replace")
    failure = failure_of(wire)
    words = failure.message
    upstream = wire.get("originalMessage") if is_object(wire) else None
    if isinstance(upstream, str) and upstream not in words:
        words = f"{words}: {upstream}" if words else upstream
    # A member of the stream begins with a small letter, the exception it holds does not.
    code = name[:1].upper() + name[1:]
    return replace(failure, status=STATUSES.get(code), code=code or None, message=words or code)
