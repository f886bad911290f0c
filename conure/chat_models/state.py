"""What a provider keeps of a conversation, and what can be done with it: `model.state`.

A reply is named by its id, or by the message that it is so far. Listeners hear of what gives a
whole reply (`result`, `resume`, `compact`) as of any call; `get` and `cancel` only look.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..engine import plan
from ..engine.effects import Plan
from ..engine.request import ModelCall
from ..engine.stored import watch
from ..errors import ConfigurationError
from ..messages import AIMessage, AIMessageChunk
from ..messages.coerce import ModelInput
from ..messages.events import Metadata
from ..runnables.run import uuid7
from ..transport.drive import apump, arun, pump, run
from .telling import Emitter, InAnotherWay, ModelRequest, Teller, told

if TYPE_CHECKING:
    from ..protocols import Stored
    from ..protocols.counting import Encode

__all__ = ["State"]

Kept: TypeAlias = str | AIMessage
"""a reply that the provider keeps: its id, or the message that it is so far"""

FIRST = "lc_"
"""how ids begin that we gave, and that no provider knows"""
EVERY = 2.0
"""seconds between two looks"""


class _Model(Teller, Protocol):
    """What is needed of a chat model behind HTTP."""

    sync_transport: Any
    async_transport: Any

    def about(
        self,
        encode: Callable[[Stored], Encode],
        request: ModelRequest | None = None,
        *,
        resumed: bool = False,
    ) -> ModelCall: ...

    def asking(
        self,
        input: ModelInput,
        config: Any,
        stop: Any,
        settings: dict[str, Any],
        *,
        chunks: bool = False,
        is_async: bool = False,
        teller: Teller | None = None,
    ) -> Plan[AIMessage]: ...


class State:
    """What the provider of a model keeps.

    A reply that was asked for with `background=True` is written whether or not anybody waits.

    >>> from conure.openai import ChatOpenAI
    >>> model = ChatOpenAI(model="gpt-5.5", api_key="sk-...")
    >>> model.state
    State(ChatOpenAI)
    """

    def __init__(self, model: _Model) -> None:
        self._model = model

    def __repr__(self) -> str:
        return f"State({self._model.get_name()})"

    # -- one reply ------------------------------------------------------------------------------

    def get(self, reply: Kept) -> AIMessage:
        """Look at a reply; `response_metadata["status"]` says how far it is."""
        return run(self._looking(reply), self._model.sync_transport)

    async def aget(self, reply: Kept) -> AIMessage:
        """Look at a reply without blocking the event loop."""
        return await arun(self._looking(reply), self._model.async_transport)

    def result(
        self, reply: Kept, *, every: float = EVERY, timeout: float | None = None
    ) -> AIMessage:
        """Wait until a reply is over, looking every so many seconds, and answer it.

        Raises `DeadlineExceeded` after `timeout` seconds, and what any call raises where the
        reply failed. It goes on all the same.
        """
        return run(self._waiting(reply, every, timeout), self._model.sync_transport)

    async def aresult(
        self, reply: Kept, *, every: float = EVERY, timeout: float | None = None
    ) -> AIMessage:
        """Wait until a reply is over, without blocking the event loop."""
        waiting = self._waiting(reply, every, timeout, is_async=True)
        return await arun(waiting, self._model.async_transport)

    def resume(self, reply: Kept, *, after: int | None = None) -> Iterator[AIMessageChunk]:
        """Yield what a reply that was streamed in the background says further.

        It goes on after event number `after`: unless given, after the last one that `reply` knows
        of (`response_metadata["sequence_number"]` of a message whose stream broke off), else from
        the beginning. `get` gives the whole.
        """
        batches = pump(self._resuming(reply, after), self._model.sync_transport)
        try:
            for chunks in batches:
                yield from chunks
        finally:
            batches.close()

    async def aresume(
        self, reply: Kept, *, after: int | None = None
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield what a reply says further, without blocking the event loop."""
        resuming = self._resuming(reply, after, is_async=True)
        batches = apump(resuming, self._model.async_transport)
        try:
            async for chunks in batches:
                for chunk in chunks:
                    yield chunk
        finally:
            await batches.aclose()

    def cancel(self, reply: Kept) -> AIMessage:
        """Stop a reply that is written in the background; answer what there is of it."""
        return run(self._cancelling(reply), self._model.sync_transport)

    async def acancel(self, reply: Kept) -> AIMessage:
        """Stop a reply without blocking the event loop."""
        return await arun(self._cancelling(reply), self._model.async_transport)

    def delete(self, reply: Kept) -> None:
        """Have the provider forget a reply."""
        run(self._deleting(reply), self._model.sync_transport)

    async def adelete(self, reply: Kept) -> None:
        """Have the provider forget a reply, without blocking the event loop."""
        await arun(self._deleting(reply), self._model.async_transport)

    # -- a history ------------------------------------------------------------------------------

    def compact(self, input: ModelInput = (), **settings: Any) -> AIMessage:
        """Make a history shorter: send the answer in its place, before what is said next.

        `previous_response_id` stands for a history that the provider keeps.
        """
        return run(self._compacting(input, settings), self._model.sync_transport)

    async def acompact(self, input: ModelInput = (), **settings: Any) -> AIMessage:
        """Make a history shorter, without blocking the event loop."""
        compacting = self._compacting(input, settings, is_async=True)
        return await arun(compacting, self._model.async_transport)

    # -- the stories, one for both colours ------------------------------------------------------

    def _looking(self, reply: Kept) -> Plan[AIMessage]:
        name = _id_of(reply)
        return self._quietly(lambda stored: stored.get(name))

    def _cancelling(self, reply: Kept) -> Plan[AIMessage]:
        name = _id_of(reply)
        return self._quietly(lambda stored: stored.cancel(name))

    def _quietly(self, encode: Callable[[Stored], Encode]) -> Plan[AIMessage]:
        def story(_: ModelRequest, emit: Emitter) -> Plan[None]:
            events, _head = yield from plan.complete(self._model.about(encode))
            yield from emit(events)

        request = ModelRequest([], {}, streaming=False)
        run_id = f"lc_run--{uuid7()}"
        return told(InAnotherWay(self._model, story), request, run_id, chunks=False)

    def _waiting(
        self, reply: Kept, every: float, timeout: float | None, *, is_async: bool = False
    ) -> Plan[AIMessage]:
        name = _id_of(reply)

        def story(request: ModelRequest, emit: Emitter) -> Plan[None]:
            call = self._model.about(lambda stored: stored.get(name), request)
            longest = call.limits.deadline if timeout is None else timeout
            yield from emit((yield from watch(call, every, longest)))

        return self._heard(story, is_async=is_async)

    def _resuming(
        self, reply: Kept, after: int | None, *, is_async: bool = False
    ) -> Plan[AIMessage]:
        name = _id_of(reply)
        if after is None and isinstance(reply, AIMessage):
            after = reply.response_metadata.get("sequence_number")

        def story(request: ModelRequest, emit: Emitter) -> Plan[None]:
            call = self._model.about(
                lambda stored: stored.resume(name, after), request, resumed=after is not None
            )
            yield from plan.stream(call, emit)

        return self._heard(story, chunks=True, is_async=is_async)

    def _deleting(self, reply: Kept) -> Plan[bytes]:
        name = _id_of(reply)
        return plan.fetch(self._model.about(lambda stored: stored.delete(name)))

    def _compacting(
        self, input: ModelInput, settings: dict[str, Any], *, is_async: bool = False
    ) -> Plan[AIMessage]:
        def story(request: ModelRequest, emit: Emitter) -> Plan[None]:
            call = self._model.about(lambda stored: stored.compact, request)
            events, _head = yield from plan.complete(call)
            # The answer does not say whose tokens it counts.
            yield from emit([Metadata({"model_name": call.model}), *events])

        return self._heard(story, input, settings, is_async=is_async)

    def _heard(
        self,
        story: Callable[[ModelRequest, Emitter], Plan[None]],
        input: ModelInput = (),
        settings: dict[str, Any] | None = None,
        *,
        chunks: bool = False,
        is_async: bool = False,
    ) -> Plan[AIMessage]:
        teller = InAnotherWay(self._model, story)
        return self._model.asking(
            input, None, None, settings or {}, chunks=chunks, is_async=is_async, teller=teller
        )


def _id_of(reply: Kept) -> str:
    name = reply if isinstance(reply, str) else reply.id
    if not name or name.startswith(FIRST):
        raise ConfigurationError(
            f"no provider knows a reply by the id {name!r}: give the id of a reply of the "
            "Responses API, or its message"
        )
    return name
