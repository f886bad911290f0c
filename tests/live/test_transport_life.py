"""Where transports live: loops that come and go, threads, forks, processes that just end."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conure.transport.http_async import AsyncHTTPTransport
from conure.transport.http_sync import HTTPTransport
from conure.transport.options import Options
from conure.wire.http import Request, Timeouts
from tests.live.server import Close, FaultServer, Stall, certificate, chunked, reply


@pytest.fixture(params=["http", "https"])
def place(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[tuple[FaultServer, Options]]:
    """Give a server that answers, and the options that reach it."""
    if request.param == "http":
        with FaultServer(reply(b"ok")) as server:
            yield server, Options()
    else:
        known = certificate(tmp_path)
        with FaultServer(reply(b"ok"), tls=known.server) as server:
            yield server, Options(verify=str(known.authority))


def ask(transport: HTTPTransport, url: str) -> bytes:
    exchange = transport.exchange()
    try:
        exchange.send(Request("POST", url, {}, b"{}"), Timeouts())
        return b"".join(iter(lambda: exchange.read(5), b""))
    finally:
        exchange.close()


async def aask(transport: AsyncHTTPTransport, url: str) -> bytes:
    exchange = transport.aexchange()
    try:
        await exchange.send(Request("POST", url, {}, b"{}"), Timeouts())
        parts = []
        while data := await exchange.read(5):
            parts.append(data)
        return b"".join(parts)
    finally:
        exchange.close()


async def dropping(options: Options, url: str) -> None:
    """Ask, and let go of the transport while the loop runs on."""
    transport = AsyncHTTPTransport(options)
    await aask(transport, url)
    del transport
    gc.collect()
    await asyncio.sleep(0)


class Quiet:
    """A loop that its owner never closes; it shall not warn of itself here."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        atexit.register(loop.close)

    def close(self) -> None: ...


def open_files() -> int:
    gc.collect()
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not list a process's open files")
    return len(list(Path("/proc/self/fd").iterdir()))


