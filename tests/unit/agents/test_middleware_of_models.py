"""The middleware that looks at what is said, asks models of its own, or helps a provider."""

from __future__ import annotations

from typing import Any

import pytest

from conure.agents import create_agent
from conure.agents.middleware import (
    LLMToolEmulator,
    LLMToolSelectorMiddleware,
    PIIDetectionError,
    PIIMiddleware,
    ProviderToolSearchMiddleware,
    SummarizationMiddleware,
)
from conure.agents.middleware.pii_kinds import DETECTORS
from conure.anthropic import ChatAnthropic
from conure.anthropic.middleware import AnthropicPromptCachingMiddleware
from conure.errors import ConfigurationError, SettingIgnoredWarning
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.openai import ChatOpenAI
from conure.runnables import RunnableLambda
from conure.testing import ScriptedChatModel
from tests.unit.agents.scripted import WAYS, call, calls, script, texts, user

ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def look(place: str) -> str:
    """Look at a place."""
    return f"ask ann@example.com at {place}"


def pay(amount: int) -> str:
    """Pay."""
    return f"paid {amount}"


# -- personal data --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, text, found",
    [
        ("email", "to a.b+c@ex-ample.co.uk, or not@all", ["a.b+c@ex-ample.co.uk"]),
        ("credit_card", "4111 1111 1111 1111 or 4111-1111-1111-1112", ["4111 1111 1111 1111"]),
        ("credit_card", "378282246310005, 4222222222222", ["378282246310005", "4222222222222"]),
        ("ip", "10.0.0.1, 300.1.1.1, version 1.2.3, fe80::1 at 10:30", ["10.0.0.1", "fe80::1"]),
        ("mac_address", "00:1B:44:11:3a:b7 and 00:1B:44:11:3a", ["00:1B:44:11:3a:b7"]),
        (
            "url",
            "See https://a.example/x?y=1. Or www.b.example, c.example/d, not e.example",
            ["https://a.example/x?y=1", "www.b.example", "c.example/d"],
        ),
    ],
)
def test_what_is_found(kind, text, found):
    matches = DETECTORS[kind](text)
    assert [match["value"] for match in matches] == found
    assert all(text[one["start"] : one["end"]] == one["value"] for one in matches)


@pytest.mark.parametrize(
    "kind, strategy, text, left",
    [
        ("email", "redact", "a@b.org", "[REDACTED_EMAIL]"),
        ("email", "mask", "ann@b.org", "ann@****.org"),
        ("credit_card", "mask", "4111 1111 1111 1111", "**** **** **** 1111"),
        ("ip", "mask", "10.0.0.17", "*.*.*.17"),
        ("mac_address", "mask", "00-1b-44-11-3a-b7", "**-**-**-**-**-b7"),
        ("url", "mask", "https://a.example", "[MASKED_URL]"),
        ("email", "hash", "a@b.org a@b.org", "<email_hash:14e1e01c> <email_hash:14e1e01c>"),
    ],
)
def test_what_is_put_in_its_place(kind, strategy, text, left):
    model = script("ok")
    agent = create_agent(model, middleware=[PIIMiddleware(kind, strategy=strategy)])
    shown = str(texts(agent.invoke(user(text)))[0])
    if strategy == "hash":
        first, second = shown.split()
        assert first == second
        assert first.startswith("<email_hash:")
        assert text.split()[0] not in shown
    else:
        assert shown == left
    assert model.calls[0][0][0].text == shown


@ways
def test_input_results_and_output_are_looked_at_whereasked(way):
    model = script(calls(call("look", place="x")), "it was eve@example.com")
    everywhere = PIIMiddleware("email", apply_to_output=True, apply_to_tool_results=True)
    agent = create_agent(model, [look], middleware=[everywhere])
    said = texts(way(agent, user("I am bob@example.com")))
    assert said == [
        "I am [REDACTED_EMAIL]",
        "",
        "ask [REDACTED_EMAIL] at x",
        "it was [REDACTED_EMAIL]",
    ]


