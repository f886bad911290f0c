"""From a URL to the way to its host: where to connect, through which proxy, what to ask for."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from ..errors import ConfigurationError

__all__ = ["Proxy", "Route", "find_route"]

PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
SAFE = "/%:@!$&'()*+,;=~-._?"


class Proxy(Struct, frozen=True):
    """A proxy, as its URL names it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str

    def __str__(self) -> str:
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"

    __repr__ = __str__

    @property
    def socks(self) -> bool:
        return self.scheme.startswith("socks")

    @property
    def headers(self) -> dict[str, str]:
        """What an HTTP proxy must be told about who asks."""
        if self.user is None:
            return {}
        word = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {word}"}


class Route(Struct, frozen=True):
    """The way to one URL.

    `origin` names scheme, host and port, `path` all that follows; `target` is what the request
    line asks for; `place` is the way in words.
    """

    host: str
    port: int
    tls: bool
    path: str
    target: str
    origin: str
    place: str
    proxy: Proxy | None

    @property
    def tunnel(self) -> bool:
        """Whether an HTTP proxy must be asked for a tunnel."""
        return self.tls and self.proxy is not None and not self.proxy.socks

    @property
    def forwarded(self) -> bool:
        """Whether an HTTP proxy reads the request itself."""
        return not self.tls and self.proxy is not None and not self.proxy.socks


def find_route(url: str, proxy_url: str | None) -> Route:
    """Read a URL and the way to its host; raise `ConfigurationError` where they make no sense.

    >>> find_route("https://api.example.com/v1/chat", None).origin
    'https://api.example.com:443'
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"{url!r} is no address of the form https://host/path")
    if parts.username is not None:
        raise ConfigurationError(
            f"the address of {parts.hostname} holds a user or password: send it as a header"
        )
    tls = parts.scheme == "https"
    host, port = _ascii(parts.hostname), _port(url, 443 if tls else 80)
    place = f"{_bracketed(host)}:{port}"
    origin = f"{parts.scheme}://{place}"
    path = quote(f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/", SAFE)
    if proxy_url is None:
        return Route(host, port, tls, path, path, origin, place, None)
    proxy = _read_proxy(proxy_url)
    target = path if tls or proxy.socks else f"http://{place.removesuffix(':80')}{path}"
    place = f"{place} through the proxy {proxy}"
    return Route(host, port, tls, path, target, origin, place, proxy)


def _read_proxy(url: str) -> Proxy:
    parts = urlsplit(url)
    if parts.scheme not in PROXY_PORTS or not parts.hostname:
        kinds = ", ".join(f"{scheme}://" for scheme in PROXY_PORTS)
        # Not shown: it may hold a password.
        raise ConfigurationError(
            f"the proxy's address must have a host and begin with one of {kinds}"
        )
    user = None if parts.username is None else unquote(parts.username)
    port = _port(url, PROXY_PORTS[parts.scheme])
    return Proxy(parts.scheme, _ascii(parts.hostname), port, user, unquote(parts.password or ""))


def _port(url: str, default: int) -> int:
    parts = urlsplit(url)
    try:
        return parts.port or default
    except ValueError as error:
        raise ConfigurationError(f"the address of {parts.hostname}: {error}") from None


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ConfigurationError(f"{host!r} is no name of a host: {error}") from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
