"""Token counts: dicts that also answer to attributes, and that add up.

A count nobody reported reads as 0 and details nobody reported read as details whose counts
are 0, so that `usage.input_token_details.cache_read` never raises; as dicts they hold only what
was reported. Details need not sum to totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import ConfigurationError

__all__ = [
    "InputTokenDetails",
    "OutputTokenDetails",
    "UsageMetadata",
    "add_usage",
    "reported_usage",
    "to_usage",
]

_TOTALS = ("input_tokens", "output_tokens", "total_tokens")


class _TokenDetails(dict[str, Any]):
    __slots__ = ()

    def __getattr__(self, name: str) -> int:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name, 0)


class InputTokenDetails(_TokenDetails):
    """Which input tokens were cached, written to the cache, or sound."""

    __slots__ = ()


class OutputTokenDetails(_TokenDetails):
    """Which output tokens were reasoning or sound."""

    __slots__ = ()


class UsageMetadata(dict[str, Any]):
    """The tokens one reply cost.

    >>> usage = UsageMetadata(input_tokens=3, output_tokens=4, total_tokens=7)
    >>> usage.total_tokens, usage["total_tokens"], usage.input_token_details.cache_read
    (7, 7, 0)
    """

    __slots__ = ()

    if TYPE_CHECKING:
        input_tokens: int
        output_tokens: int
        total_tokens: int
        input_token_details: InputTokenDetails
        output_token_details: OutputTokenDetails

    def __getattr__(self, name: str) -> Any:
        if name in self:
            value: Any = self[name]
            if type(value) is dict and name in _DETAILS:
                return _DETAILS[name](cast("dict[str, Any]", value))
            return cast("Any", value)
        if name in _TOTALS:
            return 0
        if name in _DETAILS:
            return _DETAILS[name]()
        raise AttributeError(f"token usage has no {name!r}; it has {', '.join(self) or 'nothing'}")

    def __add__(self, other: Mapping[str, Any]) -> UsageMetadata:
        return add_usage(self, other)


_DETAILS: dict[str, type[_TokenDetails]] = {
    "input_token_details": InputTokenDetails,
    "output_token_details": OutputTokenDetails,
}


def reported_usage(usage: Mapping[str, Any]) -> UsageMetadata:
    """Take counts as a provider reported them; a missing total is the sum of the others."""
    found = UsageMetadata(usage)
    for name, kind in _DETAILS.items():
        if name in found:
            found[name] = kind(found[name] or {})
    found.setdefault("input_tokens", 0)
    found.setdefault("output_tokens", 0)
    if found.get("total_tokens") is None:
        found["total_tokens"] = found["input_tokens"] + found["output_tokens"]
    return found


def to_usage(usage: object) -> UsageMetadata:
    """Check counts given by hand: the three totals are required and are ints."""
    if isinstance(usage, UsageMetadata):
        return usage
    if not isinstance(usage, Mapping):
        raise ConfigurationError(
            f"usage_metadata must be a dict with {', '.join(_TOTALS)}, not {type(usage).__name__}"
        )
    found: dict[str, Any] = dict(usage)  # pyright: ignore[reportUnknownArgumentType]
    for name in _TOTALS:
        count = found.get(name)
        if not isinstance(count, int):
            problem = f"is {count!r}" if name in found else "is missing"
            raise ConfigurationError(f"usage_metadata[{name!r}] must be an int, but it {problem}")
    for name in _DETAILS:
        if name in found and found[name] is None:
            del found[name]
        elif name in found and not isinstance(found[name], Mapping):
            raise ConfigurationError(f"usage_metadata[{name!r}] must be a dict of counts")
    return reported_usage(found)


def add_usage(left: Mapping[str, Any] | None, right: Mapping[str, Any] | None) -> UsageMetadata:
    """Add the counts of two reports, details key by key; None counts as nothing.

    >>> add_usage(None, {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3})
    {'input_tokens': 1, 'output_tokens': 2, 'total_tokens': 3}
    """
    total = _sum_of(left or {}, right or {})
    return reported_usage(total)


def _sum_of(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    total = dict(left)
    for name, value in right.items():
        before = total.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            total[name] = _sum_of(before, value)  # pyright: ignore[reportUnknownArgumentType]
        elif _is_number(before) and _is_number(value):
            total[name] = before + value
        elif value is not None:
            total[name] = value
    return total


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
