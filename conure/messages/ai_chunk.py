"""A slice of what the model says.

A chunk born from a stream is the events in it; its fields are views, made when looked at, and
adding chunks puts their events one after another. A chunk made by hand, or changed since it was
born, is added by its fields. Either way a sum of n chunks costs n steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .assemble import Draft
from .dump import read_decoded, write_decoded
from .events import BlockDelta, Event
from .field import DEFAULTS, Content, FirstLook, Text, first_look, text_of
from .message import BaseMessageChunk
from .reply import Block, Piece, call_of, clone, close_block, text_of_blocks
from .rope import Rope, Slice, Sum
from .source import NOWHERE, Source
from .standard import standard_chunk
from .usage import UsageMetadata

if TYPE_CHECKING:
    from .blocks import ToolCallChunk

__all__ = ["AIMessageChunk"]


class _Content(FirstLook):
    """The content of a chunk: nearly always that of one piece of text."""

    def __get__(self, message: Any, owner: type) -> Any:
        if message is None:
            return self
        fields = message.__dict__
        if type(event := fields.get("_events")) is not BlockDelta:
            return super().__get__(message, owner)
        source = fields["_source"]
        if (form := source.form) is None or event.field != "text":
            content = fields["content"] = source.content(event)
            return content
        # As `Source.content` does it, without the call.
        element = form.copy()
        element["text"] = event.text
        element["index"] = event.index
        for name in source.lists:
            element[name] = []
        content = fields["content"] = [element]
        return content


class AIMessageChunk(AIMessage, BaseMessageChunk):
    """A piece of what the model says; pieces add up.

    >>> (AIMessageChunk("Hel") + AIMessageChunk("lo")).content
    'Hello'
    """

    type: str = "AIMessageChunk"
    content: Content = cast("Content", _Content())
    name: str | None = first_look()
    id: str | None = first_look()
    usage_metadata: UsageMetadata | None = first_look()
    tool_call_chunks: list[ToolCallChunk] = first_look()
    chunk_position: Literal["last"] | None = first_look()

    _fields: ClassVar[tuple[str, ...]] = (
        *AIMessage._fields,
        "tool_call_chunks",
        "chunk_position",
    )
    # A chunk is one of three: born (_events), a sum (_rope) or made by hand (neither).
    _events: BlockDelta | list[Event] | None = None
    _source: Source = NOWHERE
    _rope: Rope | None = None
    _end: int = 0
    _view: Piece | Sum | None = None
    _kept: dict[str, Any] | None = None

    def __init__(
        self,
        content: str | Iterable[str | dict[str, Any]] | None = None,
        *,
        tool_call_chunks: Iterable[Mapping[str, Any]] | None = None,
        chunk_position: Literal["last"] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(content, **fields)
        if chunk_position is not None:
            if chunk_position != "last":
                raise ConfigurationError(
                    f"AIMessageChunk chunk_position must be 'last' or None, not {chunk_position!r}"
                )
            self.chunk_position = chunk_position
        if tool_call_chunks:
            chunks = [_call_chunk(chunk) for chunk in tool_call_chunks]
            self.tool_call_chunks = cast("list[ToolCallChunk]", chunks)
            self._read_calls(chunks)

    def __add__(self, other: Any) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]
        rope = self._rope
        if (
            rope is None
            or len(atoms := rope.atoms) != self._end
            or (len(self.__dict__) > _SUM and not self._is_untouched())
        ):
            rope = self._own_rope()
            atoms = rope.atoms
        # The path of nearly every addition, without a call: the delta of a chunk as it was born.
        if (
            type(other) is AIMessageChunk
            and type(event := other._events) is BlockDelta
            and (source := other._source) is rope.source
            and (
                (
                    (fields := other.__dict__)["id"] is source.id
                    and len(fields) == _BORN
                    and "content" in fields
                    and fields["content"] is (event.text if event.field == "text" else "")
                )
                or other._is_untouched()
            )
        ):
            atoms.append(event)
            made = _new(AIMessageChunk)
            made._rope = rope
            made._end = len(atoms)
            return made  # type: ignore[return-value]  # as below
        if isinstance(other, AIMessageChunk):
            other._join(rope)
        elif isinstance(other, (list, tuple)):
            others = cast("list[Any]", other)
            if not all(isinstance(chunk, AIMessageChunk) for chunk in others):
                return NotImplemented
            for chunk in others:
                chunk._join(rope)
        elif isinstance(other, BaseMessageChunk):
            rope.join_slice(_foreign(other))
        else:
            return NotImplemented
        made = _new(AIMessageChunk)
        made._rope = rope
        made._end = len(rope.atoms)
        return made  # type: ignore[return-value]  # the left class wins

    @classmethod
    def born(cls, events: list[Event], source: Source, *, last: bool = False) -> AIMessageChunk:
        """Make the chunk of some events of a stream."""
        made = _new(cls)
        made.id = source.id
        made._events = events  # noqa: SLF001 - its own
        made._source = source  # noqa: SLF001
        if last:
            made.chunk_position = "last"
        return made

    @property
    def text(self) -> Text:
        """The text of this piece, without anything else."""
        content = self.__dict__.get("content")
        if isinstance(content, str):
            return Text(content)
        event = self._events
        if type(event) is BlockDelta:
            if content is None:
                return Text(event.text if event.field == "text" else "")
            return Text(text_of(content))
        view = self._look()
        if view is None or (content is not None and not self._is_untouched()):
            return super().text
        return Text(text_of_blocks(view.blocks))

    def __getstate__(self) -> dict[str, Any]:
        """Give the fields: a pickled chunk is one made by hand."""
        state = self._public()
        if (view := self._look()) is not None and self._is_untouched():
            state["_kept"] = write_decoded(clone(view.indexed()), self.content)
        return state

    def hidden_blocks(self) -> list[Block] | None:
        view = self._look()
        if (view is None and self._kept is None) or self._shown_blocks() == self._derived_piece():
            return None
        if view is not None and self._is_untouched():
            return view.indexed()
        return self._kept_open()

    def _derived_piece(self) -> list[Block]:
        chunks = cast("list[Block]", self.tool_call_chunks)
        return standard_chunk(self.content, chunks, self.additional_kwargs)

    def _keep(self, blocks: list[Block]) -> None:
        self._kept = write_decoded(clone(blocks), self.content)

    def _kept_open(self) -> list[Block] | None:
        return None if self._kept is None else read_decoded(self._kept, self.content)

    def _kept_blocks(self) -> list[Block] | None:
        """Give the blocks that were written with this chunk, as they are to be shown."""
        kept = self._kept_open()
        if kept is None:
            return None
        if self.chunk_position == "last":
            return [close_block(_without_index(block)) for block in kept]
        if isinstance(self.content, str):
            return [b if b["type"] == "tool_call_chunk" else _without_index(b) for b in kept]
        return kept

    def message(self) -> AIMessage:
        """Give the message, as if the reply had ended with this piece."""
        view = self._look()
        if view is not None and self._is_untouched():
            made = AIMessage.of_reply(view.finished())
            if isinstance(view, Sum) and (by_hand := view.additional_kwargs()):
                made.additional_kwargs = {**made.additional_kwargs, **by_hand}
        else:
            made = self._message_of_fields()
        for name, value in self._public().items():
            if name not in self._fields or (name == "name" and value is not None):
                setattr(made, name, value)
        return made

    def _message_of_fields(self) -> AIMessage:
        chunks = cast("list[Block]", self.tool_call_chunks)
        calls = [call_of(chunk, complete=True) for chunk in chunks]
        return AIMessage(
            self.content,
            tool_calls=[c for c in calls if c["type"] == "tool_call"] if calls else self.tool_calls,
            invalid_tool_calls=[c for c in calls if c["type"] != "tool_call"],
            additional_kwargs=self.additional_kwargs,
            response_metadata=self.response_metadata,
            usage_metadata=self.usage_metadata,
            id=self.id,
            name=self.name,
        )

    def _look(self) -> Piece | Sum | None:
        """Give the view that fields come from; None for a chunk made by hand."""
        view = self._view
        if view is None:
            rope, events = self._rope, self._events
            if rope is not None:
                view = rope.view(self._end)
            elif events is not None:
                view = self._born_view(events)
            else:
                return None
            self._view = view
        return view

    def _born_view(self, events: BlockDelta | list[Event]) -> Piece:
        draft = Draft()
        draft.feed((events,) if type(events) is BlockDelta else cast("list[Event]", events))
        source = self._source
        return draft.piece(
            last=self.__dict__.get("chunk_position") == "last",
            content_of=source.content_of,
            id=source.id,
            provider=source.provider,
        )

    def first_look(self, name: str) -> Any:
        event = self._events
        if type(event) is BlockDelta:
            if name == "content":
                return self._source.content(event)
            if name == "tool_call_chunks":
                return [] if event.field != "args" else [_quick_chunk(event)]
            if name == "id":
                return self._source.id
            if name in _NONE:
                return None
            if event.field == "text" and name in _EMPTY:
                return _EMPTY[name]()
        return self._field(name)

    def _field(self, name: str) -> Any:
        view = self._look()
        if view is None:
            return self._default(name)
        if name in _PLAIN:
            return _PLAIN[name](view)
        return getattr(view, name)()

    def _default(self, name: str) -> Any:
        if name == "tool_call_chunks" and "tool_calls" in self.__dict__:
            return [_chunk_of_call(call) for call in self.tool_calls]
        return None if name in _PLAIN or name == "usage_metadata" else DEFAULTS[name]()

    def _is_untouched(self) -> bool:
        """Tell whether every field looked at still says what it said then."""
        fields = self.__dict__
        event = self._events
        if type(event) is BlockDelta:
            source = self._source
            if fields["id"] is not source.id:
                return False
            content = fields.get("content")
            if content is not None and not (
                content is event.text or content == source.content(event)
            ):
                return False
            size = len(fields) - (content is not None)
            if size == _UNSEEN:
                return True
            if "tool_call_chunks" in fields and size == _UNSEEN + 1:
                chunks = [_quick_chunk(event)] if event.field == "args" else []
                return fields["tool_call_chunks"] == chunks
        return all(fields[name] == self.first_look(name) for name in _ADDED if name in fields)

    def _own_rope(self) -> Rope:
        """Give a rope that ends with this chunk."""
        rope = self._rope
        if rope is not None and self._is_untouched():
            return rope.prefix(self._end)
        made = Rope(self._source)
        self._join(made)
        return made

    def _join(self, rope: Rope) -> None:
        """Put this chunk at the end of a rope."""
        events = self._events
        if events is not None and rope.takes(self._source) and self._is_untouched():
            if type(events) is BlockDelta:
                rope.atoms.append(events)
            else:
                rope.atoms.extend(cast("list[Event]", events))
                if self.chunk_position == "last":
                    rope.mark_last()
        elif (
            (other := self._rope) is not None
            and (other.source is NOWHERE or rope.takes(other.source))
            and self._is_untouched()
        ):
            rope.join_rope(other, self._end)
        else:
            rope.join_slice(self._as_slice())

    def _as_slice(self) -> Slice:
        view = self._look()
        untouched = view is not None and self._is_untouched()
        return Slice(
            self.content,
            view.blocks if view is not None and untouched else self._kept_open(),
            cast("list[Any]", self.tool_call_chunks),
            self.additional_kwargs,
            self.response_metadata,
            self.usage_metadata,
            self.id,
            self.name,
            self.chunk_position == "last",
        )

    def _read_calls(self, chunks: list[Block]) -> None:
        calls = [call_of(chunk, complete=self.chunk_position == "last") for chunk in chunks]
        self.tool_calls = cast("Any", [c for c in calls if c["type"] == "tool_call"])
        self.invalid_tool_calls = cast("Any", [c for c in calls if c["type"] != "tool_call"])

    def _blocks(self) -> list[Block]:
        view = self._look()
        if view is not None and self._is_untouched():
            return view.finished().blocks
        kept = self._kept_blocks()
        if kept is None:
            return self._derived()
        return [close_block(_without_index(block)) for block in kept]

    def _shown_blocks(self) -> list[Block]:
        view = self._look()
        if view is not None and self._is_untouched():
            return view.blocks
        if (kept := self._kept_blocks()) is not None:
            return kept
        return self._derived() if self.chunk_position == "last" else self._derived_piece()

    def _shown_fields(self) -> list[str]:
        hidden = {f for f in ("name", "id", "usage_metadata") if getattr(self, f) is None}
        if self.chunk_position is None:
            hidden.add("chunk_position")
        return [f"{k}={v!r}" for k, v in self._public().items() if k not in hidden]


_new = cast("Callable[[type[AIMessageChunk]], AIMessageChunk]", object.__new__)
_SUM = 2
_UNSEEN = 3
_BORN = 4
"""how many attributes a sum, and a piece without and with its content, have to begin with"""

_NONE = frozenset({"name", "chunk_position", "usage_metadata"})
_EMPTY: dict[str, Callable[[], Any]] = {
    "tool_calls": list,
    "invalid_tool_calls": list,
    "additional_kwargs": dict,
}
_PLAIN: dict[str, Callable[[Piece | Sum], Any]] = {
    "id": lambda view: view.id,
    "name": lambda view: view.name,
    "chunk_position": lambda view: "last" if view.last else None,
}
_ADDED = (
    "content",
    "tool_call_chunks",
    "additional_kwargs",
    "response_metadata",
    "usage_metadata",
    "id",
    "name",
    "chunk_position",
)
"""the fields by which a chunk is added; tool calls follow from their chunks"""


def _foreign(chunk: BaseMessageChunk) -> Slice:
    """Give what a chunk of another class adds."""
    return Slice(
        chunk.content,
        None,
        [],
        chunk.additional_kwargs,
        chunk.response_metadata,
        id=chunk.id,
        name=chunk.name,
    )


def _without_index(block: Block) -> Block:
    return {key: value for key, value in block.items() if key != "index"}


def _quick_chunk(event: BlockDelta) -> Block:
    return {
        "name": None,
        "args": event.text,
        "id": None,
        "index": event.index,
        "type": "tool_call_chunk",
    }


def _chunk_of_call(call: Mapping[str, Any]) -> Block:
    return {
        "name": call["name"],
        "args": json.dumps(call["args"], ensure_ascii=False),
        "id": call["id"],
        "index": call.get("index"),
        "type": "tool_call_chunk",
    }


def _call_chunk(chunk: Mapping[str, Any]) -> Block:
    made = {key: chunk.get(key) for key in ("name", "args", "id", "index")}
    made["type"] = "tool_call_chunk"
    if "extras" in chunk:
        made["extras"] = chunk["extras"]
    return made
