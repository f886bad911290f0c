"""What recorded Bedrock answers say, read from their raw frames and JSON without any of our code.

Frames are cut by their lengths, blocks put together by the index that the wire gives them.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

from conure.messages import AIMessage
from tests.replay.traffic import body, load

__all__ = ["Said", "answers", "frames", "judge", "records", "said_by"]

Block = dict[str, Any]


@dataclass
class Said:
    """One reply: its blocks as they would have come whole, and what is told besides."""

    blocks: list[Block] = field(default_factory=list)
    stop_reason: str | None = None
    usage: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> list[Any]:
        return [block[kind] for block in self.blocks if kind in block]

    def texts(self) -> list[str]:
        texts: list[str] = []
        for block in self.blocks:
            if "text" in block:
                texts.append(block["text"])
            elif "citationsContent" in block:
                texts.append("".join(p["text"] for p in block["citationsContent"]["content"]))
        return texts


def records() -> list[dict[str, Any]]:
    """Every interaction that speaks Converse; counts are no chats."""
    return [record for record in load("bedrock.converse") if record["api"] == "bedrock.converse"]


def answers() -> list[dict[str, Any]]:
    return [record for record in records() if record["status"] == 200]


def frames(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Cut a stream into frames: their headers, which are all texts here, and what they carry."""
    found: list[tuple[dict[str, str], bytes]] = []
    while data:
        total, length = struct.unpack(">II", data[:8])
        raw, headers = data[12 : 12 + length], {}
        while raw:
            name, raw = raw[1 : 1 + raw[0]].decode(), raw[1 + raw[0] :]
            assert raw[0] == 7
            (size,) = struct.unpack(">H", raw[1:3])
            headers[name], raw = raw[3 : 3 + size].decode(), raw[3 + size :]
        found.append((headers, data[12 + length : total - 4]))
        data = data[total:]
    return found


def said_by(record: dict[str, Any]) -> Said:
    return _streamed(body(record)) if "response_b64" in record else _whole(record["response"])


def _whole(wire: dict[str, Any]) -> Said:
    facts = {name: value for name, value in wire.items() if name not in ("output", "stopReason")}
    blocks = [{k: v for k, v in b.items() if k != "type"} for b in _content(wire)]
    return Said(blocks, wire["stopReason"], wire.get("usage"), facts)


def _content(wire: dict[str, Any]) -> list[Block]:
    found: list[Block] = wire["output"]["message"]["content"]
    return found


def _streamed(data: bytes) -> Said:
    said = Said()
    here: dict[int, Block] = {}
    for headers, payload in frames(data):
        wire = {name: value for name, value in json.loads(payload).items() if name != "p"}
        place = wire.pop("contentBlockIndex", None)
        match headers[":event-type"]:
            case "contentBlockStart":
                here[place] = wire["start"]
                said.blocks.append(here[place])
            case "contentBlockDelta":
                if place not in here:
                    here[place] = {}
                    said.blocks.append(here[place])
                _add(here[place], wire["delta"])
            case "messageStop":
                said.stop_reason = wire.pop("stopReason")
                said.facts |= wire
            case "metadata":
                said.facts |= wire
                said.usage = wire["usage"]
    for call in said.of("toolUse"):
        call["input"] = _arguments(call.pop("pieces", ""))
    return said


