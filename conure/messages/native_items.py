"""Output items of OpenAI Responses, from the wire or as they stand in content -> standard blocks.

Keys without a standard place go to `extras`, so that the item can be written again; what is null
says nothing. Items this does not know stay whole, as `non_standard`.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from .arguments import read_whole

__all__ = ["ITEMS", "blocks_of_item", "standard_annotation"]

Block = dict[str, Any]
Reader = Callable[[Block], list[Block] | None]

# Said of what is there: a status other than this is worth a word.
DONE = "completed"


def blocks_of_item(item: Block) -> list[Block]:
    """Give the standard blocks of any output item."""
    read = ITEMS.get(item.get("type", ""))
    blocks = read(item) if read is not None else None
    return [{"type": "non_standard", "value": item}] if blocks is None else blocks


def standard_annotation(annotation: Any) -> Block:
    """Give a citation for an annotation that cites; what does not is kept as it is."""
    if not isinstance(annotation, dict):
        return {"type": "non_standard_annotation", "value": annotation}
    found = cast("Block", annotation)
    match found.get("type"):
        case "url_citation":
            block: Block = {"type": "citation"}
            block |= {key: found[key] for key in CITED if found.get(key) is not None}
            return _extras(block, _rest(found, *CITED, "extras"))
        case "file_citation":
            extras = _rest(found, "filename", "extras")
            if "index" in extras:
                # Its other name of old.
                extras["file_index"] = extras["index"]
            block = {"type": "citation"}
            if found.get("filename") is not None:
                block["title"] = found["filename"]
            return _extras(block, extras)
        case "citation" | "non_standard_annotation":
            return found
        case _:
            return {"type": "non_standard_annotation", "value": found}


CITED = ("url", "title", "start_index", "end_index")


def _rest(item: Block, *keys: str) -> Block:
    hidden = {*keys, "type"}
    return {key: value for key, value in item.items() if key not in hidden and value is not None}


def _extras(block: Block, extras: Block) -> Block:
    if not extras:
        return block
    given: Block = block.get("extras") or {}
    return {**block, "extras": {**extras, **given}}


def _reasoning(item: Block) -> list[Block] | None:
    """Read reasoning: one block per part of its summary, which share the item's id."""
    parts = item.get("summary")
    if not isinstance(parts, list):
        return None
    texts = [str(part.get("text", "")) for part in cast("list[Block]", parts)]
    given: Block = item.get("extras") or {}
    extras = _rest(item, "summary", "id", "reasoning", "extras", "index") | given
    if extras.get("content") == []:
        del extras["content"]
    content = cast("list[Block]", extras.get("content") or [])
    spoken = "".join(str(part.get("text", "")) for part in content)
    if texts == [spoken] and spoken:
        # Said twice: without this it would look as if there were no summary.
        extras["summary"] = parts
    if not texts:
        texts = [spoken]
    known = {"id": item["id"]} if item.get("id") is not None else {}
    blocks: list[Block] = [{"type": "reasoning", "reasoning": text, **known} for text in texts]
    blocks[0] = _extras(blocks[0], extras)
    return blocks


def _function_call(item: Block) -> list[Block] | None:
    if "arguments" not in item:
        return None
    extras = {"item_id": item["id"]} if item.get("id") is not None else {}
    extras |= _rest(item, "arguments", "name", "call_id", "id", "extras", "index")
    args = read_whole(item["arguments"])
    if not item["arguments"] and item.get("status") == "incomplete":
        args = "arguments are cut off: none were written"
    block: Block = {"type": "tool_call", "name": item.get("name"), "args": args}
    block["id"] = item.get("call_id")
    if isinstance(args, str):
        block |= {"type": "invalid_tool_call", "args": item["arguments"], "error": args}
    return [_extras(block, extras)]


def _custom_tool_call(item: Block) -> list[Block] | None:
    extras = {"item_id": item["id"]} if item.get("id") is not None else {}
    extras |= _rest(item, "input", "name", "call_id", "id", "extras", "index")
    extras["type"] = "custom_tool_call"
    block = {"type": "tool_call", "name": item.get("name"), "id": item.get("call_id")}
    block["args"] = {"__arg1": item.get("input", "")}
    return [_extras(block, extras)]


def _server_call(name: str, args: str, *outputs: str) -> Reader:
    """Read a call that carries its result: two blocks."""

    def read(item: Block) -> list[Block] | None:
        given = item.get(args)
        if given is None and isinstance(written := item.get("arguments"), str):
            # As some vendors say it.
            parsed = read_whole(written)
            given = parsed if isinstance(parsed, dict) else None
        if args != "action" and given is not None and not isinstance(given, dict):
            given = {args: given}
        call: Block = {"type": "server_tool_call", "name": name, "args": given or {}}
        call["id"] = item.get("id")
        extras = _rest(item, args, "id", "status", "extras", "index", *outputs)
        result: Block = {"type": "server_tool_result", "tool_call_id": item.get("id") or ""}
        status = item.get("status") or DONE
        result["status"] = "error" if status in ("failed", "incomplete") else "success"
        if status not in (DONE, "failed"):
            extras["status"] = status
        output = [item[key] for key in outputs if item.get(key) is not None]
        if output:
            result["output"] = output[0]
        return [_extras(call, extras), result]

    return read


