"""How servers of this API differ: they do not, yet."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Dialect"]


class Dialect(Struct, frozen=True):
    """What to say otherwise. Unset means: as the maker does."""

    path: str = "/v2/chat"
    """Where requests go, below the base URL"""
