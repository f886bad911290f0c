"""A vendor in memory: answers from a script and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from conure.openai import ChatOpenAI
from conure.wire.http import Head

__all__ = ["COLOURS", "Vendor", "answer", "called", "gathered", "model_of", "said"]

COLOURS = ("sync", "async")
USAGE = {"prompt_tokens": 30, "completion_tokens": 20, "total_tokens": 50}


class Vendor:
    """A transport that answers each request with the next reply; the last one goes on for ever."""

    def __init__(self, *replies: dict[str, Any]) -> None:
        self.replies = list(replies)
        self.bodies: list[Any] = []
        self.left: list[bytes] = []

    def exchange(self) -> Vendor:
        return self

    def send(self, request: Any, timeouts: Any) -> Head:
        body = json.loads(request.body)
        self.bodies.append(body)
        reply = self.replies[min(len(self.bodies), len(self.replies)) - 1]
        self.left = _streamed(reply) if body["stream"] else [json.dumps(reply).encode()]
        kind = "text/event-stream" if body["stream"] else "application/json"
        return Head(200, {"content-type": kind})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass

    def aexchange(self) -> Awaited:
        return Awaited(self)


class Awaited:
    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    async def send(self, request: Any, timeouts: Any) -> Head:
        return self.vendor.send(request, timeouts)

    async def read(self, timeout: float | None) -> bytes:
        return self.vendor.read(timeout)

    def close(self) -> None:
        pass


def said(text: str | None, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """Make a whole reply that says a text."""
    told = {"role": "assistant", "content": text, **message}
    choice = {"index": 0, "message": told, "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": "m-1", "choices": [choice], "usage": USAGE}


def called(*calls: tuple[str, Any], finish: str = "tool_calls") -> dict[str, Any]:
    """Make a whole reply that calls tools, with arguments as they are or as a text."""
    written = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": args if isinstance(args, str) else json.dumps(args),
            },
        }
        for number, (name, args) in enumerate(calls, 1)
    ]
    return said(None, finish, tool_calls=written)


def _streamed(reply: dict[str, Any]) -> list[bytes]:
    """Say the same in a stream, six characters at a time."""
    choice = reply["choices"][0]
    deltas: list[dict[str, Any]] = []
    for name in ("content", "refusal"):
        text = choice["message"].get(name) or ""
        deltas += [{name: text[at : at + 6]} for at in range(0, len(text), 6)]
    for index, call in enumerate(choice["message"].get("tool_calls") or []):
        args = call["function"]["arguments"]
        opening = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        deltas.append({"tool_calls": [opening]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": args[at : at + 6]}}]}
            for at in range(0, len(args), 6)
        ]
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]})
    facts = {"id": "chatcmpl-1", "model": "m-1"}
    events: list[Any] = [{**facts, "choices": [chunk]} for chunk in chunks]
    events.append({**facts, "choices": [], "usage": reply["usage"]})
    return [*(f"data: {json.dumps(event)}\n\n".encode() for event in events), b"data: [DONE]\n\n"]


def model_of(*replies: dict[str, Any], **parameters: Any) -> tuple[ChatOpenAI, Vendor]:
    """Make a model that talks to such a vendor; answers both."""
    vendor = Vendor(*replies)
    given = {"model": "gpt-4.1-mini", "api_key": "k", "max_retries": 0, "transport": vendor}
    return ChatOpenAI(**(given | parameters)), vendor


def answer(colour: str, runnable: Any, question: Any = "hi", **settings: Any) -> Any:
    """Invoke in either colour."""
    if colour == "sync":
        return runnable.invoke(question, **settings)
    return asyncio.run(runnable.ainvoke(question, **settings))


def gathered(colour: str, runnable: Any, how: str = "stream", **settings: Any) -> list[Any]:
    """Gather a stream in either colour; `how` names the sync method."""
    if colour == "sync":
        return list(getattr(runnable, how)("hi", **settings))

    async def gather() -> list[Any]:
        return [one async for one in getattr(runnable, f"a{how}")("hi", **settings)]

    return asyncio.run(gather())
