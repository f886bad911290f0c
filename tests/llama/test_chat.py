"""conure and llama.cpp, behind a server and in this process, sync and async."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from conure import init_chat_model
from conure.errors import ContextOverflowError, ModelConnectionError, ModelNotFoundError
from tests.llama.asking import Async, Sync, added_up

QUESTION = "Why do parrots talk?"
FIXED = {"seed": 7, "max_tokens": 40, "extra_body": {"cache_prompt": False}}  # always one text
ENDLESS = {"extra_body": {"ignore_eos": True}}
THOUGHTFUL = 'root ::= "<think>" [a-z]{6} "</think>" [a-z]{5}'
WEATHER = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Oslo"]}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    },
}


@pytest.fixture(params=[Sync, Async])
def ask(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture
def model(place: dict[str, Any]) -> Any:
    return init_chat_model(**place, max_retries=0)


@pytest.fixture
def served(llama: Any) -> Any:
    return model_at(llama)


def model_at(server: Any, **parameters: Any) -> Any:
    """Every failure shows: nothing is asked twice."""
    return init_chat_model(
        "tiny",
        model_provider="openai",
        base_url=f"{server.url}/v1",
        api_key="x",
        max_retries=0,
        **parameters,
    )


def test_invoke_returns_what_the_server_says(ask, served, llama):
    reply = ask.invoke(served, QUESTION, **FIXED)
    body = {"messages": [{"role": "user", "content": QUESTION}], "seed": 7, "max_tokens": 40}
    status, wire = llama.ask("POST", "/v1/chat/completions", body | {"cache_prompt": False})
    assert status == 200
    assert reply.text == wire["choices"][0]["message"]["content"] != ""
    assert reply.response_metadata["model_name"] == "tiny"
    assert reply.response_metadata["finish_reason"] == wire["choices"][0]["finish_reason"]
    assert reply.usage_metadata["input_tokens"] == wire["usage"]["prompt_tokens"]
    assert reply.usage_metadata["output_tokens"] == wire["usage"]["completion_tokens"]
    assert reply.usage_metadata["total_tokens"] == wire["usage"]["total_tokens"]


def test_a_row_of_its_own_needs_no_key(ask, llama):
    model = init_chat_model("llamacpp:tiny", base_url=f"{llama.url}/v1")
    assert ask.invoke(model, QUESTION, max_tokens=3).usage_metadata["output_tokens"] == 3


def test_a_stream_adds_up_to_what_invoke_returns(ask, model):
    chunks = ask.stream(model, QUESTION, **FIXED)
    whole, streamed = ask.invoke(model, QUESTION, **FIXED), added_up(chunks)
    assert len(chunks) > 10
    assert streamed.text == whole.text == "".join(chunk.text for chunk in chunks)
    assert streamed.usage_metadata == whole.usage_metadata
    assert streamed.response_metadata["finish_reason"] == whole.response_metadata["finish_reason"]


def test_a_batch_answers_in_order(ask, model):
    replies = ask.batch(model.bind(max_tokens=5), ["x" * n for n in range(1, 9)], limit=3)
    lengths = [reply.usage_metadata["input_tokens"] for reply in replies]
    assert lengths == [lengths[0] + n for n in range(8)]  # a token for each byte


def test_calls_side_by_side_do_not_mix(ask, model):
    replies = ask.at_once(model.bind(max_tokens=20), ["x" * n for n in range(1, 17)])
    lengths = [reply.usage_metadata["input_tokens"] for reply in replies]
    assert lengths == [lengths[0] + n for n in range(16)]


def test_logprobs_cover_the_text(ask, model):
    model = model.bind(logprobs=True, top_logprobs=3)
    streamed = added_up(ask.stream(model, QUESTION, **FIXED))
    for reply in (ask.invoke(model, QUESTION, **FIXED), streamed):
        tokens = reply.response_metadata["logprobs"]["content"]
        assert "".join(token["token"] for token in tokens).strip() == reply.text.strip()
        assert all(len(token["top_logprobs"]) == 3 for token in tokens)
        assert all(token["logprob"] <= 0 for token in tokens)


def test_stop_ends_the_reply_before_the_word(ask, model):
    whole = ask.invoke(model, QUESTION, **FIXED).text
    word = whole[5:7]
    wanted = whole.partition(word)[0]
    cut = ask.invoke(model, QUESTION, stop=[word], **FIXED)
    assert (cut.text, cut.response_metadata["finish_reason"]) == (wanted, "stop")
    cut = added_up(ask.stream(model.bind(stop=[word]), QUESTION, **FIXED))
    assert (cut.text, cut.response_metadata["finish_reason"]) == (wanted, "stop")


def test_max_tokens_ends_with_length(ask, model):
    replies = [
        ask.invoke(model, QUESTION, max_tokens=5, **ENDLESS),
        added_up(ask.stream(model, QUESTION, max_tokens=5, **ENDLESS)),
    ]
    for reply in replies:
        assert reply.response_metadata["finish_reason"] == "length"
        assert reply.usage_metadata["output_tokens"] == 5


def test_a_seed_fixes_the_text(ask, model):
    texts = [ask.invoke(model, QUESTION, **(FIXED | {"seed": seed})).text for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_reasoning_is_a_block_of_its_own(ask, model):
    settings = FIXED | {"extra_body": {"grammar": THOUGHTFUL, "cache_prompt": False}}
    whole = ask.invoke(model, QUESTION, **settings)
    streamed = added_up(ask.stream(model, QUESTION, **settings))
    assert [block["type"] for block in whole.content_blocks] == ["reasoning", "text"]
    assert [len(whole.content_blocks[0]["reasoning"]), len(whole.text)] == [6, 5]
    assert streamed.content_blocks == whole.content_blocks


def test_tool_calls_come_parsed(ask, model):
    tools = [{"type": "function", "function": WEATHER}]
    model = model.bind(tools=tools, tool_choice="required", seed=3, max_tokens=900)
    streamed = added_up(ask.stream(model, QUESTION, extra_body={"cache_prompt": False}))
    whole = ask.invoke(model, QUESTION, extra_body={"cache_prompt": False})
    for reply in (whole, streamed):
        assert reply.response_metadata["finish_reason"] == "tool_calls"
        assert reply.tool_calls
        for call in reply.tool_calls:
            assert call["name"] == "get_weather"
            assert call["id"]
            assert call["args"]["city"] in {"Paris", "Oslo"}
    assert [c["args"] for c in streamed.tool_calls] == [c["args"] for c in whole.tool_calls]


def test_an_answer_in_json_is_json(ask, model):
    schema = {"name": "weather", "schema": WEATHER["parameters"], "strict": True}
    model = model.bind(response_format={"type": "json_schema", "json_schema": schema})
    assert json.loads(ask.invoke(model, QUESTION, max_tokens=900).text).keys() == {"city", "days"}


def test_more_calls_than_a_connection_may_serve(ask, model):
    # llama.cpp closes a connection after its hundredth answer.
    replies = ask.batch(model.bind(max_tokens=1), [QUESTION] * 250, limit=1)
    assert [reply.usage_metadata["output_tokens"] for reply in replies] == [1] * 250


def test_a_question_longer_than_the_context(ask, model):
    with pytest.raises(ContextOverflowError, match="exceeds the available context size"):
        ask.invoke(model, "x" * 2000)
    with pytest.raises(ContextOverflowError, match="exceeds the available context size"):
        ask.stream(model, "x" * 2000)


def test_an_endpoint_that_is_not_there(ask, llama):
    model = init_chat_model("llamacpp:tiny", base_url=f"{llama.url}/nowhere")
    with pytest.raises(ModelNotFoundError):
        ask.invoke(model, QUESTION)


def test_leaving_a_stream_stops_the_server(served, llama):
    llama.wait_until_idle()
    for seen, _ in enumerate(served.stream(QUESTION, **ENDLESS)):
        if seen == 3:
            assert llama.busy() == 1
            break
    llama.wait_until_idle()


def test_leaving_an_async_stream_stops_the_server(served, llama):
    async def leave() -> None:
        chunks = served.astream(QUESTION, **ENDLESS)
        async for _ in chunks:
            break
        assert await asyncio.to_thread(llama.busy) == 1
        await chunks.aclose()
        await asyncio.to_thread(llama.wait_until_idle)

    llama.wait_until_idle()
    asyncio.run(leave())


def test_cancelling_a_task_stops_the_server(served, llama):
    # Only streams: llama.cpp finishes a whole reply even when nobody waits for it any more
    # (https://github.com/ggml-org/llama.cpp/issues/24496).
    async def listen() -> None:
        async for _ in served.astream(QUESTION, **ENDLESS):
            pass

    async def cancel() -> None:
        task = asyncio.create_task(listen())
        await asyncio.to_thread(llama.wait_until_busy)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(llama.wait_until_idle)

    llama.wait_until_idle()
    asyncio.run(cancel())


def test_a_server_killed_in_mid_sentence(ask, mortal_llama):
    model = model_at(mortal_llama)

    def stream() -> None:
        for _ in model.stream(QUESTION, **ENDLESS):
            mortal_llama.process.kill()

    async def astream() -> None:
        async for _ in model.astream(QUESTION, **ENDLESS):
            mortal_llama.process.kill()

    with pytest.raises(ModelConnectionError) as caught:
        stream() if isinstance(ask, Sync) else asyncio.run(astream())
    assert caught.value.partial.text
    with pytest.raises(ModelConnectionError):
        ask.invoke(model, QUESTION)
