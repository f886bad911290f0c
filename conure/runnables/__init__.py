"""Composition: how things that can be called are joined, labelled, repeated and watched.

Knows no models. Names are resolved on first use, so that importing one costs only that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Runnable
    from .binding import RunnableBinding
    from .choice import ConfigurableField
    from .config import RunnableConfig, ensure_config, get_config_list, merge_configs, patch_config
    from .events import aevents_of, events_of
    from .fallbacks import RunnableWithFallbacks
    from .function import RunnableGenerator, RunnableLambda
    from .listeners import RunRecord, listening
    from .parallel import RunnableEach, RunnableParallel
    from .passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
    from .pieces import AddableDict
    from .retry import RunnableRetry
    from .sequence import RunnableSequence
    from .stream_event import StreamEvent

__all__ = [
    "AddableDict",
    "ConfigurableField",
    "RunRecord",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableConfig",
    "RunnableEach",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableRetry",
    "RunnableSequence",
    "RunnableWithFallbacks",
    "StreamEvent",
    "aevents_of",
    "ensure_config",
    "events_of",
    "get_config_list",
    "listening",
    "merge_configs",
    "patch_config",
]

HOMES = {
    "AddableDict": "pieces",
    "ConfigurableField": "choice",
    "RunRecord": "listeners",
    "Runnable": "base",
    "RunnableAssign": "passthrough",
    "RunnableBinding": "binding",
    "RunnableConfig": "config",
    "RunnableEach": "parallel",
    "RunnableGenerator": "function",
    "RunnableLambda": "function",
    "RunnableParallel": "parallel",
    "RunnablePassthrough": "passthrough",
    "RunnablePick": "passthrough",
    "RunnableRetry": "retry",
    "RunnableSequence": "sequence",
    "RunnableWithFallbacks": "fallbacks",
    "StreamEvent": "stream_event",
    "aevents_of": "events",
    "ensure_config": "config",
    "events_of": "events",
    "get_config_list": "config",
    "listening": "listeners",
    "merge_configs": "config",
    "patch_config": "config",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        from importlib import import_module

        return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
