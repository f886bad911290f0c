"""From replies to plain values."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from conure.errors import OutputParserException
from conure.messages import AIMessage, AIMessageChunk
from conure.output_parsers import JsonOutputParser, StrOutputParser
from conure.runnables import RunnableLambda


def pieces(text: str, size: int) -> list[AIMessageChunk]:
    return [AIMessageChunk(content=text[at : at + size]) for at in range(0, len(text), size)]


def flow(parser: Any, chunks: list[Any], colour: str) -> list[Any]:
    if colour == "sync":
        return list(parser.transform(iter(chunks)))

    async def source() -> Any:
        for chunk in chunks:
            yield chunk

    async def main() -> list[Any]:
        return [piece async for piece in parser.atransform(source())]

    return asyncio.run(main())


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return request.param


def test_text_is_taken_from_messages_and_strings() -> None:
    blocks: Any = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "hello"}]
    for said in ("hello", AIMessage("hello"), AIMessage(blocks)):
        answer = StrOutputParser().invoke(said)
        assert answer == "hello"
        assert type(answer) is str
    with pytest.raises(TypeError, match="takes a message or a str, not int"):
        StrOutputParser().invoke(3)


def test_text_streams_without_empty_pieces(colour: str) -> None:
    chunks = [*pieces("hello", 2), AIMessageChunk(content="")]
    assert flow(StrOutputParser(), chunks, colour) == ["he", "ll", "o"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2]}',
        '\n {"a": [1, 2]} \n',
        '```json\n{"a": [1, 2]}\n```',
        'Here you are:\n```\n{"a": [1, 2]}\n```\nAnything else?',
    ],
)
def test_json_is_found_in_what_surrounds_it(text: str, colour: str) -> None:
    assert JsonOutputParser().invoke(AIMessage(text)) == {"a": [1, 2]}
    for size in (1, 3, 100):
        assert flow(JsonOutputParser(), pieces(text, size), colour)[-1] == {"a": [1, 2]}


def test_json_grows_and_what_was_seen_stays(colour: str) -> None:
    grown = flow(JsonOutputParser(), pieces('{"a": ["xy", 2]}', 5), colour)
    assert grown[0] == {}
    assert grown[-1] == {"a": ["xy", 2]}
    assert all(before != after for before, after in pairwise(grown))


def test_the_next_step_gets_the_whole_value_once(colour: str) -> None:
    for text, value in (('["a", "b"]', ["a", "b"]), ('{"a": "bc"}', {"a": "bc"})):
        chain = JsonOutputParser() | RunnableLambda(lambda found: [found])
        assert flow(chain, pieces(text, 3), colour) == [[value]]


@pytest.mark.parametrize("text", ["", "no", '{"a": [1', '{"a" 1}'])
def test_what_is_not_json_or_not_all_of_it_raises(text: str, colour: str) -> None:
    with pytest.raises(OutputParserException, match="not JSON") as caught:
        JsonOutputParser().invoke(text)
    assert caught.value.llm_output == text
    if text:
        with pytest.raises(OutputParserException, match="not JSON"):
            flow(JsonOutputParser(), pieces(text, 2), colour)


def test_plain_values_are_json_too() -> None:
    assert JsonOutputParser().invoke(" 3.5 ") == 3.5
    assert JsonOutputParser().invoke("null") is None
