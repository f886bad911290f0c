"""The whole story of a call, told once for sync and async, for `invoke` and `stream`.

    complete   sign, send, read it all, decode
    stream     sign, send, read, decode, emit; repeat
    fetch      sign, send, read it all: for what is no reply of a model, such as a count

`attempts` tells each story again when it failed and asking again can help. A streamed call
may be retried until its first content is out, never after. Cleaning up is the drivers' part:
nothing here yields inside `finally`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar, cast

from ..errors import (
    DeadlineExceeded,
    FirstEventTimeout,
    ModelError,
    ModelTimeoutError,
    ProtocolError,
    StreamChunkTimeoutError,
    StreamTruncated,
)
from ..messages.events import Event, Failure, Metadata, ReplyStart, UsageReport
from ..protocols import Decoder, ErrorReport
from ..wire.http import Head, Timeouts
from .effects import Call, Effect, Emit, Now, Plan, Read, Send, Sleep
from .failures import from_reply
from .request import ModelCall

__all__ = ["attempts", "complete", "emitting", "fetch", "stream"]

Answer = TypeVar("Answer")
Story: TypeAlias = Callable[[ModelCall, float, float], Plan[Answer]]
Emitter: TypeAlias = Callable[[list[Event]], Generator[Effect[Any], Any, None]]

FOREVER = float("inf")
ASYNC_KEY = (
    "this api_key or token provider is async: call ainvoke, astream or abatch, or give a function "
    "that is not"
)
# How long a server may take to end the body after it said that the reply is over.
GOODBYE = 0.5
# What comes with a reply without being part of what it says.
SILENT = frozenset({ReplyStart, Metadata, UsageReport})
# What codecs stumble over where a vendor sends, say, a list for a number.
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
# An error page longer than this is not read to its end.
LONGEST_ERROR = 1 << 20


def complete(call: ModelCall) -> Plan[tuple[list[Event], Head]]:
    """Ask once and answer the whole reply's events."""
    return attempts(call, _complete)


def stream(call: ModelCall, emit: Emitter) -> Plan[Head]:
    """Ask for a stream and hand its events to `emit` as they come."""

    def story(call: ModelCall, now: float, end: float) -> Plan[Head]:
        return _stream(call, now, end, emit)

    return attempts(call, story)


def fetch(call: ModelCall) -> Plan[bytes]:
    """Ask once and answer the body as it came."""
    return attempts(call, _fetch)


def attempts(call: ModelCall, story: Story[Answer]) -> Plan[Answer]:
    """Tell the story until it ends well, the policy gives up or the deadline comes."""
    deadline = call.limits.deadline
    now: float = yield Now()
    end = FOREVER if deadline is None else now + deadline
    attempt = 0
    while True:
        attempt += 1
        try:
            return (yield from story(call, now, end))
        except ModelError as error:
            failed = error
        failed.attempts = attempt
        failed.provider = failed.provider or call.target.provider
        failed.model = failed.model or call.model
        now = yield from Now()
        wait = call.retry.wait(attempt, failed, end - now, call.spread)
        if wait is None:
            if call.target.start and _is_refused(failed):
                failed.args = (f"{failed} To start one: `{call.target.start}`.",)
            raise failed
        if call.on_retry is not None:
            yield from call.on_retry(failed, attempt, wait)
        yield from Sleep(wait)
        now += wait


