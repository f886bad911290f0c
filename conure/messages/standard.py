"""Content in any provider's shape -> standard blocks, for messages that were made by hand.

Each native type has a row in a table of `native.py`; what has none is kept whole, as
`non_standard`. Nothing is lost, nothing given is changed, and the same content always gives the
same blocks: no ids are made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .block_types import KNOWN_BLOCK_TYPES

__all__ = [
    "reconciled",
    "standard_blocks",
    "standard_chunk",
    "standard_reply",
]

Block = dict[str, Any]

_CALLS = frozenset({"tool_call", "invalid_tool_call"})
_REASONING_FIELDS = ("reasoning_content", "reasoning")
_LOOK_TWICE = frozenset({"source", "source_type", "file", "summary", "citations", "annotations"})
"""keys by which a block of a known type shows that it is in another shape than ours"""


def standard_blocks(content: str | Iterable[Any]) -> list[Block]:
    """Give the standard blocks of any content.

    >>> standard_blocks([{"type": "image_url", "image_url": "https://example.com/cat.png"}])
    [{'type': 'image', 'url': 'https://example.com/cat.png'}]
    """
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    blocks: list[Block] = []
    for element in content:
        if isinstance(element, str):
            blocks.append({"type": "text", "text": element})
        elif element.get("type") in KNOWN_BLOCK_TYPES and _LOOK_TWICE.isdisjoint(element):
            blocks.append(element)
        else:
            blocks += _translated(element)
    return blocks


def standard_reply(
    content: str | list[Any],
    tool_calls: Iterable[Mapping[str, Any]],
    invalid_tool_calls: Iterable[Mapping[str, Any]],
    additional_kwargs: Mapping[str, Any],
) -> list[Block]:
    """Give the standard blocks of what the model said."""
    blocks = _with_kwargs(standard_blocks(content), additional_kwargs)
    return reconciled(blocks, tool_calls, invalid_tool_calls)


def standard_chunk(
    content: str | list[Any],
    tool_call_chunks: Iterable[Mapping[str, Any]],
    additional_kwargs: Mapping[str, Any],
) -> list[Block]:
    """Give the standard blocks of a piece of what the model said."""
    blocks = _with_kwargs(standard_blocks(content), additional_kwargs)
    chunks = [{"type": "tool_call_chunk", **chunk} for chunk in tool_call_chunks]
    if not chunks:
        return blocks
    known = {chunk["id"] for chunk in chunks if chunk.get("id") is not None}
    return [
        block
        for block in blocks
        if block["type"] != "tool_call_chunk"
        and not (block["type"] in _CALLS and block.get("id") in known)
    ] + chunks


def reconciled(
    blocks: list[Block],
    tool_calls: Iterable[Mapping[str, Any]],
    invalid_tool_calls: Iterable[Mapping[str, Any]],
) -> list[Block]:
    """Give the blocks with exactly these calls: as the user changed, removed or added them.

    Calls keep their place, and what their block has beyond what a call has.
    """
    calls: list[Block] = [{"type": "tool_call", **call} for call in tool_calls]
    calls += [{"type": "invalid_tool_call", **call} for call in invalid_tool_calls]
    left: list[Block | None] = list(calls)
    found: list[Block] = []
    for block in blocks:
        if block["type"] not in _CALLS:
            found.append(block)
            continue
        for position, call in enumerate(left):
            if call is not None and _is_same_call(block, call):
                found.append(block if call.items() <= block.items() else {**block, **call})
                left[position] = None
                break
    return found + [call for call in left if call is not None]


def _is_same_call(block: Block, call: Block) -> bool:
    if block.get("id") is None or call.get("id") is None:
        return block.get("id") == call.get("id") and block.get("name") == call.get("name")
    return block["id"] == call["id"]


def _with_kwargs(blocks: list[Block], additional_kwargs: Mapping[str, Any]) -> list[Block]:
    """Add what older code keeps in `additional_kwargs` and the content does not show."""
    if not additional_kwargs:
        return blocks
    types = {block["type"] for block in blocks}
    if "reasoning" not in types:
        blocks = [*_reasoning_in(additional_kwargs), *blocks]
    refusal = additional_kwargs.get("refusal")
    if isinstance(refusal, str) and "refusal" not in types:
        blocks = [*blocks, {"type": "refusal", "refusal": refusal}]
    audio = additional_kwargs.get("audio")
    if isinstance(audio, dict) and "audio" not in types:
        blocks = [*blocks, _output_audio(cast("Block", audio))]
    return blocks


def _reasoning_in(additional_kwargs: Mapping[str, Any]) -> list[Block]:
    for field in _REASONING_FIELDS:
        thought = additional_kwargs.get(field)
        if isinstance(thought, str) and thought:
            extras: Block = {} if field == _REASONING_FIELDS[0] else {"field": field}
            break
    else:
        thought, extras = "", {}
    if details := additional_kwargs.get("reasoning_details"):
        extras["reasoning_details"] = details
    if not thought and not extras:
        return []
    block: Block = {"type": "reasoning", "reasoning": thought}
    return [block | {"extras": extras} if extras else block]


def _output_audio(audio: Block) -> Block:
    block: Block = {"type": "audio"}
    if audio.get("id") is not None:
        block["id"] = audio["id"]
    if audio.get("data") is not None:
        block["base64"] = audio["data"]
    extras = {k: v for k, v in audio.items() if k not in ("id", "data") and v is not None}
    return block | {"extras": extras} if extras else block


def _translated(element: Block) -> list[Block]:
    from .native import reader_of, translate_untyped

    kind = element.get("type")
    row = reader_of(kind) if isinstance(kind, str) else translate_untyped
    if row is not None and (blocks := row(element)) is not None:
        return blocks
    if kind in KNOWN_BLOCK_TYPES:
        return [element]
    return [{"type": "non_standard", "value": element}]
