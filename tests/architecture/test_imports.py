"""What an import brings with it, seen from a fresh interpreter."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import PACKAGE, ROOT

HEAVY = {
    *("aiohttp", "asyncio", "dataclasses", "email", "http.client", "inspect", "pydantic"),
    *("requests", "socket", "ssl", "urllib3", "yarl"),
}

CLIENT = """
import sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"id": "1", "choices": [{"message": {"role": "assistant", "content": "Hello"}, ' \\
               b'"finish_reason": "stop", "index": 0}]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

from conure.engine.plan import complete
from conure.engine.request import Target, prepare
from conure.engine.retry import Limits, Retry
from conure.messages import HumanMessage
from conure.messages.assemble import assemble
from conure.providers import find
from conure.transport.drive import run
from conure.transport.options import Options
from conure.transport.shared import sync_transport

row = find("openai")
target = Target(
    provider=row.provider,
    protocol=row.protocol,
    dialect=row.dialect,
    base_url=f"http://127.0.0.1:{server.server_port}/v1",
    headers={},
    query={},
)
call = prepare(
    target, "any", [HumanMessage("Hi")], {},
    streaming=False, limits=Limits(), retry=Retry(), spread=lambda: 0.5,
)
transport = sync_transport(Options())
events, head = run(complete(call), transport)
print(assemble(events).text)
transport.close()
server.shutdown()
server.server_close()
"""


def loaded_by(code: str, folder: Path = ROOT) -> set[str]:
    said = run_fresh(f"{code}\nimport sys; print(*sorted(sys.modules), sep='\\n')", folder)
    return set(said.split())


def run_fresh(code: str, folder: Path = ROOT) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import conure",
        "import conure; conure.init_chat_model('openai:gpt-4.1', api_key='x')",
        "import conure; conure.init_chat_model('test:parrot')",
    ],
    ids=["import", "model", "parrot"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    # What the interpreter and msgspec bring anyway is not ours to spare.
    extra = loaded_by(code) - loaded_by("import msgspec")
    assert not sorted(extra & HEAVY)


def test_the_engine_brings_nothing_from_above() -> None:
    loaded = loaded_by("import conure.engine.plan, conure.engine.request, conure.engine.retry")
    above = ("chat_models", "runnables", "transport", "agents", "testing", "cli", "callbacks")
    assert not sorted(
        name for name in loaded if name.startswith(tuple(f"conure.{x}" for x in above))
    )


def test_a_working_client_remains_without_the_skins(tmp_path: Path) -> None:
    copy = tmp_path / "conure"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for skin in ("runnables", "chat_models", "agents", "cli"):
        shutil.rmtree(copy / skin, ignore_errors=True)
    assert run_fresh(CLIENT, tmp_path).strip() == "Hello"
