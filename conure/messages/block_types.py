"""The types of content blocks: names only, for those who need no more."""

from __future__ import annotations

__all__ = ["DATA_BLOCK_TYPES", "KNOWN_BLOCK_TYPES"]

DATA_BLOCK_TYPES = frozenset({"image", "audio", "video", "file", "text-plain"})

KNOWN_BLOCK_TYPES = DATA_BLOCK_TYPES | {
    "text",
    "reasoning",
    "refusal",
    "tool_call",
    "tool_call_chunk",
    "invalid_tool_call",
    "server_tool_call",
    "server_tool_call_chunk",
    "server_tool_result",
    "non_standard",
}
