"""Gemini: parts of the model's turn, from the wire's shape to ours and back.

Rule 1: what has no place in a standard block is kept in its `extras`, a part without a standard
        form in the `value` of a `non_standard` block, so that `write_block` gives what came.
Rule 2: a thought signature goes back on the part it came with, even if that says nothing else.
Rule 3: what another provider's model thought and its servers did means nothing to this one.

https://ai.google.dev/api/caching#Part
"""

from __future__ import annotations

from collections.abc import Callable
from os import urandom
from typing import Any

from ..shape import is_object

__all__ = ["FIELDS", "content_of", "extras_of", "made_id", "read_part", "sealed", "write_block"]

Block = dict[str, Any]

SIGNATURE = "thought_signature"
# Beside what a part says.
FIELDS = frozenset({"thought", "thoughtSignature"})
# What the provider's servers did, by the kind of part that tells it.
CODE, CODE_RESULT, TOOL, TOOL_RESULT = (
    "executableCode", "codeExecutionResult", "toolCall", "toolResponse",
)  # fmt: skip
INTERPRETER = "code_interpreter"
# What others call the provider's tools.
TOOL_NAMES = {
    "FILE_SEARCH": "file_search",
    "GOOGLE_MAPS": "google_maps",
    "GOOGLE_SEARCH_IMAGE": "web_search",
    "GOOGLE_SEARCH_WEB": "web_search",
    "URL_CONTEXT": "web_fetch",
}
MEDIA = frozenset({"audio", "image", "video"})


# -- the wire's -> ours -------------------------------------------------------------------------


def extras_of(part: Block, *read: str) -> Block:
    """Give what a part has besides what was read of it."""
    extras: Block = {}
    if part.get("thought"):
        extras["thought"] = True
    if (signature := part.get("thoughtSignature")) is not None:
        extras[SIGNATURE] = signature
    if rest := {k: v for k, v in part.items() if k not in FIELDS and k not in read}:
        extras["part_fields"] = rest
    return extras


def made_id() -> str:
    """Make an id for a call that came without one."""
    return f"call_{urandom(12).hex()}"


def read_part(part: Block, *, last_call: str | None) -> Block | None:
    """Read a part that came whole and is no text; None for one that says nothing.

    `last_call` is the id of the server's call before it, for a result that does not name its own.
    """
    for name, reader in READERS.items():
        inner = part.get(name)
        if is_object(inner):
            block = reader(inner, extras_of(part, name), last_call)
            if block is not None:
                return block
    return {"type": "non_standard", "value": part} if part else None


def _function_call(call: Block, extras: Block, _last: str | None) -> Block:
    id = call.get("id")
    if not isinstance(id, str) or not id:
        id, extras["made_id"] = made_id(), True
    args = call.get("args")
    block: Block = {"type": "tool_call", "id": id, "name": call.get("name")}
    return _with(block | {"args": {} if args is None else args}, extras)


def _executable_code(code: Block, extras: Block, _last: str | None) -> Block:
    extras = {"part": CODE, **extras}
    id = code.get("id")
    if not isinstance(id, str) or not id:
        id, extras["made_id"] = made_id(), True
    args = {name: value for name, value in code.items() if name != "id"}
    return _with({"type": "server_tool_call", "name": INTERPRETER, "args": args, "id": id}, extras)


def _code_execution_result(result: Block, extras: Block, last: str | None) -> Block:
    outcome = result.get("outcome")
    extras = {"part": CODE_RESULT, "outcome": outcome, **extras}
    id = result.get("id")
    if not isinstance(id, str) or not id:
        id, extras["made_id"] = last or made_id(), True
    block = _result(id, result.get("output"), failed=outcome not in (None, "OUTCOME_OK", 1))
    return _with(block, extras)


def _tool_call(call: Block, extras: Block, _last: str | None) -> Block:
    kind = call.get("toolType")
    extras = {"part": TOOL, "tool_type": kind, **extras}
    id = call.get("id")
    if not isinstance(id, str) or not id:
        id, extras["made_id"] = made_id(), True
    args = call.get("args")
    if not is_object(args):
        args, extras["no_args"] = {}, True
    block: Block = {"type": "server_tool_call", "name": _tool_name(kind), "args": args, "id": id}
    return _with(block, extras)


def _tool_response(response: Block, extras: Block, last: str | None) -> Block:
    extras = {"part": TOOL_RESULT, "tool_type": response.get("toolType"), **extras}
    id = response.get("id")
    if not isinstance(id, str) or not id:
        id, extras["made_id"] = last or made_id(), True
    block = _result(id, response.get("response"))
    if "response" not in response:
        del block["output"]
    return _with(block, extras)


def _result(id: str, output: Any, *, failed: bool = False) -> Block:
    return {
        "type": "server_tool_result",
        "tool_call_id": id,
        "status": "error" if failed else "success",
        "output": output,
    }


def _tool_name(kind: Any) -> str:
    return TOOL_NAMES.get(str(kind)) or str(kind).lower()


def _inline_data(data: Block, extras: Block, _last: str | None) -> Block | None:
    if not isinstance(data.get("data"), str):
        return None
    mime = str(data.get("mimeType") or "")
    family = mime.partition("/")[0]
    block: Block = {"type": family if family in MEDIA else "file", "base64": data.get("data")}
    return _with(block | {"mime_type": mime}, extras)