def test_only_the_input_is_looked_at_if_nothing_is_said():
    agent = create_agent(script("eve@example.com"), middleware=[PIIMiddleware("email")])
    assert texts(agent.invoke(user("bob@example.com"))) == ["[REDACTED_EMAIL]", "eve@example.com"]


def test_texts_in_blocks_are_looked_at_and_other_blocks_stay():
    image = {"type": "image", "url": "https://a.example/x.png"}
    said = HumanMessage([{"type": "text", "text": "bob@example.com"}, image])
    agent = create_agent(script("ok"), middleware=[PIIMiddleware("email")])
    (first, *_) = agent.invoke({"messages": [said]})["messages"]
    assert first.content == [{"type": "text", "text": "[REDACTED_EMAIL]"}, image]


@ways
def test_what_is_blocked_raises_before_the_model_isasked(way):
    model = script("never")
    agent = create_agent(model, middleware=[PIIMiddleware("email", strategy="block")])
    with pytest.raises(PIIDetectionError) as raised:
        way(agent, user("bob@example.com"))
    assert "bob" not in str(raised.value)
    assert raised.value.matches[0]["value"] == "bob@example.com"
    assert not model.calls


def test_kinds_of_one_s_own():
    def shouting(text: str) -> list[Any]:
        return [{"start": 0, "end": 4}] if text.isupper() else []

    own = [PIIMiddleware("key", detector=r"sk-\w+"), PIIMiddleware("shout", detector=shouting)]
    agent = create_agent(script("ok", "ok"), middleware=own)
    assert texts(agent.invoke(user("my sk-12")))[0] == "my [REDACTED_KEY]"
    assert texts(agent.invoke(user("HELP!")))[0] == "[REDACTED_SHOUT]!"


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: PIIMiddleware("shoe size"), "detector="),
        (lambda: PIIMiddleware("key", detector="("), "no regular expression"),
        (lambda: PIIMiddleware("email", strategy="hide"), "none of 'block'"),
        (lambda: SummarizationMiddleware(script(), trigger=("words", 3)), "none of fraction"),
        (lambda: SummarizationMiddleware(script(), keep=("messages", 0)), "above 0"),
        (lambda: SummarizationMiddleware(script(), keep=("fraction", 0.5)), "how much this model"),
        (lambda: SummarizationMiddleware(script(), trigger=[{}]), "a clause names"),
        (lambda: SummarizationMiddleware(script(), summary_prompt="?"), "{messages}"),
        (lambda: SummarizationMiddleware(7), "neither a chat model"),
        (lambda: LLMToolSelectorMiddleware(max_tools=0), "no tool to choose"),
        (lambda: LLMToolSelectorMiddleware(on_parsing_failure="?"), "none of"),
        (LLMToolEmulator, "needs the model"),
        (lambda: AnthropicPromptCachingMiddleware(ttl="2m"), "ttl"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ConfigurationError, match=words):
        make()


# -- summaries ------------------------------------------------------------------------------------


def _history() -> list[Any]:
    return [
        HumanMessage("one"),
        calls(call("look", "7", place="x")),
        ToolMessage("there", "7", name="look"),
        AIMessage("two"),
        HumanMessage("three"),
    ]


@ways
def test_the_older_part_becomes_a_summary(way):
    writer, model = script("they looked"), script("ok")
    shorter = SummarizationMiddleware(writer, trigger=("messages", 5), keep=("messages", 2))
    said = texts(way(create_agent(model, middleware=[shorter]), {"messages": _history()}))
    summary = "Here is a summary of the conversation to date:\n\nthey looked"
    assert said == [summary, "two", "three", "ok"]
    assert "Human: one" in str(writer.calls[0][0][0].text)
    assert [str(m.text) for m in model.calls[0][0]] == said[:-1]


