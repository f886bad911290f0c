"""The stream object of version "v3": its events, its sides, its end, in both colours."""

from __future__ import annotations

import asyncio
import gc
import pickle
import threading
from typing import Any

import pytest

from conure.chat_models import init_chat_model
from conure.chat_models.streams import AsyncChatModelStream, ChatModelStream
from conure.errors import ConfigurationError, ModelAPIError, StreamTruncated
from conure.messages import AIMessage, HumanMessage
from conure.messages.events import (
    BlockDelta,
    BlockEnd,
    BlockPatch,
    BlockStart,
    Finish,
    Metadata,
    ReplyStart,
    UsageReport,
)
from conure.messages.protocol_events import EventWriter, message_of_events
from conure.openai import ChatOpenAI
from conure.output_parsers import StrOutputParser
from conure.runnables import RunnableLambda
from conure.testing import EchoChatModel, FunctionChatModel, ScriptedChatModel
from tests.live.asking import chunk_of, whole, written
from tests.live.server import FaultServer, Stall, Until, reply, sse

REPLY = AIMessage(
    [{"type": "reasoning", "reasoning": "let me see"}, {"type": "text", "text": "It is sunny"}],
    tool_calls=[{"name": "weather", "args": {"in": "Oslo"}, "id": "call_1"}],
    usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
)


class Sync:
    """Reads a stream as sync code does."""

    def read(self, runnable: Any, *sides: str, **kwargs: Any) -> list[Any]:
        """Read the sides of one stream one after the other; "" is its events."""
        stream = runnable.stream_events("hi", version="v3", **kwargs)
        assert isinstance(stream, ChatModelStream)
        return [self._side(stream, side) for side in sides]

    def _side(self, stream: Any, side: str) -> Any:
        if side == "calls":
            return stream.tool_calls.get()
        if side.startswith("whole "):
            return str(getattr(stream, side.removeprefix("whole ")))
        found = getattr(stream, side) if side else stream
        return found if side in ("output", "usage", "done", "message_id") else list(found)

    def failing(self, runnable: Any, side: str) -> None:
        self.read(runnable, side)

    def leave(self, runnable: Any) -> Any:
        with runnable.stream_events("hi", version="v3") as stream:
            next(iter(stream.text))
        with pytest.raises(ConfigurationError, match="closed"):
            stream.output  # noqa: B018
        return list(stream.text)


class Async:
    """The same in an event loop."""

    def read(self, runnable: Any, *sides: str, **kwargs: Any) -> list[Any]:
        async def main() -> list[Any]:
            stream = runnable.astream_events("hi", version="v3", **kwargs)
            assert isinstance(stream, AsyncChatModelStream)
            return [await self._side(stream, side) for side in sides]

        return asyncio.run(main())

    async def _side(self, stream: Any, side: str) -> Any:
        if side in ("done", "message_id"):
            return getattr(stream, side)
        if side == "calls":
            return await stream.tool_calls
        if side in ("output", "usage") or side.startswith("whole "):
            return await getattr(stream, side.removeprefix("whole "))
        return [item async for item in (getattr(stream, side) if side else stream)]

    def failing(self, runnable: Any, side: str) -> None:
        self.read(runnable, side)

    def leave(self, runnable: Any) -> Any:
        async def main() -> Any:
            async with runnable.astream_events("hi", version="v3") as stream:
                await anext(aiter(stream.text))
            with pytest.raises(ConfigurationError, match="closed"):
                await stream.output
            return [piece async for piece in stream.text]

        return asyncio.run(main())


@pytest.fixture(params=[Sync(), Async()], ids=["sync", "async"])
def reader(request: pytest.FixtureRequest) -> Any:
    return request.param


def scripted(*replies: Any, **parameters: Any) -> ScriptedChatModel:
    return ScriptedChatModel(replies or [REPLY], **parameters)


def block(index: int, start: Any, deltas: list[Any], finish: Any) -> list[Any]:
    return [
        {"event": "content-block-start", "index": index, "content": start},
        *({"event": "content-block-delta", "index": index, "delta": delta} for delta in deltas),
        {"event": "content-block-finish", "index": index, "content": finish},
    ]