def _arguments(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _add(block: Block, delta: dict[str, Any]) -> None:
    match delta:
        case {"text": text} if "citationsContent" in block:
            block["citationsContent"]["content"].append({"text": text})
        case {"text": text}:
            block["text"] = block.get("text", "") + text
        case {"toolUse": {"input": text}}:
            block["toolUse"]["pieces"] = block["toolUse"].get("pieces", "") + text
        case {"toolResult": list(parts)}:
            block["toolResult"].setdefault("content", []).extend(parts)
        case {"citation": citation}:
            content = [{"text": block.pop("text")}] if "text" in block else []
            cited = block.setdefault("citationsContent", {"content": content, "citations": []})
            cited["citations"].append(citation)
        case {"reasoningContent": {"text": text}}:
            thought = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            thought["text"] = thought.get("text", "") + text
        case {"reasoningContent": {"signature": seal}}:
            thought = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
            thought |= {"text": thought.get("text", ""), "signature": seal}
        case {"reasoningContent": {"redactedContent": seal}}:
            block.setdefault("reasoningContent", {})["redactedContent"] = seal
        case other:
            raise AssertionError(other)


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = [*message.content_blocks]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    check("text", str(message.text), "".join(said.texts()))
    check("texts", [b["text"] for b in blocks if b["type"] == "text"], said.texts())
    uses = [(u["name"], u["toolUseId"], u["input"]) for u in said.of("toolUse") if not _serves(u)]
    calls = [(call["name"], call["id"], call["args"]) for call in message.tool_calls]
    bad = [(call["name"], call["id"], call["args"]) for call in message.invalid_tool_calls]
    check("calls", calls, [use for use in uses if isinstance(use[2], dict)])
    check("invalid calls", bad, [use for use in uses if not isinstance(use[2], dict)])
    served = [(b["name"], b["id"], b["args"]) for b in blocks if b["type"] == "server_tool_call"]
    uses = [(u["name"], u["toolUseId"], u["input"]) for u in said.of("toolUse") if _serves(u)]
    check("server calls", served, uses)
    results = [b for b in blocks if b["type"] == "server_tool_result"]
    check(
        "server results",
        [(b["tool_call_id"], b["output"], b["status"]) for b in results],
        [(r["toolUseId"], r["content"], r.get("status", "success")) for r in said.of("toolResult")],
    )
    check("thoughts", [_thought(b) for b in blocks if b["type"] == "reasoning"], _thoughts(said))
    check("citations", _notes(blocks), _cited(said))
    check("order", [_kind(b) for b in blocks if b["type"] != "refusal"], _kinds(said))
    facts = message.response_metadata
    check("stop reason", facts.get("stopReason"), said.stop_reason)
    for name, value in said.facts.items():
        check(name, facts.get(name), value)
    check("usage", message.usage_metadata, _counts(said.usage))
    blocked = "blocked" in json.dumps(said.facts.get("trace", "")).lower()
    check("refusal", any(block["type"] == "refusal" for block in blocks), blocked)
    return wrong


def _serves(use: Block) -> bool:
    return use.get("type") == "server_tool_use"


def _thought(block: Block) -> tuple[str, Any]:
    extras = block["extras"]
    return block["reasoning"], extras.get("redacted_content") or extras["signature"]


def _thoughts(said: Said) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for thought in said.of("reasoningContent"):
        if text := thought.get("reasoningText"):
            found.append((text["text"], text.get("signature", "")))
        elif "redactedContent" in thought:
            found.append(("", thought["redactedContent"]))
    return found


def _notes(blocks: list[Any]) -> list[Any]:
    notes = [note for block in blocks for note in block.get("annotations", [])]
    return [(n["title"], n["cited_text"], n["extras"]["location"]) for n in notes]


def _cited(said: Said) -> list[Any]:
    cited = [c for content in said.of("citationsContent") for c in content["citations"]]
    return [
        (c["title"], "".join(part["text"] for part in c["sourceContent"]), c["location"])
        for c in cited
    ]


KINDS = {"text": "text", "citationsContent": "text", "toolResult": "server_tool_result"}


def _kinds(said: Said) -> list[str]:
    kinds: list[str] = []
    for block in said.blocks:
        (kind,) = block
        if kind == "toolUse":
            use = block["toolUse"]
            call = "tool_call" if isinstance(use["input"], dict) else "invalid_tool_call"
            kinds.append("server_tool_call" if _serves(use) else call)
        elif kind == "reasoningContent" and block[kind]:
            kinds.append("reasoning")
        else:
            kinds.append(KINDS.get(kind, json.dumps(block)))
    return kinds


def _kind(block: Block) -> str:
    return json.dumps(block["value"]) if block["type"] == "non_standard" else block["type"]


def _counts(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    if usage is None or "outputTokens" not in usage:
        return None
    read, made = usage.get("cacheReadInputTokens"), usage.get("cacheWriteInputTokens")
    given = usage.get("inputTokens", 0) + (read or 0) + (made or 0)
    found: dict[str, Any] = {"input_tokens": given, "output_tokens": usage["outputTokens"]}
    found["total_tokens"] = usage.get("totalTokens", given + usage["outputTokens"])
    details: dict[str, Any] = {"cache_read": read, "cache_creation": made}
    for entry in usage.get("cacheDetails", []):
        details[f"ephemeral_{entry['ttl']}_input_tokens"] = entry["inputTokens"]
    if details := {name: count for name, count in details.items() if count is not None}:
        found["input_token_details"] = details
    return found
