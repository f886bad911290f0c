"""Anthropic Messages: content blocks of the assistant, from the wire's shape to ours and back.

Rule 1: what has no place in a standard block is kept in its `extras`, a block without a standard
        form in the `value` of a `non_standard` one, so that `write_block` gives what came.
Rule 2: what another provider's model said is written where it has a form here: text, calls.
        Its reasoning and its servers' tools are not: they mean nothing to this one.

https://docs.anthropic.com/en/api/messages#response-content
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...messages.native import reader_of
from ..shape import is_object

__all__ = ["CALLS", "content_of", "read_block", "write_block"]

Block = dict[str, Any]

CALLS = {
    "tool_use": "tool_call",
    "server_tool_use": "server_tool_call",
    "mcp_tool_use": "server_tool_call",
}
"""blocks whose input is streamed -> what they are here"""

# A field that only citations of this type have -> the type.
LOCATIONS = {
    "encrypted_index": "web_search_result_location",
    "search_result_index": "search_result_location",
    "start_block_index": "content_block_location",
    "start_char_index": "char_location",
    "start_page_number": "page_location",
}

MCP = "remote_mcp"
# Where documents are cited, their title has a name of its own.
DOCUMENTS = frozenset({"char_location", "page_location", "content_block_location"})


# -- the wire's -> ours -------------------------------------------------------------------------


def read_block(wire: Block) -> Block:
    """Read a block as it came whole, or as it starts."""
    kind = str(wire.get("type"))
    reader = reader_of(kind) if kind in READ or kind.endswith("_tool_result") else None
    blocks = None if reader is None else reader(wire)
    if blocks is None:
        return {"type": "non_standard", "value": wire}
    block = blocks[0]
    if kind == "thinking":
        # A signature may come later, or never; this says that the thought is of this protocol.
        block.setdefault("extras", {}).setdefault("signature", "")
    return block


READ = frozenset({"redacted_thinking", "text", "thinking", *CALLS})
"""what has a standard form, besides the results of servers' tools"""


# -- ours -> the wire's -------------------------------------------------------------------------


def content_of(blocks: list[Block]) -> str | list[Any]:
    """Show blocks as the API's own content: a text where there is nothing but one, else a list."""
    shown = [block for block in blocks if block["type"] != "refusal"]
    if not shown:
        return ""
    if len(shown) == 1 and shown[0]["type"] == "text" and not shown[0].get("annotations"):
        return shown[0].get("text") or ""
    content: list[Any] = []
    for block in shown:
        native = write_block(block)
        if native is None:
            native = {**block}
        if "index" in block:
            native["index"] = block["index"]
        content.append(native)
    return content


def write_block(block: Block) -> Block | None:
    """Write a block of the assistant; None for one that cannot be said here."""
    writer = WRITERS.get(block["type"])
    return None if writer is None else writer(block)


def _write_text(block: Block) -> Block:
    native: Block = {"type": "text", "text": block.get("text") or ""}
    if annotations := block.get("annotations"):
        citations = [cited for note in annotations if (cited := _write_citation(note))]
        if citations:
            native["citations"] = citations
    return _with_extras(native, block)


def _write_citation(note: Block) -> Block | None:
    """Write a citation; None for one that another provider made."""
    extras: Block = note.get("extras") or {}
    kind = extras.get("type") or next((k for name, k in LOCATIONS.items() if name in extras), None)
    if note.get("type") != "citation" or kind is None:
        return None
    title = "document_title" if kind in DOCUMENTS else "title"
    native: Block = {"type": kind, "cited_text": note.get("cited_text") or ""}
    if "url" in note:
        native["url"] = note["url"]
    return {**native, title: note.get("title"), **extras}


def _write_reasoning(block: Block) -> Block | None:
    extras: Block = block.get("extras") or {}
    if extras.get("redacted_data") is not None:
        native: Block = {"type": "redacted_thinking", "data": extras["redacted_data"]}
    elif "signature" in extras:
        native = {"type": "thinking", "thinking": block.get("reasoning") or ""}
        if extras["signature"]:
            native["signature"] = extras["signature"]
    else:
        return None
    return _with_extras(native, block, "redacted_data", "signature")


def _write_call(block: Block) -> Block:
    extras: Block = block.get("extras") or {}
    args = block.get("args")
    if block["type"].startswith("server_"):
        mcp = block.get("name") == MCP and "tool_name" in extras
        native: Block = {"type": "mcp_tool_use" if mcp else "server_tool_use"}
        native |= {"id": block.get("id"), "name": extras["tool_name"] if mcp else block.get("name")}
    else:
        native = {"type": "tool_use", "id": block.get("id"), "name": block.get("name")}
    if is_object(args) or args is None:
        native["input"] = args or {}
    elif block.get("name") is None:
        native = {"type": "input_json_delta", "partial_json": args}
    else:
        native |= {"input": {}, "partial_json": args} if args else {"input": {}}
    return _with_extras(native, block, "tool_name")


def _write_tool_result(block: Block) -> Block | None:
    extras: Block = block.get("extras") or {}
    if "block_type" not in extras:
        return None
    native: Block = {"type": extras["block_type"], "tool_use_id": block.get("tool_call_id")}
    native["content"] = block.get("output")
    return _with_extras(native, block, "block_type")


def _write_non_standard(block: Block) -> Block | None:
    value = block.get("value")
    return {**value} if is_object(value) else None


def _with_extras(native: Block, block: Block, *hidden: str) -> Block:
    if extras := block.get("extras"):
        for name, value in extras.items():
            if name not in hidden:
                native.setdefault(name, value)
    if (mark := block.get("cache_control")) is not None:
        native["cache_control"] = mark
    return native


WRITERS: dict[str, Callable[[Block], Block | None]] = {
    "invalid_tool_call": _write_call,
    "non_standard": _write_non_standard,
    "reasoning": _write_reasoning,
    "server_tool_call": _write_call,
    "server_tool_call_chunk": _write_call,
    "server_tool_result": _write_tool_result,
    "text": _write_text,
    "tool_call": _write_call,
    "tool_call_chunk": _write_call,
}
