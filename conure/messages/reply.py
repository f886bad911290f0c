"""What a folded reply shows as: its blocks seen as the fields of a message.

The blocks are the truth and everything else is a view of them, computed when it is looked at.
`Reply` is a finished one, `Piece` a slice of one that is still being written: in a piece, tool
calls are chunks and blocks carry the index by which slices join.

`additional_kwargs` is filled for compatibility only; nothing that speaks to a provider reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias, cast

from .arguments import read_partial, read_whole
from .usage import UsageMetadata

__all__ = [
    "IMPLIED_TYPES",
    "Block",
    "ContentOf",
    "Entry",
    "Piece",
    "Reply",
    "as_chunk",
    "call_of",
    "clone",
    "close_block",
    "text_of_blocks",
]

Block: TypeAlias = dict[str, Any]
ContentOf: TypeAlias = Callable[[list[Block]], str | list[Any]]
Entry: TypeAlias = tuple[int, Block, bool]
"""index, block as written so far, whether it is complete"""

IMPLIED_TYPES = {
    "text": "text",
    "reasoning": "reasoning",
    "refusal": "refusal",
    "args": "tool_call_chunk",
    "base64": "image",
}
"""the block that a delta of this field opens when nothing else has"""

_TOOL_CALLS = frozenset({"tool_call", "tool_call_chunk", "invalid_tool_call"})
_UNPARSED = frozenset({"tool_call_chunk", "server_tool_call_chunk"})
_ALWAYS_THERE = {"text": "text", "reasoning": "reasoning", "refusal": "refusal"}


class Reply:
    """A finished reply."""

    __slots__ = ("_content", "blocks", "content_of", "id", "metadata", "provider", "usage")

    def __init__(
        self,
        blocks: list[Block],
        *,
        content_of: ContentOf | None = None,
        content: str | list[Any] | None = None,
        metadata: dict[str, Any] | None = None,
        usage: UsageMetadata | None = None,
        id: str | None = None,
        provider: str | None = None,
    ) -> None:
        self.blocks = blocks
        self.content_of = content_of
        self._content = content
        self.metadata = metadata
        self.usage = usage
        self.id = id
        self.provider = provider

    def content(self) -> str | list[Any]:
        if self._content is not None:
            return clone(self._content)
        if self.content_of is not None:
            return self.content_of(self.blocks)
        return text_of_blocks(self.blocks)

    def tool_calls(self) -> list[Block]:
        return [
            {"name": b["name"], "args": clone(b["args"]), "id": b["id"], "type": "tool_call"}
            for b in self.blocks
            if b["type"] == "tool_call"
        ]

    def invalid_tool_calls(self) -> list[Block]:
        return [clone(block) for block in self.blocks if block["type"] == "invalid_tool_call"]

    def additional_kwargs(self) -> dict[str, Any]:
        if self.content_of is not None or self._content is not None:
            return {}
        return {"refusal": None} | _compatible(self.blocks)

    def response_metadata(self) -> dict[str, Any]:
        found = {} if self.provider is None else {"model_provider": self.provider}
        return found | clone(self.metadata) if self.metadata else found

    def usage_metadata(self) -> UsageMetadata | None:
        return self.usage

    def portable(self) -> Reply:
        """Give the same without the function that shows its content."""
        return Reply(
            self.blocks,
            content=self.content(),
            metadata=self.metadata,
            usage=self.usage,
            id=self.id,
            provider=self.provider,
        )


class Piece(Reply):
    """A reply, or a slice of one, while it is being written."""

    __slots__ = ("_entries", "last")

    name: ClassVar[None] = None

    def __init__(
        self,
        entries: list[Entry],
        *,
        last: bool,
        content_of: ContentOf | None,
        metadata: dict[str, Any] | None,
        usage: UsageMetadata | None,
        id: str | None,
        provider: str | None,
    ) -> None:
        super().__init__(
            [], content_of=content_of, metadata=metadata, usage=usage, id=id, provider=provider
        )
        self._entries = entries
        self.last = last
        self.blocks = self.shown()

    def finished(self) -> Reply:
        """Give the same as if the reply had ended here."""
        return Reply(
            [close_block(block) for _, block, _ in self._entries],
            content_of=self.content_of,
            metadata=self.metadata,
            usage=self.usage,
            id=self.id,
            provider=self.provider,
        )

    def indexed(self) -> list[Block]:
        """Give the blocks, still open, with the index by which slices join."""
        return [as_chunk(index, block, plain=False) for index, block, _ in self._entries]

    def shown(self) -> list[Block]:
        if self.last:
            return [close_block(block) for _, block, _ in self._entries]
        plain = self.content_of is None
        return [as_chunk(index, block, plain=plain) for index, block, _ in self._entries]

    def tool_call_chunks(self) -> list[Block]:
        return [
            {k: chunk.get(k) for k in ("name", "args", "id", "index")} | {"type": chunk["type"]}
            for index, block, _ in self._entries
            if block["type"] in _TOOL_CALLS
            for chunk in [as_chunk(index, block, plain=True)]
        ]

    def tool_calls(self) -> list[Block]:
        return [call for call in self._calls() if call["type"] == "tool_call"]

    def invalid_tool_calls(self) -> list[Block]:
        return [call for call in self._calls() if call["type"] == "invalid_tool_call"]

    def additional_kwargs(self) -> dict[str, Any]:
        if self.content_of is not None:
            return {}
        return ({"refusal": None} if self.last else {}) | _compatible(self.blocks)

    def _calls(self) -> list[Block]:
        return [
            call_of(block, complete=complete or self.last)
            for _, block, complete in self._entries
            if block["type"] in _TOOL_CALLS
        ]


def call_of(block: Block, *, complete: bool) -> Block:
    """Give the call a block makes: as it is when complete, with the arguments so far when not."""
    call = close_block(block)
    if call["type"] == "invalid_tool_call" and not complete:
        args = read_partial(block.get("args"))
        if args is not None:
            call = {"type": "tool_call", "args": args, "name": block.get("name")}
        else:
            call = {**call, "error": None}
    if call["type"] == "tool_call":
        args = clone(call["args"])
        name = call["name"] or ""
        return {"name": name, "args": args, "id": block.get("id"), "type": "tool_call"}
    return clone(call)


def close_block(block: Block) -> Block:
    """Turn a block as it was written into what it is: arguments are parsed here, never repaired."""
    kind = block["type"]
    if kind in _UNPARSED:
        return _close_call(block)
    if (field := _ALWAYS_THERE.get(kind)) and field not in block:
        return {**block, field: ""}
    return block


def _close_call(block: Block) -> Block:
    rest = {k: v for k, v in block.items() if k not in ("type", "name", "args", "id", "index")}
    args = read_whole(block.get("args"))
    call = {"name": block.get("name") or "", "args": args, "id": block.get("id")}
    if isinstance(args, dict):
        kind = "tool_call" if block["type"] == "tool_call_chunk" else "server_tool_call"
        return {"type": kind, **call, **rest}
    if block["type"] == "server_tool_call_chunk":
        return {"type": "server_tool_call", **call, "args": {}, **rest, "error": args}
    call |= {"name": block.get("name"), "args": block.get("args"), "error": args}
    return {"type": "invalid_tool_call", **call, **rest}


def as_chunk(index: int, block: Block, *, plain: bool) -> Block:
    """Show a block of an unfinished reply: tool calls as chunks, with the index to join by."""
    kind = block["type"]
    if kind in _TOOL_CALLS:
        args = block.get("args")
        text = json.dumps(args, ensure_ascii=False) if isinstance(args, dict) else args
        shown = {"type": "tool_call_chunk", "name": block.get("name"), "args": text}
        shown |= {"id": block.get("id"), "index": block.get("index", index)}
        return shown | {k: v for k, v in block.items() if k not in shown and k != "error"}
    if field := _ALWAYS_THERE.get(kind):
        block = {"type": kind, field: block.get(field, ""), **block}
    return block if plain else {**block, "index": block.get("index", index)}


def text_of_blocks(blocks: list[Block]) -> str:
    """Join the texts of blocks."""
    if len(blocks) == 1 and blocks[0]["type"] == "text" and type(blocks[0].get("text")) is str:
        return blocks[0]["text"]
    texts = [block.get("text") for block in blocks if block["type"] == "text"]
    return "".join([text for text in texts if isinstance(text, str)])


def _compatible(blocks: list[Block]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for block in blocks:
        match block["type"]:
            case "reasoning":
                thought = block.get("reasoning") or ""
                found["reasoning_content"] = found.get("reasoning_content", "") + thought
            case "refusal":
                found["refusal"] = (found.get("refusal") or "") + (block.get("refusal") or "")
            case "audio":
                extras: Block = block.get("extras") or {}
                audio = {"id": block.get("id"), "data": block.get("base64")}
                audio |= {k: extras.get(k) for k in ("expires_at", "transcript")}
                found["audio"] = audio
            case _:
                pass
    return found


def clone(value: Any) -> Any:
    """Copy nested lists and dicts; everything else is shared."""
    if type(value) is dict:
        return {key: clone(item) for key, item in cast("Block", value).items()}
    if type(value) is list:
        return [clone(item) for item in cast("list[Any]", value)]
    return value
