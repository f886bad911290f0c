"""ChatOllama: what its parameters become, and what happens where nothing runs."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from conure import init_chat_model
from conure.errors import ModelConnectionError, StreamTruncated
from conure.ollama import ChatOllama
from conure.providers.ollama import read_address
from conure.wire.http import Head, Request

REPLY = b'{"model":"m","message":{"role":"assistant","content":"{\\"x\\":1}"},"done":true}\n'


class Answers:
    """A transport that answers from memory and remembers what was asked."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.left: list[bytes] = []
        self.asked: list[Request] = []

    def exchange(self) -> Answers:
        return self

    def send(self, request: Request, timeouts: Any) -> Head:
        self.asked.append(request)
        self.left = list(self.pieces)
        return Head(200, {"content-type": "application/x-ndjson"})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.asked[-1].body or b"")
        return body


@pytest.mark.parametrize(
    "given, url",
    [
        ("localhost", "http://localhost:11434"),
        ("pc:8000", "http://pc:8000"),
        (":8000", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::1]", "http://[::1]:11434"),
        ("[::]:8000", "http://[::1]:8000"),
        ("http://pc", "http://pc"),
        ("https://ollama.com", "https://ollama.com"),
        ("https://u:p@pc:8000/below/", "https://u:p@pc:8000/below"),
        ("http://localhost:11434/v1", "http://localhost:11434"),
        ("http://localhost:11434/v1/", "http://localhost:11434"),
    ],
)
def test_addresses(given: str, url: str) -> None:
    assert read_address(given) == url


def test_the_address_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "pc:8000")
    transport = Answers(REPLY)
    init_chat_model("ollama:m", transport=transport).invoke("hi")
    assert transport.asked[0].url == "http://pc:8000/api/chat"


def test_parameters_and_settings_of_a_call_become_options() -> None:
    transport = Answers(REPLY)
    model = ChatOllama(model="m", num_ctx=9, temperature=1, transport=transport)
    list(model.stream("hi", temperature=0, max_tokens=5))
    assert transport.body() == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "options": {"num_ctx": 9, "temperature": 0, "num_predict": 5},
    }


def test_values_are_asked_for_by_their_schema() -> None:
    transport = Answers(REPLY)
    schema = {
        "title": "Point",
        "type": "object",
        "properties": {"x": {"type": "integer"}},
        "required": ["x"],
    }
    model = ChatOllama(model="m", transport=transport).with_structured_output(schema)
    assert model.invoke("hi") == {"x": 1}
    assert transport.body()["format"]["properties"] == {"x": {"type": "integer"}}


def test_a_stream_that_broke_off() -> None:
    model = ChatOllama(
        model="m",
        max_retries=0,
        transport=Answers(b'{"message":{"content":"half"},"done":false}\n'),
    )
    with pytest.raises(StreamTruncated):
        list(model.stream("hi"))


def ask(model: ChatOllama) -> object:
    return model.invoke("hi")


def ask_for_a_stream(model: ChatOllama) -> object:
    return list(model.stream("hi"))


@pytest.mark.parametrize("way", [ask, ask_for_a_stream])
def test_where_nothing_runs_the_error_says_how_to_start_it(
    way: Callable[[ChatOllama], object],
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        model = ChatOllama(model="m", base_url=f"127.0.0.1:{port}", max_retries=0)
        with pytest.raises(ModelConnectionError, match="`ollama serve`"):
            way(model)
