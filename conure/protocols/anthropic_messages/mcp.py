"""Anthropic Messages: an MCP server as other makers describe one -> a server and a set of tools.

There the provider may ask before it calls; here it never does, so that has to be allowed.

https://docs.anthropic.com/en/docs/agents-and-tools/mcp-connector
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ConfigurationError
from ..shape import is_mapping

__all__ = ["write_server"]

KNOWN = frozenset({
    "allowed_tools", "authorization", "headers", "require_approval", "server_description",
    "server_label", "server_url", "type",
})  # fmt: skip
BESIDE = ("cache_control", "configs", "default_config")


def write_server(tool: Mapping[str, Any], where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write `{"type": "mcp", "server_label": …, "server_url": …}`: the server, and its tools."""
    name, url = tool.get("server_label"), tool.get("server_url")
    if not name or not url:
        raise ConfigurationError(f"{where}: an MCP server needs server_label and server_url here")
    if tool.get("require_approval") != "never":
        raise ConfigurationError(
            f"{where}: this provider calls the tools of {name!r} without asking: allow it with "
            "require_approval='never'"
        )
    if unknown := sorted(tool.keys() - KNOWN - set(BESIDE)):
        raise ConfigurationError(f"{where}: {unknown[0]} of an MCP server cannot be said here")
    server = {"type": "url", "url": url, "name": name}
    if (token := _token(tool, where)) is not None:
        server["authorization_token"] = token
    tools: dict[str, Any] = {"type": "mcp_toolset", "mcp_server_name": name}
    if (allowed := _names(tool.get("allowed_tools"))) is not None:
        tools["default_config"] = {"enabled": False}
        tools["configs"] = {tool_name: {"enabled": True} for tool_name in allowed}
    return server, tools | {name: tool[name] for name in BESIDE if name in tool}


def _token(tool: Mapping[str, Any], where: str) -> str | None:
    given: Mapping[str, Any] = tool.get("headers") or {}
    headers = {name.lower(): value for name, value in given.items()}
    token = tool.get("authorization") or headers.pop("authorization", None)
    if headers:
        raise ConfigurationError(
            f"{where}: no header but Authorization can be sent to an MCP server here, and "
            f"{', '.join(headers)} was given"
        )
    return None if token is None else str(token).removeprefix("Bearer ")


def _names(allowed: Any) -> list[str] | None:
    if is_mapping(allowed):
        allowed = allowed.get("tool_names")
    return None if allowed is None else list(allowed)
