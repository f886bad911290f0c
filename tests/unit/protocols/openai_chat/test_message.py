"""What the message of a reply becomes, whole and in deltas."""

from __future__ import annotations

from typing import Any

import pytest

from conure.messages import HumanMessage
from conure.protocols.openai_chat.dialect import Dialect
from conure.protocols.openai_chat.request import encode
from tests.unit.protocols.openai_chat.chunks import chunk, kinds, message, streamed, whole

THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}


def blocks(events: Any) -> list[Any]:
    return message(events).content_blocks


def test_text() -> None:
    for events in (
        whole(content="Hi"),
        streamed(chunk(content="H"), chunk(content="i"), chunk("stop")),
    ):
        assert message(events).content == "Hi"
        assert blocks(events) == [{"type": "text", "text": "Hi"}]


@pytest.mark.parametrize("nothing", [None, "", []])
def test_no_text(nothing: Any) -> None:
    assert blocks(whole(content=nothing)) == []
    assert message(whole(content=nothing)).content == ""


def test_an_object_as_content_is_its_json() -> None:
    assert (
        message(whole(content={"city": "Österreich", "n": 1})).text == '{"city":"Österreich","n":1}'
    )
    assert message(whole(content=7)).text == "7"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "reasoning_text", "thinking"])
def test_reasoning_under_every_name(field: str) -> None:
    expected = {"type": "reasoning", "reasoning": "hm", "extras": {"field": field}}
    events = streamed(
        chunk(**{field: "h"}), chunk(**{field: "m"}), chunk(content="4"), chunk("stop")
    )
    for found in (events, whole(**{"content": "4", field: "hm"})):
        assert blocks(found) == [expected, {"type": "text", "text": "4"}]
        assert message(found).text == "4"


def test_reasoning_said_twice_is_read_once() -> None:
    events = whole(reasoning="hm", reasoning_content="hm", content="4")
    assert [block.get("reasoning") for block in blocks(events)] == ["hm", None]


def test_reasoning_and_text_that_alternate_are_two_blocks() -> None:
    events = streamed(
        chunk(reasoning="a"),
        chunk(content="b"),
        chunk(reasoning="c"),
        chunk(content="d"),
        chunk("stop"),
    )
    assert [block.get("reasoning") or block["text"] for block in blocks(events)] == ["ac", "bd"]


def test_reasoning_details_are_joined_and_kept() -> None:
    pieces = [
        {"type": "reasoning.text", "index": 0, "text": "h", "format": None},
        {"type": "reasoning.text", "index": 0, "text": "m"},
        {"type": "reasoning.text", "index": 0, "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x"},
        {"type": "reasoning.encrypted", "index": 1, "data": "y"},
        "noise",
    ]
    joined = [
        {"type": "reasoning.text", "index": 0, "text": "hm", "format": None, "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x"},
        {"type": "reasoning.encrypted", "index": 1, "data": "y"},
    ]
    events = streamed(*(chunk(reasoning_details=[piece]) for piece in pieces), chunk("stop"))
    (block,) = blocks(events)
    assert block["reasoning"] == "hm"
    assert block["extras"] == {"field": "reasoning_details", "reasoning_details": joined}


def test_text_of_details_is_not_read_twice() -> None:
    details = [{"type": "reasoning.summary", "summary": "hm"}]
    (block,) = blocks(whole(reasoning="hm", reasoning_details=details))
    assert block["reasoning"] == "hm"
    assert block["extras"] == {"field": "reasoning", "reasoning_details": details}


def test_encrypted_reasoning_alone_is_a_block() -> None:
    details = [{"type": "reasoning.encrypted", "data": "x"}]
    (block,) = blocks(whole(reasoning=None, reasoning_details=details))
    assert block == {"type": "reasoning", "reasoning": "", "extras": {"reasoning_details": details}}


def test_signed_thinking_blocks() -> None:
    pieces = [
        {"type": "thinking", "thinking": "h", "signature": None},
        {"type": "thinking", "thinking": "m", "signature": "s"},
        {"type": "thinking", "thinking": "again", "signature": "t"},
    ]
    (block,) = blocks(
        streamed(*(chunk(thinking_blocks=[piece]) for piece in pieces), chunk("stop"))
    )
    assert block["extras"]["thinking_blocks"] == [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "thinking", "thinking": "again", "signature": "t"},
    ]


