"""One call, told to whoever listens: its start, its chunks, its end or its failure.

The same story for a model behind HTTP, in this process or in a test, whole or streamed: a model
says how a reply is had (`reply`, a plan that emits events), and here its events become chunks
or event dicts for whoever iterates, tokens for handlers, and the message in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ..engine.effects import Call, Effect, Emit, Left, Now, Plan, Sleep
from ..errors import ConfigurationError, ModelError
from ..messages import AIMessage, AIMessageChunk, BaseMessage
from ..messages.assemble import assemble
from ..messages.chunk import Dresser
from ..messages.events import Event, Metadata, ReplyStart
from ..messages.source import Source
from ..runnables.run import Run

__all__ = [
    "Emitter",
    "InAnotherWay",
    "InEvents",
    "ModelRequest",
    "Outlet",
    "Teller",
    "heard",
    "told",
]

Emitter: TypeAlias = Callable[[list[Event]], Generator[Effect[Any], Any, None]]
Retrying: TypeAlias = Callable[[ModelError, int, float], Generator[Effect[Any], Any, None]]


class ModelRequest(Struct, frozen=True):
    """One question to a model: its messages, the merged settings, whether to stream."""

    messages: Sequence[BaseMessage]
    settings: Mapping[str, Any]
    streaming: bool
    on_retry: Retrying | None = None
    is_async: bool = False


class Teller(Protocol):
    """What is needed of a chat model to tell a call."""

    provider: str
    run_settings: Mapping[str, Any]

    def get_name(self) -> str: ...

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]: ...


def told(
    model: Teller, request: ModelRequest, run_id: str, *, chunks: bool, run: Run | None = None
) -> Plan[AIMessage]:
    """Have the reply; with `chunks`, hand them to whoever iterates."""
    provider = model.provider
    events: list[Event] = []
    outlet = None
    if chunks or run is not None:
        outlet = _outlet(Dresser(id=run_id, provider=provider), request, run, chunks=chunks)

    in_blocks = model.run_settings.get("output_version") == "v1"

    def emit(batch: list[Event]) -> Plan[None]:
        if in_blocks:
            batch = _in_standard_blocks(batch)
        events.extend(batch)
        if outlet is not None:
            yield from outlet.hand_out(outlet.dresser.feed(batch))

    if limiter := model.run_settings.get("rate_limiter"):
        yield from _wait_for(limiter, is_async=request.is_async)
    try:
        yield from model.reply(request, emit)
        if outlet is not None:
            yield from outlet.hand_out([outlet.dresser.close()])
    except (ModelError, Left) as error:
        if events:
            error.partial = assemble(events, id=run_id, provider=provider)
        raise
    if chunks:
        # Their sum is for handlers; whoever iterates has them all.
        return AIMessageChunk.born(events if run else [], Source(run_id, provider), last=True)
    message_id = run_id if request.streaming else f"{run_id}-0"
    return assemble(events, id=message_id, provider=provider)


def _outlet(
    dresser: Dresser, request: ModelRequest, run: Run | None, *, chunks: bool
) -> Outlet | None:
    hears = request.streaming and run is not None and run.wants("on_llm_new_token")
    return Outlet(dresser, run if hears else None, chunks) if chunks or hears else None


def _in_standard_blocks(batch: list[Event]) -> list[Event]:
    """Make `content` the standard blocks instead of the provider's own shape."""
    changed: list[Event] = []
    for event in batch:
        if type(event) is ReplyStart:
            changed += [
                ReplyStart(event.id, _standard_content),
                Metadata({"output_version": "v1"}),
            ]
        else:
            changed.append(event)
    return changed


def _standard_content(blocks: list[dict[str, Any]]) -> list[Any]:
    return [dict(block) for block in blocks]


class Outlet(Struct):
    """Where the chunks of a reply go: to handlers that hear tokens, to whoever iterates."""

    dresser: Dresser
    run: Run | None
    iterated: bool

    def hand_out(self, born: list[AIMessageChunk]) -> Plan[None]:
        if self.run is not None:
            for chunk in born:
                told = {"chunk": _generation(chunk)}
                yield from _tell(self.run, "on_llm_new_token", chunk.content, **told)
        if self.iterated and born:
            yield Emit(born)


