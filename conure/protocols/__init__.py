"""The languages providers speak: pure functions between our values and their bytes.

A protocol's folder has `wire.py` (TypedDicts of the JSON), `request.py` (`encode`),
`response.py` (`decode` and the stream decoder, one set of readers) and `PROTOCOL` in its
`__init__.py`. Nothing here knows a vendor, a clock, a socket or an environment variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ..messages.events import Event
from .counting import Counting, Encode
from .decoder import Decoder
from .encoded import Encoded, Loss
from .stored import Stored

__all__ = ["Counting", "Decoder", "Encoded", "ErrorReport", "Loss", "Protocol", "Stored"]


class ErrorReport(Struct, frozen=True):
    """A provider's error in its own words, whatever shape it came in."""

    message: str
    code: str | None = None
    type: str | None = None
    param: str | None = None
    body: Any = None
    retry_after: float | None = None
    """the seconds it asks us to wait, where its words say so"""


class Protocol(Struct, frozen=True):
    """One wire protocol.

    `settings` maps each setting it takes to the check of its value: a function that returns
    None, or what is wrong with the value in words.
    """

    name: str
    encode: Encode
    """model, messages, settings, streaming, dialect -> request"""
    decode: Callable[[bytes, Any], list[Event]]
    """a whole reply's body, dialect -> events"""
    decoder: Callable[[Any], Decoder]
    """dialect -> stream decoder"""
    read_error: Callable[[bytes], ErrorReport]
    """the body of an error reply -> what the provider said"""
    settings: Mapping[str, Callable[[Any], str | None]]
    dialect: Callable[[], Any]
    """the dialect of a vendor that does everything as the protocol's maker does"""
    names_model: bool = True
    """whether replies say which model wrote them"""
    counting: Counting | None = None
    """how its provider counts the tokens of a request, where it does"""
    stored: Stored | None = None
    """how replies that its provider keeps are spoken of, where it keeps any"""
