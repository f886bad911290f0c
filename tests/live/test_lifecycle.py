"""One model object, many calls: connections, loops, threads, forks, leaving early."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from conure.callbacks import BaseCallbackHandler
from conure.rate_limiters import BaseRateLimiter
from tests.live.asking import MODES, ask, chunk_of, model_at, whole, written
from tests.live.server import FaultServer, Stall, reply, sse

BEGUN = [*sse(chunk_of({"content": "one "}), chunk_of({"content": "two "}), end=False), Stall()]


def answers(connection):
    """Answer each request in the way it was asked."""
    script = sse(*written()) if connection.request.json()["stream"] else [reply(whole())]
    for data in script:
        connection.send(data)


def test_leaving_a_stream_closes_the_connection():
    with FaultServer(BEGUN) as server:
        for chunk in model_at(server).stream("hello"):
            assert chunk.text == "one "
            break
        gc.collect()
        assert server.closed.wait(1)


def test_leaving_an_async_stream_closes_the_connection():
    async def leave(model):
        stream = model.astream("hello")
        async for chunk in stream:
            assert chunk.text == "one "
            break
        await stream.aclose()

    with FaultServer(BEGUN) as server:
        asyncio.run(leave(model_at(server)))
        assert server.closed.wait(1)


class Ear(BaseCallbackHandler):
    """Remembers how runs end."""

    run_inline = True

    def __init__(self):
        self.heard = []

    def on_llm_end(self, response, **_):
        self.heard.append(("end", response.generations[0][0].text))

    def on_llm_error(self, error, **_):
        self.heard.append(("error", type(error).__name__))


class AsyncEar(Ear):
    """The same, awaited."""

    async def on_llm_end(self, response, **_):
        super().on_llm_end(response)

    async def on_llm_error(self, error, **_):
        super().on_llm_error(error)


@pytest.mark.parametrize("ear", [Ear, AsyncEar])
def test_a_stream_that_was_left_is_told_to_its_end(ear):
    async def leave(model, config):
        stream = model.astream("hello", config)
        await anext(stream)
        await stream.aclose()

    handlers = [ear(), ear()]
    with FaultServer(BEGUN) as server:
        stream = model_at(server).stream("hello", {"callbacks": handlers[:1]})
        next(stream)
        stream.close()
        asyncio.run(leave(model_at(server), {"callbacks": handlers[1:]}))
    for handler in handlers:
        ((how, text),) = handler.heard
        assert how == "end"
        assert text.startswith("one ")


@pytest.mark.parametrize("ear", [Ear, AsyncEar])
def test_a_call_that_was_cancelled_is_told_of(ear):
    async def cancel(model, config):
        task = asyncio.create_task(model.ainvoke("hello", config))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, 1)

    handler, begun = ear(), threading.Event()
    with FaultServer([lambda _: begun.set(), Stall()]) as server:
        asyncio.run(cancel(model_at(server), {"callbacks": [handler]}))
    assert handler.heard == [("error", "CancelledError")]


@pytest.mark.parametrize("mode", MODES)
def test_the_headers_of_an_answer(mode):
    with FaultServer(answers) as server:
        message = ask(model_at(server, include_response_headers=True, name="bob"), mode)
    assert message.response_metadata["headers"]["content-type"]
    assert message.response_metadata["finish_reason"] == "stop"


def test_a_model_goes_by_its_name():
    model = model_at(type("Nowhere", (), {"url": "http://h"}), name="bob")
    assert (model.name, model.get_name()) == ("bob", "bob")


def test_a_limiter_is_awaited_in_async_calls():
    class Limiter(BaseRateLimiter):
        def __init__(self):
            self.asked = []

        def acquire(self, *, blocking=True):
            self.asked.append("sync")
            return blocking

        async def aacquire(self, *, blocking=True):
            self.asked.append("async")
            return blocking

    limiter = Limiter()
    with FaultServer(answers) as server:
        for mode in MODES:
            ask(model_at(server, rate_limiter=limiter), mode)
    assert limiter.asked == ["sync", "async", "sync", "async"]


def test_cancelling_a_stream_closes_the_connection():
    async def cancel(model):
        first = asyncio.Event()

        async def read():
            async for _ in model.astream("hello"):
                first.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(first.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, 1)

    with FaultServer(BEGUN) as server:
        asyncio.run(cancel(model_at(server)))


def test_cancelling_a_call_closes_the_connection():
    async def cancel(model):
        task = asyncio.create_task(model.ainvoke("hello"))
        assert await asyncio.to_thread(server.wait_for, lambda s: s.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, 1)

    with FaultServer(Stall()) as server:
        asyncio.run(cancel(model_at(server)))


@pytest.mark.parametrize("mode", MODES)
def test_connections_are_kept(mode):
    with FaultServer(answers) as server:
        model = model_at(server)
        if mode.startswith("a"):

            async def thrice():
                for _ in range(3):
                    if mode == "ainvoke":
                        await model.ainvoke("hello")
                    else:
                        async for _ in model.astream("hello"):
                            pass

            asyncio.run(thrice())
        else:
            for _ in range(3):
                ask(model, mode)
        assert (len(server.requests), server.connections) == (3, 1)


def test_one_model_over_three_event_loops_and_no_loop():
    with FaultServer(answers) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        model = model_at(server)
        for mode in ["ainvoke", "astream", "invoke", "ainvoke", "stream"]:
            assert ask(model, mode).text == "hello there"
        gc.collect()
        assert len(server.requests) == 5


def test_one_model_in_sixteen_threads():
    with FaultServer(answers) as server:
        model = model_at(server)
        start = threading.Barrier(16)

        def call(number):
            start.wait()
            return [ask(model, MODES[(number + n) % 4]).text for n in range(4)]

        with ThreadPoolExecutor(16) as pool:
            assert {text for texts in pool.map(call, range(16)) for text in texts} == {
                "hello there"
            }
        assert len(server.requests) == 64


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_one_model_before_and_after_a_fork():
    with FaultServer(answers) as server:
        model = model_at(server)
        model.invoke("hello")
        child = os.fork()
        if child == 0:
            ok = all(ask(model, mode).text == "hello there" for mode in MODES)
            os._exit(0 if ok else 1)
        assert model.invoke("hello").text == "hello there"
        assert os.waitpid(child, 0)[1] == 0
        assert model.invoke("hello").text == "hello there"
        assert len(server.requests) == 7


def test_a_sync_call_inside_a_running_loop():
    async def call(model):
        return model.invoke("hello").text

    with FaultServer(answers) as server:
        assert asyncio.run(call(model_at(server))) == "hello there"


def test_a_model_can_be_closed_and_goes_on():
    async def twice(model):
        async with model:
            await model.ainvoke("hello")
        await model.ainvoke("hello")
        await model.aclose()

    with FaultServer(answers) as server:
        model = model_at(server)
        with model:
            model.invoke("hello")
        assert server.wait_for(lambda s: s.open == 0)
        assert model.invoke("hello").text == "hello there"
        model.close()
        asyncio.run(twice(model))
        assert server.wait_for(lambda s: s.open == 0)
        assert len(server.requests) == 4
