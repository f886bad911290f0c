"""Ollama's own chat API: one JSON object a line, and models that are loaded on demand.

https://docs.ollama.com/api/chat
"""

from __future__ import annotations

from .. import Protocol
from .dialect import Dialect
from .errors import read_error
from .request import SETTINGS, encode
from .response import StreamDecoder, decode

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="ollama",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
)
