"""Anthropic Messages, as a provider speaks and hears it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Heard, Said, Turn, events, words

__all__ = ["ON_VERTEX", "SPEAKER", "Messages"]


class Messages:
    stream_type = "text/event-stream"
    lacks: frozenset[str] = frozenset({"json_mode"})

    def is_stream(self, seen: Seen) -> bool:
        return bool(seen.json().get("stream"))

    def whole(self, said: Said) -> Any:
        blocks: list[dict[str, Any]] = []
        if said.thought:
            blocks.append({"type": "thinking", "thinking": said.thought, "signature": "sealed"})
        if said.text:
            blocks.append({"type": "text", "text": said.text})
        blocks += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": call.args}
            for call in said.calls
        ]
        read, written = said.cost
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m-1",
            "content": blocks,
            "stop_reason": "max_tokens"
            if said.is_cut
            else "tool_use"
            if said.calls
            else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": read, "output_tokens": written},
        }

    def stream(self, said: Said) -> list[bytes]:
        whole = self.whole(said)
        read, written = said.cost
        usage = {"input_tokens": read, "output_tokens": 1}
        begun = {**whole, "content": [], "stop_reason": None, "usage": usage}
        wires: list[Any] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
        for index, block in enumerate(whole["content"]):
            empty = {**block, **{name: EMPTY[name] for name in EMPTY.keys() & block.keys()}}
            place = {"index": index}
            wires.append({"type": "content_block_start", "content_block": empty, **place})
            wires += [
                {"type": "content_block_delta", "delta": delta, **place}
                for delta in _deltas(block, said)
            ]
            wires.append({"type": "content_block_stop", **place})
        delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        end = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": written}}
        return events(*wires, end, {"type": "message_stop"})

    def refusal(self, status: int, words: str) -> Any:
        return {"type": "error", "error": {"type": "some_error", "message": words}}

    def failure(self, words: str) -> bytes:
        return events({"type": "error", "error": {"type": "api_error", "message": words}})[0]

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        heard = Heard(self.model_of(seen), [*_system(body), *_turns(body["messages"])])
        for tool in body.get("tools", []):
            heard.tools[tool["name"]] = tool["input_schema"]
        match body.get("tool_choice"):
            case {"type": "any"}:
                heard.forced = "any"
            case {"type": "tool", "name": name}:
                heard.forced = name
            case _:
                pass
        match body.get("output_config"):
            case {"format": {"type": "json_schema", "schema": schema}}:
                heard.schema = schema
            case _:
                pass
        for ours, theirs in SETTINGS.items():
            if theirs in body:
                heard.settings[ours] = body[theirs]
        return heard

    def model_of(self, seen: Seen) -> str:
        return str(seen.json()["model"])


def _stop(said: Said) -> str:
    return "max_tokens" if said.is_cut else "tool_use" if said.calls else "end_turn"


EMPTY: dict[str, Any] = {"input": {}, "signature": "", "text": "", "thinking": ""}
SETTINGS = {"max_tokens": "max_tokens", "stop": "stop_sequences", "temperature": "temperature"}


def _deltas(block: dict[str, Any], said: Said) -> Iterator[dict[str, Any]]:
    match block:
        case {"type": "text", "text": text}:
            yield from ({"type": "text_delta", "text": word} for word in words(text))
        case {"type": "thinking", "thinking": text, "signature": signature}:
            yield from ({"type": "thinking_delta", "thinking": word} for word in words(text))
            yield {"type": "signature_delta", "signature": signature}
        case {"type": "tool_use", "id": id}:
            text = next(call.json for call in said.calls if call.id == id)
            yield {"type": "input_json_delta", "partial_json": ""}
            for word in words(text):
                yield {"type": "input_json_delta", "partial_json": word}
        case _:
            raise AssertionError(block)


def _system(body: dict[str, Any]) -> list[Turn]:
    system = body.get("system")
    if isinstance(system, list):
        system = "".join(part["text"] for part in system)
    return [Turn("system", system)] if system else []


def _turns(messages: list[dict[str, Any]]) -> Iterator[Turn]:
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        turn = Turn(message["role"])
        for block in blocks:
            match block:
                case {"type": "text", "text": text}:
                    turn.text += text
                case {"type": "thinking", "thinking": text, "signature": "sealed"}:
                    turn.thought += text
                case {"type": "image" | "document", "source": {"data": data}}:
                    turn.media.append(data)
                case {"type": "tool_use", "name": name, "input": args}:
                    turn.calls.append((name, args))
                case {"type": "tool_result", "tool_use_id": id, "content": said}:
                    text = said if isinstance(said, str) else said[0]["text"]
                    yield Turn("tool", text, answers=id)
                case _:
                    raise AssertionError(block)
        if turn != Turn(message["role"]):
            yield turn


class OnVertex(Messages):
    """At Google's, where the path says which model, and whether it streams."""

    def is_stream(self, seen: Seen) -> bool:
        return seen.target.endswith(":streamRawPredict")

    def model_of(self, seen: Seen) -> str:
        assert "model" not in seen.json()
        return seen.target.rpartition("/models/")[2].partition(":")[0]


SPEAKER = Messages()
ON_VERTEX = OnVertex()
