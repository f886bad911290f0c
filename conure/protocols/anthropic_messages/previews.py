"""Anthropic Messages: which previews a request belongs to, told by what is in it.

Nobody has to know their names: a tool, a setting or a block that is a preview names its own. A
version of one that the caller names is the caller's choice, and no other of it is added.

https://docs.anthropic.com/en/api/beta-headers
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..shape import is_list, is_mapping, is_object

__all__ = ["FILES", "previews_of", "tool_changes"]

FILES = "files-api-2025-04-14"
ADVANCED_TOOLS = "advanced-tool-use-2025-11-20"
EDITS = "context-management-2025-06-27"
MCP = "mcp-client-2025-11-20"
# Until then a server itself said which of its tools are used.
MCP_CONFIGURED = "mcp-client-2025-04-04"
TOOL_CHANGES = "mid-conversation-tool-changes-2026-07-01"
INLINE_TOOLS = "inline-tools-2026-09-15"

# The beginning of a tool's type -> the preview it belongs to.
TOOLS = (
    ("advisor_", "advisor-tool-2026-03-01"),
    ("code_execution_20250522", "code-execution-2025-05-22"),
    ("code_execution_20250825", "code-execution-2025-08-25"),
    ("computer_20241022", "computer-use-2024-10-22"),
    ("computer_20250124", "computer-use-2025-01-24"),
    ("computer_20251124", "computer-use-2025-11-24"),
    ("mcp_toolset", MCP),
    ("memory_20250818", EDITS),
    ("tool_search_tool_", ADVANCED_TOOLS),
    ("web_fetch_20250910", "web-fetch-2025-09-10"),
)
FIELDS_OF_TOOLS = ("allowed_callers", "defer_loading", "input_examples")
SETTINGS = {
    "output_format": "structured-outputs-2025-11-13",
    "speed": "fast-mode-2026-02-01",
    "user_profile_id": "user-profiles-2026-03-24",
}
# The end of a version's name: the rest is the preview's.
DATE = len("-2025-04-14")


def previews_of(body: Mapping[str, Any], asked: Any) -> list[str]:
    """List the previews of a request; `asked` are those that the caller names."""
    named = [asked] if isinstance(asked, str) else list(asked or ())
    own = {name[:-DATE] for name in named}
    return named + [name for name in _found(body) if name[:-DATE] not in own]


def tool_changes(content: Iterable[Mapping[str, Any]]) -> str | None:
    """Name the preview of instructions that change, amid a conversation, which tools there are."""
    found = None
    for part in content:
        if part["type"] in ("tool_addition", "tool_removal"):
            tool = part.get("tool")
            if is_mapping(tool) and tool.get("type") == "tool_definition":
                return INLINE_TOOLS
            found = TOOL_CHANGES
    return found


def _found(body: Mapping[str, Any]) -> Iterator[str]:
    for name, preview in SETTINGS.items():
        if body.get(name):
            yield preview
    servers: Any = body.get("mcp_servers") or ()
    if servers:
        configured = any(is_mapping(one) and "tool_configuration" in one for one in servers)
        yield MCP_CONFIGURED if configured else MCP
    for tool in body.get("tools") or ():
        if is_mapping(tool):
            kind = str(tool.get("type"))
            yield from (preview for start, preview in TOOLS if kind.startswith(start))
            if any(tool.get(name) for name in FIELDS_OF_TOOLS):
                yield ADVANCED_TOOLS
    yield from _of_edits(body.get("context_management"))
    if is_object(container := body.get("container")) and container.get("skills"):
        yield from ("code-execution-2025-08-25", "skills-2025-10-02")
    if is_mapping(config := body.get("output_config")) and config.get("task_budget"):
        yield "task-budgets-2026-03-13"
    if is_mapping(thinking := body.get("thinking")) and thinking.get("display") == "updates":
        yield "thinking-display-updates-2026-08-18"


def _of_edits(management: Any) -> Iterator[str]:
    edits = management.get("edits") if is_mapping(management) else None
    kinds = [str(edit.get("type")) for edit in edits if is_mapping(edit)] if is_list(edits) else []
    if any(kind.startswith("compact_") for kind in kinds):
        yield "compact-2026-01-12"
    if any(not kind.startswith("compact_") for kind in kinds):
        yield EDITS
