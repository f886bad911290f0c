"""Gemini's generateContent, as a provider speaks and hears it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Call, Heard, Said, Turn, events, words

__all__ = ["SPEAKER", "Gemini"]

SEAL = "c2VhbGVk"


class Gemini:
    stream_type = "text/event-stream"
    lacks: frozenset[str] = frozenset()

    def is_stream(self, seen: Seen) -> bool:
        return ":streamGenerateContent" in seen.target

    def whole(self, said: Said) -> Any:
        parts: list[dict[str, Any]] = []
        if said.thought:
            parts.append({"text": said.thought, "thought": True})
        if said.text:
            parts.append({"text": said.text})
        return _wire([*parts, *map(_call, said.calls)], said)

    def stream(self, said: Said) -> list[bytes]:
        parts: list[dict[str, Any]] = []
        parts += [{"text": word, "thought": True} for word in words(said.thought)]
        parts += [{"text": word} for word in words(said.text)]
        parts += map(_call, said.calls)
        return events(*(_wire([part]) for part in parts), _wire([], said), named=False)

    def refusal(self, status: int, words: str) -> Any:
        return {"error": {"code": status, "message": words, "status": "SOME_STATUS"}}

    def failure(self, words: str) -> bytes:
        return events(self.refusal(500, words), named=False)[0]

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        model = seen.target.rpartition("/models/")[2].partition(":")[0]
        heard = Heard(model, [*_system(body), *_turns(body["contents"])])
        for tool in body.get("tools", []):
            for function in tool["functionDeclarations"]:
                schema = function.get("parametersJsonSchema") or function.get("parameters")
                heard.tools[function["name"]] = schema
        match body.get("toolConfig"):
            case {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}}:
                heard.forced = name
            case {"functionCallingConfig": {"mode": "ANY"}}:
                heard.forced = "any"
            case _:
                pass
        config = body.get("generationConfig", {})
        heard.schema = config.get("responseJsonSchema") or config.get("responseSchema")
        if heard.schema is None and config.get("responseMimeType") == "application/json":
            heard.schema = True
        for ours, theirs in SETTINGS.items():
            if theirs in config:
                heard.settings[ours] = config[theirs]
        return heard


SETTINGS = {"max_tokens": "maxOutputTokens", "stop": "stopSequences", "temperature": "temperature"}


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "args": call.args, "id": call.id}
    return {"functionCall": function, "thoughtSignature": SEAL}


def _wire(parts: list[dict[str, Any]], said: Said | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    wire = {"candidates": [candidate], "modelVersion": "m-1", "responseId": "reply-1"}
    if said is None:
        return wire
    candidate["finishReason"] = "MAX_TOKENS" if said.is_cut else "STOP"
    read, written = said.cost
    counts = {"promptTokenCount": read, "candidatesTokenCount": written}
    return {**wire, "usageMetadata": {**counts, "totalTokenCount": read + written}}


def _system(body: dict[str, Any]) -> list[Turn]:
    parts = body.get("systemInstruction", {}).get("parts", [])
    return [Turn("system", "".join(part["text"] for part in parts))] if parts else []


def _turns(contents: list[dict[str, Any]]) -> Iterator[Turn]:
    for content in contents:
        role = "assistant" if content["role"] == "model" else "user"
        turn = Turn(role)
        for part in content["parts"]:
            match part:
                case {"text": text, "thought": True}:
                    turn.thought += text
                case {"text": text}:
                    turn.text += text
                case {"inlineData": {"data": data}}:
                    turn.media.append(data)
                case {"functionCall": {"name": name, "args": args}, "thoughtSignature": "c2VhbGVk"}:
                    turn.calls.append((name, args))
                case {"functionResponse": {"name": name, "response": {"output": text}} as answer}:
                    yield Turn("tool", text, answers=answer.get("id", name))
                case _:
                    raise AssertionError(part)
        if turn != Turn(role):
            yield turn


SPEAKER = Gemini()
