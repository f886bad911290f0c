"""Sequences, parallels and passthroughs."""

from __future__ import annotations

import asyncio
import pickle
import threading
from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.runnables import (
    Runnable,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
)
from tests.unit.runnables.doubles import Broken, Recorder, Words


def plus(x: int) -> int:
    return x + 1


def shout(words: Any) -> Any:
    for word in words:
        yield word.upper()


class OnlyInvoke(Runnable[int, int]):
    """What users write who write least."""

    def invoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
        return input * 2


def test_answers_are_handed_on(colour: Any) -> None:
    chain = RunnableLambda(plus) | plus | OnlyInvoke()
    assert colour.invoke(chain, 1) == 6
    assert colour.stream(chain, 1) == [6]
    assert colour.batch(chain, [1, 2]) == [6, 8]


def test_a_function_may_come_first(colour: Any) -> None:
    assert colour.invoke(plus | OnlyInvoke(), 1) == 4
    assert colour.invoke({"a": plus} | RunnableLambda(lambda d: d["a"]), 1) == 2


def test_pipe_takes_several(colour: Any) -> None:
    chain: Any = OnlyInvoke().pipe(plus, plus, name="chain")
    assert colour.invoke(chain, 1) == 4
    assert chain.get_name() == "chain"


def test_sequences_are_flattened_unless_they_have_a_name() -> None:
    inner: Any = RunnableLambda(plus) | plus
    assert len((inner | inner).steps) == 4
    named = RunnableSequence(plus, plus, name="inner")
    assert len((named | inner).steps) == 3


def test_what_cannot_be_a_step_is_refused() -> None:
    with pytest.raises(TypeError, match="not a runnable, a function or a dict of them: 3"):
        RunnableLambda(plus) | 3  # type: ignore[operator]
    with pytest.raises(ConfigurationError, match="at least 2 steps"):
        RunnableSequence(plus)


def test_pieces_flow_through_a_sequence(colour: Any) -> None:
    seen: list[str] = []

    def watch(words: Any) -> Any:
        for word in words:
            seen.append(word)
            yield word

    chain = Words() | RunnablePassthrough() | watch
    if colour.name == "sync":
        stream = chain.stream("a b c")
        assert next(stream) == "a"
        assert seen == ["a"]
        assert list(stream) == ["b", "c"]
    else:
        assert colour.stream(chain, "a b c") == ["a", "b", "c"]


def test_leaving_a_stream_closes_what_is_below(colour: Any) -> None:
    words = Words()
    chain = words | shout | RunnablePassthrough() | RunnableParallel(a=RunnablePassthrough())
    if colour.name == "sync":
        assert colour.first(chain, "a b c") == {"a": "A"}
    else:
        assert colour.first(words | RunnablePassthrough(), "a b c") == "a"
    assert words.closed.wait(10)


def test_keyword_arguments_go_to_the_first_step() -> None:
    words = Words()
    (words | RunnablePassthrough()).invoke("a", stop=["b"])
    assert words.asked[0][2] == {"stop": ["b"]}


def test_steps_are_runs_below_the_sequence(colour: Any, recorder: Recorder) -> None:
    chain: Any = RunnableLambda(plus) | OnlyInvoke() | plus
    for ask in (colour.invoke, colour.stream):
        recorder.heard.clear()
        ask(chain, 1, {"callbacks": [recorder], "tags": ["t"], "run_name": "mine"})
        root, *steps = recorder.of("on_chain_start")
        assert root.facts["name"] == "mine"
        assert [step.facts["tags"] for step in steps] == [["t", "seq:step:1"], ["t", "seq:step:3"]]
        assert {step.facts["parent_run_id"] for step in steps} == {root.facts["run_id"]}
        assert recorder.of("on_chain_end")[-1].args == (5,)


def test_a_steps_function_does_not_see_the_step_tag(colour: Any, recorder: Recorder) -> None:
    def tags(_: Any, config: Any) -> Any:
        return config["tags"]

    chain = RunnableLambda(plus) | tags
    assert colour.invoke(chain, 1, {"callbacks": [recorder], "tags": ["t"]}) == ["t"]


def test_a_failing_step_fails_the_sequence(colour: Any, recorder: Recorder) -> None:
    chain = RunnableLambda(plus) | Broken(ValueError("oops"), ValueError("oops"))
    for ask in (colour.invoke, colour.stream):
        recorder.heard.clear()
        with pytest.raises(ValueError, match="oops"):
            ask(chain, 1, {"callbacks": [recorder]})
        assert recorder.events[-1] == "on_chain_error"


def test_runnables_of_ones_own_inherit_config_they_do_not_pass_on(
    colour: Any, recorder: Recorder
) -> None:
    inner = RunnableLambda(plus, name="inner")

    class Careless(Runnable[int, int]):
        def invoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
            return inner.invoke(input)

    chain = RunnableLambda(plus) | Careless()
    colour.invoke(chain, 1, {"callbacks": [recorder]})
    root, _, nested = recorder.of("on_chain_start")
    assert nested.facts["parent_run_id"] == root.facts["run_id"]


def test_branches_get_the_same_input(colour: Any) -> None:
    branches = RunnableParallel({"a": plus, "b": OnlyInvoke()}, c=lambda x: -x)
    assert colour.invoke(branches, 3) == {"a": 4, "b": 6, "c": -3}
    assert colour.invoke(RunnableParallel(), 3) == {}
    assert branches.get_name() == "RunnableParallel<a,b,c>"


