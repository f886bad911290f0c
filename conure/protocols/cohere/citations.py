"""Cohere's chat API: what a passage rests on, as an annotation and back.

A citation points into one part of the content and names several sources; the sources stay whole
in `extras`, the first one's address and title are shown where every citation has them.

https://docs.cohere.com/docs/rag-citations
"""

from __future__ import annotations

from typing import Any

from ..shape import is_list, is_object

__all__ = ["read_citation", "write_citation"]

Block = dict[str, Any]

# The wire's name -> ours.
PLACES = {"start": "start_index", "end": "end_index", "text": "cited_text"}


def read_citation(wire: Block) -> Block:
    """Make an annotation of a citation.

    >>> read_citation({"start": 0, "end": 4, "sources": []})
    {'type': 'citation', 'start_index': 0, 'end_index': 4, 'extras': {'sources': []}}
    """
    note: Block = {"type": "citation"}
    extras: Block = {}
    for name, value in wire.items():
        if name in PLACES:
            note[PLACES[name]] = value
        elif value is not None:
            extras[name] = value
    for name in ("url", "title"):
        if said := _said_by_source(wire.get("sources"), name):
            note[name] = said
    return {**note, "extras": extras}


def write_citation(note: Block) -> Block | None:
    """Write an annotation again; None for one that another provider made."""
    extras: Block = note.get("extras") or {}
    if note.get("type") != "citation" or not is_list(extras.get("sources")):
        return None
    return {name: note[ours] for name, ours in PLACES.items() if ours in note} | extras


def _said_by_source(sources: Any, name: str) -> str | None:
    for source in sources if is_list(sources) else ():
        if is_object(source):
            for place in ("document", "tool_output"):
                found: Any = source.get(place)
                if is_object(found) and isinstance(found.get(name), str):
                    return found[name]
    return None
