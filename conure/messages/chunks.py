"""Pieces of messages that no model says: seldom needed, and added by their fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, cast

from ..errors import ConfigurationError
from .merge import absorb, joined, merge_content, merge_facts
from .message import (
    BaseMessage,
    BaseMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
)
from .sums import better_id
from .tool import ToolMessage

__all__ = [
    "ChatMessageChunk",
    "FunctionMessageChunk",
    "HumanMessageChunk",
    "SystemMessageChunk",
    "ToolMessageChunk",
]


class _Piece(BaseMessageChunk):
    """A piece that adds up by its fields."""

    _same: str | None = None
    """the field that two pieces of one message have in common"""

    def __add__(self, other: Any) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]
        if isinstance(other, (list, tuple)):
            total = self
            for chunk in cast("Iterable[Any]", other):
                total = total + chunk
            return total
        if not isinstance(other, BaseMessageChunk):
            return NotImplemented
        self._check_same(other)
        made = self.model_copy()
        made.content = cast("Any", merge_content(self.content, other.content))
        kwargs = joined(self.additional_kwargs)
        absorb(kwargs, other.additional_kwargs)
        made.additional_kwargs = joined(kwargs)
        made.response_metadata = merge_facts(self.response_metadata, other.response_metadata)
        made.id = better_id(self.id, other.id)
        made.name = self.name if self.name is not None else other.name
        return made

    def _check_same(self, other: BaseMessage) -> None:
        field = self._same
        if field is None or not isinstance(other, type(self)):
            return
        mine, its = getattr(self, field), getattr(other, field)
        if mine != its:
            raise ConfigurationError(
                f"{type(self).__name__} with {field} {mine!r} and {its!r} are no pieces of one "
                "message"
            )


class HumanMessageChunk(HumanMessage, _Piece):
    """A piece of what the user says."""

    type: str = "HumanMessageChunk"
    __add__ = _Piece.__add__


class SystemMessageChunk(SystemMessage, _Piece):
    """A piece of how the model shall behave."""

    type: str = "SystemMessageChunk"
    __add__ = _Piece.__add__


class ChatMessageChunk(ChatMessage, _Piece):
    """A piece of what someone with a role of their own says."""

    type: str = "ChatMessageChunk"
    _same = "role"
    __add__ = _Piece.__add__


class FunctionMessageChunk(FunctionMessage, _Piece):
    """A piece of what a function answered."""

    type: str = "FunctionMessageChunk"
    _same = "name"
    __add__ = _Piece.__add__


class ToolMessageChunk(ToolMessage, _Piece):
    """A piece of what a tool answered; it failed if any piece says so."""

    type: str = "ToolMessageChunk"
    _same = "tool_call_id"

    def __add__(self, other: Any) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]
        made = cast("Self", _Piece.__add__(self, other))
        if isinstance(other, ToolMessage):
            made.status = "error" if "error" in (self.status, other.status) else "success"
            made.artifact = other.artifact if self.artifact is None else self.artifact
        return made
