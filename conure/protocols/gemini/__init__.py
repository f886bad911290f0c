"""Gemini's generateContent: a stream is a row of whole replies, laid end to end.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from .. import Protocol
from .count import COUNTING
from .dialect import Dialect
from .errors import read_error
from .request import SETTINGS, encode
from .response import StreamDecoder, decode

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="gemini",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
    counting=COUNTING,
)
