"""Loading a model file into llama.cpp: what is looked at first, how, and why it did not work.

https://github.com/xorbitsai/xllamacpp, https://github.com/ggml-org/llama.cpp/tree/master/tools/server
"""

from __future__ import annotations

import mmap
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..errors import ConfigurationError, ModelNotFoundError
from ..wire.gguf import Facts, NotGGUF, read_facts

__all__ = ["EngineOptions", "check_installed", "context_of", "facts_of", "load"]

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


def load(file: str, options: EngineOptions) -> Any:
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


def check_installed() -> None:
    """Raise `ConfigurationError` where the extra is missing: sooner than after a download."""
    _binding()


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
        "model_alias": {Path(file).name},
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
