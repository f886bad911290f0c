"""The command line against a server: what a user reads when the network or the provider says no."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from conure.cli import main

HELLO = [
    {"choices": [{"index": 0, "delta": {"content": "Hel"}}]},
    {"choices": [{"index": 0, "delta": {"content": "lo"}}]},
    {"model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 1200, "completion_tokens": 2, "total_tokens": 1202}},
]


class Provider(BaseHTTPRequestHandler):
    """Greets whoever has the key "good"."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.headers["authorization"] != "Bearer good":
            error = {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}
            self.answer(401, "application/json", json.dumps(error))
            return
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in HELLO]
        self.answer(200, "text/event-stream", "".join(lines) + "data: [DONE]\n\n")

    def answer(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _nothing_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)


def test_a_streamed_answer(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["OPENAI_API_KEY"] = "good"
    assert main(["Hi", "--model", "openai:any", "--base-url", address]) == 0
    out, err = capsys.readouterr()
    assert out == "Hello\n"
    assert err.startswith("m-1 · tokens: 1,200 in, 2 out · ")


def test_a_wrong_key_is_one_line_that_hides_it(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.environ["OPENAI_API_KEY"] = "sk-wrong-and-secret"
    assert main(["Hi", "--model", "openai:any", "--base-url", address]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "Incorrect API key" in err
    assert "sk-wrong" not in err


def test_nobody_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["OPENAI_API_KEY"] = "good"
    assert main(["Hi", "--model", "openai:any", "--base-url", "http://127.0.0.1:1/v1"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "127.0.0.1:1" in err


def test_a_missing_key_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Hi", "--model", "openai:any"]) == 1
    assert "OPENAI_API_KEY" in capsys.readouterr().err
