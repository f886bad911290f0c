"""Responses, as a provider speaks and hears it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.live.server import Seen
from tests.providers.said import Heard, Said, Turn, events, words

__all__ = ["SPEAKER", "Responses"]


class Responses:
    stream_type = "text/event-stream"
    lacks: frozenset[str] = frozenset({"stop"})

    def is_stream(self, seen: Seen) -> bool:
        return bool(seen.json().get("stream"))

    def whole(self, said: Said) -> Any:
        items: list[dict[str, Any]] = []
        if said.thought:
            summary = [{"type": "summary_text", "text": said.thought}]
            items.append({"type": "reasoning", "id": "rs_1", "summary": summary})
        if said.text:
            part = {"type": "output_text", "text": said.text, "annotations": []}
            message = {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}
            items.append({**message, "status": "completed"})
        for number, call in enumerate(said.calls):
            item = {"type": "function_call", "id": f"fc_{number}", "call_id": call.id}
            items.append({**item, "name": call.name, "arguments": call.json})
        read, written = said.cost
        return {
            "id": "resp_1",
            "object": "response",
            "model": "m-1",
            "status": "incomplete" if said.is_cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if said.is_cut else None,
            "output": items,
            "usage": {
                "input_tokens": read,
                "output_tokens": written,
                "total_tokens": read + written,
            },
        }

    def stream(self, said: Said) -> list[bytes]:
        whole = self.whole(said)
        begun = {"id": "resp_1", "model": "m-1", "status": "in_progress", "output": []}
        wires: list[Any] = [{"type": "response.created", "response": begun}]
        for index, item in enumerate(whole["output"]):
            empty = {**item, **{name: EMPTY[name] for name in EMPTY.keys() & item.keys()}}
            place = {"output_index": index}
            wires.append({"type": "response.output_item.added", "item": empty, **place})
            wires += GROWING[item["type"]](item, {"item_id": item["id"], **place})
            wires.append({"type": "response.output_item.done", "item": item, **place})
        wires.append({"type": f"response.{whole['status']}", "response": whole})
        return events(*wires)

    def refusal(self, status: int, words: str) -> Any:
        return {"error": {"message": words, "type": "some_error", "param": None, "code": None}}

    def failure(self, words: str) -> bytes:
        error = {"code": "server_error", "message": words}
        response = {"id": "resp_1", "status": "failed", "error": error, "output": []}
        return events({"type": "response.failed", "response": response})[0]

    def hear(self, seen: Seen) -> Heard:
        body = seen.json()
        turns = [Turn("system", body["instructions"])] if body.get("instructions") else []
        given = body["input"]
        items = [{"role": "user", "content": given}] if isinstance(given, str) else given
        heard = Heard(body["model"], [*turns, *_turns(items)])
        for tool in body.get("tools", []):
            heard.tools[tool["name"]] = tool["parameters"]
        match body.get("tool_choice"):
            case "required":
                heard.forced = "any"
            case {"type": "function", "name": name}:
                heard.forced = name
            case _:
                pass
        match body.get("text"):
            case {"format": {"type": "json_schema", "schema": schema}}:
                heard.schema = schema
            case {"format": {"type": "json_object"}}:
                heard.schema = True
            case _:
                pass
        for ours, theirs in (("max_tokens", "max_output_tokens"), ("temperature", "temperature")):
            if theirs in body:
                heard.settings[ours] = body[theirs]
        return heard


EMPTY: dict[str, Any] = {"arguments": "", "content": [], "summary": []}


def _message(item: dict[str, Any], place: dict[str, Any]) -> Iterator[Any]:
    place = {**place, "content_index": 0}
    empty = {**item["content"][0], "text": ""}
    yield {"type": "response.content_part.added", "part": empty, **place}
    for word in words(item["content"][0]["text"]):
        yield {"type": "response.output_text.delta", "delta": word, **place}
    yield {"type": "response.content_part.done", "part": item["content"][0], **place}


def _reasoning(item: dict[str, Any], place: dict[str, Any]) -> Iterator[Any]:
    place = {**place, "summary_index": 0}
    empty = {"type": "summary_text", "text": ""}
    yield {"type": "response.reasoning_summary_part.added", "part": empty, **place}
    for word in words(item["summary"][0]["text"]):
        yield {"type": "response.reasoning_summary_text.delta", "delta": word, **place}


def _call(item: dict[str, Any], place: dict[str, Any]) -> Iterator[Any]:
    for word in words(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", "delta": word, **place}
    done = "response.function_call_arguments.done"
    yield {"type": done, "arguments": item["arguments"], **place}


GROWING = {"function_call": _call, "message": _message, "reasoning": _reasoning}
ROLES = {"developer": "system"}


def _turns(items: list[dict[str, Any]]) -> Iterator[Turn]:
    """Join what the model did in a row, which comes as items of their own."""
    said: Turn | None = None
    for item in items:
        kind = item.get("type", "message")
        role = item.get("role", "tool" if kind == "function_call_output" else "assistant")
        if role != "assistant":
            if said is not None:
                yield said
                said = None
            yield _given(item, ROLES.get(role, role))
            continue
        said = said or Turn("assistant")
        if kind == "function_call":
            said.calls.append((item["name"], json.loads(item["arguments"])))
        elif kind == "reasoning":
            said.thought += "".join(part["text"] for part in item["summary"])
        else:
            said.text += _given(item, role).text
    if said is not None:
        yield said


def _given(item: dict[str, Any], role: str) -> Turn:
    turn = Turn(role, answers=item.get("call_id"))
    content = item["output"] if "output" in item else item["content"]
    for part in [{"type": "input_text", "text": content}] if isinstance(content, str) else content:
        turn.text += part.get("text", "")
        data = part.get("image_url") or part.get("file_data") or ""
        if data:
            turn.media.append(data.partition("base64,")[2])
    return turn


SPEAKER = Responses()
