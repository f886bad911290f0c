"""Every recorded Anthropic Messages answer, read by the codec and judged by the oracle."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from conure.messages import AIMessage, Dresser, assemble, message_chunk_to_message, sum_chunks
from conure.messages.events import Event, Failure
from conure.protocols.anthropic_messages import PROTOCOL
from tests.replay import anthropic_oracle
from tests.replay.anthropic_judge import judge, records, said_by
from tests.replay.test_chat import report
from tests.replay.traffic import body, is_stream, needs_traffic

pytestmark = needs_traffic

DIALECT = PROTOCOL.dialect()


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
    assert decoder.finished or isinstance(events[-1], Failure)
    return events


def answers() -> list[dict[str, Any]]:
    return [record for record in records() if record["status"] < 300]


def streams() -> list[dict[str, Any]]:
    return [record for record in answers() if is_stream(record)]


def test_every_answer_says_what_the_wire_says(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in answers():
        said = said_by(record)
        counted[("streamed " if is_stream(record) else "whole ") + record["api"]] += 1
        message = assemble(decode(record), provider="some")
        if found := judge(message, said) + misshown(message, said):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def misshown(message: AIMessage, said: anthropic_oracle.Said) -> list[str]:
    """Content is the API's own: a text where there is nothing but one, else the blocks."""
    blocks = [{k: v for k, v in block.items() if v is not None} for block in said.blocks]
    one = blocks[0] if len(blocks) == 1 and blocks[0]["type"] == "text" else {}
    expected: Any = blocks
    if not blocks:
        expected = ""
    elif one and not one.get("citations"):
        expected = one["text"]
    content: Any = message.content
    if isinstance(content, list):
        content = [{k: v for k, v in block.items() if v is not None} for block in content]
        expected = [_shown(block) for block in expected]
    return [] if content == expected else [f"content: {content!r:.400} is not {expected!r:.400}"]


def _shown(block: dict[str, Any]) -> dict[str, Any]:
    if block["type"] == "text" and not block.get("citations"):
        return {name: value for name, value in block.items() if name != "citations"}
    if "citations" in block:
        cited = [{k: v for k, v in c.items() if v is not None} for c in block["citations"]]
        for citation in cited:
            document = citation["type"] in ("char_location", "page_location")
            document = document or citation["type"] == "content_block_location"
            citation.setdefault("document_title" if document else "title", None)
        return {**block, "citations": cited}
    if block["type"] == "tool_use" and not isinstance(block["input"], dict):
        return {**block, "input": {}, "partial_json": block["input"]}
    return block


def test_every_stream_adds_up_to_the_same_message(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
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
        assert "".join(str(chunk.text) for chunk in chunks) == message.text
        if found := judge(message, said_by(record)):
            wrong[record["id"]] = found
    report(wrong, counted, record_property)


def test_every_stream_reads_the_same_however_it_is_cut(record_property: Any) -> None:
    spread = random.Random(2)
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in streams():
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


def test_every_error_is_told_in_the_provider_s_words(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for record in records():
        if record["status"] < 300:
            continue
        counted["errors"] += 1
        expected = anthropic_oracle.words(record["response"])
        found = PROTOCOL.read_error(body(record))
        if not expected or expected not in found.message:
            wrong[record["id"]] = [f"{found.message!r} lacks {expected!r}"]
    report(wrong, counted, record_property)
