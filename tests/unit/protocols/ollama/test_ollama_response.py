"""Ollama's own chat API: what replies and errors say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ProtocolError
from conure.messages import assemble
from conure.messages.events import BlockDelta, Event, Failure, Finish
from conure.protocols.ollama import PROTOCOL

DIALECT = PROTOCOL.dialect()


def line(done: bool = False, **message: Any) -> bytes:
    facts = {"done_reason": "stop", "eval_count": 2} if done else {}
    wire = {"model": "m", "message": {"role": "assistant", **message}, "done": done, **facts}
    return json.dumps(wire).encode() + b"\n"


def call(name: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **more}


def read(*lines: bytes) -> list[Event]:
    decoder = PROTOCOL.decoder(DIALECT)
    events = [event for data in lines for event in decoder.feed(data)] + decoder.close()
    assert decoder.finished
    return events


def test_thoughts_text_and_thoughts_are_blocks_in_order() -> None:
    message = assemble(
        read(
            line(thinking="a"),
            line(thinking="b"),
            line(content="c"),
            line(thinking="d"),
            line(done=True, content="e"),
        )
    )
    kinds: list[Any] = [*message.content_blocks]
    assert [(b["type"], b.get("text") or b.get("reasoning")) for b in kinds] == [
        ("reasoning", "ab"),
        ("text", "c"),
        ("reasoning", "d"),
        ("text", "e"),
    ]
    assert message.usage_metadata is not None
    assert message.usage_metadata["output_tokens"] == 2


def test_calls_without_an_id_or_with_the_same_get_their_own() -> None:
    same = [call("a", {}), call("a", {}), call("b", {"x": 1}, id="c"), call("b", None, id="c")]
    events = read(line(content="", tool_calls=same), line(done=True, content=""))
    calls = assemble(events).tool_calls
    assert [c["args"] for c in calls] == [{}, {}, {"x": 1}, {}]
    assert calls[2]["id"] == "c"
    assert len({c["id"] for c in calls}) == 4
    assert events[-1] == Finish("tool_calls", "stop")


def test_arguments_that_came_as_text() -> None:
    [found] = assemble(read(line(tool_calls=[call("a", '{"x": 1}')]), line(done=True))).tool_calls
    assert found["args"] == {"x": 1}


def test_a_model_that_was_only_loaded_says_nothing() -> None:
    wire = b'{"message":{"role":"assistant","content":""},"done":true,"done_reason":"load"}'
    message = assemble(PROTOCOL.decode(wire, DIALECT))
    assert message.content == ""
    assert message.response_metadata["done_reason"] == "load"


def test_log_probabilities_are_one_list() -> None:
    first = b'{"message":{"content":"a"},"logprobs":[{"token":"a","logprob":-1}],"done":false}\n'
    last = b'{"message":{"content":"b"},"logprobs":[{"token":"b","logprob":-2}],"done":true}\n'
    tokens = assemble(read(first, last)).response_metadata["logprobs"]["content"]
    assert [token["token"] for token in tokens] == ["a", "b"]


def test_an_error_amid_a_stream_ends_it() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    events = decoder.feed(line(content="a") + b'{"error":"out of memory"}\n' + line(content="b"))
    assert isinstance(events[-1], Failure)
    assert events[-1].message == "out of memory"
    assert decoder.done
    assert not decoder.finished


def test_a_stream_without_its_last_line_is_not_finished() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    assert BlockDelta(0, "text", "a") in decoder.feed(line(content="a"))
    assert decoder.close() == []
    assert not decoder.finished


def test_a_line_cut_short_says_nothing() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    decoder.feed(line(content="a") + line(done=True, content="b")[:-9])
    assert decoder.close() == []
    assert not decoder.finished


def test_what_came_before_garbage_is_handed_out_first() -> None:
    decoder = PROTOCOL.decoder(DIALECT)
    assert BlockDelta(0, "text", "a") in decoder.feed(line(content="a") + b"<html>\n")
    with pytest.raises(ProtocolError):
        decoder.feed(line(done=True))
    with pytest.raises(ProtocolError):
        decoder.close()


@pytest.mark.parametrize("wire", [b"[]", b"{}", b"", b"<html>"])
def test_a_whole_reply_that_is_none(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        PROTOCOL.decode(wire, DIALECT)


@pytest.mark.parametrize(
    "words", ["model 'qwen3:4b' not found", 'model "qwen3:4b" not found, try pulling it first']
)
def test_a_model_that_is_not_there_can_be_pulled(words: str) -> None:
    report = PROTOCOL.read_error(json.dumps({"error": words}).encode())
    assert report.message == f"{words}. To get it: `ollama pull qwen3:4b`."


def test_other_errors_are_as_the_server_words_them() -> None:
    assert PROTOCOL.read_error(b'{"error":"no thinking"}').message == "no thinking"
