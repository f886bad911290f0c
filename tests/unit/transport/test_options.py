"""Which proxy the environment means."""

from __future__ import annotations

import ssl

import pytest

from conure.transport.options import Options, proxy_for

HTTPS = "https://api.example.com/v1"
HTTP = "http://api.example.com:8080/v1"


@pytest.mark.parametrize(
    "url, environ, proxy",
    [
        (HTTPS, {}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        (HTTPS, {"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://p:1"),
        (HTTPS, {"https_proxy": "", "HTTPS_PROXY": "http://q:1"}, None),
        (HTTPS, {"HTTP_PROXY": "http://p:1"}, None),
        (HTTPS, {"ALL_PROXY": "socks5h://u:w@p:1"}, "socks5h://u:w@p:1"),
        (HTTPS, {"all_proxy": "p:1"}, "http://p:1"),
        (HTTPS, {"https_proxy": "", "all_proxy": "p:1"}, None),
        (HTTP, {"HTTP_PROXY": " p:3128 "}, "http://p:3128"),
        (HTTP, {"HTTPS_PROXY": "http://p:1"}, None),
        (HTTP, {"HTTP_PROXY": "p:1", "REQUEST_METHOD": "GET"}, None),
        (HTTP, {"http_proxy": "p:1", "REQUEST_METHOD": "GET"}, "http://p:1"),
    ],
)
def test_which_variable(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(url, environ) == proxy


@pytest.mark.parametrize(
    "url, spared, direct",
    [
        (HTTPS, "*", True),
        (HTTPS, "example.com", True),
        (HTTPS, ".example.com", True),
        (HTTPS, "*.example.com", True),
        (HTTPS, "EXAMPLE.com.", True),
        (HTTPS, "api.example.com:443", True),
        (HTTPS, "api.example.com:8443", False),
        (HTTP, "example.com:8080", True),
        (HTTPS, "ample.com", False),
        (HTTPS, "www.api.example.com", False),
        (HTTPS, "localhost, 127.0.0.1,example.com", True),
        (HTTPS, "localhost 10.0.0.0/8", False),
        (HTTPS, ",", False),
        (HTTPS, ".", False),
        ("https://10.1.2.3/", "10.0.0.0/8", True),
        ("https://10.1.2.3/", "10.1.2.3", True),
        ("https://11.1.2.3/", "10.0.0.0/8", False),
        ("https://11.1.2.3/", "nonsense/8", False),
        ("https://[::1]:8080/", "::1", True),
        ("https://[::1]:8080/", "[::1]:8080", True),
        ("https://[::1]:8080/", "[::1]:80", False),
        ("https://[fd00::1]/", "fd00::/8", True),
    ],
)
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_no_proxy(url: str, spared: str, direct: bool, name: str) -> None:
    environ = {"all_proxy": "http://p:1", name: spared}
    assert proxy_for(url, environ) == (None if direct else "http://p:1")


def test_options_are_values() -> None:
    context = ssl.create_default_context()
    assert Options() == Options()
    assert hash(Options(proxy="http://p:1")) == hash(Options(proxy="http://p:1"))
    assert len({Options(verify=context), Options(verify=context), Options(verify=False)}) == 2
