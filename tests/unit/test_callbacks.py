"""Handlers: what they hear by default, and the ones that come with the house."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conure.callbacks import (
    AsyncCallbackHandler,
    BaseCallbackHandler,
    CallbackManager,
    FileCallbackHandler,
    StdOutCallbackHandler,
    StreamingStdOutCallbackHandler,
    UsageMetadataCallbackHandler,
    get_usage_metadata_callback,
)
from conure.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from conure.outputs import ChatGeneration, ChatGenerationChunk, GenerationChunk, LLMResult
from conure.runnables import RunnableLambda
from conure.runnables.config import AMBIENT, resolve
from conure.runnables.run import Run, open_run

EVENTS = [name for name in vars(BaseCallbackHandler) if name.startswith("on_")]


def opened(handler: Any, config: Any = None) -> Run:
    run = open_run(resolve(config), name="it", callbacks=[handler])
    assert run is not None
    return run


def tell(run: Run, event: str, *args: Any, **facts: Any) -> None:
    async def main() -> None:
        for job in run.notify(event, *args, **facts):
            if (answer := job()) is not None:
                await answer

    asyncio.run(main())


def reply(
    *, name: str | None = "m", tokens: tuple[int, int] | None = (1, 2), cached: bool = False
) -> LLMResult:
    usage = tokens and {
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "total_tokens": sum(tokens),
        "input_token_details": {"cache_read": 1},
    }
    facts: dict[str, Any] = {"model_name": name} if name else {}
    if cached:
        facts["cached"] = True
    message = AIMessage("hi", usage_metadata=usage, response_metadata=facts)
    return LLMResult(generations=[[ChatGeneration(message=message)]])


@pytest.mark.parametrize("kind", [BaseCallbackHandler, AsyncCallbackHandler])
@pytest.mark.parametrize("event", sorted(set(EVENTS) - {"on_chat_model_start"}))
def test_what_is_not_overridden_is_not_called(kind: Any, event: str) -> None:
    assert not opened(kind()).wants(event)


def test_methods_of_the_async_handler_can_be_awaited() -> None:
    async def main() -> None:
        for event in set(EVENTS) - {"on_chat_model_start"}:
            assert await getattr(AsyncCallbackHandler(), event)(1, 2, run_id=3) is None

    asyncio.run(main())


@pytest.mark.parametrize("deferred", [False, True])
def test_chat_models_are_heard_by_handlers_of_text_models(deferred: bool) -> None:
    told: list[Any] = []

    class Plain(BaseCallbackHandler):
        def on_llm_start(self, serialized: Any, prompts: list[str], **kwargs: Any) -> None:
            told.append((serialized, prompts, kwargs["name"], kwargs["metadata"]))

    class Deferred(AsyncCallbackHandler):
        async def on_llm_start(self, serialized: Any, prompts: list[str], **kwargs: Any) -> None:
            told.append((serialized, prompts, kwargs["name"], kwargs["metadata"]))

    messages = [SystemMessage("Be kind"), HumanMessage("Hi"), AIMessage("Hello")]
    tell(opened(Deferred() if deferred else Plain()), "on_chat_model_start", {"a": 1}, [messages])
    assert told == [({"a": 1}, ["System: Be kind\nHuman: Hi\nAI: Hello"], "it", {})]


def test_a_handler_of_neither_hears_nothing_of_chat_models() -> None:
    class Broken(HumanMessage):
        @property
        def text(self) -> Any:
            pytest.fail("rendered for nobody")

    tell(opened(BaseCallbackHandler()), "on_chat_model_start", {}, [[Broken("Hi")]])


def test_a_manager_may_stand_in_for_a_list() -> None:
    told: list[str] = []

    class Handler(BaseCallbackHandler):
        def on_chain_end(self, outputs: Any, **kwargs: Any) -> None:
            told.append(outputs)

    RunnableLambda(str).invoke(1, {"callbacks": CallbackManager(handlers=[Handler()])})
    assert told == ["1"]


def test_usage_is_summed_by_the_name_of_the_model_that_answered() -> None:
    handler = UsageMetadataCallbackHandler()
    for response in (reply(), reply(tokens=(10, 20)), reply(name="other")):
        tell(opened(handler), "on_llm_end", response)
    assert handler.usage_metadata == {
        "m": {
            "input_tokens": 11,
            "output_tokens": 22,
            "total_tokens": 33,
            "input_token_details": {"cache_read": 2},
        },
        "other": {
            "input_tokens": 1,
            "output_tokens": 2,
            "total_tokens": 3,
            "input_token_details": {"cache_read": 1},
        },
    }
    assert repr(handler) == repr(handler.usage_metadata)


@pytest.mark.parametrize(
    "response",
    [
        reply(name=None),
        reply(tokens=None),
        reply(cached=True),
        LLMResult(generations=[]),
        LLMResult(generations=[[]]),
        LLMResult(generations=[[ChatGeneration(message=HumanMessage("?"))]]),
    ],
    ids=["no name", "no usage", "from a cache", "no prompts", "no candidates", "no reply"],
)
def test_what_cost_nothing_does_not_count(response: LLMResult) -> None:
    handler = UsageMetadataCallbackHandler()
    tell(opened(handler), "on_llm_end", response)
    assert handler.usage_metadata == {}


def test_one_usage_handler_may_listen_to_many_threads() -> None:
    handler = UsageMetadataCallbackHandler()
    together = threading.Barrier(8)

    def work(_: int) -> None:
        together.wait(10)
        for _ in range(200):
            handler.on_llm_end(reply())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert handler.usage_metadata["m"]["input_tokens"] == 1600


def test_usage_of_a_block_includes_batches_and_tasks_but_not_what_is_outside() -> None:
    def ask(response: LLMResult) -> None:
        if (run := open_run(resolve(None), name="model")) is not None:
            for job in run.notify("on_llm_end", response):
                job()

    model = RunnableLambda(ask)
    async_model = RunnableLambda(ask, afunc=None)

    async def tasks() -> None:
        await asyncio.gather(*(async_model.ainvoke(reply()) for _ in range(3)))

    model.invoke(reply())
    with get_usage_metadata_callback(name="anything") as outer:
        model.batch([reply(), reply()])
        asyncio.run(tasks())
        with get_usage_metadata_callback() as inner:
            model.invoke(reply())
        outside = threading.Thread(target=model.invoke, args=(reply(),))
        outside.start()
        outside.join()
    model.invoke(reply())
    assert inner.usage_metadata["m"]["input_tokens"] == 1
    assert outer.usage_metadata["m"]["input_tokens"] == 6
    assert AMBIENT.get() is None


def test_chains_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run = opened(StdOutCallbackHandler())
    tell(run, "on_chain_start", {}, 1)
    tell(run, "on_text", "thinking")
    tell(run, "on_tool_end", 42)
    tell(run, "on_chain_end", 2)
    assert capsys.readouterr().out == (
        "\n\n> Entering new it chain...\nthinking42\n\n> Finished chain.\n"
    )


def test_replies_are_printed_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    run = opened(StreamingStdOutCallbackHandler())
    tell(run, "on_llm_new_token", "Hel")
    chunk = ChatGenerationChunk(message=AIMessageChunk(content=[{"type": "text", "text": "lo"}]))
    tell(run, "on_llm_new_token", [{"type": "text", "text": "lo"}], chunk=chunk)
    assert capsys.readouterr().out == "Hello"


def test_chains_are_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with FileCallbackHandler(path) as handler:
        RunnableLambda(str, name="mine").invoke(1, {"callbacks": [handler]})
        assert path.read_text() == "\n\n> Entering new mine chain...\n\n> Finished chain.\n"
    assert handler.file.closed
    with FileCallbackHandler(str(path), mode="w"):
        assert path.read_text() == ""
    with pytest.raises(FileNotFoundError):
        FileCallbackHandler(tmp_path / "no" / "where")


def test_outputs_are_light_values() -> None:
    generation = ChatGeneration(message=AIMessage("hi"))
    assert (generation.text, generation.type) == ("hi", "ChatGeneration")
    chunks = [ChatGenerationChunk(message=AIMessageChunk(content=text)) for text in ("a", "b")]
    assert (chunks[0] + chunks[1]).text == "ab"
    total = GenerationChunk(text="a") + GenerationChunk(text="b", generation_info={"x": 1})
    assert (total.text, total.generation_info, total.type) == ("ab", {"x": 1}, "Generation")
    assert LLMResult(generations=[[generation]]).type == "LLMResult"
