"""Knobs of a dialect that a user turns: how an endpoint differs that no row describes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, cast

from msgspec.structs import fields, replace

from ..errors import ConfigurationError

__all__ = ["turned"]

PLAIN: tuple[type[Any], ...] = (bool, str, dict)
"""types of knobs whose values are taken as they are"""


def turned(dialect: Any, given: object, *, where: str) -> Any:
    """Give the dialect with these of its knobs turned.

    >>> from conure.protocols.openai_chat import Dialect
    >>> turned(Dialect(), {"think_tags": True, "replays": ["reasoning"]}, where="m").replays
    ('reasoning',)
    """
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{where}: dialect must be a dict, not {type(given).__name__}")
    knobs = {field.name: getattr(dialect, field.name) for field in fields(dialect)}
    turns = cast("Mapping[str, Any]", given)
    return replace(dialect, **{name: _value(knobs, name, turns[name], where) for name in turns})


def _value(knobs: Mapping[str, Any], name: str, value: object, where: str) -> Any:
    if name not in knobs:
        near = get_close_matches(name, knobs, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(
            f"{where}: the dialect has no knob {name!r}.{hint} It has: {', '.join(knobs)}"
        )
    known = knobs[name]
    if kind := next((kind for kind in PLAIN if isinstance(known, kind)), None):
        if isinstance(value, kind):
            return value
        raise ConfigurationError(
            f"{where}: dialect[{name!r}] must be a {kind.__name__}, not {type(value).__name__}"
        )
    if value is None or callable(value):
        return value
    if isinstance(value, str) or not isinstance(value, Collection):
        raise ConfigurationError(f"{where}: dialect[{name!r}] must be a list, not {value!r}")
    items = cast("Collection[Any]", value)
    if isinstance(known, frozenset):
        return frozenset(items)
    return tuple(tuple(cast("list[Any]", i)) if isinstance(i, list) else i for i in items)
