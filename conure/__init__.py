"""One interface to every chat model.

The most used names stand here and are loaded when they are first used; the rest live in
`conure.messages`, `conure.chat_models`, `conure.openai` and the other rooms.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .callbacks import UsageMetadataCallbackHandler, get_usage_metadata_callback
    from .chat_models import ChatModel, init_chat_model
    from .errors import ConureError, ModelError
    from .messages import (
        AIMessage,
        AIMessageChunk,
        HumanMessage,
        SystemMessage,
        ToolMessage,
    )
    from .rate_limiters import InMemoryRateLimiter

__version__ = "0.1.0.dev0"

__all__ = [
    "AIMessage",
    "AIMessageChunk",
    "ChatModel",
    "ConureError",
    "HumanMessage",
    "InMemoryRateLimiter",
    "ModelError",
    "SystemMessage",
    "ToolMessage",
    "UsageMetadataCallbackHandler",
    "get_usage_metadata_callback",
    "init_chat_model",
]

ROOMS = {
    "AIMessage": "messages",
    "AIMessageChunk": "messages",
    "ChatModel": "chat_models",
    "ConureError": "errors",
    "HumanMessage": "messages",
    "InMemoryRateLimiter": "rate_limiters",
    "ModelError": "errors",
    "SystemMessage": "messages",
    "ToolMessage": "messages",
    "UsageMetadataCallbackHandler": "callbacks",
    "get_usage_metadata_callback": "callbacks",
    "init_chat_model": "chat_models",
}


def __getattr__(name: str) -> Any:
    if room := ROOMS.get(name):
        return getattr(import_module(f".{room}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
