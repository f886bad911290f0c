"""Every recorded Chat Completions answer, read by the codec and judged by the oracle."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pytest

from conure import providers
from conure.messages import AIMessage, Dresser, assemble, message_chunk_to_message, sum_chunks
from conure.messages.events import Event, Failure
from conure.protocols.openai_chat import PROTOCOL
from tests.replay import chat_oracle
from tests.replay.chat_oracle import Said
from tests.replay.traffic import body, chat, is_stream, needs_traffic

pytestmark = needs_traffic

# The rows of the makers of other APIs, and of the hosts of their models.
HOSTS = {
    "anthropic.messages": "anthropic",
    "anthropic.messages@bedrock": "anthropic_bedrock",
    "anthropic.messages@vertex": "google_anthropic_vertex",
    "bedrock.converse": "bedrock_converse",
    "cohere.chat": "cohere",
    "gemini.generate_content": "google_genai",
    "gemini.generate_content@vertex": "google_vertexai",
    "ollama.chat": "ollama",
}
# The vendor's row, where it is not called like the `@vendor` of the recordings.
ROWS = {
    "azure": "azure_openai",
    "azure-foundry": "azure_ai",
    "bedrock-mantle": "bedrock_mantle_openai",
    "chatgpt": "openai",
    "copilot": "github_copilot",
    "google": "google_openai",
    "ollama": "ollama_openai",
}


def row_of(record: dict[str, Any]) -> str:
    """Name the row of the vendor that gave a recorded answer."""
    if host := HOSTS.get(record["api"]):
        return host
    vendor = record["api"].partition("@")[2] or "openai"
    row = providers.canonical(ROWS.get(vendor, vendor))
    assert row is not None, vendor
    return row


def dialect_of(record: dict[str, Any]) -> Any:
    return providers.find(row_of(record)).dialect


def decode(record: dict[str, Any]) -> list[Event]:
    if is_stream(record):
        return feed(record, [body(record)])
    return PROTOCOL.decode(body(record), dialect_of(record))


def feed(record: dict[str, Any], pieces: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(dialect_of(record))
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    events += decoder.close()
    assert decoder.finished
    return events


def said_by(record: dict[str, Any]) -> Said:
    if is_stream(record):
        return chat_oracle.read_stream(record["response_text"])
    return chat_oracle.read_whole(record["response"])


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks = message.content_blocks
    texts = "".join(block["text"] for block in blocks if block["type"] == "text")
    thoughts = "".join(block["reasoning"] for block in blocks if block["type"] == "reasoning")
    refusals = "".join(block["refusal"] for block in blocks if block["type"] == "refusal")
    good = [call for call in said.calls if isinstance(call[2], dict)]
    bad = [call for call in said.calls if not isinstance(call[2], dict)]
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    check("text", str(message.text), said.text)
    check("text blocks", texts, said.text)
    check("reasoning", thoughts, said.reasoning)
    check("refusal", refusals, said.refusal)
    calls = [(call["name"], call["args"]) for call in message.tool_calls]
    check("calls", calls, [(name, args) for _, name, args in good])
    for call, (given, _, _) in zip(message.tool_calls, good, strict=False):
        if given is not None:
            check("id", call["id"], given)
        elif not call["id"]:
            wrong.append("a call without an id")
    ids = [call["id"] for call in message.tool_calls]
    if len({*ids}) < len({given or n for n, (given, _, _) in enumerate(good)}):
        wrong.append(f"ids are not unique: {ids}")
    invalid = [(call["id"], call["name"], call["args"]) for call in message.invalid_tool_calls]
    check("invalid calls", invalid, bad)
    check("finish reason", message.response_metadata.get("finish_reason"), said.finish)
    usage = message.usage_metadata
    check("usage", usage is None, said.usage is None)
    if usage is not None and said.usage is not None:
        found = {name.removesuffix("_tokens"): n for name, n in usage.items() if isinstance(n, int)}
        found |= {
            k: v for k, v in usage.get("input_token_details", {}).items() if k == "cache_read"
        }
        found |= {
            k: v for k, v in usage.get("output_token_details", {}).items() if k == "reasoning"
        }
        check("usage", found, said.usage)
    return wrong + judge_extras(blocks, said)


def judge_extras(blocks: list[Any], said: Said) -> list[str]:
    """Tell what is wrong with what is neither text nor call."""
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.300} is not {expected!r:.300}")

    annotations = [note for block in blocks for note in block.get("annotations", [])]
    cited = [note["url"] for note in annotations if note["type"] == "citation"]
    if said.text:
        check("citations", cited, said.urls)
    check("images", sum(block["type"] == "image" for block in blocks), said.images)
    check(
        "audio",
        [b.get("id") for b in blocks if b["type"] == "audio"],
        [said.audio] if said.audio else [],
    )
    if said.details:
        kept = [
            b["extras"]["reasoning_details"]
            for b in blocks
            if "reasoning_details" in b.get("extras", {})
        ]
        check("reasoning_details", len(kept), 1)
    return wrong


def successes() -> list[dict[str, Any]]:
    return [record for record in chat() if record["status"] < 300]


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        said = said_by(record)
        events = decode(record)
        if said.error is not None:
            counted["errors inside a 200"] += 1
            failure = events[-1]
            if not isinstance(failure, Failure) or said.error not in failure.message:
                wrong[record["id"]] = [f"no failure, or not in the provider's words: {failure}"]
            continue
        counted["streamed" if is_stream(record) else "whole"] += 1
        if found := judge(assemble(events, provider="some"), said):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_adds_up_to_the_same_message(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        if not is_stream(record) or (said := said_by(record)).error is not None:
            continue
        counted["streamed"] += 1
        dresser = Dresser(id="lc_run--1", provider="some")
        decoder = PROTOCOL.decoder(dialect_of(record))
        data = body(record)
        chunks = []
        for start in range(0, len(data), 1000):
            chunks += dresser.feed(decoder.feed(data[start : start + 1000]))
        chunks += dresser.feed(decoder.close())
        chunks.append(dresser.close())
        message = message_chunk_to_message(sum_chunks(chunks))
        assert isinstance(message, AIMessage)
        if found := judge(message, said):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        if not is_stream(record) or said_by(record).error is not None:
            continue
        data = body(record)
        whole = comparable(feed(record, [data]))
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {"split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]}
        if len(data) < 6000:
            ways["bytewise"] = [data[n : n + 1] for n in range(len(data))]
        ways["CRLF"] = [data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]
        for way, pieces in ways.items():
            counted[way] += 1
            if comparable(feed(record, pieces)) != whole:
                wrong[record["id"]] = [way]
    report(wrong, counted, record_property)


def comparable(events: list[Event]) -> dict[str, Any]:
    message = assemble(events)
    blocks: list[dict[str, Any]] = [{**block} for block in message.content_blocks]
    for block in blocks:
        if re.fullmatch("call_[0-9a-f]{24}", str(block.get("id"))):
            block["id"] = "made up"
    return {
        "content": message.content,
        "blocks": blocks,
        "metadata": message.response_metadata,
        "usage": message.usage_metadata,
    }


def test_every_error_is_told_in_the_provider_s_words(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in chat():
        if record["status"] < 300:
            continue
        counted["errors"] += 1
        expected = chat_oracle.words(record["response"])
        found = PROTOCOL.read_error(body(record))
        if not expected or expected not in found.message:
            wrong[record["id"]] = [f"{found.message!r} lacks {expected!r}"]
    report(wrong, counted, record_property)


def report(wrong: dict[str, list[str]], counted: Counter[str], record_property: Any) -> None:
    total = sum(counted.values())
    summary = f"{total - len(wrong)} of {total}: " + ", ".join(
        f"{n} {k}" for k, n in counted.items()
    )
    record_property("passed", summary)
    print(summary)
    if wrong:
        shown = [f"{name}: {'; '.join(what)}" for name, what in list(wrong.items())[:12]]
        pytest.fail(f"{summary}\n" + "\n".join(shown))
