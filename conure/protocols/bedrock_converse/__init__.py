"""Bedrock Converse: one language for the models of many makers; its streams are binary frames.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from .. import Protocol
from ..errors import read_error
from .count import COUNTING
from .dialect import Dialect
from .request import SETTINGS, encode
from .response import StreamDecoder, decode

__all__ = ["PROTOCOL", "Dialect"]

PROTOCOL = Protocol(
    name="bedrock_converse",
    encode=encode,
    decode=decode,
    decoder=StreamDecoder,
    read_error=read_error,
    settings=SETTINGS,
    dialect=Dialect,
    names_model=False,
    counting=COUNTING,
)
