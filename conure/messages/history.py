"""How a history grows: messages are appended, replaced by their id, or taken out.

`Annotated[list[AnyMessage], add_messages]` says so of a key of an agent's state.
"""

from __future__ import annotations

from typing import Any

from ..errors import ConfigurationError
from .chunk import message_chunk_to_message
from .coerce import to_messages
from .message import BaseMessage, BaseMessageChunk, RemoveMessage

__all__ = ["REMOVE_ALL_MESSAGES", "add_messages", "identified"]

REMOVE_ALL_MESSAGES = "__remove_all__"
"""the id with which a `RemoveMessage` takes out all that came before"""


def add_messages(left: Any, right: Any) -> list[BaseMessage]:
    """Append `right` to `left`; a message whose id is there already takes that one's place.

    `RemoveMessage(id=...)` takes one out. Messages without an id are given one.

    >>> from .message import HumanMessage
    >>> history = add_messages([HumanMessage("hi", id="1")], HumanMessage("hello", id="1"))
    >>> [message.content for message in history]
    ['hello']
    """
    before: list[BaseMessage] = identified(left)
    added = identified(right)
    for place in range(len(added) - 1, -1, -1):
        if isinstance(added[place], RemoveMessage) and added[place].id == REMOVE_ALL_MESSAGES:
            return added[place + 1 :]
    places: dict[str | None, int] = {one.id: place for place, one in enumerate(before)}
    merged: list[BaseMessage | None] = [*before]
    for message in added:
        at = places.get(message.id)
        if isinstance(message, RemoveMessage):
            if at is None:
                raise ConfigurationError(
                    f"there is no message with the id {message.id!r} to remove"
                )
            merged[at] = None
        elif at is None:
            places[message.id] = len(merged)
            merged.append(message)
        else:
            merged[at] = message
    return [message for message in merged if message is not None]


def identified(messages: Any) -> list[BaseMessage]:
    """Turn what was given into whole messages that all have an id; those given stay as they are."""
    found = to_messages(messages)
    # What is in a history already is so: looking at it again must cost next to nothing.
    if None in [one.id for one in found] or any(
        issubclass(k, BaseMessageChunk) for k in _kinds(found)
    ):
        return [_identified(message) for message in found]
    return found


def _kinds(messages: list[BaseMessage]) -> set[type]:
    return set(map(type, messages))


def _identified(message: BaseMessage) -> BaseMessage:
    if isinstance(message, BaseMessageChunk):
        message = message_chunk_to_message(message)
    if message.id is not None:
        return message
    from uuid import uuid4

    return message.model_copy(update={"id": str(uuid4())})
