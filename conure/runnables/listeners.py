"""Functions told of the runs of one runnable: what `with_listeners` makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .config import RunnableConfig, ensure_config

__all__ = ["RunRecord", "listening"]


class RunRecord:
    """What is known of a run: at its start the inputs, at its end outputs or error as well."""

    def __init__(self, inputs: Any, facts: dict[str, Any]) -> None:
        self.id = facts["run_id"]
        self.parent_run_id = facts["parent_run_id"]
        self.name = facts.get("name")
        self.tags: list[str] = facts["tags"]
        self.metadata: dict[str, Any] = facts.get("metadata", {})
        self.inputs = inputs
        self.outputs: Any = None
        self.error: BaseException | None = None

    def __repr__(self) -> str:
        return f"RunRecord(name={self.name!r}, id={self.id!r})"


Listener = Callable[..., Any] | None


def listening(
    on_start: Listener, on_end: Listener, on_error: Listener
) -> Callable[[RunnableConfig | None], RunnableConfig]:
    """Make a config layer that listens to one run: a fresh handler for every call."""

    def layer(config: RunnableConfig | None) -> RunnableConfig:
        return {"callbacks": [_RootListener(on_start, on_end, on_error, config)]}

    return layer


class _RootListener:
    """Hears the first run to start and no other."""

    run_inline = True
    raise_error = True

    def __init__(
        self,
        on_start: Listener,
        on_end: Listener,
        on_error: Listener,
        config: RunnableConfig | None,
    ) -> None:
        self.config = config
        self.on_start = on_start
        self.on_end = on_end
        self.on_error = on_error
        self.record: RunRecord | None = None

    def _begin(self, serialized: Any, inputs: Any, **facts: Any) -> Any:
        del serialized
        if self.record is None:
            self.record = RunRecord(inputs, facts)
            return self._hear(self.on_start, self.record)
        return None

    def _end(self, outputs: Any, **facts: Any) -> Any:
        if self.record is not None and self.record.id == facts["run_id"]:
            self.record.outputs = outputs
            return self._hear(self.on_end, self.record)
        return None

    def _fail(self, error: BaseException, **facts: Any) -> Any:
        if self.record is not None and self.record.id == facts["run_id"]:
            self.record.error = error
            return self._hear(self.on_error, self.record)
        return None

    def _hear(self, listener: Listener, record: RunRecord) -> Any:
        if listener is None:
            return None
        from inspect import signature

        if len(signature(listener).parameters) > 1:
            return listener(record, ensure_config(self.config))
        return listener(record)

    on_chain_start = on_chat_model_start = on_llm_start = on_tool_start = _begin
    on_chain_end = on_llm_end = on_tool_end = _end
    on_chain_error = on_llm_error = on_tool_error = _fail
