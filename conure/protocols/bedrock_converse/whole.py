"""Bedrock Converse: a whole reply -> the events of the stream that it would have been.

So there is one set of readers, and `invoke` and `stream` cannot disagree. A block that no stream
has is told at once, as an event of our own: BLOCK.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ...wire import json
from ..shape import is_list, is_object

__all__ = ["BLOCK", "as_stream"]

Told: TypeAlias = tuple[str, dict[str, Any]]
"""an event's name and its JSON"""

BLOCK = "block"
START, DELTA = "contentBlockStart", "contentBlockDelta"


def as_stream(wire: dict[str, Any]) -> Iterator[Told]:
    """Give a reply's events in order."""
    output = wire.get("output")
    message = output.get("message") if is_object(output) else None
    content = message.get("content") if is_object(message) else None
    yield "messageStart", {}
    for place, block in enumerate(content if is_list(content) else ()):
        for name, told in _block(block):
            yield name, {"contentBlockIndex": place, **told}
        yield "contentBlockStop", {"contentBlockIndex": place}
    facts = {name: value for name, value in wire.items() if name != "output"}
    yield "messageStop", {"stopReason": facts.pop("stopReason", None)}
    yield "metadata", facts


def _block(wire: Any) -> list[Told]:
    kinds = [kind for kind in READERS if kind in wire] if is_object(wire) else []
    events = READERS[kinds[0]](wire[kinds[0]]) if len(kinds) == 1 else []
    return events or [(BLOCK, {"block": wire})]


def _delta(kind: str, value: Any) -> Told:
    return DELTA, {"delta": {kind: value}}


def _text(wire: Any) -> list[Told]:
    return [_delta("text", wire)] if isinstance(wire, str) else []


def _tool_use(wire: Any) -> list[Told]:
    if not is_object(wire):
        return []
    written = json.encode(wire.get("input")).decode()
    return [(START, {"start": {"toolUse": wire}}), _delta("toolUse", {"input": written})]


def _tool_result(wire: Any) -> list[Told]:
    if not is_object(wire) or not is_list(wire.get("content")):
        return []
    return [(START, {"start": {"toolResult": wire}}), _delta("toolResult", wire["content"])]


def _reasoning(wire: Any) -> list[Told]:
    if not is_object(wire):
        return []
    parts = {name: value for name, value in wire.items() if name != "reasoningText"}
    if is_object(text := wire.get("reasoningText")):
        parts = {**text, **parts}
    return [_delta("reasoningContent", parts)] if parts else []


def _citations(wire: Any) -> list[Told]:
    content = wire.get("content") if is_object(wire) else None
    cited = wire.get("citations") if is_object(wire) else None
    if not is_list(content) or not is_list(cited):
        return []
    texts = [part.get("text") for part in content if is_object(part)]
    return [
        *(_delta("text", text) for text in texts if isinstance(text, str)),
        *(_delta("citation", citation) for citation in cited),
    ]


READERS: dict[str, Callable[[Any], list[Told]]] = {
    "citationsContent": _citations,
    "reasoningContent": _reasoning,
    "text": _text,
    "toolResult": _tool_result,
    "toolUse": _tool_use,
}
