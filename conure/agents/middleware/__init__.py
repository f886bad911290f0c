"""Middleware: what stands around the steps of an agent, and changes how it goes.

Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...runtime import Runtime
    from ..state import AgentState
    from .decorators import (
        after_agent,
        after_model,
        before_agent,
        before_model,
        dynamic_prompt,
        wrap_model_call,
        wrap_tool_call,
    )
    from .types import (
        AgentMiddleware,
        ExtendedModelResponse,
        ModelCallResult,
        ModelRequest,
        ModelResponse,
        ToolCallRequest,
        hook_config,
    )

__all__ = [
    "AgentMiddleware",
    "AgentState",
    "ExtendedModelResponse",
    "ModelCallResult",
    "ModelRequest",
    "ModelResponse",
    "Runtime",
    "ToolCallRequest",
    "after_agent",
    "after_model",
    "before_agent",
    "before_model",
    "dynamic_prompt",
    "hook_config",
    "wrap_model_call",
    "wrap_tool_call",
]

_ROOMS = {
    "..state": ("AgentState",),
    "...runtime": ("Runtime",),
    ".decorators": (
        *("after_agent", "after_model", "before_agent", "before_model", "dynamic_prompt"),
        *("wrap_model_call", "wrap_tool_call"),
    ),
    ".types": (
        *("AgentMiddleware", "ExtendedModelResponse", "ModelCallResult", "ModelRequest"),
        *("ModelResponse", "ToolCallRequest", "hook_config"),
    ),
}
HOMES = {name: room for room, names in _ROOMS.items() for name in names}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        return getattr(import_module(home, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
