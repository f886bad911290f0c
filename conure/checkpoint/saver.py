"""What an agent asks of the place where its runs are kept: put, get and list plain JSON.

After each step the loop puts a `Checkpoint`: the state, and what runs next. What happens within a
step is added to it as writes, each under a key of its own: the answer of a tool as soon as it has
finished, a question to the caller, its answer. So a run that was killed goes on where it was.
A saver knows nothing of messages or agents. Ids sort by the time they were made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypedDict, runtime_checkable

__all__ = ["AsyncCheckpointer", "Checkpoint", "Checkpointer", "Saved", "made_at"]


class Checkpoint(TypedDict):
    """A run between two steps."""

    id: str
    parent_id: str | None
    values: dict[str, Any]
    """the state by its keys, as JSON values"""
    next: str | None
    """the node that runs next; None once the run is over"""
    step: int
    """how many steps the thread has taken, from -1 for its first input"""
    source: str
    """what made it: "input", "loop" or "update" """
    metadata: dict[str, Any]
    """of the run's config"""


class Saved(NamedTuple):
    """A checkpoint, and what was written to it since."""

    checkpoint: Checkpoint
    writes: dict[str, Any]


@runtime_checkable
class Checkpointer(Protocol):
    """Where runs are kept, by thread.

    All methods may be called from any thread. A saver that is best awaited has the same methods
    with an `a` before their names as well; without them, async agents call these beside the
    event loop, or in place where `blocks` is False.
    """

    blocks: bool

    def put(self, thread_id: str, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint; one of the same id is replaced and its writes stay."""
        ...

    def put_write(self, thread_id: str, checkpoint_id: str, key: str, value: Any) -> None:
        """Add a JSON value to a checkpoint; one of the same key is replaced."""
        ...

    def get(self, thread_id: str, checkpoint_id: str | None = None) -> Saved | None:
        """Give a checkpoint of a thread, the latest unless told otherwise; None without one."""
        ...

    def list(
        self, thread_id: str, *, before: str | None = None, limit: int | None = None
    ) -> Iterable[Saved]:
        """Give the checkpoints of a thread, the latest first; those before an id, if given."""
        ...

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and whatever is nested in it (`thread_id` and a `|` in front)."""
        ...


class AsyncCheckpointer(Protocol):
    """The same, awaited."""

    async def aput(self, thread_id: str, checkpoint: Checkpoint) -> None: ...

    async def aput_write(
        self, thread_id: str, checkpoint_id: str, key: str, value: Any
    ) -> None: ...

    async def aget(self, thread_id: str, checkpoint_id: str | None = None) -> Saved | None: ...

    async def alist(
        self, thread_id: str, *, before: str | None = None, limit: int | None = None
    ) -> Iterable[Saved]: ...

    async def adelete_thread(self, thread_id: str) -> None: ...


def made_at(id: str) -> str:
    """Read the time that a checkpoint's id tells.

    >>> made_at("019ac5b8-4c00-7000-8000-000000000000")
    '2025-11-27T14:29:40.992000+00:00'
    """
    from datetime import UTC, datetime
    from uuid import UUID

    return datetime.fromtimestamp((UUID(id).int >> 80) / 1000, UTC).isoformat()
