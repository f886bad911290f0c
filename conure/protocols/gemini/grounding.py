"""Gemini: where the reply's words come from -> citations of its text blocks.

Places are counted on the wire in bytes of the whole text, here in characters of the block.

https://ai.google.dev/api/generate-content#GroundingMetadata
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..shape import is_list, is_object

__all__ = ["Texts", "citations"]

Block = dict[str, Any]
Texts = list[tuple[int, list[str]]]
"""for each text block its index and its text, in pieces"""

KINDS = ("web", "maps", "retrievedContext", "image")


def citations(said: Block, texts: Texts) -> dict[int, list[Block]]:
    """Give the citations that a candidate's metadata tells, by the index of their block."""
    grounding, sources = said.get("groundingMetadata"), said.get("citationMetadata")
    found: list[tuple[Block, Block]] = []
    if is_object(grounding):
        found += _grounded(grounding)
    if is_object(sources):
        found += _cited(sources)
    placed: dict[int, list[Block]] = {}
    if found and texts:
        text = _Text(texts)
        for note, segment in found:
            index, place = text.place(segment)
            placed.setdefault(index, []).append({"type": "citation", **place, **note})
    return placed


def _grounded(grounding: Block) -> Iterable[tuple[Block, Block]]:
    """Pair each source with the passage that rests on it."""
    chunks = _objects(grounding.get("groundingChunks"))
    supports = _objects(grounding.get("groundingSupports"))
    queries = grounding.get("webSearchQueries")
    for support in supports:
        segment: Any = support.get("segment")
        segment = segment if is_object(segment) else {}
        scores = support.get("confidenceScores")
        indices = support.get("groundingChunkIndices")
        for n, chosen in enumerate(indices if is_list(indices) else ()):
            facts: Block = {"grounding_chunk_index": chosen}
            if is_list(scores) and n < len(scores):
                facts["confidence_score"] = scores[n]
            if queries:
                facts["web_search_queries"] = queries
            known = isinstance(chosen, int) and 0 <= chosen < len(chunks)
            yield _note(_source(chunks[chosen]) if known else {}, facts), segment
    if not supports:
        for n, chunk in enumerate(chunks):
            yield _note(_source(chunk), {"grounding_chunk_index": n}), {}


def _source(chunk: Block) -> Block:
    for kind in KINDS:
        if is_object(source := chunk.get(kind)):
            return source
    return {}


def _note(source: Block, facts: Block) -> Block:
    note: Block = {}
    for ours, theirs in (("url", "uri"), ("title", "title")):
        if isinstance(value := source.get(theirs), str):
            note[ours] = value
    more = {name: value for name, value in source.items() if name not in ("uri", "title")}
    return note | {"extras": {"google_ai_metadata": facts | more}}


def _cited(metadata: Block) -> Iterable[tuple[Block, Block]]:
    """Read passages that are also elsewhere, word for word."""
    for name in ("citationSources", "citations"):
        for source in _objects(metadata.get(name)):
            segment = {k: source[k] for k in ("startIndex", "endIndex") if k in source}
            note: Block = {}
            for ours, theirs in (("url", "uri"), ("title", "title")):
                if isinstance(value := source.get(theirs), str):
                    note[ours] = value
            known = ("uri", "title", "startIndex", "endIndex")
            if more := {k: v for k, v in source.items() if k not in known}:
                note["extras"] = more
            yield note, segment


class _Text:
    """The whole text, in which passages are looked for."""

    def __init__(self, texts: Texts) -> None:
        self._blocks = [(index, "".join(parts)) for index, parts in texts]
        self._whole = "".join(text for _, text in self._blocks)
        self._bytes = self._whole.encode("utf-8", "surrogatepass")

    def place(self, segment: Block) -> tuple[int, Block]:
        """Give the block of a passage, and its place there; no place where it is not found."""
        cited = segment.get("text")
        place: Block = {"cited_text": cited} if isinstance(cited, str) else {}
        start, end = segment.get("startIndex", 0), segment.get("endIndex")
        found = self._characters(start, end)
        if isinstance(cited, str) and (found is None or self._whole[slice(*found)] != cited):
            at = self._whole.find(cited)
            found = (at, at + len(cited)) if at >= 0 else None
        if found is None:
            return self._blocks[-1][0], place
        first, last = found
        offset = 0
        for index, text in self._blocks:
            if first < offset + len(text):
                place["start_index"] = first - offset
                place["end_index"] = min(last - offset, len(text))
                return index, place
            offset += len(text)
        return self._blocks[-1][0], place

    def _characters(self, start: Any, end: Any) -> tuple[int, int] | None:
        if not isinstance(start, int) or not isinstance(end, int):
            return None
        if not 0 <= start <= end <= len(self._bytes):
            return None
        before = self._bytes[:start].decode("utf-8", "ignore")
        passage = self._bytes[start:end].decode("utf-8", "ignore")
        return len(before), len(before) + len(passage)


def _objects(values: Any) -> list[Block]:
    return [value if is_object(value) else {} for value in values] if is_list(values) else []
