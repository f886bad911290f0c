"""One run of an agent: where it stands, who listens, where it is kept.

Between two steps everything a run knows is here, and most of it in the checkpoint: the state, the
step that is next, and what was written since. A step that is done again after a crash finds there
which of its tasks had finished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from ..checkpoint import Checkpoint, Checkpointer, Saved
from ..errors import ConfigurationError, GraphRecursionError
from ..runnables.config import RunnableConfig
from ..runnables.run import open_run, uuid7
from ..runnables.steps import Call, Story
from ..runnables.told import Scope
from ..runtime import CURRENT, Moment, Runtime
from ..types import Interrupt, Interrupted
from .outlet import Outlet
from .written import Writer

__all__ = ["Kept", "Running", "questions_in"]


class Kept:
    """The place where the runs of a thread are kept."""

    def __init__(self, saver: Checkpointer, thread_id: str, writer: Writer) -> None:
        self.saver = saver
        self.thread_id = thread_id
        self.writer = writer

    def get(self, checkpoint_id: str | None) -> Story[Saved | None]:
        return (yield self._call("get", self.thread_id, checkpoint_id))

    def put(self, checkpoint: Checkpoint) -> Story[None]:
        yield self._call("put", self.thread_id, checkpoint)

    def write(self, checkpoint_id: str, key: str, value: Any) -> Story[None]:
        yield self._call("put_write", self.thread_id, checkpoint_id, key, value)

    def list(self, before: str | None, limit: int | None) -> Story[list[Saved]]:
        found = yield self._call("list", self.thread_id, before=before, limit=limit)
        return [*found]

    def _call(self, method: str, *args: Any, **named: Any) -> Call:
        function: Callable[..., Any] = getattr(self.saver, method)
        afunction = getattr(self.saver, f"a{method}", None)
        return Call(
            partial(function, *args, **named),
            afunction=partial(afunction, *args, **named) if afunction else None,
            blocking=getattr(self.saver, "blocks", True),
        )


class Running:
    """See the module's docstring."""

    def __init__(
        self,
        state: dict[str, Any],
        scope: Scope,
        runtime: Runtime[Any],
        *,
        outlet: Outlet | None,
        kept: Kept | None,
        limit: int,
        is_async: bool,
    ) -> None:
        self.state = state
        self.scope = scope
        self.runtime = runtime
        self.outlet = outlet
        self.kept = kept
        self.limit = limit
        self.is_async = is_async
        self.next: str | None = None
        self.step = -1
        self.taken = 0
        self.checkpoint_id: str | None = None
        self.writes: dict[str, Any] = {}
        self.interrupts: tuple[Interrupt, ...] = ()
        self.metadata: dict[str, Any] = {}
        self.resumed = False
        """whether the run has only just gone on from where it had paused"""

    # -- what happens -----------------------------------------------------------------------

    def tell(self, mode: str, item: Any) -> None:
        """Hand an item to whoever streams the run."""
        if self.outlet is not None:
            self.outlet.tell(mode, item)

    def count(self) -> None:
        """Count one more step against the limit."""
        if self.taken >= self.limit:
            raise GraphRecursionError(
                f"the agent took {self.limit} steps without coming to an end: let it take more "
                'with config={"recursion_limit": ...}, or find out why it goes in circles'
            )
        self.taken += 1
        self.step += 1

    def facts(self, node: str, name: str | None) -> dict[str, Any]:
        """Say where in the run something happens."""
        facts: dict[str, Any] = {
            "langgraph_step": self.step + 1,
            "langgraph_node": node,
            "langgraph_triggers": (f"branch:to:{node}",),
            "langgraph_path": ("__pregel_pull", node),
            "langgraph_checkpoint_ns": node,
            "checkpoint_ns": node,
        }
        return facts if name is None else {**facts, "lc_agent_name": name}

    def node_scope(self, node: str, name: str | None) -> Scope:
        """Give the place where a step is told: a run of its own, where somebody listens."""
        config = self.scope.child()
        if self.scope.run is None:
            return Scope(config, None)
        facts = self.facts(node, name)
        metadata = {**(config or {}).get("metadata", {}), **facts}
        labelled: RunnableConfig = {**(config or {}), "metadata": metadata}
        return Scope(labelled, open_run(labelled, name=node, is_async=self.is_async))

    # -- tasks ------------------------------------------------------------------------------

    def task(self, name: str, story: Callable[[], Story[Any]]) -> Story[Any]:
        """Tell the story of a task; within it, `interrupt()` knows what was answered before."""
        before = CURRENT.get()
        answers: Sequence[Any] = self.writes.get(f"told:{name}", ())
        resumable = self.kept is not None
        CURRENT.set(
            Moment(self.runtime, f"{self.checkpoint_id}:{name}", answers, resumable=resumable)
        )
        try:
            return (yield from story())
        except Interrupted as asked:
            questions = [{"value": one.value, "id": one.id} for one in asked.interrupts]
            yield from self.write(f"asked:{name}", questions)
            raise
        finally:
            CURRENT.set(before)

    def finished(self, name: str) -> Any:
        """Give what a task came to before the run was broken off; None when it did not."""
        written = self.writes.get(f"answer:{name}")
        if written is None or self.kept is None:
            return None
        return self.kept.writer.read_answer(written)

    def finish(self, name: str, answer: Any) -> Story[None]:
        """Keep what a task came to, at once: it is not done again."""
        if self.kept is not None:
            yield from self.write(f"answer:{name}", self.kept.writer.write_answer(answer))

    def write(self, key: str, value: Any) -> Story[None]:
        """Keep something within the step."""
        if self.kept is not None and self.checkpoint_id is not None:
            self.writes[key] = value
            yield from self.kept.write(self.checkpoint_id, key, value)

    # -- between steps ----------------------------------------------------------------------

    def keep(self, source: str = "loop") -> Story[None]:
        """Keep where the run stands now."""
        if self.kept is None:
            return
        id = _later_than(self.checkpoint_id)
        checkpoint: Checkpoint = {
            "id": id,
            "parent_id": self.checkpoint_id,
            "values": self.kept.writer.write(self.state),
            "next": self.next,
            "step": self.step,
            "source": source,
            "metadata": self.metadata,
        }
        yield from self.kept.put(checkpoint)
        self.checkpoint_id = id
        self.writes = {}

    def take_up(self, saved: Saved) -> None:
        """Stand where a checkpoint says."""
        assert self.kept is not None
        checkpoint = saved.checkpoint
        self.state = self.kept.writer.read(checkpoint["values"])
        self.next = checkpoint["next"]
        self.step = checkpoint["step"]
        self.checkpoint_id = checkpoint["id"]
        self.writes = dict(saved.writes)
        self.resumed = True

    def answer(self, resume: Any) -> Story[None]:
        """Take the caller's answer to what the run waits for."""
        waiting = questions_in(self.writes)
        ids = {one.id: task for task, asked in waiting.items() for one in asked}
        if not ids:
            raise ConfigurationError(
                "Command(resume=...) answers an interrupt, and this thread waits for none"
            )
        given: dict[str, Any] = {}
        if isinstance(resume, Mapping):
            given.update(cast("Mapping[str, Any]", resume))
        if not given or not set(given) <= set(ids):
            if len(ids) > 1:
                raise ConfigurationError(
                    f"{len(ids)} interrupts wait: answer by id, "
                    f"Command(resume={{id: answer}}), with the ids {', '.join(ids)}"
                )
            given = {next(iter(ids)): resume}
        for id, value in given.items():
            task = ids[id]
            yield from self.write(f"told:{task}", [*self.writes.get(f"told:{task}", ()), value])
            yield from self.write(f"asked:{task}", None)


def questions_in(writes: Mapping[str, Any]) -> dict[str, list[Interrupt]]:
    """Find what is asked and not answered, by task."""
    return {
        key.removeprefix("asked:"): [Interrupt(one["value"], one["id"]) for one in asked]
        for key, asked in writes.items()
        if key.startswith("asked:") and asked
    }


def _later_than(parent: str | None) -> str:
    """Make an id that sorts behind the one before, whatever the clock says."""
    from uuid import UUID

    made = uuid7()
    if parent is not None and str(made) <= parent:
        made = UUID(int=UUID(parent).int + 1)
    return str(made)
