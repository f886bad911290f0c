"""What a recorded Ollama answer says, read from its raw JSON without any of our code."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from conure.messages import AIMessage
from tests.replay.traffic import is_stream, load

__all__ = ["Said", "judge", "records", "said_by"]

MISSING = object()


class Said(NamedTuple):
    """What the lines say together."""

    text: str
    thinking: str
    calls: list[tuple[str | None, str, Any]]
    usage: tuple[int, int] | None
    last: dict[str, Any]


def records() -> list[dict[str, Any]]:
    """Every interaction that speaks /api/chat; /api/generate is another API."""
    return [record for record in load("ollama.chat") if record["api"] == "ollama.chat"]


def lines_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    if not is_stream(record):
        return [record["response"]]
    return [json.loads(line) for line in record["response_text"].splitlines() if line.strip()]


def said_by(record: dict[str, Any]) -> Said:
    lines = lines_of(record)
    messages: list[dict[str, Any]] = [line.get("message", {}) for line in lines]
    last = lines[-1]
    counts = last.get("prompt_eval_count"), last.get("eval_count")
    return Said(
        "".join(message.get("content") or "" for message in messages),
        "".join(message.get("thinking") or "" for message in messages),
        [
            (call.get("id"), call["function"]["name"], call["function"]["arguments"])
            for message in messages
            for call in calls_of(message)
        ],
        None if counts == (None, None) else (counts[0] or 0, counts[1] or 0),
        last,
    )


def calls_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    return message.get("tool_calls") or []


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = [*message.content_blocks]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    check("text", str(message.text), said.text)
    check("content", message.content, said.text)
    thoughts = [block["reasoning"] for block in blocks if block["type"] == "reasoning"]
    check("thinking", "".join(thoughts), said.thinking)
    calls = [(call["name"], call["args"]) for call in message.tool_calls]
    check("calls", calls, [(name, args) for _, name, args in said.calls])
    check("invalid calls", message.invalid_tool_calls, [])
    for call, (given, _, _) in zip(message.tool_calls, said.calls, strict=False):
        if given is not None:
            check("id", call["id"], given)
    ids = [call["id"] for call in message.tool_calls]
    check("unique ids", len({id for id in ids if id}), len(said.calls))
    usage = message.usage_metadata
    counts = None if usage is None else (usage["input_tokens"], usage["output_tokens"])
    check("usage", counts, said.usage)
    if usage is not None:
        check("total", usage["total_tokens"], sum(counts or ()))
    for name, value in said.last.items():
        if name not in ("done", "message"):
            check(name, message.response_metadata.get(name, MISSING), value)
    check("model_name", message.response_metadata.get("model_name"), said.last["model"])
    return wrong
