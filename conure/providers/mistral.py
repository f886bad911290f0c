"""Mistral: parts of content where others have text, and ids of calls in a form of its own.

https://docs.mistral.ai/api/
"""

from __future__ import annotations

import re

from ..protocols.openai_chat.dialect import Dialect
from .compatible import CHAT, fields
from .profile import Profile

__all__ = ["MISTRAL"]

# "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9", says a 400.
CALL_ID = re.compile("[A-Za-z0-9]{9}")


def _call_id(id: str) -> str:
    """Make an id of nine letters and digits, always the same of the same.

    >>> _call_id("D681PevKs"), len(_call_id("call_abc"))
    ('D681PevKs', 9)
    """
    if CALL_ID.fullmatch(id):
        return id
    from hashlib import sha256

    return sha256(id.encode()).hexdigest()[:9]


DIALECT = Dialect(
    max_tokens_field="max_tokens",
    stream_usage=False,
    renames={"seed": "random_seed"},
    any_choice="any",
    developer_role=False,
    passes=frozenset({"document_url", "image_url", "reference", "thinking", "tool_reference"}),
    replays=("content",),
    call_id=_call_id,
)

MISTRAL = Profile(
    "mistralai",
    CHAT,
    "https://api.mistral.ai/v1",
    ("MISTRAL_API_KEY",),
    DIALECT,
    base_url_env=("MISTRAL_BASE_URL",),
    extra=fields("document_image_limit document_page_limit prompt_mode random_seed safe_prompt"),
    default_model="mistral-small-latest",
    spellings={
        "endpoint": "base_url",
        "mistral_api_key": "api_key",
        "safe_mode": "safe_prompt",
    },
    doc="https://docs.mistral.ai/api/",
)
