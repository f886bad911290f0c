"""Chat Completions, as a provider speaks and hears it."""

from __future__ import annotations

import json
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Heard, Said, Turn, events, words

__all__ = ["FORGETFUL", "MISTRAL", "SPEAKER", "ChatCompletions"]


class ChatCompletions:
    stream_type = "text/event-stream"

    def __init__(self, *lacks: str) -> None:
        self.lacks = frozenset(lacks)

    def is_stream(self, seen: Seen) -> bool:
        return bool(seen.json().get("stream"))

    def whole(self, said: Said) -> Any:
        message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
        message |= self.thoughts(said.thought, said.text)
        if said.calls:
            message["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.json},
                }
                for call in said.calls
            ]
        choice = {"index": 0, "message": message, "finish_reason": _finish(said)}
        return {"id": "chatcmpl-1", "model": "m-1", "choices": [choice], "usage": _usage(said)}

    def stream(self, said: Said) -> list[bytes]:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [self.thoughts(word) for word in words(said.thought)]
        deltas += [{"content": word} for word in words(said.text)]
        for index, call in enumerate(said.calls):
            begun = {"name": call.name, "arguments": ""}
            whole = {"index": index, "id": call.id, "type": "function", "function": begun}
            deltas.append({"tool_calls": [whole]})
            deltas += [
                {"tool_calls": [{"index": index, "function": {"arguments": word}}]}
                for word in words(call.json)
            ]
        chunks = [_chunk([{"index": 0, "delta": delta}]) for delta in deltas]
        end = _chunk([{"index": 0, "delta": {}, "finish_reason": _finish(said)}])
        costs = {**_chunk([]), "usage": _usage(said)}
        return events(*chunks, end, costs, "[DONE]", named=False)

    def thoughts(self, thought: str, text: str = "") -> dict[str, Any]:
        """Give the fields of a message, or of a delta, that say a thought."""
        return {"reasoning_content": thought} if thought else {}

    def refusal(self, status: int, words: str) -> Any:
        return {"error": {"message": words, "type": "some_error", "param": None, "code": None}}

    def failure(self, words: str) -> bytes:
        return events(self.refusal(500, words), named=False)[0]

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        heard = Heard(body["model"], [_turn(message) for message in body["messages"]])
        for tool in body.get("tools", []):
            heard.tools[tool["function"]["name"]] = tool["function"]["parameters"]
        match body.get("tool_choice"):
            case "required" | "any":
                heard.forced = "any"
            case {"function": {"name": name}}:
                heard.forced = name
            case _:
                pass
        match body.get("response_format"):
            case {"type": "json_schema", "json_schema": {"schema": schema}}:
                heard.schema = schema
            case {"type": "json_object"}:
                heard.schema = True
            case _:
                pass
        for ours, theirs in SETTINGS.items():
            for name in theirs:
                if name in body:
                    heard.settings[ours] = body[name]
        return heard


SETTINGS = {
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "stop": ("stop",),
    "temperature": ("temperature",),
}
ROLES = {"developer": "system"}


def _turn(message: dict[str, Any]) -> Turn:
    turn = Turn(ROLES.get(message["role"], message["role"]))
    turn.answers = message.get("tool_call_id")
    turn.thought = message.get("reasoning_content") or message.get("reasoning") or ""
    content = message.get("content") or []
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        if part["type"] == "thinking":
            turn.thought += part["thinking"][0]["text"]
        elif part["type"] == "text":
            turn.text += part["text"]
        elif part["type"] == "image_url":
            turn.media.append(part["image_url"]["url"].partition("base64,")[2])
        elif part["type"] == "file":
            turn.media.append(part["file"]["file_data"].partition("base64,")[2])
    for call in message.get("tool_calls") or []:
        function = call["function"]
        turn.calls.append((function["name"], json.loads(function["arguments"])))
    return turn


def _chunk(choices: list[Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "model": "m-1", "choices": choices}


def _finish(said: Said) -> str:
    return "length" if said.is_cut else "tool_calls" if said.calls else "stop"


def _usage(said: Said) -> dict[str, int]:
    read, written = said.cost
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


class Mistral(ChatCompletions):
    """With thoughts as parts of the content."""

    def thoughts(self, thought: str, text: str = "") -> dict[str, Any]:
        if not thought:
            return {}
        parts: list[Any] = [{"type": "thinking", "thinking": [{"type": "text", "text": thought}]}]
        return {"content": [*parts, {"type": "text", "text": text}] if text else parts}


SPEAKER = ChatCompletions()
MISTRAL = Mistral()
# Refused, or not read, in a request.
FORGETFUL = ChatCompletions("thoughts sent back")
