"""A function on messages that waits for them, to be put in front of a model with `|`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .message import BaseMessage

__all__ = ["Step"]


class Step:
    """What `trim_messages(...)` and its like are when they were called without messages."""

    def __init__(self, function: Callable[[Any], list[BaseMessage]], name: str) -> None:
        self._function = function
        self.__name__ = name

    def __call__(self, messages: Iterable[Any]) -> list[BaseMessage]:
        return self._function(messages)

    def invoke(self, messages: Iterable[Any], config: Any = None) -> list[BaseMessage]:  # noqa: ARG002 - part of what can be piped
        return self._function(messages)

    async def ainvoke(self, messages: Iterable[Any], config: Any = None) -> list[BaseMessage]:  # noqa: ARG002
        return self._function(messages)
