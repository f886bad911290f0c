"""What type checkers see of a conversation. Checked by pyright and mypy, not run."""

from __future__ import annotations

from typing import assert_type

import conure
from conure import AIMessage, AIMessageChunk, ChatModel, HumanMessage, SystemMessage
from conure.chat_models import init_chat_model
from conure.openai import ChatOpenAI


def made() -> None:
    assert_type(init_chat_model("openai:gpt-4.1-mini", temperature=0), ChatModel)
    assert_type(conure.init_chat_model("gpt-4.1-mini", model_provider="openai"), ChatModel)
    assert_type(ChatOpenAI(model="gpt-4.1-mini"), ChatOpenAI)


def asked(model: ChatModel) -> None:
    reply = model.invoke("Why do parrots talk?")
    assert_type(reply, AIMessage)
    text: str = reply.text
    if (usage := reply.usage_metadata) is not None:
        assert_type(usage.total_tokens, int)
    for block in reply.content_blocks:
        if block["type"] == "text":
            text += block["text"]
    for call in reply.tool_calls:
        assert_type(call["name"], str)


def forms(model: ChatModel) -> None:
    model.invoke("a str")
    model.invoke([("system", "tuples"), ("human", "of two")])
    model.invoke([{"role": "user", "content": "dicts"}])
    model.invoke([SystemMessage("classes"), HumanMessage("mixed"), ("ai", "with others")])
    model.invoke(HumanMessage("one alone"))
    model.invoke("with settings", {"tags": ["a"], "max_concurrency": 2}, stop=["x"], temperature=0)


def streamed(model: ChatModel) -> None:
    full: AIMessageChunk | None = None
    for chunk in model.stream("Hello"):
        assert_type(chunk, AIMessageChunk)
        full = chunk if full is None else full + chunk
    if full is not None:
        assert_type(full, AIMessageChunk)


def batched(model: ChatModel) -> None:
    assert_type(model.batch(["a", "b"]), list[AIMessage])
    for index, reply in model.batch_as_completed(["a", "b"]):
        assert_type(index, int)
        assert_type(reply, AIMessage)


async def awaited(model: ChatModel) -> None:
    assert_type(await model.ainvoke("Hello"), AIMessage)
    assert_type(await model.abatch(["a", "b"]), list[AIMessage])
    async for chunk in model.astream("Hello"):
        assert_type(chunk, AIMessageChunk)


def bound(model: ChatModel) -> None:
    assert_type(model.bind(temperature=0), ChatModel)
    assert_type(model.with_config({"tags": ["a"]}), ChatModel)


def composed(model: ChatModel) -> None:
    def shout(reply: AIMessage) -> str:
        return reply.text.upper()

    assert_type((model | shout).invoke("Hello"), str)
    model.with_retry().invoke("Hello")
    model.with_fallbacks([model]).invoke("Hello")
