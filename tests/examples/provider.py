"""A provider on the loopback: it answers each request with the next of its replies.

A `Reply` is plain data and is written as the request asks for it: whole or streamed, by Chat
Completions; `/v1/messages` and `/v1/responses` are answered whole, from `messages` and
`responses`. The last reply answers all that follow. `Provider` may serve several scripts at
once, each under its own path: `provider.at("name")`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from tests.live.server import Connection, FaultServer, Seen, reply, sse

__all__ = ["Provider", "Reply", "Script", "call"]

USAGE = {
    "prompt_tokens": 8,
    "completion_tokens": 10,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}


def call(name: str, arguments: Any, id: str, *pieces: str) -> dict[str, Any]:
    """Make a tool call; `pieces` are its arguments as they are streamed."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"name": name, "arguments": text, "id": id, "pieces": list(pieces) or _sliced(text)}


@dataclass
class Reply:
    """What the provider says. With `echo` the text is `"re: "` and the last message."""

    text: str | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    pieces: list[str] | None = None
    """the text as it is streamed; word by word unless given"""
    echo: bool = False
    status: int = 200
    body: Any = None
    """sent as it is, for errors and for what is unusual"""
    events: list[Any] | None = None
    """the same for streams"""
    headers: dict[str, str] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=lambda: dict(USAGE))
    finish: str | None = None
    model: str = ""
    message: dict[str, Any] = field(default_factory=dict)
    choice: dict[str, Any] = field(default_factory=dict)
    top: dict[str, Any] = field(default_factory=dict)
    """more fields of the message, of the choice, of the whole"""

    def answer(self, seen: Seen) -> list[bytes]:
        asked = seen.json()
        if self.body is not None:
            return [reply(self.body, self.status, self.headers)]
        if self.events is not None:
            return sse(*self.events)
        text = f"re: {asked['messages'][-1]['content']}" if self.echo else self.text
        if asked.get("stream"):
            return sse(*self._events(asked, text), "[DONE]")
        return [reply(self._whole(asked, text), 200, self.headers)]

    def _finish(self) -> str:
        return self.finish or ("tool_calls" if self.calls else "stop")

    def _head(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "created": 1,
            "model": self.model or f"{asked['model']}-2025",
            "system_fingerprint": "fp_1",
            **self.top,
        }

    def _whole(self, asked: Mapping[str, Any], text: str | None) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if self.calls:
            message["tool_calls"] = [_function(call, call["arguments"]) for call in self.calls]
        choice = {
            "index": 0,
            "message": {**message, **self.message},
            "logprobs": None,
            "finish_reason": self._finish(),
            **self.choice,
        }
        head = {**self._head(asked), "object": "chat.completion"}
        return {**head, "choices": [choice], "usage": self.usage}

    def _events(self, asked: Mapping[str, Any], text: str | None) -> Iterator[Any]:
        head = {**self._head(asked), "object": "chat.completion.chunk"}

        def event(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return {**head, "choices": [{**choice, **(self.choice if delta else {})}]}

        opening = "" if text is not None else None
        yield event({"role": "assistant", "content": opening, "refusal": None})
        for name, value in self.message.items():
            yield event({name: value})
        for piece in self.pieces or re.findall(r"\s*\S+|\s+$", text or ""):
            yield event({"content": piece})
        for index, made in enumerate(self.calls):
            yield event({"tool_calls": [{"index": index, **_function(made, "")}]})
            for piece in made["pieces"]:
                function = {"function": {"arguments": piece}}
                yield event({"tool_calls": [{"index": index, **function}]})
        yield event({}, self._finish())
        if (asked.get("stream_options") or {}).get("include_usage"):
            yield {**head, "choices": [], "usage": self.usage}


def _function(made: Mapping[str, Any], arguments: str) -> dict[str, Any]:
    function = {"name": made["name"], "arguments": arguments}
    return {"id": made["id"], "type": "function", "function": function}


def _sliced(text: str) -> list[str]:
    return [text[start : start + 5] for start in range(0, len(text), 5)]


@dataclass
class Script:
    """The replies to one program's requests, and the requests."""

    replies: list[Reply]
    messages: list[Any] = field(default_factory=list)
    responses: list[Any] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def answer(self, seen: Seen) -> list[bytes]:
        self.requests.append(seen)
        bodies = {"messages": self.messages, "responses": self.responses}
        last = seen.target.partition("?")[0].rpartition("/")[2]
        number = self.counts[last] = self.counts.get(last, 0) + 1
        if last in bodies:
            return [reply(_nth(bodies[last], number))]
        return _nth(self.replies, number).answer(seen)


def _nth(items: list[Any], number: int) -> Any:
    assert items, "the provider was asked for what it has no reply to"
    return items[min(number, len(items)) - 1]


class Provider:
    """See the module's docstring."""

    def __init__(self, scripts: Mapping[str, Script] | Iterable[Reply] = ()) -> None:
        if not isinstance(scripts, Mapping):
            scripts = {"v1": Script(list(scripts))}
        self.scripts = scripts
        self._server = FaultServer([self._answer])

    def at(self, name: str) -> str:
        return f"{self._server.url}/{name}"

    @property
    def port(self) -> int:
        return self._server.port

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _answer(self, connection: Connection) -> None:
        seen = connection.request
        assert seen is not None
        name = urlsplit(seen.target).path.split("/")[1]
        for action in self.scripts[name].answer(seen):
            assert isinstance(action, bytes)
            connection.send(action)
