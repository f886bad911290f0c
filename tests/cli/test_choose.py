"""Which model is talked to, when nobody said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from conure import providers
from conure.cli import choose as room
from conure.cli.choose import ORDER, PARROT, choose, local_models, rows


@pytest.fixture(autouse=True)
def _no_ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "local_models", lambda base_url: None)


def test_what_is_asked_for_comes_first() -> None:
    assert choose("a:b", {"CONURE_MODEL": "c:d", "OPENAI_API_KEY": "x"}).name == "a:b"


def test_then_the_variable() -> None:
    assert choose(None, {"CONURE_MODEL": "c:d", "OPENAI_API_KEY": "x"}).name == "c:d"


def test_then_the_first_provider_with_a_key() -> None:
    chosen = choose(None, {"GROQ_API_KEY": "x", "OPENAI_API_KEY": "x"})
    assert chosen.name.startswith("openai:")
    assert chosen.why == "OPENAI_API_KEY is set"
    assert choose(None, {"GROQ_API_KEY": "x", "OPENAI_API_KEY": ""}).name.startswith("groq:")


def test_then_an_ollama_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "local_models", lambda base_url: ["qwen3", "llama3"])
    assert choose(None, {}).name == "ollama:qwen3"


def test_and_last_the_parrot() -> None:
    assert choose(None, {}).name == PARROT


def test_the_order_begins_as_promised_and_leaves_nobody_out() -> None:
    names = [row.name for row in rows()]
    assert sorted(names) == sorted(providers.names())
    promised = [name for name in ORDER if name in names]
    assert names[: len(promised)] == promised


class Models(BaseHTTPRequestHandler):
    answers: ClassVar[Any] = {"data": [{"id": "one"}, {"id": "two"}]}

    def do_GET(self) -> None:
        body = json.dumps(self.answers).encode()
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Models)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_local_server_is_asked_for_its_models(server: HTTPServer) -> None:
    base_url = f"http://127.0.0.1:{server.server_port}"
    assert local_models(f"{base_url}/v1") == ["one", "two"]
    assert local_models(f"{base_url}/else") is None


@pytest.mark.parametrize("answer", [{"models": []}, [], None, {"data": 3}, "text"])
def test_a_server_that_speaks_of_something_else_is_not_one(
    server: HTTPServer, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Models, "answers", answer)
    assert local_models(f"http://127.0.0.1:{server.server_port}/v1") is None


def test_no_server_is_no_error(server: HTTPServer) -> None:
    assert local_models("http://127.0.0.1:1/v1") is None
