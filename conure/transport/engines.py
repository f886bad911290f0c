"""llama.cpp in this process: one engine for each model file and its options, whoever asks.

Rule 1: an engine is loaded by the first request that needs it, shared by models, threads and
        event loops, and freed by `free`, once no request uses it, or at exit.
Rule 2: replies are written in threads of its own, as many as it writes at once; whoever waits
        for a turn waits here, and whoever left is skipped, or noticed at the next token.
Rule 3: what another process loaded before a fork is left alone: the child loads its own.

https://github.com/xorbitsai/xllamacpp
"""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from pathlib import Path
from threading import Lock, Thread, main_thread
from typing import Any, Protocol

from .loading import EngineOptions, load

__all__ = ["Engine", "Job", "engine_of", "free"]


class Job(Protocol):
    """One reply to be written, and who waits for it."""

    body: bytes
    left: bool
    """whether nobody waits any more"""

    def take(self, data: bytes) -> None:
        """Take one event of the reply, or the error that there is instead."""
        ...

    def end(self, error: Exception | None) -> None:
        """Take that nothing more comes; `error` says why, if it is not the reply's end."""
        ...


class Engine:
    """A model in memory, or on its way there."""

    def __init__(self, file: str, options: EngineOptions) -> None:
        self.file = file
        self.options = options
        self._waiting: deque[Job] = deque()
        self._writers = 0
        self._server: Any = None
        self._loading = Lock()
        self._lock = Lock()
        self._freed = False

    def write(self, job: Job) -> None:
        """Have a reply written, as soon as it is its turn."""
        with self._lock:
            self._waiting.append(job)
            if self._writers == self.options.n_parallel:
                return
            self._writers += 1
        Thread(target=self._work, name="conure-llama").start()

    def abandon(self) -> None:
        """Forget a model whose threads did not come along in a fork; no lock is safe to take."""
        _keep_for_ever(self._taken())

    def free(self) -> None:
        """Let the model go, now or when the last reply is written."""
        with self._lock:
            self._freed = True
            server = None if self._writers else self._taken()
        _let_go(server)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            error: Exception | None = None
            try:
                self._loaded().handle_chat_completions(job.body, _listener(job))
            except Exception as failure:  # noqa: BLE001 - it belongs to whoever waits
                error = failure
            job.end(error)
            del job

    def _next(self) -> Job | None:
        with self._lock:
            while self._waiting:
                job = self._waiting.popleft()
                if not job.left:
                    return job
            self._writers -= 1
            server = self._taken() if self._freed and not self._writers else None
        _let_go(server)
        return None

    def _taken(self) -> Any:
        server, self._server = self._server, None
        return server

    def _loaded(self) -> Any:
        with self._loading:
            if self._server is None:
                self._server = load(self.file, self.options)
            return self._server


class _Shelf:
    """The engines of this process."""

    def __init__(self) -> None:
        self.engines: dict[tuple[str, int, str], Engine] = {}
        self.lock = Lock()
        self.is_child = False

    def forget_parents(self) -> None:
        for engine in self.engines.values():
            engine.abandon()
        if "xllamacpp" in sys.modules:
            _exit_at_once()
        self.engines, self.lock, self.is_child = {}, Lock(), True


_SHELF = _Shelf()


def engine_of(file: str, options: EngineOptions) -> Engine:
    """Give the engine of a file as it is now, loaded or not."""
    path = os.path.realpath(file)
    try:
        written = Path(path).stat().st_mtime_ns
    except OSError:
        written = 0  # loading it says why not
    # By how they look: what is in `params` need not be hashable.
    key = (path, written, repr(options))
    with _SHELF.lock:
        return _SHELF.engines.setdefault(key, Engine(file, options))


def free(file: str | None = None, options: EngineOptions | None = None) -> None:
    """Free the engines of a file and options; None means: of any."""
    path = None if file is None else os.path.realpath(file)
    shown = None if options is None else repr(options)
    with _SHELF.lock:
        every = _SHELF.engines
        keys = [key for key in every if path in {None, key[0]} and shown in {None, key[2]}]
        engines = [every.pop(key) for key in keys]
    for engine in engines:
        engine.free()


# Events that only tell how far reading the prompt is: moments at which a cancel is noticed.
PROGRESS = b'"prompt_progress":{'


def _listener(job: Job) -> Any:
    main = main_thread()

    def listen(data: bytes) -> bool:
        """Pass an event on; True stops the writing. Nothing may be raised here."""
        if job.left or not main.is_alive():
            return True
        if PROGRESS not in data:
            job.take(data)
        return False

    return listen


def _let_go(server: Any) -> None:
    """Free a server, by forgetting it; in a forked process that would never end."""
    if _SHELF.is_child:
        _keep_for_ever(server)


def _exit_at_once() -> None:
    """Let C's part of the exit be skipped: llama.cpp's would wait for threads left at the fork."""
    import ctypes

    libc = ctypes.CDLL(None)
    if hasattr(libc, "on_exit"):
        libc.on_exit(libc._exit, None)  # noqa: SLF001 - its name in C


def _keep_for_ever(server: Any) -> None:
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(server))


atexit.register(free)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SHELF.forget_parents)
