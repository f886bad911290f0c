"""A llama.cpp server for the tests of this folder: one for each test process, started on demand.

Where its wheels cannot be had, the tests that ask for it are skipped and say so.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

__all__ = ["LlamaServer"]

DEADLINE = 30.0
NEEDED = ("gguf", "numpy", "xllamacpp")


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Look every 10 ms, and fail after the deadline."""
    end = time.monotonic() + DEADLINE
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"{what}: not within {DEADLINE:.0f} s")
        time.sleep(0.01)


class LlamaServer:
    """A running server and what it says, asked without conure."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.url = address

    def get(self, path: str) -> tuple[int, Any]:
        return self.ask("GET", path, None)

    def ask(self, method: str, path: str, body: object) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=DEADLINE)
        try:
            connection.request(method, path, json.dumps(body))
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()

    def busy(self) -> int:
        """How many replies it is writing right now."""
        return sum(slot["is_processing"] for slot in self.get("/slots")[1])

    def wait_until_busy(self) -> None:
        wait_until(lambda: self.busy() > 0, "the server writes")

    def wait_until_idle(self) -> None:
        wait_until(lambda: self.busy() == 0, "the server stopped writing")


def skip_without_llama() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        pytest.skip(f"no llama.cpp here: {', '.join(missing)} cannot be imported")


@contextmanager
def serving(log: Path) -> Iterator[LlamaServer]:
    skip_without_llama()
    command = [sys.executable, Path(__file__).with_name("llama_server.py")]
    pipe = subprocess.PIPE
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, text=True) as process,
    ):
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            assert address, f"llama.cpp did not start:\n{log.read_text()[-2000:]}"
            server = LlamaServer(process, address)
            wait_until(lambda: server.get("/health")[0] == 200, "the server is healthy")
            yield server
        finally:
            process.kill()


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    """Serve all tests of a process."""
    with serving(tmp_path_factory.mktemp("llama") / "server.log") as server:
        yield server


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the model to a file."""
    skip_without_llama()
    from tests.llama import tiny_gguf

    file = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    tiny_gguf.write(file)
    return file


@pytest.fixture(params=["server", "local"])
def place(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Say where the model is: behind a server, or in this process."""
    if request.param == "server":
        url = request.getfixturevalue("llama").url
        return {"model": "llamacpp:tiny", "base_url": f"{url}/v1"}
    return {"model": f"local:{request.getfixturevalue('tiny')}", "n_ctx": 1024}


@pytest.fixture
def mortal_llama(tmp_path: Path) -> Iterator[LlamaServer]:
    """Serve one test, which may kill the server."""
    with serving(tmp_path / "server.log") as server:
        yield server
