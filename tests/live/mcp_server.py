"""An MCP server for the tests, over stdio: every kind of answer, errors, and a way to die."""

from __future__ import annotations

import base64
import os
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from pydantic import BaseModel, Field

server = MCPServer("tests")
DATA = base64.b64encode(b"data").decode()


class Weather(BaseModel):
    city: str
    degrees: float


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(a: int, b: Annotated[int, Field(description="the other number")] = 1) -> str:
    """Add two numbers."""
    return str(a + b)


@server.tool()
def weather(city: str) -> Weather:
    """Say how the weather is."""
    return Weather(city=city, degrees=21.5)


@server.tool()
def everything() -> list[Any]:
    """Answer with every kind of content."""
    return [
        TextContent(type="text", text="words"),
        ImageContent(type="image", data=DATA, mime_type="image/png"),
        AudioContent(type="audio", data=DATA, mime_type="audio/wav"),
        EmbeddedResource(
            type="resource", resource=TextResourceContents(uri="a://b", text="embedded")
        ),
        EmbeddedResource(
            type="resource",
            resource=BlobResourceContents(uri="a://c", blob=DATA, mime_type="application/pdf"),
        ),
        ResourceLink(
            type="resource_link", name="l", uri="https://a.b/c.jpg", mime_type="image/jpeg"
        ),
    ]


@server.tool()
def fail() -> str:
    """Fail."""
    raise ToolError("no such thing")


@server.tool()
def die() -> str:
    """End the server's process."""
    os._exit(1)


@server.tool()
def process() -> str:
    """Say which process this is."""
    return str(os.getpid())


@server.prompt()
def greet(name: str) -> str:
    return f"Greet {name}."


if __name__ == "__main__":
    server.run("stdio")