def test_a_reply_is_told_block_by_block(reader: Any) -> None:
    (events,) = reader.read(scripted(), "")
    first = events[0]
    assert first.pop("id").startswith("lc_run--")
    assert first == {"event": "message-start", "role": "ai", "metadata": {"provider": "test"}}
    assert events[1:-1] == [
        *block(
            0,
            {"type": "reasoning", "reasoning": ""},
            [{"type": "reasoning-delta", "reasoning": word} for word in ("let", " me", " see")],
            {"type": "reasoning", "reasoning": "let me see"},
        ),
        *block(
            1,
            {"type": "text", "text": ""},
            [{"type": "text-delta", "text": word} for word in ("It", " is", " sunny")],
            {"type": "text", "text": "It is sunny"},
        ),
        *block(
            2,
            {"type": "tool_call_chunk", "id": "call_1", "name": "weather", "args": ""},
            [{"type": "tool-call-delta", "args": '{"in": "Oslo"}'}],
            {"type": "tool_call", "id": "call_1", "name": "weather", "args": {"in": "Oslo"}},
        ),
    ]
    assert events[-1] == {
        "event": "message-finish",
        "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        "metadata": {
            "model_provider": "test",
            "model_name": "scripted",
            "finish_reason": "stop",
            "output_version": "v1",
        },
    }


def test_each_side_can_be_read_in_any_order_and_again(reader: Any) -> None:
    sides = ("text", "text", "whole text", "reasoning", "whole reasoning", "tool_calls", "calls")
    text, again, whole_text, thought, whole_thought, chunks, calls = reader.read(scripted(), *sides)
    assert text == again == ["It", " is", " sunny"]
    assert whole_text == "It is sunny"
    assert thought == ["let", " me", " see"]
    assert whole_thought == "let me see"
    call = {"id": "call_1", "name": "weather"}
    assert chunks == [{"type": "tool_call_chunk", "args": '{"in": "Oslo"}', "index": 2, **call}]
    assert calls == [{"type": "tool_call", "args": {"in": "Oslo"}, **call}]


def test_the_message_has_standard_blocks_and_says_so(reader: Any) -> None:
    output, usage, id, done = reader.read(scripted(), "output", "usage", "message_id", "done")
    assert type(output) is AIMessage
    assert [block["type"] for block in output.content] == ["reasoning", "text", "tool_call"]
    assert output.content == output.content_blocks
    assert output.response_metadata["output_version"] == "v1"
    assert output.text == "It is sunny"
    assert output.tool_calls[0]["args"] == {"in": "Oslo"}
    assert output.usage_metadata == usage == REPLY.usage_metadata
    assert output.id == id
    assert done is True
    assert pickle.loads(pickle.dumps(output)) == output


def test_nothing_is_known_before_the_first_look(reader: Any) -> None:
    assert reader.read(EchoChatModel(), "message_id", "done") == [None, False]


def test_a_call_without_arguments_is_shown_once(reader: Any) -> None:
    call = {"name": "now", "args": {}, "id": "call_1"}

    class Silent(FunctionChatModel):
        def reply(self, request: Any, emit: Any) -> Any:
            yield from emit([BlockStart(0, {"type": "tool_call_chunk", "name": "now", "id": "c"})])
            yield from emit([BlockEnd(0)])

    chunks, calls = reader.read(Silent(lambda _: ""), "tool_calls", "calls")
    assert chunks == [{"type": "tool_call_chunk", "id": "c", "name": "now", "args": "", "index": 0}]
    assert calls == [{"type": "tool_call", "id": "c", "name": "now", "args": {}}]
    chunks, calls = reader.read(scripted(AIMessage(tool_calls=[call])), "tool_calls", "calls")
    assert len(chunks) == len(calls) == 1