def _is_refused(error: BaseException | None) -> bool:
    """Tell whether nobody listens there, whatever the client library made of that."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, ConnectionRefusedError):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


def emitting(plan: Plan[Answer], change: Callable[[Any], list[Any]]) -> Plan[Answer]:
    """Tell the same story, handing out something made of what it hands out."""
    error: BaseException | None = None
    answer: Any = None
    try:
        while True:
            effect = plan.send(answer) if error is None else plan.throw(error)
            answer = error = None
            if type(effect) is Emit:
                made = change(effect.events)
                if not made:
                    continue
                effect = Emit(made)
            try:
                answer = yield effect
            except GeneratorExit:
                raise
            except BaseException as failure:  # noqa: BLE001 - the story decides what it means
                error = failure
    except StopIteration as stop:
        return stop.value
    finally:
        plan.close()


def _fetch(call: ModelCall, now: float, end: float) -> Plan[bytes]:
    head = yield from _send(call, now, end)
    return (yield from _rest(call, head, end, call.limits.read))


def _complete(call: ModelCall, now: float, end: float) -> Plan[tuple[list[Event], Head]]:
    head = yield from _send(call, now, end)
    body = yield from _rest(call, head, end, call.limits.read)
    events = _decoded(call, head, body)
    if failure := _taken_failure(call, head, events):
        raise failure
    return events, head


def _decoded(call: ModelCall, head: Head, body: bytes) -> list[Event]:
    """Read a whole reply."""
    protocol, dialect = call.target.protocol, call.target.dialect
    try:
        if head.headers.get("content-type", "").startswith("text/event-stream"):
            # Some gateways stream whatever they were asked for.
            decoder = protocol.decoder(dialect)
            return decoder.feed(body) + decoder.close()
        return protocol.decode(body, dialect)
    except UNREADABLE as error:
        raise _unreadable(call, body, error) from error


def _unreadable(call: ModelCall, data: bytes, error: Exception) -> ProtocolError:
    """Say that a value of the wire is of a kind that it never was before."""
    return ProtocolError(
        f"{call.target.provider}, {call.model}: the reply cannot be read: "
        f"{type(error).__name__}: {error}",
        body=data[:LONGEST_ERROR].decode("utf-8", "replace"),
    )


def _stream(  # noqa: C901 - one loop, in which each thing that may happen stands once
    call: ModelCall, now: float, end: float, emit: Emitter
) -> Plan[Head]:
    head = yield from _send(call, now, end)
    if head.headers.get("content-type", "").startswith("application/json"):
        yield from _unstreamed(call, head, end, emit)
        return head
    decoder = call.target.protocol.decoder(call.target.dialect)
    patience, late = call.limits.first_event, FirstEventTimeout
    heard = at = max(head.at, now)  # a transport of the user's own may not say when
    data = b"."
    held: list[Event] = []
    while data:
        try:
            data, at = yield Read(_patient(patience, heard, at, end))
            events = decoder.feed(data) if data else decoder.close()
        except ModelError as error:
            if not decoder.done:
                yield from emit(_whereabouts(decoder, late))
                failed = _stream_error(call, error, late, (patience, heard, end))
                raise failed from (error.__cause__ if failed is error else error)
            data, events = b"", decoder.close()
        except UNREADABLE as error:
            raise _said_once(_unreadable(call, data, error), late) from error
        failure = _taken_failure(call, head, events)
        if late is FirstEventTimeout and SILENT.issuperset(map(type, events)):
            # Nothing is said yet, and what is not handed out may be asked for again.
            held += events
        elif events:
            yield from emit(held + events)
            held = []
            patience, late, heard = call.limits.idle, StreamChunkTimeoutError, at
        if decoder.done:
            # Only the end of the body is missing: worth a moment, for the connection's sake.
            patience, heard = GOODBYE, at
        if failure is not None:
            raise _said_once(failure, late)
    if not decoder.finished:
        raise _said_once(_truncated(call, head), late)
    yield from emit(held)
    return head


def _whereabouts(decoder: Decoder, late: type[ModelTimeoutError]) -> list[Event]:
    """Give the facts that a broken stream leaves: they say where it can be gone on with."""
    if late is FirstEventTimeout:
        return []
    try:
        return [event for event in decoder.close() if type(event) is Metadata]
    except ModelError:
        return []


def _stream_error(
    call: ModelCall,
    error: ModelError,
    late: type[ModelTimeoutError],
    limits: tuple[float | None, float, float],
) -> ModelError:
    if isinstance(error, ModelTimeoutError):
        return _late(call, late, *limits)
    return _said_once(error, late)


def _said_once(error: ModelError, late: type[ModelTimeoutError]) -> ModelError:
    """Let an error be retried only before anything was said: it would be said twice."""
    error.retryable = error.retryable and late is FirstEventTimeout
    return error


def _truncated(call: ModelCall, head: Head) -> ModelError:
    truncated = StreamTruncated(
        f"{call.target.provider}, {call.model}: the stream ended before the reply did; "
        "what came is in `.partial`",
        request_id=head.headers.get("x-request-id"),
    )
    truncated.retryable = True
    return truncated


def _unstreamed(call: ModelCall, head: Head, end: float, emit: Emitter) -> Plan[None]:
    """Read a server that answers whole although a stream was asked for."""
    body = yield from _rest(call, head, end, call.limits.read)
    events = _decoded(call, head, body)
    if failure := _taken_failure(call, head, events):
        raise failure
    yield from emit(events)


def _send(call: ModelCall, now: float, end: float) -> Plan[Head]:
    auth = call.target.auth
    token = None
    if auth is not None and auth.fixed is None:
        question = auth.question(call.unsigned())
        token = yield from Call(question, ASYNC_KEY, auth.blocks(), auth.async_token)
    connect, read, left = call.limits.connect, call.limits.read, end - now
    if connect is None or read is None or left < connect + read:
        connect, read = _shorter(connect, left), _shorter(read, left)
    head: Head = yield Send(call.signed(token), Timeouts(connect, read))
    if not head.at:
        # A transport of the user's own that looks at no clock.
        head = Head(head.status, head.headers, (yield Now()))
    if not 200 <= head.status < 300:
        raise (yield from _refused(call, head, end))
    return head


def _rest(
    call: ModelCall, head: Head, end: float, patience: float | None, most: float = FOREVER
) -> Plan[bytes]:
    """Read the body to its end, or until `most` bytes came."""
    parts: list[bytes] = []
    at = head.at
    size = 0
    while size < most:
        try:
            data, at = yield Read(_patient(patience, at, at, end))
        except ModelTimeoutError as error:
            raise _late(call, ModelTimeoutError, patience, at, end) from error
        if not data:
            break
        parts.append(data)
        size += len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _patient(patience: float | None, heard: float, at: float, end: float) -> float | None:
    """Answer how long to wait for the next bytes: until `patience` after something was heard.

    Bytes that say nothing, such as pings, move `at` but not `heard`. Raises `ModelTimeoutError`
    where that time is over, as if a read had.
    """
    until = end
    if patience is not None and heard + patience <= end:
        if heard == at and patience > 0:
            # The same number again and again: a socket told it once need not be told again.
            return patience
        until = heard + patience
    if until == FOREVER:
        return None
    if until <= at:
        raise ModelTimeoutError("time is up")
    return until - at


def _late(
    call: ModelCall,
    kind: type[ModelTimeoutError],
    patience: float | None,
    heard: float,
    end: float,
) -> ModelTimeoutError:
    """Make the exception for a wait that was too long, by the limit that ended it."""
    seconds = patience
    if patience is None or heard + patience > end:
        kind, seconds = DeadlineExceeded, call.limits.deadline
    return kind(f"{call.target.provider}, {call.model}: {LATE[kind]} within {seconds:g} s")


LATE: dict[type[ModelTimeoutError], str] = {
    ModelTimeoutError: "nothing more came",
    FirstEventTimeout: "the stream said nothing",
    StreamChunkTimeoutError: "the stream fell silent: nothing new came",
    DeadlineExceeded: "the call did not finish",
}


def _refused(call: ModelCall, head: Head, end: float) -> Plan[ModelError]:
    """Read what the provider says about its error; the status counts even if that fails."""
    try:
        body = yield from _rest(call, head, end, call.limits.connect, LONGEST_ERROR)
    except ModelError as error:
        body = f"the error's own text broke off: {error}".encode()
    report = call.target.protocol.read_error(body)
    return from_reply(
        head.status, head.headers, report, provider=call.target.provider, model=call.model
    )


def _taken_failure(call: ModelCall, head: Head, events: list[Event]) -> ModelError | None:
    """Take the failure that ends these events, if one does, as the exception to raise."""
    if not events or type(events[-1]) is not Failure:
        return None
    failure = cast("Failure", events.pop())
    report = ErrorReport(failure.message, failure.code, failure.type, None, failure.body)
    return from_reply(
        failure.status, head.headers, report, provider=call.target.provider, model=call.model
    )


def _shorter(limit: float | None, left: float) -> float | None:
    if limit is not None and limit < left:
        return limit
    return None if left == FOREVER else max(left, 0.0)
