"""What the keys of a config may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..errors import ConfigurationError

__all__ = ["check", "warn"]


def check(config: Mapping[str, Any]) -> list[str]:
    """Refuse values of the wrong kind, by name; answer the keys that are none of a config's."""
    if not isinstance(config, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"config must be a dict, not {type(config).__name__}")
    strays: list[str] = []
    for key, value in config.items():
        if (kind := KINDS.get(key)) is None:
            strays.append(key)
            warn(f"unknown key {key!r} in config{_suggestion(key)}; moved under 'configurable'")
        elif value is not None and (wanted := kind(value)):
            raise ConfigurationError(f"config[{key!r}] must be {wanted}, not {value!r}")
    return strays


def warn(message: str) -> None:
    """Warn the caller of a runnable, who is somewhere above."""
    import warnings

    warnings.warn(message, stacklevel=5)


def _suggestion(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, KINDS, n=1)
    return f": did you mean {near[0]!r}?" if near else ""


def _list_of_str(value: Any) -> str | None:
    if isinstance(value, (list, tuple, set)):
        items = cast("Iterable[Any]", value)
        if all(isinstance(item, str) for item in items):
            return None
    return "a list of strings"


def _mapping(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else "a dict"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "a string"


def _count(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if good else "a whole number, 1 or more"


def _run_id(value: Any) -> str | None:
    return None if hasattr(value, "hex") and hasattr(value, "int") else "a uuid.UUID"


def _handlers(value: Any) -> str | None:
    good = isinstance(value, (list, tuple)) or hasattr(value, "handlers")
    return None if good else "a list of handlers"


KINDS: dict[str, Any] = {
    "tags": _list_of_str,
    "metadata": _mapping,
    "callbacks": _handlers,
    "run_name": _text,
    "run_id": _run_id,
    "max_concurrency": _count,
    "recursion_limit": _count,
    "configurable": _mapping,
}
"""key -> what its value should be, in words, when it is not that"""
