"""Where a thread stands, seen and changed from outside a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..checkpoint import Saved
from ..checkpoint.saver import made_at
from ..runnables.config import RunnableConfig
from ..runnables.steps import Story
from ..runnables.told import Scope
from ..runtime import Runtime
from ..types import StateSnapshot
from .begin import going
from .loop import Program
from .running import Kept, Running, questions_in

__all__ = ["Thread"]


class Thread:
    """One conversation of an agent."""

    def __init__(self, program: Program, kept: Kept, config: RunnableConfig | None) -> None:
        self._program = program
        self._kept = kept
        self._configurable: Mapping[str, Any] = (config or {}).get("configurable", {})

    def snapshot(self) -> Story[StateSnapshot]:
        """See where it stands, or stood at the checkpoint that the config names."""
        saved = yield from self._kept.get(self._configurable.get("checkpoint_id"))
        if saved is None:
            config = {"configurable": dict(self._configurable)}
            return StateSnapshot({}, (), config, {}, None, None, (), ())
        return self._seen(saved)

    def history(self, limit: int | None) -> Story[list[StateSnapshot]]:
        """See where it has stood, the latest first."""
        found = yield from self._kept.list(None, limit)
        return [self._seen(saved) for saved in found]

    def update(
        self, values: Mapping[str, Any] | None, as_node: str | None
    ) -> Story[RunnableConfig]:
        """Change its state, as if a step had."""
        program, scope = self._program, Scope(None, None)
        run = Running({}, scope, Runtime(), outlet=None, kept=self._kept, limit=1, is_async=False)
        saved = yield from self._kept.get(self._configurable.get("checkpoint_id"))
        if saved is not None:
            run.take_up(saved)
        writes = run.writes
        if as_node is not None and as_node not in program.nodes:
            going(program, as_node)
        if values:
            run.state = program.keys.merged(run.state, values, "update_state")
        if as_node is not None:
            run.next = program.after(as_node, run.state.get("messages", ()), run.state)
            writes = {}
        run.step += 1
        yield from run.keep("update")
        for key, value in writes.items():
            yield from run.write(key, value)
        return {"configurable": {**self._configurable, "checkpoint_id": run.checkpoint_id}}

    def _seen(self, saved: Saved) -> StateSnapshot:
        checkpoint = saved.checkpoint
        parent = checkpoint["parent_id"]
        waiting = [one for asked in questions_in(saved.writes).values() for one in asked]
        values = self._kept.writer.read(checkpoint["values"])
        about = {"source": checkpoint["source"], "step": checkpoint["step"]}
        return StateSnapshot(
            values=self._program.keys.shown(values),
            next=() if checkpoint["next"] is None else (checkpoint["next"],),
            config=self._named(checkpoint["id"]),
            metadata={**about, **checkpoint["metadata"]},
            created_at=made_at(checkpoint["id"]),
            parent_config=None if parent is None else self._named(parent),
            tasks=(),
            interrupts=tuple(waiting),
        )

    def _named(self, id: str) -> dict[str, Any]:
        return {"configurable": {**self._configurable, "checkpoint_id": id}}
