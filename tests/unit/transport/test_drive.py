"""The four drivers: one plan, told to the same end in every one."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from conure.engine.effects import Call, Emit, Now, Plan, Read, Send, Sleep
from conure.errors import ModelConnectionError
from conure.messages.events import BlockDelta
from conure.transport.drive import apump, arun, pump, run
from conure.wire.http import Head, Request, Timeouts

REQUEST = Request("POST", "http://nowhere.invalid", {}, b"{}")


class Exchange:
    def __init__(self, transport: Transport, script: list[Any]) -> None:
        self.transport = transport
        self.script = script

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        self.transport.log.append(("send", request.url, timeouts.read))
        return self._next()

    def read(self, timeout: float | None) -> bytes:
        self.transport.log.append(("read", timeout))
        return self._next()

    def close(self) -> None:
        self.transport.log.append("close")

    def _next(self) -> Any:
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step


class AsyncExchange(Exchange):
    async def send(self, request: Request, timeouts: Timeouts) -> Head:
        return super().send(request, timeouts)

    async def read(self, timeout: float | None) -> bytes:
        if self.script[0] is asyncio.Event:
            await asyncio.Event().wait()
        return super().read(timeout)


class Transport:
    """Answers by script, and keeps a log."""

    def __init__(self, *exchanges: list[Any]) -> None:
        self.scripts = [list(script) for script in exchanges]
        self.log: list[Any] = []

    def exchange(self) -> Exchange:
        return Exchange(self, self.scripts.pop(0))

    def aexchange(self) -> Exchange:
        return AsyncExchange(self, self.scripts.pop(0))


def drive_run(plan: Plan[Any], transport: Any) -> tuple[list[Any], Any]:
    return [], run(plan, transport)


def drive_arun(plan: Plan[Any], transport: Any) -> tuple[list[Any], Any]:
    return [], asyncio.run(arun(plan, transport))


def drive_pump(plan: Plan[Any], transport: Any) -> tuple[list[Any], Any]:
    pieces = pump(plan, transport)
    emitted = []
    while True:
        try:
            emitted.append(next(pieces))
        except StopIteration as stop:
            return emitted, stop.value


def drive_apump(plan: Plan[Any], transport: Any) -> tuple[list[Any], Any]:
    answer: list[Any] = []

    def told() -> Plan[None]:
        answer.append((yield from plan))

    async def collect() -> list[Any]:
        return [events async for events in apump(told(), transport)]

    return asyncio.run(collect()), answer[0]


DRIVERS = [drive_run, drive_arun, drive_pump, drive_apump]
drivers = pytest.mark.parametrize("drive", DRIVERS)
Driver = Callable[[Plan[Any], Any], tuple[list[Any], Any]]


def events(text: str) -> list[Any]:
    return [BlockDelta(0, "text", text)]


def a_whole_call() -> Plan[str]:
    """Asks twice, because the first answer broke; reads, waits, emits and calls."""
    start = yield from Now()
    try:
        yield from Send(REQUEST, Timeouts(1, 2))
        yield from Read(3)
    except ModelConnectionError:
        yield from Sleep(0)
    head = yield from Send(REQUEST, Timeouts(1, 4))
    text = ""
    while True:
        data, at = yield from Read(5)
        assert at >= start
        if not data:
            break
        text += data.decode()
        yield from Emit(events(data.decode()))
    called = yield from Call(lambda: "called")
    return f"{head.status} {text} {called}"


@drivers
def test_a_plan_is_told_to_its_end(drive: Driver) -> None:
    ok = Head(200, {})
    transport = Transport([ok, ModelConnectionError("cut")], [ok, b"a", b"b", b""])
    emitted, answer = drive(a_whole_call(), transport)
    assert answer == "200 ab called"
    assert emitted == ([] if drive in (drive_run, drive_arun) else [events("a"), events("b")])
    url = REQUEST.url
    assert transport.log == [
        ("send", url, 2),
        ("read", 3),
        "close",
        ("send", url, 4),
        *[("read", 5)] * 3,
        "close",
    ]


@drivers
def test_a_plan_that_does_not_send_needs_no_transport(drive: Driver) -> None:
    def plan() -> Plan[int]:
        yield from Emit(events("hi"))
        return (yield from Call(lambda: 3))

    assert drive(plan(), None)[1] == 3


@drivers
def test_errors_of_user_code_are_thrown_into_the_plan(drive: Driver) -> None:
    def plan(kind: type[Exception]) -> Plan[str]:
        def fail() -> None:
            raise kind("mine")

        try:
            yield from Call(fail)
        except kind as error:
            return str(error)
        except RuntimeError as error:
            # Python lets no StopIteration into a generator as it is.
            return str(error.__cause__)
        return "nothing"

    for kind in (KeyError, StopIteration, StopAsyncIteration):
        assert "mine" in drive(plan(kind), None)[1]


@drivers
def test_errors_of_the_plan_come_out_and_close_the_exchange(drive: Driver) -> None:
    def plan() -> Plan[None]:
        yield from Send(REQUEST, Timeouts())
        raise LookupError("of the plan")

    transport = Transport([Head(200, {})])
    with pytest.raises(LookupError, match="of the plan"):
        drive(plan(), transport)
    assert transport.log[-1] == "close"


@drivers
def test_keyboard_interrupt_passes_and_closes(drive: Driver) -> None:
    cleaned = []

    def plan() -> Plan[None]:
        try:
            yield from Send(REQUEST, Timeouts())
            yield from Read(1)
        finally:
            cleaned.append(True)

    transport = Transport([Head(200, {}), KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        drive(plan(), transport)
    assert transport.log[-1] == "close"
    assert cleaned == [True]


@drivers
def test_the_exchange_is_closed_even_if_the_plan_cleans_up_badly(drive: Driver) -> None:
    def plan() -> Plan[None]:
        try:
            yield from Send(REQUEST, Timeouts())
            yield from Read(1)
        finally:
            raise LookupError("while cleaning up")

    transport = Transport([Head(200, {}), KeyboardInterrupt()])
    with pytest.raises(LookupError):
        drive(plan(), transport)
    assert transport.log[-1] == "close"


@drivers
def test_what_is_no_effect_is_refused(drive: Driver) -> None:
    def plan() -> Plan[None]:
        yield "nonsense"  # type: ignore[misc]

    with pytest.raises(TypeError, match="no effect"):
        drive(plan(), None)


@drivers
def test_async_user_code_is_awaited(drive: Driver) -> None:
    mood: ContextVar[str] = ContextVar("mood", default="none")

    async def code() -> str:
        await asyncio.sleep(0)
        return mood.get()

    def plan() -> Plan[str]:
        return (yield from Call(code))

    mood.set("good")
    assert drive(plan(), None)[1] == "good"


@pytest.mark.parametrize("drive", [drive_run, drive_pump])
def test_async_user_code_in_a_sync_call_inside_a_running_loop(drive: Driver) -> None:
    mood: ContextVar[str] = ContextVar("mood")
    threads = []

    async def code() -> str:
        threads.append(threading.current_thread())
        return mood.get()

    def plan() -> Plan[str]:
        return (yield from Call(code))

    async def main() -> Any:
        mood.set("good")
        return drive(plan(), None)[1]

    assert asyncio.run(main()) == "good"
    assert threads[0] is not threading.main_thread()


@pytest.mark.parametrize("drive", [drive_run, drive_pump])
def test_sync_calls_start_no_loop_and_no_thread(
    drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        pytest.fail("no loop and no thread is needed")

    monkeypatch.setattr(asyncio, "new_event_loop", never)
    monkeypatch.setattr(threading.Thread, "start", never)
    ok = Head(200, {})
    transport = Transport([ok, ModelConnectionError("cut")], [ok, b"a", b""])
    assert drive(a_whole_call(), transport)[1] == "200 a called"


def two_pieces(cleaned: list[Any]) -> Plan[None]:
    try:
        yield from Send(REQUEST, Timeouts())
        while (yield from Read(1))[0]:
            yield from Emit(events("x"))
    finally:
        cleaned.append(True)


@pytest.mark.parametrize("way", ["break", "close", "throw"])
def test_leaving_a_sync_stream_closes_everything(way: str) -> None:
    cleaned: list[Any] = []
    transport = Transport([Head(200, {}), b"a", b"b", b""])
    pieces = pump(two_pieces(cleaned), transport)  # type: ignore[arg-type]
    for _ in pieces:
        break
    if way == "close":
        pieces.close()
    if way == "throw":
        with pytest.raises(LookupError):
            pieces.throw(LookupError())
    del pieces
    gc.collect()
    assert transport.log[-1] == "close"
    assert cleaned == [True]


@pytest.mark.parametrize("way", ["break", "close", "cancel"])
def test_leaving_an_async_stream_closes_everything(way: str) -> None:
    cleaned: list[Any] = []
    last = asyncio.Event if way == "cancel" else b"b"
    transport = Transport([Head(200, {}), b"a", last, b""])

    async def listen() -> None:
        pieces = apump(two_pieces(cleaned), transport)  # type: ignore[arg-type]
        async for _ in pieces:
            if way != "cancel":
                break
        if way == "close":
            await pieces.aclose()

    async def main() -> None:
        task = asyncio.create_task(listen())
        for _ in range(5):
            await asyncio.sleep(0)
        if way == "cancel":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            await task
            gc.collect()
            await asyncio.sleep(0)
        assert transport.log[-1] == "close"
        assert cleaned == [True]

    asyncio.run(main())


def test_a_sleep_can_be_cancelled() -> None:
    def plan() -> Plan[None]:
        yield from Sleep(1000)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(arun(plan(), None), 0.01)

    asyncio.run(main())