def test_an_error_is_the_last_event_and_raised_from_every_side(reader: Any) -> None:
    for side in ("", "text", "reasoning", "tool_calls", "calls", "output", "usage", "whole text"):
        with pytest.raises(ModelAPIError, match="down"):
            reader.failing(scripted(ModelAPIError("down", code="overloaded")), side)
    stream = scripted(ModelAPIError("down", code="overloaded")).stream_events("hi", version="v3")
    for _ in range(2):
        events = iter(stream)
        assert next(events) == {"event": "error", "message": "down", "code": "overloaded"}
        with pytest.raises(ModelAPIError):
            next(events)
    assert stream.done


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model.bind(stop=["nothing"]),
        lambda model: model.bind_tools([{"type": "function", "function": {"name": "f"}}]),
        lambda model: model.with_config(tags=["a"]),
        lambda model: model.with_listeners(on_start=lambda run: None),
        lambda model: model.with_retry(),
        lambda model: model.with_fallbacks([EchoChatModel()]),
        lambda model: scripted(ModelAPIError("down")).with_fallbacks([model]),
        lambda model: RunnableLambda(lambda text: [HumanMessage(text)]) | model,
        lambda model: (RunnableLambda(str) | model.with_retry()).with_config(tags=["a"]),
    ],
    ids=["bind", "tools", "config", "listeners", "retry", "fallback", "fell", "chain", "nested"],
)
def test_what_ends_in_a_model_speaks_as_the_model_does(reader: Any, wrap: Any) -> None:
    text, output = reader.read(wrap(scripted()), "text", "output")
    assert text == ["It", " is", " sunny"]
    assert output.tool_calls[0]["name"] == "weather"


def test_a_model_chosen_at_the_call_speaks(reader: Any) -> None:
    model: Any = init_chat_model(configurable_fields="any")
    config = {"configurable": {"model": "test:echo"}}
    assert reader.read(model.bind(stop=["x"]), "text", config=config) == [["hi"]]


def test_what_does_not_end_in_a_model_says_so() -> None:
    for chain in (EchoChatModel() | StrOutputParser(), RunnableLambda(str)):
        for ask in (chain.stream_events, chain.astream_events):
            with pytest.raises(NotImplementedError, match="does not end in a chat model"):
                ask("hi", version="v3")


def test_settings_reach_the_model(reader: Any) -> None:
    assert reader.read(scripted("a b c"), "whole text", stop=["c"]) == ["a b "]


def test_handlers_hear_the_events_the_tokens_and_the_end(reader: Any) -> None:
    class Diary:
        run_inline = True

        def __init__(self) -> None:
            self.heard: list[Any] = []

        def on_stream_event(self, event: Any, *, run_id: Any, **_: Any) -> None:
            self.heard.append((event["event"], run_id))

        def on_llm_new_token(self, token: Any, **_: Any) -> None:
            self.heard.append(("token", token))

        def on_llm_end(self, response: Any, **_: Any) -> None:
            self.heard.append(("end", response.generations[0][0].message.text))

    diary = Diary()
    (events,) = reader.read(EchoChatModel(), "", config={"callbacks": [diary]})
    told = [name for name, _ in diary.heard if "-" in name]
    assert told == [event["event"] for event in events]
    assert ("token", "hi") in diary.heard
    assert diary.heard[-1] == ("end", "hi")


# Over HTTP.


def model_at(server: FaultServer, **parameters: Any) -> ChatOpenAI:
    return ChatOpenAI(
        model="m", api_key="k", base_url=f"{server.url}/v1", max_retries=0, **parameters
    )


def call_piece(index: int, args: str, **more: Any) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": args, **more.pop("function", {})}, **more}


