"""Composition: how things that can be called are joined, labelled, repeated and watched.

Knows no models. Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import AddableDict, Runnable
    from .config import (
        RunnableConfig,
        ensure_config,
        get_config_list,
        merge_configs,
        patch_config,
    )

__all__ = [
    "AddableDict",
    "Runnable",
    "RunnableConfig",
    "ensure_config",
    "get_config_list",
    "merge_configs",
    "patch_config",
]

HOMES = {
    "AddableDict": "base",
    "Runnable": "base",
    "RunnableConfig": "config",
    "ensure_config": "config",
    "get_config_list": "config",
    "merge_configs": "config",
    "patch_config": "config",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        from importlib import import_module

        return getattr(import_module(f".{home}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
