"""Bindings, listeners, retries and fallbacks."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from conure.errors import ConfigurationError, ModelRateLimitError
from conure.runnables import Runnable, RunnableLambda, RunnablePassthrough
from tests.unit.runnables.doubles import Broken, Recorder, Words


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long was slept instead of sleeping."""
    taken: list[float] = []

    async def anap(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("conure.runnables.steps.sleep", taken.append)
    monkeypatch.setattr("conure.runnables.steps.asleep", anap)
    return taken


# -- bind and with_config -----------------------------------------------------------------------


def test_bound_arguments_merge_and_those_of_a_call_win(colour: Any) -> None:
    words = Words()
    bound = words.bind(a=1, b=1).bind(b=2, c=2)
    for ask in (colour.invoke, colour.stream):
        ask(bound, "x", c=3)
    assert [kwargs for _, _, kwargs in words.asked] == [{"a": 1, "b": 2, "c": 3}] * 2


def test_bound_config_merges_with_that_of_a_call(colour: Any) -> None:
    words = Words()
    bound = words.with_config({"tags": ["a"], "run_name": "one"}, metadata={"m": 1})
    bound = bound.with_config(tags=["b"])
    for ask in (colour.invoke, colour.stream):
        ask(bound, "x", {"tags": ["c"], "run_name": "two"})
    colour.transform(bound, ["x"], {"tags": ["c"], "run_name": "two"})
    for _, config, _ in words.asked:
        assert config == {"tags": ["a", "b", "c"], "run_name": "two", "metadata": {"m": 1}}
    assert len(words.asked) == 3


def test_a_misspelt_key_of_with_config_is_said() -> None:
    with pytest.warns(UserWarning, match="did you mean 'tags'"):
        Words().with_config(tag=["a"])


def test_a_binding_makes_no_run_of_its_own(colour: Any, recorder: Recorder) -> None:
    bound = RunnableLambda(str).bind().with_config(run_name="mine")
    colour.invoke(bound, 1, {"callbacks": [recorder]})
    assert [heard.facts["name"] for heard in recorder.of("on_chain_start")] == ["mine"]
    assert bound.get_name() == "str"


def test_attributes_show_through_a_binding() -> None:
    words = Words()
    bound: Any = words.bind(a=1)
    assert bound.asked is words.asked
    with pytest.raises(AttributeError, match="nothing"):
        _ = bound.nothing


def test_binding_tools_keeps_what_was_bound(colour: Any) -> None:
    words = Words()
    bound: Any = words.bind(temperature=0.1).with_config(tags=["a"])
    colour.invoke(bound.bind_tools(["t"]), "x")
    assert words.asked == [("x", {"tags": ["a"]}, {"temperature": 0.1, "tools": ["t"]})]


def test_binding_tools_keeps_the_retries(colour: Any, naps: list[float]) -> None:
    class Failing(Words):
        def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
            super().invoke(input, config, **kwargs)
            if len(self.asked) < 3:
                raise ValueError("not yet")
            return input

    words = Failing()
    retrying: Any = words.with_retry()
    assert colour.invoke(retrying.bind_tools(["t"]), "x") == "x"
    assert [kwargs for _, _, kwargs in words.asked] == [{"tools": ["t"]}] * 3


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_wrappers_can_be_copied(copied: Any) -> None:
    inner = RunnablePassthrough()
    for wrapper in (inner.bind(), inner.with_retry(), inner.with_fallbacks([inner])):
        assert copied(wrapper).invoke(1) == 1


# -- with_listeners -----------------------------------------------------------------------------


def test_listeners_hear_the_run_and_nothing_below(colour: Any) -> None:
    told: list[Any] = []
    chain = (RunnableLambda(lambda x: x + 1) | RunnableLambda(str)).with_listeners(
        on_start=lambda run: told.append(("start", run.inputs, run.outputs)),
        on_end=lambda run, config: told.append(("end", run.outputs, config["tags"])),
        on_error=lambda run: told.append(("error", run.error)),
    )
    for _ in range(2):
        colour.invoke(chain, 1, {"tags": ["t"]})
    assert told == [("start", 1, None), ("end", "2", ["t"])] * 2


def test_listeners_hear_failures(colour: Any) -> None:
    told: list[Any] = []
    error = ValueError("oops")

    def fail(_: Any) -> None:
        raise error

    listening = RunnableLambda(fail).with_listeners(on_error=lambda run: told.append(run.error))
    with pytest.raises(ValueError, match="oops"):
        colour.invoke(listening, 1)
    assert told == [error]


# -- with_retry ---------------------------------------------------------------------------------


def test_failures_are_retried(colour: Any, naps: list[float]) -> None:
    broken = Broken(ValueError("1"), ValueError("2"))
    assert colour.invoke(broken.with_retry(), "x") == "x"
    assert broken.calls == 3
    first, second = naps
    assert 1 <= first <= 2
    assert 2 <= second <= 3


def test_the_last_failure_is_raised(colour: Any, naps: list[float]) -> None:
    broken = Broken(ValueError("1"), ValueError("2"), ValueError("3"))
    with pytest.raises(ValueError, match="2"):
        colour.invoke(broken.with_retry(stop_after_attempt=2), "x")
    assert len(naps) == 1


def test_only_the_given_kinds_are_retried(colour: Any, naps: list[float]) -> None:
    broken = Broken(KeyError("1"))
    with pytest.raises(KeyError):
        colour.invoke(broken.with_retry(retry_if_exception_type=(ValueError,)), "x")
    assert (broken.calls, naps) == (1, [])


def test_waits_follow_their_parameters(colour: Any, naps: list[float]) -> None:
    broken = Broken(*(ValueError(str(n)) for n in range(4)))
    waits = {"initial": 2, "exp_base": 3, "jitter": 0, "max": 10}
    retrying = broken.with_retry(exponential_jitter_params=waits, stop_after_attempt=5)
    colour.invoke(retrying, "x")
    assert naps == [2, 6, 10, 10]


def test_no_waiting_unless_asked_for(colour: Any, naps: list[float]) -> None:
    limited = ModelRateLimitError("slow down", retry_after=7)
    colour.invoke(Broken(ValueError("1")).with_retry(wait_exponential_jitter=False), "x")
    assert naps == []
    colour.invoke(Broken(limited).with_retry(wait_exponential_jitter=False), "x")
    assert naps == [7]


@pytest.mark.parametrize(
    "options",
    [{"stop_after_attempt": 0}, {"exponential_jitter_params": {"start": 1}}],
)
def test_bad_retry_options_are_refused_by_name(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        Words().with_retry(**options)


def test_attempts_are_labelled_and_retries_told(
    colour: Any, recorder: Recorder, naps: list[float]
) -> None:
    errors = [ValueError("1"), ValueError("2")]
    broken = Broken(*errors)
    retrying = RunnableLambda(broken.invoke).with_retry()
    colour.invoke(retrying, "x", {"callbacks": [recorder]})
    root, *attempts = recorder.of("on_chain_start")
    assert [attempt.facts["tags"] for attempt in attempts] == [
        [],
        ["retry:attempt:2"],
        ["retry:attempt:3"],
    ]
    retries = recorder.of("on_retry")
    states = [retry.args[0] for retry in retries]
    assert [(state.attempt_number, state.exception) for state in states] == [
        (1, errors[0]),
        (2, errors[1]),
    ]
    assert [state.delay for state in states] == naps
    assert {retry.facts["run_id"] for retry in retries} == {root.facts["run_id"]}


def test_in_a_batch_only_failed_items_are_retried(colour: Any, naps: list[float]) -> None:
    calls: list[int] = []

    class Once(Runnable[int, int]):
        def invoke(self, input: int, config: Any = None, **kwargs: Any) -> int:
            calls.append(input)
            if input == 2 and calls.count(2) < 3:
                raise ValueError("2")
            return input

    assert colour.batch(Once().with_retry(), [1, 2, 3]) == [1, 2, 3]
    assert sorted(calls) == [1, 2, 2, 2, 3]


def test_a_stream_is_not_retried(colour: Any, naps: list[float]) -> None:
    broken = Broken(ValueError("1"))
    with pytest.raises(ValueError, match="1"):
        colour.stream(broken.with_retry(), "x")
    assert colour.stream(Words().with_retry(), "a b") == ["a", "b"]
    assert naps == []


# -- with_fallbacks -----------------------------------------------------------------------------


def test_the_next_is_asked_when_one_fails(colour: Any) -> None:
    chain = Broken(ValueError("1")).with_fallbacks([Broken(ValueError("2")), Words()])
    assert colour.invoke(chain, "a b") == "a b"


def test_the_first_error_is_raised_when_all_fail(colour: Any) -> None:
    for ask in (colour.invoke, colour.stream):
        chain = Broken(ValueError("1")).with_fallbacks([Broken(ValueError("2"))])
        with pytest.raises(ValueError, match="1"):
            ask(chain, "x")


def test_only_the_given_kinds_fall_back(colour: Any) -> None:
    for ask in (colour.invoke, colour.stream):
        chain = Broken(KeyError("1")).with_fallbacks([Words()], exceptions_to_handle=(ValueError,))
        with pytest.raises(KeyError):
            ask(chain, "x")


def test_fallbacks_may_be_told_the_error(colour: Any) -> None:
    error = ValueError("1")
    for ask in (colour.invoke, lambda *args: colour.stream(*args)[0]):
        chain = Broken(error).with_fallbacks([RunnablePassthrough()], exception_key="error")
        assert ask(chain, {"a": 1}) == {"a": 1, "error": error}
        with pytest.raises(ConfigurationError, match="must be dicts"):
            ask(chain, "x")


class Halfway(Words):
    """Fails after the given number of words."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = words

    def stream(self, input: str, config: Any = None, **kwargs: Any) -> Any:
        for number, word in enumerate(input.split()):
            if number == self.words:
                raise ValueError(f"after {number}")
            yield word


def test_a_stream_falls_back_before_its_first_piece_only(colour: Any) -> None:
    assert colour.stream(Halfway(0).with_fallbacks([Words()]), "a b") == ["a", "b"]
    with pytest.raises(ValueError, match="after 1"):
        colour.stream(Halfway(1).with_fallbacks([Words()]), "a b")


def test_tools_are_bound_to_every_member(colour: Any) -> None:
    class FailingWords(Words):
        def invoke(self, input: str, config: Any = None, **kwargs: Any) -> str:
            super().invoke(input, config, **kwargs)
            raise ValueError("1")

    first, second = FailingWords(), Words()
    chain: Any = first.with_fallbacks([second], exceptions_to_handle=(ValueError,))
    colour.invoke(chain.bind_tools(["t"], strict=True), "x")
    for member in (first, second):
        assert [kwargs for _, _, kwargs in member.asked] == [{"tools": ["t"], "strict": True}]


def test_members_are_runs_below_the_fallbacks(colour: Any, recorder: Recorder) -> None:
    chain = RunnableLambda(Broken(ValueError("1")).invoke).with_fallbacks([RunnableLambda(str)])
    colour.invoke(chain, 1, {"callbacks": [recorder]})
    root, *members = recorder.of("on_chain_start")
    assert {member.facts["parent_run_id"] for member in members} == {root.facts["run_id"]}
    assert recorder.events[-1] == "on_chain_end"
