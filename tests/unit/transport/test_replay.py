"""Recording and replaying: what is kept, what never is, and what does not match."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from conure.errors import ConfigurationError, ModelConnectionError, ModelTimeoutError
from conure.transport.replay import Recorder, Replay
from conure.wire.http import Head, Headers, Request, Timeouts

URL = "https://api.example.com/v1/chat?key=sk-secret-000001&a=b"
HEADERS = {
    "Authorization": "Bearer sk-secret-000002",
    "X-Api-Key": "plainsecret",
    "OpenAI-Organization": "org-mine",
    "Cookie": "session=abc",
    "Accept": "application/json",
}
SECRETS = ("secret", "org-mine", "session=abc", "acct")


class Fake:
    """A transport of both colours that answers by script."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def exchange(self) -> Any:
        return FakeExchange(self.answers.pop(0))

    def aexchange(self) -> Any:
        return AsyncFakeExchange(self.answers.pop(0))

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


class FakeExchange:
    def __init__(self, answer: list[Any]) -> None:
        self.answer = list(answer)

    def send(self, request: Request, timeouts: Timeouts) -> Any:
        return self.next()

    def read(self, timeout: float | None) -> Any:
        return self.next()

    def close(self) -> None: ...

    def next(self) -> Any:
        step = self.answer.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


class AsyncFakeExchange(FakeExchange):
    async def send(self, request: Request, timeouts: Timeouts) -> Any:
        return self.next()

    async def read(self, timeout: float | None) -> Any:
        return self.next()


def head(status: int = 200, **more: str) -> Head:
    fields = {"content-type": "text/event-stream", "set-cookie": "a=acct", "openai-project": "acct"}
    return Head(status, Headers.of({**fields, **more}.items()))


def request(body: Any = None, url: str = URL) -> Request:
    return Request("POST", url, HEADERS, json.dumps(body or {"model": "m"}).encode())


def ask(
    transport: Any, asked: Request, colour: str, pieces: int | None = None
) -> tuple[Head, list[bytes]]:
    if colour == "sync":
        exchange = transport.exchange()
        came = []
        try:
            answer = exchange.send(asked, Timeouts())
            while len(came) != pieces and (data := exchange.read(1)):
                came.append(data)
        finally:
            exchange.close()
        return answer, came

    async def main() -> tuple[Head, list[bytes]]:
        exchange = transport.aexchange()
        came = []
        try:
            answer = await exchange.send(asked, Timeouts())
            while len(came) != pieces and (data := await exchange.read(1)):
                came.append(data)
        finally:
            exchange.close()
        return answer, came

    return asyncio.run(main())


colours = pytest.mark.parametrize("colour", ["sync", "async"])
CAME = [b"data: {}\n", "\ndata: é".encode()[:-1], b"\xa9 \xff\n", b"\n"]


