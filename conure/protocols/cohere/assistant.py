"""Cohere's chat API: what the assistant said -> its turn in a history.

What a reply brought goes back where it stood: the plan, thoughts, calls and citations. What has
no place in a request is left out and said in `warnings`.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...messages import BaseMessage, blocks_of
from ...messages.message import given_of
from ...wire import json
from ..encoded import Loss
from .citations import write_citation

__all__ = ["write_assistant"]

Block = dict[str, Any]

# What other makers' models thought is sealed.
SEALS = frozenset({"encrypted_content", "redacted_data", "signature"})
PLAN = "tool_plan"


def write_assistant(message: BaseMessage, where: str, warnings: list[str]) -> Block:
    """Write one message of the assistant."""
    turn = _Turn()
    for block in blocks_of(message):
        if writer := BLOCKS.get(block["type"]):
            writer(turn, block)
        else:
            warnings.append(Loss(where, block["type"]))
    warnings += [Loss(where, what) for what in turn.lost]
    return turn.written(given_of(message), is_list=not isinstance(message.content, str))


class _Turn:
    """What one message says, sorted by where it stands on the wire."""

    __slots__ = ("calls", "citations", "lost", "parts", "plan")

    def __init__(self) -> None:
        self.parts: list[Block] = []
        self.plan = ""
        self.calls: list[Block] = []
        self.citations: list[Block] = []
        self.lost: list[str] = []

    def text(self, block: Block) -> None:
        for note in block.get("annotations") or ():
            if cited := write_citation(note):
                self.citations.append(cited)
            else:
                self.lost.append("citation")
        extras: Block = block.get("extras") or {}
        if extras.get("field") == PLAN:
            self.plan += block["text"]
        else:
            self.parts.append({"type": "text", "text": block["text"]})

    def refusal(self, block: Block) -> None:
        self.parts.append({"type": "text", "text": block.get("refusal") or ""})

    def reasoning(self, block: Block) -> None:
        if SEALS.isdisjoint(block.get("extras") or {}):
            self.parts.append({"type": "thinking", "thinking": block.get("reasoning") or ""})
        else:
            self.lost.append("reasoning")

    def call(self, block: Block) -> None:
        args = block.get("args")
        text = args if isinstance(args, str) else json.encode(args or {}).decode()
        self.calls.append(
            {
                "id": block.get("id") or f"call_{len(self.calls)}",
                "type": "function",
                "function": {"name": block.get("name") or "", "arguments": text},
            }
        )

    def written(self, given: Block, *, is_list: bool) -> Block:
        """Write the turn; `given` is what only this API understands of a dict message."""
        turn: Block = {"role": "assistant"}
        plan = self.plan or given.get(PLAN)
        if self.parts or not (self.calls or plan):
            turn["content"] = self._content(is_list=is_list)
        if plan:
            turn[PLAN] = plan
        if self.calls:
            turn["tool_calls"] = self.calls
        if citations := self.citations or given.get("citations"):
            turn["citations"] = citations
        return turn

    def _content(self, *, is_list: bool) -> str | list[Block]:
        """Write parts as a list, or as the text that they are alone."""
        parts = self.parts
        if is_list or len(parts) > 1 or (parts and parts[0]["type"] != "text"):
            return parts
        return parts[0]["text"] if parts else ""


BLOCKS: dict[str, Callable[[_Turn, Block], None]] = {
    "invalid_tool_call": _Turn.call,
    "reasoning": _Turn.reasoning,
    "refusal": _Turn.refusal,
    "text": _Turn.text,
    "tool_call": _Turn.call,
}
