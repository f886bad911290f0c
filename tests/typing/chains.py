"""What type checkers make of chains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from conure import ChatModel
from conure.messages import AIMessage, BaseMessage
from conure.output_parsers import StrOutputParser
from conure.runnables import Runnable, RunnableLambda


def length(message: BaseMessage) -> int:
    return len(message.text)


async def shout(text: str) -> str:
    return text.upper()


def words(pieces: Iterator[BaseMessage]) -> Iterator[str]:
    for piece in pieces:
        yield str(piece.text)


def chains(model: ChatModel) -> None:
    assert_type((model | length).invoke("hi"), int)
    assert_type((model | StrOutputParser()).invoke("hi"), str)
    assert_type((model | StrOutputParser() | shout).invoke("hi"), str)
    assert_type((model | words).invoke("hi"), str)
    assert_type((model | {"length": length}).invoke("hi"), dict[str, Any])
    assert_type(model.pipe(length).invoke("hi"), int)
    assert_type(model.with_retry().invoke("hi"), AIMessage)
    assert_type(model.batch(["hi"]), list[AIMessage])


def functions() -> None:
    assert_type(RunnableLambda(shout).invoke("hi"), str)
    assert_type((RunnableLambda(shout) | len).batch(["hi"]), list[int])
    takes_text: Runnable[str, str] = RunnableLambda(shout)
    assert_type(list(takes_text.stream("hi")), list[str])