def test_content_as_a_list_keeps_its_order() -> None:
    parts = [THINKING, {"type": "text", "text": "a"}, THINKING, "b"]
    assert kinds(whole(content=parts)) == ["reasoning", "text", "reasoning", "text"]
    assert message(whole(content=parts)).text == "ab"
    pieces = [[THINKING], [THINKING], "a", [THINKING], [{"type": "text", "text": "b"}]]
    events = streamed(*(chunk(content=piece) for piece in pieces), chunk("stop"))
    assert [block.get("reasoning") or block["text"] for block in blocks(events)] == [
        "hmhm", "a", "hm", "b",
    ]  # fmt: skip


def test_parts_of_every_kind() -> None:
    citation = {"type": "url_citation", "url_citation": {"url": "https://a.b"}}
    parts = [
        {"type": "output_text", "text": "a", "annotations": [citation]},
        {"type": "thinking", "thinking": "hm", "closed": True, "signature": None},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}]},
        {"type": "refusal", "refusal": "no"},
        {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}},
        {"type": "reference", "reference_ids": [1]},
        {"type": "text", "text": ""},
        {},
        7,
    ]
    found = blocks(whole(content=parts))
    assert [block["type"] for block in found] == [
        "text", "reasoning", "refusal", "image", "non_standard", "non_standard",
    ]  # fmt: skip
    assert found[0]["annotations"] == [{"type": "citation", "url": "https://a.b"}]
    assert found[1]["reasoning"] == "hmso"
    assert found[1]["extras"] == {"field": "content", "part": "thinking", "closed": True}
    assert found[4]["value"] == {"type": "reference", "reference_ids": [1]}


def test_what_is_no_text_inside_thinking_is_kept() -> None:
    odd = {"type": "tool_reference", "tool": "web"}
    found = blocks(whole(content=[{"type": "thinking", "thinking": ["hm", odd]}]))
    assert [block["type"] for block in found] == ["reasoning", "non_standard"]
    assert found[1]["value"] == odd


def test_think_tags_stay_unless_asked_for() -> None:
    assert message(whole(content="<think>hm</think>4")).text == "<think>hm</think>4"


@pytest.mark.parametrize(
    "text, reasoning, said",
    [
        ("<think>hm</think>\n\n4", "hm", "4"),
        ("\n<think>hm", "hm", ""),
        ("<think>h</thi", "h</thi", ""),
        ("4 <think>no</think>", "", "4 <think>no</think>"),
        ("<thin", "", "<thin"),
        ("<think></think>", "", ""),
    ],
)
def test_think_tags(text: str, reasoning: str, said: str) -> None:
    dialect = Dialect(think_tags=True)
    pieces = [chunk(content=letter) for letter in text]
    for events in (
        whole(dialect=dialect, content=text),
        streamed(*pieces, chunk("stop"), dialect=dialect),
    ):
        assert message(events).text == said
        assert "".join(block.get("reasoning", "") for block in blocks(events)) == reasoning


def test_refusal() -> None:
    events = streamed(chunk(refusal="I "), chunk(refusal="can't"), chunk("stop"))
    for found in (events, whole(content=None, refusal="I can't")):
        assert blocks(found) == [{"type": "refusal", "refusal": "I can't"}]
    assert message(whole(content="x", refusal=["odd"])).text == "x"


def test_annotations_are_citations_on_the_text() -> None:
    citation = {
        "url": "https://a.b",
        "title": "A",
        "start_index": 0,
        "end_index": 2,
        "content": "c",
    }
    file = {"type": "file", "file": {"name": "a.pdf"}}
    annotations = [{"type": "url_citation", "url_citation": citation}, file]
    (block,) = blocks(whole(content="Hi", annotations=annotations))
    assert block["annotations"] == [
        {
            "type": "citation",
            "url": "https://a.b",
            "title": "A",
            "start_index": 0,
            "end_index": 2,
            "cited_text": "c",
        },
        {"type": "non_standard_annotation", "value": file},
    ]


def test_annotations_may_come_before_the_text() -> None:
    annotations = [{"type": "url_citation", "url": "https://a.b"}]
    events = streamed(chunk(annotations=annotations), chunk(content="Hi"), chunk("stop"))
    assert blocks(events) == [
        {"type": "text", "text": "Hi", "annotations": [{"type": "citation", "url": "https://a.b"}]}
    ]


