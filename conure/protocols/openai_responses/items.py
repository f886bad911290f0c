"""Responses: blocks of what the model said -> the items they came from.

The way back of `messages/native_items.py`, which reads items: both say the same of each type, so
that an item comes out as it went in, without what is null. Blocks of other makers become items
where the API has one for them; what only their maker can read is left out.

https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...messages.arguments import read_partial
from ...wire import json
from ..shape import is_list, is_mapping, is_object

__all__ = ["content_of", "items_of"]

Block = dict[str, Any]
Item = dict[str, Any]

# Ids that other makers, or we, gave.
FOREIGN = ("lc_", "mcptoolu_", "srvtoolu_", "toolu_", "tooluse_")
CITED = ("url", "title", "start_index", "end_index")
INDEXED = ("start_index", "end_index")


def items_of(
    blocks: Sequence[Block], *, shown: bool = False, lost: list[str] | None = None
) -> list[Item]:
    """Give the items that these blocks of one reply make, in their order.

    `shown` items are for a reader: nothing is left out, and slices can be told apart. In others,
    types of blocks without an item here are added to `lost`.
    """
    if len(blocks) == 1 and blocks[0].keys() <= PLAIN and blocks[0]["type"] == "text":
        # What most replies are, and nearly all slices of one.
        return [_plain(blocks[0], shown=shown)]
    writer = _Writer(blocks, shown=shown, lost=[] if lost is None else lost)
    for block in blocks:
        WRITERS.get(block["type"], _Writer.other)(writer, block)
    return writer.items


def content_of(blocks: list[dict[str, Any]]) -> list[Any]:
    """Show blocks as `content`: items, and the parts of messages in place of the messages."""
    elements: list[Any] = []
    for item in items_of(blocks, shown=True):
        parts = item.get("content")
        is_said = item.get("type") == "message" and item.get("role") == "assistant"
        if not is_said or not is_list(parts):
            if item.get("type") == "code_interpreter_call" and "container_id" in item:
                # Where code that reads standard blocks looks for it.
                item["extras"] = {"container_id": item["container_id"]}
            elements.append(item)
            continue
        known = {name: item[name] for name in ("id", "phase", "status") if name in item}
        for part in parts:
            if not is_object(part):
                elements.append(part)
                continue
            kind = "text" if part.get("type") == "output_text" else part.get("type")
            elements.append({**part, "type": kind, **known})
    return elements


def _plain(block: Block, *, shown: bool) -> Item:
    part: Item = {"type": "output_text", "text": block.get("text") or "", "annotations": []}
    if shown and "index" in block:
        part["index"] = block["index"]
    if (id := block.get("id")) is None or not _is_ours(id):
        return {"type": "message", "role": "assistant", "content": [part]}
    return {"type": "message", "role": "assistant", "id": id, "content": [part]}


PLAIN = frozenset({"type", "text", "id", "index"})


class _Writer:
    """Writes the items of one reply."""

    __slots__ = ("_lost", "_message", "_reasoning", "_results", "_shown", "_told", "items")

    def __init__(self, blocks: Iterable[Block], *, shown: bool, lost: list[str]) -> None:
        self.items: list[Item] = []
        self._lost = lost
        self._told: set[Any] = set()
        self._shown = shown
        self._message: Item | None = None
        self._reasoning: Item | None = None
        self._results: dict[str, Block] | None = None
        if any(block["type"] in CALLS for block in blocks):
            self._results = {
                block["tool_call_id"]: block
                for block in blocks
                if block["type"] == "server_tool_result" and block.get("tool_call_id")
            }

    def text(self, block: Block) -> None:
        extras = _extras(block)
        part: Item = {"type": "output_text", "text": block.get("text") or ""}
        notes: list[Any] = block.get("annotations") or []
        part["annotations"] = _annotations(notes)
        self._lost += ["citation"] * (len(notes) - len(part["annotations"]))
        self._say(part, block, extras)

    def refusal(self, block: Block) -> None:
        part = {"type": "refusal", "refusal": block.get("refusal") or ""}
        self._say(part, block, _extras(block))

    def reasoning(self, block: Block) -> None:
        extras = _extras(block)
        id: str | None = block.get("id")
        before = self._reasoning
        # Only the first block of an item has what the item says besides its summary.
        goes_on = before is not None and before is self._last() and id is not None and not extras
        if before is not None and goes_on and before.get("id") == id:
            before["summary"].append(_summary(block))
            return
        if not (self._shown or _is_ours(id) or extras.get("encrypted_content")):
            # Only its maker can read it.
            self._lost.append("reasoning")
            return
        item: Item = {"type": "reasoning"} | ({} if id is None else {"id": id})
        content = extras.get("content")
        text = block.get("reasoning")
        has_summary = bool(text) and not (is_list(content) and _text_of(content) == text)
        item["summary"] = [_summary(block)] if has_summary else []
        self._reasoning = self._add(item | extras, block)

    def call(self, block: Block) -> None:
        extras = dict(_extras(block))
        id, args = extras.pop("item_id", None), block.get("args")
        item: Item = {"type": "function_call"} | ({} if id is None else {"id": id})
        if not self._shown:
            item |= {"call_id": block.get("id"), "name": block.get("name") or ""}
        else:
            named = {"call_id": block.get("id"), "name": block.get("name")}
            item |= {name: value for name, value in named.items() if value is not None}
        if extras.pop("type", None) == "custom_tool_call":
            item |= {"type": "custom_tool_call", "input": _args(block).get("__arg1", "")}
        else:
            item["arguments"] = args if isinstance(args, str) else json.encode(args or {}).decode()
        item |= {name: extras[name] for name in CALL_FIELDS if name in extras}
        self._add(item, block)

    def image(self, block: Block) -> None:
        item: Item = {"type": "image_generation_call"}
        if (id := block.get("id")) is not None:
            item["id"] = id
        if self._shown:
            item |= _extras(block)
            if block.get("base64") is not None:
                item["result"] = block["base64"]
        elif not _is_ours(id):
            self._lost.append("image")
            return
        self._add(item, block)

    def server_call(self, block: Block) -> None:
        id = block.get("id")
        name = block.get("name")
        result = (self._results or {}).get(id or "")
        write = SERVER_CALLS.get(name or "")
        known = _is_ours(id) or "execution" in _extras(block)
        if write is None or not known or (result and "block_type" in _extras(result)):
            if self._shown:
                # A slice of a call does not say whose call it is.
                self._add({k: v for k, v in block.items() if v is not None}, block)
            else:
                self._lost.append("server_tool_call")
            return
        self._told.add(id)
        self._add(write(block, result or {}), block)

    def server_result(self, block: Block) -> None:
        extras = dict(_extras(block))
        if extras.pop("name", None) != "tool_search":
            if block.get("tool_call_id") not in self._told:
                self._lost.append("server_tool_result")
            return
        output = block.get("output")
        tools: Any = output.get("tools", []) if is_object(output) else []
        item: Item = {"type": "tool_search_output", "tools": tools}
        if id := block.get("tool_call_id"):
            item["id"] = id
        self._add({"status": "completed", **item, **extras}, block)

    def media(self, block: Block) -> None:
        """Show what no item of the model's own can hold."""
        if self._shown:
            self.other(block)
        else:
            self._lost.append(block["type"])

    def other(self, block: Block) -> None:
        """Give back what has no block of ours as it came."""
        value = block.get("value") if block["type"] == "non_standard" else block
        if not is_mapping(value):
            return
        item = {name: value[name] for name in value if name not in OURS}
        message = self._message
        if "id" in block and message is self._last() and message and message["id"] == block["id"]:
            # A part that nobody knows, of a message whose other parts are known.
            message["content"].append(item)
        else:
            self._add(item, block)

    def _add(self, item: Item, block: Block) -> Item:
        if self._shown and "index" in block:
            item["index"] = block["index"]
        self.items.append(item)
        return item

    def _say(self, part: Item, block: Block, extras: Item) -> None:
        """Add a part to the message it belongs to, or begin one."""
        id, phase = block.get("id"), block.get("phase")
        if id is not None and not _is_ours(id):
            id = None
        message: Any = self._message
        if message is None or message is not self._last() or message.get("id") != id:
            made: Item = {"type": "message", "role": "assistant"}
            message = self._message = made
            if id is not None:
                message["id"] = id
            if phase is not None:
                message["phase"] = phase
            if status := extras.get("status") or block.get("status"):
                message["status"] = status
            message["content"] = []
            self.items.append(message)
        if self._shown and "index" in block:
            part["index"] = block["index"]
        content: list[Any] = message["content"]
        content.append(part)

    def _last(self) -> Item | None:
        return self.items[-1] if self.items else None


