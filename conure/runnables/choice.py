"""What may be chosen at each call, and by which key of the config."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["ConfigurableField"]


class ConfigurableField(Struct, frozen=True):
    """Name the `configurable` key that sets a field; `name` and `description` are for people.

    >>> ConfigurableField(id="heat").id
    'heat'
    """

    id: str
    name: str | None = None
    description: str | None = None
