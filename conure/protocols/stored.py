"""Replies that a provider keeps: asking for one again, going on with it, making a history shorter.

A protocol whose API keeps replies has a `Stored`. What it gives are encoders, to stand in the place
of the protocol's own: they write a request about a reply in place of a question.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from .counting import Encode
from .decoder import Decoder

__all__ = ["Stored"]


class Stored(Struct, frozen=True):
    """How a reply that is kept is spoken of; it is known by its id."""

    get: Callable[[str], Encode]
    """the reply as it is now"""
    resume: Callable[[str, int | None], Encode]
    """its stream, after the event of that number or from the beginning"""
    cancel: Callable[[str], Encode]
    delete: Callable[[str], Encode]
    compact: Encode
    """a shorter history"""
    decoder: Callable[[Any], Decoder]
    """dialect -> decoder of a stream whose beginning was seen before"""
