from __future__ import annotations

import pytest

from conure.errors import ConfigurationError
from conure.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)

CALL = {"name": "f", "args": {}, "id": "1"}
SAID = [
    SystemMessage("s"),
    HumanMessage("q1"),
    AIMessage("a1"),
    HumanMessage("q2"),
    AIMessage("", tool_calls=[CALL]),
    ToolMessage("r", tool_call_id="1"),
    AIMessage("a2"),
]


def words(messages):
    return sum(len(m.text.split()) for m in messages)


def trimmed(messages=SAID, **options):
    found = trim_messages(messages, **({"token_counter": len} | options))
    return [m.text or m.type for m in found]


@pytest.mark.parametrize(
    "options,texts",
    [
        ({"max_tokens": 10}, ["s", "q1", "a1", "q2", "ai", "r", "a2"]),
        ({"max_tokens": 4}, ["q2", "ai", "r", "a2"]),
        ({"max_tokens": 3}, ["ai", "r", "a2"]),
        ({"max_tokens": 0}, []),
        ({"max_tokens": 5, "include_system": True}, ["s", "q2", "ai", "r", "a2"]),
        ({"max_tokens": 5, "start_on": "human"}, ["q2", "ai", "r", "a2"]),
        ({"max_tokens": 4, "include_system": True, "start_on": "human"}, ["s"]),
        ({"max_tokens": 2, "end_on": "human"}, ["a1", "q2"]),
        ({"max_tokens": 2, "end_on": ("human", "tool")}, ["ai", "r"]),
        ({"max_tokens": 0, "include_system": True}, []),
        ({"max_tokens": 3, "strategy": "first"}, ["s", "q1", "a1"]),
        ({"max_tokens": 4, "strategy": "first", "end_on": AIMessage}, ["s", "q1", "a1"]),
        ({"max_tokens": 9, "strategy": "first"}, ["s", "q1", "a1", "q2", "ai", "r", "a2"]),
        ({"max_tokens": 0, "strategy": "first"}, []),
    ],
)
def test_what_is_kept(options, texts):
    before = [m.model_copy(deep=True) for m in SAID]
    assert trimmed(**options) == texts
    assert before == SAID


def test_results_and_calls_stay_together():
    assert trimmed(max_tokens=2) == ["a2"]
    assert trimmed(max_tokens=2, keep_tool_results=False) == ["r", "a2"]
    assert trimmed(max_tokens=5, strategy="first") == ["s", "q1", "a1", "q2"]
    assert trimmed(max_tokens=5, strategy="first", keep_tool_results=False)[-1] == "ai"


@pytest.mark.parametrize(
    "options,content",
    [
        ({"max_tokens": 3}, "c\nd e"),
        ({"max_tokens": 2}, "d e"),
        ({"max_tokens": 3, "strategy": "first"}, "a b\nc\n"),
        ({"max_tokens": 2, "strategy": "first"}, "a b\n"),
        (
            {"max_tokens": 2, "strategy": "first", "text_splitter": lambda text: text.split("c")},
            "a b\n",
        ),
    ],
)
def test_part_of_a_text(options, content):
    (message,) = trim_messages(
        [HumanMessage("a b\nc\nd e")], token_counter=words, allow_partial=True, **options
    )
    assert message.content == content
    assert trimmed([HumanMessage("a b\nc")], max_tokens=1, token_counter=words) == []


def test_part_of_a_list():
    blocks = [{"type": "text", "text": text} for text in ("a b ", "c ", "d e")]
    options = {"token_counter": words, "allow_partial": True}
    (first,) = trim_messages([HumanMessage(blocks)], max_tokens=3, strategy="first", **options)
    assert first.content == blocks[:2]
    (last,) = trim_messages([HumanMessage(blocks)], max_tokens=3, **options)
    assert last.content == blocks[1:]
    (one,) = trim_messages(
        [HumanMessage([{"type": "text", "text": "a\nb"}])], max_tokens=1, **options
    )
    assert one.content == [{"type": "text", "text": "b"}]
    assert (
        trim_messages([HumanMessage([{"type": "image", "url": "u"}])], max_tokens=-1, **options)
        == []
    )


def test_a_part_stands_beside_what_fits_whole():
    said = [HumanMessage("a\nb"), AIMessage("c d")]
    options = {"token_counter": words, "allow_partial": True, "max_tokens": 3}
    assert trimmed(said, **options) == ["b", "c d"]
    assert trimmed([said[1], said[0]], strategy="first", **options) == ["c d", "a\n"]


def test_counters():
    def one(message: BaseMessage) -> int:
        return len(message.text)

    def one_by_class(message):
        return len(message.text)

    one_by_class.__annotations__["message"] = BaseMessage

    class Model:
        def get_num_tokens_from_messages(self, messages):
            return len(messages)

    class Splitter:
        def split_text(self, text):
            return text.split("-")

    assert trimmed(max_tokens=2, token_counter=one) == ["a2"]
    assert trimmed(max_tokens=2, token_counter=one_by_class) == ["a2"]
    assert trimmed(max_tokens=3, token_counter=Model()) == ["ai", "r", "a2"]
    assert trimmed(max_tokens=6, token_counter="approximate") == ["a2"]
    assert trimmed(max_tokens=3, token_counter=lambda messages: 1 * len(messages)) == [
        "ai",
        "r",
        "a2",
    ]
    assert trimmed(
        [HumanMessage("a-b")],
        max_tokens=1,
        token_counter=one,
        allow_partial=True,
        text_splitter=Splitter(),
    ) == ["b"]


@pytest.mark.parametrize(
    "options,said",
    [
        ({"token_counter": 3}, "token_counter must be.*not int"),
        ({"strategy": "middle"}, "'first' or 'last'"),
        ({"strategy": "first", "start_on": "human"}, "strategy='last' only"),
        ({"strategy": "first", "include_system": True}, "strategy='last' only"),
        ({"start_on": "humn"}, "did you mean 'human'"),
    ],
)
def test_mistakes(options, said):
    with pytest.raises(ConfigurationError, match=said):
        trimmed(max_tokens=1, **options)


async def wait_for(step):
    return await step.ainvoke(SAID)


def test_without_messages_it_waits_for_them():
    import asyncio

    step = trim_messages(max_tokens=1, token_counter=len)
    assert step.__name__ == "trim_messages"
    assert step(SAID) == step.invoke(SAID) == asyncio.run(wait_for(step)) == SAID[-1:]


def test_a_counter_that_cannot_be_looked_into_takes_a_list():
    class Odd:
        __signature__ = "no signature"

        def __call__(self, messages):
            return len(messages)

    assert trimmed(max_tokens=3, token_counter=Odd()) == ["ai", "r", "a2"]
