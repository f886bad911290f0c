"""Error reporters write down the variables around an error: no key may be among them."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from conure.errors import ConfigurationError, ConureError
from conure.openai import ChatOpenAI
from tests.live.server import Close, FaultServer, Reset, Stall, reply

KEY, WORD = "sk-very-secret", "pass-word"
CUT = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Close()]

colours = pytest.mark.parametrize("colour", ["sync", "async"])


def ask(colour, url, **parameters):
    own = {"api_key": KEY, "default_headers": {"X-Key": KEY}, "max_retries": 0, "timeout": 0.3}
    model = ChatOpenAI(model="m", base_url=f"{url}/v1", **(own | parameters))
    if colour == "sync":
        model.invoke("hello")
    else:
        asyncio.run(model.ainvoke("hello"))


def written_down(error):
    """Write an error down as reporters do, without this file's own variables."""
    lines = []
    reports = [traceback.TracebackException.from_exception(error, capture_locals=True)]
    for report in reports:
        reports += [cause for cause in (report.__cause__, report.__context__) if cause]
        for frame in report.stack:
            if not frame.filename.startswith(__file__):
                lines += [str(frame), *(frame.locals or {}).values()]
    return "\n".join([str(error), *lines])


@colours
@pytest.mark.parametrize(
    "script",
    [Reset(), Stall(), CUT, b"garbage\r\n\r\n", reply(b"{}", 401), reply(b"?")],
    ids=["reset", "silent", "cut", "garbage", "401", "no JSON"],
)
def test_an_answer_that_failed(colour, script):
    with FaultServer(script) as server, pytest.raises(ConureError) as caught:
        ask(colour, server.url)
    assert KEY not in written_down(caught.value)


@colours
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_with_a_password(colour, scheme):
    with pytest.raises(ConureError) as caught:
        ask(colour, f"{scheme}://127.0.0.1:1", openai_proxy=f"http://user:{WORD}@127.0.0.1:2")
    shown = written_down(caught.value)
    assert KEY not in shown
    assert WORD not in shown


def test_mistakes(monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    mistakes = [{"tempratur": 1, "api_key": KEY}, {"default_headers": {"a": f"{KEY}\n"}}, {}]
    for mistake in mistakes:
        with pytest.raises(ConfigurationError) as caught:
            ChatOpenAI(model="m", **mistake)
        assert KEY not in written_down(caught.value)