def _file_data(data: Block, extras: Block, _last: str | None) -> Block | None:
    if not data.get("fileUri") or not isinstance(data["fileUri"], str):
        return None
    mime = str(data.get("mimeType") or "")
    family = mime.partition("/")[0]
    block: Block = {"type": family if family in MEDIA else "file", "url": data.get("fileUri")}
    return _with(block | ({"mime_type": mime} if mime else {}), extras)


def _with(block: Block, extras: Block) -> Block:
    return block | {"extras": extras} if extras else block


READERS: dict[str, Callable[[Block, Block, str | None], Block | None]] = {
    "functionCall": _function_call,
    CODE: _executable_code,
    CODE_RESULT: _code_execution_result,
    TOOL: _tool_call,
    TOOL_RESULT: _tool_response,
    "inlineData": _inline_data,
    "fileData": _file_data,
}


# -- ours -> the wire's -------------------------------------------------------------------------


def write_block(block: Block) -> Block | None:
    """Write a block of the model's turn; None for one that cannot be said here."""
    writer = WRITERS.get(block["type"])
    written = None if writer is None else writer(block, block.get("extras") or {})
    if written is None or block["type"] == "non_standard":
        return written
    return sealed(written, block)


def sealed(written: Block, block: Block) -> Block:
    """Give a part what stands beside what it says: its signature above all."""
    extras: Block = block.get("extras") or {}
    if extras.get("thought"):
        written["thought"] = True
    signature = extras.get(SIGNATURE)
    if signature is None and block["type"] == "tool_call":
        signature = extras.get("signature")
    if signature:
        written["thoughtSignature"] = signature
    if is_object(more := extras.get("part_fields")):
        written |= more
    return written


def _write_text(block: Block, extras: Block) -> Block | None:
    text = block.get("text") or ""
    return {"text": text} if text or extras.get(SIGNATURE) else None


def _write_reasoning(block: Block, extras: Block) -> Block | None:
    if not extras.get("thought") and SIGNATURE not in extras:
        return None
    return {"text": block.get("reasoning") or "", "thought": True}


def _write_call(block: Block, extras: Block) -> Block:
    call: Block = {"name": block.get("name")}
    args = block.get("args")
    if is_object(args):
        call["args"] = args
    else:
        call["args"] = {"INVALID_JSON": args} if args else {}
    if block.get("id") and not extras.get("made_id"):
        call["id"] = block["id"]
    return {"functionCall": call}


def _write_server_call(block: Block, extras: Block) -> Block | None:
    part = extras.get("part")
    if part == CODE:
        return {CODE: _with_id({**block["args"]}, block.get("id"), extras)}
    if part == TOOL:
        call: Block = {"toolType": extras.get("tool_type")}
        if not extras.get("no_args"):
            call["args"] = block["args"]
        return {TOOL: _with_id(call, block.get("id"), extras)}
    return None


def _write_server_result(block: Block, extras: Block) -> Block | None:
    part = extras.get("part")
    if part == CODE_RESULT:
        result: Block = {"outcome": extras.get("outcome")}
        if block.get("output") is not None:
            result["output"] = block["output"]
    elif part == TOOL_RESULT:
        result = {"toolType": extras.get("tool_type")}
        if "output" in block:
            result["response"] = block["output"]
    else:
        return None
    return {part: _with_id(result, block.get("tool_call_id"), extras)}


def _with_id(inner: Block, id: Any, extras: Block) -> Block:
    return inner if extras.get("made_id") or not id else {**inner, "id": id}


def _write_non_standard(block: Block, _extras: Block) -> Block | None:
    """Write a part as it came; what has a `type` is some other provider's."""
    value = block.get("value")
    return {**value} if is_object(value) and "type" not in value else None


WRITERS: dict[str, Callable[[Block, Block], Block | None]] = {
    "invalid_tool_call": _write_call,
    "non_standard": _write_non_standard,
    "reasoning": _write_reasoning,
    "server_tool_call": _write_server_call,
    "server_tool_result": _write_server_result,
    "text": _write_text,
    "tool_call": _write_call,
}


# -- ours -> the content that code for this provider knows --------------------------------------


def content_of(blocks: list[Block]) -> str | list[Any]:
    """Show blocks as content: one text where there is nothing else, calls apart, or a list."""
    shown = [block for block in blocks if block["type"] not in APART]
    if all(block["type"] == "text" for block in shown):
        return "".join([block.get("text") or "" for block in shown])
    return [_shown(block) for block in shown]


APART = frozenset({"invalid_tool_call", "refusal", "tool_call", "tool_call_chunk"})


def _shown(block: Block) -> Block:
    extras: Block = block.get("extras") or {}
    if block["type"] == "reasoning":
        shown: Block = {"type": "thinking", "thinking": block.get("reasoning") or ""}
    elif block["type"] == "image" and "base64" in block:
        url = f"data:{block.get('mime_type')};base64,{block['base64']}"
        shown = {"type": "image_url", "image_url": {"url": url}}
    elif extras.get("part") == CODE and is_object(args := block.get("args")):
        shown = {"type": "executable_code", "executable_code": args.get("code")}
        shown |= {"language": args.get("language"), "id": block.get("id")}
    elif extras.get("part") == CODE_RESULT:
        shown = {"type": "code_execution_result", "code_execution_result": block.get("output")}
        shown |= {"outcome": extras.get("outcome"), "tool_call_id": block.get("tool_call_id")}
    else:
        return block
    if signature := extras.get(SIGNATURE):
        shown["signature"] = signature
    return shown | ({"index": block["index"]} if "index" in block else {})
