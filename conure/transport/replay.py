"""Record real exchanges to a file, and answer from it: for tests that need no network.

Rule 1: the file is JSON for people to read and to keep under version control. Keys, cookies and
        names of accounts never get into it.
Rule 2: pieces of a body are kept as they came, so what is replayed splits where reality split.
Rule 3: an exchange is found by its request (method, address, body), each is used once; a request
        that was never recorded says where it differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, cast

from .. import errors
from ..errors import ConfigurationError, ModelError
from ..wire.http import Head, Headers, Request, Timeouts
from .base import AsyncExchange, AsyncTransport, Exchange, Transport
from .options import Options
from .scrub import scrub_headers, scrub_text, scrub_url, secrets_of
from .shared import async_transport, sync_transport

__all__ = ["Recorder", "Replay"]

VERSION = 1
# They describe bytes on the wire, and what is kept is what they stood for.
FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
ABSENT = "nothing"


class Recorder:
    """A transport that writes every exchange to a file, for `Replay` to answer from.

    Give it to a model as `transport`. The file is begun anew; it is whole after every exchange.
    `through` is the transport that does the work, by default one with default `Options`.
    """

    def __init__(self, path: str | Path, *, through: Any = None) -> None:
        self.path = Path(path)
        self._sync: Transport = through or sync_transport(Options())
        self._async: AsyncTransport = through or async_transport(Options())
        self._exchanges: list[dict[str, Any]] = []
        self._lock = Lock()

    def exchange(self) -> Exchange:
        return _Recorded(self._sync.exchange(), self)

    def aexchange(self) -> AsyncExchange:
        return _AsyncRecorded(self._async.aexchange(), self)

    def close(self) -> None:
        self._sync.close()

    async def aclose(self) -> None:
        await self._async.aclose()

    def keep(self, exchange: dict[str, Any]) -> None:
        """Add an exchange to the file."""
        with self._lock:
            self._exchanges.append(exchange)
            content = {"conure_recording": VERSION, "exchanges": self._exchanges}
            text = json.dumps(content, ensure_ascii=False, indent=2)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


class _Tape:
    """One exchange as it is recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._secrets: list[str] = []
        self._entry: dict[str, Any] = {}
        self._pieces: list[Any] = []

    def asked(self, request: Request) -> None:
        self._secrets = secrets_of(request)
        self._entry = {"request": _written(request, self._secrets)}

    def answered(self, head: Head) -> None:
        kept = {name: value for name, value in head.headers.items() if name not in FRAMING}
        self._entry["answer"] = {
            "status": head.status,
            "headers": scrub_headers(kept),
            "pieces": self._pieces,
            "whole": False,
        }

    def came(self, data: bytes) -> None:
        if data:
            self._pieces.append(_piece(data, self._secrets))
        else:
            self._entry["answer"]["whole"] = True

    def failed(self, error: ModelError) -> None:
        words = scrub_text(error.message, self._secrets)
        self._entry["failure"] = {"type": type(error).__name__, "message": words}

    def ended(self) -> None:
        if self._entry:
            entry, self._entry = self._entry, {}
            self._recorder.keep(entry)


class _Recorded:
    def __init__(self, exchange: Exchange, recorder: Recorder) -> None:
        self._exchange = exchange
        self._tape = _Tape(recorder)

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        self._tape.asked(request)
        try:
            head = self._exchange.send(request, timeouts)
        except ModelError as error:
            self._tape.failed(error)
            raise
        self._tape.answered(head)
        return head

    def read(self, timeout: float | None) -> bytes:
        try:
            data = self._exchange.read(timeout)
        except ModelError as error:
            self._tape.failed(error)
            raise
        self._tape.came(data)
        return data

    def close(self) -> None:
        self._exchange.close()
        self._tape.ended()


class _AsyncRecorded:
    def __init__(self, exchange: AsyncExchange, recorder: Recorder) -> None:
        self._exchange = exchange
        self._tape = _Tape(recorder)

    async def send(self, request: Request, timeouts: Timeouts) -> Head:
        self._tape.asked(request)
        try:
            head = await self._exchange.send(request, timeouts)
        except ModelError as error:
            self._tape.failed(error)
            raise
        self._tape.answered(head)
        return head

    async def read(self, timeout: float | None) -> bytes:
        try:
            data = await self._exchange.read(timeout)
        except ModelError as error:
            self._tape.failed(error)
            raise
        self._tape.came(data)
        return data

    def close(self) -> None:
        self._exchange.close()
        self._tape.ended()


