r"""A server that does to clients what networks do, on real sockets of the loopback.

    with FaultServer([reply({"ok": True})], [b"HTTP/1.1 200 OK\r\n", Reset()]) as server:
        ...  # call server.url
        server.requests[0].json()
        assert server.closed.wait(1)

Each script answers one request, in order of arrival; the last one answers all that follow. A
script is a list of bytes to send and things to do (`Close`, `Reset`, `Stall`, `Until(event)`,
or any function of a `Connection`); a bare action is a script of one. When a script is over the
connection is kept for the next request.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeAlias

__all__ = [
    "Close",
    "Connection",
    "FaultServer",
    "Reset",
    "Seen",
    "Stall",
    "Tunnel",
    "Until",
    "certificate",
    "chunk",
    "chunked",
    "head",
    "reply",
    "socks5",
    "sse",
]

GIVE_UP = 30.0
TICK = 0.02


@dataclass
class Seen:
    """A request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


class Gone(Exception):  # noqa: N818 - it is what happened
    """The client closed its side."""


class Connection:
    """One client's connection, for actions that are functions."""

    def __init__(self, server: FaultServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self.buffer = b""
        self.request: Seen | None = None

    def send(self, data: bytes) -> None:
        try:
            self.sock.settimeout(GIVE_UP)
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def receive(self) -> bytes:
        """Answer the next bytes; raises `Gone` when there will be none."""
        while not self.server.stopping.is_set():
            self.sock.settimeout(TICK)
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                raise Gone from error
            if not data:
                raise Gone
            return data
        raise Gone

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self.buffer += self.receive()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def take_until(self, end: bytes) -> bytes:
        while end not in self.buffer:
            self.buffer += self.receive()
        data, _, self.buffer = self.buffer.partition(end)
        return data

    def wait(self, event: threading.Event | None) -> None:
        """Wait for the event, or for ever, watching whether the client leaves."""
        while not self.server.stopping.is_set() and not (event and event.is_set()):
            self.sock.settimeout(TICK)
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                raise Gone from error
            if not data:
                raise Gone
            self.buffer += data


Action: TypeAlias = bytes | Callable[[Connection], None]
Script: TypeAlias = Action | Sequence[Action]


class Hangup(Exception):  # noqa: N818 - a script says goodbye with it
    """The script closed the connection."""


class Close:
    """Close the connection in good order."""

    def __call__(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
        raise Hangup


class Reset:
    """Close the connection with a TCP reset."""

    def __call__(self, connection: Connection) -> None:
        linger = struct.pack("ii", 1, 0)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        raise Hangup


class Stall:
    """Say nothing more until the client leaves."""

    def __call__(self, connection: Connection) -> None:
        connection.wait(None)


class Until:
    """Say nothing until the test sets the event, or the client leaves."""

    def __init__(self, event: threading.Event) -> None:
        self.event = event

    def __call__(self, connection: Connection) -> None:
        connection.wait(self.event)


class Tunnel:
    """Accept a CONNECT request, then pass bytes to and fro; to a port of the loopback if given."""

    def __init__(self, port: int | None = None, *, hello: bytes | None = None) -> None:
        self.port = port
        self.hello = b"HTTP/1.1 200 Connection established\r\n\r\n" if hello is None else hello

    def __call__(self, connection: Connection) -> None:
        assert connection.request is not None
        host, _, port = connection.request.target.rpartition(":")
        address = ("127.0.0.1", self.port) if self.port else (host.strip("[]"), int(port))
        connection.send(self.hello)
        _relay(connection, address)


def socks5(
    port: int | None = None, *, user: tuple[str, str] | None = None, refuse: int = 0
) -> Action:
    """Answer as a SOCKS5 proxy (give it as `on_connect`); `refuse` is the code to refuse with."""

    def handshake(connection: Connection) -> None:
        _, count = connection.take(2)
        methods = connection.take(count)
        if user is None:
            connection.send(b"\x05\x00")
        elif 2 not in methods:
            connection.send(b"\x05\xff")
            raise Hangup
        else:
            connection.send(b"\x05\x02")
            connection.take(1)
            name = connection.take(connection.take(1)[0]).decode()
            word = connection.take(connection.take(1)[0]).decode()
            connection.send(b"\x01\x00" if (name, word) == user else b"\x01\x01")
        kind = connection.take(4)[3]
        if kind == 1:
            host = socket.inet_ntoa(connection.take(4))
        elif kind == 3:
            host = connection.take(connection.take(1)[0]).decode()
        else:
            host = socket.inet_ntop(socket.AF_INET6, connection.take(16))
        asked = int.from_bytes(connection.take(2), "big")
        connection.server.tunnels.append((host, asked))
        connection.send(bytes([5, refuse, 0, 1, 0, 0, 0, 0, 0, 0]))
        if refuse:
            raise Hangup
        _relay(connection, ("127.0.0.1", port) if port else (host, asked))

    return handshake


class FaultServer:
    """See the module's docstring.

    `closed` is set as soon as any client leaves; `connections` counts those accepted, `open`
    those still there. `on_connect` is a script for each new connection, before anything is read.
    """

    def __init__(
        self,
        *scripts: Script,
        tls: ssl.SSLContext | None = None,
        on_connect: Script = (),
        host: str = "127.0.0.1",
    ) -> None:
        self.scripts = [_actions(script) for script in scripts]
        self.tls = tls
        self.on_connect = _actions(on_connect)
        self.requests: list[Seen] = []
        self.tunnels: list[tuple[str, int]] = []
        self.connections = 0
        self.open = 0
        self.closed = threading.Event()
        self.answered = threading.Condition()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, 0), backlog=256)
        self._listener.settimeout(TICK)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening and drop all connections."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(GIVE_UP)
        self._listener.close()

    def wait_for(self, seen: Callable[[FaultServer], bool], seconds: float = 5.0) -> bool:
        """Wait until something is true of the server, such as `lambda s: s.open == 0`."""
        with self.answered:
            return self.answered.wait_for(lambda: seen(self), seconds)

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._change(1)
            self._start(self._serve, sock, self.connections)

    def _change(self, by: int) -> None:
        with self.answered:
            self.open += by
            if by > 0:
                self.connections += 1
            self.answered.notify_all()

    def _serve(self, sock: socket.socket, number: int) -> None:
        connection = Connection(self, sock, number)
        try:
            self._run(connection, self.on_connect)
            if self.tls:
                sock.settimeout(GIVE_UP)
                connection.sock = self.tls.wrap_socket(sock, server_side=True)
            while True:
                self._run(connection, self._next_script(connection))
        except Hangup:
            pass
        except (Gone, OSError):
            if not self.stopping.is_set():
                self.closed.set()
        finally:
            connection.sock.close()
            self._change(-1)

    def _next_script(self, connection: Connection) -> Sequence[Action]:
        request = _read_request(connection)
        connection.request = request
        with self.answered:
            self.requests.append(request)
            number = len(self.requests)
            self.answered.notify_all()
        if not self.scripts:
            raise Hangup
        return self.scripts[min(number, len(self.scripts)) - 1]

    def _run(self, connection: Connection, actions: Iterable[Action]) -> None:
        for action in actions:
            if callable(action):
                action(connection)
            else:
                connection.send(action)


