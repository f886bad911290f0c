"""What a protocol's encoder answers: a request in the protocol's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

__all__ = ["Encoded"]


class Encoded(Struct, frozen=True):
    """A request in a protocol's own words: path below the base URL, JSON body, what was left out.

    `warnings` names each setting or block that could not be said, and why. A header that the
    caller also gives is the caller's; a tuple of values is added to those the caller gives.
    """

    path: str
    body: dict[str, Any] = {}
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str | tuple[str, ...]] = {}
    method: str = "POST"
    query: Mapping[str, Any] = {}
