"""From URLs to routes."""

from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.transport.route import find_route


@pytest.mark.parametrize(
    "url, origin, path",
    [
        ("https://api.example.com", "https://api.example.com:443", "/"),
        ("https://api.example.com/v1/chat?a=b", "https://api.example.com:443", "/v1/chat?a=b"),
        ("http://localhost:8080/v1", "http://localhost:8080", "/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080", "/v1"),
        ("https://[::1]/", "https://[::1]:443", "/"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example:443", "/%C3%A4%20b"),
        (
            "https://api.example.com/a%2Fb:go?x=%20",
            "https://api.example.com:443",
            "/a%2Fb:go?x=%20",
        ),
        ("https://API.example.com?a=1", "https://api.example.com:443", "/?a=1"),
    ],
)
def test_straight(url: str, origin: str, path: str) -> None:
    route = find_route(url, None)
    assert (route.origin, route.path, route.target) == (origin, path, path)
    assert not route.tunnel
    assert not route.forwarded


@pytest.mark.parametrize(
    "url, proxy, target, tunnel, forwarded",
    [
        ("https://a.example/v1", "http://p:3128", "/v1", True, False),
        ("http://a.example/v1", "http://p:3128", "http://a.example/v1", False, True),
        ("http://a.example:81/v1", "https://p", "http://a.example:81/v1", False, True),
        ("http://a.example/v1", "socks5://p", "/v1", False, False),
        ("https://a.example/v1", "socks5h://p", "/v1", False, False),
    ],
)
def test_through_a_proxy(url: str, proxy: str, target: str, tunnel: bool, forwarded: bool) -> None:
    route = find_route(url, proxy)
    assert (route.target, route.tunnel, route.forwarded) == (target, tunnel, forwarded)


def test_a_proxy_with_user_and_password() -> None:
    proxy = find_route("https://a.example", "http://us%40er:p%3Aw@[::1]").proxy
    assert proxy is not None
    assert (proxy.user, proxy.password) == ("us@er", "p:w")
    assert proxy.headers == {"Proxy-Authorization": "Basic dXNAZXI6cDp3"}
    assert str(proxy) == "http://[::1]:80"


@pytest.mark.parametrize("scheme, port", [("http", 80), ("https", 443), ("socks5h", 1080)])
def test_ports_of_proxies(scheme: str, port: int) -> None:
    proxy = find_route("https://a.example", f"{scheme}://p").proxy
    assert proxy is not None
    assert proxy.port == port


@pytest.mark.parametrize(
    "url, proxy",
    [
        ("ftp://a.example", None),
        ("https://", None),
        ("nonsense", None),
        ("https://u:p@a.example", None),
        ("https://a.example:0x50", None),
        ("https://a.example", "ftp://p"),
        ("https://a.example", "http://"),
        ("https://a.example", "http://p:99999"),
        ("https://..example", None),
    ],
)
def test_what_makes_no_sense(url: str, proxy: str | None) -> None:
    if url == "https://..example":
        url = "https://ä..example"
    with pytest.raises(ConfigurationError):
        find_route(url, proxy)
