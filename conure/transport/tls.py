"""TLS contexts and socket options, made from `Options`."""

from __future__ import annotations

import os
import socket
import ssl
from importlib import import_module
from typing import Any

from ..errors import ConfigurationError
from .options import Options

__all__ = ["make_context", "socket_options"]

# Probes after a minute of silence, every 15 s; 4 unanswered ones end the connection.
KEEPALIVE = (
    ("SOL_SOCKET", "SO_KEEPALIVE", 1),
    ("IPPROTO_TCP", "TCP_KEEPIDLE", 60),
    ("IPPROTO_TCP", "TCP_KEEPALIVE", 60),  # what macOS calls the one above
    ("IPPROTO_TCP", "TCP_KEEPINTVL", 15),
    ("IPPROTO_TCP", "TCP_KEEPCNT", 4),
)


def make_context(options: Options) -> ssl.SSLContext:
    """Make the TLS context that the options ask for; reads files, so it may take a while."""
    verify = options.verify
    if isinstance(verify, ssl.SSLContext):
        return verify
    context = _trusting(verify) if isinstance(verify, str) else ssl.create_default_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is True and not any(ssl.get_default_verify_paths()[:2]):
        _trust_certifi(context)
    if options.cert is not None:
        cert = (options.cert,) if isinstance(options.cert, str) else options.cert
        try:
            context.load_cert_chain(*cert)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"cert={options.cert!r} cannot be used: {error}") from None
    return context


def _trusting(path: str) -> ssl.SSLContext:
    try:
        if os.path.isdir(path):  # noqa: PTH112 - one question needs no pathlib
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ConfigurationError(f"verify={path!r} cannot be read: {error}") from None


def _trust_certifi(context: ssl.SSLContext) -> None:
    # Python for macOS from python.org comes without certificates; certifi is often there.
    try:
        certifi: Any = import_module("certifi")
    except ImportError:
        return
    context.load_verify_locations(certifi.where())


def socket_options(options: Options) -> list[tuple[int, int, int | bytes]]:
    """List the socket options to set; those of the profile that a system lacks are left out."""
    wanted: list[tuple[int, int, int | bytes]] = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if options.socket_options is not None:
        return wanted + list(options.socket_options)
    for level, name, value in KEEPALIVE:
        if hasattr(socket, name):
            wanted.append((getattr(socket, level), getattr(socket, name), value))
    return wanted
