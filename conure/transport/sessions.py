"""aiohttp, as the async transport uses it: sessions, and what their errors mean.

Imported in a thread at the first async exchange, because aiohttp takes long to import.
"""

from __future__ import annotations

import ssl
from contextvars import ContextVar
from io import BytesIO
from typing import Any, Protocol
from weakref import ref

import aiohttp
from yarl import URL

from ..errors import ConfigurationError, ModelError
from ..wire.http import Request
from . import faults
from .options import Options
from .route import Proxy, Route, find_route

__all__ = ["ASKING", "CLOSED_UNHEARD", "FAILURES", "ask", "explain", "open_session", "way"]

# A header line may be as long as http.client takes it.
LONGEST_LINE = 65536
LONGEST_AT_ONCE = 1 << 20

FAILURES: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError)
CLOSED_UNHEARD = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


class _Asker(Protocol):
    """What wants to know about the connection it gets."""

    def connected(self, connection: aiohttp.connector.Connection) -> None: ...


# Who waits for a connection in this task. Weak: whatever is scheduled meanwhile, such as a
# connection's reader, keeps this task's context for as long as it lives.
ASKING: ContextVar[ref[_Asker]] = ContextVar("conure_asking")


class _Connector(aiohttp.TCPConnector):
    """A connector that tells the exchange when it has its connection."""

    async def connect(self, *args: Any, **kwargs: Any) -> aiohttp.connector.Connection:
        connection = await super().connect(*args, **kwargs)
        if (asker := ASKING.get()()) is not None:
            asker.connected(connection)
        return connection


def open_session(options: Options) -> aiohttp.ClientSession:
    """Open a session in the running loop."""
    settings: dict[str, Any] = {"limit": 0, "keepalive_timeout": options.idle_seconds}
    proxy = find_route("http://localhost", options.proxy).proxy
    if proxy is not None and proxy.socks:
        connector = _through_socks(proxy, settings)
    else:
        connector = _Connector(**settings)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )


def _through_socks(proxy: Proxy, settings: dict[str, Any]) -> aiohttp.TCPConnector:
    try:
        import aiohttp_socks as socks
    except ImportError:
        raise ConfigurationError(
            f"the proxy {proxy} needs aiohttp-socks: pip install 'conure[socks]'"
        ) from None

    class SocksConnector(_Connector, socks.ProxyConnector):
        async def connect(self, *args: Any, **kwargs: Any) -> aiohttp.connector.Connection:
            try:
                return await super().connect(*args, **kwargs)
            except (socks.ProxyConnectionError, socks.ProxyError, socks.ProxyTimeoutError) as error:
                raise aiohttp.ClientConnectionError(str(error)) from error

    return SocksConnector(
        proxy_type=socks.ProxyType.SOCKS5,
        host=proxy.host,
        port=proxy.port,
        username=proxy.user,
        password=proxy.password,
        rdns=proxy.scheme == "socks5h",
        **settings,
    )


def way(route: Route, context: ssl.SSLContext | None) -> dict[str, Any]:
    """Spell a route as the arguments of a request."""
    url = URL(f"{route.origin}{route.path}", encoded=True)
    headers = {"Accept-Encoding": "identity"}
    spelled: dict[str, Any] = {"url": url, "ssl": True if context is None else context}
    proxy = route.proxy
    if proxy is not None and not proxy.socks:
        spelled["proxy"] = URL(str(proxy))
        if route.tunnel:
            spelled["proxy_headers"] = proxy.headers
        else:
            headers |= proxy.headers
    return spelled | {"headers": headers}


async def ask(
    client: aiohttp.ClientSession, request: Request, way: dict[str, Any]
) -> aiohttp.ClientResponse:
    """Send a request and wait for the head of the answer."""
    body = request.body
    return await client.request(
        request.method,
        # Whole and at once is best, but above a megabyte aiohttp warns of it.
        data=body if body is None or len(body) < LONGEST_AT_ONCE else BytesIO(body),
        allow_redirects=False,
        **{**way, "headers": way["headers"] | request.headers},
    )


def explain(
    error: Exception, route: Route, missing: int | None = None, *, connected: bool = True
) -> ModelError:
    """Say what an error of aiohttp means."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return faults.refused_by_proxy(error.status, route)
    if isinstance(cause, (ssl.SSLError, ssl.CertificateError)):
        return faults.no_tls(cause, route)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return faults.not_found(route)
    if isinstance(error, aiohttp.ClientPayloadError):
        return faults.cut(missing, route)
    if isinstance(error, aiohttp.ClientResponseError):
        return faults.no_http(error.message, route)
    return faults.broken(cause, route) if connected else faults.refused(cause, route)
