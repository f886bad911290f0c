"""Runs kept in this process: for tests, notebooks and conversations that may be forgotten.

Everything is kept as JSON text, so that what passes here passes a database as well.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import msgspec

from .saver import Checkpoint, Saved

__all__ = ["InMemorySaver"]


class InMemorySaver:
    """Keep the runs of an agent in memory.

    >>> saver = InMemorySaver()
    >>> saver.get("thread-1") is None
    True
    """

    blocks = False

    def __init__(self) -> None:
        self._threads: dict[str, dict[str, tuple[bytes, dict[str, bytes]]]] = {}
        self._lock = Lock()

    def put(self, thread_id: str, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        text = msgspec.json.encode(checkpoint)
        with self._lock:
            thread = self._threads.setdefault(thread_id, {})
            _, writes = thread.get(checkpoint["id"], (b"", {}))
            thread[checkpoint["id"]] = (text, writes)

    def put_write(self, thread_id: str, checkpoint_id: str, key: str, value: Any) -> None:
        """Add a value to a checkpoint."""
        text = msgspec.json.encode(value)
        with self._lock:
            self._threads[thread_id][checkpoint_id][1][key] = text

    def get(self, thread_id: str, checkpoint_id: str | None = None) -> Saved | None:
        """Give a checkpoint, the latest unless told otherwise."""
        with self._lock:
            thread = self._threads.get(thread_id)
            if not thread:
                return None
            kept = thread.get(max(thread) if checkpoint_id is None else checkpoint_id)
            return None if kept is None else _read(kept)

    def list(
        self, thread_id: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Saved]:
        """Give the checkpoints of a thread, the latest first."""
        with self._lock:
            thread = self._threads.get(thread_id, {})
            ids = sorted((id for id in thread if before is None or id < before), reverse=True)
            return [_read(thread[id]) for id in ids[:limit]]

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and what is nested in it."""
        with self._lock:
            for name in [*self._threads]:
                if name == thread_id or name.startswith(f"{thread_id}|"):
                    del self._threads[name]


def _read(kept: tuple[bytes, dict[str, bytes]]) -> Saved:
    text, writes = kept
    checkpoint = msgspec.json.decode(text)
    return Saved(checkpoint, {key: msgspec.json.decode(value) for key, value in writes.items()})
