"""What can be learned of a chunk, and what must not be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.messages.events import BlockDelta
from conure.protocols.openai_chat.pattern import learn


def learned(frame: bytes, event: BlockDelta) -> Any:
    return learn(frame, json.loads(frame), event, None)


def test_a_plain_chunk() -> None:
    pattern = learned(
        b'{"choices":[{"delta":{"content":"a\\"b"}}],"n":1}', BlockDelta(2, "text", 'a"b')
    )
    assert (pattern.prefix, pattern.end_mark) == (
        b'{"choices":[{"delta":{"content":"',
        b'"}}],"n":1}',
    )
    assert (pattern.block, pattern.field, pattern.padded) == (2, "text", False)
    assert pattern.matches(b'{"choices":[{"delta":{"content":"other"}}],"n":1}')
    assert not pattern.matches(b'{"choices":[{"delta":{"content":"other"}}],"n":2}')


def test_backslashes_before_the_quote() -> None:
    frame = rb'{"choices":[{"delta":{"content":"a\\\"\\"}}]}'
    assert learned(frame, BlockDelta(0, "text", 'a\\"\\')).end_mark == b'"}}]}'


def test_padding_is_no_part_of_it() -> None:
    frame = b'{"choices":[{"delta":{"content":"a"}}],"obfuscation":"xyz"}'
    pattern = learned(frame, BlockDelta(0, "text", "a"))
    assert pattern.padded
    assert pattern.end_mark == b'"}}],"obfuscation":"'


@pytest.mark.parametrize(
    "frame, event",
    [
        pytest.param({"choices": []}, ("text", "a"), id="no choice"),
        pytest.param({"choices": [{"delta": 7}]}, ("text", "a"), id="no delta"),
        pytest.param({"choices": [{"delta": {"content": "b"}}]}, ("text", "a"), id="other text"),
        pytest.param({"choices": [{"delta": {"a": "x", "b": "x"}}]}, ("text", "x"), id="twice"),
        pytest.param(
            {"choices": [{"delta": {"content": "a"}}]}, ("refusal", "a"), id="other field"
        ),
        pytest.param({"choices": [{"delta": {"tool_calls": []}}]}, ("args", "a"), id="no call"),
        pytest.param(
            {"choices": [{"delta": {"tool_calls": [{"function": {"arguments": "b"}}]}}]},
            ("args", "a"),
            id="other arguments",
        ),
        pytest.param(
            {"content": "a", "choices": [{"delta": {"content": "a"}}]},
            ("text", "a"),
            id="elsewhere",
        ),
    ],
)
def test_chunks_that_teach_nothing(frame: Any, event: tuple[str, str]) -> None:
    assert learned(json.dumps(frame).encode(), BlockDelta(0, *event)) is None


def test_names_written_otherwise_teach_nothing() -> None:
    frame = b'{"choices":[{"delta":{"c\\u006fntent":"a"}}]}'
    assert learned(frame, BlockDelta(0, "text", "a")) is None
    frame = b'{"choices":[{"delta":{"content":"a"}}],"content":"\xff"}'
    wire = {"choices": [{"delta": {"content": "a"}}]}
    assert learn(frame.replace(b'"a"', b'"a" '), wire, BlockDelta(0, "text", "a"), None) is not None


def test_a_probe_that_is_no_json_teaches_nothing() -> None:
    wire = {"choices": [{"delta": {"content": "a"}}]}
    frame = b'{"choices":[{"delta":{"content":"a"}}]}}'
    assert learn(frame, wire, BlockDelta(0, "text", "a"), None) is None
