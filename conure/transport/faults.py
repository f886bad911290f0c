"""What went wrong on the way, in words that say what to look at."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from ..errors import ConfigurationError, ModelConnectionError, ModelTimeoutError, ProtocolError
from .route import Route

__all__ = [
    "broken",
    "check_headers",
    "cut",
    "no_http",
    "no_tls",
    "not_found",
    "refused",
    "refused_by_proxy",
    "silent",
    "too_long",
    "too_slow",
]


def broken(error: BaseException, route: Route) -> ModelConnectionError:
    """Say what broke a connection that stood."""
    return ModelConnectionError(f"the connection to {route.place} broke: {_words(error)}")


def cut(missing: int | None, route: Route) -> ModelConnectionError:
    """Say that an answer broke off."""
    rest = f"; {missing:,} bytes are missing" if missing else ""
    return ModelConnectionError(f"{route.place} broke off in the middle of its answer{rest}")


def no_http(line: str, route: Route) -> ProtocolError:
    """Say that what came is no HTTP."""
    return ProtocolError(
        f"{route.place} does not answer in HTTP/1.1, but with {line[:60]!r}: does the address "
        "(https:// or http://, port) name the right server?"
    )


def silent(route: Route, seconds: float | None) -> ModelTimeoutError:
    """Say that nothing came in time."""
    return ModelTimeoutError(f"{route.place} sent nothing {_within(seconds)}")


def too_long(limit: int, route: Route) -> ProtocolError:
    """Say that an answer is longer than anything meant."""
    return ProtocolError(f"the answer of {route.place} is longer than {limit:,} bytes")


def too_slow(route: Route, seconds: float | None) -> ModelTimeoutError:
    """Say that no connection came about in time."""
    return ModelTimeoutError(
        f"could not connect to {route.place} {_within(seconds)}: is the host up, is a firewall or "
        "a proxy between?"
    )


def not_found(route: Route) -> ModelConnectionError:
    """Say that a name has no address."""
    host, where = (route.proxy.host, "proxy") if route.proxy else (route.host, "base URL")
    return ModelConnectionError(
        f"there is no address for the name {host}: look for a typing error in the {where}, and "
        "whether this machine is online"
    )


def refused(error: BaseException, route: Route) -> ModelConnectionError:
    """Say that no connection came about."""
    if isinstance(error, ConnectionRefusedError):
        whose = f"the proxy {route.proxy}" if route.proxy else route.place
        return ModelConnectionError(f"{whose} refuses connections: is a server running there?")
    return ModelConnectionError(f"could not connect to {route.place}: {_words(error)}")


def refused_by_proxy(status: int, route: Route) -> ModelConnectionError:
    """Say why a proxy gives no tunnel."""
    if status != 407:
        said = f"gives no way to {route.host}:{route.port}: it answers {status}"
    elif route.proxy and route.proxy.user is not None:
        said = "does not accept its user and password (407)"
    else:
        said = "wants to know who asks (407): write http://user:password@host:port"
    failure = ModelConnectionError(f"the proxy {route.proxy} {said}")
    failure.retryable = status >= 500
    return failure


def no_tls(error: ssl.SSLError | ssl.CertificateError, route: Route) -> ModelConnectionError:
    """Say why TLS failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        failure = ModelConnectionError(
            f"the certificate of {route.place} is not trusted: {error.verify_message}. If it is "
            "your own, or that of a proxy which reads TLS, name the authority's file: "
            "verify='ca.pem', or the variable SSL_CERT_FILE"
        )
        failure.retryable = False
        return failure
    hint = ""
    if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        hint = "; what answers there speaks no TLS: should the address begin with http://?"
    return ModelConnectionError(f"TLS with {route.place} failed: {error.reason or error}{hint}")


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers that HTTP cannot carry; never show their values, which may be keys."""
    for name in headers:
        if not (headers[name].isascii() and headers[name].isprintable()):
            raise _unsendable(name, breaks=headers[name].isascii())
        if not (name.isascii() and name.isprintable()) or " " in name or ":" in name:
            raise ConfigurationError(f"{name!r} is no name of a header")


def _unsendable(name: str, *, breaks: bool) -> ConfigurationError:
    if breaks:
        return ConfigurationError(
            f"the header {name!r} holds a line break or another control character: strip what you "
            "read from a file"
        )
    return ConfigurationError(
        f"the header {name!r} holds a character that HTTP cannot carry: was the key pasted with a "
        "typographic quote or dash?"
    )


def _words(error: BaseException) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    # urllib3 puts its own object first, and what happened last.
    return said.rpartition("Failed to establish a new connection: ")[2]


def _within(seconds: float | None) -> str:
    return "in time" if seconds is None else f"within {seconds:g} s"
