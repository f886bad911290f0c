"""Parameters that the model never sees: who supplies them, and how a tool asks for them.

A marker stands in `Annotated[T, marker]`; the config of the run and the runtime of an agent are
asked for by their types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

from ..runnables import RunnableConfig
from ..schema.records import ABSENT

__all__ = [
    "InjectedState",
    "InjectedStore",
    "InjectedToolArg",
    "InjectedToolCallId",
    "ToolRuntime",
    "fields_marked",
    "supplier_of",
]

ContextT = TypeVar("ContextT")
StateT = TypeVar("StateT")


class InjectedToolArg:
    """Mark a parameter that the program supplies, in the arguments of the call."""


class InjectedToolCallId(InjectedToolArg):
    """Mark the parameter that is given the id of the tool call."""


class InjectedState(InjectedToolArg):
    """Mark a parameter that is given the state of an agent, or one field of it."""

    def __init__(self, field: str | None = None) -> None:
        self.field = field


class InjectedStore(InjectedToolArg):
    """Mark a parameter that is given the store of an agent."""


class ToolRuntime(Generic[ContextT, StateT]):
    """What surrounds a tool while it runs; outside an agent, with nothing in it.

    Ask for it with a parameter annotated `ToolRuntime`.
    """

    def __init__(
        self,
        *,
        state: Any = None,
        context: Any = None,
        config: RunnableConfig | None = None,
        store: Any = None,
        stream_writer: Callable[[Any], None] | None = None,
        output_writer: Callable[[Any], None] | None = None,
        tool_call_id: str | None = None,
        tools: Sequence[Any] = (),
        execution_info: Any = None,
        server_info: Any = None,
    ) -> None:
        self.state: StateT = cast("Any", {} if state is None else state)
        self.context: ContextT = context
        self.config: RunnableConfig = config or {}
        self.store = store
        self.stream_writer: Callable[[Any], None] = stream_writer or _write_nowhere
        self._output_writer = output_writer or self.stream_writer
        self.tool_call_id = tool_call_id
        self.tools = tools
        self.execution_info = execution_info
        self.server_info = server_info

    def emit_output_delta(self, delta: Any) -> None:
        """Hand a piece of the tool's output to whoever streams the agent."""
        self._output_writer(delta)


def _write_nowhere(_: Any) -> None:
    """Outside an agent nobody listens."""


def supplier_of(name: str, annotation: Any) -> Any:
    """Say who supplies a parameter: a marker, a word for what the run knows, None for the model.

    Only the type makes `config` the config of the run: a model may well be asked for something
    of that name.
    """
    base = annotation
    if hasattr(annotation, "__metadata__"):
        for item in annotation.__metadata__:
            if isinstance(item, InjectedToolArg):
                return item
            if isinstance(item, type) and issubclass(item, InjectedToolArg):
                return item()
        base = annotation.__origin__
    kinds = (base, get_origin(base), *get_args(base))
    if RunnableConfig in kinds:
        return "config"
    if ToolRuntime in kinds or any(get_origin(kind) is ToolRuntime for kind in kinds):
        return "runtime"
    if name in ("run_manager", "callbacks") and (
        annotation is ABSENT or "Callback" in str(annotation)
    ):
        return "callbacks"
    return None


def fields_marked(annotations: Mapping[str, Any]) -> dict[str, Any]:
    """Find the fields of a class of arguments that the model does not supply."""
    found = {name: supplier_of(name, annotation) for name, annotation in annotations.items()}
    return {name: supplier for name, supplier in found.items() if supplier is not None}
