"""HTTP/1.1 for blocking code: urllib3's connections, http.client's answers, our own idle stack.

urllib3's pool and response cost as much again as all the rest of a call: see
docs/decisions/0003-http-library.md.

Rule 1: no locks and no threads: lists are pushed and popped, so a fork in the middle of another
        thread's call harms nobody. A child leaves its parent's connections alone.
Rule 2: a request is sent again only when it went out on a kept connection that the server had
        closed meanwhile, before a single byte of an answer came.
"""

from __future__ import annotations

import os
import socket
import ssl
from contextlib import suppress
from http.client import (
    HTTPConnection,
    HTTPException,
    IncompleteRead,
    RemoteDisconnected,
)
from time import monotonic
from typing import Any, TypeAlias
from weakref import finalize

from ..wire.http import Head, Headers, Request, Timeouts
from ..wire.inflate import Body
from . import faults
from .connect import Connection, connect
from .options import Options
from .reply import Reply
from .route import Route, find_route
from .tls import make_context

__all__ = ["HTTPExchange", "HTTPTransport"]

AT_ONCE = 1 << 18
ROUTES = 256


class HTTPTransport:
    """Connections to any number of hosts, shared by threads."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._routes: dict[str, Route] = {}
        self._idle: dict[str, list[_Kept]] = {}
        self._context: ssl.SSLContext | None = None
        self._pid = os.getpid()
        finalize(self, _close_all, self._idle)

    def exchange(self) -> HTTPExchange:
        if self._pid != os.getpid():
            # Closing our copies of the parent's sockets says nothing to the other side.
            self._pid = os.getpid()
            self.close()
        return HTTPExchange(self)

    def close(self) -> None:
        """Close the connections that no call is using; the transport stays usable."""
        _close_all(self._idle)

    def route(self, url: str) -> Route:
        route = self._routes.get(url)
        if route is None:
            if len(self._routes) >= ROUTES:
                self._routes.clear()
            route = self._routes[url] = find_route(url, self.options.proxy)
        return route

    def take(self, route: Route) -> Connection | None:
        """Answer a kept connection that still stands."""
        stack = self._idle.get(route.origin)
        if not stack:
            return None
        now = monotonic()
        oldest = now - self.options.idle_seconds
        with suppress(IndexError):
            while True:
                since, connection = stack.pop()
                # Nobody speaks to us unasked: what could be read is the server's goodbye.
                if since > oldest and connection.is_connected:
                    return connection
                connection.close()
        return None

    def give(self, connection: Connection, route: Route) -> None:
        """Keep a connection for the next call."""
        stack = self._idle.setdefault(route.origin, [])
        if len(stack) >= self.options.max_idle or self._pid != os.getpid():
            connection.close()
        else:
            stack.append((monotonic(), connection))

    def connect(self, route: Route, seconds: float | None) -> Connection:
        """Open a connection."""
        secured = route.tls or (route.proxy is not None and route.proxy.scheme == "https")
        if secured and self._context is None:
            self._context = make_context(self.options)
        connection = connect(route, self.options, self._context, seconds)
        connection.response_class = Reply
        return connection


_Kept: TypeAlias = tuple[float, Connection]


def _close_all(idle: dict[str, list[_Kept]]) -> None:
    for stack in list(idle.values()):
        with suppress(IndexError):
            while True:
                stack.pop()[1].close()


class HTTPExchange:
    """One request and its answer over one connection."""

    __slots__ = (
        "_body",
        "_connection",
        "_patience",
        "_reply",
        "_route",
        "_size",
        "_sock",
        "_transport",
    )

    def __init__(self, transport: HTTPTransport) -> None:
        self._transport = transport
        self._connection: Connection | None = None
        self._reply: Reply | None = None
        self._route: Route
        self._sock: socket.socket
        self._patience: float | None = None
        self._body: Body | None = None
        self._size = 0

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        faults.check_headers(request.headers)
        transport = self._transport
        route = self._route = transport.route(request.url)
        reply = None
        if (kept := transport.take(route)) is not None:
            with suppress(RemoteDisconnected):
                reply = self._ask(kept, request, timeouts.read)
        if reply is None:
            fresh = transport.connect(route, timeouts.connect)
            try:
                reply = self._ask(fresh, request, timeouts.read)
            except RemoteDisconnected as error:
                raise faults.broken(error, route) from error
        self._reply = reply
        headers = Headers.of(list(reply.headers.raw_items()))
        if coding := headers.get("content-encoding"):
            self._body = Body(coding, transport.options.max_body)
        return Head(reply.status, headers, monotonic())

    def read(self, timeout: float | None) -> bytes:
        reply = self._reply
        if reply is None or (reply.length == 0 and self._body is None):
            return b""
        try:
            if timeout != self._patience:
                self._wait_at_most(timeout)
            if self._body is not None:
                return self._undo(reply, self._body)
            data = reply.read_on()
        except TimeoutError as error:
            raise faults.silent(self._route, timeout) from error
        except IncompleteRead as error:
            raise faults.cut(error.expected, self._route) from error
        except (OSError, HTTPException) as error:
            raise faults.broken(error, self._route) from error
        self._size += len(data)
        if self._size > self._transport.options.max_body:
            raise faults.too_long(self._transport.options.max_body, self._route)
        return data

    def _undo(self, reply: Reply, body: Body) -> bytes:
        """Read what is compressed; it may come without anything to show yet."""
        while data := reply.read_on():
            if grown := body.feed(data):
                return grown
        body.end()
        return b""

    def _wait_at_most(self, seconds: float | None) -> None:
        self._patience = seconds
        # 0 would mean: do not wait, and say BlockingIOError.
        wanted = None if seconds is None else max(seconds, 0.001)
        if self._sock.gettimeout() != wanted:  # setting it is a system call, asking is not
            self._sock.settimeout(wanted)

    def close(self) -> None:
        connection, reply = self._connection, self._reply
        self._connection = self._reply = None
        if connection is None:
            return
        whole = reply is not None and (reply.length == 0 or reply.isclosed())
        if reply is not None:
            reply.close()
        if whole and connection.sock is not None:
            self._transport.give(connection, self._route)
        else:
            connection.close()

    def _ask(self, connection: Connection, request: Request, timeout: float | None) -> Reply:
        """Send the request and wait for the answer's head."""
        route = self._route
        self._connection = connection
        self._sock = connection.sock
        try:
            self._wait_at_most(timeout)
            # A server may answer and hang up before it has read all: 413 looks like that.
            with suppress(*HANGUPS):
                _send(connection, request, route)
            reply: Any = HTTPConnection.getresponse(connection)  # `response_class` makes it ours
            return reply  # noqa: TRY300 - in the path of every call
        except BaseException as error:
            self.close()
            failure = _explain(error, route, timeout)
            if failure is None:
                raise
        raise failure


