"""Chat Completions: earlier reasoning -> the field that takes it back.

A block that came from this protocol says in `extras` where it stood (`field`) and brings its
signed or encrypted forms; those go back as they came. Reasoning of other makers goes, as text,
into the first field of the dialect's `replays`, or stays away where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .dialect import Dialect

__all__ = ["REASONING", "REASONING_FIELDS", "REASONING_LISTS", "thinking_part", "write_reasoning"]

REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
REASONING_LISTS = ("reasoning_details", "thinking_blocks")
REASONING = frozenset(REASONING_FIELDS + REASONING_LISTS)


def write_reasoning(
    turn: dict[str, Any], blocks: Sequence[Mapping[str, Any]], dialect: Dialect
) -> int:
    """Write reasoning beside the content of an assistant's turn; count what has no place."""
    replays = dialect.replays
    left = 0
    for block in blocks:
        extras: Mapping[str, Any] = block.get("extras") or {}
        if extras.get("field") == "think" and dialect.think_tags:
            continue
        text = block.get("reasoning")
        is_said = thinking_part(block, dialect) is not None
        for name in REASONING_LISTS:
            if (details := extras.get(name)) and (replays is None or name in replays):
                turn[name] = [*turn.get(name, ()), *details]
                is_said = True
        field = _field(extras.get("field"), replays)
        if field is not None and text:
            turn[field] = turn.get(field, "") + text
            is_said = True
        if not is_said and (text or not extras.keys().isdisjoint(REASONING_LISTS)):
            left += 1
    return left


def thinking_part(block: Mapping[str, Any], dialect: Dialect) -> dict[str, Any] | None:
    """Write a reasoning block as a part of `content`; None where that is not its place."""
    extras: Mapping[str, Any] = block.get("extras") or {}
    if extras.get("field") == "think" and dialect.think_tags:
        return {"type": "text", "text": f"<think>{block.get('reasoning') or ''}</think>\n\n"}
    replays = dialect.replays
    came = extras.get("field") == "content"
    if not (
        came if replays is None else "content" in replays[:1] or (came and "content" in replays)
    ):
        return None
    kind = extras.get("part") or "thinking"
    inner = "summary" if kind == "reasoning" else kind
    texts = [
        {
            "type": "text" if kind == "thinking" else "summary_text",
            "text": block.get("reasoning") or "",
        }
    ]
    rest = (
        {name: value for name, value in extras.items() if name in ("closed", "signature")}
        if came
        else {}
    )
    return {"type": kind, inner: texts, **rest}


def _field(came_in: Any, replays: tuple[str, ...] | None) -> str | None:
    if replays == ():
        return None
    if came_in in REASONING_FIELDS and (replays is None or came_in in replays):
        return str(came_in)
    listed = came_in in REASONING_LISTS or came_in == "content"
    if listed and (replays is None or came_in in replays):
        # The text is in the list already, or was written as a part.
        return None
    first = replays[0] if replays else None
    return first if first in REASONING_FIELDS else None
