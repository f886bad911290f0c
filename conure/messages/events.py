"""What a reply is made of, in the order it arrives.

A reply starts; blocks open, grow and close; counts and facts about the reply come along; it
finishes. Codecs emit these, `assemble` folds them into one message, for `invoke` and `stream`
alike. An index names a block within its reply, counts from 0 in order of first appearance and
is ours, whatever the wire calls it.

Delta fields by block type: `text` text; `reasoning` reasoning; `refusal` refusal; `args`
tool_call_chunk and server_tool_call_chunk; `base64` image and audio data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

__all__ = [
    "BlockDelta",
    "BlockEnd",
    "BlockPatch",
    "BlockStart",
    "Event",
    "Failure",
    "Finish",
    "FinishReason",
    "Metadata",
    "ReplyStart",
    "UsageReport",
]

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "other"]


class ReplyStart(Struct, frozen=True, gc=False):
    """The reply has begun.

    `id` is the provider's message id where that is the message's own id (`resp_…`, `msg_…`);
    `content_of` turns the blocks into the provider's own content shape, None means plain text.
    """

    id: str | None = None
    content_of: Callable[[list[dict[str, Any]]], str | list[Any]] | None = None


class BlockStart(Struct, frozen=True):
    """A block opens with what is known of it; a whole block is a start and an end."""

    index: int
    block: dict[str, Any]


class BlockDelta(Struct, frozen=True, gc=False):
    """Text to append to one field of a block; opens the block when nothing else has."""

    index: int
    field: str
    text: str


class BlockPatch(Struct, frozen=True):
    """Fields to set on a block; lists are extended and dicts merged, None takes a key away."""

    index: int
    fields: dict[str, Any]


class BlockEnd(Struct, frozen=True, gc=False):
    """The block is complete: arguments are parsed now and not before."""

    index: int


class Metadata(Struct, frozen=True):
    """Facts for `response_metadata`; later values win, lists below `logprobs` are extended."""

    fields: dict[str, Any]


class UsageReport(Struct, frozen=True):
    """Token counts to add to those reported before; codecs turn running totals into one report."""

    usage: dict[str, Any]


class Finish(Struct, frozen=True, gc=False):
    """The provider said that the reply is over, and why (`raw` is its own word)."""

    reason: FinishReason
    raw: str | None = None


class Failure(Struct, frozen=True):
    """The provider reported an error inside its reply; `fields` are `ErrorReport`'s."""

    status: int | None
    code: str | None
    type: str | None
    message: str
    body: Any = None


Event: TypeAlias = (
    ReplyStart
    | BlockStart
    | BlockDelta
    | BlockPatch
    | BlockEnd
    | Metadata
    | UsageReport
    | Finish
    | Failure
)
