"""Messages -> JSON and back, in our shape and in LangChain's.

Reading builds message classes and nothing else: data never becomes code. A message from a
provider carries the blocks it was decoded from, where its fields do not say all that they say,
so that it still goes back to its provider as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .dump import text_of, value_of
from .message import KINDS, BaseMessage
from .reading import read_constructor, read_written

__all__ = [
    "from_json",
    "message_to_dict",
    "messages_from_dict",
    "messages_to_dict",
    "of_constructor",
    "to_constructor",
    "to_json",
]


def to_json(messages: BaseMessage | Sequence[BaseMessage], *, indent: int | None = None) -> str:
    """Write messages as JSON text, with nothing lost.

    >>> from .message import HumanMessage
    >>> from_json(to_json(HumanMessage("hello"))).content
    'hello'
    """
    if isinstance(messages, BaseMessage):
        return text_of(message_to_dict(messages), indent)
    return text_of([message_to_dict(message) for message in messages], indent)


def from_json(text: str | bytes) -> Any:
    """Read what `to_json` wrote: a message, or a list of them."""
    value = value_of(text)
    if isinstance(value, list):
        return messages_from_dict(cast("list[Any]", value))
    return _message_of(value, "the message")


def message_to_dict(message: BaseMessage) -> dict[str, Any]:
    """Give `{"type": ..., "data": fields}`."""
    return {"type": message.type, "data": message.model_dump()}


def messages_to_dict(messages: Iterable[BaseMessage]) -> list[dict[str, Any]]:
    """Give each message as `message_to_dict` does."""
    return [message_to_dict(message) for message in messages]


def messages_from_dict(messages: Iterable[Mapping[str, Any]]) -> list[BaseMessage]:
    """Read what `messages_to_dict` wrote."""
    return [_message_of(value, f"messages[{i}]") for i, value in enumerate(messages)]


def to_constructor(message: BaseMessage) -> dict[str, Any]:
    """Give a message in the shape of LangChain's `dumpd`."""
    fields = message.model_dump(exclude_defaults=True) | {"type": message.type}
    if isinstance(message, AIMessage):
        fields |= {"tool_calls": [], "invalid_tool_calls": []} | fields
    name = ["langchain", "schema", "messages", type(message).__name__]
    return {"lc": 1, "type": "constructor", "id": name, "kwargs": fields}


def of_constructor(value: Mapping[str, Any], where: str) -> BaseMessage:
    """Build a message from the shape of LangChain's `dumpd`."""
    return read_constructor(value, where, KINDS)


def _message_of(value: Any, where: str) -> BaseMessage:
    if isinstance(value, Mapping) and "data" in value:
        return read_written(cast("Mapping[str, Any]", value), where, KINDS)
    raise ConfigurationError(
        f"{where} is no written message: it must be {{'type': ..., 'data': {{...}}}}"
    )
