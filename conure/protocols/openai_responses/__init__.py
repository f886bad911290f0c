"""OpenAI's Responses, the language of its own tools, of reasoning that goes back, and of state.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from .. import Protocol
from ..errors import read_error
from .count import COUNTING
from .dialect import Dialect
from .request import SETTINGS, encode
from .response import StreamDecoder, decode
from .stored import STORED

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="openai_responses",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
    stored=STORED,
    counting=COUNTING,
)
