"""How calls go wrong with every provider's class, and what is said of it: written once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from conure import errors
from tests.live.asking import MODES, ask
from tests.live.server import Close, FaultServer, Stall, chunk, chunked, head, reply
from tests.providers.said import Said, saying, serving
from tests.providers.table import PROVIDERS, Provider

every = pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
mode = pytest.mark.parametrize("mode", MODES)
streamed = pytest.mark.parametrize("mode", ["stream", "astream"])

STATUSES = {
    400: errors.ModelInvalidRequestError,
    401: errors.ModelAuthenticationError,
    403: errors.ModelPermissionDeniedError,
    404: errors.ModelNotFoundError,
    413: errors.ModelInvalidRequestError,
    429: errors.ModelRateLimitError,
    500: errors.ModelAPIError,
    503: errors.ModelAPIError,
    529: errors.ModelAPIError,
}
TEXT = Said("one two three four")


def opened(provider: Provider, *pieces: bytes) -> bytes:
    """Give the beginning of a stream that stays open."""
    kind = {"content-type": provider.speaker.stream_type}
    return b"".join(chunked(*pieces, headers=kind, end=False))


def begun(provider: Provider) -> list[bytes]:
    """Give the events of a stream before its first text ends; the text has begun."""
    events = provider.speaker.stream(TEXT)
    last = max(number for number, event in enumerate(events) if b"three" in event)
    first = next(number for number, event in enumerate(events) if b"two" in event)
    return events[: min(first, last) + 1]


@every
@mode
@pytest.mark.parametrize("status, kind", STATUSES.items())
def test_an_error_says_what_the_provider_said(
    provider: Provider, mode: str, status: int, kind: type[errors.ModelError]
) -> None:
    body = provider.speaker.refusal(status, "the moon is full")
    with FaultServer(reply(body, status, {"retry-after": "7"})) as server:
        with pytest.raises(kind, match="the moon is full") as raised:
            ask(provider.at(server.url), mode)
        assert len(server.requests) == 1
    error = raised.value
    assert (error.status_code, error.retry_after) == (status, 7.0)
    assert error.model == "m"
    assert error.provider == provider.at(server.url).provider


@every
@mode
def test_what_may_pass_is_tried_again(provider: Provider, mode: str) -> None:
    refused = reply(provider.speaker.refusal(503, "busy"), 503, {"retry-after": "0"})
    answer = b"".join(saying(provider.speaker, TEXT, stream="stream" in mode))
    with FaultServer(refused, answer) as server:
        assert ask(provider.at(server.url, max_retries=1), mode).text == TEXT.text
        assert len(server.requests) == 2


@every
@streamed
def test_an_error_amid_a_stream(provider: Provider, mode: str) -> None:
    words = provider.speaker.failure("the moon is full")
    with FaultServer([opened(provider, *begun(provider), words), chunk(b"")]) as server:
        with pytest.raises(errors.ModelError, match="the moon is full") as raised:
            ask(provider.at(server.url, max_retries=2), mode)
        assert len(server.requests) == 1
    assert raised.value.partial.text.startswith("one two")


@every
@streamed
@pytest.mark.parametrize("end", ["good order", "cut"])
def test_a_stream_that_ends_too_early_is_no_reply(provider: Provider, mode: str, end: str) -> None:
    last = chunk(b"") if end == "good order" else Close()
    with (
        FaultServer([opened(provider, *begun(provider)), last]) as server,
        pytest.raises(errors.ModelConnectionError) as raised,
    ):
        ask(provider.at(server.url), mode)
    assert raised.value.partial.text.startswith("one two")


@every
@mode
def test_what_is_no_reply_is_an_error(provider: Provider, mode: str) -> None:
    kind = provider.speaker.stream_type if "stream" in mode else "application/json"
    with (
        FaultServer(reply(b"<h1>hello</h1>\n", 200, {"content-type": kind})) as server,
        pytest.raises(errors.ModelError),
    ):
        ask(provider.at(server.url), mode)


@every
@mode
def test_a_provider_that_says_nothing(provider: Provider, mode: str) -> None:
    with FaultServer(Stall()) as server:
        with pytest.raises(errors.ModelTimeoutError, match=r"0\.2 s"):
            ask(provider.at(server.url, timeout=0.2), mode)
        assert server.closed.wait(5)


@every
@streamed
def test_a_stream_that_falls_silent(provider: Provider, mode: str) -> None:
    with FaultServer([opened(provider, *begun(provider)), Stall()]) as server:
        model = provider.at(server.url, stream_chunk_timeout=0.2)
        with pytest.raises(errors.StreamChunkTimeoutError) as raised:
            ask(model, mode)
        assert server.closed.wait(5)
    assert raised.value.partial.text.startswith("one two")


@every
@mode
def test_a_call_has_a_deadline(provider: Provider, mode: str) -> None:
    script: list[Any] = [head(200, {"content-type": "application/json", "content-length": "99"})]
    if "stream" in mode:
        script = [opened(provider, *begun(provider))]
    with FaultServer([*script, Stall()]) as server:
        with pytest.raises(errors.DeadlineExceeded):
            ask(provider.at(server.url, deadline=0.2), mode)
        assert server.closed.wait(5)


@every
def test_leaving_a_stream_closes_the_connection(provider: Provider) -> None:
    with FaultServer([opened(provider, *begun(provider)), Stall()]) as server:
        for piece in provider.at(server.url).stream("hi"):
            if piece.text:
                break
        assert server.closed.wait(5)


@every
def test_leaving_an_async_stream_closes_the_connection(provider: Provider) -> None:
    async def leave(server: FaultServer) -> None:
        stream = provider.at(server.url).astream("hi")
        async for piece in stream:
            if piece.text:
                break
        await stream.aclose()
        assert await asyncio.to_thread(server.closed.wait, 5)

    with FaultServer([opened(provider, *begun(provider)), Stall()]) as server:
        asyncio.run(leave(server))


@every
@pytest.mark.parametrize("mode", ["ainvoke", "astream"])
def test_cancelling_closes_the_connection(provider: Provider, mode: str) -> None:
    async def cancel(server: FaultServer) -> None:
        model = provider.at(server.url)

        async def collect() -> None:
            async for _ in model.astream("hi"):
                pass

        task = asyncio.ensure_future(model.ainvoke("hi") if mode == "ainvoke" else collect())
        assert await asyncio.to_thread(server.wait_for, lambda s: len(s.requests) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, 5)

    with FaultServer(Stall()) as server:
        asyncio.run(cancel(server))


@every
def test_others_go_on_while_one_waits(provider: Provider) -> None:
    """One answer is held back; all others of the batch are in before it is let go."""
    go = threading.Event()

    def slow(heard: Any) -> Said:
        if heard.turns[-1].text == "0":
            assert go.wait(5)
        return Said(heard.turns[-1].text)

    with serving(provider.speaker, slow) as server:
        model = provider.at(server.url)
        answers: list[int] = []
        for number, answer in model.batch_as_completed(
            [str(n) for n in range(6)], config={"max_concurrency": 2}
        ):
            assert answer.text == str(number)
            answers.append(number)
            if len(answers) == 5:
                go.set()
    assert answers[-1] == 0
