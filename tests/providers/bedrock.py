"""Bedrock, as a provider speaks and hears it: its Converse API, and Anthropic's own behind it."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from tests.live.server import Seen
from tests.providers.anthropic_messages import Messages
from tests.providers.said import Heard, Said, Turn, words

__all__ = ["CLAUDE", "CONVERSE", "Converse", "FramedMessages", "exception", "frame"]

STREAM = "application/vnd.amazon.eventstream"


def frame(headers: dict[str, str], wire: Any) -> bytes:
    """Write a binary frame."""
    payload = wire if isinstance(wire, bytes) else json.dumps(wire, separators=(",", ":")).encode()
    raw = b""
    for name, value in {**headers, ":content-type": "application/json"}.items():
        raw += bytes([len(name)]) + name.encode() + b"\x07"
        raw += struct.pack(">H", len(value)) + value.encode()
    prelude = struct.pack(">II", len(raw) + len(payload) + 16, len(raw))
    whole = prelude + struct.pack(">I", crc32(prelude)) + raw + payload
    return whole + struct.pack(">I", crc32(whole))


def event(name: str, wire: Any) -> bytes:
    return frame({":event-type": name, ":message-type": "event"}, wire)


def exception(name: str, words: str) -> bytes:
    return frame({":exception-type": name, ":message-type": "exception"}, {"message": words})


class Converse:
    stream_type = STREAM
    lacks: frozenset[str] = frozenset({"json_mode", "model name"})

    def is_stream(self, seen: Seen) -> bool:
        return seen.target.endswith("/converse-stream")

    def whole(self, said: Said) -> Any:
        content: list[dict[str, Any]] = []
        if said.thought:
            text = {"text": said.thought, "signature": "sealed"}
            content.append({"reasoningContent": {"reasoningText": text}})
        if said.text:
            content.append({"text": said.text})
        content += [
            {"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.args}}
            for call in said.calls
        ]
        message = {"role": "assistant", "content": content}
        return {"output": {"message": message}, "stopReason": _stop(said), **_counts(said)}

    def stream(self, said: Said) -> list[bytes]:
        events: list[tuple[str, Any]] = [("messageStart", {"role": "assistant"})]
        for index, block in enumerate(self.whole(said)["output"]["message"]["content"]):
            place = {"contentBlockIndex": index}
            if "toolUse" in block:
                use = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
                events.append(("contentBlockStart", {"start": {"toolUse": use}, **place}))
            events += [
                ("contentBlockDelta", {**place, "delta": delta, "p": "abcdefghij"})
                for delta in _deltas(block, said)
            ]
            events.append(("contentBlockStop", place))
        events += [("messageStop", {"stopReason": _stop(said)}), ("metadata", _counts(said))]
        return [event(name, wire) for name, wire in events]

    def refusal(self, status: int, words: str) -> Any:
        return {"message": words}

    def failure(self, words: str) -> bytes:
        return exception("internalServerException", words)

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        model, _, operation = seen.target.removeprefix("/model/").partition("/")
        assert operation in ("converse", "converse-stream")
        system = "".join(part["text"] for part in body.get("system", []))
        heard = Heard(unquote(model), [Turn("system", system)] if system else [])
        heard.turns += _turns(body["messages"])
        config = body.get("toolConfig", {})
        for tool in config.get("tools", []):
            heard.tools[tool["toolSpec"]["name"]] = tool["toolSpec"]["inputSchema"]["json"]
        match config.get("toolChoice"):
            case {"any": {}}:
                heard.forced = "any"
            case {"tool": {"name": name}}:
                heard.forced = name
            case _:
                pass
        match body.get("outputConfig"):
            case {"textFormat": {"structure": {"jsonSchema": {"schema": schema}}}}:
                heard.schema = json.loads(schema)
            case _:
                pass
        given = body.get("inferenceConfig", {})
        heard.settings = {ours: given[theirs] for ours, theirs in SETTINGS if theirs in given}
        return heard


SETTINGS = (("max_tokens", "maxTokens"), ("stop", "stopSequences"), ("temperature", "temperature"))


def _stop(said: Said) -> str:
    return "max_tokens" if said.is_cut else "tool_use" if said.calls else "end_turn"


def _counts(said: Said) -> dict[str, Any]:
    read, written = said.cost
    usage = {"inputTokens": read, "outputTokens": written, "totalTokens": read + written}
    return {"usage": usage, "metrics": {"latencyMs": 1}}


def _deltas(block: dict[str, Any], said: Said) -> Iterator[dict[str, Any]]:
    match block:
        case {"text": text}:
            yield from ({"text": word} for word in words(text))
        case {"reasoningContent": {"reasoningText": {"text": text, "signature": seal}}}:
            yield from ({"reasoningContent": {"text": word}} for word in words(text))
            yield {"reasoningContent": {"signature": seal}}
        case {"toolUse": {"toolUseId": id}}:
            text = next(call.json for call in said.calls if call.id == id)
            yield from ({"toolUse": {"input": word}} for word in words(text))
        case _:
            raise AssertionError(block)


def _turns(messages: list[dict[str, Any]]) -> Iterator[Turn]:
    for message in messages:
        turn = Turn(message["role"])
        for block in message["content"]:
            match block:
                case {"text": text}:
                    turn.text += text
                case {"reasoningContent": {"reasoningText": {"text": text, "signature": "sealed"}}}:
                    turn.thought += text
                case {"image": {"format": "png", "source": {"bytes": data}}}:
                    turn.media.append(data)
                case {"document": {"format": "pdf", "name": "a pdf", "source": {"bytes": data}}}:
                    turn.media.append(data)
                case {"toolUse": {"name": name, "input": args}}:
                    turn.calls.append((name, args))
                case {"toolResult": {"toolUseId": id, "content": [{"text": text}]}}:
                    yield Turn("tool", text, answers=id)
                case _:
                    raise AssertionError(block)
        if turn != Turn(message["role"]):
            yield turn


class FramedMessages(Messages):
    """The same words as everywhere else; the model and the stream are in the path."""

    stream_type = STREAM

    def is_stream(self, seen: Seen) -> bool:
        return seen.target.endswith("/invoke-with-response-stream")

    def stream(self, said: Said) -> list[bytes]:
        return [_chunk(line) for line in super().stream(said)]

    def refusal(self, status: int, words: str) -> Any:
        return {"message": words}

    def failure(self, words: str) -> bytes:
        return exception("internalServerException", words)

    def model_of(self, seen: Seen) -> str:
        body = seen.json()
        assert body["anthropic_version"] == "bedrock-2023-05-31"
        assert not {"model", "stream"} & body.keys()
        return unquote(seen.target.split("/")[2])


def _chunk(lines: bytes) -> bytes:
    """Pack a server-sent event into a frame; its padding says what it is, for who looks for it."""
    wire = lines.partition(b"data: ")[2].strip()
    return event("chunk", {"bytes": base64.b64encode(wire).decode(), "p": wire.decode()})


CONVERSE = Converse()
CLAUDE = FramedMessages()
