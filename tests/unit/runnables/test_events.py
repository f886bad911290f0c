"""What happens in a run, as events: of chains, tools and models, in both colours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from conure.callbacks import adispatch_custom_event, dispatch_custom_event
from conure.errors import ConfigurationError, ModelAPIError
from conure.messages import AIMessage, AIMessageChunk, HumanMessage
from conure.openai import ChatOpenAI
from conure.output_parsers import StrOutputParser
from conure.runnables import RunnableLambda, RunnableParallel, StreamEvent
from conure.testing import EchoChatModel, ScriptedChatModel
from conure.tools import tool
from tests.live.asking import chunk_of
from tests.live.server import FaultServer, Stall, Until, sse
from tests.unit.runnables.doubles import Broken

EVERYTHING = ("event", "name", "run_id", "parent_ids", "tags", "metadata", "data")


class Sync:
    """Reads events as sync code does."""

    def events(self, runnable: Any, *args: Any, **kwargs: Any) -> list[StreamEvent]:
        found: list[StreamEvent] = []
        self.collect(found, runnable, *args, **kwargs)
        return found

    def collect(self, found: list[Any], runnable: Any, *args: Any, **kwargs: Any) -> None:
        for event in runnable.stream_events(*args, **kwargs):
            found.append(event)  # noqa: PERF402 - one by one, also when it fails

    def first(self, runnable: Any, count: int, then: Any = None) -> list[StreamEvent]:
        """Take some events and leave."""
        stream = runnable.stream_events("go")
        found = [next(stream) for _ in range(count)]
        stream.close()
        if then is not None:
            then()
        return found


class Async:
    """The same in an event loop."""

    def events(self, runnable: Any, *args: Any, **kwargs: Any) -> list[StreamEvent]:
        found: list[StreamEvent] = []
        self.collect(found, runnable, *args, **kwargs)
        return found

    def collect(self, found: list[Any], runnable: Any, *args: Any, **kwargs: Any) -> None:
        async def main() -> None:
            async for event in runnable.astream_events(*args, **kwargs):
                found.append(event)  # noqa: PERF401 - the same

        asyncio.run(main())

    def first(self, runnable: Any, count: int, then: Any = None) -> list[StreamEvent]:
        async def main() -> list[StreamEvent]:
            stream = runnable.astream_events("go")
            found = [await anext(stream) for _ in range(count)]
            await stream.aclose()
            if then is not None:
                then()
            return found

        return asyncio.run(main())


@pytest.fixture(params=[Sync(), Async()], ids=["sync", "async"])
def reader(request: pytest.FixtureRequest) -> Any:
    return request.param


def names(events: list[StreamEvent]) -> list[tuple[str, str]]:
    return [(event["event"], event["name"]) for event in events]


def of(events: list[StreamEvent], kind: str) -> list[StreamEvent]:
    return [event for event in events if event["event"] == kind]


def test_a_model_starts_writes_and_ends(reader: Any) -> None:
    events = reader.events(EchoChatModel(), "hello there")
    assert [event["event"] for event in events] == [
        "on_chat_model_start",
        "on_chat_model_stream",
        "on_chat_model_stream",
        "on_chat_model_end",
    ]
    assert all(tuple(event) == EVERYTHING for event in events)
    assert events[0]["data"] == {"input": "hello there"}
    chunks = [event["data"]["chunk"] for event in events[1:3]]
    assert [chunk.text for chunk in chunks] == ["hello", " there"]
    assert all(type(chunk) is AIMessageChunk for chunk in chunks)
    last = events[-1]["data"]
    assert list(last) == ["output"]
    assert type(last["output"]) is AIMessageChunk
    assert last["output"].text == "hello there"
    assert last["output"].usage_metadata["total_tokens"] == 4
    assert last["output"].response_metadata["finish_reason"] == "stop"
    assert {event["run_id"] for event in events} == {events[0]["run_id"]}
    assert events[0]["metadata"]["ls_provider"] == "test"


def test_no_event_shows_a_chunk_without_content(reader: Any) -> None:
    stream = [
        chunk_of({"role": "assistant", "content": ""}),
        chunk_of({"content": "hi"}),
        chunk_of({"content": ""}),
        chunk_of({}, "stop"),
        {"id": "1", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
        "[DONE]",
    ]
    with FaultServer(sse(*stream)) as server:
        model = ChatOpenAI(model="m", api_key="k", base_url=f"{server.url}/v1")
        events = reader.events(model, "Hello")
    shown = of(events, "on_chat_model_stream")
    assert [event["data"]["chunk"].text for event in shown] == ["hi"]
    assert events[-1]["data"]["output"].usage_metadata["total_tokens"] == 2


def test_a_chain_shows_every_step_and_how_they_nest(reader: Any) -> None:
    chain = RunnableLambda(lambda text: f"{text}!", name="shout") | EchoChatModel()
    chain = chain | StrOutputParser()
    events = reader.events(chain, "hello there", {"tags": ["mine"], "metadata": {"of": "me"}})
    assert names(events) == [
        ("on_chain_start", "RunnableSequence"),
        ("on_chain_start", "shout"),
        ("on_chain_stream", "shout"),
        ("on_chain_end", "shout"),
        ("on_chat_model_start", "EchoChatModel"),
        ("on_chat_model_stream", "EchoChatModel"),
        ("on_chain_start", "StrOutputParser"),
        ("on_chain_stream", "StrOutputParser"),
        ("on_chain_stream", "RunnableSequence"),
        ("on_chat_model_stream", "EchoChatModel"),
        ("on_chain_stream", "StrOutputParser"),
        ("on_chain_stream", "RunnableSequence"),
        ("on_chat_model_end", "EchoChatModel"),
        ("on_chain_end", "StrOutputParser"),
        ("on_chain_end", "RunnableSequence"),
    ]
    root = events[0]["run_id"]
    assert events[0]["parent_ids"] == events[-1]["parent_ids"] == []
    assert all(e["parent_ids"] == [root] for e in events if e["run_id"] != root)
    assert events[0]["data"] == {"input": "hello there"}
    assert events[-1]["data"] == {"output": "hello there!"}
    assert events[3]["data"] == {"output": "hello there!", "input": "hello there"}
    question = {"messages": [[HumanMessage("hello there!")]]}
    assert events[4]["data"]["input"] == events[12]["data"]["input"] == question
    assert events[13]["data"]["input"].text == "hello there!"
    assert events[4]["tags"] == ["mine", "seq:step:2"]
    assert all(event["metadata"]["of"] == "me" for event in events)


def test_a_model_asked_for_an_answer_streams_when_events_are_read(reader: Any) -> None:
    model = EchoChatModel()
    events = reader.events(RunnableLambda(lambda text: model.invoke(text).text), "hello there")
    assert len(of(events, "on_chat_model_stream")) == 2
    assert type(of(events, "on_chat_model_end")[0]["data"]["output"]) is AIMessage
    quiet = EchoChatModel(streaming=False)
    events = reader.events(RunnableLambda(lambda text: quiet.invoke(text).text), "hello there")
    assert not of(events, "on_chat_model_stream")


def test_three_generations_name_their_parents_from_the_root_down(reader: Any) -> None:
    inner = RunnableLambda(lambda n: n + 1, name="inner") | RunnableLambda(lambda n: n * 2)
    events = reader.events(RunnableLambda(inner.invoke, name="outer"), 1)
    outer, sequence, step = (e["run_id"] for e in of(events, "on_chain_start")[:3])
    assert next(e["parent_ids"] for e in events if e["run_id"] == step) == [outer, sequence]


def test_parallel_branches_lose_no_event(reader: Any) -> None:
    branches = {f"b{n}": EchoChatModel() for n in range(4)}
    events = reader.events(RunnableParallel(branches), "one two three")
    assert len(of(events, "on_chat_model_stream")) == 12
    assert len(of(events, "on_chat_model_end")) == 4
    assert events[-1]["data"]["output"]["b3"].text == "one two three"


def test_tools_show_their_arguments_and_their_answer(reader: Any) -> None:
    @tool
    def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    chain = RunnableLambda(lambda n: {"number": n}) | double
    events = reader.events(chain, 2)
    start, end = (event for event in events if event["name"] == "double")
    assert (start["event"], end["event"]) == ("on_tool_start", "on_tool_end")
    assert start["data"] == {"input": {"number": 2}}
    assert end["data"] == {"output": 4, "input": {"number": 2}}


def test_a_tool_that_fails_says_so(reader: Any) -> None:
    @tool
    def fail() -> int:
        """Fail."""
        raise KeyError("no")

    events: list[Any] = []
    with pytest.raises(KeyError):
        reader.collect(events, fail, {})
    assert [event["event"] for event in events] == ["on_tool_start", "on_tool_error"]
    assert isinstance(events[-1]["data"]["error"], KeyError)


def test_what_came_before_a_failure_is_shown_and_then_it_is_raised(reader: Any) -> None:
    chain = EchoChatModel() | RunnableLambda(lambda _: 1 / 0, name="fail")
    events: list[Any] = []
    with pytest.raises(ZeroDivisionError):
        reader.collect(events, chain, "hello there")
    assert of(events, "on_chat_model_end")
    assert not of(events, "on_chain_end")
    refused = ScriptedChatModel([ModelAPIError("down")])
    with pytest.raises(ModelAPIError, match="down"):
        reader.events(refused, "hello")


def test_a_failure_that_was_handled_is_not_shown(reader: Any) -> None:
    chain = (RunnableLambda(Broken(ValueError("no")).invoke) | RunnableLambda(str)).with_fallbacks(
        [RunnableLambda(lambda text: f"{text}, well", name="spare")]
    )
    events = reader.events(chain, "oh")
    assert events[-1]["data"]["output"] == "oh, well"
    ends = [event["name"] for event in of(events, "on_chain_end")]
    assert ends == ["spare", "RunnableWithFallbacks"]


@pytest.mark.parametrize(
    "filters, kinds",
    [
        ({"include_types": ["chat_model"]}, {"EchoChatModel"}),
        ({"include_names": ["shout"]}, {"shout"}),
        ({"include_tags": ["loud"]}, {"shout"}),
        ({"include_tags": ["loud"], "include_types": ["chat_model"]}, {"shout", "EchoChatModel"}),
        ({"exclude_types": ["chain"]}, {"EchoChatModel"}),
        ({"exclude_names": ["RunnableSequence", "shout"]}, {"EchoChatModel"}),
        ({"exclude_tags": ["loud"]}, {"RunnableSequence", "EchoChatModel"}),
        ({"include_types": ["chain"], "exclude_names": ["shout"]}, {"RunnableSequence"}),
        ({"include_names": []}, set()),
    ],
)
def test_events_can_be_filtered(reader: Any, filters: dict[str, Any], kinds: set[str]) -> None:
    shout = RunnableLambda(lambda text: f"{text}!", name="shout").with_config(tags=["loud"])
    events = reader.events(shout | EchoChatModel(), "hello", **filters)
    assert {event["name"] for event in events} == kinds


def test_the_first_version_has_no_parents_and_no_model_facts(reader: Any) -> None:
    chain = RunnableLambda(lambda text: text) | EchoChatModel()
    events = reader.events(chain, "hello", {"metadata": {"of": "me"}}, version="v1")
    assert all(event["parent_ids"] == [] for event in events)
    assert all(event["metadata"] == {"of": "me"} for event in events)


def test_an_unknown_version_is_refused_at_once() -> None:
    for ask in (EchoChatModel().stream_events, EchoChatModel().astream_events):
        with pytest.raises(ConfigurationError, match='"v2"'):
            ask("hello", version="v9")  # type: ignore[call-overload]


def test_a_run_of_its_own_name_goes_by_it(reader: Any) -> None:
    events = reader.events(EchoChatModel(), "hello", {"run_name": "greeting"})
    assert {event["name"] for event in events} == {"greeting"}


def test_settings_of_a_call_reach_the_model(reader: Any) -> None:
    events = reader.events(EchoChatModel(), "hello there", stop=["there"])
    assert events[-1]["data"]["output"].text == "hello "


@pytest.mark.parametrize("deferred", [False, True])
def test_events_of_ones_own_are_shown_in_their_place(reader: Any, deferred: bool) -> None:
    def report(number: int) -> int:
        dispatch_custom_event("progress", {"done": number})
        return number

    async def areport(number: int) -> int:
        await adispatch_custom_event("progress", {"done": number})
        return number

    if deferred and isinstance(reader, Sync):
        pytest.skip("an async function is refused in sync calls")
    step: Any = areport if deferred else report
    chain = RunnableLambda(step, name="step") | RunnableLambda(str)
    events = reader.events(chain, 3, {"tags": ["mine"]})
    (custom,) = of(events, "on_custom_event")
    assert (custom["name"], custom["data"]) == ("progress", {"done": 3})
    runs = {event["name"]: event["run_id"] for event in of(events, "on_chain_start")}
    assert custom["run_id"] == runs["step"]
    assert custom["parent_ids"] == [runs["RunnableSequence"]]
    assert "mine" in custom["tags"]
    assert not of(reader.events(chain, 3, include_types=["chain"]), "on_custom_event")


def test_an_event_outside_of_any_run_is_refused_when_somebody_listens() -> None:
    dispatch_custom_event("progress", 1)  # nobody listens
    with pytest.raises(ConfigurationError, match="belongs to no run"):
        dispatch_custom_event("progress", 1, config={"callbacks": [object()]})


def test_events_come_while_the_run_goes_on(reader: Any) -> None:
    # The second half of the reply is only written once the first was read.
    heard = threading.Event()
    first, second = (
        sse(chunk_of({"content": "one"}), end=False),
        chunk_of({"content": " two"}, "stop"),
    )
    script = [*first, Until(heard), *sse(second, "[DONE]")[1:]]
    with FaultServer(script) as server:
        model = ChatOpenAI(model="m", api_key="k", base_url=f"{server.url}/v1")
        chain = RunnableLambda(lambda text: model.invoke(text).text)
        found: list[Any] = []

        class Found(list[Any]):
            def append(self, event: Any) -> None:
                found.append(event)
                if event["event"] == "on_chat_model_stream":
                    heard.set()

        reader.collect(Found(), chain, "go")
    assert found[-1]["data"]["output"] == "one two"


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: model | StrOutputParser()])
def test_leaving_ends_the_run_and_closes_its_connection(
    reader: Any, wrap: Callable[[Any], Any]
) -> None:
    script = sse(chunk_of({"content": "one"}), chunk_of({"content": "two"}), end=False)
    with FaultServer([*script, Stall()]) as server:
        model = ChatOpenAI(model="m", api_key="k", base_url=f"{server.url}/v1", max_retries=0)
        assert len(reader.first(wrap(model), 3)) == 3
        assert server.closed.wait(5)


def test_leaving_ends_an_answer_that_is_written_inside_of_a_function(reader: Any) -> None:
    # A function in a thread cannot be cancelled: its model stops at the next piece.
    left = threading.Event()
    head, one, two = sse(chunk_of({"content": "one"}), chunk_of({"content": "two"}), end=False)
    with FaultServer([head, one, Until(left), two, Stall()]) as server:
        model = ChatOpenAI(model="m", api_key="k", base_url=f"{server.url}/v1", max_retries=0)
        after: list[str] = []

        def ask(text: str) -> str:
            answer = model.invoke(text).text
            after.append(answer)
            return answer

        events = reader.first(RunnableLambda(ask), 3, left.set)
        assert events[-1]["event"] == "on_chat_model_stream"
        assert server.closed.wait(5)
        assert not after


def test_a_slow_reader_loses_nothing() -> None:
    async def main() -> int:
        seen = 0
        async for event in EchoChatModel().astream_events(" ".join(["word"] * 500)):
            await asyncio.sleep(0)
            seen += event["event"] == "on_chat_model_stream"
        return seen

    assert asyncio.run(main()) == 500


def test_two_streams_at_once_keep_to_themselves() -> None:
    async def read(text: str) -> set[str]:
        events = [event async for event in EchoChatModel().astream_events(text)]
        return {e["data"]["chunk"].text for e in events if "chunk" in e["data"]}

    async def main() -> list[set[str]]:
        return await asyncio.gather(read("a"), read("b"))

    assert asyncio.run(main()) == [{"a"}, {"b"}]
