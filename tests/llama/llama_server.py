"""Serves the tiny model with llama.cpp until its standard input ends or it is killed.

Prints its address, one line, once it listens. A process of its own, so that it can be killed
whatever state it is in and its threads never run among the tests; it needs nothing of conure.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import tiny_gguf
import xllamacpp

__all__: list[str] = []

SLOTS, CONTEXT = 8, 1024


def settings(model: Path) -> xllamacpp.CommonParams:
    """Eight replies at once, on one thread: for a model this small more only cost time."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {"tiny"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel, params.n_ctx = SLOTS, SLOTS * CONTEXT
    params.ctx_shift = True  # a reply told never to end goes on past the context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_gpu_layers = 0
    params.endpoint_slots = True
    return params


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "tiny.gguf")
        tiny_gguf.write(file)
        server = xllamacpp.Server(settings(file))  # returns once it listens
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # no long goodbye from replies under way
