"""Cohere's chat API, as a provider speaks and hears it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Heard, Said, Turn, events, words

__all__ = ["SPEAKER", "Cohere"]


class Cohere:
    stream_type = "text/event-stream"
    lacks = frozenset({"files", "model name", "named tools"})

    def is_stream(self, seen: Seen) -> bool:
        return bool(seen.json()["stream"])

    def whole(self, said: Said) -> Any:
        message: dict[str, Any] = {"role": "assistant"}
        parts = list(_parts(said))
        if parts:
            message["content"] = parts
        if said.calls:
            message["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.json},
                }
                for call in said.calls
            ]
        return {"id": "chat-1", "message": message, **_end(said)}

    def stream(self, said: Said) -> list[bytes]:
        start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
        wires = [{"type": "message-start", "id": "chat-1", "delta": {"message": start}}]
        for index, part in enumerate(_parts(said)):
            kind = part["type"]
            begun = {"content": {"type": kind, kind: ""}}
            wires.append(_event("content-start", index, begun))
            wires += [
                _event("content-delta", index, {"content": {kind: word}})
                for word in words(part[kind])
            ]
            wires.append({"type": "content-end", "index": index})
        for index, call in enumerate(said.calls):
            function = {"name": call.name, "arguments": ""}
            whole = {"id": call.id, "type": "function", "function": function}
            wires.append(_event("tool-call-start", index, {"tool_calls": whole}))
            wires += [
                _event("tool-call-delta", index, {"tool_calls": {"function": {"arguments": word}}})
                for word in words(call.json)
            ]
            wires.append({"type": "tool-call-end", "index": index})
        return events(*wires, {"type": "message-end", "delta": _end(said)}, "[DONE]")

    def refusal(self, status: int, words: str) -> Any:
        return {"id": "1", "message": words}

    def failure(self, words: str) -> bytes:
        delta = {"error": words, "finish_reason": "ERROR"}
        return events({"type": "message-end", "delta": delta})[0]

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        heard = Heard(body["model"], [_turn(message) for message in body["messages"]])
        for tool in body.get("tools", []):
            heard.tools[tool["function"]["name"]] = tool["function"]["parameters"]
        heard.forced = "any" if body.get("tool_choice") == "REQUIRED" else None
        wanted = body.get("response_format")
        heard.schema = None if wanted is None else wanted.get("json_schema", True)
        for ours, theirs in SETTINGS.items():
            if theirs in body:
                heard.settings[ours] = body[theirs]
        return heard


SETTINGS = {"max_tokens": "max_tokens", "stop": "stop_sequences", "temperature": "temperature"}


def _turn(message: dict[str, Any]) -> Turn:
    turn = Turn(message["role"], message.get("tool_plan", ""))
    turn.answers = message.get("tool_call_id")
    content = message.get("content") or []
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        match part:
            case {"type": "text", "text": text}:
                turn.text += text
            case {"type": "thinking", "thinking": text}:
                turn.thought += text
            case {"type": "image_url", "image_url": {"url": url}}:
                turn.media.append(url.partition("base64,")[2])
            case {"type": "document", "document": {"data": text}}:
                turn.text += text if isinstance(text, str) else json.dumps(text)
            case _:
                raise AssertionError(part)
    for call in message.get("tool_calls") or []:
        turn.calls.append((call["function"]["name"], json.loads(call["function"]["arguments"])))
    return turn


def _parts(said: Said) -> Iterator[dict[str, str]]:
    if said.thought:
        yield {"type": "thinking", "thinking": said.thought}
    if said.text:
        yield {"type": "text", "text": said.text}


def _event(kind: str, index: int, message: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


def _end(said: Said) -> dict[str, Any]:
    read, written = said.cost
    reason = "MAX_TOKENS" if said.is_cut else "TOOL_CALL" if said.calls else "COMPLETE"
    tokens = {"input_tokens": read, "output_tokens": written}
    return {"finish_reason": reason, "usage": {"tokens": tokens}}


SPEAKER = Cohere()
