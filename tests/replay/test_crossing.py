"""Recorded replies, told to every other protocol's models: accepted, and nothing lost in silence.

For each pair of protocols the fifty recorded replies that say the most kinds of things are put
into a history and sent across. A strict judge of the target's documented schema accepts the
request; what the wire does not say any more is what the loss report says, neither more nor less.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from conure import init_chat_model
from conure.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    assemble,
    blocks_of,
)
from conure.messages.events import Event, Failure
from tests.replay import (
    test_anthropic,
    test_bedrock,
    test_chat,
    test_cohere,
    test_gemini,
    test_ollama,
    test_responses,
)
from tests.replay.request_schemas import judge
from tests.replay.test_chat import report
from tests.replay.traffic import load, needs_traffic

pytestmark = needs_traffic

Record = dict[str, Any]
MOST = 50

# Protocol -> provider, model and settings of the target; recorded replies and how they are read.
PROTOCOLS: dict[str, tuple[str, dict[str, Any], str, Callable[[Record], list[Event]]]] = {
    "anthropic_messages": (
        "anthropic:claude-sonnet-4-5",
        {},
        "anthropic.messages",
        test_anthropic.decode,
    ),
    "bedrock_converse": (
        "bedrock_converse:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        {"region_name": "us-east-1"},
        "bedrock.converse",
        test_bedrock.decode,
    ),
    "cohere": ("cohere:command-a-03-2025", {}, "cohere.chat", test_cohere.decode),
    "gemini": ("google_genai:gemini-3-flash-preview", {}, "gemini.generate_content",
               test_gemini.decode),
    "ollama": ("ollama:llama3.2", {}, "ollama.chat", test_ollama.decode),
    "openai_chat": (
        "openai:gpt-4.1",
        {"use_responses_api": False},
        "openai.chat",
        test_chat.decode,
    ),
    "openai_responses": (
        "openai:gpt-4.1",
        {"use_responses_api": True},
        "openai.responses",
        test_responses.decode,
    ),
}  # fmt: skip
APIS = {
    "anthropic_messages": {"anthropic.messages"},
    "bedrock_converse": {"bedrock.converse"},
    "cohere": {"cohere.chat"},
    "gemini": {"gemini.generate_content"},
    "ollama": {"ollama.chat"},
    "openai_chat": {"openai.chat"},
    "openai_responses": {"openai.responses"},
}
PAIRS = [(a, b) for a in PROTOCOLS for b in PROTOCOLS if a != b]
# What every protocol has a place for.
UNIVERSAL = {"text", "refusal", "tool_call", "invalid_tool_call"}
SEALS = (
    "encrypted_content", "redacted_data", "signature", "thought_signature",
)  # fmt: skip


@cache
def replies(protocol: str) -> list[AIMessage]:
    """Give the recorded replies that say the most kinds of things."""
    target, _, family, decode = PROTOCOLS[protocol]
    found: list[tuple[int, str, AIMessage]] = []
    for record in load(family):
        if record["status"] >= 300 or record["api"] not in APIS[protocol]:
            continue
        if record["method"] == "DELETE":
            continue  # what it answers is no reply
        try:
            events = decode(record)
        except AssertionError:
            continue  # shortened by hand
        if any(isinstance(event, Failure) for event in events):
            continue
        message = assemble(events, provider=f"elsewhere_{target.partition(':')[0]}")
        kinds = {kind for kind, _ in facts(message)}
        if kinds:
            found.append((-len(kinds), record["id"], message))
    found.sort(key=lambda each: each[:2])
    return [message for _, _, message in found[:MOST]]


def history(reply: AIMessage) -> list[BaseMessage]:
    calls = [*reply.tool_calls, *reply.invalid_tool_calls]
    answers = [ToolMessage("42", str(call["id"]), name=call["name"]) for call in calls]
    return [HumanMessage("before"), reply, *answers, HumanMessage("after")]


def facts(message: AIMessage) -> Iterator[tuple[str, str]]:
    """Give what a message says: kinds, and what each looks like on any wire, in JSON."""
    for block in blocks_of(message):
        kind, extras = block["type"], block.get("extras") or {}
        seals = [extras[name] for name in SEALS if extras.get(name)]
        if kind in ("text", "reasoning", "refusal"):
            words = block.get(kind) or ""
            if words.strip():
                yield kind, json.dumps(words.rstrip(), ensure_ascii=False)[1:-1]
            elif seals and kind == "reasoning":
                yield kind, json.dumps(seals[0])
                seals = []
        elif kind in ("tool_call", "invalid_tool_call"):
            yield kind, json.dumps(block.get("name"))
        elif kind in ("image", "audio", "video", "file"):
            yield kind, json.dumps(block.get("base64") or block.get("url"))[1:-1]
        else:
            # What is sealed in it is a part of it.
            yield kind, json.dumps(block.get("id") or block.get("tool_call_id") or "-")
            seals = []
        yield from (("signature", json.dumps(seal)) for seal in seals)
        for note in block.get("annotations") or ():
            yield "citation", json.dumps(note.get("url") or note.get("cited_text") or "-")


@pytest.mark.parametrize("came, goes", PAIRS, ids=[f"{a}-to-{b}" for a, b in PAIRS])
def test_a_reply_goes_on_elsewhere(came: str, goes: str, record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    target, settings, _, _ = PROTOCOLS[goes]
    model = init_chat_model(target, api_key="k", **settings)
    for number, reply in enumerate(replies(came)):
        counted["histories"] += 1
        shown = model.preview(history(reply))
        wire = json.dumps(shown.body, ensure_ascii=False)
        left = Counter(kind for kind, looks in facts(reply) if looks not in wire)
        told = Counter(loss.what for loss in shown.losses)
        # A thought in the words of the answer cannot be missed.
        said = "\0".join(looks for kind, looks in facts(reply) if kind == "text")
        told -= Counter(
            kind for kind, looks in facts(reply) if kind == "reasoning" and looks in said
        )
        left -= Counter(
            kind for kind, looks in facts(reply) if kind == "reasoning" and looks in said
        )
        counted["things left behind"] += left.total()
        found = [f"schema: {said}"] if (said := judge(goes, shown.body)) else []
        if left != told:
            found.append(f"missing: {dict(left)}, told: {dict(told)}")
        if not UNIVERSAL.isdisjoint(left):
            found.append(f"could have been said: {UNIVERSAL & left.keys()}")
        if found:
            wrong[f"{reply.id} ({number})"] = found
    assert counted["histories"] == len(replies(came)) > 0
    report(wrong, counted, record_property)
