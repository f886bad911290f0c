"""llama.cpp in this process, as a transport: requests to `local:` go to an engine, not a socket.

A request's address is that of a model file; its body is what llama.cpp's own server takes for
Chat Completions with `stream`, and the answer is the stream that server would send. Any other
address is reached over HTTP: that is how models are downloaded.

https://github.com/ggml-org/llama.cpp/tree/master/tools/server
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, cast
from urllib.parse import unquote

from ..errors import ConureError, ModelAPIError, ModelInvalidRequestError, ModelTimeoutError
from ..wire import json
from ..wire.http import Head, Headers, Request, Timeouts
from .base import AsyncExchange, AsyncTransport, Exchange, Transport
from .engines import engine_of, free
from .loading import EngineOptions

__all__ = ["SCHEME", "LlamaTransport"]

SCHEME = "local:"
PATH = "/chat/completions"
STREAM = Headers({"content-type": "text/event-stream"})
DOCUMENT = Headers({"content-type": "application/json"})
FAILED = b'{"error":'
# What its own users are told, who give n_ctx by another name.
TOO_LONG = b", try increasing it"


class LlamaTransport:
    """Engines for `local:` addresses, loaded with `options`; HTTP for all others."""

    def __init__(
        self, options: EngineOptions, sync_http: Transport, async_http: AsyncTransport
    ) -> None:
        self.options = options
        self.sync_http = sync_http
        self.async_http = async_http
        self._files: set[str] = set()

    def exchange(self) -> Exchange:
        return _Exchange(self)

    def aexchange(self) -> AsyncExchange:
        return _AsyncExchange(self)

    def close(self) -> None:
        """Free the engines used here, those in use when their last reply is written."""
        self._free()
        self.sync_http.close()

    async def aclose(self) -> None:
        self._free()
        await self.async_http.aclose()

    def _free(self) -> None:
        while self._files:
            free(self._files.pop(), self.options)

    def start(self, request: Request, put: Callable[[Any], None]) -> _Reply:
        """Have a reply written; `put` gets its head, its bytes, and b"" or an error at the end."""
        file = unquote(request.url.removeprefix(SCHEME).removesuffix(PATH))
        self._files.add(file)
        reply = _Reply(request.body or b"", put)
        engine_of(file, self.options).write(reply)
        return reply


class _Reply:
    """A reply under way: events of llama.cpp in, HTTP's shape out."""

    def __init__(self, body: bytes, put: Callable[[Any], None]) -> None:
        self.body = body
        self.left = False
        self._put = put
        self._begun = False
        self._refused = False

    def take(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            self._refused = data.startswith(FAILED)
            self._hand_over(_refusal(data) if self._refused else _head(200, STREAM))
        if self._refused:
            data = data.replace(TOO_LONG, b": make n_ctx larger.")
        self._hand_over(data if self._refused else b"data: " + data + b"\n\n")

    def end(self, error: Exception | None) -> None:
        # No "[DONE]": whether the reply was whole, its finish reason says.
        self._hand_over(b"" if error is None else _explain(error))

    def _hand_over(self, item: Any) -> None:
        try:
            self._put(item)
        except RuntimeError:  # the event loop is closed
            self.left = True


class _Exchange:
    """One request and its answer, for a thread that waits."""

    def __init__(self, transport: LlamaTransport) -> None:
        self._transport = transport
        self._items: SimpleQueue[Any] = SimpleQueue()
        self._reply: _Reply | None = None
        self._other: Exchange | None = None

    def send(self, request: Request, timeouts: Timeouts) -> Head:
        if not request.url.startswith(SCHEME):
            self._other = self._transport.sync_http.exchange()
            return self._other.send(request, timeouts)
        self._reply = self._transport.start(request, self._items.put)
        return cast("Head", self._take(timeouts.read))

    def read(self, timeout: float | None) -> bytes:
        if self._other is not None:
            return self._other.read(timeout)
        return cast("bytes", self._take(timeout))

    def close(self) -> None:
        if self._other is not None:
            self._other.close()
        if self._reply is not None:
            self._reply.left = True

    def _take(self, timeout: float | None) -> Any:
        try:
            return _checked(self._items.get(timeout=timeout))
        except Empty:
            raise _silent(timeout) from None


class _AsyncExchange:
    """The same, awaited."""

    def __init__(self, transport: LlamaTransport) -> None:
        self._transport = transport
        self._items: asyncio.Queue[Any] = asyncio.Queue()
        self._reply: _Reply | None = None
        self._other: AsyncExchange | None = None

    async def send(self, request: Request, timeouts: Timeouts) -> Head:
        if not request.url.startswith(SCHEME):
            self._other = self._transport.async_http.aexchange()
            return await self._other.send(request, timeouts)
        call, put = asyncio.get_running_loop().call_soon_threadsafe, self._items.put_nowait
        self._reply = self._transport.start(request, lambda item: call(put, item) and None)
        return cast("Head", await self._take(timeouts.read))

    async def read(self, timeout: float | None) -> bytes:
        if self._other is not None:
            return await self._other.read(timeout)
        return cast("bytes", await self._take(timeout))

    def close(self) -> None:
        if self._other is not None:
            self._other.close()
        if self._reply is not None:
            self._reply.left = True

    async def _take(self, timeout: float | None) -> Any:
        try:
            async with asyncio.timeout(timeout):
                item = await self._items.get()
        except TimeoutError:
            raise _silent(timeout) from None
        return _checked(item)


def _checked(item: Any) -> Any:
    if isinstance(item, Exception):
        raise item
    return item


def _head(status: int, headers: Headers) -> Head:
    return Head(status, headers, monotonic())


def _refusal(data: bytes) -> Head:
    try:
        status: Any = json.decode(data)["error"]["code"]
    except (LookupError, TypeError, ValueError):
        status = 500
    return _head(status if isinstance(status, int) and 400 <= status < 600 else 500, DOCUMENT)


def _explain(error: Exception) -> Exception:
    """Make what the binding raised one of ours."""
    if isinstance(error, ConureError):
        return error
    kind = ModelInvalidRequestError if isinstance(error, ValueError) else ModelAPIError
    return kind(f"llama.cpp: {error}")


def _silent(timeout: float | None) -> ModelTimeoutError:
    return ModelTimeoutError(f"llama.cpp wrote nothing within {timeout:g} s")
