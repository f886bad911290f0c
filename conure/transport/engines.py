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
import mmap
import os
import sys
from collections import deque
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread, main_thread
from typing import Any, Protocol

from msgspec import Struct

from ..errors import ConfigurationError, ModelNotFoundError
from ..wire.gguf import Facts, NotGGUF, read_facts

__all__ = ["Engine", "EngineOptions", "Job", "context_of", "engine_of", "facts_of", "free"]

# What a model reads at once unless told otherwise: more costs memory for each conversation.
CONTEXT = 8192
SPLIT = "-00001-of-"


class EngineOptions(Struct, frozen=True, kw_only=True):
    """How a model is loaded. None leaves it to llama.cpp.

    `n_ctx` is how many tokens each of `n_parallel` conversations may have; `params` are further
    fields of llama.cpp's `common_params`, with dots where they lie deeper.
    """

    n_ctx: int | None = None
    n_parallel: int = 2
    n_gpu_layers: int | None = None
    n_threads: int | None = None
    # Also how many tokens of a prompt are read before a cancel is noticed.
    n_batch: int = 512
    mmproj: str | None = None
    chat_template: str | None = None
    verbose: bool = False
    params: tuple[tuple[str, Any], ...] = ()


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
                self._server = _load(self.file, self.options)
            return self._server


class _Shelf:
    """The engines of this process."""

    def __init__(self) -> None:
        self.engines: dict[tuple[str, int, EngineOptions], Engine] = {}
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
        key = (path, Path(path).stat().st_mtime_ns, options)
    except OSError:
        key = (path, 0, options)  # loading it says why not
    with _SHELF.lock:
        return _SHELF.engines.setdefault(key, Engine(file, options))


def free(file: str | None = None, options: EngineOptions | None = None) -> None:
    """Free the engines of a file and options; None means: of any."""
    path = None if file is None else os.path.realpath(file)
    with _SHELF.lock:
        every = _SHELF.engines
        keys = [key for key in every if path in {None, key[0]} and options in {None, key[2]}]
        engines = [every.pop(key) for key in keys]
    for engine in engines:
        engine.free()


def facts_of(file: str) -> Facts:
    """Read what a model file says about itself; raise `ConfigurationError` where it is none."""
    try:
        with Path(file).open("rb") as stream:
            if not os.fstat(stream.fileno()).st_size:
                raise ConfigurationError(f"{file} is no model: it is empty")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return read_facts(data)
    except NotGGUF as error:
        raise ConfigurationError(
            f"{file} is no model that llama.cpp reads (a .gguf file): {error}"
        ) from None
    except FileNotFoundError:
        raise ModelNotFoundError(f"there is no file {file} (from {Path.cwd()})") from None
    except OSError as error:
        raise ModelNotFoundError(f"{file} cannot be read: {error.strerror}") from None


def context_of(facts: Facts, options: EngineOptions) -> int:
    """Tell how many tokens a conversation may have."""
    return options.n_ctx or min(facts.context_length or CONTEXT, CONTEXT)


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


def _load(file: str, options: EngineOptions) -> Any:
    """Load a model; this takes from a moment to minutes."""
    facts = facts_of(file)
    binding = _binding()
    _read_through(file)
    try:
        return binding.Server(_params(binding, file, facts, options))
    except RuntimeError:
        see = "" if options.verbose else "; verbose=True shows what it said"
        raise ConfigurationError(
            f"llama.cpp could not load {file} (architecture {facts.architecture}, "
            f"{facts.size:,} bytes): there may be too little memory for n_ctx="
            f"{context_of(facts, options)} x n_parallel={options.n_parallel}, the file may be "
            f"damaged, or its kind be newer than xllamacpp {binding.__version__}{see}"
        ) from None


def _binding() -> Any:
    try:
        return import_module("xllamacpp")
    except ImportError as error:
        raise ConfigurationError(
            f"models in this process need llama.cpp: pip install 'conure[local]' ({error})"
        ) from None


def _read_through(file: str) -> None:
    """Bring a file into the system's memory.

    The binding lets no other Python code run while it loads, so the disk is waited for here.
    """
    first = Path(file)
    files = [first]
    if SPLIT in first.name:
        files = sorted(first.parent.glob(first.name.replace(SPLIT, "-*-of-")))
    buffer = memoryview(bytearray(1 << 20))
    for path in files:
        with path.open("rb", buffering=0) as stream:
            while stream.readinto(buffer):
                pass


def _params(binding: Any, file: str, facts: Facts, options: EngineOptions) -> Any:
    params = binding.CommonParams()
    chosen: dict[str, Any] = {
        "model.path": file,
        "n_ctx": context_of(facts, options) * options.n_parallel,
        "n_parallel": options.n_parallel,
        "n_gpu_layers": options.n_gpu_layers,
        "n_batch": options.n_batch,
        "cpuparams.n_threads": options.n_threads,
        "cpuparams_batch.n_threads": options.n_threads,
        "mmproj.path": options.mmproj,
        "chat_template": options.chat_template,
        "verbosity": 3 if options.verbose else -1,
        # The binding listens on a loopback port too: nobody else gets anything there.
        "api_keys": [os.urandom(32).hex()],
        "hostnames": ["127.0.0.1"],
        "port": 0,
        "n_threads_http": 1,
        "ui": False,
        "warmup": False,
        **dict(options.params),
    }
    for path, value in chosen.items():
        if value is not None:
            _set(params, path, value)
    return params


def _set(params: Any, path: str, value: Any) -> None:
    target = params
    *outer, name = path.split(".")
    for part in outer:
        target = getattr(target, part, None)
    if not hasattr(target, name):
        from difflib import get_close_matches

        near = get_close_matches(name, dir(target), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(f"llama.cpp has no parameter {path!r}.{hint}")
    try:
        setattr(target, name, value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"llama_params: {path}={value!r}: {error}") from None


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
