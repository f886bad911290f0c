"""TLS contexts and socket options from options."""

from __future__ import annotations

import socket
import ssl
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.transport.options import Options
from conure.transport.tls import make_context, socket_options


def test_certificates_are_verified_unless_told_otherwise() -> None:
    context = make_context(Options())
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    loose = make_context(Options(verify=False))
    assert loose.verify_mode is ssl.CERT_NONE
    assert not loose.check_hostname


def test_a_context_is_taken_as_it_is() -> None:
    context = ssl.create_default_context()
    assert make_context(Options(verify=context)) is context


def test_a_folder_of_authorities(tmp_path: Path) -> None:
    assert make_context(Options(verify=str(tmp_path))).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("there", [True, False])
def test_certifi_helps_where_a_system_has_no_authorities(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trustme

    authority = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    certifi: Any = ModuleType("certifi")
    certifi.where = lambda: str(authority)
    monkeypatch.setitem(sys.modules, "certifi", certifi if there else None)
    nothing = ssl.get_default_verify_paths()._replace(cafile=None, capath=None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    monkeypatch.setattr(
        ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    assert len(make_context(Options()).get_ca_certs()) == there


@pytest.mark.parametrize(
    "options", [Options(verify="/none.pem"), Options(cert="/none.pem"), Options(cert=("/a", "/b"))]
)
def test_files_that_are_not_there(options: Options) -> None:
    with pytest.raises(ConfigurationError, match=r"verify=|cert="):
        make_context(options)


def test_socket_options() -> None:
    nodelay = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert socket_options(Options(socket_options=())) == [nodelay]
    own = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    assert socket_options(Options(socket_options=(own,))) == [nodelay, own]
    assert (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1) in socket_options(Options())