def test_a_call_stays_with_its_result():
    shorter = SummarizationMiddleware(script("s"), trigger=("messages", 5), keep=("messages", 3))
    agent = create_agent(script("ok"), middleware=[shorter])
    kinds = [m.type for m in agent.invoke({"messages": _history()})["messages"]]
    assert kinds == ["human", "ai", "tool", "ai", "human", "ai"]


class Known(ScriptedChatModel):
    """A model of which it is known how much it reads."""

    @property
    def profile(self) -> Any:
        return {"max_input_tokens": 1000}


@pytest.mark.parametrize(
    "trigger, shortens",
    [
        (None, False),
        (("messages", 6), False),
        ({"messages": 5, "tokens": 10_000}, False),
        ([("messages", 6), {"messages": 5, "tokens": 1}], True),
        (("tokens", 1), True),
        (("fraction", 0.01), True),
        (("fraction", 1.0), False),
    ],
)
def test_when_it_is_long(trigger, shortens):
    writer = Known(["s"])
    shorter = SummarizationMiddleware(writer, trigger=trigger, keep=("tokens", 8))
    create_agent(script("ok"), middleware=[shorter]).invoke({"messages": _history()})
    assert bool(writer.calls) is shortens


def test_who_may_write_the_summary():
    async def later(messages: Any) -> str:
        return f"awaited {len(messages)}"

    writers = {
        "by 3": lambda messages: f"by {len(messages)}",
        "run 3": RunnableLambda(lambda messages: f"run {len(messages)}"),
        "model": script("model"),
    }
    for words, writer in writers.items():
        shorter = SummarizationMiddleware(
            script(), trigger=("messages", 5), keep=("messages", 2), summarizer=writer
        )
        agent = create_agent(script("ok"), middleware=[shorter])
        assert texts(agent.invoke({"messages": _history()}))[0].endswith(words)
    shorter = SummarizationMiddleware(
        script(), trigger=("messages", 5), keep=("messages", 2), summarizer=later
    )
    agent = create_agent(script("ok", "ok"), middleware=[shorter])
    for way in ("invoke", "ainvoke"):
        said = texts(WAYS[way](agent, {"messages": _history()}))
        assert said[0].endswith("awaited 3")


def test_nothing_is_thrown_away_for_an_empty_summary():
    shorter = SummarizationMiddleware(script(" "), trigger=("messages", 5), keep=("messages", 2))
    with pytest.raises(ConfigurationError, match="not shortened"):
        create_agent(script("ok"), middleware=[shorter]).invoke({"messages": _history()})


# -- choosing and playing tools -------------------------------------------------------------------


def _offered(model: Any) -> list[str]:
    return [tool["function"]["name"] for tool in model.calls[0][1].get("tools", ())]


@ways
def test_a_model_chooses_the_tools(way):
    chooser, model = script('{"tools": ["pay", "look"]}'), script("ok")
    choosing = LLMToolSelectorMiddleware(model=chooser, max_tools=1)
    way(create_agent(model, [look, pay], middleware=[choosing]), user())
    assert _offered(model) == ["pay"]
    assert "- pay: Pay." in str(chooser.calls[0][0][0].text)


def test_some_tools_are_not_up_for_choice():
    model = script("ok")
    choosing = LLMToolSelectorMiddleware(
        model=script('{"tools": []}'), max_tools=1, always_include=["look"]
    )
    create_agent(model, [look, pay], middleware=[choosing]).invoke(user())
    assert _offered(model) == ["look"]
    choosing = LLMToolSelectorMiddleware(model=script(), always_include=["sing"])
    with pytest.raises(ConfigurationError, match="always_include names sing"):
        create_agent(model, [look, pay], middleware=[choosing]).invoke(user())


