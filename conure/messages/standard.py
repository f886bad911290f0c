"""Content in any provider's shape -> standard blocks, for messages that were made by hand.

Each native type has a row in `NATIVE`; what has none is kept whole as `non_standard`. Nothing
is lost and nothing given is changed: keys a standard block has no place for go to `extras`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from .blocks import KNOWN_BLOCK_TYPES

__all__ = ["reconciled", "standard_blocks", "standard_chunk", "standard_reply"]

Block = dict[str, Any]


def standard_blocks(content: str | Iterable[Any]) -> list[Block]:
    """The standard blocks of any content."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    blocks: list[Block] = []
    for element in content:
        if isinstance(element, str):
            blocks.append({"type": "text", "text": element})
        else:
            blocks += _standard(element)
    return blocks


def standard_reply(
    content: str | list[Any],
    tool_calls: Iterable[Mapping[str, Any]],
    invalid_tool_calls: Iterable[Mapping[str, Any]],
    additional_kwargs: Mapping[str, Any],
) -> list[Block]:
    """The standard blocks of what the model said."""
    blocks = _with_kwargs(standard_blocks(content), additional_kwargs)
    return reconciled(blocks, tool_calls, invalid_tool_calls)


def standard_chunk(
    content: str | list[Any],
    tool_call_chunks: Iterable[Mapping[str, Any]],
    additional_kwargs: Mapping[str, Any],
) -> list[Block]:
    """The standard blocks of a piece of what the model said."""
    blocks = _with_kwargs(standard_blocks(content), additional_kwargs)
    if any(block["type"] == "tool_call_chunk" for block in blocks):
        return blocks
    known = {block.get("id") for block in blocks if block["type"] == "tool_call"}
    for chunk in tool_call_chunks:
        if chunk.get("id") is None or chunk.get("id") not in known:
            blocks.append({"type": "tool_call_chunk", **chunk})
    return blocks


def reconciled(
    blocks: list[Block],
    tool_calls: Iterable[Mapping[str, Any]],
    invalid_tool_calls: Iterable[Mapping[str, Any]],
) -> list[Block]:
    """The blocks with exactly these calls: changed, taken away or added by the user.

    Calls keep their place and what their block has in `extras`.
    """
    calls = [("tool_call", call) for call in tool_calls]
    calls += [("invalid_tool_call", call) for call in invalid_tool_calls]
    left: list[Block | None] = [
        {"type": kind, **{k: v for k, v in call.items() if k != "type"}} for kind, call in calls
    ]
    found: list[Block] = []
    for block in blocks:
        if block["type"] not in ("tool_call", "invalid_tool_call"):
            found.append(block)
            continue
        for position, call in enumerate(left):
            if call is not None and _same_call(block, call):
                found.append(block if call.items() <= block.items() else {**block, **call})
                left[position] = None
                break
    return found + [call for call in left if call is not None]


def _same_call(block: Block, call: Block) -> bool:
    if block.get("id") is None or call.get("id") is None:
        return block.get("id") == call.get("id") and block.get("name") == call.get("name")
    return block["id"] == call["id"]


def _with_kwargs(blocks: list[Block], additional_kwargs: Mapping[str, Any]) -> list[Block]:
    """Add what older code keeps in `additional_kwargs` and the content does not show."""
    if not additional_kwargs:
        return blocks
    types = {block["type"] for block in blocks}
    thought = additional_kwargs.get("reasoning_content")
    if isinstance(thought, str) and thought and "reasoning" not in types:
        blocks.insert(0, {"type": "reasoning", "reasoning": thought})
    refusal = additional_kwargs.get("refusal")
    if isinstance(refusal, str) and "refusal" not in types:
        blocks.append({"type": "refusal", "refusal": refusal})
    audio = additional_kwargs.get("audio")
    if isinstance(audio, dict) and "audio" not in types:
        blocks.append(_output_audio(cast("Block", audio)))
    return blocks


def _output_audio(audio: Block) -> Block:
    block: Block = {"type": "audio"}
    if audio.get("id") is not None:
        block["id"] = audio["id"]
    if audio.get("data") is not None:
        block["base64"] = audio["data"]
    extras = {k: v for k, v in audio.items() if k not in ("id", "data") and v is not None}
    return block | ({"extras": extras} if extras else {})


def _standard(element: Block) -> list[Block]:
    kind = element.get("type")
    if "source_type" in element:
        pass
    if kind in KNOWN_BLOCK_TYPES:
        return [element]
    return [{"type": "non_standard", "value": element}]


NATIVE: dict[str, Callable[[Block], Block | None]] = {}
