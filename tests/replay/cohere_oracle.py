"""What a recorded Cohere answer says, read from its raw JSON without any of our code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from conure.messages import AIMessage
from tests.replay.traffic import is_stream, load

__all__ = ["Said", "judge", "records", "said_by"]


@dataclass
class Said:
    parts: dict[int, list[str]] = field(default_factory=dict)
    """index -> type and text"""
    plan: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    finish: str | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    id: str | None = None

    def joined(self, kind: str) -> str:
        return "".join(text for name, text in self.parts.values() if name == kind)


def records() -> list[dict[str, Any]]:
    """Every interaction that speaks version 2; the older v1 is another API."""
    return [record for record in load("cohere.chat") if record["api"] == "cohere.chat"]


def said_by(record: dict[str, Any]) -> Said:
    return _streamed(record["response_text"]) if is_stream(record) else _whole(record["response"])


def _whole(wire: dict[str, Any]) -> Said:
    message = wire["message"]
    said = Said(id=wire["id"], finish=wire["finish_reason"], usage=wire["usage"])
    for index, part in enumerate(message.get("content") or []):
        said.parts[index] = [part["type"], part[part["type"]]]
    said.plan = message.get("tool_plan") or ""
    said.calls = message.get("tool_calls") or []
    said.citations = message.get("citations") or []
    return said


def _streamed(text: str) -> Said:
    said = Said()
    for line in text.splitlines():
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data == "[DONE]":
            continue
        wire = json.loads(data)
        _add(said, wire, wire.get("delta", {}))
    return said


def _add(said: Said, wire: dict[str, Any], delta: dict[str, Any]) -> None:
    message = delta.get("message", {})
    match wire["type"]:
        case "message-start":
            said.id = wire["id"]
        case "content-start":
            part = message["content"]
            said.parts[wire["index"]] = [part["type"], part[part["type"]]]
        case "content-delta":
            kind = said.parts[wire["index"]][0]
            said.parts[wire["index"]][1] += message["content"][kind]
        case "tool-plan-delta":
            said.plan += message["tool_plan"]
        case "tool-call-start":
            said.calls.append(message["tool_calls"])
        case "tool-call-delta":
            piece = message["tool_calls"]["function"]["arguments"]
            said.calls[wire["index"]]["function"]["arguments"] += piece
        case "citation-start":
            said.citations.append(message["citations"])
        case "message-end":
            said.finish, said.usage = delta["finish_reason"], delta["usage"]
        case _:
            pass


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = [*message.content_blocks]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    texts = [block["text"] for block in blocks if block["type"] == "text"]
    check("text", str(message.text), said.plan + said.joined("text"))
    check("text blocks", "".join(texts), message.text)
    check("content", message.content, message.text)
    thoughts = [block["reasoning"] for block in blocks if block["type"] == "reasoning"]
    check("thinking", "".join(thoughts), said.joined("thinking"))
    calls = [(call["id"], call["name"], call["args"]) for call in message.tool_calls]
    check("calls", calls, [_call(call) for call in said.calls])
    check("invalid calls", message.invalid_tool_calls, [])
    notes = [note for block in blocks for note in block.get("annotations", [])]
    check("citations", [_citation(note) for note in notes], said.citations)
    for block in blocks:
        for note in block.get("annotations", []):
            cited = block["text"][note["start_index"] : note["end_index"]]
            check("passage", cited, note["cited_text"])
    check("finish", message.response_metadata.get("finish_reason"), said.finish)
    check("id", message.response_metadata.get("id"), said.id)
    check("all counts", message.response_metadata.get("usage"), said.usage)
    check("usage", message.usage_metadata, _usage(said.usage))
    return wrong


def _call(call: dict[str, Any]) -> tuple[str, str, Any]:
    args = json.loads(call["function"]["arguments"] or "{}")
    return call["id"], call["function"]["name"], {} if args is None else args


def _citation(note: dict[str, Any]) -> dict[str, Any]:
    return {
        "start": note["start_index"],
        "end": note["end_index"],
        "text": note["cited_text"],
        **note["extras"],
    }


def _usage(wire: dict[str, Any]) -> dict[str, Any]:
    tokens = wire["tokens"]
    given, made = tokens["input_tokens"], tokens["output_tokens"]
    usage: dict[str, Any] = {
        "input_tokens": given,
        "output_tokens": made,
        "total_tokens": given + made,
    }
    details = {"cache_read": wire.get("cached_tokens"), "image": tokens.get("image_tokens")}
    details = {name: count for name, count in details.items() if count is not None}
    if details:
        usage["input_token_details"] = details
    if "reasoning_tokens" in tokens:
        usage["output_token_details"] = {"reasoning": tokens["reasoning_tokens"]}
    return usage