def _actions(script: Script) -> Sequence[Action]:
    return [script] if isinstance(script, bytes) or callable(script) else script


def _read_request(connection: Connection) -> Seen:
    first, *lines = connection.take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(connection.take_until(b"\r\n"), 16):
            body += connection.take(size + 2)[:-2]
        connection.take_until(b"\r\n")
    else:
        body = connection.take(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body, connection.number)


def _relay(connection: Connection, address: tuple[str, int]) -> None:
    """Pass bytes to and fro in one thread: an SSL socket is no good for two."""
    try:
        upstream = socket.create_connection(address, GIVE_UP)
    except OSError as error:
        raise Hangup from error
    client = connection.sock
    client.settimeout(GIVE_UP)
    with upstream, contextlib.suppress(OSError):
        if connection.buffer:
            upstream.sendall(connection.take(len(connection.buffer)))
        while not connection.server.stopping.is_set():
            pending = isinstance(client, ssl.SSLSocket) and client.pending()
            readable = [client] if pending else select.select([client, upstream], [], [], TICK)[0]
            for sock in readable:
                data = sock.recv(65536)
                if not data:
                    raise Gone if sock is client else Hangup
                (upstream if sock is client else client).sendall(data)


# What to send.


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Answer the head of a reply, with exactly these headers."""
    lines = [f"HTTP/1.1 {status} Status", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reply(body: Any = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """Answer a whole reply; what is not bytes is sent as JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    kind = {"content-type": "application/json", "content-length": str(len(body))}
    return head(status, {**kind, **(headers or {})}) + body


def chunk(data: bytes) -> bytes:
    """Answer one chunk of a chunked body; an empty one is its end."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def chunked(
    *pieces: bytes, status: int = 200, headers: Mapping[str, str] | None = None, end: bool = True
) -> list[bytes]:
    """Answer a chunked reply as a script, a piece at a time; without `end` it stays open."""
    first = head(status, {"transfer-encoding": "chunked", **(headers or {})})
    return [first, *(chunk(piece) for piece in pieces), *([chunk(b"")] if end else [])]


def sse(*events: Any, end: bool = True) -> list[bytes]:
    """Answer a stream of server-sent events as a script; what is not str is sent as JSON."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    pieces = [f"data: {text}\n\n".encode() for text in texts]
    return chunked(*pieces, headers={"content-type": "text/event-stream"}, end=end)


@dataclass
class Certificate:
    """A certificate for the loopback from an authority nobody knows."""

    server: ssl.SSLContext
    authority: Path
    client: tuple[Path, Path] = field(default=(Path(), Path()))


def certificate(folder: Path, *names: str) -> Certificate:
    """Make a throw-away certificate for 127.0.0.1 and localhost, or for `names`."""
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert(*(names or ("127.0.0.1", "localhost", "::1")))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(server)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    mine = authority.issue_cert("client@example.com")
    chain, key = folder / "client.pem", folder / "client.key"
    for part in mine.cert_chain_pems:
        part.write_to_path(str(chain), append=True)
    mine.private_key_pem.write_to_path(str(key))
    return Certificate(server, path, (chain, key))
