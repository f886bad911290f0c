"""How pieces of a stream look as content: the quick way says what the general one says."""

from __future__ import annotations

from typing import Any

import pytest

from conure.messages.assemble import Draft
from conure.messages.chunk import Dresser
from conure.messages.events import BlockDelta, ReplyStart
from conure.messages.source import NOWHERE, Source
from conure.protocols.anthropic_messages.blocks import content_of as of_anthropic
from conure.protocols.openai_responses.items import content_of as of_responses

Blocks = list[dict[str, Any]]


def as_blocks(blocks: Blocks) -> list[Any]:
    return [dict(block) for block in blocks]


def as_text(blocks: Blocks) -> str:
    return "".join(block.get("text", "") for block in blocks)


def nested(blocks: Blocks) -> list[Any]:
    return [{"type": "text", "text": b.get("text"), "at": {"index": b["index"]}} for b in blocks]


def counted(blocks: Blocks) -> list[Any]:
    return [{"type": "text", "text": b.get("text"), "size": len(b.get("text", ""))} for b in blocks]


WAYS = [of_anthropic, of_responses, as_blocks, as_text, nested, counted]


@pytest.mark.parametrize("content_of", WAYS)
@pytest.mark.parametrize("field", ["text", "reasoning", "refusal", "args"])
def test_a_piece_looks_as_if_it_were_folded(content_of, field):
    piece = BlockDelta(3, field, "wörd ")
    draft = Draft()
    draft.feed([piece])
    general = draft.piece(content_of=content_of, id="r")
    assert Source.of("r", "p", content_of).content(piece) == general.content()


def test_without_a_shape_of_its_own_content_is_the_text():
    assert NOWHERE.content(BlockDelta(0, "text", "word")) == "word"
    assert NOWHERE.content(BlockDelta(0, "args", "{")) == ""


def test_lists_are_not_shared():
    source = Source.of("r", "p", of_responses)
    one, two = (source.content(BlockDelta(0, "text", word)) for word in "ab")
    assert isinstance(one, list)
    assert isinstance(two, list)
    one[0]["annotations"].append("seen")
    assert two == [{"type": "text", "text": "b", "annotations": [], "index": 0}]


def test_content_changed_by_hand_is_what_is_added():
    dresser = Dresser(id="lc_run--1", provider="p")
    start = ReplyStart("resp_1", of_responses)
    deltas = [BlockDelta(0, "text", word) for word in ("a", "b", "c")]
    first, second, third = dresser.feed([start, *deltas])
    assert second.content[0]["text"] == "b"
    third.content = [{"type": "text", "text": "C", "annotations": [], "index": 0}]
    assert third.text == "C"
    assert (first + second).text == "ab"
    assert (first + second + third).text == "abC"
    second.content[0]["text"] = "B"
    assert second.text == "B"
    assert (first + second).text == "aB"
