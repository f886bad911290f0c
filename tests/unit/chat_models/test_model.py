"""What every chat model does alike, whatever answers: shown on models of our own."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from conure.chat_models import init_chat_model
from conure.errors import ModelAPIError
from conure.messages import AIMessage, HumanMessage, SystemMessage, message_chunk_to_message
from conure.testing import EchoChatModel, FunctionChatModel, ScriptedChatModel

MODES = ("invoke", "ainvoke", "stream", "astream")
mode = pytest.mark.parametrize("mode", MODES)


def ask(model, mode, question="hello there", config=None, **settings):
    if mode == "invoke":
        return model.invoke(question, config, **settings)
    if mode == "ainvoke":
        return asyncio.run(model.ainvoke(question, config, **settings))
    if mode == "stream":
        chunks = list(model.stream(question, config, **settings))
    else:

        async def collect():
            return [chunk async for chunk in model.astream(question, config, **settings)]

        chunks = asyncio.run(collect())
    total = chunks[0]
    for chunk in chunks[1:]:
        total = total + chunk
    return message_chunk_to_message(total)


class Diary:
    """A handler that writes down what it is told."""

    def __init__(self, *, fails=False):
        self.told = []
        self.fails = fails
        self.raise_error = fails

    def on_chat_model_start(self, serialized, messages, **facts):
        self.told.append(("start", messages[0][0].text, facts))

    def on_llm_new_token(self, token, **facts):
        self.told.append(("token", token, facts))

    def on_llm_end(self, response, **facts):
        if self.fails:
            raise RuntimeError("the diary is full")
        self.told.append(("end", response.generations[0][0].message.text, facts))

    def on_llm_error(self, error, **facts):
        self.told.append(("error", str(error), facts))

    def words(self):
        return [entry[:2] for entry in self.told]


class AsyncDiary(Diary):
    async def on_chat_model_start(self, serialized, messages, **facts):
        await asyncio.sleep(0)
        Diary.on_chat_model_start(self, serialized, messages, **facts)

    async def on_llm_new_token(self, token, **facts):
        Diary.on_llm_new_token(self, token, **facts)

    async def on_llm_end(self, response, **facts):
        Diary.on_llm_end(self, response, **facts)


@mode
def test_all_ways_of_asking_give_one_answer(mode):
    message = ask(EchoChatModel(), mode)
    assert type(message) is AIMessage
    assert message.text == "hello there"
    assert message.usage_metadata == {"input_tokens": 2, "output_tokens": 2, "total_tokens": 4}
    assert message.response_metadata == {
        "model_provider": "test",
        "model_name": "echo",
        "finish_reason": "stop",
    }
    assert message.id.startswith("lc_run--")


@mode
@pytest.mark.parametrize("diary", [Diary, AsyncDiary])
def test_handlers_hear_of_every_call(mode, diary):
    heard = diary()
    ask(EchoChatModel(), mode, config={"callbacks": [heard]})
    words = heard.words()
    assert words[0] == ("start", "hello there")
    assert words[-1] == ("end", "hello there")
    tokens = [word for kind, word in words if kind == "token"]
    assert "".join(tokens) == ("hello there" if "stream" in mode else "")
    assert len({facts["run_id"] for _, _, facts in heard.told}) == 1


@mode
def test_a_run_is_named_and_labelled(mode):
    heard = Diary()
    model = EchoChatModel(tags=["own"], metadata={"a": 1}, callbacks=[heard])
    ask(model, mode, config={"run_name": "joke", "tags": ["call"], "metadata": {"b": 2}})
    facts = heard.told[0][2]
    assert facts["name"] == "joke"
    assert set(facts["tags"]) == {"own", "call"}
    assert {"a": 1, "b": 2, "ls_provider": "test"}.items() <= facts["metadata"].items()
    assert facts["parent_run_id"] is None


@mode
def test_handlers_hear_of_failures(mode):
    heard = Diary()
    with pytest.raises(ModelAPIError):
        ask(ScriptedChatModel([ModelAPIError("oops")]), mode, config={"callbacks": [heard]})
    assert heard.words() == [("start", "hello there"), ("error", "oops")]


@mode
def test_a_failing_handler_breaks_nothing_unless_it_insists(mode, caplog):
    class Clumsy(Diary):
        def on_llm_end(self, response, **facts):
            raise RuntimeError("clumsy")

    assert ask(EchoChatModel(), mode, config={"callbacks": [Clumsy()]}).text == "hello there"
    assert "clumsy" in caplog.text
    with pytest.raises(RuntimeError, match="diary is full"):
        ask(EchoChatModel(), mode, config={"callbacks": [Diary(fails=True)]})


def test_a_consumer_of_streams_makes_invoke_stream():
    heard = Diary()
    heard.streams_models = True
    message = EchoChatModel().invoke("hello there", {"callbacks": [heard]})
    assert message.text == "hello there"
    assert [word for kind, word in heard.words() if kind == "token"] == ["hello", " there", ""]


@pytest.mark.parametrize("forbidden", [True, "tool_calling"])
def test_streaming_can_be_forbidden(forbidden):
    seen = []

    class Watched(EchoChatModel):
        def reply(self, request, emit):
            seen.append(request.streaming)
            return super().reply(request, emit)

    model = Watched(disable_streaming=forbidden)
    list(model.stream("hello"))
    list(model.stream("hello", tools=[{"type": "function"}]))
    assert seen == ([False, False] if forbidden is True else [True, False])


@mode
def test_settings_of_a_call_win_over_bound_ones(mode):
    model = FunctionChatModel(lambda messages: "ok").bind(stop=["a"], temperature=1).bind(seed=2)
    ask(model, mode, temperature=0)
    assert model.calls[0][1] == {"stop": ["a"], "temperature": 0, "seed": 2}


def test_binding_leaves_the_model_as_it_was():
    model = EchoChatModel()
    bound = model.bind(stop=["there"])
    assert bound.invoke("hello there").text == "hello "
    assert model.invoke("hello there").text == "hello there"
    assert isinstance(bound, EchoChatModel)


def test_config_is_merged_in_layers():
    heard = Diary()
    model = EchoChatModel().with_config({"tags": ["a"], "callbacks": [heard]})
    model.with_config(tags=["b"]).invoke("hi", {"tags": ["c"]})
    assert heard.told[0][2]["tags"] == ["a", "b", "c"]


@mode
def test_a_limiter_is_asked_once_per_call(mode):
    class Limiter:
        def __init__(self):
            self.asked = 0

        def reserve(self, now):
            self.asked += 1
            return 0.0

    limiter = Limiter()
    model = EchoChatModel(rate_limiter=limiter)
    ask(model, mode)
    ask(model, mode)
    assert limiter.asked == 2


def test_batches_keep_their_order():
    model = EchoChatModel()
    questions = [f"question {n}" for n in range(20)]
    assert [m.text for m in model.batch(questions, {"max_concurrency": 5})] == questions
    assert [m.text for m in asyncio.run(model.abatch(questions))] == questions
    done = dict(model.batch_as_completed(questions))
    assert [done[n].text for n in range(20)] == questions


def test_failures_of_a_batch_can_stand_in_their_place():
    model = FunctionChatModel(
        lambda messages: ModelAPIError("bad") if "2" in messages[0].text else "ok"
    )
    answers = model.batch(["1", "2", "3"], return_exceptions=True)
    assert [getattr(answer, "text", str(answer)) for answer in answers] == ["ok", "bad", "ok"]
    with pytest.raises(ModelAPIError):
        model.batch(["1", "2", "3"])


def test_models_stand_in_chains():
    chain = (
        (lambda name: f"Hello {name}") | EchoChatModel() | (lambda message: message.text.upper())
    )
    assert chain.invoke("Ada") == "HELLO ADA"
    assert asyncio.run(chain.ainvoke("Ada")) == "HELLO ADA"


def test_fallbacks_take_over():
    broken = ScriptedChatModel([ModelAPIError("down")] * 2)
    model = broken.with_fallbacks([EchoChatModel()])
    assert model.invoke("hello").text == "hello"
    assert "".join(chunk.text for chunk in model.stream("hello")) == "hello"


def test_retries_ask_again():
    model = ScriptedChatModel([ModelAPIError("down"), "up"])
    again = model.with_retry(wait_exponential_jitter=False, stop_after_attempt=2)
    assert again.invoke("hello").text == "up"


@pytest.mark.parametrize(
    "given",
    [
        "hi",
        HumanMessage("hi"),
        {"role": "user", "content": "hi"},
        ("user", "hi"),
        ["hi"],
        [("system", "be nice"), ("human", "hi")],
        [SystemMessage("be nice"), {"role": "user", "content": "hi"}],
    ],
)
def test_every_form_of_question(given):
    assert EchoChatModel().invoke(given).text == "hi"


def test_a_script_that_is_over_says_so():
    model = ScriptedChatModel(["one"])
    model.invoke("hi")
    with pytest.raises(ValueError, match=r"script .* is over"):
        model.invoke("hi")


def test_the_parrot_says_how_to_get_a_real_model():
    assert "OPENAI_API_KEY" in init_chat_model("test:parrot").invoke("hello").text


def test_replies_survive_pickling():
    message = EchoChatModel().invoke("hello")
    assert pickle.loads(pickle.dumps(message)) == message


@mode
def test_content_may_be_standard_blocks(mode):
    message = ask(EchoChatModel(output_version="v1"), mode)
    assert message.content == [{"type": "text", "text": "hello there"}]
    assert message.response_metadata["output_version"] == "v1"
    assert message.text == "hello there"
