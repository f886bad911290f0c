"""Where a run tells what happens: the modes somebody streams, and the handler that hears models.

Nothing is built for a mode that nobody asked for. Whoever leaves a stream ends the run: the next
thing told raises `Left` in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from ..messages import BaseMessage
from ..runnables.drive import Left

__all__ = ["EVENTS", "MODES", "EventListener", "Outlet", "TokenListener"]

MODES = ("values", "updates", "messages", "custom", "tools")
EVENTS = "events"
"""a mode of the loop's own: the event dicts of each model call, for version "v3" """


class Outlet:
    """Hands (mode, item) pairs to whoever streams."""

    def __init__(self, modes: Iterable[str], hand_over: Callable[[Any], bool]) -> None:
        self.modes = frozenset(modes)
        self._hand_over = hand_over
        self._seen: set[str | None] = set()

    def wants(self, mode: str) -> bool:
        """Say whether anybody streams a mode."""
        return mode in self.modes

    def tell(self, mode: str, item: Any) -> None:
        """Hand over an item, if its mode is wanted."""
        if mode in self.modes and not self._hand_over((mode, item)):
            raise Left

    def tell_messages(self, update: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Hand over the messages of an update that no model was heard to write."""
        if "messages" not in self.modes:
            return
        messages: Any = update.get("messages") or ()
        each: list[Any] = [*messages] if isinstance(messages, (list, tuple)) else [messages]
        for message in each:
            if isinstance(message, BaseMessage) and message.id not in self._seen:
                self.tell("messages", (message, dict(facts)))

    def listeners(self) -> list[Any]:
        """Give the handlers that hear the models of the run, where somebody streams them."""
        heard = {"messages": TokenListener, EVENTS: EventListener}
        return [kind(self, self._seen) for mode, kind in heard.items() if mode in self.modes]


class _ModelListener:
    """Makes models write piece by piece, and knows which of them does."""

    run_inline = True
    raise_error = True
    streams_models = True

    def __init__(self, outlet: Outlet, seen: set[str | None]) -> None:
        self._outlet = outlet
        self._seen = seen
        self._facts: dict[UUID, dict[str, Any]] = {}

    def on_chat_model_start(self, serialized: Any, messages: Any, **facts: Any) -> None:
        del serialized, messages
        tags = {"tags": facts["tags"]} if facts["tags"] else {}
        self._facts[facts["run_id"]] = {**facts["metadata"], **tags}

    def on_llm_end(self, response: Any, *, run_id: UUID, **_: Any) -> None:
        facts = self._facts.pop(run_id, {})
        message = response.generations[0][0].message
        if message.id not in self._seen:
            # A model that does not stream is heard all the same.
            self._seen.add(message.id)
            self._outlet.tell("messages", (message, facts))

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        del error
        self._facts.pop(run_id, None)


class TokenListener(_ModelListener):
    """Hands on the chunks of each reply."""

    def on_llm_new_token(self, token: Any, *, chunk: Any, run_id: UUID, **_: Any) -> None:
        del token
        message = chunk.message
        self._seen.add(message.id)
        self._outlet.tell("messages", (message, self._facts.get(run_id, {})))


class EventListener(_ModelListener):
    """Hands on the event dicts of each reply."""

    def on_stream_event(self, event: Mapping[str, Any], *, run_id: UUID, **_: Any) -> None:
        self._outlet.tell(EVENTS, (str(run_id), self._facts.get(run_id, {}), event))
