"""How much of our own code runs: counts that no busy machine can blur.

Counted with `sys.setprofile`: functions of conure entered, and generators that went on. What a
call does before its first byte is counted by tests/architecture/test_walk.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import conure
from conure.agents import create_agent
from conure.messages import AIMessage, AIMessageChunk
from conure.openai import ChatOpenAI
from conure.testing import FunctionChatModel
from conure.tools import tool
from conure.wire.http import Head

PACKAGE = str(Path(conure.__file__).parent)

# One call, whole: docs/decisions/0005-call-counts.md says why.
MOST_PER_INVOKE = 140
# One event among many of one read; a read of its own costs about twenty more.
MOST_PER_EVENT = 6
MOST_PER_LONE_EVENT = 26
# Binding and reading values add this much to a plain call.
MOST_FOR_TOOLS = 40
MOST_FOR_VALUES = 100
# A step of the model and a step of the tools, beyond what both cost alone.
MOST_PER_ROUND = 200
CALL: Any = {"type": "tool_call", "name": "add", "args": {"a": 1, "b": 2}, "id": "1"}


class Answers:
    """A transport that answers from memory, in the pieces given."""

    def __init__(self, *pieces: bytes, kind: str = "application/json") -> None:
        self.pieces = pieces
        self.kind = kind
        self.left: list[bytes] = []

    def exchange(self) -> Answers:
        return self

    def send(self, request: Any, timeouts: Any) -> Head:
        self.left = list(self.pieces)
        return Head(200, {"content-type": self.kind})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass


def entered(call: Callable[[], Any]) -> int:
    """Count the functions of ours that a call enters, once it has been made before."""
    call()
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            count += 1

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return count


def model(transport: Answers, **settings: Any) -> ChatOpenAI:
    return ChatOpenAI(model="m", api_key="k", transport=transport, **settings)


def whole(message: dict[str, Any]) -> bytes:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    facts = {"id": "chatcmpl-1", "model": "m-1", "created": 1, "service_tier": "default"}
    return json.dumps({**facts, "choices": [choice], "usage": usage}).encode()


def events(deltas: list[dict[str, Any]]) -> list[bytes]:
    chunks = [
        {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return [
        *(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in [*chunks, end]),
        b"data: [DONE]\n\n",
    ]


def test_one_call() -> None:
    answering = model(Answers(whole({"role": "assistant", "content": "hello"})))
    assert entered(lambda: answering.invoke("hi").content) <= MOST_PER_INVOKE


def test_tools_that_are_bound_cost_next_to_nothing() -> None:
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    function = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
    call = {"id": "call_1", "type": "function", "function": function}
    transport = Answers(whole({"role": "assistant", "content": None, "tool_calls": [call]}))
    plain, bound = model(transport), model(transport).bind_tools([add])
    without = entered(lambda: plain.invoke("hi").tool_calls)
    assert entered(lambda: bound.invoke("hi").tool_calls) - without <= MOST_FOR_TOOLS


def test_values_cost_next_to_nothing() -> None:
    schema = {"title": "Sum", "type": "object", "properties": {"sum": {"type": "integer"}}}
    answering = model(Answers(whole({"role": "assistant", "content": '{"sum": 3}'})))
    structured = answering.with_structured_output(schema)
    without = entered(lambda: answering.invoke("hi").content)
    assert entered(lambda: structured.invoke("hi")) - without <= MOST_FOR_VALUES


def items(count: int) -> list[bytes]:
    """Give a stream of the other API: a message of so many words."""
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    part = {"type": "output_text", "text": "word" * count, "annotations": []}
    response = {"id": "resp_1", "status": "completed", "output": [item | {"content": [part]}]}
    told = [
        {"type": "response.created", "response": {"id": "resp_1", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": "response.output_text.delta", **at, "delta": "word"} for _ in range(count)),
        {"type": "response.completed", "response": response},
    ]
    return [
        f"event: {e['type']}\ndata: {json.dumps(e, separators=(',', ':'))}\n\n".encode()
        for e in told
    ]


def per_event(make: Callable[[int], list[bytes]], *, lone: bool, **settings: Any) -> float:
    def stream(count: int) -> int:
        pieces = make(count) if lone else [b"".join(make(count))]
        answering = model(Answers(*pieces, kind="text/event-stream"), **settings)
        return entered(lambda: [chunk.content for chunk in answering.stream("hi")])

    return (stream(400) - stream(200)) / 200


def texts(count: int) -> list[bytes]:
    return events([{"content": "word"}] * count)


def arguments(count: int) -> list[bytes]:
    return events([{"tool_calls": [{"index": 0, "function": {"arguments": "1234"}}]}] * count)


def test_each_event_of_a_stream() -> None:
    assert per_event(texts, lone=False) <= MOST_PER_EVENT
    assert per_event(arguments, lone=False) <= MOST_PER_EVENT
    assert per_event(items, lone=False, use_responses_api=True) <= MOST_PER_EVENT


def test_each_event_that_comes_alone() -> None:
    assert per_event(texts, lone=True) <= MOST_PER_LONE_EVENT
    assert per_event(arguments, lone=True) <= MOST_PER_LONE_EVENT
    assert per_event(items, lone=True, use_responses_api=True) <= MOST_PER_LONE_EVENT


def test_adding_chunks_is_linear() -> None:
    def total(count: int) -> int:
        pieces = [
            AIMessageChunk(
                "", tool_call_chunks=[{"name": None, "args": "12", "id": None, "index": 0}]
            )
            for _ in range(count)
        ]

        def add() -> Any:
            full = pieces[0]
            for piece in pieces[1:]:
                full = full + piece
            return full.tool_call_chunks

        return entered(add)

    assert total(2000) <= 2.2 * total(1000)


def test_a_round_of_an_agent() -> None:
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    def run(rounds: int) -> int:
        def answer(messages: Any) -> Any:
            if len(messages) > 2 * rounds:
                return AIMessage("done", usage_metadata=usage)
            call = {"name": "add", "args": {"a": 1, "b": 2}, "id": str(len(messages))}
            return AIMessage("", tool_calls=[call], usage_metadata=usage)

        agent = create_agent(FunctionChatModel(answer), [add])
        return entered(lambda: agent.invoke({"messages": "hi"}))

    # Told by the model, so that it need not count the words of the history.
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    reply = AIMessage("", tool_calls=[CALL], usage_metadata=usage)
    alone = FunctionChatModel(lambda _: reply).bind_tools([add])
    asked = entered(lambda: alone.invoke("hi").tool_calls)
    called = entered(lambda: tool(add).invoke(CALL)) - entered(lambda: tool(add))
    # Between 10 and 20 rounds, so that what a run costs once is not counted.
    loop = (run(20) - run(10)) / 10 - asked - called
    assert loop <= MOST_PER_ROUND
