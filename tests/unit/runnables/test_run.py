"""Runs: who hears of them, what they are told, and what their children inherit."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from typing import Any

import pytest

from conure.runnables import RunnableLambda
from conure.runnables.config import Callbacks
from conure.runnables.run import Run, inherit, open_run, unheard, uuid7
from tests.unit.runnables.doubles import Recorder


def opened(*handlers: Any, **more: Any) -> Run:
    run = open_run({"callbacks": [*handlers]}, name="it", **more)
    assert run is not None
    return run


def settle(run: Run, event: str, *args: Any, **facts: Any) -> None:
    async def main() -> None:
        for job in run.notify(event, *args, **facts):
            if (answer := job()) is not None:
                await answer

    asyncio.run(main())


@pytest.mark.parametrize("config", [None, {}, {"callbacks": []}, {"tags": ["a"]}])
def test_no_run_is_opened_for_nobody(config: Any) -> None:
    assert open_run(config, name="it") is None


def test_a_run_says_who_it_is(recorder: Recorder) -> None:
    run_id, parent = uuid.uuid4(), uuid.uuid4()
    config: Any = {
        "run_id": run_id,
        "run_name": "named",
        "tags": ["call"],
        "metadata": {"a": "call"},
        "callbacks": Callbacks([recorder], parent, tags=["step"]),
    }
    run = open_run(config, name="it", tags=["own", "call"], metadata={"a": "own", "b": "own"})
    assert run is not None
    settle(run, "on_chain_start", {}, "input")
    settle(run, "on_chain_end", "output")
    identity = {"run_id": run_id, "parent_run_id": parent, "tags": ["call", "own", "step"]}
    assert recorder.heard[0].facts == {
        **identity,
        "name": "named",
        "metadata": {"a": "call", "b": "own"},
    }
    assert recorder.heard[1].facts == identity
    assert [heard.args for heard in recorder.heard] == [({}, "input"), ("output",)]


def test_a_child_inherits_but_not_the_name(recorder: Recorder) -> None:
    config: Any = {
        "run_id": uuid.uuid4(),
        "run_name": "named",
        "tags": ["call"],
        "metadata": {"a": 1},
        "max_concurrency": 3,
        "callbacks": [recorder],
    }
    run = open_run(config, name="it", tags=["own"], metadata={"own": 1}, callbacks=[Recorder()])
    assert run is not None
    child: Any = run.child("seq:step:1")
    assert {key: child[key] for key in child if key != "callbacks"} == {
        "tags": ["call"],
        "metadata": {"a": 1},
        "max_concurrency": 3,
    }
    below = open_run(child, name="below")
    assert below is not None
    assert below.handlers == (recorder,)
    assert below.parent_run_id == run.id
    assert below.tags == ["call", "seq:step:1"]
    assert below.child()["callbacks"].tags == ()


def test_without_listeners_a_child_still_loses_the_name() -> None:
    config: Any = {"run_name": "a", "run_id": uuid.uuid4(), "tags": ["t"]}
    assert inherit(config, None) == {"tags": ["t"]}
    plain: Any = {"tags": ["t"]}
    assert inherit(plain, None) is plain
    assert inherit(None, None) is None


def test_the_same_handler_twice_hears_once(recorder: Recorder) -> None:
    run = open_run({"callbacks": [recorder, recorder]}, name="it", callbacks=[recorder])
    assert run is not None
    settle(run, "on_chain_start", {}, 1)
    assert recorder.events == ["on_chain_start"]


def test_handlers_are_told_in_order_plain_and_async_alike() -> None:
    told: list[str] = []

    class Plain:
        def on_llm_end(self, *_: Any, **__: Any) -> None:
            told.append("plain")

    class Deferred:
        async def on_llm_end(self, *_: Any, **__: Any) -> None:
            await asyncio.sleep(0)
            told.append("async")

    settle(opened(Plain(), Deferred(), Plain()), "on_llm_end", 1)
    assert told == ["plain", "async", "plain"]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("deferred", [False, True])
def test_a_failing_handler_is_logged_and_passed_over(
    caplog: pytest.LogCaptureFixture, recorder: Recorder, is_async: bool, deferred: bool
) -> None:
    class Failing:
        def on_chain_end(self, *_: Any, **__: Any) -> Any:
            if deferred:
                return self.later()
            raise KeyError("oops")

        async def later(self) -> None:
            raise KeyError("oops")

    with caplog.at_level(logging.WARNING, "conure.callbacks"):
        settle(opened(Failing(), recorder, is_async=is_async), "on_chain_end", 1)
    assert "Failing.on_chain_end failed: KeyError('oops')" in caplog.text
    assert recorder.events == ["on_chain_end"]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_handler_that_insists_raises(is_async: bool) -> None:
    class Insisting:
        raise_error = True

        def on_chain_end(self, *_: Any, **__: Any) -> None:
            raise KeyError("oops")

    with pytest.raises(KeyError, match="oops"):
        settle(opened(Insisting(), is_async=is_async), "on_chain_end", 1)


@pytest.mark.parametrize(
    "switch,events",
    [
        ("ignore_llm", ["on_llm_start", "on_llm_end", "on_llm_new_token", "on_llm_error"]),
        ("ignore_chat_model", ["on_chat_model_start"]),
        ("ignore_chain", ["on_chain_start", "on_chain_end", "on_chain_error"]),
        ("ignore_agent", ["on_tool_start", "on_tool_end", "on_agent_action"]),
        ("ignore_retriever", ["on_retriever_start", "on_retriever_end"]),
        ("ignore_retry", ["on_retry"]),
        ("ignore_custom_event", ["on_custom_event"]),
    ],
)
def test_switches_turn_families_of_events_off(
    recorder: Recorder, switch: str, events: list[str]
) -> None:
    setattr(recorder, switch, True)
    other = Recorder()
    for event in events:
        run = opened(recorder, other)
        settle(run, event, 1)
        assert run.wants(event)
        assert not opened(recorder).wants(event)
    assert (recorder.events, other.events) == ([], events)


def test_methods_that_do_nothing_are_not_wanted() -> None:
    class Quiet:
        @unheard
        def on_llm_new_token(self, *_: Any, **__: Any) -> None:
            pytest.fail("called")

    run = opened(Quiet())
    assert not run.wants("on_llm_new_token")
    assert not run.wants("on_llm_end")
    assert run.notify("on_llm_new_token", "x") == []


@pytest.mark.parametrize("inline", [False, True])
def test_plain_handlers_do_not_block_the_event_loop(inline: bool) -> None:
    threads: list[int] = []

    class Handler:
        run_inline = inline

        def on_chain_end(self, *_: Any, **__: Any) -> None:
            threads.append(threading.get_ident())

    settle(opened(Handler(), is_async=True), "on_chain_end", 1)
    assert (threads == [threading.get_ident()]) is inline


def test_async_handlers_are_heard_in_sync_calls_inside_a_running_loop() -> None:
    told: list[Any] = []

    class Deferred:
        async def on_chain_end(self, outputs: Any, **_: Any) -> None:
            await asyncio.sleep(0)
            told.append(outputs)

    runnable = RunnableLambda(lambda x: x + 1)

    async def main() -> Any:
        return runnable.invoke(1, {"callbacks": [Deferred()]})

    assert runnable.invoke(0, {"callbacks": [Deferred()]}) == 1
    assert asyncio.run(main()) == 2
    assert told == [1, 2]


def test_an_async_handler_that_insists_raises_in_a_running_loop() -> None:
    class Insisting:
        raise_error = True

        async def on_chain_end(self, *_: Any, **__: Any) -> None:
            raise KeyError("oops")

    async def main() -> Any:
        return RunnableLambda(str).invoke(1, {"callbacks": [Insisting()]})

    with pytest.raises(KeyError, match="oops"):
        asyncio.run(main())


def test_ids_sort_by_time() -> None:
    ids = [uuid7() for _ in range(2_000)]
    assert len(set(ids)) == len(ids)
    assert all(found.version == 7 and found.variant == uuid.RFC_4122 for found in ids)
    moments = [found.int >> 64 for found in ids]
    assert moments == sorted(moments)