def test_one_transport_over_many_loops(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = AsyncHTTPTransport(options)
    asyncio.run(aask(transport, server.url))
    before = open_files()
    for _ in range(20):
        assert asyncio.run(aask(transport, server.url)) == b"ok"
        assert server.wait_for(lambda s: s.open == 0)
    assert open_files() <= before
    assert len(server.requests) == 21


def test_loops_that_are_closed_by_hand(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = AsyncHTTPTransport(options)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(aask(transport, server.url)) == b"ok"
        assert loop.run_until_complete(aask(transport, server.url)) == b"ok"
        loop.close()
    assert server.connections == 3
    del transport
    gc.collect()
    assert server.wait_for(lambda s: s.open == 0)


def test_a_transport_that_is_dropped_while_its_loop_runs(
    place: tuple[FaultServer, Options],
) -> None:
    server, options = place

    async def main() -> bool:
        await dropping(options, server.url)
        return await asyncio.to_thread(server.wait_for, lambda s: s.open == 0)

    assert asyncio.run(main())


def test_a_loop_that_stands_still_while_the_server_hangs_up() -> None:
    with FaultServer([reply(b"one"), Close()], reply(b"two")) as server:
        transport = AsyncHTTPTransport()
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(aask(transport, server.url)) == b"one"
        assert server.wait_for(lambda s: s.open == 0)
        assert loop.run_until_complete(aask(transport, server.url)) == b"two"
        loop.run_until_complete(transport.aclose())
        loop.close()
    assert len(server.requests) == 2


def test_threads_with_loops_of_their_own(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = AsyncHTTPTransport(options)
    answers: list[bytes] = []

    async def several() -> None:
        answers.extend([await aask(transport, server.url) for _ in range(5)])

    threads = [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"ok"] * 40
    assert len(server.requests) == 40
    assert server.connections == 8


def test_sixteen_threads(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = HTTPTransport(options)
    answers: list[bytes] = []

    def several() -> None:
        answers.extend([ask(transport, server.url) for _ in range(20)])

    threads = [threading.Thread(target=several) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"ok"] * 320
    assert len(server.requests) == 320
    assert server.connections <= 16
    transport.close()


def test_a_hundred_at_once(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = AsyncHTTPTransport(options)

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(aask(transport, server.url) for _ in range(100)))

    assert asyncio.run(all_of_them()) == [b"ok"] * 100
    assert len(server.requests) == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_opens_its_own_connections(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    transport = HTTPTransport(options)
    ask(transport, server.url)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(
            0 if [ask(transport, server.url), ask(transport, server.url)] == [b"ok"] * 2 else 1
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    ask(transport, server.url)
    transport.close()
    assert [seen.connection for seen in server.requests] == [1, 2, 2, 1]


def test_a_cancelled_request_closes_its_connection(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    server.scripts = [[Stall()]]

    async def main() -> None:
        transport = AsyncHTTPTransport(options)
        task = asyncio.create_task(aask(transport, server.url))
        await asyncio.to_thread(server.wait_for, lambda s: s.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.closed.wait, 1)

    asyncio.run(main())


def test_a_cancelled_read_closes_its_connection(place: tuple[FaultServer, Options]) -> None:
    server, options = place
    server.scripts = [[*chunked(b"a", end=False), Stall()]]

    async def main() -> None:
        exchange = AsyncHTTPTransport(options).aexchange()
        await exchange.send(Request("POST", server.url, {}, b"{}"), Timeouts())
        assert await exchange.read(5) == b"a"
        task = asyncio.create_task(exchange.read(5))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        exchange.close()
        assert await asyncio.to_thread(server.closed.wait, 1)

    asyncio.run(main())


# A process that ends without closing anything must not say a word about it.
ENDS = {
    "sync": "ask(transport, url)",
    "run": "asyncio.run(aask(atransport, url))",
    "loop": "loop.run_until_complete(aask(atransport, url)); loop.close()",
    "loops": "loop.run_until_complete(aask(atransport, url)); loop.close(); "
    "loop = asyncio.new_event_loop(); loop.run_until_complete(aask(atransport, url)); loop.close()",
    "dropped": "asyncio.run(dropping(options, url))",
    "dropped between": "loop.run_until_complete(dropping(options, url)); gc.collect(); "
    "loop.run_until_complete(asyncio.sleep(0))",
    "dropped and closed": "loop.run_until_complete(dropping(options, url)); gc.collect()",
    "left open": "loop.run_until_complete(aask(atransport, url)); loop = Quiet(loop)",
    "left": "left = transport.exchange(); left.send(request, Timeouts()); left.close()",
}
PROCESS = """
import asyncio, sys
from tests.live.test_transport_life import *
url, verify = sys.argv[1:]
options = Options(verify=verify) if verify else Options()
transport, atransport = HTTPTransport(options), AsyncHTTPTransport(options)
loop = asyncio.new_event_loop()
request = Request("POST", url, {}, b"{}")
{way}
loop.close()
"""


@pytest.mark.parametrize("way", ENDS)
def test_a_process_ends_without_a_word(place: tuple[FaultServer, Options], way: str) -> None:
    server, options = place
    verify = options.verify if isinstance(options.verify, str) else ""
    code = PROCESS.replace("{way}", ENDS[way])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, server.url, verify],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


LAG = """
import asyncio, sys, time
from conure.transport.options import Options
from conure.transport.shared import async_transport
from conure.wire.http import Request, Timeouts
from conure.errors import ModelConnectionError

assert "aiohttp" not in sys.modules

async def main():
    late, watching = [], True

    async def tick():
        while watching:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - due)

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0.02)
    exchange = async_transport(Options()).aexchange()
    try:
        await exchange.send(Request("POST", sys.argv[1], {}, b"{}"), Timeouts())
        while await exchange.read(5):
            pass
    except ModelConnectionError:  # over TLS: nobody knows the certificate
        pass
    exchange.close()
    watching = False
    await ticker
    print(len(late), max(late))

asyncio.run(main())
"""


def test_the_first_call_does_not_stall_the_loop(place: tuple[FaultServer, Options]) -> None:
    """Importing aiohttp takes 100 ms and more; the loop must go on meanwhile."""
    server, _ = place
    worst = [1.0]
    # The machine may be busy: the best of several runs is the code's own doing.
    while min(worst) >= 0.02 and len(worst) < 10:
        done = subprocess.run(
            [sys.executable, "-c", LAG, server.url],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        ticks, late = done.stdout.split()
        assert int(ticks) > 5
        worst.append(float(late))
    assert min(worst) < 0.02
