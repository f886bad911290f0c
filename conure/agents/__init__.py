"""Agents: a model that calls tools until it has the answer.

Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agent import Agent
    from .create import create_agent
    from .state import AgentResult, AgentState

__all__ = ["Agent", "AgentResult", "AgentState", "create_agent"]

HOMES = {
    "Agent": "agent",
    "AgentResult": "state",
    "AgentState": "state",
    "create_agent": "create",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
