"""Bedrock Converse: content blocks of the assistant, from the wire's shape to ours and back.

Rule 1: what has no place in a standard block is kept in its `extras`, a block without a standard
        form in the `value` of a `non_standard` one, so that `write_block` gives what came.
Rule 2: what another provider's model said is written where it has a form here: text, calls.
        Its servers' tools are not, nor is its reasoning unless the maker's own seal is on it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from ..shape import is_list, is_object
from .media import read_media

__all__ = ["content_of", "read_call", "read_citation", "read_result", "read_whole", "write_block"]

Block = dict[str, Any]

SERVER_CALL = "server_tool_use"


# -- the wire's -> ours -------------------------------------------------------------------------


def read_call(wire: Block) -> Block:
    """Read the announcement of a call; its arguments come after it."""
    kind = wire.get("type")
    server = isinstance(kind, str) and kind.startswith("server")
    block: Block = {"type": "server_tool_call_chunk" if server else "tool_call_chunk"}
    block |= {"name": wire.get("name"), "args": "", "id": wire.get("toolUseId")}
    return _with_rest(block, wire, "type", "name", "toolUseId", "input")


def read_result(wire: Block) -> Block:
    """Read the announcement of what a tool of the provider answered."""
    block: Block = {"type": "server_tool_result", "tool_call_id": wire.get("toolUseId")}
    block |= {"status": wire.get("status") or "success", "output": []}
    block["extras"] = {"result_type": wire.get("type")}
    return _with_rest(block, wire, "toolUseId", "status", "content", "type")


def read_citation(wire: Any) -> Block:
    """Read a citation; `extras` keep where it points in the wire's words."""
    if not is_object(wire):
        return {"type": "non_standard_annotation", "value": {"value": wire}}
    note: Block = {"type": "citation"}
    location = wire.get("location")
    web = location.get("web") if is_object(location) else None
    url = web.get("url") if is_object(web) else wire.get("source")
    if isinstance(url, str) and "://" in url:
        note["url"] = url
    if isinstance(title := wire.get("title"), str):
        note["title"] = title
    parts = wire.get("sourceContent")
    words = [part.get("text") for part in parts if is_object(part)] if is_list(parts) else []
    if texts := [text for text in words if isinstance(text, str)]:
        note["cited_text"] = "".join(texts)
    told = {"title"} if "title" in note else set[str]()
    if len(texts) == 1 and parts == [{"text": texts[0]}]:
        told.add("sourceContent")
    # Always there: by it `write_block` knows a citation of this protocol.
    note["extras"] = {"location": location}
    return _with_rest(note, wire, "location", *told)


def read_whole(wire: Any) -> Block:
    """Read a block that only comes whole."""
    if is_object(wire) and len(wire) == 1:
        for kind in ("image", "video", "audio", "document"):
            if (block := read_media(kind, wire.get(kind))) is not None:
                return block
    return {"type": "non_standard", "value": wire}


def _with_rest(block: Block, wire: Block, *told: str) -> Block:
    rest = {name: value for name, value in wire.items() if name not in told}
    if rest:
        block["extras"] = {**block.get("extras", {}), **rest}
    return block


# -- ours -> the wire's -------------------------------------------------------------------------


def content_of(blocks: list[Block]) -> str | list[Any]:
    """Show blocks as content: a text where there is nothing but one, else a list."""
    shown = [block for block in blocks if block["type"] != "refusal"]
    if not shown:
        return ""
    if len(shown) == 1 and shown[0]["type"] == "text" and not shown[0].get("annotations"):
        return shown[0].get("text") or ""
    return [_shown(block) for block in shown]


def _shown(block: Block) -> Block:
    """Show a block by the names that code for `langchain_aws` knows, where it knows any."""
    kind = block["type"]
    if kind in ("tool_call", "invalid_tool_call", "tool_call_chunk"):
        shown: Block = {"type": "tool_use", "name": block.get("name"), "id": block.get("id")}
        shown["input"] = block.get("args")
    elif kind == "reasoning":
        thought = write_block(block) or {}
        inner: Block = thought.get("reasoningContent", {})
        text = inner.get("reasoningText") or {"text": block.get("reasoning") or ""}
        if "redactedContent" in inner:
            text = {"redacted_content": inner["redactedContent"]}
        shown = {"type": "reasoning_content", "reasoning_content": text}
    else:
        return {**block}
    return shown | ({"index": block["index"]} if "index" in block else {})


def write_block(block: Block) -> Block | None:
    """Write a block of the assistant; None for one that cannot be said here."""
    writer = WRITERS.get(block["type"])
    return None if writer is None else writer(block)


def _write_text(block: Block) -> Block:
    text = block.get("text") or ""
    notes = block.get("annotations")
    cited = [own for note in notes if (own := _write_citation(note))] if is_list(notes) else []
    if not cited:
        return {"text": text}
    return {"citationsContent": {"content": [{"text": text}], "citations": cited}}


def _write_citation(note: Any) -> Block | None:
    """Write a citation; None for one that another provider made."""
    extras = note.get("extras") if is_object(note) else None
    if not is_object(note) or not is_object(extras) or "location" not in extras:
        return None
    native = {name: value for name, value in extras.items() if value is not None}
    if "title" in note:
        native["title"] = note["title"]
    if "cited_text" in note and "sourceContent" not in native:
        native["sourceContent"] = [{"text": note["cited_text"]}]
    return native


def _write_reasoning(block: Block) -> Block | None:
    extras: Block = block.get("extras") or {}
    if (sealed := extras.get("redacted_content")) is not None:
        return {"reasoningContent": {"redactedContent": sealed}}
    if (sealed := extras.get("redacted_data")) is not None:
        # The maker's own API gives as text what is bytes here.
        return {"reasoningContent": {"redactedContent": b64encode(str(sealed).encode()).decode()}}
    if "signature" not in extras:
        return None
    text: Block = {"text": block.get("reasoning") or ""}
    if extras["signature"]:
        text["signature"] = extras["signature"]
    return {"reasoningContent": {"reasoningText": text}}


def _write_call(block: Block) -> Block:
    args = block.get("args")
    if not is_object(args):
        args = {"INVALID_JSON": args} if args else {}
    native: Block = {"toolUseId": block.get("id"), "name": block.get("name"), "input": args}
    if block["type"].startswith("server_"):
        native["type"] = SERVER_CALL
    return {"toolUse": native}


def _write_result(block: Block) -> Block | None:
    extras: Block = block.get("extras") or {}
    output = block.get("output")
    if "result_type" not in extras or not is_list(output):
        return None
    native: Block = {"toolUseId": block.get("tool_call_id"), "content": output}
    native["status"] = block.get("status") or "success"
    if extras["result_type"] is not None:
        native["type"] = extras["result_type"]
    return {"toolResult": native}


def _write_non_standard(block: Block) -> Block | None:
    value = block.get("value")
    # Blocks are named by their only key here; other makers' have a type.
    return {**value} if is_object(value) and len(value) == 1 and "type" not in value else None


WRITERS: dict[str, Callable[[Block], Block | None]] = {
    "invalid_tool_call": _write_call,
    "non_standard": _write_non_standard,
    "reasoning": _write_reasoning,
    "server_tool_call": _write_call,
    "server_tool_call_chunk": _write_call,
    "server_tool_result": _write_result,
    "text": _write_text,
    "tool_call": _write_call,
    "tool_call_chunk": _write_call,
}
