"""The tools of MCP servers, called from anywhere: sync code, threads, any event loop.

A session belongs to the event loop that opened it. So a client has a loop of its own, in a thread
that begins with the first call. A server is asked over one session, opened when it is needed, and
again once it broke.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..errors import ConfigurationError
from ..messages import BaseMessage
from ..tools import BaseTool
from .session import Connection, Held, checked, listed, opened
from .tool import MCPTool, make_tool, message_of

if TYPE_CHECKING:
    from mcp import Client, ClientSession

__all__ = ["MultiServerMCPClient", "load_mcp_tools"]

Answer = TypeVar("Answer")

PATIENCE = 300.0
"""how long a tool may take, in seconds"""


class MultiServerMCPClient:
    """Call the tools of one or more MCP servers.

    `connections` maps a name of your own to where that server is. `timeout` is how long a tool may
    take, in seconds. With `tool_name_prefix` tools are named `<server>_<tool>`; errors of tools are
    told to the model unless `handle_tool_errors` is False.

        client = MultiServerMCPClient({
            "time": {"transport": "stdio", "command": "mcp-server-time", "args": []},
            "docs": {"transport": "streamable_http", "url": "https://example.com/mcp"},
        })
        agent = create_agent("openai:gpt-5.5", client.tools())
    """

    def __init__(
        self,
        connections: Mapping[str, Connection | Mapping[str, Any]] | None = None,
        *,
        tool_name_prefix: bool = False,
        handle_tool_errors: bool = True,
        timeout: float = PATIENCE,
    ) -> None:
        self.connections = {
            name: checked(name, connection) for name, connection in (connections or {}).items()
        }
        self._prefixed = tool_name_prefix
        self._handles = handle_tool_errors
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = os.getpid()
        self._lock = Lock()
        self._sessions: dict[str, Held] = {}

    # -- tools ----------------------------------------------------------------------------------

    def tools(self, *, server_name: str | None = None) -> list[BaseTool]:
        """Ask the servers, or one of them, for their tools."""
        return self._wait(self._all_tools(server_name))

    async def get_tools(self, *, server_name: str | None = None) -> list[BaseTool]:
        """Ask the servers, or one of them, for their tools, without blocking the event loop."""
        return await self._awaited(self._all_tools(server_name))

    async def get_prompt(
        self, server_name: str, prompt_name: str, *, arguments: dict[str, str] | None = None
    ) -> list[BaseMessage]:
        """Ask a server for a prompt, as messages."""

        async def ask(session: Client) -> list[BaseMessage]:
            found = await session.get_prompt(prompt_name, arguments)
            return [message_of(one) for one in found.messages]

        return await self._awaited(self._asked(server_name, ask))

    @asynccontextmanager
    async def session(self, server_name: str) -> AsyncGenerator[Client, None]:
        """Open a session of your own with a server, for as long as the block takes."""
        async with opened(self._known(server_name)) as session:
            yield session

    async def _all_tools(self, server_name: str | None) -> list[BaseTool]:
        names = [*self.connections] if server_name is None else [server_name]
        found = await asyncio.gather(*(self._tools_of(name) for name in names))
        tools = [tool for of_one in found for tool in of_one]
        taken = [tool.name for tool in tools]
        if twice := sorted({name for name in taken if taken.count(name) > 1}):
            raise ConfigurationError(
                f"two servers have a tool called {twice[0]!r}: tell them apart with "
                "tool_name_prefix=True"
            )
        return tools

    async def _tools_of(self, server: str) -> list[BaseTool]:
        found = await self._asked(server, listed)
        return [
            self._tool(one, server, f"{server}_{one.name}" if self._prefixed else one.name)
            for one in found
        ]

    def _tool(self, described: Any, server: str, name: str) -> MCPTool:
        def call(arguments: dict[str, Any]) -> Coroutine[Any, Any, Any]:
            async def ask(session: Client) -> Any:
                return await session.call_tool(described.name, arguments, self._timeout)

            return self._asked(server, ask)

        def sync(arguments: dict[str, Any]) -> Any:
            return self._wait(call(arguments))

        def deferred(arguments: dict[str, Any]) -> Awaitable[Any]:
            return self._awaited(call(arguments))

        return make_tool(described, name, sync, deferred, handles=self._handles)

    # -- the loop -------------------------------------------------------------------------------

    def _wait(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    async def _awaited(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._running()))

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._process != os.getpid():
                # The thread of a parent's loop is not there in a child.
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                self._sessions = {}
                Thread(target=_run, args=(self._loop,), name="conure-mcp", daemon=True).start()
            return self._loop

    async def _asked(self, server: str, ask: Callable[[Client], Awaitable[Answer]]) -> Answer:
        """Ask a server over its session; one that broke is opened again by the next who asks."""
        kept = self._sessions.get(server)
        if kept is None or kept.broken:
            kept = self._sessions[server] = Held(server, self._known(server))
        return await kept.ask(ask)

    def _known(self, server: str) -> Connection:
        if server not in self.connections:
            known = ", ".join(self.connections) or "none is known"
            raise ConfigurationError(f"there is no MCP server {server!r}: {known}")
        return self.connections[server]

    # -- letting go -----------------------------------------------------------------------------

    def close(self) -> None:
        """Close the sessions and stop the programs that were started; a later call opens anew."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and self._process == os.getpid():
            asyncio.run_coroutine_threadsafe(self._close_all(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    async def aclose(self) -> None:
        """Close the sessions, without blocking the event loop."""
        await asyncio.to_thread(self.close)

    async def _close_all(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.close()
        await asyncio.gather(*(session.over() for session in sessions.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def load_mcp_tools(
    session: Client | ClientSession, *, handle_tool_errors: bool = True
) -> list[BaseTool]:
    """Give the tools of a session that you opened: they can be awaited while it is open."""

    def tool(described: Any) -> MCPTool:
        def call(arguments: dict[str, Any]) -> Awaitable[Any]:
            return session.call_tool(described.name, arguments)

        return make_tool(described, described.name, None, call, handles=handle_tool_errors)

    return [tool(described) for described in await listed(session)]


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
