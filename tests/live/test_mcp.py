"""Tools of real MCP servers, over stdio and over HTTP on loopback, called from anywhere."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra conure[mcp] is not installed")

from conure.agents import create_agent
from conure.errors import ConfigurationError
from conure.mcp import MultiServerMCPClient, load_mcp_tools, session
from conure.messages import AIMessage, ToolMessage
from conure.testing import ScriptedChatModel
from conure.tools import BaseTool, ToolException

HERE = Path(__file__).parent
OURS = {"transport": "stdio", "command": sys.executable, "args": [str(HERE / "mcp_server.py")]}
TIME = {"transport": "stdio", "command": sys.executable, "args": ["-m", "mcp_server_time"]}


@pytest.fixture(scope="module")
def client() -> Iterator[MultiServerMCPClient]:
    with MultiServerMCPClient({"ours": OURS}) as made:
        yield made


@pytest.fixture(scope="module")
def tools(client: MultiServerMCPClient) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in client.tools()}


def answer(tool: BaseTool, **arguments: Any) -> ToolMessage:
    return tool.invoke({"type": "tool_call", "name": tool.name, "args": arguments, "id": "1"})


# -- what a server offers -------------------------------------------------------------------------


def test_tools_are_listed_as_the_server_describes_them(tools: dict[str, BaseTool]) -> None:
    assert {"add", "weather", "everything", "fail"} <= tools.keys()
    add = tools["add"]
    assert add.description == "Add two numbers."
    assert add.tool_call_schema["required"] == ["a"]
    assert add.args["b"]["description"] == "the other number"
    assert add.metadata == {"readOnlyHint": True}


def test_a_tool_is_called_from_sync_and_async_code(tools: dict[str, BaseTool]) -> None:
    add = tools["add"]
    assert add.invoke({"a": 2, "b": 3}) == "5"
    assert asyncio.run(add.ainvoke({"a": 2})) == "3"
    assert asyncio.run(add.ainvoke({"a": 5})) == "6", "another loop, the same session"


def test_many_threads_and_tasks_call_at_once(tools: dict[str, BaseTool]) -> None:
    add, found = tools["add"], list[str]()

    def work(number: int) -> None:
        found.append(add.invoke({"a": number, "b": 0}))

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [str(number) for number in range(8)]

    async def together() -> list[Any]:
        return await asyncio.gather(*(add.ainvoke({"a": n, "b": 0}) for n in range(8)))

    assert asyncio.run(together()) == [str(number) for number in range(8)]


def test_every_kind_of_content_is_a_block(tools: dict[str, BaseTool]) -> None:
    data = "ZGF0YQ=="
    assert answer(tools["everything"]).content == [
        {"type": "text", "text": "words"},
        {"type": "image", "base64": data, "mime_type": "image/png"},
        {"type": "audio", "base64": data, "mime_type": "audio/wav"},
        {"type": "text", "text": "embedded"},
        {"type": "file", "base64": data, "mime_type": "application/pdf"},
        {"type": "image", "url": "https://a.b/c.jpg", "mime_type": "image/jpeg"},
    ]


def test_what_is_structured_stands_beside(tools: dict[str, BaseTool]) -> None:
    message = answer(tools["weather"], city="Rome")
    assert message.artifact == {"structured_content": {"city": "Rome", "degrees": 21.5}}
    assert "Rome" in message.text


def test_errors_are_told_to_the_model(tools: dict[str, BaseTool]) -> None:
    message = answer(tools["fail"])
    assert message.status == "error"
    assert "no such thing" in message.text
    with MultiServerMCPClient({"ours": OURS}, handle_tool_errors=False) as strict:
        fail = next(tool for tool in strict.tools() if tool.name == "fail")
        with pytest.raises(ToolException, match="no such thing"):
            fail.invoke({})


def test_a_server_that_died_is_started_again(tools: dict[str, BaseTool]) -> None:
    before = answer(tools["process"]).text
    assert answer(tools["process"]).text == before, "one session serves many calls"
    died = answer(tools["die"])
    assert died.status == "error"
    assert "MCP server 'ours'" in died.text
    assert answer(tools["process"]).text not in ("", before)


def test_prompts_are_messages(client: MultiServerMCPClient) -> None:
    messages = asyncio.run(client.get_prompt("ours", "greet", arguments={"name": "Ada"}))
    assert [(message.type, message.text) for message in messages] == [("human", "Greet Ada.")]


def test_a_session_of_ones_own() -> None:
    async def use() -> Any:
        client = MultiServerMCPClient({"ours": OURS})
        async with client.session("ours") as session:
            tools = {tool.name: tool for tool in await load_mcp_tools(session)}
            return await tools["add"].ainvoke({"a": 1, "b": 1})

    assert asyncio.run(use()) == "2"


@pytest.mark.parametrize("is_async", [False, True])
def test_an_agent_calls_them(tools: dict[str, BaseTool], is_async: bool) -> None:
    call = {"name": "add", "args": {"a": 20, "b": 22}, "id": "1"}
    model = ScriptedChatModel([AIMessage(tool_calls=[call]), "It is 42."])
    agent = create_agent(model, [tools["add"]])
    asked: Any = {"messages": "What is 20 + 22?"}
    result = asyncio.run(agent.ainvoke(asked)) if is_async else agent.invoke(asked)
    assert [message.text for message in result["messages"]][-2:] == ["42", "It is 42."]


# -- a server that others wrote -------------------------------------------------------------------


OVER_HTTP = """
import sys
from mcp_server_time.server import create_server
create_server("UTC").run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the same server over HTTP."""
    pytest.importorskip("mcp_server_time", reason="mcp-server-time is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", OVER_HTTP, str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        for line in server.stderr:
            if "running on" in line:
                break
        yield f"http://127.0.0.1:{port}/mcp"
        server.terminate()


def times(client: MultiServerMCPClient) -> None:
    tools = {tool.name: tool for tool in client.tools()}
    assert tools.keys() == {"get_current_time", "convert_time"}
    message = answer(
        tools["convert_time"],
        source_timezone="Europe/Rome",
        time="16:30",
        target_timezone="Asia/Tokyo",
    )
    assert message.status == "success"
    assert "Asia/Tokyo" in message.text
    wrong = answer(tools["get_current_time"], timezone="Mars/Olympus")
    assert wrong.status == "error"
    assert "Mars/Olympus" in wrong.text


def test_the_time_server_over_stdio() -> None:
    pytest.importorskip("mcp_server_time", reason="mcp-server-time is not installed")
    with MultiServerMCPClient({"time": TIME}) as client:
        times(client)


def test_the_time_server_over_http(address: str) -> None:
    with MultiServerMCPClient({"time": {"transport": "streamable_http", "url": address}}) as client:
        times(client)


def test_two_servers_side_by_side(address: str) -> None:
    servers = {"here": TIME, "there": {"url": address}}
    with (
        MultiServerMCPClient(servers) as client,
        pytest.raises(ConfigurationError, match="tool_name_prefix=True"),
    ):
        client.tools()
    with MultiServerMCPClient(servers, tool_name_prefix=True) as client:
        names = sorted(tool.name for tool in client.tools())
        assert names == sorted(
            f"{server}_{tool}"
            for server in servers
            for tool in ("convert_time", "get_current_time")
        )
        assert len(client.tools(server_name="here")) == 2


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "connection, words",
    [
        ({"transport": "pigeon"}, "choose one of stdio, streamable_http, sse"),
        ({"transport": "stdio"}, "stdio needs 'command'"),
        ({"transport": "streamable_http"}, "streamable_http needs 'url'"),
        ({"command": "x", "url": "y"}, "'url' is no part of a stdio connection"),
    ],
)
def test_a_connection_that_cannot_be_meant(connection: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        MultiServerMCPClient({"a": connection})


def test_a_server_that_nobody_knows() -> None:
    with pytest.raises(ConfigurationError, match="no MCP server 'b': a"):
        MultiServerMCPClient({"a": {"url": "http://127.0.0.1:9/mcp"}}).tools(server_name="b")


@pytest.mark.parametrize(
    "connection",
    [{"command": "no-such-program-anywhere"}, {"url": "http://127.0.0.1:9/mcp"}],
)
def test_a_server_that_is_not_there(connection: Any) -> None:
    with (
        MultiServerMCPClient({"a": connection}) as client,
        pytest.raises(ToolException, match="MCP server 'a' could not be reached"),
    ):
        client.tools()


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "OPENING", 0.2)
    silent = {"command": sys.executable, "args": ["-c", "import sys; sys.stdin.read()"]}
    with (
        MultiServerMCPClient({"a": silent}) as client,
        pytest.raises(ToolException, match="opened no session within"),
    ):
        client.tools()


def test_a_client_is_closed_while_a_server_says_nothing() -> None:
    begun, ended = Event(), list[BaseException]()

    class Noticing(MultiServerMCPClient):
        def _known(self, server: str) -> Any:
            begun.set()
            return super()._known(server)

    def ask() -> None:
        try:
            client.tools()
        except (ToolException, CancelledError) as error:
            ended.append(error)

    silent = {"command": sys.executable, "args": ["-c", "import sys; sys.stdin.read()"]}
    client = Noticing({"a": silent})
    asking = Thread(target=ask)
    asking.start()
    assert begun.wait(10)
    client.close()
    asking.join(10)
    assert len(ended) == 1
