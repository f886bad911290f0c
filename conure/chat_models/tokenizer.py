"""The tokenizer of a model, where the user has one: `tiktoken`, with its vocabulary on this disk.

`tiktoken` fetches a vocabulary when it is first used. Counting never opens a connection, so a
vocabulary that is not here already counts as none. `tiktoken.get_encoding("o200k_base")`, called
once by the user, puts it here.

https://github.com/openai/tiktoken
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeAlias

from .parameters import ENVIRONMENT

__all__ = ["Tokenize", "tokenizer_of"]

Tokenize: TypeAlias = Callable[[str], list[int]]

# What models use whose names tiktoken does not know yet.
LATEST = "o200k_base"
HOME = "https://openaipublic.blob.core.windows.net/encodings/"
# Encoding -> the file of its vocabulary.
VOCABULARIES = {
    "cl100k_base": "cl100k_base.tiktoken",
    "o200k_base": "o200k_base.tiktoken",
    "o200k_harmony": "o200k_base.tiktoken",
    "p50k_base": "p50k_base.tiktoken",
    "r50k_base": "r50k_base.tiktoken",
}


def tokenizer_of(model: str) -> Tokenize | None:
    """Give what turns a text into the tokens of a model, if it is here."""
    try:
        library: Any = import_module("tiktoken")
    except ImportError:
        return None
    try:
        name = library.encoding_name_for_model(model)
    except KeyError:
        name = LATEST
    if name not in library.registry.ENCODINGS and not _is_here(name):
        return None
    return _encoder(library, name)


@lru_cache(maxsize=8)
def _encoder(library: Any, name: str) -> Tokenize:
    encoding = library.get_encoding(name)

    def tokenize(text: str) -> list[int]:
        # A text that looks like a marker of the model's own is a text all the same.
        found: list[int] = encoding.encode(text, disallowed_special=())
        return found

    return tokenize


def _is_here(name: str) -> bool:
    """Look where tiktoken keeps what it has fetched."""
    import hashlib
    import tempfile
    from pathlib import Path

    if name not in VOCABULARIES:
        return False
    folder = ENVIRONMENT.get("TIKTOKEN_CACHE_DIR") or ENVIRONMENT.get("DATA_GYM_CACHE_DIR")
    place = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    key = hashlib.sha1((HOME + VOCABULARIES[name]).encode(), usedforsecurity=False).hexdigest()
    return (place / key).is_file()
