"""Sessions with MCP servers, through the protocol's own client library: `conure[mcp]`.

The one file that touches it. A session is held by a task, because it must be closed where it was
opened.

https://modelcontextprotocol.io/specification
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from ..errors import ConfigurationError
from ..tools import ToolException

if TYPE_CHECKING:
    from mcp import Client, ClientSession

__all__ = ["Connection", "Held", "checked", "listed", "opened"]

Answer = TypeVar("Answer")

OPENING = 30.0
"""how long a server may take to open a session, in seconds"""
WAITS = (30.0, 300.0)
"""how long a server may take to be there, and then to say something, in seconds"""
CLOSED = -32000
"""the code of an answer that never came, because the connection closed"""
TRANSPORTS = {"http": "streamable_http", "streamable-http": "streamable_http"}
NEEDS = {"stdio": "command", "streamable_http": "url", "sse": "url"}


class Connection(TypedDict, total=False):
    """Where a server is: a program to start (`stdio`), or an address (`streamable_http`, `sse`)."""

    transport: str
    command: str
    args: list[str]
    env: dict[str, str] | None
    cwd: str | None
    url: str
    headers: dict[str, str] | None


def checked(name: str, connection: Mapping[str, Any]) -> Connection:
    """Read where a server is; raises `ConfigurationError` for what cannot be meant."""
    given: dict[str, Any] = {key: value for key, value in connection.items() if value is not None}
    kind = given.pop("transport", "stdio" if "command" in given else "streamable_http")
    kind = TRANSPORTS.get(kind, kind)
    if kind not in NEEDS:
        raise ConfigurationError(
            f"MCP server {name!r}: transport={kind!r}: choose one of {', '.join(NEEDS)}"
        )
    known = ("command", "args", "env", "cwd") if kind == "stdio" else ("url", "headers")
    if NEEDS[kind] not in given:
        raise ConfigurationError(f"MCP server {name!r}: {kind} needs {NEEDS[kind]!r}")
    if unknown := sorted(given.keys() - set(known)):
        raise ConfigurationError(
            f"MCP server {name!r}: {unknown[0]!r} is no part of a {kind} connection: it takes "
            f"{', '.join(known)}"
        )
    if kind != "stdio":
        given.setdefault("headers", None)
    return cast("Connection", {"transport": kind, **given})


@asynccontextmanager
async def opened(connection: Connection) -> AsyncGenerator[Client, None]:
    """Open a session; a program that was started for it ends with the block."""
    _need()
    from httpx2 import AsyncClient, Timeout
    from mcp import Client, StdioServerParameters
    from mcp.client.sse import sse_client
    from mcp.client.streamable_http import streamable_http_client

    given: dict[str, Any] = {**connection}
    kind = given.pop("transport")
    if kind == "stdio":
        async with Client(StdioServerParameters(**given)) as client:
            yield client
    elif kind == "sse":
        async with Client(sse_client(given["url"], given["headers"])) as client:
            yield client
    else:
        async with (
            AsyncClient(headers=given["headers"], timeout=Timeout(WAITS[0], read=WAITS[1])) as http,
            Client(streamable_http_client(given["url"], http_client=http)) as client,
        ):
            yield client


class Held:
    """A session with a server, held by a task: it is closed where it was opened."""

    def __init__(self, server: str, connection: Connection) -> None:
        self.broken = False
        self._server = server
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._hold(server, connection))

    async def ask(self, ask: Callable[[Client], Awaitable[Answer]]) -> Answer:
        """Ask over this session, once it is open; what breaks on the way breaks it."""
        _need()
        from mcp import MCPError

        try:
            return await ask(await asyncio.shield(self._ready))
        except MCPError as error:
            if error.code == CLOSED:
                self.close()
            raise ToolException(f"MCP server {self._server!r}: {error}") from error
        except OSError as error:
            self.close()
            raise ToolException(f"MCP server {self._server!r} is gone: {error}") from error

    def close(self) -> None:
        self.broken = True
        self._closing.set()
        if not self._ready.done():
            # It waits for a server that says nothing.
            self._task.cancel()

    async def over(self) -> None:
        await asyncio.gather(self._task, return_exceptions=True)

    async def _hold(self, server: str, connection: Connection) -> None:
        try:
            async with asyncio.timeout(OPENING) as limit, opened(connection) as session:
                limit.reschedule(None)
                self._ready.set_result(session)
                await self._closing.wait()
        except Exception as error:  # noqa: BLE001 - told to whoever waits for the session
            if not self._ready.done():
                self._ready.set_exception(_unopened(server, error))
        finally:
            self.broken = True
            # Whatever happened, nobody waits for ever.
            self._ready.cancel()


async def listed(session: Client | ClientSession) -> list[Any]:
    """Ask for all tools, however many pages they fill."""
    from mcp import Client
    from mcp.types import PaginatedRequestParams

    page = await session.list_tools()
    found = [*page.tools]
    while cursor := page.next_cursor:
        if isinstance(session, Client):
            page = await session.list_tools(cursor=cursor)
        else:
            page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        found += page.tools
    return found


def _unopened(server: str, error: BaseException) -> ToolException:
    """Say what went wrong, which task groups hide within groups."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    if isinstance(error, TimeoutError):
        words = f"it opened no session within {OPENING:.0f} s"
    else:
        words = str(error) or type(error).__name__
    return ToolException(f"MCP server {server!r} could not be reached: {words}")


def _need() -> None:
    """Raise where the package is missing, with the command that installs it."""
    from importlib.util import find_spec

    if find_spec("mcp") is None or find_spec("mcp.client.client") is None:
        raise ConfigurationError(
            "MCP servers are spoken to through the package mcp, version 2 or newer: "
            "pip install 'conure[mcp]'"
        )