WRITERS: dict[str, Callable[[_Writer, Block], None]] = {
    "audio": _Writer.media,
    "file": _Writer.media,
    "image": _Writer.image,
    "invalid_tool_call": _Writer.call,
    "reasoning": _Writer.reasoning,
    "refusal": _Writer.refusal,
    "server_tool_call": _Writer.server_call,
    "server_tool_call_chunk": _Writer.server_call,
    "server_tool_result": _Writer.server_result,
    "text": _Writer.text,
    "tool_call": _Writer.call,
    "tool_call_chunk": _Writer.call,
    "video": _Writer.media,
}
CALLS = frozenset({"server_tool_call", "server_tool_call_chunk"})
# Fields of a call that mean something on the wire, wherever the call was made.
CALL_FIELDS = ("status", "namespace", "caller")
OURS = frozenset({"extras", "index"})


def _own(type: str, *, args: str | None = None, output: str | None = None) -> Any:  # noqa: A002
    """Write a call whose arguments and outputs are fields of its item."""

    def write(block: Block, result: Block) -> Item:
        item: Item = {"type": type, "id": block.get("id"), "status": _status(result)}
        extras = _extras(block)
        given = {} if "arguments" in extras else _args(block)
        if args is not None:
            if args in given:
                item[args] = given[args]
        elif given:
            item["action"] = given
        found = result.get("output")
        if found is not None and output is not None:
            item[output] = found
        return item | extras

    return write


