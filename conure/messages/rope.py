"""A growing sum of chunks.

Sums share one list of atoms, of which each sum is a prefix, so that adding a chunk is an
append. An atom is an event of a stream, or a `Slice`: the fields of a chunk made or changed by
hand. Atoms are folded when a sum is looked at, and only those that are new since the last look.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from .assemble import Draft
from .events import Event, Metadata, UsageReport
from .reply import Piece
from .source import NOWHERE, Source
from .sums import Slice, Sum

__all__ = ["LAST", "NOWHERE", "Atom", "Rope", "Slice", "Source", "Sum"]


class _Last(Struct, frozen=True):
    """Marks the end of a stream."""


LAST = _Last()
Atom: TypeAlias = Event | Slice | _Last


class _Fold:
    """Atoms folded so far: what slices added up to, and the run of events since."""

    __slots__ = ("_draft", "_run", "_source", "_total")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._draft = Draft()
        self._run = False
        self._total: Sum | None = None

    def feed(self, atoms: list[Any], *, pure: bool) -> None:
        if pure:
            self._draft.feed(atoms)
            self._run = True
            return
        for atom in atoms:
            if type(atom) is Slice:
                self._total = self._flushed()
                self._total.add(atom)
                self._draft, self._run = Draft(), False
            elif atom is not LAST:
                self._draft.feed((atom,))
                self._run = True

    def view(self, *, last: bool) -> Piece | Sum:
        if self._total is None:
            return self._piece(last=last)
        total = self._total.copy()
        if self._run:
            total.add(self._as_slice())
        total.last = last
        return total

    def _flushed(self) -> Sum:
        total = self._total or Sum()
        if self._run:
            total.add(self._as_slice())
        return total

    def _as_slice(self) -> Slice:
        piece = self._piece(last=False)
        return Slice(
            piece.content() if piece.blocks else "",
            piece.blocks or None,
            piece.tool_call_chunks(),
            piece.additional_kwargs(),
            piece.response_metadata(),
            piece.usage,
            piece.id,
        )

    def _piece(self, *, last: bool) -> Piece:
        source = self._source
        return self._draft.piece(
            last=last, content_of=source.content_of, id=source.id, provider=source.provider
        )


class Rope:
    """The atoms of a sum, shared by every sum that is a prefix of it."""

    __slots__ = ("_eaten", "_fold", "_last_at", "_slice_at", "atoms", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.atoms: list[Any] = []
        self._last_at: int | None = None
        self._slice_at: int | None = None
        self._fold: _Fold | None = None
        self._eaten = 0

    def takes(self, source: Source) -> bool:
        """Whether events from there may join; two replies are added by their fields."""
        if self.source is NOWHERE and source is not NOWHERE:
            self.source = source
            self._fold, self._eaten = None, 0
        return self.source is source

    def join_rope(self, other: Rope, end: int) -> None:
        """Append the first atoms of another rope."""
        for atom in other.atoms[:end]:
            if type(atom) is Slice:
                self._append_slice(atom)
            elif atom is LAST:
                self.mark_last()
            else:
                self.atoms.append(atom)

    def join_slice(self, piece: Slice) -> None:
        """Append fields; as events, where they are facts without content."""
        own = piece.content == "" and piece.id in (None, self.source.id) and not piece.blocks
        if own and not (piece.tool_call_chunks or piece.additional_kwargs or piece.name):
            if piece.response_metadata:
                self.atoms.append(Metadata(piece.response_metadata))
            if piece.usage:
                self.atoms.append(UsageReport(piece.usage))
            if piece.last:
                self.mark_last()
        else:
            self._append_slice(piece)

    def _append_slice(self, piece: Slice) -> None:
        if self._slice_at is None:
            self._slice_at = len(self.atoms)
        self.atoms.append(piece)
        if piece.last:
            self.mark_last()

    def mark_last(self) -> None:
        if self._last_at is None:
            self.atoms.append(LAST)
            self._last_at = len(self.atoms)

    def prefix(self, end: int) -> Rope:
        """Give a rope of its own that begins with the first atoms of this one."""
        made = Rope(self.source)
        made.atoms = self.atoms[:end]
        made._last_at = self._last_at if self.is_last(end) else None
        made._slice_at = None if self._is_pure(end) else self._slice_at
        return made

    def _is_pure(self, end: int) -> bool:
        return self._slice_at is None or self._slice_at >= end

    def is_last(self, end: int) -> bool:
        return self._last_at is not None and self._last_at <= end

    def view(self, end: int) -> Piece | Sum:
        """Give what the first `end` atoms add up to."""
        if self._fold is None or self._eaten > end:
            fold, eaten = _Fold(self.source), 0
        else:
            fold, eaten = self._fold, self._eaten
        atoms = self.atoms
        fold.feed(atoms[eaten:end] if eaten or end < len(atoms) else atoms, pure=self._is_pure(end))
        if self._fold is None or end > self._eaten:
            self._fold, self._eaten = fold, end
        return fold.view(last=self.is_last(end))
