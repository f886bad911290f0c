"""Finding what writes a message: by its class, or by its role where a user named one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..errors import ConfigurationError
from ..messages import BaseMessage

__all__ = ["writer_for_role", "writer_of"]

Write = TypeVar("Write")


def writer_of(writers: Mapping[type, Write], message: BaseMessage, where: str) -> Write:
    """Find the writer of a message's class, or of the class that it extends."""
    for kind in type(message).__mro__:
        if kind in writers:
            return writers[kind]
    raise ConfigurationError(
        f"{where}: {type(message).__name__} is no message for this provider's models"
    )


def writer_for_role(writers: Mapping[str, Write], role: str, where: str) -> Write:
    """Find the writer of a role that a `ChatMessage` names."""
    known = writers.get(role)
    if known is None:
        raise ConfigurationError(
            f"{where}: the role {role!r} is unknown here; known: {', '.join(writers)}"
        )
    return known
