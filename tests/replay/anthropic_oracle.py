"""What recorded Anthropic Messages answers say, read straight from their JSON and nothing else.

Written without looking at the codec, so that the two can be compared: blocks as they stand on
the wire, deltas added to the block that their index names since the last `message_start`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Said", "counts", "read_stream", "read_whole", "words"]

Block = dict[str, Any]


@dataclass
class Said:
    """One reply: its blocks as they would have come whole."""

    id: str | None = None
    blocks: list[Block] = field(default_factory=list)
    stop_reason: str | None = None
    usage: dict[str, int] | None = None
    error: str | None = None

    def texts(self) -> list[str]:
        return [block["text"] for block in self.blocks if block["type"] == "text"]

    def of(self, *kinds: str) -> list[Block]:
        return [block for block in self.blocks if block["type"] in kinds]


def read_whole(wire: dict[str, Any]) -> Said:
    if wire.get("type") == "error":
        return Said(error=wire["error"]["message"])
    said = Said(wire["id"], list(wire["content"]), wire["stop_reason"])
    said.usage = counts([wire.get("usage") or {}])
    return said


def read_stream(text: str) -> Said:  # noqa: C901, PLR0912 - one case for each event
    said = Said()
    usages: list[list[dict[str, Any]]] = []
    here: dict[int, Block] = {}
    stopped = True
    for wire in events(text):
        match wire["type"]:
            case "error":
                said.error = wire["error"]["message"]
            case "message_start":
                message = wire["message"]
                said.id = said.id or message["id"]
                said.blocks += message["content"]
                said.stop_reason = message["stop_reason"] or said.stop_reason
                here = {}
                if stopped:
                    usages.append([])
                stopped = False
                usages[-1].append(message.get("usage") or {})
            case "content_block_start":
                block = here[wire["index"]] = json.loads(json.dumps(wire["content_block"]))
                block["pieces"] = ""
                said.blocks.append(block)
            case "content_block_delta":
                add(here[wire["index"]], wire["delta"])
            case "message_delta":
                said.stop_reason = wire["delta"].get("stop_reason") or said.stop_reason
                usages[-1].append(wire.get("usage") or {})
            case "message_stop":
                stopped = True
    for block in said.blocks:
        pieces = block.pop("pieces", "")
        if pieces:
            try:
                block["input"] = json.loads(pieces)
            except ValueError:
                block["input"] = pieces
    totals = [found for each in usages if (found := counts(each))]
    if totals:
        names = {name for total in totals for name in total}
        said.usage = {name: sum(total.get(name, 0) for total in totals) for name in names}
    return said


def add(block: Block, delta: dict[str, Any]) -> None:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = delta["signature"]
        case "input_json_delta":
            block["pieces"] += delta["partial_json"]
        case "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        case "compaction_delta":
            block["content"] = (block["content"] or "") + delta["content"]
        case other:
            raise AssertionError(other)


def events(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(line[5:] for line in part.split("\n") if line.startswith("data:")).strip()
        if data and data != "[DONE]":
            found.append(json.loads(data))
    return found


def counts(usages: list[dict[str, Any]]) -> dict[str, int] | None:
    """Input with all that was cached; of counts told several times the greatest."""
    most: dict[str, int] = {}
    for usage in usages:
        flat = {name: value for name, value in usage.items() if isinstance(value, int)}
        flat |= {k: v for k, v in (usage.get("cache_creation") or {}).items() if v is not None}
        for name, value in flat.items():
            most[name] = max(most.get(name, 0), value)
        thought = (usage.get("output_tokens_details") or {}).get("thinking_tokens")
        if thought is not None:
            most["reasoning"] = max(most.get("reasoning", 0), thought)
    if "input_tokens" not in most and "output_tokens" not in most:
        return None
    read, made = most.get("cache_read_input_tokens"), most.get("cache_creation_input_tokens")
    given = most.get("input_tokens", 0) + (read or 0) + (made or 0)
    written = most.get("output_tokens", 0)
    found = {"input": given, "output": written, "total": given + written}
    known = {"cache_read": read, "cache_creation": made, "reasoning": most.get("reasoning")}
    known |= {k: most.get(k) for k in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")}
    return found | {name: count for name, count in known.items() if count is not None}


def words(body: Any) -> str:
    """Find the provider's own words in an error's body."""
    error = body.get("error", body)
    return error if isinstance(error, str) else error.get("message") or error["Message"]
