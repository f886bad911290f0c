"""A hub of models on loopback, and the other host that it sends downloads to."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

__all__ = ["COMMIT", "Asked", "LoopbackHub", "serving"]

COMMIT = "c0ffee" + "0" * 34


class Asked(NamedTuple):
    """One request that came."""

    path: str
    range: str | None
    token: str | None


class LoopbackHub:
    """Repositories and their files; and what shall go wrong."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[Asked] = []
        self.url = self.store_url = ""
        self.refuse: list[tuple[int, dict[str, str]]] = []
        """statuses for the next questions to the hub"""
        self.cuts: list[int] = []
        """after how many bytes the next downloads break off"""
        self.takes_ranges = True
        self.damages = False
        self.listing: Any = None
        """said instead of the listing"""
        self.pause = threading.Event()
        """cleared, downloads stop half way until it is set"""
        self.pause.set()

    def downloads(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path.startswith("/blobs/")]

    def digest(self, repository: str, name: str) -> str:
        return hashlib.sha256(self.files[repository][name]).hexdigest()

    def list_of(self, repository: str) -> dict[str, Any]:
        siblings = [
            {
                "rfilename": name,
                "size": len(data),
                "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)},
            }
            for name, data in self.files[repository].items()
        ]
        return {"sha": COMMIT, "siblings": [{"rfilename": "README.md", "size": 3}, *siblings]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: LoopbackHub

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append(
            Asked(path, self.headers.get("range"), self.headers.get("authorization"))
        )
        if path.startswith("/blobs/"):
            self.download(path.removeprefix("/blobs/"))
        elif self.hub.refuse:
            status, fields = self.hub.refuse.pop(0)
            self.answer(status, b"no", fields)
        elif found := re.fullmatch("/api/models/(.+)/revision/(main|v2)", path):
            self.tell(found[1])
        elif found := re.fullmatch(f"/([^/]+/[^/]+)/resolve/{COMMIT}/(.+)", path):
            location = f"{self.hub.store_url}/blobs/{self.hub.digest(found[1], found[2])}?signed=1"
            self.answer(302, b"", {"location": location})
        else:
            self.answer(404, b"Repository not found", {})

    def tell(self, repository: str) -> None:
        if self.hub.listing is not None:
            self.answer(200, self.hub.listing, {})
        elif repository in self.hub.files:
            self.answer(200, json.dumps(self.hub.list_of(repository)).encode(), {})
        else:
            self.answer(401, b"", {"x-error-message": "Invalid username or password."})

    def download(self, digest: str) -> None:
        every = [data for files in self.hub.files.values() for data in files.values()]
        data = next(data for data in every if hashlib.sha256(data).hexdigest() == digest)
        if self.hub.damages:
            data = data[:-1] + bytes([data[-1] ^ 1])
        start, status, fields = 0, 200, {}
        if self.hub.takes_ranges and (asked := self.headers.get("range")):
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            fields = {"content-range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        if self.hub.cuts:
            rest = data[start : start + self.hub.cuts.pop(0)]
            self.answer(status, rest, fields, len(data) - start)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.answer(status, data[start:], fields)

    def answer(
        self, status: int, body: bytes, fields: dict[str, str], length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        if status in {200, 206} and self.path.startswith("/blobs/"):
            self.hub.pause.wait(30)
        self.wfile.write(body[half:])

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[LoopbackHub]:
    hub = LoopbackHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.url, hub.store_url = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    try:
        yield hub
    finally:
        hub.pause.set()
        for server in servers:
            server.shutdown()
            server.server_close()