@colours
def test_what_was_recorded_comes_back_in_the_same_pieces(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "call.json"
    ask(Recorder(path, through=Fake([head(), *CAME, b""])), request(), colour)
    for again in ("sync", "async"):
        replay = Replay(path)
        assert replay.unused == 1
        answer, came = ask(replay, request(), again)
        assert (answer.status, came) == (200, CAME)
        assert answer.headers.get("Content-Type") == "text/event-stream"
        assert replay.unused == 0


@colours
def test_nothing_private_is_written(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    quoted = b'{"error": "Incorrect API key: sk-secret-000002, plainsecret, sk-secr****0002"}'
    body = {"model": "m", "metadata": "plainsecret"}
    ask(Recorder(path, through=Fake([head(401), quoted, b""])), request(body), colour)
    text = path.read_text()
    for secret in SECRETS:
        assert secret not in text
    entry = json.loads(text)["exchanges"][0]
    assert entry["request"]["headers"]["Accept"] == "application/json"
    assert "Incorrect API key: scrubbed, scrubbed, scrubbed" in entry["answer"]["pieces"][0]
    assert entry["request"]["url"] == "https://api.example.com/v1/chat?key=scrubbed&a=b"
    assert ask(Replay(path), request(body), colour)[0].status == 401


def test_words_and_limits_are_not_taken_for_keys(tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    limits = head(**{"x-ratelimit-remaining-tokens": "9"})
    said = b'{"text": "use sk-learn, ask-me-anything-2024, risk-averse"}'
    ask(Recorder(path, through=Fake([limits, said, b""])), request(), "sync")
    answer, came = ask(Replay(path), request(), "sync")
    assert came == [said]
    assert answer.headers.get("x-ratelimit-remaining-tokens") == "9"


@colours
def test_failures_are_replayed(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    recorder = Recorder(
        path,
        through=Fake(
            [ModelTimeoutError("too late")],
            [head(), b"a", ModelConnectionError("cut off")],
        ),
    )
    for kind in (ModelTimeoutError, ModelConnectionError):
        with pytest.raises(kind):
            ask(recorder, request(), colour)
    replay = Replay(path)
    with pytest.raises(ModelTimeoutError, match="too late"):
        ask(replay, request(), colour)
    with pytest.raises(ModelConnectionError, match="cut off"):
        ask(replay, request(), colour)


@colours
def test_an_answer_that_was_left_half_way_says_so(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    ask(Recorder(path, through=Fake([head(), b"a", b"b", b""])), request(), colour, pieces=1)
    assert ask(Replay(path), request(), colour, pieces=1)[1] == [b"a"]
    with pytest.raises(ConfigurationError, match="left here, half way"):
        ask(Replay(path), request(), colour)


@colours
def test_requests_are_found_in_any_order_and_used_once(colour: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    bodies = [{"n": 1}, {"n": 2}, {"n": 2}]
    recorder = Recorder(path, through=Fake(*([head(), str(i).encode(), b""] for i in range(3))))
    for body in bodies:
        ask(recorder, request(body), colour)
    replay = Replay(path)
    assert [ask(replay, request(body), colour)[1] for body in bodies[::-1]] == [
        [b"1"],
        [b"2"],
        [b"0"],
    ]
    with pytest.raises(ConfigurationError, match=r"all 3 recorded exchanges are used up, and POST"):
        ask(replay, request({"n": 1}), colour)


HELLO = {"messages": [{"content": "hello"}]}
FIRST = r"\$\.json\.messages\[0\]"
DIFFERENT = [
    (
        request({"messages": [{"content": "hi"}]}),
        rf'{FIRST}\.content: recorded "hello", asked "hi"',
    ),
    (request({"messages": []}), FIRST + r': recorded \{.*\}, asked "nothing"'),
    (request({**HELLO, "n": 1}), r'\$\.json\.n: recorded "nothing", asked 1'),
    (request(HELLO, "https://other.example"), r"\$\.url: recorded"),
    (Request("GET", URL, {}, None), r'\$\.method: recorded "POST", asked "GET"'),
    (request({"messages": [{"content": "x" * 1000}]}), 'asked "x{199}…'),
]


@pytest.mark.parametrize("asked, words", DIFFERENT)
def test_a_request_that_was_not_recorded_says_where_it_differs(
    asked: Request, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "call.json"
    ask(Recorder(path, through=Fake([head(), b""])), request(HELLO), "sync")
    with pytest.raises(ConfigurationError, match=words):
        ask(Replay(path), asked, "sync")


def test_bodies_that_are_no_json(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    bodies = [b"plain text", b"\xff\xfe", None]
    recorder = Recorder(path, through=Fake(*([head(), b""] for _ in bodies)))
    for body in bodies:
        ask(recorder, Request("POST", URL, {}, body), "sync")
    replay = Replay(path)
    for body in bodies:
        ask(replay, Request("POST", URL, {}, body), "sync")
    assert replay.unused == 0


@pytest.mark.parametrize("content", [None, "no json", "[]", "{}"])
def test_what_is_no_recording(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match="no recording"):
        Replay(path)


def test_both_can_be_closed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.json", through=Fake([head(), b""]))
    ask(recorder, request(), "sync")
    for transport in (recorder, Replay(recorder.path)):
        transport.close()
        asyncio.run(transport.aclose())
