"""HTTP/1.1 for event loops, on aiohttp: one session for each running loop.

Rule 1: aiohttp is imported in a thread at the first exchange, and certificates are read in one:
        the loop waits for neither.
Rule 2: a session ends with its loop, whether or not anybody closes the transport.
Rule 3: leaving an exchange early aborts its connection at once.
Rule 4: a request is sent again only when a kept connection broke before a byte of an answer.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import ssl
import sys
import warnings
from collections.abc import AsyncGenerator
from importlib import import_module
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakSet, finalize, ref

from ..wire.http import Head, Headers, Request, Timeouts
from ..wire.inflate import Body
from . import faults
from .options import Options
from .route import Route, find_route
from .tls import make_context, socket_options

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.connector import Connection

__all__ = ["AsyncHTTPExchange", "AsyncHTTPTransport"]

NEVER = float("inf")
ROUTES = 256
# A connection that is aborted is gone in the next round of the loop, one with TLS in the one after.
ROUNDS = 2
SESSIONS = "conure.transport.sessions"


class AsyncHTTPTransport:
    """Connections to any number of hosts, for any number of event loops."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._context: ssl.SSLContext | None = None
        self._routes: dict[str, tuple[Route, dict[str, Any]]] = {}
        self._sessions: _Sessions = {}
        finalize(self, _abandon, self._sessions)

    def aexchange(self) -> AsyncHTTPExchange:
        return AsyncHTTPExchange(self)

    async def aclose(self) -> None:
        """Close this loop's connections; the transport stays usable."""
        session = self._sessions.get(asyncio.get_running_loop())
        if session is not None:
            await session.end()

    async def session(self, loop: asyncio.AbstractEventLoop) -> _Session:
        """Answer this loop's session, opened if need be."""
        session = self._sessions.get(loop)
        if session is not None:
            return session
        if not _IMPORTED.is_set():
            await asyncio.to_thread(_import_sessions)
        for closed in [session for session in OPEN if session.loop.is_closed()]:
            closed.bury()
        if (session := self._sessions.get(loop)) is None:
            session = self._sessions[loop] = _Session(loop, self.options, self._sessions)
            await session.begin()
        return session

    async def route(self, url: str) -> tuple[Route, dict[str, Any]]:
        """Answer the way to a URL, and how aiohttp is told to go it."""
        known = self._routes.get(url)
        if known is not None:
            return known
        route = find_route(url, self.options.proxy)
        secured = route.tls or (route.proxy is not None and route.proxy.scheme == "https")
        if secured and self._context is None:
            self._context = await asyncio.to_thread(make_context, self.options)
        if len(self._routes) >= ROUTES:
            self._routes.clear()
        way = sys.modules[SESSIONS].way(route, self._context)
        return self._routes.setdefault(url, (route, way))


def _import_sessions() -> None:
    import_module(SESSIONS)
    _IMPORTED.set()


# `sys.modules` has a module while it is still being imported: a hundred first calls at once see it.
_IMPORTED = Event()