def _web_search(block: Block, result: Block) -> Item:
    item = _own("web_search_call")(block, result)
    found = result.get("output")
    if is_object(found) and "sources" in found:
        item["action"] = {**item.get("action", {}), "sources": found["sources"]}
    return item


def _mcp(block: Block, result: Block) -> Item:
    extras = dict(_extras(block))
    args = block.get("args")
    if is_object(args) and args.keys() == {"arguments"} and isinstance(args["arguments"], str):
        args = args["arguments"]
    item: Item = {"type": "mcp_call", "id": block.get("id"), "name": extras.pop("tool_name", "")}
    item["arguments"] = args if isinstance(args, str) else json.encode(args or {}).decode()
    if result.get("output") is not None:
        item["output"] = result["output"]
    if (error := _extras(result).get("error")) is not None:
        item["error"] = error
    return item | extras


def _mcp_list(block: Block, result: Block) -> Item:
    item: Item = {"type": "mcp_list_tools", "id": block.get("id")}
    item["tools"] = result.get("output") or []
    return item | _extras(block)


def _tool_search(block: Block, _result: Block) -> Item:
    item: Item = {"type": "tool_search_call", "arguments": _args(block)}
    if (id := block.get("id")) is not None:
        item["id"] = id
    return item | _extras(block)


SERVER_CALLS: dict[str, Callable[[Block, Block], Item]] = {
    "code_interpreter": _own("code_interpreter_call", args="code", output="outputs"),
    "file_search": _own("file_search_call", args="queries", output="results"),
    "mcp_list_tools": _mcp_list,
    "remote_mcp": _mcp,
    "tool_search": _tool_search,
    "web_search": _web_search,
}


def _annotations(annotations: Iterable[Any]) -> list[Any]:
    written = (_annotation(annotation) for annotation in annotations)
    return [annotation for annotation in written if annotation is not None]


def _annotation(block: Any) -> Any:
    """Write a citation as the API has it; None for what only another maker can place."""
    if not is_object(block):
        return None
    kind = block.get("type")
    if kind == "non_standard_annotation":
        return block.get("value")
    if kind != "citation":
        return dict(block)
    extras = dict(_extras(block))
    if "file_id" in extras:
        extras.pop("file_index", None)
        named = {"filename": block["title"]} if "title" in block else {}
        return {"type": "file_citation", **named, **extras}
    if "cited_text" in block or "url" not in block:
        return None
    return {"type": "url_citation", **{n: block[n] for n in CITED if n in block}, **extras}


def _status(result: Block) -> str:
    return "failed" if result.get("status") == "error" else "completed"


def _summary(block: Block) -> Item:
    return {"type": "summary_text", "text": block.get("reasoning") or ""}


def _text_of(parts: list[Any]) -> str:
    return "".join([str(part.get("text", "")) for part in parts if is_object(part)])


def _args(block: Block) -> Item:
    args = block.get("args")
    # Those of a slice of a stream are not whole.
    return args if is_object(args) else read_partial(args) or {}


def _extras(block: Block) -> Item:
    extras: Item = block.get("extras") or {}
    return extras


def _is_ours(id: Any) -> bool:
    """Tell whether an item's id may have come from this API: vendors write them in many ways."""
    return isinstance(id, str) and bool(id) and not id.startswith(FOREIGN)
