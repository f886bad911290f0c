"""Every call has its answer and every answer its call, right beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from conure.engine.pairs import UNANSWERED, UNCALLED, paired
from conure.errors import ConfigurationError, SettingIgnoredWarning
from conure.messages import (
    AIMessage,
    BaseMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from conure.openai import ChatOpenAI


def calling(*ids: str) -> AIMessage:
    return AIMessage(tool_calls=[{"name": "look", "args": {}, "id": id} for id in ids])


def repaired(*messages: BaseMessage, **settings: Any) -> tuple[list[str], list[str]]:
    """Give the kinds of messages that go out, and what was told."""
    made, told = paired(messages, settings, "repair")
    return [type(message).__name__ for message in made], told


FINE: list[list[BaseMessage]] = [
    [],
    [HumanMessage("hi")],
    [SystemMessage("s"), HumanMessage("hi"), AIMessage("hello"), HumanMessage("bye")],
    [HumanMessage("hi"), calling("a"), ToolMessage("1", "a")],
    [HumanMessage("hi"), calling("a", "b"), ToolMessage("2", "b"), ToolMessage("1", "a")],
    [calling("a"), ToolMessage("1", "a"), calling("b"), ToolMessage("2", "b"), HumanMessage("x")],
    [calling("a"), HumanMessage([{"type": "tool_result", "tool_use_id": "a", "content": "1"}])],
    [AIMessage([{"type": "shell_call", "call_id": "s"}]), ToolMessage("1", "s")],
    # Some vendors count their calls anew in each reply.
    [calling("0"), ToolMessage("1", "0"), HumanMessage("x"), calling("0"), ToolMessage("2", "0")],
]


@pytest.mark.parametrize("messages", FINE)
@pytest.mark.parametrize("policy", ["repair", "refuse", "send"])
def test_what_is_whole_goes_as_it_is(messages: list[BaseMessage], policy: str) -> None:
    made, told = paired(messages, {}, policy)
    assert made is messages
    assert told == []


def test_a_call_without_an_answer_gets_one() -> None:
    history = [HumanMessage("hi"), calling("a", "b"), ToolMessage("1", "a"), HumanMessage("go on")]
    made, told = paired(history, {}, "repair")
    assert [type(message) for message in made] == [
        HumanMessage, AIMessage, ToolMessage, ToolMessage, HumanMessage,
    ]  # fmt: skip
    added = made[3]
    assert isinstance(added, ToolMessage)
    assert (added.tool_call_id, added.status, added.content) == ("b", "error", UNANSWERED)
    assert told == ["messages[1]: the call b of look has no answer"]
    assert len(history) == 4


def test_a_call_at_the_end_gets_one_too() -> None:
    kinds, told = repaired(HumanMessage("hi"), calling("a"))
    assert kinds == ["HumanMessage", "AIMessage", "ToolMessage"]
    assert len(told) == 1


def test_an_answer_without_a_call_is_told_by_the_user() -> None:
    made, told = paired([ToolMessage("42", "gone"), HumanMessage("so?")], {}, "repair")
    assert made[0] == HumanMessage(f"{UNCALLED}\n\n42")
    assert told == ["messages[0]: the tool's answer belongs to no call before it"]
    picture = {"type": "image", "url": "https://example.com/a.png"}
    made, _ = paired([ToolMessage([picture], "gone")], {}, "repair")
    assert made[0].content == [{"type": "text", "text": UNCALLED}, picture]


def test_an_id_that_comes_again_is_another_call() -> None:
    history = [calling("0"), ToolMessage("1", "0"), HumanMessage("x"), calling("0")]
    made, told = paired(history, {}, "repair")
    assert made[:4] == history
    assert [message.content for message in made[4:]] == [UNANSWERED]
    assert told == ["messages[3]: the call 0 of look has no answer"]


def test_a_second_answer_to_a_call_and_one_before_it_are_told_by_the_user() -> None:
    kinds, told = repaired(calling("a"), ToolMessage("1", "a"), ToolMessage("2", "a"))
    assert kinds == ["AIMessage", "ToolMessage", "HumanMessage"]
    assert len(told) == 1
    kinds, told = repaired(ToolMessage("1", "a"), calling("a"))
    assert kinds == ["HumanMessage", "AIMessage", "ToolMessage"]
    assert len(told) == 2


def test_an_answer_that_stands_apart_is_moved() -> None:
    history = [calling("a"), HumanMessage("wait"), ToolMessage("1", "a")]
    kinds, told = repaired(*history)
    assert kinds == ["AIMessage", "ToolMessage", "HumanMessage"]
    assert told == ["messages[2]: a tool's answer stood apart from its call"]


@pytest.mark.parametrize(
    "history", [[calling("a")], [ToolMessage("1", "a")], [calling("a"), HumanMessage("x")]]
)
def test_the_policy_refuse_raises(history: list[BaseMessage]) -> None:
    with pytest.raises(ConfigurationError, match=r"messages\[0\].*orphans='repair'"):
        paired(history, {}, "refuse")
    assert paired(history, {}, "send") == (history, [])


@pytest.mark.parametrize("name", ["previous_response_id", "conversation"])
def test_a_conversation_that_lies_with_the_provider_is_left_alone(name: str) -> None:
    history = [ToolMessage("1", "a")]
    assert paired(history, {name: "x_1"}, "refuse") == (history, [])


def test_the_older_form_is_paired_by_names() -> None:
    history = [calling("a"), FunctionMessage("1", name="look")]
    assert paired(history, {}, "refuse") == (history, [])


def test_a_model_mends_and_says_so() -> None:
    model = ChatOpenAI(model="m", api_key="k")
    shown = model.preview([HumanMessage("hi"), calling("a"), HumanMessage("go on")])
    assert [turn["role"] for turn in shown.body["messages"]] == [
        "user", "assistant", "tool", "user",
    ]  # fmt: skip
    assert shown.warnings == ("messages[1]: the call a of look has no answer",)

    class Answers:
        """Refuses everything: what was warned of before is what counts."""

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("sent")

    sending = ChatOpenAI(model="m", api_key="k", transport=Answers())
    with (
        pytest.warns(SettingIgnoredWarning, match="the call a of look"),
        pytest.raises(RuntimeError, match="sent"),
    ):
        sending.invoke([HumanMessage("hi"), calling("a")])
    refusing = ChatOpenAI(model="m", api_key="k", orphans="refuse")
    with pytest.raises(ConfigurationError, match="the call a of look has no answer"):
        refusing.preview([calling("a")])
    with pytest.raises(ConfigurationError, match="give one of"):
        ChatOpenAI(model="m", api_key="k", orphans="drop")