class Replay:
    """A transport that answers from a recording; it opens no socket.

    Give it to a model as `transport`. `unused` counts the exchanges not asked for yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.path} is no recording: {error}") from None
        if not isinstance(content, dict) or "conure_recording" not in content:
            raise ConfigurationError(f"{self.path} is no recording: make one with Recorder")
        self._exchanges: list[dict[str, Any]] = list(cast("Any", content)["exchanges"])
        self._recorded = len(self._exchanges)
        self._lock = Lock()

    @property
    def unused(self) -> int:
        return len(self._exchanges)

    def exchange(self) -> Exchange:
        return _Replayed(self)

    def aexchange(self) -> AsyncExchange:
        return _AsyncReplayed(self)

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass

    def take(self, request: Request) -> dict[str, Any]:
        """Answer the exchange recorded for a request, which is thereby used up."""
        asked = _written(request, secrets_of(request))
        with self._lock:
            for position, exchange in enumerate(self._exchanges):
                if _difference(_essence(exchange["request"]), _essence(asked)) is None:
                    return self._exchanges.pop(position)
            if not self._exchanges:
                raise ConfigurationError(
                    f"{self.path}: all {self._recorded} recorded exchanges are used up, and "
                    f"{request.method} {asked['url']} is asked for"
                )
            recorded = _essence(self._exchanges[0]["request"])
        path, was, now = _difference(recorded, _essence(asked)) or ("", "", "")
        raise ConfigurationError(
            f"{self.path}: no recorded request is like this one; the next one recorded differs at "
            f"{path}: recorded {_short(was)}, asked {_short(now)}"
        )


class _Replayed:
    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._entry: dict[str, Any] = {}
        self._pieces: list[Any] = []

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        del timeouts
        self._entry = self._replay.take(request)
        answer = self._entry.get("answer")
        if answer is None:
            raise self._failure()
        self._pieces = list(reversed(answer["pieces"]))
        return Head(answer["status"], Headers.of(answer["headers"].items()), monotonic())

    def read(self, timeout: float | None) -> bytes:
        del timeout
        if self._pieces:
            return _bytes(self._pieces.pop())
        if "failure" in self._entry:
            raise self._failure()
        if not self._entry["answer"]["whole"]:
            raise ConfigurationError(
                f"{self._replay.path}: the recording of this answer was left here, half way"
            )
        return b""

    def close(self) -> None:
        pass

    def _failure(self) -> ModelError:
        failure = self._entry["failure"]
        kind = getattr(errors, failure["type"], ModelError)
        return kind(failure["message"])


class _AsyncReplayed:
    def __init__(self, replay: Replay) -> None:
        self._exchange = _Replayed(replay)

    async def send(self, request: Request, timeouts: Timeouts) -> Head:
        return self._exchange.send(request, timeouts)

    async def read(self, timeout: float | None) -> bytes:
        return self._exchange.read(timeout)

    def close(self) -> None:
        pass


def _written(request: Request, secrets: list[str]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "method": request.method,
        "url": scrub_url(request.url),
        "headers": scrub_headers(request.headers),
    }
    if request.body is not None:
        body = _piece(request.body, secrets)
        try:
            written["json"] = json.loads(body)
        except (TypeError, ValueError):
            written["body"] = body
    return written


def _essence(written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if name != "headers"}


def _piece(data: bytes, secrets: list[str]) -> Any:
    try:
        return scrub_text(data.decode("utf-8"), secrets)
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"base64": b64encode(data).decode()}


def _bytes(piece: Any) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    from base64 import b64decode

    return b64decode(piece["base64"])


def _difference(one: Any, other: Any, path: str = "$") -> tuple[str, Any, Any] | None:
    """Find the first place where two JSON values differ."""
    pairs: list[tuple[str, Any, Any]]
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        pairs = [(f".{key}", left.get(key, ABSENT), right.get(key, ABSENT)) for key in left | right]
    elif isinstance(one, list) and isinstance(other, list):
        items = zip_longest(cast("list[Any]", one), cast("list[Any]", other), fillvalue=ABSENT)
        pairs = [(f"[{n}]", left, right) for n, (left, right) in enumerate(items)]
    else:
        return None if one == other else (path, cast("Any", one), other)
    for step, left, right in pairs:
        if found := _difference(left, right, path + step):
            return found
    return None


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
