"""Bytes to events: framing, servers that answer otherwise, and the quick way for plain chunks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages.events import BlockDelta
from conure.protocols.openai_chat import reply as reply_room
from conure.protocols.openai_chat.dialect import Dialect
from conure.protocols.openai_chat.response import StreamDecoder, decode
from tests.unit.protocols.openai_chat.chunks import (
    PLAIN,
    call,
    chunk,
    message,
    sse,
    streamed,
    whole,
)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"7", b"{}", b'{"choices": []}', b'{"id": 1}']
)
def test_what_is_no_reply_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body, PLAIN)


def test_a_stream_that_nobody_asked_for() -> None:
    assert message(decode(sse(chunk(content="x"), chunk("stop")), PLAIN)).text == "x"


def test_a_whole_reply_where_a_stream_was_asked_for() -> None:
    body = json.dumps(
        {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    ).encode()
    decoder = StreamDecoder(PLAIN)
    events = [event for n in range(len(body)) for event in decoder.feed(body[n : n + 1])]
    assert events == []
    assert message(decoder.close()).text == "x"
    assert decoder.finished


def test_white_space_before_the_first_event() -> None:
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(b" \n") + decoder.feed(b" " + sse(chunk("stop", content="x")))
    assert message(events).text == "x"


def test_a_chunk_that_is_no_json_is_an_error_after_what_came_before() -> None:
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(sse(chunk(content="x"), '{"choices": [', chunk(content="y"), done=False))
    assert message(events).text == "x"
    with pytest.raises(ProtocolError):
        decoder.feed(sse(chunk(content="z")))
    with pytest.raises(ProtocolError):
        decoder.close()
    with pytest.raises(ProtocolError):
        StreamDecoder(PLAIN).feed(b"data: {\n\n")


def read_quickly(monkeypatch: pytest.MonkeyPatch, *chunks: Any, dialect: Dialect = PLAIN) -> Any:
    """Read a stream, and count how many of its chunks were parsed."""
    parsed: list[Any] = []
    read = reply_room.Reply.read

    def counted(self: Any, wire: Any) -> None:
        parsed.append(wire)
        read(self, wire)

    monkeypatch.setattr(reply_room.Reply, "read", counted)
    return message(streamed(*chunks, dialect=dialect)), len(parsed)


def test_plain_text_is_parsed_but_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a", "b", 'c"', "d\\", "é", "\n", "\u2028", "😀", "<", ""]
    chunks = [chunk(content=text) | {"obfuscation": "x" * n} for n, text in enumerate(texts)]
    said, parsed = read_quickly(monkeypatch, *chunks, chunk("stop"))
    assert said.text == "".join(texts)
    assert parsed == 3


def test_arguments_are_parsed_but_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [*'{"x":"y"}']
    entries = [call(0, "a", "f", ""), *(call(0, arguments=piece) for piece in pieces)]
    said, parsed = read_quickly(
        monkeypatch, *(chunk(tool_calls=[entry]) for entry in entries), chunk("tool_calls")
    )
    assert said.tool_calls[0]["args"] == {"x": "y"}
    assert parsed == 3


def test_patterns_are_kept_when_kinds_alternate(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [chunk(reasoning="r"), chunk(content="t")] * 20
    said, parsed = read_quickly(monkeypatch, *chunks, chunk("stop"))
    assert said.text == "t" * 20
    assert parsed <= 41


def test_a_chunk_that_differs_in_more_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [chunk(content="a")] * 4
    odd = [
        chunk(content="b") | {"usage": {"prompt_tokens": 1, "completion_tokens": 1}},
        chunk(content="c", refusal="no"),
        {**chunk(content="d"), "model": "other"},
        chunk("stop", content="e"),
    ]
    said, parsed = read_quickly(monkeypatch, *plain, *odd, *plain)
    assert said.text == "aaaabcdeaaaa"
    assert said.usage_metadata
    assert said.response_metadata["model_name"] == "some-1"
    assert parsed >= 6


def test_a_field_hidden_behind_the_text_is_read() -> None:
    quiet = '{"choices":[{"delta":{"content":"%s"}}]}'
    loud = '{"choices":[{"delta":{"content":"x","refusal":"%s"}}]}'
    said = message(streamed(*[quiet % "a"] * 3, loud % "no", quiet % "b"))
    assert said.text == "aaaxb"
    assert said.additional_kwargs["refusal"] == "no"


def test_padding_must_be_the_last_field() -> None:
    padded = '{"choices":[{"delta":{"content":"%s"}}],"obfuscation":"%s"}'
    tricky = '{"choices":[{"delta":{"content":"c"}}],"obfuscation":"z","mood":"good"}'
    said = message(streamed(padded % ("a", "x"), padded % ("a", "y"), padded % ("b", "zz"), tricky))
    assert said.text == "aabc"
    assert said.response_metadata["mood"] == "good"


def test_spaces_in_the_json_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = [json.dumps(chunk(content=text), separators=(", ", ": ")) for text in "abcdef"]
    said, parsed = read_quickly(monkeypatch, *spaced, chunk("stop"))
    assert (said.text, parsed) == ("abcdef", 3)


def test_texts_that_stand_twice_in_a_chunk_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = [chunk(content=text, echo=text) for text in "abcd"]
    said, _ = read_quickly(monkeypatch, *chunks, chunk("stop"))
    assert said.text == "abcd"
    assert said.response_metadata["echo"] == "d"


def test_escaped_field_names_teach_nothing() -> None:
    odd = '{"choices":[{"delta":{"c\\u006fntent":"%s"}}]}'
    assert message(streamed(*(odd % text for text in "abc"))).text == "abc"


def test_vendors_that_change_every_chunk_are_not_learned_from_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned: list[Any] = []
    from conure.protocols.openai_chat import response

    learn = response.learn
    monkeypatch.setattr(response, "learn", lambda *given: learned.append(1) or learn(*given))
    chunks = [{"token_id": n, **chunk(content="a")} for n in range(400)]
    for piece, n in zip(chunks, range(400), strict=True):
        piece["choices"][0]["ms"] = n
    decoder = StreamDecoder(PLAIN)
    for piece in chunks:
        decoder.feed(sse(piece, done=False))
    assert len(learned) < 100


def test_bytes_that_are_not_utf8_are_read() -> None:
    data = sse(chunk(content="abc"), chunk(content="def"), chunk(content="ghi"), done=False)
    decoder = StreamDecoder(PLAIN)
    events = decoder.feed(data.replace(b"ghi", b"g\xffi") + sse(chunk("stop")))
    assert message(events).text == "abcdefg\ufffdi"


def test_half_an_emoji_is_read() -> None:
    frame = '{"choices":[{"delta":{"content":"%s"}}]}'
    text = message(streamed(frame % "a", frame % "b", frame % "\\ud83d")).text
    assert text == "ab\ud83d"


def test_think_tags_are_never_read_quickly() -> None:
    dialect = Dialect(think_tags=True)
    texts = ["<think>", "h", "m", "</think>", "4", "2"]
    events = streamed(*(chunk(content=text) for text in texts), chunk("stop"), dialect=dialect)
    assert message(events).text == "42"


def test_events_carry_the_block_they_belong_to() -> None:
    events = streamed(chunk(reasoning="r"), chunk(content="a"), chunk(content="b"), chunk("stop"))
    deltas = [event for event in events if isinstance(event, BlockDelta)]
    assert deltas == [
        BlockDelta(0, "reasoning", "r"),
        BlockDelta(1, "text", "a"),
        BlockDelta(1, "text", "b"),
    ]


def test_whole_and_streamed_replies_agree() -> None:
    fields = {"content": "Hi", "reasoning": "hm", "refusal": "no"}
    one, other = message(whole(**fields)), message(streamed(chunk(**fields), chunk("stop")))
    assert one.content_blocks == other.content_blocks
    assert one.response_metadata == other.response_metadata