def test_what_happens_when_there_is_no_choice():
    def offered(handling: Any, *answers: str) -> list[str]:
        model = script("ok")
        choosing = LLMToolSelectorMiddleware(model=script(*answers), on_parsing_failure=handling)
        create_agent(model, [look, pay], middleware=[choosing]).invoke(user())
        return _offered(model)

    wrong = ("what?", '{"tools": ["sing"]}')
    assert offered("error", "what?", '{"tools": ["pay"]}') == ["pay"]
    assert offered("all", *wrong) == ["look", "pay"]
    assert offered("none", *wrong) == []
    assert offered(["look"], *wrong) == ["look"]
    assert offered(lambda answer: ["pay"], *wrong) == ["pay"]
    with pytest.raises(ConfigurationError, match="on_parsing_failure says"):
        offered("error", *wrong)


@ways
def test_a_model_plays_a_tool(way):
    played = script("seen: a cat")
    model = script(calls(call("look", "1", place="x"), call("pay", "2", amount=1)), "ok")
    playing = LLMToolEmulator(tools=["look"], model=played)
    result = way(create_agent(model, [look, pay], middleware=[playing]), user())
    assert texts(result)[-3:] == ["seen: a cat", "paid 1", "ok"]
    assert '{"place": "x"}' in str(played.calls[0][0][0].text)


# -- help for a provider --------------------------------------------------------------------------


class Shown(Exception):  # noqa: N818 - ends the run
    """Carries the request that a model was about to send."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that shows the body a model would be sent."""

    def invoke(self: Any, messages: Any, *args: Any, **kwargs: Any) -> Any:
        raise Shown(self.preview(messages).body)

    def ask(middleware: Any, model: Any) -> Any:
        monkeypatch.setattr(type(model), "invoke", invoke)
        agent = create_agent(model, [look, pay], system_prompt="Be brief.", middleware=[middleware])
        with pytest.raises(Shown) as shown:
            agent.invoke(user())
        return shown.value.args[0]

    return ask


MARK = {"type": "ephemeral", "ttl": "1h"}


def test_tools_prompt_and_history_are_marked_for_anthropic(asked):
    model = ChatAnthropic(model="claude-sonnet-4-5", api_key="k")
    body = asked(AnthropicPromptCachingMiddleware(ttl="1h"), model)
    assert body["cache_control"] == MARK
    assert body["system"][-1] == {"type": "text", "text": "Be brief.", "cache_control": MARK}
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, MARK]


def test_short_conversations_are_not_marked(asked):
    model = ChatAnthropic(model="claude-sonnet-4-5", api_key="k")
    body = asked(AnthropicPromptCachingMiddleware(min_messages_to_cache=3), model)
    assert "cache_control" not in str(body)


def test_another_maker_s_model_is_warned_about_or_refused():
    agent = create_agent(script("ok"), middleware=[AnthropicPromptCachingMiddleware()])
    with pytest.warns(SettingIgnoredWarning, match="is for Anthropic's models"):
        agent.invoke(user())
    strict = AnthropicPromptCachingMiddleware(unsupported_model_behavior="raise")
    with pytest.raises(ConfigurationError, match="is for Anthropic's models"):
        create_agent(script("ok"), middleware=[strict]).invoke(user())


def test_tools_are_deferred_to_the_provider_s_search(asked):
    searching = ProviderToolSearchMiddleware(searchable_tools=["pay"])
    body = asked(searching, ChatAnthropic(model="claude-sonnet-4-5", api_key="k"))
    assert [tool.get("defer_loading") for tool in body["tools"]] == [None, True, None]
    assert body["tools"][-1]["type"] == "tool_search_tool_bm25_20251119"
    body = asked(searching, ChatOpenAI(model="gpt-5.4", api_key="k"))
    assert [tool.get("defer_loading") for tool in body["tools"]] == [None, True, None]
    assert body["tools"][-1] == {"type": "tool_search"}


def test_a_tool_to_search_for_must_be_there():
    searching = ProviderToolSearchMiddleware(searchable_tools=["sing"])
    with pytest.raises(ConfigurationError, match="searchable_tools names sing"):
        create_agent(script("ok"), [look], middleware=[searching]).invoke(user())