HANGUPS = (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


def _explain(error: BaseException, route: Route, timeout: float | None) -> Exception | None:
    match error:
        case RemoteDisconnected():
            return None
        case TimeoutError():
            return faults.silent(route, timeout)
        case OSError():
            return faults.broken(error, route)
        case HTTPException():
            return faults.no_http(str(error), route)
        case _:
            return None


def _send(connection: Connection, request: Request, route: Route) -> None:
    headers, body = request.headers, request.body
    if route.forwarded and route.proxy is not None:
        headers = {**headers, **route.proxy.headers}
    # http.client's own methods: urllib3's prepare for its response class, which is not used here.
    put = HTTPConnection.putheader
    plain = not any(name.lower() == "accept-encoding" for name in headers)
    HTTPConnection.putrequest(
        connection, request.method, route.target, skip_accept_encoding=not plain
    )
    for name, value in headers.items():
        put(connection, name, value)
    if body is not None:
        put(connection, "Content-Length", str(len(body)))
    if body is None or len(body) > AT_ONCE:
        HTTPConnection.endheaders(connection, body)
        return
    # Head and body in one system call: http.client would send them one after the other.
    parts: list[bytes] = []
    connection.__dict__["send"] = parts.append
    try:
        HTTPConnection.endheaders(connection, body)
    finally:
        del connection.__dict__["send"]
    connection.sock.sendall(b"".join(parts))
