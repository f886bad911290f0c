"""Runs kept in an SQLite file: for one machine, and processes that may be killed at any moment.

What `put` or `put_write` has answered is on the disk. Several threads and processes may share a
file: one writes at a time, the others wait. Everything is JSON text, to be read by any tool.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Self

import msgspec

from .saver import Checkpoint, Saved

__all__ = ["SqliteSaver"]

TABLES = """
CREATE TABLE IF NOT EXISTS checkpoints (
    thread_id TEXT NOT NULL, id TEXT NOT NULL, checkpoint TEXT NOT NULL,
    PRIMARY KEY (thread_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS writes (
    thread_id TEXT NOT NULL, checkpoint_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_id, key)
) WITHOUT ROWID;
"""
# How long a process waits, in seconds, while another one writes.
PATIENCE = 30.0


class SqliteSaver:
    """Keep the runs of agents in an SQLite file, made where there is none; ":memory:" is no file.

    >>> with SqliteSaver(":memory:") as saver:
    ...     saver.get("thread-1") is None
    True
    """

    blocks = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._open()

    @classmethod
    @contextmanager
    def from_conn_string(cls, conn_string: str) -> Generator[Self, None, None]:
        """Open a file for the time of a `with` block."""
        with cls(conn_string) as saver:
            yield saver

    def put(self, thread_id: str, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint."""
        self._write(
            "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)",
            (thread_id, checkpoint["id"], _text(checkpoint)),
        )

    def put_write(self, thread_id: str, checkpoint_id: str, key: str, value: Any) -> None:
        """Add a value to a checkpoint."""
        self._write(
            "INSERT OR REPLACE INTO writes VALUES (?, ?, ?, ?)",
            (thread_id, checkpoint_id, key, _text(value)),
        )

    def get(self, thread_id: str, checkpoint_id: str | None = None) -> Saved | None:
        """Give a checkpoint, the latest unless told otherwise."""
        if checkpoint_id is None:
            return next(iter(self.list(thread_id, limit=1)), None)
        with self._lock, self._open() as connection:
            rows = connection.execute(
                "SELECT id, checkpoint FROM checkpoints WHERE thread_id = ? AND id = ?",
                (thread_id, checkpoint_id),
            )
            return next(iter(_saved(connection, thread_id, rows.fetchall())), None)

    def list(
        self, thread_id: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Saved]:
        """Give the checkpoints of a thread, the latest first."""
        with self._lock, self._open() as connection:
            rows = connection.execute(
                "SELECT id, checkpoint FROM checkpoints WHERE thread_id = ?1 "
                "AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
                (thread_id, before, -1 if limit is None else limit),
            )
            return _saved(connection, thread_id, rows.fetchall())

    def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and what is nested in it."""
        nested = f"{thread_id}|"
        with self._lock, self._open() as connection:
            for table in ("checkpoints", "writes"):
                connection.execute(
                    f"DELETE FROM {table} WHERE thread_id = ?1 "  # noqa: S608 - one of two names
                    "OR substr(thread_id, 1, length(?2)) = ?2",
                    (thread_id, nested),
                )

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        """Give this process's connection; a child of a fork may not use its parent's."""
        with self._lock:
            if self._connection is None or self._process != os.getpid():
                if self._path != ":memory:":
                    Path(self._path).parent.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(self._path, timeout=PATIENCE, check_same_thread=False)
                with suppress(sqlite3.OperationalError):
                    # Locked where another process is making the file so at this moment: the mode
                    # is the file's, and need be set once.
                    connection.execute("PRAGMA journal_mode = WAL")
                # What is told to be kept is on the disk, even if the machine loses its power.
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(TABLES)
                self._connection, self._process = connection, os.getpid()
            return self._connection

    def _write(self, statement: str, values: tuple[str, ...]) -> None:
        with self._lock, self._open() as connection:
            connection.execute(statement, values)


def _saved(
    connection: sqlite3.Connection, thread_id: str, rows: list[tuple[str, str]]
) -> list[Saved]:
    """Read checkpoints, each with what was written to it."""
    statement = (
        "SELECT key, value FROM writes WHERE thread_id = ? AND checkpoint_id = ? ORDER BY key"
    )
    return [
        Saved(
            msgspec.json.decode(checkpoint),
            {
                key: msgspec.json.decode(value)
                for key, value in connection.execute(statement, (thread_id, id))
            },
        )
        for id, checkpoint in rows
    ]


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