STREAM = [
    chunk_of({"role": "assistant", "content": None, "reasoning_content": "I need"}),
    chunk_of({"reasoning_content": " both"}),
    chunk_of({"content": "Asking"}),
    chunk_of({"tool_calls": [call_piece(0, "", id="c1", type="function", function={"name": "f"})]}),
    chunk_of({"tool_calls": [call_piece(0, '{"in":')]}),
    chunk_of({"tool_calls": [call_piece(1, "", id="c2", type="function", function={"name": "g"})]}),
    chunk_of({"tool_calls": [call_piece(0, ' "Oslo"}')]}),
    chunk_of({"tool_calls": [call_piece(1, "{}")]}),
    chunk_of({}, "tool_calls"),
    {"id": "1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}},
    "[DONE]",
]


def test_reasoning_and_interleaved_calls_of_a_provider(reader: Any) -> None:
    with FaultServer(sse(*STREAM)) as server:
        model = model_at(server)
        events, text, thought, chunks, calls, output = reader.read(
            model, "", "text", "reasoning", "tool_calls", "calls", "output"
        )
        assert len(server.requests) == 1
        assert server.requests[0].json()["stream"] is True
    assert text == ["Asking"]
    assert thought == ["I need", " both"]
    assert [(c["id"], c["name"], c["args"]) for c in chunks] == [
        ("c1", "f", '{"in":'),
        ("c1", "f", ' "Oslo"}'),
        ("c2", "g", "{}"),
    ]
    assert [(c["name"], c["args"]) for c in calls] == [("f", {"in": "Oslo"}), ("g", {})]
    starts = [e["index"] for e in events if e["event"] == "content-block-start"]
    finishes = [e["index"] for e in events if e["event"] == "content-block-finish"]
    assert starts == sorted(finishes) == [0, 1, 2, 3]
    with FaultServer(sse(*STREAM)) as server:
        same = model_at(server).invoke("hi", stream=True)
    assert output.content_blocks == same.content_blocks
    assert output.tool_calls == same.tool_calls
    assert output.usage_metadata == same.usage_metadata
    assert output.response_metadata == same.response_metadata | {"output_version": "v1"}


@pytest.mark.parametrize("forbidden", [True, "tool_calling"])
def test_a_model_that_must_not_stream_is_written_out_all_the_same(
    reader: Any, forbidden: Any
) -> None:
    with FaultServer(reply(whole("hello there"))) as server:
        model = model_at(server, disable_streaming=forbidden)
        model = model.bind_tools([{"type": "function", "function": {"name": "f"}}])
        events, output = reader.read(model, "", "output")
        assert not server.requests[0].json().get("stream")
    assert [event["event"] for event in events] == [
        "message-start",
        "content-block-start",
        "content-block-delta",
        "content-block-finish",
        "message-finish",
    ]
    assert output.text == "hello there"
    assert events[-1]["usage"]["total_tokens"] == 5


def test_a_stream_that_breaks_off_shows_what_came_and_raises(reader: Any) -> None:
    cut = sse(chunk_of({"content": "one"}), chunk_of({"content": " two"}))
    with FaultServer(cut) as server, pytest.raises(StreamTruncated) as raised:
        reader.read(model_at(server), "text")
    assert raised.value.partial.text == "one two"


def test_leaving_closes_the_connection_and_keeps_what_came(reader: Any) -> None:
    with FaultServer([*sse(chunk_of({"content": "one"}), end=False), Stall()]) as server:
        assert reader.leave(model_at(server)) == ["one"]
        assert server.closed.wait(5)


def test_dropping_an_async_stream_closes_the_connection() -> None:
    async def main(server: FaultServer) -> None:
        stream = model_at(server).astream_events("hi", version="v3")
        async for _ in stream.text:
            break
        del stream
        gc.collect()
        await asyncio.to_thread(server.closed.wait, 5)

    with FaultServer([*sse(chunk_of({"content": "one"}), end=False), Stall()]) as server:
        asyncio.run(main(server))
        assert server.closed.is_set()


def test_nothing_is_sent_before_the_first_look() -> None:
    with FaultServer(sse(*written("hello"))) as server:
        stream = model_at(server).stream_events("hi", version="v3")
        assert not server.requests
        assert stream.message_id is None
        assert str(stream.text) == "hello"
        assert len(server.requests) == 1


# Who reads, and how many.


def test_the_async_stream_may_be_awaited_first_and_gives_the_message_when_awaited() -> None:
    async def main() -> tuple[Any, ...]:
        opening = scripted().astream_events("hi", version="v3")
        stream = await opening
        assert type(stream) is AsyncChatModelStream
        pieces = [piece async for piece in stream.text]
        return pieces, await stream, await stream.output, [e async for e in opening]

    pieces, message, output, events = asyncio.run(main())
    assert pieces == ["It", " is", " sunny"]
    assert message == output
    assert message_of_events(events) == message


def test_tasks_read_side_by_side_and_one_that_is_cancelled_harms_no_other() -> None:
    async def main(server: FaultServer, gate: threading.Event) -> list[Any]:
        stream = await model_at(server).astream_events("hi", version="v3")

        async def text() -> list[str]:
            return [piece async for piece in stream.text]

        async def first() -> str:
            async for piece in stream.text:
                return piece
            return ""

        impatient = asyncio.create_task(text())
        assert await first() == "hello "
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        gate.set()
        return await asyncio.gather(text(), text(), stream)

    gate = threading.Event()
    head, *rest = sse(*written("hello there you"))
    with FaultServer([head, rest[0], Until(gate), *rest[1:]]) as server:
        one, two, message = asyncio.run(main(server, gate))
    assert one == two == ["hello ", "there ", "you"]
    assert message.text == "hello there you"


def test_threads_read_one_stream_side_by_side() -> None:
    words = " ".join(str(number) for number in range(300))
    stream = EchoChatModel().stream_events(words, version="v3")
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append("".join(stream.text))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [words] * 4


# The writer, by itself.


def test_indices_have_no_gaps_and_blocks_may_interleave() -> None:
    writer = EventWriter(id="m", provider="p")
    events = writer.feed(
        [
            Metadata({"model_name": "m-1"}),
            ReplyStart("resp_1"),
            BlockDelta(7, "text", "a"),
            BlockDelta(3, "args", "{"),
            BlockPatch(3, {"name": "f", "id": "c"}),
            BlockDelta(7, "text", "b"),
            BlockEnd(7),
            BlockDelta(7, "text", "too late"),
            BlockDelta(3, "args", "}"),
        ]
    )
    assert events[0] == {
        "event": "message-start",
        "role": "ai",
        "id": "resp_1",
        "metadata": {"provider": "p", "model": "m-1"},
    }
    assert [(e["event"].removeprefix("content-block-"), e["index"]) for e in events[1:]] == [
        ("start", 0),
        ("delta", 0),
        ("start", 1),
        ("delta", 1),
        ("delta", 1),
        ("delta", 0),
        ("finish", 0),
        ("delta", 1),
    ]
    assert events[5]["delta"] == {"type": "block-delta", "fields": {"name": "f", "id": "c"}}
    writer.feed([Metadata({"headers": {"a": "b"}})])
    last = writer.close()
    assert last[0]["content"] == {"type": "tool_call", "name": "f", "args": {}, "id": "c"}
    assert last[1]["metadata"]["headers"] == {"a": "b"}
    assert "usage" not in last[1]


def test_blocks_of_other_kinds() -> None:
    image = {"type": "image", "url": "https://example.com/cat.png"}
    events = EventWriter().feed(
        [
            BlockStart(0, image),
            BlockEnd(0),
            BlockEnd(0),
            BlockDelta(1, "base64", "AAAA"),
            BlockDelta(2, "refusal", "No."),
            BlockStart(2, {"type": "refusal", "extras": {"a": 1}}),
            BlockPatch(3, {"annotations": [{"type": "citation"}]}),
            BlockStart(4, {"type": "text", "text": "at once"}),
            UsageReport({"input_tokens": 1, "output_tokens": 1}),
            Finish("stop"),
        ]
    )
    assert [e.get("content") or e.get("delta") for e in events[1:]] == [
        image,
        image,
        {"type": "image"},
        {"type": "data-delta", "data": "AAAA", "encoding": "base64"},
        {"type": "refusal", "refusal": ""},
        {"type": "refusal-delta", "refusal": "No."},
        {"type": "block-delta", "fields": {"type": "refusal", "extras": {"a": 1}}},
        {"type": "text", "text": "", "annotations": [{"type": "citation"}]},
        {"type": "text", "text": ""},
        {"type": "text-delta", "text": "at once"},
    ]


def test_a_call_that_cannot_be_read_finishes_as_invalid() -> None:
    writer = EventWriter()
    writer.feed([BlockStart(0, {"type": "tool_call_chunk", "name": "f", "id": "c", "args": "{"})])
    finish, last = writer.close()
    assert finish["content"]["type"] == "invalid_tool_call"
    message = message_of_events([finish, last])
    assert message is not None
    assert message.invalid_tool_calls[0]["name"] == "f"


def test_an_empty_reply_starts_and_finishes(reader: Any) -> None:
    events, output = reader.read(scripted(AIMessage("")), "", "output")
    assert [event["event"] for event in events] == ["message-start", "message-finish"]
    assert output.content == []
