"""What an answer of the Responses API says, read straight from its JSON and from nothing of ours.

Written to be obvious, not fast: the judge of the codec. `Said` has what a message must show.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.replay.chat_oracle import events

CALLS = ("function_call", "custom_tool_call")


@dataclass
class Said:
    items: list[dict[str, Any]] = field(default_factory=list)
    """the output, item by item"""
    id: str | None = None
    last_id: str | None = None
    """the id that the last event has: some gateways change it"""
    status: str | None = None
    finish: str | None = None
    usage: dict[str, int] | None = None
    error: str | None = None

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in self.items if item["type"] == kind]

    def parts(self, kind: str) -> list[dict[str, Any]]:
        own = [item for item in self.of("message") if item.get("role") == "assistant"]
        return [part for item in own for part in item["content"] if part["type"] == kind]

    @property
    def text(self) -> str:
        return "".join(part["text"] for part in self.parts("output_text"))

    @property
    def refusal(self) -> str:
        return "".join(part["refusal"] for part in self.parts("refusal"))

    @property
    def reasoning(self) -> str:
        return "".join(_thought(item) for item in self.of("reasoning"))

    @property
    def calls(self) -> list[tuple[str, str, Any]]:
        return [_call(item) for item in self.items if item["type"] in CALLS]

    @property
    def cited(self) -> list[str]:
        notes = [
            note for part in self.parts("output_text") for note in part.get("annotations") or []
        ]
        return [
            note["url"] if note["type"] == "url_citation" else note["file_id"] for note in notes
        ]


def read_whole(wire: dict[str, Any]) -> Said:
    said = Said(items=wire.get("output") or [])
    _end(said, wire)
    return said


def read_stream(text: str) -> Said:
    said = Said()
    done: dict[int, dict[str, Any]] = {}
    pieces: dict[tuple[int, int], str] = {}
    for wire in stream(text):
        kind = wire["type"]
        if kind == "response.created":
            said.id = wire["response"].get("id")
        elif kind == "response.output_item.done":
            done[wire.get("output_index", len(done))] = wire["item"]
        elif kind == "response.output_text.delta":
            key = (wire["output_index"], wire["content_index"])
            pieces[key] = pieces.get(key, "") + wire["delta"]
        elif kind in ("error", "response.failed"):
            error = wire.get("error") or (wire.get("response") or {}).get("error") or wire
            said.error = error["message"]
            return said
        elif kind in ("response.completed", "response.incomplete"):
            told = {item.get("id") for item in done.values()}
            for place, item in enumerate(wire["response"].get("output") or []):
                if item.get("id") not in told:
                    done.setdefault(place, item)
            said.items = [done[place] for place in sorted(done)]
            _end(said, wire["response"])
    _follow_pieces(done, pieces)
    return said


def stream(text: str) -> list[dict[str, Any]]:
    """Give the events up to the one that ends the reply: some files have two replies."""
    found: list[dict[str, Any]] = []
    for _, data in events(text):
        if data == "[DONE]":
            break
        found.append(json.loads(data))
        if found[-1]["type"] in ENDS:
            break
    return found


ENDS = ("error", "response.completed", "response.failed", "response.incomplete")


def _follow_pieces(done: dict[int, dict[str, Any]], pieces: dict[tuple[int, int], str]) -> None:
    """Take a text as its pieces told it, where a fixture's editor made the item say otherwise."""
    for (place, number), text in pieces.items():
        part = done[place]["content"][number]
        if not part["text"].startswith(text):
            part["text"] = text


def _end(said: Said, wire: dict[str, Any]) -> None:
    said.id, said.last_id = said.id or wire.get("id"), wire.get("id") or said.id
    said.status = wire.get("status")
    if error := wire.get("error"):
        said.error = error if isinstance(error, str) else error["message"]
    reason = (wire.get("incomplete_details") or {}).get("reason")
    if said.status in ("completed", None):
        made = any(item["type"] in CALLS for item in said.items)
        said.finish = "tool_calls" if made else "stop"
    elif said.status == "incomplete":
        known = {"max_output_tokens": "length", "content_filter": "content_filter"}
        said.finish = known.get(reason, "other")
    said.usage = counts(wire.get("usage"))


def counts(usage: dict[str, Any] | None) -> dict[str, int] | None:
    if not usage:
        return None
    found = {"input": usage["input_tokens"], "output": usage["output_tokens"]}
    found["total"] = usage.get("total_tokens", found["input"] + found["output"])
    cached = (usage.get("input_tokens_details") or {}).get("cached_tokens")
    reasoning = (usage.get("output_tokens_details") or {}).get("reasoning_tokens")
    if cached is not None:
        found["cache_read"] = cached
    if reasoning is not None:
        found["reasoning"] = reasoning
    return found


def _thought(item: dict[str, Any]) -> str:
    parts = item.get("summary") or item.get("content") or []
    return "".join(part["text"] for part in parts)


def _call(item: dict[str, Any]) -> tuple[str, str, Any]:
    if item["type"] == "custom_tool_call":
        return item["call_id"], item["name"], {"__arg1": item["input"]}
    arguments = item["arguments"]
    if not arguments and item.get("status") == "incomplete":
        return item["call_id"], item["name"], arguments
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        return item["call_id"], item["name"], arguments
    return item["call_id"], item["name"], value if isinstance(value, dict) else arguments


def plain(value: Any) -> Any:
    """Strip an item of what says nothing: nulls, counts of likelihood, that it is complete."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    if not isinstance(value, dict):
        return value
    made = {name: plain(inner) for name, inner in value.items() if inner is not None}
    made.pop("logprobs", None)
    if made.get("status") == "completed":
        del made["status"]
    if made.get("annotations") == []:
        del made["annotations"]
    if made.get("content") == [] and made.get("type") == "reasoning":
        del made["content"]
    if isinstance(arguments := made.get("arguments"), str):
        # The same JSON, other white space.
        try:
            made["arguments"] = json.loads(arguments)
        except ValueError:
            made["arguments"] = arguments
    return made
