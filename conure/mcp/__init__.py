"""Tools of MCP servers for agents and models: `pip install 'conure[mcp]'`."""

from __future__ import annotations

from .client import MultiServerMCPClient, load_mcp_tools
from .session import Connection
from .tool import MCPTool

__all__ = ["Connection", "MCPTool", "MultiServerMCPClient", "load_mcp_tools"]
