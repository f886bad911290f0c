"""Token counts mean the same whatever a vendor calls them."""

from __future__ import annotations

from typing import Any

import pytest

from conure.protocols.usage import read_usage


def usage(prompt: int, completion: int, total: int | None = None, /, **more: Any) -> Any:
    totals = {} if total is None else {"total_tokens": total}
    return {"prompt_tokens": prompt, "completion_tokens": completion, **totals, **more}


def test_the_maker_s_own() -> None:
    wire = usage(
        19,
        10,
        29,
        prompt_tokens_details={"cached_tokens": 5, "audio_tokens": 0},
        completion_tokens_details={"reasoning_tokens": 7, "audio_tokens": 0, "text_tokens": None},
    )
    assert read_usage(wire) == {
        "input_tokens": 19,
        "output_tokens": 10,
        "total_tokens": 29,
        "input_token_details": {"cache_read": 5, "audio": 0},
        "output_token_details": {"reasoning": 7, "audio": 0},
    }


def test_only_what_is_reported_is_there() -> None:
    assert read_usage(usage(1, 2)) == {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    assert read_usage({}) is None
    assert read_usage({"total_tokens": 3}) is None
    assert read_usage({"prompt_tokens": None, "completion_tokens": True}) is None


def test_counts_that_are_no_whole_numbers() -> None:
    wire = {"prompt_tokens": 3.0, "completion_tokens": float("nan")}
    assert read_usage(wire) == {"input_tokens": 3, "output_tokens": 0, "total_tokens": 3}


@pytest.mark.parametrize(
    "name",
    ["prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens", "num_cached_tokens"],
)
def test_cached_tokens_beside_the_totals(name: str) -> None:
    found = read_usage(usage(9, 1, 10, **{name: 4}))
    assert found
    assert found["input_token_details"] == {"cache_read": 4}


def test_details_count_more_than_what_stands_beside() -> None:
    found = read_usage(usage(9, 1, 10, cached_tokens=4, prompt_tokens_details={"cached_tokens": 5}))
    assert found
    assert found["input_token_details"] == {"cache_read": 5}


def test_tokens_written_to_a_cache() -> None:
    for more in (
        {"cache_creation_input_tokens": 3},
        {"prompt_tokens_details": {"cache_write_tokens": 3}},
    ):
        found = read_usage(usage(9, 1, 10, **more))
        assert found
        assert found["input_token_details"] == {"cache_creation": 3}


def test_reasoning_that_is_not_in_completion_tokens_is_output() -> None:
    found = read_usage(usage(12, 2, 354, completion_tokens_details={"reasoning_tokens": 340}))
    assert found
    assert (found["output_tokens"], found["total_tokens"]) == (342, 354)
    assert found["output_token_details"] == {"reasoning": 340}


def test_sound_that_is_not_in_prompt_tokens_is_input() -> None:
    found = read_usage(usage(11, 15, 401, prompt_tokens_details={"audio_tokens": 375}))
    assert found
    assert (found["input_tokens"], found["output_tokens"]) == (386, 15)


def test_cache_that_is_not_in_prompt_tokens_is_input() -> None:
    found = read_usage(usage(10, 5, 45, cache_read_input_tokens=20, cache_creation_input_tokens=10))
    assert found
    assert found["input_tokens"] == 40


def test_a_total_that_nothing_explains_is_left_as_it_is() -> None:
    found = read_usage(usage(10, 5, 99, completion_tokens_details={"reasoning_tokens": 1}))
    assert found == {
        "input_tokens": 10,
        "output_tokens": 5,
        "total_tokens": 99,
        "output_token_details": {"reasoning": 1},
    }


def test_the_names_of_the_newer_api() -> None:
    wire = {"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 1}}
    found = read_usage(wire)
    assert found
    assert (found["input_tokens"], found["total_tokens"]) == (3, 7)
    assert found["input_token_details"] == {"cache_read": 1}
