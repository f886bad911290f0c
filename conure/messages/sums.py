"""What chunks that were made by hand add up to.

A slice is the fields of one chunk. Contents are joined, call chunks by their index, dicts are
merged, token counts added; of other facts the later wins.
"""

from __future__ import annotations

from typing import Any, cast

from msgspec import Struct

from .merge import ContentSum, absorb, absorb_list, joined, merge_facts
from .reply import Block, Reply, call_of, close_block
from .standard import standard_chunk
from .usage import UsageMetadata, add_usage

__all__ = ["Slice", "Sum", "better_id"]


class Slice(Struct, frozen=True):
    """The fields of one chunk; `blocks` are its standard blocks."""

    content: str | list[Any]
    blocks: list[Block] | None = None
    tool_call_chunks: list[Any] = []
    additional_kwargs: dict[str, Any] = {}
    response_metadata: dict[str, Any] = {}
    usage: UsageMetadata | None = None
    id: str | None = None
    name: str | None = None
    last: bool = False


class Sum:
    """What slices add up to; shows the same fields as a `Piece`."""

    __slots__ = (
        "_additional",
        "_blocks",
        "_chunks",
        "_content",
        "_metadata",
        "id",
        "last",
        "name",
        "usage",
    )

    def __init__(self) -> None:
        self._content = ContentSum()
        self._blocks: list[Block] | None = None
        self._chunks: list[Block] = []
        self._additional: dict[str, Any] = {}
        self._metadata: dict[str, Any] = {}
        self.usage: UsageMetadata | None = None
        self.id: str | None = None
        self.name: str | None = None
        self.last = False

    def add(self, piece: Slice) -> None:
        if piece.blocks is not None or self._blocks is not None:
            self._add_blocks(piece)
        self._content.add(piece.content)
        if piece.tool_call_chunks:
            absorb_list(self._chunks, piece.tool_call_chunks)
        if piece.additional_kwargs:
            absorb(self._additional, piece.additional_kwargs)
        if piece.response_metadata:
            self._metadata = merge_facts(self._metadata, piece.response_metadata)
        if piece.usage:
            self.usage = add_usage(self.usage, piece.usage)
        if piece.id:
            self.id = better_id(self.id, piece.id)
        self.name = self.name or piece.name
        self.last = self.last or piece.last

    def copy(self) -> Sum:
        """Give a sum that can grow apart from this one."""
        made = Sum()
        made.add(self.slice())
        return made

    def slice(self) -> Slice:
        return Slice(
            self._content.content(),
            None if self._blocks is None else joined(self._blocks),
            joined(self._chunks),
            joined(self._additional),
            self._metadata,
            self.usage,
            self.id,
            self.name,
            self.last,
        )

    def content(self) -> str | list[Any]:
        content = self._content.content()
        standard = self.last and self._metadata.get("output_version") == "v1"
        if standard and isinstance(content, list):
            return [close_block(cast("Block", b)) if isinstance(b, dict) else b for b in content]
        return content

    def tool_call_chunks(self) -> list[Block]:
        return joined(self._chunks)

    def tool_calls(self) -> list[Block]:
        return [call for call in self._calls() if call["type"] == "tool_call"]

    def invalid_tool_calls(self) -> list[Block]:
        return [call for call in self._calls() if call["type"] == "invalid_tool_call"]

    def additional_kwargs(self) -> dict[str, Any]:
        return joined(self._additional)

    def response_metadata(self) -> dict[str, Any]:
        return joined(self._metadata)

    def usage_metadata(self) -> UsageMetadata | None:
        return self.usage

    @property
    def blocks(self) -> list[Block]:
        blocks = self.indexed()
        return [close_block(block) for block in blocks] if self.last else blocks

    def indexed(self) -> list[Block]:
        """Give the blocks, still open, with the index by which slices join."""
        return joined(self._blocks) if self._blocks is not None else self._derived()

    def finished(self) -> Reply:
        """Give the same as if the reply had ended here."""
        return Reply(
            [close_block(block) for block in self.blocks],
            content=self.content(),
            metadata=self._metadata,
            usage=self.usage,
            id=self.id,
        )

    def _calls(self) -> list[Block]:
        return [call_of(chunk, complete=self.last) for chunk in self.tool_call_chunks()]

    def _add_blocks(self, piece: Slice) -> None:
        if self._blocks is None:
            self._blocks = self._derived()
        blocks = piece.blocks
        if blocks is None:
            blocks = standard_chunk(piece.content, piece.tool_call_chunks, piece.additional_kwargs)
        absorb_list(self._blocks, blocks, runs=True)

    def _derived(self) -> list[Block]:
        return standard_chunk(self.content(), self.tool_call_chunks(), self.additional_kwargs())


def better_id(first: str | None, second: str | None) -> str | None:
    """Choose the provider's own id, else the run's, else a made-up one; the first of its kind."""
    if first is None or second is None:
        return first or second
    return first if _rank(first) <= _rank(second) else second


def _rank(name: str) -> int:
    if not name.startswith("lc_"):
        return 0
    return 1 if name.startswith("lc_run-") else 2
