"""What the transports make of networks, in both colours, over real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from typing import Any

import pytest

from conure.errors import (
    ConfigurationError,
    ModelConnectionError,
    ModelTimeoutError,
    ProtocolError,
)
from tests.live.server import (
    Certificate,
    Close,
    FaultServer,
    Reset,
    Stall,
    Tunnel,
    Until,
    certificate,
    chunk,
    chunked,
    head,
    reply,
    socks5,
)
from tests.live.talking import COLOURS, talker

colours = pytest.mark.parametrize("colour", COLOURS)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"))


# -- what is sent ---------------------------------------------------------------------------------


@colours
def test_a_request_arrives_as_it_was_meant(colour: str) -> None:
    with FaultServer(reply(b"ok", 201, {"X-One": "1"})) as server, talker(colour) as us:
        answer, pieces = us.ask(f"{server.url}/v1/a%20b?c=d e", b'{"a":1}', {"X-Key": "k"})
    assert (answer.status, answer.headers.get("x-ONE"), b"".join(pieces)) == (201, "1", b"ok")
    assert answer.at > 0
    [seen] = server.requests
    assert (seen.method, seen.target, seen.body) == ("POST", "/v1/a%20b?c=d%20e", b'{"a":1}')
    assert seen.headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept-encoding": "identity",
        "x-key": "k",
        "content-length": "7",
    }


@colours
def test_get_has_no_body(colour: str) -> None:
    with FaultServer(reply(b"ok")) as server, talker(colour) as us:
        us.ask(server.url, None, method="GET")
    assert server.requests[0].method == "GET"
    assert "content-length" not in server.requests[0].headers


@colours
def test_a_large_body(colour: str) -> None:
    body = bytes(range(256)) * 20_000
    with FaultServer(reply(b"ok")) as server, talker(colour) as us:
        assert us.whole(server.url, body) == b"ok"
    assert server.requests[0].body == body


@colours
@pytest.mark.parametrize(
    "headers, words",
    [
        ({"Authorization": "Bearer sk-1\n"}, "'Authorization' holds a line break"),
        ({"Authorization": "Bearer \u201csk-1\u201d"}, "'Authorization' holds a character .*quote"),
        ({"X\r\nEvil": "sk-1"}, "no name of a header"),
    ],
)
def test_a_header_that_cannot_be_sent(colour: str, headers: dict[str, str], words: str) -> None:
    with talker(colour) as us, pytest.raises(ConfigurationError, match=words) as caught:
        us.ask("http://127.0.0.1:1", headers=headers)
    assert "sk-1" not in repr(caught.value)


@colours
@pytest.mark.parametrize(
    "url, words",
    [
        ("ftp://127.0.0.1", "no address"),
        ("127.0.0.1:80", "no address"),
        ("http://u:p@127.0.0.1", "as a header"),
        ("http://127.0.0.1:99999", "Port"),
        ("http://\u2603..invalid", "no name of a host"),
    ],
)
def test_an_address_that_makes_no_sense(colour: str, url: str, words: str) -> None:
    with talker(colour) as us, pytest.raises(ConfigurationError, match=words):
        us.ask(url)


# -- what comes back ------------------------------------------------------------------------------

BODY = b'{"text": "hello"}'


def squeeze(data: bytes, wbits: int) -> bytes:
    squeezer = zlib.compressobj(wbits=wbits)
    return squeezer.compress(data) + squeezer.flush()


@colours
@pytest.mark.parametrize(
    "script",
    [
        reply(BODY),
        chunked(BODY),
        chunked(*(BODY[i : i + 1] for i in range(len(BODY)))),
        [head(200), BODY, Close()],
        [*(bytes([byte]) for byte in reply(BODY))],
        [b"HTTP/1.1 100 Continue\r\n\r\n", reply(BODY)],
        reply(gzip.compress(BODY), headers={"content-encoding": "gzip"}),
        chunked(
            gzip.compress(BODY)[:9], gzip.compress(BODY)[9:], headers={"content-encoding": "x-gzip"}
        ),
        reply(
            gzip.compress(BODY[:5]) + gzip.compress(BODY[5:]), headers={"content-encoding": "gzip"}
        ),
        reply(zlib.compress(BODY), headers={"content-encoding": "deflate"}),
        reply(squeeze(BODY, -15), headers={"content-encoding": "deflate"}),
        reply(gzip.compress(zlib.compress(BODY)), headers={"content-encoding": "deflate, gzip"}),
        reply(BODY, headers={"content-encoding": "identity"}),
    ],
    ids=[
        "length",
        "chunk",
        "chunks",
        "until close",
        "byte by byte",
        "continue",
        "gzip",
        "gzip in pieces",
        "gzip twice",
        "deflate",
        "raw deflate",
        "both",
        "identity",
    ],
)
def test_a_body_is_read_to_its_end(colour: str, script: Any) -> None:
    with FaultServer(script) as server, talker(colour) as us:
        assert us.whole(server.url) == BODY


@colours
@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body(colour: str, status: int) -> None:
    with FaultServer(head(status), reply(b"next")) as server, talker(colour) as us:
        assert us.whole(server.url) == b""
        assert us.whole(server.url) == b"next"
    assert server.connections == 1


@colours
def test_pieces_come_as_they_are_sent(colour: str) -> None:
    gate = threading.Event()
    script = [*chunked(b"one", end=False), Until(gate), chunk(b"two"), chunk(b"")]
    with FaultServer(script) as server, talker(colour) as us:
        gate_opens_after_first(us, gate)
        assert us.ask(server.url)[1] == [b"one", b"two"]


def gate_opens_after_first(us: Any, gate: threading.Event) -> None:
    """Open the gate when the first piece has been read; until then there is nothing to wait for."""
    made = us.transport.exchange if us.sync else us.transport.aexchange

    def exchange() -> Any:
        real = made()
        read = real.read

        class Watched:
            send, close = real.send, real.close

            def read(self, timeout: float | None) -> Any:
                if us.sync:
                    data = read(timeout)
                    gate.set()
                    return data
                return self.aread(timeout)

            async def aread(self, timeout: float | None) -> bytes:
                data = await read(timeout)
                gate.set()
                return data

        return Watched()

    setattr(us.transport, "exchange" if us.sync else "aexchange", exchange)


@colours
def test_ten_megabytes(colour: str) -> None:
    body = b"x" * 10_000_000
    with FaultServer(reply(body)) as server, talker(colour) as us:
        assert us.whole(server.url) == body


@colours
@pytest.mark.parametrize("squeezed", [False, True])
def test_a_body_is_bounded(colour: str, squeezed: bool) -> None:
    body = bytes(300_000)
    script = (
        reply(gzip.compress(body), headers={"content-encoding": "gzip"})
        if squeezed
        else reply(body)
    )
    with FaultServer(script) as server:
        with talker(colour, max_body=300_000) as us:
            assert us.whole(server.url) == body
        with (
            talker(colour, max_body=299_999) as us,
            pytest.raises(ProtocolError, match="longer than 299,999 bytes"),
        ):
            us.ask(server.url)


# -- what goes wrong ------------------------------------------------------------------------------


@colours
@pytest.mark.parametrize(
    "script, kind, words",
    [
        (
            [head(200, {"content-length": "10"}), b"abc", Close()],
            ModelConnectionError,
            "middle of its",
        ),
        ([head(200, {"content-length": "10"}), b"abc", Reset()], ModelConnectionError, "127.0.0.1"),
        ([*chunked(b"abc", end=False), Close()], ModelConnectionError, "middle of its answer"),
        ([*chunked(end=False), b"5\r\nab", Close()], ModelConnectionError, "middle of its answer"),
        (Close(), ModelConnectionError, "127.0.0.1"),
        (Reset(), ModelConnectionError, "127.0.0.1"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n", Close()], ProtocolError, "does not answer in HTTP/1.1"),
        (
            reply(b"?", headers={"content-encoding": "br"}),
            ProtocolError,
            "'br' although `identity` was asked for",
        ),
        (reply(b"no gzip", headers={"content-encoding": "gzip"}), ProtocolError, "damaged"),
        (
            reply(gzip.compress(BODY)[:-3], headers={"content-encoding": "gzip"}),
            ProtocolError,
            "stops before its end",
        ),
    ],
)
def test_a_broken_answer_never_looks_whole(
    colour: str, script: Any, kind: type[Exception], words: str
) -> None:
    with FaultServer(script) as server, talker(colour) as us, pytest.raises(kind, match=words):
        us.ask(server.url)


@colours
@pytest.mark.parametrize("script", [Stall(), [head(200)[:9], Stall()]])
def test_no_answer_in_time(colour: str, script: Any) -> None:
    with FaultServer(script) as server, talker(colour) as us:
        with pytest.raises(ModelTimeoutError, match=r"sent nothing within 0\.1 s"):
            us.ask(server.url, read=0.1)
        assert server.closed.wait(1)


@colours
def test_no_more_in_time(colour: str) -> None:
    with FaultServer([*chunked(b"abc", end=False), Stall()]) as server, talker(colour) as us:
        with pytest.raises(ModelTimeoutError, match=r"sent nothing within 0\.1 s"):
            us.ask(server.url, pause=0.1)
        assert server.closed.wait(1)


@colours
def test_patience_may_grow_and_shrink(colour: str) -> None:
    """The timeout of a read is its own, whatever was given to `send` and to the reads before."""
    gate = threading.Event()
    script = [*chunked(b"a", end=False), Until(gate), chunk(b"b"), Stall()]
    with FaultServer(script) as server, talker(colour) as us:
        gate_opens_after_first(us, gate)
        with pytest.raises(ModelTimeoutError, match=r"within 0\.3 s"):
            us.ask(server.url, read=0.1, pause=0.3)


@colours
def test_no_time_at_all(colour: str) -> None:
    with FaultServer(Stall()) as server, talker(colour) as us, pytest.raises(ModelTimeoutError):
        us.ask(server.url, read=0.0)


@colours
def test_for_ever(colour: str) -> None:
    with FaultServer(reply(b"ok")) as server, talker(colour) as us:
        assert us.whole(server.url, connect=None, read=None, pause=None) == b"ok"


@colours
def test_nobody_listens(colour: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        talker(colour) as us,
        pytest.raises(ModelConnectionError, match=f"127.0.0.1:{port} refuses connections"),
    ):
        us.ask(f"http://127.0.0.1:{port}")


@colours
def test_a_name_without_an_address(colour: str) -> None:
    with talker(colour) as us, pytest.raises(ModelConnectionError, match="no address for the name"):
        us.ask("http://no-such-host.invalid")


@colours
def test_a_server_that_answers_before_it_has_read_all(colour: str) -> None:
    """413 looks like that: the answer counts, not the broken pipe."""

    def refuse(connection: Any) -> None:
        connection.take_until(b"\r\n\r\n")
        connection.send(reply(b"too large", 413, {"connection": "close"}))
        Close()(connection)

    with FaultServer(on_connect=refuse) as server, talker(colour) as us:
        try:
            answer, pieces = us.ask(server.url, bytes(30_000_000))
        except ModelConnectionError:
            return  # the reset may overtake the answer; then there is none
    assert (answer.status, b"".join(pieces)) == (413, b"too large")


# -- connections ----------------------------------------------------------------------------------


@colours
def test_connections_are_kept(colour: str) -> None:
    with (
        FaultServer(reply(b"ok"), chunked(b"a", b"b"), reply(b"ok")) as server,
        talker(colour) as us,
    ):
        for _ in range(5):
            us.ask(server.url)
        assert server.connections == 1
        us.close()
        assert server.wait_for(lambda s: s.open == 0)
        assert us.whole(server.url) == b"ok"


@colours
@pytest.mark.parametrize("goodbye", [Close(), Reset()])
def test_a_kept_connection_that_the_server_closed_meanwhile(colour: str, goodbye: Any) -> None:
    with FaultServer([reply(b"one"), goodbye], reply(b"two")) as server, talker(colour) as us:
        assert us.whole(server.url) == b"one"
        assert server.wait_for(lambda s: s.open == 0)
        assert us.whole(server.url) == b"two"
    assert (server.connections, len(server.requests)) == (2, 2)


@colours
@pytest.mark.parametrize("goodbye", [Close(), Reset()])
def test_a_kept_connection_that_closes_as_we_ask(colour: str, goodbye: Any) -> None:
    with FaultServer(reply(b"one"), goodbye, reply(b"two")) as server, talker(colour) as us:
        assert us.whole(server.url) == b"one"
        assert us.whole(server.url, b"mine") == b"two"
    assert server.connections == 2
    assert [seen.body for seen in server.requests] == [b"{}", b"mine", b"mine"]


@colours
def test_what_was_begun_is_not_asked_again(colour: str) -> None:
    begun = [head(200, {"content-length": "5"}), b"a", Close()]
    with FaultServer(reply(b"one"), begun) as server, talker(colour) as us:
        us.ask(server.url)
        with pytest.raises(ModelConnectionError):
            us.ask(server.url)
    assert len(server.requests) == 2


def test_half_a_status_line_is_not_asked_again() -> None:
    """Of half a status line aiohttp does not tell: this one promise only the sync colour keeps."""
    with FaultServer(reply(b"one"), [b"HTTP/1.1 2", Close()]) as server, talker("sync") as us:
        us.ask(server.url)
        with pytest.raises(ProtocolError):
            us.ask(server.url)
    assert len(server.requests) == 2


@colours
def test_a_fresh_connection_that_breaks_is_not_asked_again(colour: str) -> None:
    with FaultServer(Close()) as server, talker(colour) as us:
        with pytest.raises(ModelConnectionError):
            us.ask(server.url)
        assert len(server.requests) == 1


@colours
def test_a_server_that_wants_no_second_request(colour: str) -> None:
    with FaultServer(reply(b"ok", headers={"connection": "close"})) as server, talker(colour) as us:
        us.ask(server.url)
        us.ask(server.url)
    assert server.connections == 2


@colours
def test_leaving_early_closes_the_connection(colour: str) -> None:
    script = [*chunked(b"a", end=False), Stall()]
    with FaultServer(script, reply(b"next")) as server, talker(colour) as us:
        assert us.ask(server.url, pieces=1)[1] == [b"a"]
        us.whole(server.url)
        assert server.closed.wait(1)
    assert server.connections == 2


@colours
def test_leaving_early_with_tls(colour: str, tls: Certificate) -> None:
    script = [*chunked(b"a", end=False), Stall()]
    with (
        FaultServer(script, reply(b"next"), tls=tls.server) as server,
        talker(colour, verify=str(tls.authority)) as us,
    ):
        us.ask(server.url, pieces=1)
        us.ask(server.url)
        assert server.closed.wait(1)


@colours
@pytest.mark.parametrize("options", [None, (), ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0),)])
def test_socket_options(colour: str, options: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    real = socket.socket.setsockopt

    def watched(self: socket.socket, *option: int) -> None:
        seen.append(option)
        real(self, *option)

    with FaultServer(reply(b"ok")) as server, talker(colour, socket_options=options) as us:
        monkeypatch.setattr(socket.socket, "setsockopt", watched)
        us.ask(server.url)
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in seen
    probes = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in seen
    assert probes is (options is None)
    assert set(options or ()) <= set(seen)


def test_idle_connections_are_few_and_young() -> None:
    from conure.transport.http_sync import HTTPTransport
    from conure.transport.options import Options
    from conure.wire.http import Request, Timeouts

    with FaultServer(reply(b"ok")) as server:
        request = Request("POST", server.url, {}, b"{}")
        transport = HTTPTransport(Options(max_idle=1))
        both = [transport.exchange(), transport.exchange()]
        for exchange in both:
            exchange.send(request, Timeouts())
            while exchange.read(5):
                pass
        for exchange in both:
            exchange.close()
        assert server.wait_for(lambda s: s.open == 1)
        transport.close()
        aged = HTTPTransport(Options(idle_seconds=0.0))
        for _ in range(2):
            exchange = aged.exchange()
            exchange.send(request, Timeouts())
            while exchange.read(5):
                pass
            exchange.close()
        aged.close()
    assert server.connections == 4


# -- TLS ------------------------------------------------------------------------------------------


@colours
def test_tls(colour: str, tls: Certificate) -> None:
    with (
        FaultServer(reply(b"ok"), tls=tls.server) as server,
        talker(colour, verify=str(tls.authority)) as us,
    ):
        assert us.whole(server.url) == b"ok"
        assert us.whole(server.url) == b"ok"
        assert us.whole(server.url.replace("127.0.0.1", "localhost")) == b"ok"
    assert server.connections == 2


@colours
def test_a_certificate_nobody_knows(colour: str, tls: Certificate) -> None:
    with FaultServer(reply(b"ok"), tls=tls.server) as server:
        with (
            talker(colour) as us,
            pytest.raises(ModelConnectionError, match=r"not trusted.*verify='ca\.pem'") as caught,
        ):
            us.ask(server.url)
        assert not caught.value.retryable
        with talker(colour, verify=False) as us:
            assert us.whole(server.url) == b"ok"
    assert len(server.requests) == 1


@colours
def test_a_certificate_of_someone_else(colour: str, tmp_path: Any) -> None:
    other = certificate(tmp_path, "other.example")
    with (
        FaultServer(reply(b"ok"), tls=other.server) as server,
        talker(colour, verify=str(other.authority)) as us,
        pytest.raises(ModelConnectionError, match=r"not trusted.*127\.0\.0\.1"),
    ):
        us.ask(server.url)


@colours
def test_a_context_and_a_certificate_of_our_own(colour: str, tls: Certificate) -> None:
    import ssl

    context = ssl.create_default_context(cafile=str(tls.authority))
    with FaultServer(reply(b"ok"), tls=tls.server) as server:
        with talker(colour, verify=context) as us:
            assert us.whole(server.url) == b"ok"
        mine = tuple(str(path) for path in tls.client)
        with talker(colour, verify=str(tls.authority), cert=mine) as us:
            assert us.whole(server.url) == b"ok"


@colours
@pytest.mark.parametrize(
    "options, words", [({"verify": "/none.pem"}, "verify="), ({"cert": "/none.pem"}, "cert=")]
)
def test_certificates_that_are_not_there(colour: str, options: dict[str, str], words: str) -> None:
    with talker(colour, **options) as us, pytest.raises(ConfigurationError, match=words):
        us.ask("https://127.0.0.1:1")


@colours
def test_tls_where_none_is_spoken(colour: str) -> None:
    with (
        FaultServer(on_connect=[reply(b"plain"), Close()]) as server,
        talker(colour) as us,
        pytest.raises(ModelConnectionError, match=r"speaks no TLS.*http://"),
    ):
        us.ask(server.url.replace("http:", "https:"))


# -- proxies --------------------------------------------------------------------------------------


@colours
@pytest.mark.parametrize("secured", [False, True], ids=["http proxy", "https proxy"])
def test_a_proxy_forwards_plain_requests(colour: str, secured: bool, tls: Certificate) -> None:
    with FaultServer(reply(b"forwarded"), tls=tls.server if secured else None) as proxy:
        address = proxy.url.replace("//", "//us%40er:p%3Aw@")
        with talker(colour, proxy=address, verify=str(tls.authority)) as us:
            for _ in range(2):
                assert us.whole("http://api.invalid:8080/v1?a=b") == b"forwarded"
    assert proxy.connections == 1
    seen = proxy.requests[0]
    assert seen.target == "http://api.invalid:8080/v1?a=b"
    assert seen.headers["host"] == "api.invalid:8080"
    assert seen.headers["proxy-authorization"] == "Basic dXNAZXI6cDp3"


@colours
@pytest.mark.parametrize("secured", [False, True], ids=["http proxy", "https proxy"])
def test_a_proxy_gives_a_tunnel(colour: str, secured: bool, tls: Certificate) -> None:
    with (
        FaultServer(reply(b"tunnelled"), tls=tls.server) as server,
        FaultServer(Tunnel(server.port), tls=tls.server if secured else None) as proxy,
    ):
        address = proxy.url.replace("//", "//user:word@")
        with talker(colour, proxy=address, verify=str(tls.authority)) as us:
            for _ in range(2):
                assert us.whole("https://localhost/v1", headers={"x-key": "k"}) == b"tunnelled"
    assert (server.connections, len(server.requests)) == (1, 2)
    [seen] = proxy.requests
    assert (seen.method, seen.target) == ("CONNECT", "localhost:443")
    assert seen.headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"
    assert "x-key" not in seen.headers
    assert "proxy-authorization" not in server.requests[0].headers


@colours
@pytest.mark.parametrize(
    "answer, user, words, retryable",
    [
        (head(407), "", "wants to know who asks", False),
        (head(407), "u:p@", "does not accept its user and password", False),
        (head(403), "", "it answers 403", False),
        (head(502), "", "gives no way to localhost:443: it answers 502", True),
    ],
)
def test_a_proxy_that_gives_no_tunnel(
    colour: str, answer: bytes, user: str, words: str, retryable: bool
) -> None:
    with FaultServer([answer, Close()]) as proxy:
        address = proxy.url.replace("//", f"//{user}")
        with (
            talker(colour, proxy=address) as us,
            pytest.raises(ModelConnectionError, match=words) as caught,
        ):
            us.ask("https://localhost/v1")
    assert caught.value.retryable is retryable
    assert "u:p" not in str(caught.value)


@colours
@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize("target", ["http", "https"])
def test_a_proxy_that_is_not_there(colour: str, scheme: str, target: str) -> None:
    with (
        talker(colour, proxy=f"{scheme}://127.0.0.1:1") as us,
        pytest.raises(ModelConnectionError, match=f"the proxy {scheme}://127.0.0.1:1"),
    ):
        us.ask(f"{target}://localhost/v1")


@colours
@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
def test_socks(colour: str, secured: bool, tls: Certificate) -> None:
    with (
        FaultServer(reply(b"ok"), tls=tls.server if secured else None) as server,
        FaultServer(on_connect=socks5(server.port, user=("u", "p"))) as proxy,
    ):
        address = f"socks5h://u:p@127.0.0.1:{proxy.port}"
        with talker(colour, proxy=address, verify=str(tls.authority)) as us:
            for _ in range(2):
                assert us.whole(f"http{'s' * secured}://localhost/v1") == b"ok"
    assert proxy.tunnels == [("localhost", 443 if secured else 80)]


@colours
@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
def test_socks_that_refuses(colour: str, secured: bool) -> None:
    with FaultServer(on_connect=socks5(user=("u", "p"))) as proxy:
        address = f"socks5h://u:wrong@127.0.0.1:{proxy.port}"
        with (
            talker(colour, proxy=address) as us,
            pytest.raises(ModelConnectionError, match=r"authentication fail") as caught,
        ):
            us.ask(f"http{'s' * secured}://localhost/v1")
    assert "wrong" not in str(caught.value)
    with FaultServer(on_connect=socks5(refuse=5)) as proxy:
        address = f"socks5h://127.0.0.1:{proxy.port}"
        with (
            talker(colour, proxy=address) as us,
            pytest.raises(ModelConnectionError, match="Connection refused"),
        ):
            us.ask(f"http{'s' * secured}://localhost/v1")


@colours
def test_socks_without_its_package(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("sys").modules, "socks" if colour == "sync" else "aiohttp_socks", None
    )
    with (
        talker(colour, proxy="socks5://127.0.0.1:1") as us,
        pytest.raises(ConfigurationError, match=r"pip install 'conure\[socks\]'"),
    ):
        us.ask("http://localhost")


@colours
@pytest.mark.parametrize("proxy", ["ftp://u:secret@p", "u:secret@p", "http://", "nonsense"])
def test_a_proxy_that_makes_no_sense(colour: str, proxy: str) -> None:
    with (
        talker(colour, proxy=proxy) as us,
        pytest.raises(ConfigurationError, match="the proxy's address") as caught,
    ):
        us.ask("http://localhost")
    assert "secret" not in str(caught.value)
