"""What the stream decoders of all protocols do alike, shown on a language of one word a line."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages.events import BlockDelta, Event
from conure.protocols.decoder import StreamReader
from conure.wire.lines import LineDecoder


class Words:
    """A reply of JSON strings; `null` fails it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failed = False

    def turn_page(self) -> list[Event]:
        self.events = []
        return self.events


class WordReader(StreamReader[Words, bytes]):
    def __init__(self) -> None:
        super().__init__(LineDecoder(), Words())

    def _read(self, frame: bytes) -> None:
        wire: Any = self._parse(frame, is_error=frame.startswith(b"!"))
        if isinstance(wire, dict):
            self._reply.events.append(BlockDelta(1, "text", wire["error"]))
        elif isinstance(wire, str):
            self._reply.events.append(BlockDelta(0, "text", wire))
        elif self._broken is None:
            self._reply.failed = True

    def _read_whole(self, body: bytes) -> list[Event]:
        return [BlockDelta(0, "whole", body.decode())]

    def _end(self) -> None:
        self._reply.events.append(BlockDelta(0, "end", ""))


def said(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.field, event.text) for event in events if isinstance(event, BlockDelta)]


def test_frames_are_read_as_they_come_and_the_last_without_its_end() -> None:
    reader = WordReader()
    assert said(reader.feed(b' \n"a"\n"b')) == [("text", "a")]
    assert said(reader.feed(b'c"\n"d"')) == [("text", "bc")]
    assert said(reader.close()) == [("text", "d"), ("end", "")]


def test_a_last_frame_that_was_cut_short_says_nothing() -> None:
    reader = WordReader()
    reader.feed(b'"a"\n"b')
    assert said(reader.close()) == [("end", "")]


def test_what_came_before_something_broken_is_handed_out_first() -> None:
    reader = WordReader()
    assert said(reader.feed(b'"a"\n"b\n"c"\n')) == [("text", "a")]
    for step in (lambda: reader.feed(b'"d"\n'), reader.close):
        with pytest.raises(ProtocolError):
            step()


def test_something_broken_alone_raises_at_once() -> None:
    with pytest.raises(ProtocolError):
        WordReader().feed(b'"b\n')


def test_an_error_may_be_no_more_than_a_text() -> None:
    assert said(WordReader().feed(b"! no more room\n")) == [("text", "! no more room")]


def test_nothing_is_read_after_a_failure() -> None:
    assert said(WordReader().feed(b'"a"\nnull\n"b"\n')) == [("text", "a")]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_whole_reply_is_read_at_the_end(size: int) -> None:
    reader = WordReader()
    body = b'\n {"a": 1}\n{}'
    for start in range(0, len(body), size):
        assert reader.feed(body[start : start + size]) == []
    assert said(reader.close()) == [("whole", '{"a": 1}\n{}')]
