"""Middleware: what stands around the steps of an agent, and changes how it goes.

Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...runtime import Runtime
    from ..state import AgentState
    from .context_editing import ClearToolUsesEdit, ContextEditingMiddleware
    from .decorators import (
        after_agent,
        after_model,
        before_agent,
        before_model,
        dynamic_prompt,
        wrap_model_call,
        wrap_tool_call,
    )
    from .human_in_the_loop import HumanInTheLoopMiddleware, InterruptOnConfig
    from .model_call_limit import ModelCallLimitMiddleware
    from .model_fallback import ModelFallbackMiddleware
    from .model_refusal import ModelRefusalMiddleware
    from .model_retry import ModelRetryMiddleware
    from .pii import PIIMiddleware
    from .pii_kinds import PIIDetectionError, PIIMatch
    from .provider_tool_search import ProviderToolSearchMiddleware
    from .summarization import SummarizationMiddleware, TriggerClause
    from .todo import TodoListMiddleware
    from .tool_call_limit import ToolCallLimitMiddleware
    from .tool_emulator import LLMToolEmulator
    from .tool_error import ToolErrorMiddleware
    from .tool_retry import ToolRetryMiddleware
    from .tool_selection import LLMToolSelectorMiddleware
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
    "ClearToolUsesEdit",
    "ContextEditingMiddleware",
    "ExtendedModelResponse",
    "HumanInTheLoopMiddleware",
    "InterruptOnConfig",
    "LLMToolEmulator",
    "LLMToolSelectorMiddleware",
    "ModelCallLimitMiddleware",
    "ModelCallResult",
    "ModelFallbackMiddleware",
    "ModelRefusalMiddleware",
    "ModelRequest",
    "ModelResponse",
    "ModelRetryMiddleware",
    "PIIDetectionError",
    "PIIMatch",
    "PIIMiddleware",
    "ProviderToolSearchMiddleware",
    "Runtime",
    "SummarizationMiddleware",
    "TodoListMiddleware",
    "ToolCallLimitMiddleware",
    "ToolCallRequest",
    "ToolErrorMiddleware",
    "ToolRetryMiddleware",
    "TriggerClause",
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
    ".human_in_the_loop": (
        "HumanInTheLoopMiddleware",
        "InterruptOnConfig",
    ),
    ".model_call_limit": ("ModelCallLimitMiddleware",),
    ".tool_call_limit": ("ToolCallLimitMiddleware",),
    ".model_fallback": ("ModelFallbackMiddleware",),
    ".tool_retry": ("ToolRetryMiddleware",),
    ".model_retry": ("ModelRetryMiddleware",),
    ".tool_error": ("ToolErrorMiddleware",),
    ".model_refusal": ("ModelRefusalMiddleware",),
    ".todo": ("TodoListMiddleware",),
    ".context_editing": (
        "ClearToolUsesEdit",
        "ContextEditingMiddleware",
    ),
    ".pii": ("PIIMiddleware",),
    ".pii_kinds": (
        "PIIDetectionError",
        "PIIMatch",
    ),
    ".summarization": (
        "SummarizationMiddleware",
        "TriggerClause",
    ),
    ".tool_selection": ("LLMToolSelectorMiddleware",),
    ".tool_emulator": ("LLMToolEmulator",),
    ".provider_tool_search": ("ProviderToolSearchMiddleware",),
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
