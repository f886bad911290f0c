"""Ollama's own API, as a server speaks and hears it."""

from __future__ import annotations

import json
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Call, Heard, Said, Turn, words

__all__ = ["SPEAKER", "Ollama"]


class Ollama:
    stream_type = "application/x-ndjson"
    lacks: frozenset[str] = frozenset({"files", "forced tools"})

    def is_stream(self, seen: Seen) -> bool:
        return bool(seen.json()["stream"])

    def whole(self, said: Said) -> Any:
        message: dict[str, Any] = {"role": "assistant", "content": said.text}
        if said.thought:
            message["thinking"] = said.thought
        if said.calls:
            message["tool_calls"] = [_call(call) for call in said.calls]
        return {"model": "m-1", "created_at": "1", "message": message, **_end(said)}

    def stream(self, said: Said) -> list[bytes]:
        messages: list[dict[str, Any]] = []
        messages += [{"content": "", "thinking": word} for word in words(said.thought)]
        messages += [{"content": word} for word in words(said.text)]
        messages += [{"content": "", "tool_calls": [_call(call)]} for call in said.calls]
        lines = [_line(message, done=False) for message in messages]
        return [*lines, _line({"content": ""}, **_end(said))]

    def refusal(self, status: int, words: str) -> Any:
        return {"error": words}

    def failure(self, words: str) -> bytes:
        return json.dumps({"error": words}).encode() + b"\n"

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        heard = Heard(body["model"], [_turn(message) for message in body["messages"]])
        for tool in body.get("tools", []):
            heard.tools[tool["function"]["name"]] = tool["function"]["parameters"]
        wanted = body.get("format")
        heard.schema = True if wanted == "json" else wanted
        options = body.get("options", {})
        for ours, theirs in SETTINGS.items():
            if theirs in options:
                heard.settings[ours] = options[theirs]
        return heard


SETTINGS = {"max_tokens": "num_predict", "stop": "stop", "temperature": "temperature"}


def _turn(message: dict[str, Any]) -> Turn:
    turn = Turn(message["role"], message["content"], message.get("thinking", ""))
    turn.media += message.get("images", [])
    turn.answers = message.get("tool_call_id")
    for call in message.get("tool_calls", []):
        turn.calls.append((call["function"]["name"], call["function"]["arguments"]))
    return turn


def _line(message: dict[str, Any], **more: Any) -> bytes:
    wire = {"model": "m-1", "created_at": "1", "message": {"role": "assistant", **message}, **more}
    return json.dumps(wire).encode() + b"\n"


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.id, "function": {"name": call.name, "arguments": call.args}}


def _end(said: Said) -> dict[str, Any]:
    read, written = said.cost
    reason = "length" if said.is_cut else "stop"
    return {
        "done": True,
        "done_reason": reason,
        "prompt_eval_count": read,
        "eval_count": written,
    }


SPEAKER = Ollama()
