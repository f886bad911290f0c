"""OpenAI's Chat Completions, the language most vendors and local servers speak.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from .. import Protocol
from ..errors import read_error
from .dialect import Dialect
from .request import SETTINGS, encode
from .response import StreamDecoder, decode

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="openai_chat",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
)
