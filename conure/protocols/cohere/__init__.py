"""Cohere's chat API, version 2: typed events, plans before calls, citations of one's documents.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from .. import Protocol
from ..errors import read_error
from .dialect import Dialect
from .request import SETTINGS, encode
from .response import StreamDecoder, decode

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="cohere",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
    names_model=False,
)
