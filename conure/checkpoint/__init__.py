"""Where the runs of agents are kept between two steps, so that they can go on later.

Names are resolved on first use, so that a saver costs those who use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .langgraph import LangGraphSaver
    from .memory import InMemorySaver
    from .saver import AsyncCheckpointer, Checkpoint, Checkpointer, Saved
    from .sqlite import SqliteSaver

__all__ = [
    "AsyncCheckpointer",
    "Checkpoint",
    "Checkpointer",
    "InMemorySaver",
    "LangGraphSaver",
    "Saved",
    "SqliteSaver",
]

HOMES = {
    "AsyncCheckpointer": "saver",
    "Checkpoint": "saver",
    "Checkpointer": "saver",
    "InMemorySaver": "memory",
    "LangGraphSaver": "langgraph",
    "Saved": "saver",
    "SqliteSaver": "sqlite",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
