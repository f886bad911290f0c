"""What holds around every test: no network but loopback, and a clean environment.

Tests marked `vendor` talk to real providers and are exempt from both.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Generator, Iterator
from typing import Any

import pytest

# What could make a call behave differently on another machine: keys, addresses, proxies, tracing.
OUTSIDE = re.compile(
    r"(?i).*_(api_?key|key|token|api_base|base_url|api_url|endpoint|host|organization|org_id)"
    r"|(http|https|all|no|socks)_proxy"
    r"|(openai|azure|anthropic|google|gemini|aws|conure|langsmith|langchain|ssl_cert|ollama)_.*"
    r"|(requests|curl)_ca_bundle|sslkeylogfile|no_color|force_color"
)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Let a failure that shows half a character reach the terminal: xdist sends UTF-8 only."""
    return _utf8((yield))


def _utf8(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_utf8(key): _utf8(inner) for key, inner in value.items()}
        case list() | tuple():
            return type(value)(map(_utf8, value))
        case _:
            return value


@pytest.fixture(autouse=True)
def _clean_environment(request: pytest.FixtureRequest) -> Iterator[None]:
    before = dict(os.environ)
    if not _vendor(request):
        for name in before:
            if OUTSIDE.fullmatch(name):
                del os.environ[name]
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(autouse=True)
def _only_loopback(request: pytest.FixtureRequest) -> Iterator[None]:
    if _vendor(request):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for verb in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, verb, _guarded(getattr(socket.socket, verb)))
        patch.setattr(socket, "getaddrinfo", _local_names(socket.getaddrinfo))
        yield


def _guarded(method: Any) -> Any:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _loopback(address[0]):
            pytest.fail(f"a test tried to reach {address[0]}: only loopback is allowed")
        return method(self, *arguments)

    return guarded


def _local_names(resolve: Any) -> Any:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or _loopback(name):
            return resolve(host, *arguments, **options)
        if name.endswith(".invalid"):  # RFC 6761: no resolver knows it, so none need be asked
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        pytest.fail(f"a test tried to look up {name}: only loopback is allowed")

    return guarded


def _loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return host in ("localhost", "") or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _vendor(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("vendor") is not None
