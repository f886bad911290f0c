"""How many tokens messages are about: the recipe of OpenAI's cookbook, with or without a tokenizer.

https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from ..messages import BaseMessage
from ..messages.count import parts_of
from ..tools import tool_definition

if TYPE_CHECKING:
    from .tokenizer import Tokenize

__all__ = ["estimate", "tokens_in"]

CHARACTERS_PER_TOKEN = 4.0
# What stands around each message, around a name, and before the answer.
PER_MESSAGE, PER_NAME, BEFORE_THE_ANSWER = 3, 1, 3
PER_FILE = 1500


def estimate(
    messages: Iterable[BaseMessage],
    tools: Sequence[Any] | None,
    tokenize: Tokenize | None,
    image_tokens: Callable[[dict[str, Any]], int],
) -> int:
    """Count messages and tools; files, sounds and videos count the same each, however large."""
    total = float(BEFORE_THE_ANSWER)
    if tools:
        written = [_written(tool_definition(tool)) for tool in tools]
        total += tokens_in(written, tokenize)
    for message in messages:
        parts = parts_of(message)
        texts = [*parts.texts, message.name] if message.name else parts.texts
        total += PER_MESSAGE + (PER_NAME if message.name else 0)
        total += ceil(tokens_in(texts, tokenize))
        total += sum(map(image_tokens, parts.images)) + PER_FILE * parts.files
    return ceil(total)


def tokens_in(texts: Iterable[str], tokenize: Tokenize | None) -> float:
    """Count texts by their tokens, or by their characters."""
    if tokenize is None:
        return sum(map(len, texts)) / CHARACTERS_PER_TOKEN
    return sum(len(tokenize(text)) for text in texts)


def _written(definition: Any) -> str:
    return json.dumps(definition, ensure_ascii=False, default=repr)
