"""Connections made by urllib3: straight, through HTTP proxies and through SOCKS."""

from __future__ import annotations

import re
import socket
import ssl
from http.client import HTTPException
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection, ProxyConfig
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util import parse_url

from ..errors import ConfigurationError, ConureError
from . import faults
from .options import Options
from .route import Proxy, Route
from .tls import socket_options

__all__ = ["Connection", "connect"]

Connection = HTTPConnection


def connect(
    route: Route, options: Options, context: ssl.SSLContext | None, seconds: float | None
) -> Connection:
    """Open a connection; `context` is needed wherever TLS is spoken."""
    connection = _prepare(route, options, context, seconds)
    try:
        connection.connect()
    except (OSError, HTTPError, HTTPException) as error:
        connection.close()
        raise _explain(error, route, seconds) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(
    route: Route, options: Options, context: ssl.SSLContext | None, seconds: float | None
) -> Connection:
    proxy = route.proxy
    settings: dict[str, Any] = {"timeout": seconds, "socket_options": socket_options(options)}
    if proxy is not None and proxy.socks:
        return _through_socks(proxy, route, context, settings)
    host, port = (proxy.host, proxy.port) if proxy else (route.host, route.port)
    if not route.tls and (proxy is None or proxy.scheme == "http"):
        return HTTPConnection(host, port, **settings)
    settings["ssl_context"] = context
    if proxy is None or not route.tls:
        return HTTPSConnection(host, port, **settings)
    settings["proxy"] = parse_url(str(proxy))
    settings["proxy_config"] = ProxyConfig(context, False, None, None)
    connection = HTTPSConnection(host, port, **settings)
    connection.set_tunnel(route.host, route.port, proxy.headers, proxy.scheme)
    return connection


def _through_socks(
    proxy: Proxy, route: Route, context: ssl.SSLContext | None, settings: dict[str, Any]
) -> Connection:
    try:
        import socks
        from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection
    except ImportError:
        raise ConfigurationError(
            f"the proxy {proxy} needs PySocks: pip install 'conure[socks]'"
        ) from None
    way: Any = {
        "socks_version": socks.PROXY_TYPE_SOCKS5,
        "proxy_host": proxy.host,
        "proxy_port": proxy.port,
        "username": proxy.user,
        "password": proxy.password,
        "rdns": proxy.scheme == "socks5h",
    }
    if route.tls:
        return SOCKSHTTPSConnection(way, route.host, route.port, ssl_context=context, **settings)
    return SOCKSConnection(way, route.host, route.port, **settings)


def _explain(error: Exception, route: Route, seconds: float | None) -> ConureError:
    cause = error.__cause__ or error
    if isinstance(error, NameResolutionError) or isinstance(cause, socket.gaierror):
        return faults.not_found(route)
    # urllib3 counts a refused connection among those that took too long.
    slow = isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    if slow or isinstance(error, TimeoutError):
        return faults.too_slow(route, seconds)
    if isinstance(cause, (ssl.SSLError, ssl.CertificateError)):
        return faults.no_tls(cause, route)
    # http.client tells the status of a refused tunnel in its message only.
    if route.tunnel and (found := re.match(r"Tunnel connection failed: (\d+)", str(error))):
        return faults.refused_by_proxy(int(found[1]), route)
    return faults.refused(cause, route)
