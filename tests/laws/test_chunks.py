"""Chunks add up: in any grouping, in linear time, to the message that `invoke` answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from conure.messages import (
    AIMessage,
    AIMessageChunk,
    Draft,
    Dresser,
    assemble,
    blocks_of,
    message_chunk_to_message,
    sum_chunks,
)
from conure.messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Event,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)

ID, PROVIDER = "lc_run--1", "somewhere"


def as_list(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show content as blocks, as a provider with a shape of its own does."""
    return [{k: v for k, v in block.items() if k != "index"} for block in blocks]


# -- what may come ----------------------------------------------------------------------------

texts = st.text(max_size=8)
arguments = st.dictionaries(st.text(max_size=3), st.integers() | texts, max_size=3)


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)] or [text]


@st.composite
def block_events(draw: st.DrawFn, index: int) -> list[Event]:
    kind = draw(st.sampled_from(["text", "reasoning", "refusal", "call", "cut", "image", "server"]))
    cuts = draw(st.lists(st.integers(0, 50), max_size=4))
    if kind in ("text", "reasoning", "refusal"):
        start: list[Event] = draw(
            st.sampled_from([[], [BlockStart(index, {"type": kind, kind: ""})]])
        )
        deltas = [BlockDelta(index, kind, piece) for piece in pieces_of(draw(texts), cuts)]
        patch = [BlockPatch(index, {"extras": {"signature": "s"}})] if draw(st.booleans()) else []
        return [*start, *deltas, *patch, BlockEnd(index)]
    if kind == "image":
        return [
            BlockStart(index, {"type": "image", "mime_type": "image/png", "base64": "AAAA"}),
            BlockEnd(index),
        ]
    text = json.dumps(draw(arguments))
    text = text[:-1] if kind == "cut" else text
    block = {"type": "tool_call_chunk", "name": f"tool{index}", "id": f"call_{index}", "args": ""}
    if kind == "server":
        block["type"] = "server_tool_call_chunk"
    deltas = [BlockDelta(index, "args", piece) for piece in pieces_of(text, cuts)]
    return [BlockStart(index, block), *deltas, BlockEnd(index)]


@st.composite
def replies(draw: st.DrawFn) -> list[Event]:
    shape = draw(st.sampled_from([None, as_list]))
    events: list[Event] = [ReplyStart(draw(st.sampled_from([None, "msg_1"])), shape)]
    queues = [draw(block_events(index)) for index in range(draw(st.integers(0, 4)))]
    opened = 0
    while any(queues):
        # Blocks open in order and may grow side by side.
        live = [i for i, queue in enumerate(queues) if queue and i <= opened]
        chosen = draw(st.sampled_from(live))
        opened = max(opened, chosen + 1)
        events.append(queues[chosen].pop(0))
    events.append(Metadata({"model_name": "m", "logprobs": {"content": [1]}}))
    if draw(st.booleans()):
        events.append(Metadata({"logprobs": {"content": [2]}}))
        events.append(UsageReport({"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}))
    events.append(UsageReport({"input_tokens": 0, "output_tokens": 2, "total_tokens": 2}))
    return [*events, Finish("stop", "stop")]


def grouped(events: list[Any], cuts: list[int]) -> Iterator[list[Any]]:
    places = sorted({0, len(events), *(cut % (len(events) + 1) for cut in cuts)})
    for a, b in pairwise(places):
        yield events[a:b]


def dressed(events: list[Event], cuts: list[int]) -> list[AIMessageChunk]:
    dresser = Dresser(id=ID, provider=PROVIDER)
    chunks = [chunk for group in grouped(events, cuts) for chunk in dresser.feed(group)]
    return [*chunks, dresser.close()]


@st.composite
def handmade(draw: st.DrawFn) -> AIMessageChunk:
    content = draw(
        st.sampled_from(
            [
                "",
                "a",
                "b",
                [],
                ["x"],
                [{"type": "text", "text": "t"}],
                [{"type": "text", "text": "t", "index": 0}],
                [{"type": "text", "text": "u", "index": 1, "id": "i"}],
                [{"type": "reasoning", "reasoning": "r", "index": 0}],
            ]
        )
    )
    calls = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from([None, "f"]),
                    "args": st.sampled_from([None, '{"a"', ":1}", ""]),
                    "id": st.sampled_from([None, "c1", "c2"]),
                    "index": st.sampled_from([None, 0, 1, "s"]),
                }
            ),
            max_size=2,
        )
    )
    usage = draw(
        st.sampled_from([None, {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}])
    )
    return AIMessageChunk(
        content,
        tool_call_chunks=calls,
        usage_metadata=usage,
        id=draw(st.sampled_from([None, "lc_a", "lc_run-b", "msg_1"])),
        name=draw(st.sampled_from([None, "n"])),
        additional_kwargs=draw(st.sampled_from([{}, {"reasoning_content": "r"}, {"k": 1}])),
        response_metadata=draw(st.sampled_from([{}, {"finish_reason": "stop"}, {"a": {"b": 1}}])),
        chunk_position=draw(st.sampled_from([None, None, None, "last"])),
    )


@st.composite
def mixed(draw: st.DrawFn) -> list[AIMessageChunk]:
    """Give some chunks of a stream with some made by hand among them."""
    born = dressed(draw(replies()), [])
    if draw(st.booleans()):
        born = born[: draw(st.integers(0, len(born)))]
    for _ in range(draw(st.integers(0, 3))):
        born.insert(draw(st.integers(0, len(born))), draw(handmade()))
    return born


def said(chunk: AIMessageChunk) -> dict[str, Any]:
    return {**chunk.model_dump(), "text": chunk.text, "content_blocks": chunk.content_blocks}


