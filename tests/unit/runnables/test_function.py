"""Functions as runnables."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any, Optional

import pytest

from conure.errors import ConfigurationError
from conure.runnables import RunnableConfig, RunnableGenerator, RunnableLambda
from conure.runnables.config import AMBIENT
from conure.runnables.function import kind_of
from tests.unit.runnables.doubles import Recorder, Words


def plus(x: int) -> int:
    return x + 1


async def aplus(x: int) -> int:
    return x + 100


def count(n: int) -> Any:
    for i in range(n):
        yield str(i)


async def acount(n: int) -> Any:
    for i in range(n):
        yield str(i)


def test_a_function_answers(colour: Any) -> None:
    assert colour.invoke(RunnableLambda(plus), 1) == 2
    assert colour.stream(RunnableLambda(plus), 1) == [2]
    assert colour.transform(RunnableLambda(len), ["ab", "c"]) == [3]
    assert colour.transform(RunnableLambda(len), []) == []


def test_a_pair_answers_each_in_its_colour() -> None:
    both = RunnableLambda(plus, afunc=aplus)
    assert both.invoke(1) == 2
    assert asyncio.run(both.ainvoke(1)) == 101


@pytest.mark.parametrize("function", [aplus, acount, functools.partial(aplus)])
def test_an_async_function_is_refused_by_name_in_sync_calls(function: Any) -> None:
    with pytest.raises(TypeError, match="is async: call it with ainvoke"):
        RunnableLambda(function).invoke(1)


def test_a_plain_function_does_not_block_the_event_loop() -> None:
    thread = RunnableLambda(lambda _: threading.get_ident())
    assert asyncio.run(thread.ainvoke(1)) != threading.get_ident()
    assert thread.invoke(1) == threading.get_ident()


@pytest.mark.parametrize("function", [count, acount])
def test_a_function_that_yields_streams(colour: Any, function: Any) -> None:
    if colour.name == "sync" and function is acount:
        pytest.skip("refused by name, see above")
    runnable = RunnableLambda(function)
    assert colour.stream(runnable, 3) == ["0", "1", "2"]
    assert colour.invoke(runnable, 3) == "012"
    assert colour.invoke(runnable, 0) is None


def test_a_generator_is_closed_when_its_stream_is_left(colour: Any) -> None:
    closed = threading.Event()

    def endless(_: Any) -> Any:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    assert colour.first(RunnableLambda(endless), 0) == 1
    assert closed.is_set()


def test_a_function_that_answers_a_runnable_has_it_asked(colour: Any) -> None:
    words = Words()
    runnable = RunnableLambda(lambda _: words)
    assert colour.invoke(runnable, "a b") == "a b"
    assert colour.stream(runnable, "a b") == ["a", "b"]


def test_functions_answering_runnables_do_so_only_so_deep(colour: Any) -> None:
    runnable: RunnableLambda[int, Any] = RunnableLambda(lambda _: runnable)
    with pytest.raises(RecursionError, match="recursion_limit"):
        colour.invoke(runnable, 1, {"recursion_limit": 3})


@pytest.mark.parametrize(
    "function",
    [
        lambda x, config: config,
        lambda x, *, config=None: config,
    ],
)
def test_a_function_may_ask_for_its_config_by_name(colour: Any, function: Any) -> None:
    config = colour.invoke(RunnableLambda(function), 1, {"tags": ["a"], "run_name": "n"})
    assert config["tags"] == ["a"]
    assert config["recursion_limit"] == 25
    assert "run_name" not in config


def test_a_function_may_ask_for_its_config_by_annotation(colour: Any) -> None:
    def named(x: int, how: RunnableConfig) -> Any:
        return how["tags"]

    def optional(x: int, how: Optional[RunnableConfig] = None) -> Any:  # noqa: UP045 - seen in the wild
        return how["tags"] if how else None

    for function in (named, optional):
        assert colour.invoke(RunnableLambda(function), 1, {"tags": ["a"]}) == ["a"]


def test_one_parameter_is_the_input_whatever_its_name() -> None:
    assert RunnableLambda(lambda config: config + 1).invoke(1) == 2


def test_keyword_arguments_reach_the_function(colour: Any) -> None:
    assert colour.invoke(RunnableLambda(lambda x, by=1: x + by), 1, by=5) == 6


def test_what_is_called_inside_inherits_the_config(colour: Any, recorder: Recorder) -> None:
    inner = RunnableLambda(lambda x: x, name="inner")
    outer = RunnableLambda(lambda x: inner.invoke(x) + 0, name="outer")
    colour.invoke(outer, 1, {"callbacks": [recorder], "tags": ["t"], "metadata": {"m": 1}})
    first, second = recorder.of("on_chain_start")
    assert (first.facts["name"], second.facts["name"]) == ("outer", "inner")
    assert second.facts["parent_run_id"] == first.facts["run_id"]
    assert second.facts["tags"] == ["t"]
    assert second.facts["metadata"] == {"m": 1}


def test_what_is_awaited_inside_inherits_the_config(recorder: Recorder) -> None:
    inner = RunnableLambda(aplus, name="inner")

    async def outer(x: int) -> int:
        return sum(await asyncio.gather(inner.ainvoke(x), inner.ainvoke(x)))

    assert asyncio.run(RunnableLambda(outer).ainvoke(1, {"callbacks": [recorder]})) == 202
    first, *others = recorder.of("on_chain_start")
    assert {heard.facts["parent_run_id"] for heard in others} == {first.facts["run_id"]}


def test_generators_inherit_too_and_leave_nothing_behind(colour: Any, recorder: Recorder) -> None:
    inner = RunnableLambda(plus, name="inner")

    def outer(x: int) -> Any:
        yield inner.invoke(x)
        yield inner.invoke(x)

    def look(pieces: Any) -> Any:
        for piece in pieces:
            yield piece, AMBIENT.get()

    runnable = RunnableLambda(outer)
    assert colour.stream(runnable, 1, {"callbacks": [recorder]}) == [2, 2]
    first, *others = recorder.of("on_chain_start")
    assert [heard.facts["parent_run_id"] for heard in others] == [first.facts["run_id"]] * 2
    for _, config in look(runnable.stream(1, {"callbacks": [recorder]})):
        assert config is None


def test_events_of_a_call(colour: Any, recorder: Recorder) -> None:
    colour.invoke(RunnableLambda(plus), 1, {"callbacks": [recorder]})
    assert [(heard.event, heard.args) for heard in recorder.heard] == [
        (
            "on_chain_start",
            ({"id": ["conure", "runnables", "function", "RunnableLambda"], "name": "plus"}, 1),
        ),
        ("on_chain_end", (2,)),
    ]


def test_events_of_a_stream(colour: Any, recorder: Recorder) -> None:
    colour.stream(RunnableLambda(count), 3, {"callbacks": [recorder]})
    assert recorder.events == ["on_chain_start", "on_chain_end"]
    assert recorder.heard[0].args[1] == 3
    assert recorder.heard[1].args == ("012",)


def test_events_of_a_stream_that_is_left(colour: Any, recorder: Recorder) -> None:
    colour.first(RunnableLambda(count), 3, {"callbacks": [recorder]})
    assert recorder.events == ["on_chain_start", "on_chain_end"]
    assert recorder.heard[1].args == ("0",)


def test_events_of_a_failure(colour: Any, recorder: Recorder) -> None:
    error = ValueError("oops")

    def fail(_: Any) -> None:
        raise error

    for ask in (colour.invoke, colour.stream):
        with pytest.raises(ValueError, match="oops"):
            ask(RunnableLambda(fail), 1, {"callbacks": [recorder]})
    assert recorder.events == ["on_chain_start", "on_chain_error"] * 2
    assert recorder.heard[1].args == (error,)


def test_stop_iteration_is_no_end(colour: Any) -> None:
    def stop(_: Any) -> None:
        raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        colour.invoke(RunnableLambda(stop), 1)


def test_names() -> None:
    assert RunnableLambda(plus).get_name() == "plus"
    assert RunnableLambda(lambda x: x).get_name() == "RunnableLambda"
    assert RunnableLambda(plus, name="mine").get_name() == "mine"
    assert RunnableLambda(functools.partial(plus)).get_name() == "RunnableLambda"


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="takes a function, not 3"):
        RunnableLambda(3)  # type: ignore[call-overload]


def test_kinds_of_functions() -> None:
    class Callable:
        async def __call__(self, x: Any) -> Any:
            return x

    assert kind_of(plus) == kind_of(len) == kind_of(int) == "plain"
    assert kind_of(aplus) == kind_of(Callable()) == kind_of(functools.partial(aplus)) == "async"
    assert kind_of(Callable().__call__) == "async"
    assert kind_of(count) == "generator"
    assert kind_of(acount) == "async generator"


def shout(words: Any) -> Any:
    for word in words:
        yield word.upper()


async def ashout(words: Any) -> Any:
    async for word in words:
        yield word.lower()


def test_a_generator_turns_streams_into_streams(colour: Any) -> None:
    both = RunnableGenerator(shout, ashout)
    expected = ["A", "B"] if colour.name == "sync" else ["a", "b"]
    assert colour.transform(both, ["A", "b"]) == expected
    assert colour.invoke(both, "aB") == ("AB" if colour.name == "sync" else "ab")
    assert colour.stream(both, "A") == expected[:1]


def test_a_sync_generator_works_in_async_calls_too() -> None:
    async def main() -> list[str]:
        return [piece async for piece in RunnableGenerator(shout).astream("a")]

    assert asyncio.run(main()) == ["A"]


def test_an_async_generator_is_refused_by_name_in_sync_calls() -> None:
    with pytest.raises(TypeError, match="ashout is async"):
        RunnableGenerator(ashout).invoke("a")
