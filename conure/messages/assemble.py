"""Events -> one message, for `invoke` and `stream` alike.

A draft folds events as they come. Text fields grow as lists of parts that are joined when they
are looked at, so a reply of n pieces costs n steps however often it grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from .ai import AIMessage
from .events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)
from .merge import merge_facts
from .reply import IMPLIED_TYPES, Block, ContentOf, Entry, Piece, Reply, close_block
from .usage import UsageMetadata, add_usage, reported_usage

__all__ = ["IMPLIED_TYPES", "Draft", "assemble", "fields_of"]

_REASON_KEYS = ("finish_reason", "stop_reason", "done_reason", "stopReason", "status")


class Draft:
    """A reply while it is being put together."""

    __slots__ = (
        "_blocks",
        "_closed",
        "_field",
        "_index",
        "_parts",
        "_tail",
        "content_of",
        "finish",
        "id",
        "metadata",
        "usage",
    )

    def __init__(self) -> None:
        self.id: str | None = None
        self.content_of: ContentOf | None = None
        self.metadata: dict[str, Any] = {}
        self.usage: UsageMetadata | None = None
        self.finish: Finish | None = None
        self._blocks: dict[int, Block] = {}
        self._parts: dict[int, dict[str, list[str]]] = {}
        self._closed: set[int] = set()
        self._index = -1
        self._field = ""
        self._tail: list[str] = []

    def feed(self, events: Iterable[Event]) -> None:
        """Fold in the events that came next."""
        for event in events:
            if type(event) is BlockDelta:
                if event.index == self._index and event.field == self._field:
                    self._tail.append(event.text)
                else:
                    self._turn_to(event.index, event.field)
                    self._tail.append(event.text)
            elif fold := _FOLDS.get(type(event)):
                fold(self, event)

    def blocks(self) -> list[Block]:
        """Give the standard content blocks, as if the reply had ended here."""
        return [close_block(block) for _, block, _ in self._entries()]

    def block(self, index: int) -> Block:
        """One block as if it had ended here."""
        self._join(index)
        return close_block({**self._blocks[index]})

    def reply(self, *, id: str | None = None, provider: str | None = None) -> Reply:
        """Give the reply, as if it had ended here; the provider's own id wins."""
        return Reply(
            self.blocks(),
            content_of=self.content_of,
            metadata=self._facts(),
            usage=self.usage,
            id=self.id or id,
            provider=provider,
        )

    def message(
        self,
        *,
        id: str | None = None,
        provider: str | None = None,
    ) -> AIMessage:
        """Give the reply as a message, as if it had ended here; the provider's own id wins."""
        return AIMessage.of_reply(self.reply(id=id, provider=provider))

    def piece(
        self,
        *,
        last: bool = False,
        content_of: ContentOf | None = None,
        id: str | None = None,
        provider: str | None = None,
    ) -> Piece:
        """Give the reply so far, still open."""
        return Piece(
            self._entries(),
            last=last,
            content_of=self.content_of or content_of,
            metadata=self._facts(),
            usage=self.usage,
            id=self.id or id,
            provider=provider,
        )

    def _entries(self) -> list[Entry]:
        for index in self._parts:
            self._join(index)
        # A block may be announced before those that stand before it.
        blocks = self._blocks
        return [(i, {**blocks[i]}, i in self._closed) for i in sorted(blocks)]

    def _join(self, index: int) -> None:
        for field, parts in self._parts.get(index, {}).items():
            if len(parts) > 1:
                parts[:] = ["".join(parts)]
            self._blocks[index][field] = parts[0] if parts else ""

    def _turn_to(self, index: int, field: str) -> None:
        block = self._blocks.get(index)
        if block is None:
            block = self._blocks[index] = {"type": IMPLIED_TYPES.get(field, "non_standard")}
        fields = self._parts.setdefault(index, {})
        parts = fields.get(field)
        if parts is None:
            written = block.get(field)
            parts = fields[field] = [written] if isinstance(written, str) else []
        self._index, self._field, self._tail = index, field, parts

    def _facts(self) -> dict[str, Any]:
        facts = self.metadata
        reason = self.finish and (self.finish.raw or self.finish.reason)
        if reason and not any(key in facts for key in _REASON_KEYS):
            facts = {**facts, "finish_reason": reason}
        return facts

    def fold_reply_start(self, event: ReplyStart) -> None:
        self.id = event.id or self.id
        self.content_of = event.content_of or self.content_of

    def fold_block_start(self, event: BlockStart) -> None:
        if event.index in self._blocks:
            self._patch(event.index, event.block)
        else:
            self._blocks[event.index] = {**event.block}

    def fold_block_patch(self, event: BlockPatch) -> None:
        if event.index not in self._blocks:
            self._blocks[event.index] = {"type": _type_of(event.fields)}
        self._patch(event.index, event.fields)

    def _patch(self, index: int, fields: dict[str, Any]) -> None:
        block = self._blocks[index]
        self._index = -1
        self._join(index)
        for key, value in fields.items():
            block[key] = _patched(block.get(key), value)
            self._parts.get(index, {}).pop(key, None)

    def fold_block_end(self, event: BlockEnd) -> None:
        self._closed.add(event.index)

    def fold_metadata(self, event: Metadata) -> None:
        self.metadata = merge_facts(self.metadata, event.fields)

    def fold_usage_report(self, event: UsageReport) -> None:
        usage = self.usage
        self.usage = add_usage(usage, event.usage) if usage else reported_usage(event.usage)

    def fold_finish(self, event: Finish) -> None:
        self.finish = event


_FOLDS: dict[type, Callable[[Draft, Any], None]] = {
    ReplyStart: Draft.fold_reply_start,
    BlockStart: Draft.fold_block_start,
    BlockPatch: Draft.fold_block_patch,
    BlockEnd: Draft.fold_block_end,
    Metadata: Draft.fold_metadata,
    UsageReport: Draft.fold_usage_report,
    Finish: Draft.fold_finish,
}


def assemble(
    events: Iterable[Event],
    *,
    id: str | None = None,
    provider: str | None = None,
) -> AIMessage:
    """Fold a whole reply's events into its message.

    >>> assemble([BlockDelta(0, "text", "Hello"), BlockDelta(0, "text", " there")]).text
    'Hello there'
    """
    draft = Draft()
    draft.feed(events)
    return draft.message(id=id, provider=provider)


def fields_of(reply: Reply) -> dict[str, Any]:
    """Every field that a message of this reply has."""
    names = ["content", "additional_kwargs", "response_metadata", "tool_calls"]
    names += ["invalid_tool_calls", "usage_metadata"]
    if isinstance(reply, Piece):
        names.append("tool_call_chunks")
    return {name: getattr(reply, name)() for name in names} | {"id": reply.id}


def _patched(before: Any, value: Any) -> Any:
    if isinstance(before, dict) and isinstance(value, dict):
        merged = cast("Block", before) | cast("Block", value)
        return {name: item for name, item in merged.items() if item is not None}
    if isinstance(before, list) and isinstance(value, list):
        return cast("list[Any]", before) + cast("list[Any]", value)
    return value


def _type_of(fields: dict[str, Any]) -> str:
    for field in fields:
        if field in IMPLIED_TYPES:
            return IMPLIED_TYPES[field]
    return "text" if "annotations" in fields else "non_standard"
