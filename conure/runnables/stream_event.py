"""The shape of an event of a run, and how a runnable speaks the third version of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypedDict

from msgspec import Struct

__all__ = ["StreamEvent", "Version", "Voice"]

Version: TypeAlias = Literal["v1", "v2"]


class StreamEvent(TypedDict):
    """One event of a run; `data` has `input`, `chunk`, `output` or `error`, as the event implies.

    `parent_ids` names the runs around it, the outermost first.
    """

    event: str
    name: str
    run_id: str
    parent_ids: list[str]
    tags: list[str]
    metadata: dict[str, Any]
    data: Any


class Voice(Struct):
    """How a runnable speaks version "v3": what streams its events, and what is made of that."""

    runnable: Any
    """streams one event dict after the other"""
    stream: Callable[[Any], Any]
    """makes the stream object of them"""
    astream: Callable[[Any], Any]
