"""What is wrong with a message, judged by what the recorded Anthropic answer says."""

from __future__ import annotations

from typing import Any

from conure.messages import AIMessage
from tests.replay import anthropic_oracle
from tests.replay.anthropic_oracle import Said
from tests.replay.traffic import is_stream, load

__all__ = ["DOORS", "judge", "records", "said_by"]

# Where the protocol's own framing is spoken; Bedrock's binary frames have a door of their own.
DOORS = ("anthropic.messages", "anthropic.messages@vertex", "anthropic.messages@openrouter")
COUNTS = {"input_tokens": "input", "output_tokens": "output", "total_tokens": "total"}


def records() -> list[dict[str, Any]]:
    """Every interaction that speaks Messages, Bedrock's answers only where they are plain JSON."""
    return [
        record
        for record in load("anthropic.messages")
        if record["api"].startswith("anthropic.messages") and "response_b64" not in record
    ]


def said_by(record: dict[str, Any]) -> Said:
    if is_stream(record):
        return anthropic_oracle.read_stream(record["response_text"])
    return anthropic_oracle.read_whole(record["response"])


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = [*message.content_blocks]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    check("text", str(message.text), "".join(said.texts()))
    check("text blocks", _texts(blocks), said.texts())
    thoughts = said.of("thinking", "redacted_thinking")
    check("thinking", _thoughts(blocks), [(t.get("thinking", ""), _seal(t)) for t in thoughts])
    calls = [(call["name"], call["id"], call["args"]) for call in message.tool_calls]
    bad = [(call["name"], call["id"], call["args"]) for call in message.invalid_tool_calls]
    uses = [(use["name"], use["id"], use["input"]) for use in said.of("tool_use")]
    check("calls", calls, [use for use in uses if isinstance(use[2], dict)])
    check("invalid calls", bad, [use for use in uses if not isinstance(use[2], dict)])
    check("stop reason", message.response_metadata.get("stop_reason"), said.stop_reason)
    check("id", message.id, said.id)
    check("refusal", any(b["type"] == "refusal" for b in blocks), said.stop_reason == "refusal")
    check("usage", _usage(message), said.usage)
    check("order", [_kind(b) for b in blocks if b["type"] != "refusal"], _kinds(said))
    return wrong + _judge_servers(blocks, said) + _judge_citations(blocks, said)


def _texts(blocks: list[Any]) -> list[str]:
    return [block["text"] for block in blocks if block["type"] == "text"]


def _seal(thought: dict[str, Any]) -> Any:
    return thought.get("data") or thought.get("signature") or ""


def _thoughts(blocks: list[Any]) -> list[Any]:
    return [
        (b["reasoning"], b["extras"].get("redacted_data") or b["extras"]["signature"])
        for b in blocks
        if b["type"] == "reasoning"
    ]


def _usage(message: AIMessage) -> dict[str, int] | None:
    usage = message.usage_metadata
    if usage is None:
        return None
    found = {COUNTS[name]: count for name, count in usage.items() if name in COUNTS}
    return found | usage.get("input_token_details", {}) | usage.get("output_token_details", {})


KINDS = {"text": "text", "thinking": "reasoning", "redacted_thinking": "reasoning"}
KINDS |= {"server_tool_use": "server_tool_call", "mcp_tool_use": "server_tool_call"}


def _kinds(said: Said) -> list[str]:
    kinds: list[str] = []
    for block in said.blocks:
        kind = block["type"]
        if kind == "tool_use":
            good = isinstance(block["input"], dict)
            kinds.append("tool_call" if good else "invalid_tool_call")
        elif kind.endswith("_tool_result"):
            kinds.append("server_tool_result")
        else:
            kinds.append(KINDS.get(kind, kind))
    return kinds


def _kind(block: dict[str, Any]) -> str:
    return block["value"]["type"] if block["type"] == "non_standard" else block["type"]


def _judge_servers(blocks: list[Any], said: Said) -> list[str]:
    """Tell what is wrong with what the provider's servers did, and with blocks of other types."""
    wrong: list[str] = []
    uses = [(b["id"], b["args"]) for b in blocks if b["type"] == "server_tool_call"]
    if uses != [(b["id"], b["input"]) for b in said.of("server_tool_use", "mcp_tool_use")]:
        wrong.append(f"server calls: {uses!r:.300}")
    results = [b for b in blocks if b["type"] == "server_tool_result"]
    expected = [b for b in said.blocks if b["type"].endswith("_tool_result")]
    found = [(b["tool_call_id"], b["extras"]["block_type"], b["output"]) for b in results]
    if found != [(b["tool_use_id"], b["type"], b["content"]) for b in expected]:
        wrong.append(f"server results: {found!r:.300}")
    failed = [b["status"] == "error" for b in results]
    if failed != [_is_error(b) for b in expected]:
        wrong.append(f"server errors: {failed}")
    others = [b["value"] for b in blocks if b["type"] == "non_standard"]
    if others != said.of("compaction", "fallback", "container_upload"):
        wrong.append(f"others: {others!r:.300}")
    return wrong


def _is_error(result: dict[str, Any]) -> bool:
    content = result["content"]
    kind = content["type"] if isinstance(content, dict) else ""
    return bool(result.get("is_error")) or kind.endswith("_error")


def _judge_citations(blocks: list[Any], said: Said) -> list[str]:
    notes = [note for block in blocks for note in block.get("annotations", [])]
    cited = [c for block in said.of("text") for c in block.get("citations") or []]
    found = [(n.get("url"), n.get("title"), n.get("cited_text")) for n in notes]
    expected = [
        (c.get("url"), c.get("title") or c.get("document_title"), c.get("cited_text"))
        for c in cited
    ]
    return [] if found == expected else [f"citations: {found!r:.300} is not {expected!r:.300}"]