class _Session:
    """The connections of one loop; they end with it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, options: Options, among: _Sessions) -> None:
        self.library = sys.modules[SESSIONS]
        self.client = self.library.open_session(options)
        self.known: WeakSet[Any] = WeakSet()
        self.socket_options = socket_options(options)
        self.loop = loop
        self._among = among
        self._keeper = self._until_the_loop_ends()
        OPEN.add(self)

    async def begin(self) -> None:
        # A loop that ends closes the async generators that began in it.
        await anext(self._keeper)

    async def end(self) -> None:
        self._forget()
        self._abort_all()
        await self.client.close()
        # Not every aiohttp waits for the rounds of the loop in which its sockets are closed.
        for _ in range(ROUNDS):
            await asyncio.sleep(0)

    def end_soon(self) -> None:
        """End in the loop, which goes on without the transport."""
        # No task: the loop may be closed by hand any moment, and a task would complain.
        self._abort_all()
        self.loop.call_soon(self.loop.call_soon, self._end_now)

    def bury(self) -> None:
        """Let go of what a loop left open that was closed without a farewell."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self._end_now()
            for protocol in list(self.known):
                protocol.transport = None
            gc.collect()

    def _abort_all(self) -> None:
        for protocol in list(self.known):
            if protocol.transport is not None:
                protocol.transport.abort()

    def _end_now(self) -> None:
        self._forget()
        # Where no connection stands, or no loop does, this waits for nothing.
        for _ in self.client.close().__await__():
            pass

    def _forget(self) -> None:
        OPEN.discard(self)
        if self._among.get(self.loop) is self:
            del self._among[self.loop]

    async def _until_the_loop_ends(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.end()


OPEN: set[_Session] = set()
"""the sessions of all transports: one may be gone while its loop still runs"""


def _abandon(sessions: _Sessions) -> None:
    for session in list(sessions.values()):
        if session.loop.is_closed():
            session.bury()
        else:
            session.loop.call_soon_threadsafe(session.end_soon)


@atexit.register
def _end_all() -> None:
    for session in list(OPEN):
        if session.loop.is_closed():
            session.bury()
        elif not session.loop.is_running():
            session.loop.run_until_complete(session.end())


_Sessions: TypeAlias = dict[asyncio.AbstractEventLoop, _Session]


class AsyncHTTPExchange:
    """One request and its answer over one connection."""

    __slots__ = (
        "__weakref__",
        "_alarm",
        "_body",
        "_connected",
        "_kept",
        "_late",
        "_loop",
        "_patience",
        "_reply",
        "_route",
        "_session",
        "_size",
        "_transport",
        "_until",
        "_watch",
    )

    def __init__(self, transport: AsyncHTTPTransport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._session: _Session
        self._route: Route
        self._reply: ClientResponse | None = None
        self._body: Body | None = None
        self._watch: asyncio.Timeout
        self._patience: float | None = None
        self._connected = False
        self._kept = False
        self._alarm: asyncio.TimerHandle | None = None
        self._until = NEVER
        self._late = False
        self._size = 0

    async def send(self, request: Request, timeouts: Timeouts) -> Head:
        faults.check_headers(request.headers)
        self._session = await self._transport.session(self._loop)
        self._route, way = await self._transport.route(request.url)
        reply = self._reply = await self._ask(request, timeouts, way)
        headers = Headers.of(reply.headers.items())
        if coding := headers.get("content-encoding"):
            self._body = Body(coding, self._transport.options.max_body)
        return Head(reply.status, headers, monotonic())

    async def read(self, timeout: float | None) -> bytes:
        reply = self._reply
        if reply is None:
            return b""
        content = reply.content
        library = self._session.library
        try:
            while True:
                data: bytes = content.read_nowait()
                if not data and not content.at_eof():
                    self._wait_at_most(timeout)
                    data = await content.readany()
                    self._until = NEVER
                if self._body is None or not data:
                    break
                if data := self._body.feed(data):
                    return data
        except library.FAILURES as error:
            if self._late:
                raise faults.silent(self._route, timeout) from error
            raise library.explain(error, self._route, self._missing()) from error
        if not data and self._body is not None:
            self._body.end()
        self._size += len(data)
        if self._size > self._transport.options.max_body:
            raise faults.too_long(self._transport.options.max_body, self._route)
        return data

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._reply is not None:
            self._abort()
            self._reply = None

    def connected(self, connection: Connection) -> None:
        """Take note of the connection; from now on the server is waited for."""
        protocol = connection.protocol
        known = self._session.known
        self._connected = True
        self._kept = protocol in known
        if not self._kept:
            known.add(protocol)
            _set_options(connection, self._session.socket_options)
        patience = self._patience
        self._watch.reschedule(None if patience is None else self._loop.time() + patience)

    async def _ask(
        self, request: Request, timeouts: Timeouts, way: dict[str, Any], *, again: bool = False
    ) -> ClientResponse:
        """Send the request and wait for the answer's head."""
        library = self._session.library
        self._connected = self._kept = False
        self._patience = timeouts.read
        asking = library.ASKING.set(ref(self))
        try:
            async with asyncio.timeout(timeouts.connect) as self._watch:
                return await library.ask(self._session.client, request, way)
        except TimeoutError as error:
            if self._connected:
                raise faults.silent(self._route, timeouts.read) from _bare(error)
            raise faults.too_slow(self._route, timeouts.connect) from _bare(error)
        except library.FAILURES as error:
            unheard = self._kept and isinstance(error, library.CLOSED_UNHEARD)
            if again or not unheard:
                failure = library.explain(error, self._route, connected=self._connected)
                raise failure from _bare(error)
        finally:
            library.ASKING.reset(asking)
        return await self._ask(request, timeouts, way, again=True)

    def _missing(self) -> int | None:
        """Count the bytes that the answer owes us, if it said how many it has."""
        assert self._reply is not None
        length = self._reply.content_length
        return None if length is None or self._body else length - self._size

    def _wait_at_most(self, seconds: float | None) -> None:
        # One timer for a whole stream: most reads only move the hour at which it is to ring.
        if seconds is None:
            return
        self._until = until = self._loop.time() + seconds
        alarm = self._alarm
        if alarm is None or alarm.when() > until:
            if alarm is not None:
                alarm.cancel()
            self._alarm = self._loop.call_at(until, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._until == NEVER:
            return
        if self._loop.time() < self._until:
            self._alarm = self._loop.call_at(self._until, self._ring)
            return
        self._late = True
        self._abort()

    def _abort(self) -> None:
        reply = self._reply
        assert reply is not None
        # aiohttp takes the connection back by itself once the body came to its end.
        connection = reply.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()
        reply.close()


def _bare(error: Exception) -> Exception:
    """Forget where an error came from: error reporters write down what aiohttp's frames hold."""
    cause: BaseException | None = error
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__
    return error


def _set_options(connection: Connection, options: list[tuple[int, int, int | bytes]]) -> None:
    transport = connection.transport
    sock = None if transport is None else transport.get_extra_info("socket")
    if sock is not None:
        for option in options:
            sock.setsockopt(*option)