class InAnotherWay:
    """A model whose reply is had in another way than by asking it: it is kept somewhere."""

    def __init__(self, model: Teller, reply: Callable[[ModelRequest, Emitter], Plan[None]]) -> None:
        self.provider = model.provider
        # Nothing is asked that a rate limiter would have to know of.
        own = model.run_settings
        self.run_settings: Mapping[str, Any] = {k: own[k] for k in own if k != "rate_limiter"}
        self.get_name = model.get_name
        self._reply = reply

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        return self._reply(request, emit)


class InEvents:
    """A model that hands event dicts of version "v3" to whoever iterates, and to its listeners."""

    def __init__(self, model: Teller, run_id: str, run: Run | None) -> None:
        from ..messages.protocol_events import EventWriter

        self.provider = model.provider
        self.run_settings = model.run_settings
        self.get_name = model.get_name
        self._model = model
        self._writer = EventWriter(id=run_id, provider=model.provider)
        self._run = run if run is not None and run.wants("on_stream_event") else None

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        """Tell the model's reply, written out."""

        def emit_both(batch: list[Event]) -> Plan[None]:
            yield from emit(batch)
            yield from self._hand_out(self._writer.feed(batch))

        yield from self._model.reply(request, emit_both)
        yield from self._hand_out(self._writer.close())

    def _hand_out(self, written: list[dict[str, Any]]) -> Plan[None]:
        if self._run is not None:
            for event in written:
                yield from _tell(self._run, "on_stream_event", event)
        if written:
            yield Emit(written)


def heard(model: Teller, request: ModelRequest, run: Run, *, chunks: bool) -> Plan[AIMessage]:
    """Have the reply while handlers listen: tell them of its start, its end or its failure."""
    request = replace(request, on_retry=_retry_teller(run))
    yield from _tell(
        run,
        "on_chat_model_start",
        {"name": model.get_name()},
        [request.messages],
        invocation_params=request.settings,
        options={},
        batch_size=1,
    )
    try:
        message = yield from told(model, request, f"lc_run--{run.id}", chunks=chunks, run=run)
    except GeneratorExit:
        raise
    except Left as left:
        yield from _tell(run, "on_llm_end", _partial(left) or _result(AIMessage("")))
        raise
    except BaseException as error:
        yield from _tell(run, "on_llm_error", error, response=_partial(error))
        raise
    yield from _tell(run, "on_llm_end", _result(message))
    return message


def _tell(run: Run, event: str, *args: Any, **facts: Any) -> Plan[None]:
    for job in run.notify(event, *args, **facts):
        yield from Call(job)


def _retry_teller(run: Run) -> Retrying | None:
    if not run.wants("on_retry"):
        return None

    def tell(error: ModelError, attempt: int, wait: float) -> Plan[None]:
        from ..runnables.retry import RetryState

        yield from _tell(run, "on_retry", RetryState(attempt, error, wait))

    return tell


def _wait_for(limiter: Any, *, is_async: bool) -> Plan[None]:
    """Take a token: by arithmetic and a sleep where the limiter can, else by asking it."""
    if hasattr(limiter, "reserve"):
        now = yield from Now()
        wait = limiter.reserve(now)
        if wait > 0:
            yield from Sleep(wait)
        return
    name = "aacquire" if is_async else "acquire"
    if not hasattr(limiter, name):
        raise ConfigurationError(
            f"rate_limiter must have {name}(), as InMemoryRateLimiter has; "
            f"this is {type(limiter).__name__}"
        )
    yield from Call(getattr(limiter, name))


def _generation(chunk: AIMessageChunk) -> Any:
    from ..outputs import ChatGenerationChunk

    return ChatGenerationChunk(message=chunk)


def _result(message: AIMessage) -> Any:
    from ..outputs import ChatGeneration, ChatGenerationChunk, LLMResult

    kind = ChatGenerationChunk if isinstance(message, AIMessageChunk) else ChatGeneration
    return LLMResult(generations=[[kind(message=message)]])


def _partial(error: BaseException) -> Any:
    partial = getattr(error, "partial", None)
    return None if partial is None else _result(partial)
