"""Anthropic Messages: the language of Claude, also behind other hosts and local servers.

https://docs.anthropic.com/en/api/messages
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
    name="anthropic_messages",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
    counting=COUNTING,
)
