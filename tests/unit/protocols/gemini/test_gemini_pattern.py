"""Chunks that repeat are not parsed again, and say the same as if they were."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages import assemble
from conure.messages.events import BlockDelta, Event
from conure.protocols.gemini import PROTOCOL
from conure.protocols.gemini.pattern import learn
from conure.protocols.gemini.reply import Reply

DIALECT = PROTOCOL.dialect()
WORDS = [
    "a ",
    'say "hi"\n',
    "\\",
    "ü€🙂",
    '"}],"role":"model"},"index":0}],',
    "",
    "b",
    "\\u0041",
    " c",
]


def chunk(text: str, count: int, **more: Any) -> dict[str, Any]:
    part = {"text": text, **more.pop("part", {})}
    return {
        "candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0, **more}],
        "usageMetadata": {
            "promptTokenCount": 9,
            "candidatesTokenCount": count,
            "totalTokenCount": 9 + count,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
        },
        "modelVersion": "gemini-2.5-flash",
        "responseId": "r1",
    }


def feed(chunks: list[Any], *, spaced: bool = False) -> list[Event]:
    separators = (", ", ": ") if spaced else (",", ":")
    lines = [json.dumps(c, separators=separators, ensure_ascii=False) for c in chunks]
    decoder = PROTOCOL.decoder(DIALECT)
    data = "".join(f"data: {line}\r\n\r\n" for line in lines).encode()
    events: list[Event] = []
    for start in range(0, len(data), 4096):
        events += decoder.feed(data[start : start + 4096])
    return events + decoder.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give the chunks that are read the general way."""
    seen: list[Any] = []
    read = Reply.read

    def note(self: Reply, wire: dict[str, Any]) -> None:
        seen.append(wire)
        read(self, wire)

    monkeypatch.setattr(Reply, "read", note)
    return seen


@pytest.mark.parametrize("spaced", [True, False])
def test_a_long_text_is_hardly_parsed(spaced: bool, parsed: list[Any]) -> None:
    chunks = [chunk(f"{n} ", n) for n in range(1, 200)]
    chunks.append(chunk("end", 200, finishReason="STOP"))
    message = assemble(feed(chunks, spaced=spaced))
    assert message.text == "".join(f"{n} " for n in range(1, 200)) + "end"
    assert message.usage_metadata
    assert message.usage_metadata["output_tokens"] == 200
    assert len(parsed) < 10


def test_any_text_comes_out_the_same(parsed: list[Any]) -> None:
    chunks = [chunk(word, n) for n, word in enumerate(WORDS * 5)]
    events = feed([*chunks, chunk("", 99, finishReason="STOP")])
    message = assemble(events)
    assert message.text == "".join(WORDS * 5)
    assert len(parsed) < len(chunks)


def test_the_counts_of_the_last_chunk_are_read_though_the_stream_broke_off() -> None:
    message = assemble(feed([chunk("a", n) for n in range(1, 30)]))
    assert message.usage_metadata
    assert message.usage_metadata["output_tokens"] == 29


def test_thoughts_and_what_follows_them() -> None:
    thought = {"thought": True}
    chunks = [chunk("h", n, part=thought) for n in range(9)]
    chunks += [chunk("t", n) for n in range(9)]
    chunks += [chunk("s", 1, part={"thoughtSignature": "x"})]
    chunks += [chunk("u", n) for n in range(9)]
    chunks += [
        {**chunk("other", 1), "candidates": [{**chunk("o", 1)["candidates"][0], "index": 1}]}
    ]
    chunks += [chunk("v", n) for n in range(9)]
    message = assemble(feed([*chunks, chunk("", 9, finishReason="STOP")]))
    blocks = [(b["type"], b.get("reasoning") or b.get("text")) for b in message.content_blocks]
    assert blocks == [
        ("reasoning", "h" * 9),
        ("text", "t" * 9),
        ("text", "s"),
        ("text", "u" * 9 + "v" * 9),
    ]


def test_citations_find_text_that_was_not_parsed() -> None:
    chunks: list[Any] = [chunk("ab ", n) for n in range(20)]
    support = {"segment": {"startIndex": 57, "endIndex": 60, "text": "ab "}}
    grounding = {
        "groundingChunks": [{"web": {"uri": "u"}}],
        "groundingSupports": [{**support, "groundingChunkIndices": [0]}],
    }
    chunks.append(chunk("!", 20, finishReason="STOP", groundingMetadata=grounding))
    [block] = assemble(feed(chunks)).content_blocks
    [note] = block["annotations"]  # type: ignore[typeddict-item]
    assert (note["start_index"], note["end_index"]) == (57, 60)


@pytest.mark.parametrize(
    "frame",
    [
        b'{"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b"}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":"s"}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}',
        b'{"x":{"text":"a"},"candidates":[{"content":{"parts":[{"text":"a"}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"te\\u0078t":"a"}]}}]}',
        b'{"candidates":[{"content":{"parts":[{"text":"a\\""}]}}]}',
    ],
)
def test_what_is_not_plain_has_no_pattern(frame: bytes) -> None:
    wire = json.loads(frame)
    text = wire["candidates"][0]["content"]["parts"][0]["text"]
    assert learn(frame, wire, BlockDelta(0, "text", text)) is None
