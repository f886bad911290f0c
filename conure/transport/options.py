"""How a transport reaches providers: proxy, certificates, sockets, limits.

Values and pure functions only: the environment is read by the caller and handed to `proxy_for`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from msgspec import Struct

from ..errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

__all__ = ["Options", "proxy_for", "read_socket_options", "read_verify"]


class Options(Struct, frozen=True, kw_only=True):
    """What a transport may be told.

    `proxy` is a URL (`http`, `https`, `socks5` or `socks5h`, with user and password if need be).
    `verify` is True for the system's certificates, a path to others (a file or a folder), a
    context, or False for none, which is unsafe. `cert` is our own certificate, a path or a pair
    of paths (certificate, key). `socket_options` are (level, option, value); None means probes
    that notice a dead connection after two minutes, () means none. `max_idle` connections per
    address are kept, for `idle_seconds`. `max_body` bounds an answer, decompressed.
    """

    proxy: str | None = None
    verify: bool | str | ssl.SSLContext = True
    cert: str | tuple[str, str] | None = None
    socket_options: tuple[tuple[int, int, int | bytes], ...] | None = None
    max_idle: int = 100
    # Load balancers drop what was silent for a minute, some without a word.
    idle_seconds: float = 50.0
    max_body: int = 1 << 29

    def __repr__(self) -> str:
        # Never the proxy: its address may hold a password, and tracebacks show this.
        return f"Options(proxy={'…' if self.proxy else None}, verify={self.verify!r})"


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Answer the proxy that the environment names for an address, if any.

    Understands `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in both cases, the lower
    one winning. `NO_PROXY` lists hosts, which cover their subdomains, with or without a port,
    networks such as `10.0.0.0/8`, or `*`.

    >>> proxy_for("https://api.example.com/v1", {"https_proxy": "proxy:3128"})
    'http://proxy:3128'
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    proxy = _variable(f"{scheme}_proxy", environ)
    if proxy is None:
        proxy = _variable("all_proxy", environ)
    if not proxy:
        return None
    port = parts.port or (443 if scheme == "https" else 80)
    spared = (_variable("no_proxy", environ) or "").replace(",", " ").split()
    if any(_covers(entry.lower(), host, port) for entry in spared):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def read_verify(given: Any) -> bool | str | ssl.SSLContext:
    """Read what `verify` may be given as; raise `ConfigurationError` for anything else."""
    if hasattr(given, "__fspath__"):
        return str(given.__fspath__())
    if isinstance(given, (bool, str)) or hasattr(given, "wrap_socket"):
        return cast("bool | str | ssl.SSLContext", given)
    raise ConfigurationError(
        f"verify={given!r}: give True, False, a path to certificates or an SSLContext"
    )


def read_socket_options(given: Any) -> tuple[tuple[Any, ...], ...]:
    """Read socket options in any kind of list; raise `ConfigurationError` for other forms."""
    try:
        options = tuple(tuple(option) for option in given)
    except TypeError:
        options = ((),)
    if any(len(option) != 3 for option in options):
        raise ConfigurationError(
            f"http_socket_options={given!r}: give a list of (level, option, value)"
        )
    return options


def _variable(name: str, environ: Mapping[str, str]) -> str | None:
    value = environ.get(name)
    # A CGI server hands a client's `Proxy:` header to its scripts as HTTP_PROXY.
    if value is None and not (name == "http_proxy" and "REQUEST_METHOD" in environ):
        value = environ.get(name.upper())
    return None if value is None else value.strip()


def _covers(entry: str, host: str, port: int) -> bool:
    """Tell whether one entry of NO_PROXY names this host."""
    if entry == "*":
        return True
    if "/" in entry:
        return _is_within(host, entry)
    name, _, digits = entry.rpartition(":")
    if digits.isdigit() and (name.endswith("]") or ":" not in name):
        if int(digits) != port:
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*").lstrip(".").rstrip(".")
    return bool(entry) and (host == entry or host.endswith("." + entry))


def _is_within(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
