"""Cohere: its Command models, at its own API.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from .profile import Profile

__all__ = ["COHERE", "read_address"]


def read_address(url: str) -> str:
    """Give the address without the version, which is part of each path.

    >>> read_address("https://api.cohere.com/v2/")
    'https://api.cohere.com'
    """
    return url.rstrip("/").removesuffix("/v2").removesuffix("/v1")


COHERE = Profile(
    "cohere",
    "cohere",
    "https://api.cohere.com",
    ("COHERE_API_KEY", "CO_API_KEY"),
    base_url_env=("CO_API_URL",),
    read_address=read_address,
    default_model="command-a-03-2025",
    json_schema=True,
    lists_at="/compatibility/v1",
    spellings={"timeout_seconds": "timeout"},
    doc="https://docs.cohere.com/reference/chat",
)
