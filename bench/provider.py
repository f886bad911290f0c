"""A provider on loopback, rendered beforehand so that the clients are what is measured.

POST /<kind>-<pieces>-<gap>/v1/chat/completions answers with a text or a tool call cut in `pieces`,
/v1/responses with a text; streams come in as few writes as fit or, with a `gap` (about so many
microseconds), one for each event, as from a real model. `python provider.py` prints its port and
serves until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

__all__ = ["REPLY", "pieces"]

SENTENCE = "The parrot says again what it heard, and now and then it adds a wörd of its own. "
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
STREAMING = re.compile(rb'"stream": ?true')
HEADERS = "x-request-id: req_0123456789abcdef0123456789abcdef\r\nopenai-processing-ms: 1420\r\n\r\n"
USAGE: dict[str, Any] = {"prompt_tokens": 19, "completion_tokens": 600, "total_tokens": 619}
USAGE |= {"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}


def pieces(kind: str, count: int) -> list[str]:
    """Give what a client must put together again: words, or four-character pieces of JSON."""
    if kind == "text":
        words = re.findall(r"\S+ ", SENTENCE)
        return [words[i % len(words)] for i in range(count)]
    arguments = ('{"said":"' + "squawk " * count)[: count * 4 - 2] + '"}'
    return [arguments[i : i + 4] for i in range(0, count * 4, 4)]


REPLY = "".join(pieces("text", 600))


def envelope(kind: str, choices: list[Any], **fields: Any) -> bytes:
    head = {"id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "object": kind, "created": 1741569952}
    head |= {"model": "gpt-4.1", "system_fingerprint": "fp_44709d6fcb", "choices": choices}
    return json.dumps(head | fields).encode()


@cache
def whole() -> bytes:
    message = {"role": "assistant", "content": REPLY, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = envelope("chat.completion", [choice], usage=USAGE)
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return (head + HEADERS).encode() + body


@cache
def stream(kind: str, count: int) -> list[bytes]:
    """Give a reply as it is written to the socket: the head, then an HTTP chunk per event."""

    def event(data: bytes) -> bytes:
        return b"%x\r\ndata: %s\n\n\r\n" % (len(data) + 8, data)

    def chunk(finish: str | None = None, **delta: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event(envelope("chat.completion.chunk", [choice], usage=None))

    def call(arguments: str, **more: Any) -> dict[str, Any]:
        name = {"name": "repeat"} if more else {}
        return {"index": 0, **more, "function": {**name, "arguments": arguments}}

    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    events = [(head + HEADERS).encode(), chunk(role="assistant", content="")]
    if kind == "text":
        events += [chunk(content=piece) for piece in pieces(kind, count)]
    else:
        events.append(chunk(tool_calls=[call("", id="call_B9MBs8CjcvOU2jLn", type="function")]))
        events += [chunk(tool_calls=[call(piece)]) for piece in pieces(kind, count)]
    events += [chunk("stop"), event(envelope("chat.completion.chunk", [], usage=USAGE))]
    return [*events, event(b"[DONE]"), b"0\r\n\r\n"]


@cache
def items_whole() -> bytes:
    """Give the same reply by the other API."""
    body = json.dumps(response(REPLY)).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return (head + HEADERS).encode() + body


def response(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"id": "msg_67ccd2bf17f0819081ff3bb2cf6508e6", "type": "message"}
    item |= {"status": "completed", "role": "assistant", "content": [part] if text else []}
    usage: dict[str, Any] = {"input_tokens": 19, "output_tokens": 600, "total_tokens": 619}
    usage |= {"input_tokens_details": {"cached_tokens": 0}}
    facts = {"id": "resp_67ccd2bed1ec8190b14f964abc054267", "object": "response"}
    facts |= {"created_at": 1741476542, "model": "gpt-4.1", "status": "completed"}
    return facts | {"output": [item], "usage": usage}


@cache
def items_stream(count: int) -> list[bytes]:
    """Give the same stream by the other API."""
    whole = response("".join(pieces("text", count)))
    (item,) = whole["output"]
    at = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    opening = whole | {"status": "in_progress", "output": [], "usage": None}
    begun = item | {"status": "in_progress", "content": []}
    told: list[dict[str, Any]] = [
        {"type": "response.created", "response": opening},
        {"type": "response.output_item.added", "output_index": 0, "item": begun},
        *(
            {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
            for piece in pieces("text", count)
        ),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    events = [(head + HEADERS).encode()]
    for number, event in enumerate(told):
        wire = json.dumps(event | {"sequence_number": number}, separators=(",", ":"))
        data = f"event: {event['type']}\ndata: {wire}\n\n".encode()
        events.append(b"%x\r\n%b\r\n" % (len(data), data))
    return [*events, b"0\r\n\r\n"]


class Connection(asyncio.Protocol):
    """One client's connection: one request after the other."""

    def connection_made(self, transport: Any) -> None:
        self.out, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not (found and length and len(body) >= int(length[1])):
            return
        self.received = b""
        target = head.split(b" ", 2)[1].decode()
        kind, count, gap = target.split("/")[1].split("-")
        in_items = target.endswith("/responses")
        if not STREAMING.search(body):
            self.out.write(items_whole() if in_items else whole())
            return
        events = items_stream(int(count)) if in_items else stream(kind, int(count))
        if gap == "0":
            self.out.writelines(events)
        else:
            self.drip(iter(events), int(gap) / 1e6)

    def drip(self, events: Iterator[bytes], gap: float) -> None:
        event = next(events, None)
        if event and not self.out.is_closing():
            self.out.write(event)
            asyncio.get_running_loop().call_later(gap, self.drip, events, gap)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
