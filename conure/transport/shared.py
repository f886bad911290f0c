"""The transports that models share: one per set of options, so that connections are reused.

Models made in a loop do not open a pool each. The HTTP libraries are imported when the first
call goes out, not when a model is made.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from .base import AsyncExchange, Exchange
from .options import Options

__all__ = ["LazyAsyncTransport", "LazyTransport", "async_transport", "sync_transport"]


class LazyTransport:
    """A sync transport that is made at its first exchange."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._made: Any = None

    def exchange(self) -> Exchange:
        made = self._made
        if made is None:
            from .http_sync import HTTPTransport

            made = self._made = HTTPTransport(self._options)
        return made.exchange()

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class LazyAsyncTransport:
    """An async transport that is made at its first exchange."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._made: Any = None

    def aexchange(self) -> AsyncExchange:
        made = self._made
        if made is None:
            from .http_async import AsyncHTTPTransport

            made = self._made = AsyncHTTPTransport(self._options)
        return made.aexchange()

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()


_SYNC: WeakValueDictionary[Options, LazyTransport] = WeakValueDictionary()
_ASYNC: WeakValueDictionary[Options, LazyAsyncTransport] = WeakValueDictionary()
# Models made anew for each call must not lose the connections of the one before.
_KEPT: list[LazyTransport | LazyAsyncTransport] = []
KEPT = 16


def sync_transport(options: Options) -> LazyTransport:
    """Give the sync transport for these options."""
    found = _SYNC.get(options)
    return found if found is not None else _keep(_SYNC.setdefault(options, LazyTransport(options)))


def async_transport(options: Options) -> LazyAsyncTransport:
    """Give the async transport for these options."""
    found = _ASYNC.get(options)
    if found is not None:
        return found
    return _keep(_ASYNC.setdefault(options, LazyAsyncTransport(options)))


def _keep(transport: Any) -> Any:
    _KEPT.append(transport)
    del _KEPT[:-KEPT]
    return transport