# -- what holds -------------------------------------------------------------------------------


@given(replies(), st.lists(st.integers(0, 99), max_size=6))
def test_a_draft_does_not_care_how_its_events_are_grouped(events, cuts):
    draft = Draft()
    for group in grouped(events, cuts):
        draft.feed(group)
        draft.blocks()  # looking in between changes nothing
    whole = assemble(events, id=ID, provider=PROVIDER)
    message = draft.message(id=ID, provider=PROVIDER)
    assert message == whole
    assert blocks_of(message) == blocks_of(whole)


@given(replies(), st.lists(st.integers(0, 99), max_size=6))
def test_the_sum_of_a_stream_is_what_invoke_answers(events, cuts):
    whole = assemble(events, id=ID, provider=PROVIDER)
    summed = message_chunk_to_message(sum_chunks(dressed(events, cuts)))
    assert type(summed) is AIMessage
    assert summed == whole
    assert blocks_of(summed) == blocks_of(whole)
    assert summed.content_blocks == whole.content_blocks


@given(replies(), st.lists(st.integers(0, 99), max_size=3))
def test_looking_at_a_growing_sum_does_not_change_it(events, cuts):
    full = AIMessageChunk("")
    for chunk in dressed(events, cuts):
        said(chunk)
        full = full + chunk
        said(full)
    assert full.message() == assemble(events, id=ID, provider=PROVIDER)


@given(st.lists(handmade(), min_size=3, max_size=5), st.integers(1, 4))
def test_addition_of_chunks_made_by_hand_is_associative(chunks, cut):
    cut = min(cut, len(chunks) - 1)
    one_by_one = chunks[0]
    for chunk in chunks[1:]:
        one_by_one = one_by_one + chunk
    left, right = sum_chunks(chunks[:cut]), sum_chunks(chunks[cut:])
    assert said(left + right) == said(one_by_one) == said(sum_chunks(chunks))


@given(mixed(), st.integers(0, 9), st.integers(0, 9))
def test_addition_is_associative(chunks, first, second):
    a, b = sorted((first % (len(chunks) + 1), second % (len(chunks) + 1)))
    parts = [sum_chunks(chunks[:a]), sum_chunks(chunks[a:b]), sum_chunks(chunks[b:])]
    assert said((parts[0] + parts[1]) + parts[2]) == said(parts[0] + (parts[1] + parts[2]))
    assert said(parts[0] + parts[1] + parts[2]) == said(sum_chunks(chunks))


@given(mixed())
def test_a_sum_that_was_added_to_stays_what_it_was(chunks):
    full = AIMessageChunk("")
    seen: list[tuple[AIMessageChunk, dict[str, Any]]] = []
    for chunk in chunks:
        full = full + chunk
        seen.append((full, said(full)))
    branch = full + AIMessageChunk("another way")
    other = full + AIMessageChunk("and another")
    assert branch.content != other.content
    for sum_, then in seen:
        assert said(sum_) == then


@given(replies())
def test_every_piece_says_what_kind_of_block_it_is_of(events):
    known = {"text", "reasoning", "refusal", "tool_call_chunk", "server_tool_call_chunk", "image"}
    for chunk in dressed(events, [])[:-1]:
        assert {block["type"] for block in chunk.content_blocks} <= known
        assert chunk.content_blocks, "a chunk without content came before the last one"
        for call in chunk.tool_call_chunks:
            assert call["index"] is not None


# -- what it costs ----------------------------------------------------------------------------


def calls_of(action: Callable[[], object]) -> int:
    """Count the calls of functions, Python's and C's, that an action makes."""
    count = 0

    def tick(_frame: object, event: str, _what: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(tick)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def born(count: int, *, field: str = "args") -> list[AIMessageChunk]:
    dresser = Dresser(id=ID, provider=PROVIDER)
    start = BlockStart(0, {"type": "tool_call_chunk", "name": "f", "id": "c", "args": ""})
    events: list[Event] = [*([start] if field == "args" else [])]
    return dresser.feed([*events, *(BlockDelta(0, field, "xy") for _ in range(count))])


def by_hand(count: int) -> list[AIMessageChunk]:
    piece = {"name": None, "args": "xy", "id": None, "index": 0}
    return [AIMessageChunk("", tool_call_chunks=[piece]) for _ in range(count)]


def texts_by_hand(count: int) -> list[AIMessageChunk]:
    return [AIMessageChunk([{"type": "text", "text": "xy", "index": 0}]) for _ in range(count)]


def add_up(chunks: list[AIMessageChunk]) -> None:
    full = chunks[0]
    for chunk in chunks[1:]:
        full = full + chunk
    assert full.content is not None
    assert full.tool_call_chunks is not None


@pytest.mark.parametrize("make", [born, by_hand, texts_by_hand])
def test_a_sum_is_linear(make):
    some, twice = make(1000), make(2000)
    assert calls_of(lambda: add_up(twice)) <= 2.1 * calls_of(lambda: add_up(some))


def test_adding_a_piece_of_a_stream_takes_few_calls():
    pieces = born(1000)
    assert calls_of(lambda: add_up(pieces)) <= 8 * len(pieces) + 500


def test_dressing_a_delta_takes_no_call_of_our_own():
    dresser = Dresser(id=ID, provider=PROVIDER)
    dresser.feed([BlockDelta(0, "text", "x")])
    deltas: list[Event] = [BlockDelta(0, "text", "x") for _ in range(1000)]
    # Making the chunk, its place in the list and the lookup of its block: all in C.
    assert calls_of(lambda: dresser.feed(deltas)) <= 5 * len(deltas) + 10