def test_images() -> None:
    images = [
        {"type": "image_url", "index": 0, "image_url": {"url": "data:image/webp;base64,AAAA"}},
        {"type": "image_url", "image_url": "https://a.b/c.png"},
        {"image_url": {"url": "iVBOR", "detail": "low"}},
        {"image_url": {}},
        7,
    ]
    assert blocks(streamed(chunk(images=images), chunk(images=images[:1]), chunk("stop"))) == [
        {"type": "image", "base64": "AAAA", "mime_type": "image/webp"},
        {"type": "image", "url": "https://a.b/c.png"},
        {"type": "image", "base64": "iVBOR", "mime_type": "image/png", "extras": {"detail": "low"}},
    ]
    assert kinds(whole(images={"url": "data:;base64,AA"})) == ["image"]


def test_audio() -> None:
    audio = {"id": "audio_1", "data": "UklGRgAA", "expires_at": 5, "transcript": "Hi"}
    expected = {
        "type": "audio",
        "base64": "UklGRgAA",
        "mime_type": "audio/wav",
        "id": "audio_1",
        "extras": {"expires_at": 5, "transcript": "Hi"},
    }
    pieces = [
        {"id": "audio_1", "transcript": "H"},
        {"data": "UklG"},
        {"transcript": "i", "data": "RgAA"},
    ]
    events = streamed(
        *(chunk(audio=piece) for piece in [*pieces, {"expires_at": 5}]), chunk("stop")
    )
    for found in (whole(content=None, audio=audio), events):
        assert blocks(found) == [expected]
    assert message(events).additional_kwargs["audio"]["transcript"] == "Hi"


def test_audio_encoded_piece_by_piece() -> None:
    events = streamed(
        chunk(audio={"data": "AQ=="}), chunk(audio={"data": "AgMEBQ=="}), chunk("stop")
    )
    assert blocks(events)[0]["base64"] == "AQIDBAU="
    assert blocks(events)[0]["mime_type"] == "audio/pcm"


def test_audio_without_anything_is_none() -> None:
    assert kinds(whole(content="x", audio={"id": "", "data": "", "expires_at": 0})) == ["text"]
    assert blocks(whole(audio={"id": "audio_1"}))[0] == {
        "type": "audio", "base64": "", "id": "audio_1",
    }  # fmt: skip


def test_unknown_fields_become_metadata() -> None:
    events = streamed(chunk(content="x", mood="good", nothing=None), chunk("stop", mood="better"))
    assert message(events).response_metadata["mood"] == "better"


def test_sound_that_is_none_is_passed_over() -> None:
    events = streamed(
        chunk(audio={"id": "a", "data": "AQ=="}),
        chunk(audio={"data": "A", "expires_at": None}),
        chunk("stop"),
    )
    assert blocks(events)[0]["base64"] == "AQ=="
    assert kinds(whole(audio={"data": 7, "transcript": 7})) == ["audio"]


def test_details_of_odd_shape_are_kept() -> None:
    pieces: list[Any] = [{"type": "t", "index": 0, "text": ["odd"], "format": "f"}]
    pieces.append({"type": "t", "index": 0, "text": "x", "format": None})
    events = streamed(*(chunk(reasoning_details=[piece]) for piece in pieces), chunk("stop"))
    (block,) = blocks(events)
    assert block["reasoning"] == "x"


TAGS = Dialect(think_tags=True)


def test_think_tags_are_told_apart_and_stand_there_again() -> None:
    text = "<think>\nhm\n</think>\n\nyes"
    pieces = [chunk(content=letter) for letter in text]
    for events in (
        whole(content=text, dialect=TAGS),
        streamed(*pieces, chunk("stop"), dialect=TAGS),
    ):
        reply = message(events)
        assert [block["type"] for block in reply.content_blocks] == ["reasoning", "text"]
        assert reply.text == "yes"
        [_, turn] = encode("m", [HumanMessage("a"), reply], {}, False, TAGS).body["messages"]
        assert turn == {"role": "assistant", "content": text}


def test_think_tags_stay_in_the_text_unless_asked_for() -> None:
    assert message(whole(content="<think>hm</think>yes")).text == "<think>hm</think>yes"
