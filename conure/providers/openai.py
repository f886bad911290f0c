"""OpenAI itself: the maker of the protocol.

https://platform.openai.com/docs/api-reference/introduction
"""

from __future__ import annotations

from ..protocols.openai_chat.dialect import Dialect
from .models import facts, takes_json_schema
from .profile import Profile

__all__ = ["DIALECT", "OPENAI", "OWN_ENV"]

# Unknown fields of messages are answered with a 400, reasoning sent back among them.
DIALECT = Dialect(replays=(), strips=frozenset({"cache_control"}), facts=facts)

# The names that other libraries gave these variables.
OWN_ENV = {"stream_chunk_timeout": "LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S"}

OPENAI = Profile(
    "openai",
    "openai_chat",
    "https://api.openai.com/v1",
    ("OPENAI_API_KEY",),
    DIALECT,
    base_url_env=("OPENAI_API_BASE", "OPENAI_BASE_URL"),
    header_env={
        "openai-organization": ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION"),
        "openai-project": ("OPENAI_PROJECT_ID",),
    },
    proxy_env=("OPENAI_PROXY",),
    own_env=OWN_ENV,
    default_model="gpt-5-mini",
    json_schema=takes_json_schema,
    is_maker=True,
    doc="https://platform.openai.com/docs/api-reference/chat",
)
