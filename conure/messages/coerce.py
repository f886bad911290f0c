"""What people pass as input -> messages.

Accepted: a text, a message, a dict with a role, a (role, content) pair, or a sequence of these;
also dicts in the shapes that this library and LangChain write. Messages are passed on as they
are, input is never changed, and each mistake is named with its place and its remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError
from .message import KINDS, BaseMessage, HumanMessage
from .reading import ROLES, read_dict

__all__ = [
    "MessageLikeRepresentation",
    "ModelInput",
    "convert_to_messages",
    "to_messages",
]

MessageLikeRepresentation: TypeAlias = (
    BaseMessage | str | list[Any] | tuple[str, Any] | Mapping[str, Any]
)
ModelInput: TypeAlias = str | BaseMessage | Mapping[str, Any] | Sequence[MessageLikeRepresentation]

_ONE = "a str, a message, a dict with 'role' and 'content' or a (role, content) tuple"


def to_messages(input: Any) -> list[BaseMessage]:
    """Turn what a model was called with into messages.

    >>> to_messages(("user", "hello"))
    [HumanMessage(content='hello', additional_kwargs={}, response_metadata={})]
    """
    if isinstance(input, str):
        return [HumanMessage(input)]
    if type(input) is list and all(map(_is_message_type, set(map(type, cast("list[Any]", input))))):
        return cast("list[BaseMessage]", input).copy()
    if isinstance(input, (BaseMessage, Mapping)) or _is_pair(input):
        return [_message(cast("Any", input), 0)]
    if callable(prompt := getattr(cast("Any", input), "to_messages", None)):
        return list(cast("Iterable[BaseMessage]", prompt()))
    if isinstance(input, Sequence) and not isinstance(input, (bytes, bytearray)):
        given = cast("Sequence[Any]", input)
        return [_message(element, position) for position, element in enumerate(given)]
    if isinstance(input, Iterable) and not isinstance(input, (bytes, bytearray)):
        return to_messages(list(cast("Iterable[Any]", input)))
    raise ConfigurationError(
        f"a model takes {_ONE}, or a list of these; not {type(cast('object', input)).__name__}"
    )


def convert_to_messages(messages: Any) -> list[BaseMessage]:
    """Turn texts, pairs and dicts into messages; messages are passed on as they are."""
    return to_messages(messages)


def _is_message_type(kind: type) -> bool:
    return issubclass(kind, BaseMessage)


def _is_pair(value: Any) -> bool:
    """Whether a tuple is one (role, content) and not two texts."""
    if not isinstance(value, tuple) or len(cast("tuple[Any, ...]", value)) != 2:
        return False
    role = cast("tuple[Any, ...]", value)[0]
    return isinstance(role, str) and role in ROLES


def _message(given: Any, position: int) -> BaseMessage:
    if isinstance(given, BaseMessage):
        return given
    if isinstance(given, str):
        return HumanMessage(given)
    where = f"messages[{position}]"
    try:
        if isinstance(given, Mapping):
            return read_dict(cast("Mapping[str, Any]", given), where, KINDS)
        if isinstance(given, (tuple, list)):
            return _of_pair(cast("Sequence[Any]", given), where)
    except ConfigurationError as mistake:
        if str(mistake).startswith(where):
            raise
        raise ConfigurationError(f"{where}: {mistake}") from None
    raise ConfigurationError(f"{where} is of type {type(given).__name__}; pass {_ONE}")


def _of_pair(given: Sequence[Any], where: str) -> BaseMessage:
    if len(given) != 2 or not isinstance(given[0], str):
        raise ConfigurationError(
            f"{where} has {len(given)} items; a message as a tuple is (role, content), "
            "such as ('user', 'hello')"
        )
    return read_dict({"role": given[0], "content": given[1]}, where, KINDS)
