"""Run a plan: the only place where deciding meets doing.

    run, arun     to its end, for its answer; what it emits is dropped
    pump, apump   piece by piece: iterate for what it emits

Errors of the outside are thrown into the plan, so retrying is decided there and tracebacks show
both; so are a cancel, and `Left` when the iterator is left. On every way out the exchange and the
plan are closed. A plan that never sends needs no transport.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..engine.effects import Call, Effect, Emit, Left, Now, Plan, Read, Send, Sleep
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .base import AsyncExchange, AsyncTransport, Exchange, Transport

__all__ = ["apump", "arun", "pump", "run"]

Answer = TypeVar("Answer")


def run(plan: Plan[Answer], transport: Transport | None) -> Answer:
    """Run a plan to its end and return its answer."""
    pieces = pump(plan, transport)
    while True:
        try:
            next(pieces)
        except StopIteration as stop:
            return stop.value


def pump(plan: Plan[Answer], transport: Transport | None) -> Generator[list[Any], None, Answer]:
    """Yield what a plan emits, as it emits it; closing the iterator ends the exchange."""
    outside = _Outside(transport)
    try:
        effect = plan.send(None)
        while True:
            try:
                if type(effect) is Emit:
                    yield effect.events
                    answer = None
                else:
                    answer = outside.do(effect)
            except GeneratorExit:
                outside.hang_up()
                effect = plan.throw(Left())
            except Exception as error:  # noqa: BLE001 - the plan decides what it means
                effect = plan.throw(error)
            except BaseException as error:  # noqa: BLE001 - the plan tells of it and lets it go
                outside.hang_up()
                effect = plan.throw(error)
            else:
                effect = plan.send(answer)
    except StopIteration as stop:
        return stop.value
    except Left:
        return cast("Answer", None)  # nobody is there to take it
    finally:
        outside.leave(plan)


async def arun(plan: Plan[Answer], transport: AsyncTransport | None) -> Answer:
    """Run a plan to its end without blocking the event loop and return its answer."""
    outside = _AsyncOutside(transport)
    try:
        effect = plan.send(None)
        while True:
            try:
                answer = None if type(effect) is Emit else await outside.do(effect)
            except GeneratorExit:
                raise
            except Exception as error:  # noqa: BLE001 - the plan decides what it means
                effect = plan.throw(error)
            except BaseException as error:  # noqa: BLE001 - the plan tells of it and lets it go
                outside.hang_up()
                effect = plan.throw(error)
            else:
                effect = plan.send(answer)
    except StopIteration as stop:
        return stop.value
    finally:
        outside.leave(plan)


async def apump(
    plan: Plan[object], transport: AsyncTransport | None
) -> AsyncGenerator[list[Any], None]:
    """Yield what a plan emits, as it emits it; closing the iterator ends the exchange."""
    outside = _AsyncOutside(transport)
    try:
        effect = plan.send(None)
        while True:
            try:
                if type(effect) is Emit:
                    yield effect.events
                    answer = None
                else:
                    answer = await outside.do(effect)
            except GeneratorExit:
                outside.hang_up()
                effect = plan.throw(Left())
            except Exception as error:  # noqa: BLE001 - the plan decides what it means
                effect = plan.throw(error)
            except BaseException as error:  # noqa: BLE001 - the plan tells of it and lets it go
                outside.hang_up()
                effect = plan.throw(error)
            else:
                effect = plan.send(answer)
    except (StopIteration, Left):
        return
    finally:
        outside.leave(plan)


class _Outside:
    """What effects act on: the transport and the exchange of the moment."""

    __slots__ = ("_exchange", "_transport")

    def __init__(self, transport: Transport | None) -> None:
        self._transport = transport
        self._exchange: Exchange | None = None

    def do(self, effect: Effect[Any]) -> Any:
        if type(effect) is Read:
            assert self._exchange is not None, "Read comes after Send"
            return self._exchange.read(effect.timeout), monotonic()
        if type(effect) is Now:
            return monotonic()
        if type(effect) is Call:
            answer: Any = effect.function()
            return _finish(answer, effect) if hasattr(answer, "__await__") else answer
        if type(effect) is Send:
            if self._exchange is not None:
                self._exchange.close()
            assert self._transport is not None, "this plan sends, and was given no transport"
            self._exchange = self._transport.exchange()
            return self._exchange.send(effect.request, effect.timeouts)
        if type(effect) is Sleep:
            return sleep(effect.seconds)
        raise TypeError(f"{effect!r} is no effect")

    def hang_up(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()

    def leave(self, plan: Plan[Any]) -> None:
        try:
            plan.close()
        finally:
            self.hang_up()


class _AsyncOutside:
    """The same, awaited."""

    __slots__ = ("_exchange", "_transport")

    def __init__(self, transport: AsyncTransport | None) -> None:
        self._transport = transport
        self._exchange: AsyncExchange | None = None

    async def do(self, effect: Effect[Any]) -> Any:
        if type(effect) is Read:
            assert self._exchange is not None, "Read comes after Send"
            return await self._exchange.read(effect.timeout), monotonic()
        if type(effect) is Now:
            return monotonic()
        if type(effect) is Call:
            if effect.blocking and effect.in_async is None:
                from asyncio import to_thread

                return await to_thread(effect.function)
            answer: Any = (effect.in_async or effect.function)()
            return await answer if hasattr(answer, "__await__") else answer
        if type(effect) is Send:
            if self._exchange is not None:
                self._exchange.close()
            assert self._transport is not None, "this plan sends, and was given no transport"
            self._exchange = self._transport.aexchange()
            return await self._exchange.send(effect.request, effect.timeouts)
        if type(effect) is Sleep:
            from asyncio import sleep as asleep

            return await asleep(effect.seconds)
        raise TypeError(f"{effect!r} is no effect")

    hang_up = _Outside.hang_up
    leave = _Outside.leave


def _finish(awaitable: Any, effect: Call) -> Any:
    """Run async user code to its end in a sync call, wherever that call is made."""
    if effect.only_async:
        if hasattr(awaitable, "close"):
            awaitable.close()
        raise ConfigurationError(effect.only_async)
    import asyncio

    async def wait() -> Any:
        return await awaitable

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(wait())
    # A sync call inside a running loop: its thread is taken, so another one runs the code.
    return _in_a_thread(lambda: asyncio.run(wait()))


def _in_a_thread(function: Callable[[], Answer]) -> Answer:
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(copy_context().run, function).result()
