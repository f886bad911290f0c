"""What every provider's class does, written once: asked over sockets, in the four ways.

What a language cannot say is refused or warned about, and that is tested in the same place.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from conure.errors import ConfigurationError, SettingIgnoredWarning, Truncated
from conure.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from tests.live.asking import MODES, ask
from tests.providers.said import Call, Heard, Said, Turn, serving
from tests.providers.table import PROVIDERS, Provider

every = pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
mode = pytest.mark.parametrize("mode", MODES)

IMAGE = "aW1hZ2U="
PAPER = "JVBERi0="


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"rain in {city}"


class Movie(BaseModel):
    title: str
    year: int


UP = {"title": "Up", "year": 2009}


def heard_by(server: Any, provider: Provider, number: int = -1) -> Heard:
    return provider.speaker.hear(server.requests[number])


# -- text ---------------------------------------------------------------------------------------


@every
@mode
def test_a_question_is_answered(provider: Provider, mode: str) -> None:
    text = "Hello there,\n  world: “ünï”  ends."
    with serving(provider.speaker, Said(text)) as server:
        model = provider.at(server.url)
        message = ask(model, mode, [SystemMessage("Be short."), HumanMessage("Hi!")])
        heard = heard_by(server, provider)
    assert type(message) is AIMessage
    assert message.text == text
    assert [(block["type"], block["text"]) for block in message.content_blocks] == [("text", text)]
    named = "m" if provider.lacks("model name") else "m-1"
    assert message.response_metadata["model_name"] == named
    assert message.response_metadata["model_provider"] == model.provider
    assert message.id
    assert heard.model == "m"
    assert heard.turns == [Turn("system", "Be short."), Turn("user", "Hi!")]
    assert (heard.tools, heard.forced, heard.schema) == ({}, None, None)


@every
@pytest.mark.parametrize("mode", ["stream", "astream"])
def test_a_stream_shows_the_text_as_it_is_written(provider: Provider, mode: str) -> None:
    with serving(provider.speaker, Said("one two three")) as server:
        model = provider.at(server.url)
        if mode == "stream":
            chunks = list(model.stream("hi"))
        else:
            chunks = asyncio.run(collected(model.astream("hi")))
    assert [chunk.text for chunk in chunks if chunk.text] == ["one", " two", " three"]
    assert len({chunk.id for chunk in chunks}) == 1


async def collected(stream: Any) -> list[Any]:
    return [piece async for piece in stream]


@every
def test_all_ways_give_the_same_message(provider: Provider) -> None:
    said = Said("Hm. Rain.", "Let me think.", (Call("get_weather", {"city": "Oslo"}),))
    with serving(provider.speaker, said) as server:
        messages = [ask(provider.at(server.url), mode) for mode in MODES]
    facts = [(m.content, m.content_blocks, m.tool_calls, m.usage_metadata) for m in messages]
    assert facts == facts[:1] * len(MODES)
    metadata = [m.response_metadata for m in messages]
    assert metadata == metadata[:1] * len(MODES)


@every
@pytest.mark.parametrize("colour", ["batch", "abatch"])
def test_many_questions_are_answered_in_their_order(provider: Provider, colour: str) -> None:
    def echo(heard: Heard) -> Said:
        return Said(f"re: {heard.turns[-1].text}")

    questions = [f"question {number}" for number in range(12)]
    with serving(provider.speaker, echo) as server:
        model = provider.at(server.url)
        if colour == "batch":
            answers = model.batch(questions, config={"max_concurrency": 4})
        else:
            answers = asyncio.run(model.abatch(questions, config={"max_concurrency": 4}))
    assert [answer.text for answer in answers] == [f"re: {question}" for question in questions]


@every
@mode
def test_settings_reach_the_provider(provider: Provider, mode: str) -> None:
    settings: dict[str, Any] = {"temperature": 0.5, "max_tokens": 50, "stop": ["END"]}
    if provider.lacks("stop"):
        del settings["stop"]
    with serving(provider.speaker, Said("fine")) as server:
        ask(provider.at(server.url), mode, **settings)
        assert heard_by(server, provider).settings == settings
        ask(provider.at(server.url, **settings), mode)
        assert heard_by(server, provider).settings == settings


@every
def test_a_stop_that_cannot_be_said_is_told(provider: Provider) -> None:
    if not provider.lacks("stop"):
        with serving(provider.speaker, Said("fine")) as server:
            provider.at(server.url).invoke("hi", stop="END")
            assert heard_by(server, provider).settings["stop"] in ("END", ["END"])
        return
    with (
        serving(provider.speaker, Said("fine")) as server,
        pytest.warns(SettingIgnoredWarning, match="stop"),
    ):
        provider.at(server.url).invoke("hi", stop=["END"])


@every
@mode
def test_what_it_cost(provider: Provider, mode: str) -> None:
    with serving(provider.speaker, Said("fine", cost=(31, 17))) as server:
        usage = ask(provider.at(server.url), mode).usage_metadata
    assert usage is not None
    counts = (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"])
    assert counts == (31, 17, 48)


@every
@mode
def test_a_reply_that_met_its_limit_says_so(provider: Provider, mode: str) -> None:
    with serving(provider.speaker, Said("fine and", is_cut=True)) as server:
        model = provider.at(server.url)
        message = ask(model, mode)
        assert message.text == "fine and"
        reasons = {"length", "max_tokens", "max_output_tokens", "MAX_TOKENS"}
        assert reasons & set(map(str, leaves(message.response_metadata)))
        with pytest.raises(Truncated):
            value(model.with_structured_output(Movie), mode)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [value]


# -- tools --------------------------------------------------------------------------------------


@every
@mode
def test_a_tool_is_called_and_its_answer_sent_back(provider: Provider, mode: str) -> None:
    oslo, rome = Call("get_weather", {"city": "Oslo"}), Call("get_weather", {"city": "Rome"}, "c_2")
    asked = Said("I will look.", calls=(oslo, rome))
    with serving(provider.speaker, asked, Said("Rain.")) as server:
        model = provider.at(server.url).bind_tools([get_weather])
        call = ask(model, mode, "Weather?")
        history = [
            HumanMessage("Weather?"),
            call,
            *(ToolMessage(f"rain in {c['args']['city']}", tool_call_id=c["id"], name=c["name"])
              for c in call.tool_calls),
        ]  # fmt: skip
        answer = ask(model, mode, history)
        first, second = heard_by(server, provider, 0), heard_by(server, provider, 1)
    assert [(c["name"], c["args"], c["id"]) for c in call.tool_calls] == [
        (made.name, made.args, made.id) for made in (oslo, rome)
    ]
    assert (call.text, call.invalid_tool_calls) == ("I will look.", [])
    assert answer.text == "Rain."
    (schema,) = first.tools.values()
    assert list(first.tools) == ["get_weather"]
    assert schema["properties"]["city"]["type"].lower() == "string"
    assert schema["required"] == ["city"]
    assert first.forced is None
    assert second.turns == [
        Turn("user", "Weather?"),
        Turn("assistant", "I will look.", calls=[(made.name, made.args) for made in (oslo, rome)]),
        Turn("tool", "rain in Oslo", answers="call_1"),
        Turn("tool", "rain in Rome", answers="c_2"),
    ]


@every
@mode
def test_a_tool_without_arguments(provider: Provider, mode: str) -> None:
    with serving(provider.speaker, Said(calls=(Call("now", {}),))) as server:
        message = ask(provider.at(server.url), mode)
    assert [(c["name"], c["args"]) for c in message.tool_calls] == [("now", {})]
    assert message.invalid_tool_calls == []


@every
@mode
@pytest.mark.parametrize(
    "choice, forced",
    [("get_weather", "get_weather"), ("any", "any"), ("required", "any"), ("auto", None)],
)
def test_a_tool_can_be_forced(provider: Provider, mode: str, choice: str, forced: Any) -> None:
    with serving(provider.speaker, Said("fine")) as server:
        model = provider.at(server.url).bind_tools([get_weather, Movie], tool_choice=choice)
        if provider.lacks("forced tools") and forced:
            with pytest.warns(SettingIgnoredWarning, match="tool_choice"):
                ask(model, mode)
            assert heard_by(server, provider).forced is None
        else:
            ask(model, mode)
            heard = heard_by(server, provider)
            if provider.lacks("named tools") and forced == "get_weather":
                # Offered alone, it is the one that must be called.
                assert (heard.forced, list(heard.tools)) == ("any", ["get_weather"])
                return
            assert heard.forced == forced
        assert list(heard_by(server, provider).tools) == ["get_weather", "Movie"]


# -- values -------------------------------------------------------------------------------------


def value(structured: Any, mode: str) -> Any:
    """Ask for a value in one of the four ways; the last one that a stream shows is whole."""
    if mode == "invoke":
        return structured.invoke("hi")
    if mode == "ainvoke":
        return asyncio.run(structured.ainvoke("hi"))
    if mode == "stream":
        return list(structured.stream("hi"))[-1]
    return asyncio.run(collected(structured.astream("hi")))[-1]


@every
@mode
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode", None])
@pytest.mark.parametrize("kind", [Movie, {**Movie.model_json_schema()}], ids=["class", "schema"])
@pytest.mark.filterwarnings("ignore:left out tool_choice")
def test_an_answer_of_a_given_form(provider: Provider, mode: str, method: Any, kind: Any) -> None:
    def answer(heard: Heard) -> Said:
        if heard.tools:
            return Said(calls=(Call("Movie", UP),))
        return Said('{"title": "Up", "year": 2009}')

    with serving(provider.speaker, answer) as server:
        structured = provider.at(server.url).with_structured_output(kind, method=method)
        found = value(structured, mode)
        heard = heard_by(server, provider)
    assert found == (Movie(**UP) if kind is Movie else UP)
    if method == "function_calling":
        assert list(heard.tools) == ["Movie"]
        assert heard.forced in ([None] if provider.lacks("forced tools") else ["Movie", "any"])
    elif method == "json_mode" and not provider.lacks("json_mode"):
        assert heard.schema is True
    elif method is not None:
        assert heard.schema["properties"].keys() == UP.keys()
    assert bool(heard.schema) != bool(heard.tools)


# -- more than text -------------------------------------------------------------------------------


@every
@mode
def test_an_image_is_shown(provider: Provider, mode: str) -> None:
    blocks = [
        {"type": "text", "text": "What is this?"},
        {"type": "image", "base64": IMAGE, "mime_type": "image/png"},
    ]
    openai = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}
    with serving(provider.speaker, Said("A cat.")) as server:
        model = provider.at(server.url)
        for content in (blocks, [blocks[0], openai]):
            assert ask(model, mode, [HumanMessage(content)]).text == "A cat."
            assert heard_by(server, provider).turns == [Turn("user", "What is this?", "", [IMAGE])]


@every
@mode
def test_a_paper_is_shown(provider: Provider, mode: str) -> None:
    paper = {"type": "file", "base64": PAPER, "mime_type": "application/pdf", "filename": "a.pdf"}
    question = [HumanMessage([{"type": "text", "text": "Sum up."}, paper])]
    with serving(provider.speaker, Said("Rain.")) as server:
        model = provider.at(server.url)
        if provider.lacks("files"):
            with pytest.raises(ConfigurationError, match=r"messages\[0\].content\[1\]"):
                ask(model, mode, question)
            assert server.requests == []
        else:
            assert ask(model, mode, question).text == "Rain."
            assert heard_by(server, provider).turns == [Turn("user", "Sum up.", "", [PAPER])]


@every
@mode
def test_what_the_model_thought_is_shown_and_sent_back(provider: Provider, mode: str) -> None:
    oslo = Call("get_weather", {"city": "Oslo"})
    first = Said("It rains.", "Let me think, step by step.", (oslo,))
    with serving(provider.speaker, first, Said("So it is.")) as server:
        model = provider.at(server.url)
        message = ask(model, mode)
        result = ToolMessage("rain", tool_call_id=message.tool_calls[0]["id"], name="get_weather")
        ask(model, mode, [HumanMessage("hello"), message, result])
        heard = heard_by(server, provider)
    kinds = [block["type"] for block in message.content_blocks]
    assert kinds == ["reasoning", "text", "tool_call"]
    assert message.content_blocks[0]["reasoning"] == first.thought
    assert message.text == "It rains."
    thought = "" if provider.lacks("thoughts sent back") else first.thought
    assert heard.turns[1] == Turn("assistant", "It rains.", thought, calls=[(oslo.name, oslo.args)])
