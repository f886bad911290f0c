"""What surrounds the code that an agent runs: context, store, stream; and which task it is in.

`CURRENT` is set while a tool or a hook runs, so that `get_runtime()`, `get_stream_writer()` and
`conure.types.interrupt()` find their run without being handed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct, structs

from .errors import ConfigurationError

__all__ = ["CURRENT", "Moment", "Runtime", "get_runtime", "get_store", "get_stream_writer"]

ContextT = TypeVar("ContextT")


def _write_nowhere(_: Any) -> None:
    """Where nobody streams, nobody listens."""


class Runtime(Struct, Generic[ContextT], frozen=True, kw_only=True):
    """What surrounds one run of an agent: hooks are given it, tools have a `ToolRuntime`."""

    context: ContextT = cast("Any", None)
    """what the run was given as `context=`"""
    store: Any = None
    stream_writer: Callable[[Any], None] = _write_nowhere
    """hands its argument to whoever streams the agent with mode "custom" """
    config: Mapping[str, Any] = {}
    previous: Any = None

    def override(self, **fields: Any) -> Runtime[ContextT]:
        """Give a runtime like this one, with some fields replaced."""
        return structs.replace(self, **fields)


class Moment:
    """One task of a run: what it may look at, and the answers to what it asked before."""

    __slots__ = ("_asked", "answers", "resumable", "runtime", "task")

    def __init__(
        self, runtime: Runtime[Any], task: str, answers: Sequence[Any], *, resumable: bool
    ) -> None:
        self.runtime = runtime
        self.task = task
        self.answers = answers
        self.resumable = resumable
        self._asked = 0

    def take(self) -> int:
        """Count one more question; answer its number."""
        number = self._asked
        self._asked += 1
        return number


CURRENT: ContextVar[Moment | None] = ContextVar("conure_moment", default=None)


def get_runtime(context_schema: type[ContextT] | None = None) -> Runtime[ContextT]:
    """Give the runtime of the run that this tool or hook belongs to.

    `context_schema` is for the type checker.
    """
    del context_schema
    moment = CURRENT.get()
    if moment is None:
        raise ConfigurationError(
            "there is no run here: get_runtime() works in the tools and hooks of an agent"
        )
    return moment.runtime


def get_stream_writer() -> Callable[[Any], None]:
    """Give the function that hands something to whoever streams the agent with "custom"."""
    moment = CURRENT.get()
    return _write_nowhere if moment is None else moment.runtime.stream_writer


def get_store() -> Any:
    """Give the store that the agent was made with."""
    return get_runtime().store
