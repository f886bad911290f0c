"""What all chunks of one stream have in common, and how its pieces look as content.

Nearly all of a stream is pieces of text. How `content_of` shows one is learnt from an example,
once for each `content_of`, and the content of a piece is made in that form when it is looked at.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from .events import BlockDelta
from .field import Content
from .reply import IMPLIED_TYPES, ContentOf, as_chunk

__all__ = ["NOWHERE", "Source"]

EXAMPLE = "example"
INDEX = 7


class Source(Struct, frozen=True, gc=False):
    """Where the chunks of a stream come from."""

    id: str | None = None
    provider: str | None = None
    content_of: ContentOf | None = None
    form: dict[str, Any] | None = None
    """an element of content that shows a piece of text; None where it cannot be told"""
    plain: bool = True
    """whether the content of a piece of text is that text"""
    lists: tuple[str, ...] = ()
    """the keys of the form under which each element has an empty list of its own"""

    @classmethod
    def of(cls, id: str | None, provider: str | None, content_of: ContentOf | None) -> Source:
        """Make the source of a stream whose content is shown by `content_of`."""
        if content_of is None:
            return cls(id, provider)
        return cls(id, provider, content_of, *_form(content_of))

    def content(self, piece: BlockDelta) -> Content:
        """Give the content of a chunk that is this piece and nothing else."""
        if piece.field == "text":
            if (form := self.form) is not None:
                element = form.copy()
                element["text"] = piece.text
                element["index"] = piece.index
                for name in self.lists:
                    element[name] = []
                return [element]
            if self.plain:
                return piece.text
        if (content_of := self.content_of) is None:
            return ""
        kind = IMPLIED_TYPES.get(piece.field, "non_standard")
        block = {"type": kind, piece.field: piece.text}
        return content_of([as_chunk(piece.index, block, plain=False)])


NOWHERE = Source()


@lru_cache(maxsize=64)
def _form(content_of: ContentOf) -> tuple[dict[str, Any] | None, bool, tuple[str, ...]]:
    shown = content_of([{"type": "text", "text": EXAMPLE, "index": INDEX}])
    if shown == EXAMPLE:
        return None, True, ()
    if isinstance(shown, list) and len(shown) == 1 and isinstance(shown[0], dict):
        form = cast("dict[str, Any]", shown[0])
        lists = tuple(name for name, value in form.items() if value == [])
        values = [value for name, value in form.items() if name not in lists]
        known = form.get("text") == EXAMPLE and form.get("index") == INDEX
        if known and all(type(value) in (str, int) for value in values):
            return form, False, lists
    return None, False, ()