def _web_search_call(item: Block) -> list[Block] | None:
    blocks = _server_call("web_search", "action")(item)
    action = item.get("action")
    if blocks and isinstance(action, dict) and "sources" in action:
        found = cast("Block", action)
        blocks[0]["args"] = {k: v for k, v in found.items() if k != "sources"}
        blocks[1]["output"] = {"sources": found["sources"]}
    return blocks


def _mcp_call(item: Block) -> list[Block] | None:
    arguments = item.get("arguments") or ""
    args = read_whole(arguments)
    call: Block = {"type": "server_tool_call", "name": "remote_mcp", "id": item.get("id")}
    call["args"] = args if isinstance(args, dict) else {"arguments": arguments}
    extras = {"tool_name": item.get("name")}
    extras |= _rest(item, "arguments", "name", "id", "output", "error", "extras", "index")
    result: Block = {"type": "server_tool_result", "tool_call_id": item.get("id") or ""}
    result["status"] = "error" if item.get("error") else "success"
    if item.get("output") is not None:
        result["output"] = item["output"]
    if item.get("error"):
        result["extras"] = {"error": item["error"]}
    return [_extras(call, extras), result]


def _mcp_list_tools(item: Block) -> list[Block] | None:
    call: Block = {"type": "server_tool_call", "name": "mcp_list_tools", "args": {}}
    call["id"] = item.get("id")
    result: Block = {"type": "server_tool_result", "tool_call_id": item.get("id") or ""}
    result["status"] = "error" if item.get("error") else "success"
    result["output"] = item.get("tools") or []
    return [_extras(call, _rest(item, "id", "tools", "extras", "index")), result]


def _tool_search_call(item: Block) -> list[Block] | None:
    if item.get("execution") != "server":
        return None
    args = item.get("arguments")
    call: Block = {"type": "server_tool_call", "name": "tool_search", "id": item.get("id")}
    call["args"] = args if isinstance(args, dict) else {}
    return [_extras(call, _rest(item, "id", "arguments", "extras", "index"))]


def _tool_search_output(item: Block) -> list[Block] | None:
    if item.get("execution") != "server":
        return None
    result: Block = {"type": "server_tool_result", "tool_call_id": item.get("id") or ""}
    result |= {"status": "success", "output": {"tools": item.get("tools") or []}}
    extras = {"name": "tool_search"} | _rest(item, "id", "tools", "extras", "index")
    if extras.get("status") == DONE:
        del extras["status"]
    return [_extras(result, extras)]


def _image_generation_call(item: Block) -> list[Block] | None:
    form = item.get("output_format") or "png"
    block: Block = {"type": "image", "id": item.get("id"), "mime_type": f"image/{form}"}
    if item.get("result") is not None:
        block["base64"] = item["result"]
    return [_extras(block, _rest(item, "id", "result", "extras", "index"))]


def _message(item: Block) -> list[Block] | None:
    """Read a message of the model: its parts with the item's id and phase."""
    parts = item.get("content")
    if not isinstance(parts, list) or item.get("role", "assistant") != "assistant":
        return None
    known = {key: item[key] for key in ("id", "phase") if item.get(key) is not None}
    extras = _rest(item, "content", "id", "phase", "role", "extras", "index")
    if extras.get("status") == DONE:
        del extras["status"]
    return [_extras(_part(part) | known, extras) for part in cast("list[Any]", parts)]


def _part(part: Any) -> Block:
    if not isinstance(part, dict):
        return {"type": "non_standard", "value": part}
    found = cast("Block", part)
    match found.get("type"):
        case "output_text" | "input_text" | "text":
            block: Block = {"type": "text", "text": found.get("text") or ""}
            if notes := found.get("annotations"):
                block["annotations"] = [standard_annotation(note) for note in notes]
            # What the wire says of itself, and a field that some send for another kind of part.
            return _extras(block, _rest(found, "text", "annotations", "logprobs", "refusal"))
        case "refusal":
            block = {"type": "refusal", "refusal": found.get("refusal") or ""}
            return _extras(block, _rest(found, "refusal"))
        case _:
            return {"type": "non_standard", "value": found}


def _as_it_is(item: Block) -> list[Block] | None:
    return [item]


ITEMS: dict[str, Reader] = {
    "apply_patch_call": _as_it_is,
    "code_interpreter_call": _server_call("code_interpreter", "code", "outputs"),
    "custom_tool_call": _custom_tool_call,
    "file_search_call": _server_call("file_search", "queries", "results"),
    "function_call": _function_call,
    "image_generation_call": _image_generation_call,
    "mcp_call": _mcp_call,
    "mcp_list_tools": _mcp_list_tools,
    "message": _message,
    "reasoning": _reasoning,
    "tool_search_call": _tool_search_call,
    "tool_search_output": _tool_search_output,
    "web_search_call": _web_search_call,
}