def test_branches_run_side_by_side() -> None:
    both = threading.Barrier(2)
    branches = RunnableParallel(a=lambda _: both.wait(10), b=lambda _: both.wait(10))
    assert sorted(branches.invoke(1).values()) == [0, 1]


def test_async_branches_run_side_by_side() -> None:
    async def main() -> Any:
        met = asyncio.Event()

        async def wait(_: Any) -> str:
            await met.wait()
            return "waited"

        async def meet(_: Any) -> str:
            met.set()
            return "met"

        return await RunnableParallel(a=wait, b=meet).ainvoke(1)

    assert asyncio.run(main()) == {"a": "waited", "b": "met"}


def test_a_stream_of_branches_adds_up(colour: Any) -> None:
    chain = Words() | {"as": RunnablePassthrough(), "loud": shout, "all": len}
    pieces = colour.stream(chain, "a b c")
    assert sorted(key for piece in pieces for key in piece) == ["all", *["as"] * 3, *["loud"] * 3]
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = whole + piece
    assert whole == {"as": "abc", "loud": "ABC", "all": 3}


def test_a_failing_branch_fails_the_stream(colour: Any) -> None:
    chain = Words() | {"fine": RunnablePassthrough(), "bad": Broken(ValueError("oops"))}
    with pytest.raises(ValueError, match="oops"):
        colour.stream(chain, "a b c")


def test_branches_are_labelled(colour: Any, recorder: Recorder) -> None:
    colour.invoke(RunnableParallel(a=plus, b=plus), 1, {"callbacks": [recorder]})
    _, *branches = recorder.of("on_chain_start")
    assert sorted(branch.facts["tags"] for branch in branches) == [["map:key:a"], ["map:key:b"]]


def test_the_width_of_branches_can_be_capped() -> None:
    branches = RunnableParallel(
        a=lambda _: threading.get_ident(), b=lambda _: threading.get_ident()
    )
    answers = branches.invoke(1, {"max_concurrency": 1})
    assert set(answers.values()) == {threading.get_ident()}


def test_map_asks_for_every_item(colour: Any) -> None:
    assert colour.invoke(RunnableLambda(plus).map(), [1, 2, 3]) == [2, 3, 4]
    assert colour.invoke(RunnableLambda(plus).map(), []) == []
    assert RunnableLambda(plus).map().get_name() == "RunnableEach<plus>"


def test_a_passthrough_hands_on_and_may_look(colour: Any) -> None:
    seen: list[Any] = []
    assert colour.invoke(RunnablePassthrough(), 3) == 3
    assert colour.transform(RunnablePassthrough(), [1, 2]) == [1, 2]
    assert colour.invoke(RunnablePassthrough(seen.append), 3) == 3
    assert colour.transform(RunnablePassthrough(seen.append), ["a", "b"]) == ["ab"]
    assert seen == [3, "ab"]


def test_assign_adds_keys(colour: Any) -> None:
    length = RunnablePassthrough.assign(n=lambda d: len(d["text"]))
    assert colour.invoke(length, {"text": "four", "n": 0}) == {"text": "four", "n": 4}
    chain = RunnableLambda(lambda x: {"x": x}).assign(y=lambda d: d["x"] + 1)
    assert colour.invoke(chain, 1) == {"x": 1, "y": 2}
    with pytest.raises(ConfigurationError, match="takes a dict, not int"):
        colour.invoke(RunnablePassthrough.assign(a=plus), 1)


def test_assign_streams_what_it_was_given(colour: Any) -> None:
    chain = (Words() | {"text": RunnablePassthrough()}).assign(n=lambda d: len(d["text"]))
    pieces = colour.stream(chain, "a b c")
    assert [piece for piece in pieces if "text" in piece] == [{"text": word} for word in "abc"]
    assert [piece for piece in pieces if "n" in piece] == [{"n": 3}]
    replacing = (Words() | {"text": RunnablePassthrough()}).assign(text=lambda d: d["text"] + "!")
    assert colour.stream(replacing, "a b") == [{"text": "ab!"}]


def test_pick_keeps_some_keys(colour: Any) -> None:
    given = RunnableLambda(lambda _: {"a": 1, "b": 2})
    assert colour.invoke(given.pick("a"), 0) == 1
    assert colour.invoke(given.pick(["a", "c"]), 0) == {"a": 1}
    chain = (Words() | {"t": RunnablePassthrough(), "n": len}).pick("t")
    assert colour.stream(chain, "a b") == ["a", "b"]


def test_what_only_answers_still_streams(colour: Any) -> None:
    assert colour.stream(OnlyInvoke(), 2) == [4]
    assert colour.transform(OnlyInvoke(), [2]) == [4]
    assert colour.transform(OnlyInvoke(), []) == []


def test_what_cannot_even_answer_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Runnable has no invoke"):
        Runnable().invoke(1)


def test_types_are_for_the_reader() -> None:
    chain = RunnableLambda(plus)
    assert chain.with_types(input_type=int, output_type=int) is chain


def test_chains_of_named_functions_can_be_pickled() -> None:
    chain = RunnablePassthrough().with_retry() | OnlyInvoke().with_config(tags=["a"])
    assert pickle.loads(pickle.dumps(chain)).invoke(2) == 4
