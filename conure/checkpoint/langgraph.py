"""LangGraph's checkpointers as a place for runs: what people keep theirs in already.

Any of its savers will do, in memory or for SQLite, Postgres and Redis: it is called by the
methods that they share, so nothing of LangGraph is imported here. A checkpoint is kept whole
in one channel, as plain JSON values. Threads that LangGraph's own graphs wrote are not read.

https://langchain-ai.github.io/langgraph/reference/checkpoints/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import time_ns
from typing import Any, Protocol

from ..errors import ConfigurationError
from .saver import Checkpoint, Checkpointer, Saved, made_at

__all__ = ["LangGraphCheckpointer", "LangGraphSaver", "checkpointer_of"]

CHANNEL = "conure"
METHODS = ("delete_thread", "get_tuple", "list", "put", "put_writes")


class LangGraphCheckpointer(Protocol):
    """A checkpointer of LangGraph, as far as a type checker need know it."""

    def get_tuple(self, config: Any) -> Any: ...


class LangGraphSaver:
    """Keep the runs of an agent with a checkpointer of LangGraph."""

    blocks = True

    def __init__(self, saver: Any) -> None:
        if missing := [name for name in METHODS if not callable(getattr(saver, name, None))]:
            raise ConfigurationError(
                f"{type(saver).__name__} is no checkpointer of LangGraph: it has no {missing[0]}"
            )
        self.saver = saver
        self._latest = 0

    def put(self, thread_id: str, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        id = checkpoint["id"]
        # A version is written once: each checkpoint is one of its own.
        versions = {CHANNEL: id}
        kept = {
            "v": 1,
            "id": id,
            "ts": made_at(id),
            "channel_values": {CHANNEL: checkpoint},
            "channel_versions": versions,
            "versions_seen": {},
            "updated_channels": [CHANNEL],
        }
        about = {"source": checkpoint["source"], "step": checkpoint["step"]}
        config = _config(thread_id, checkpoint["parent_id"])
        self.saver.put(config, kept, {**about, "parents": {}}, versions)

    def put_write(self, thread_id: str, checkpoint_id: str, key: str, value: Any) -> None:
        """Add a value to a checkpoint: the latest of a key counts."""
        # What a task wrote stays as it was: each write is a task, whose id says when it came.
        self._latest = max(time_ns(), self._latest + 1)
        config = _config(thread_id, checkpoint_id)
        self.saver.put_writes(config, [(key, value)], f"{self._latest:020d}")

    def get(self, thread_id: str, checkpoint_id: str | None = None) -> Saved | None:
        """Give a checkpoint, the latest unless told otherwise."""
        found = self.saver.get_tuple(_config(thread_id, checkpoint_id))
        return None if found is None else _saved(found)

    def list(
        self, thread_id: str, *, before: str | None = None, limit: int | None = None
    ) -> Iterator[Saved]:
        """Give the checkpoints of a thread, the latest first."""
        earlier = None if before is None else _config(thread_id, before)
        return map(_saved, self.saver.list(_config(thread_id), before=earlier, limit=limit))

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and what is nested in it."""
        self.saver.delete_thread(thread_id)


def checkpointer_of(given: Any) -> Checkpointer | None:
    """Give a checkpointer of ours for what a user gave as one."""
    if given is None or isinstance(given, Checkpointer):
        return given
    if hasattr(given, "get_tuple"):
        return LangGraphSaver(given)
    raise ConfigurationError(
        f"checkpointer={given!r}: give InMemorySaver() or SqliteSaver(path) of conure.checkpoint, "
        "a checkpointer of LangGraph, or an object with the methods of Checkpointer"
    )


def _config(thread_id: str, checkpoint_id: str | None = None) -> dict[str, Any]:
    thread, _, within = thread_id.partition("|")
    names = {"thread_id": thread, "checkpoint_ns": within}
    if checkpoint_id is not None:
        names["checkpoint_id"] = checkpoint_id
    return {"configurable": names}


def _saved(found: Any) -> Saved:
    values: Mapping[str, Any] = found.checkpoint["channel_values"]
    if CHANNEL not in values:
        raise ConfigurationError(
            f"thread {found.config['configurable']['thread_id']!r} was written by a graph of "
            "LangGraph: give this agent's runs thread_ids of their own"
        )
    writes: list[tuple[str, str, Any]] = list(found.pending_writes or ())
    written = sorted(writes, key=lambda write: write[0])
    return Saved(values[CHANNEL], {key: value for _, key, value in written})
