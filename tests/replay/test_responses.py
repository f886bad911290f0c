"""Every recorded answer of the Responses API, read by the codec and judged by the oracle."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from conure.messages import (
    AIMessage,
    Dresser,
    assemble,
    blocks_of,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import Event, Failure
from conure.protocols.openai_responses import PROTOCOL
from conure.protocols.openai_responses.items import items_of
from tests.replay import responses_oracle
from tests.replay.chat_oracle import words
from tests.replay.responses_oracle import Said, plain
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, load, needs_traffic

pytestmark = needs_traffic

DIALECT = PROTOCOL.dialect()
# Each event of these has other ids; a fixture was edited in one place only.
UNLIKE_THEMSELVES = {
    "ai.openai.responses.github-copilot-id-rotation.1.0",
    "ai.openai.responses.openai-phase.1.0",
    "ai.openai.responses.openai-shell-container.1.0",
    "pydantic-ai.models.test_openai_responses.test_openai_responses_raw_cot_stream_openrouter.0",
}
# No replies: token counts, and the receipt of a deletion.
NO_REPLY = ("input_tokens", "response.deleted")


def replies() -> Iterator[dict[str, Any]]:
    """Every interaction whose answer is a reply, or was meant to be one."""
    for record in load("openai.responses"):
        wire = record.get("response")
        kind = wire.get("object", "") if isinstance(wire, dict) else ""
        if not kind.endswith(NO_REPLY):
            yield record


def successes() -> list[dict[str, Any]]:
    return [record for record in replies() if record["status"] < 300]


def decode(record: dict[str, Any]) -> list[Event]:
    if is_stream(record):
        return feed([body(record)])
    return PROTOCOL.decode(body(record), DIALECT)


def feed(pieces: list[bytes]) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    events += decoder.close()
    assert decoder.finished
    return events


def said_by(record: dict[str, Any]) -> Said:
    if is_stream(record):
        return responses_oracle.read_stream(record["response_text"])
    return responses_oracle.read_whole(record["response"])


def judge(message: AIMessage, said: Said) -> list[str]:
    """Tell what is wrong with a message, by field."""
    blocks: list[Any] = message.content_blocks
    wrong: list[str] = []

    def check(name: str, found: object, expected: object) -> None:
        if found != expected:
            wrong.append(f"{name}: {found!r:.400} is not {expected!r:.400}")

    def joined(kind: str) -> str:
        return "".join(block[kind] for block in blocks if block["type"] == kind)

    check("text", str(message.text), said.text)
    check("text blocks", joined("text"), said.text)
    check("reasoning", joined("reasoning"), said.reasoning)
    check("refusal", joined("refusal"), said.refusal)
    calls = [(call["id"], call["name"], call["args"]) for call in message.tool_calls]
    check("calls", calls, [call for call in said.calls if isinstance(call[2], dict)])
    bad = [(call["id"], call["name"], call["args"]) for call in message.invalid_tool_calls]
    check("invalid calls", bad, [call for call in said.calls if not isinstance(call[2], dict)])
    metadata = message.response_metadata
    check("finish reason", metadata.get("finish_reason"), said.finish)
    check("status", metadata.get("status"), said.status)
    check("id", (message.id, metadata.get("id")), (said.id, said.last_id))
    check("usage", counts(message), said.usage)
    notes = [note for block in blocks for note in block.get("annotations", [])]
    check("citations", [cited(note) for note in notes], said.cited)
    items = said.items
    check("items", plain(items_of(blocks_of(message), shown=True)), plain(items))
    check("content", seen(message.content), [kind for item in items for kind in kinds(item)])
    return wrong


def cited(note: dict[str, Any]) -> str:
    if note["type"] == "citation":
        return note["url"] if "url" in note else note["extras"]["file_id"]
    return note["value"]["file_id"]


def counts(message: AIMessage) -> dict[str, int] | None:
    usage = message.usage_metadata
    if usage is None:
        return None
    found = {name.removesuffix("_tokens"): n for name, n in usage.items() if isinstance(n, int)}
    for place, name in (
        ("input_token_details", "cache_read"),
        ("output_token_details", "reasoning"),
    ):
        if name in usage.get(place, {}):
            found[name] = usage[place][name]
    return found


def kinds(item: dict[str, Any]) -> list[str]:
    """Name the elements of content that an item becomes."""
    if item["type"] != "message" or item.get("role") != "assistant":
        return [item["type"]]
    return [part["type"].replace("output_text", "text") for part in item["content"]]


def seen(content: Any) -> list[str]:
    return [element["type"] for element in content]


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        said = said_by(record)
        events = decode(record)
        if said.error is not None:
            counted["errors inside a 200"] += 1
            failures = [event for event in events if isinstance(event, Failure)]
            if len(failures) != 1 or said.error not in failures[0].message:
                wrong[record["id"]] = [f"not one failure in the provider's words: {failures}"]
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
        decoder = PROTOCOL.decoder(DIALECT)
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
        whole = comparable(feed([data]))
        cuts = sorted(spread.randrange(len(data)) for _ in range(20))
        ways = {"split": [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]}
        if len(data) < 6000:
            ways["bytewise"] = [data[n : n + 1] for n in range(len(data))]
        ways["CRLF"] = [data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]
        for way, pieces in ways.items():
            counted[way] += 1
            if comparable(feed(pieces)) != whole:
                wrong[record["id"]] = [way]
    report(wrong, counted, record_property)


def comparable(events: list[Event]) -> dict[str, Any]:
    message = assemble(events)
    return {
        "content": message.content,
        "blocks": message.content_blocks,
        "metadata": message.response_metadata,
        "usage": message.usage_metadata,
    }


def test_every_stream_says_the_same_as_its_last_event_does(record_property: Any) -> None:
    """The last event holds the whole reply: read alone, it makes the same message."""
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in successes():
        if not is_stream(record) or said_by(record).error is not None:
            continue
        whole = last_response(record)
        if not whole.get("output"):
            counted["without a whole reply"] += 1
            continue
        if record["id"] in UNLIKE_THEMSELVES:
            counted["unlike themselves"] += 1
            continue
        counted["compared"] += 1
        streamed, told = (
            assemble(feed([body(record)])),
            assemble(PROTOCOL.decode(json.dumps(whole).encode(), DIALECT)),
        )
        for name in ("tool_calls", "usage_metadata", "id"):
            if getattr(streamed, name) != getattr(told, name):
                wrong[record["id"]] = [
                    f"{name}: {getattr(streamed, name)!r:.300} is not {getattr(told, name)!r:.300}"
                ]
        left, right = unsealed(streamed), unsealed(told)
        if left != right:
            unlike = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
            wrong[record["id"]] = [f"blocks {len(left)}/{len(right)}: {unlike!r:.700}"]
    report(wrong, counted, record_property)


def unsealed(message: AIMessage) -> list[Any]:
    """Give the blocks without what is sealed anew each time it is told, or gets another id."""
    blocks: list[Any] = message.content_blocks
    for block in blocks:
        for name in ("encrypted_content", "fingerprint"):
            (block.get("value") or {}).pop(name, None)
        if (extras := block.get("extras")) and extras.pop("encrypted_content", None) and not extras:
            del block["extras"]
    return blocks


def last_response(record: dict[str, Any]) -> dict[str, Any]:
    return responses_oracle.stream(record["response_text"])[-1]["response"]


def test_every_error_is_told_in_the_provider_s_words(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in replies():
        if record["status"] < 300:
            continue
        counted["errors"] += 1
        expected = words(record["response"])
        found = PROTOCOL.read_error(body(record))
        if not expected or expected not in found.message:
            wrong[record["id"]] = [f"{found.message!r} lacks {expected!r}"]
    report(wrong, counted, record_property)
