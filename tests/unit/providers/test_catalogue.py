"""The catalogue of models: its lines, the names it knows, and the facts told elsewhere as well."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest

from conure import init_chat_model
from conure.anthropic import ChatAnthropic
from conure.engine.possible import PAIRS
from conure.errors import ConfigurationError
from conure.openai import ChatOpenAI
from conure.providers import anthropic, models
from conure.providers.catalogue import (
    ABILITIES,
    MODALITIES,
    Row,
    alternative,
    known,
    profile_of,
    row_of,
)

HEAD, ROWS = known()


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.model)
def test_every_line_is_sound(row: Row) -> None:
    assert date.fromisoformat(row.released) <= date.fromisoformat(row.updated)
    assert date.fromisoformat(row.updated) <= date.fromisoformat(HEAD.as_of)
    assert 0 < row.writes <= row.reads
    assert "text" in row.takes.split()
    assert set(row.takes.split()) | set(row.gives.split()) <= set(MODALITIES)
    assert set(row.can.split()) <= set(ABILITIES)
    assert set(row.unsure.split()) <= {*ABILITIES, *MODALITIES}
    assert not set(row.unsure.split()) & {*row.can.split(), *row.takes.split()}
    assert set(row.refuses) <= set(PAIRS)
    assert row.status in ("", "alpha", "beta", "deprecated")
    assert (row.source or HEAD.source).startswith("https://")
    assert row_of(row.model) is row


def test_there_are_sixty_models_of_eight_makers() -> None:
    makers = Counter(row.maker for row in ROWS.values())
    assert sum(makers.values()) >= 60
    assert len(makers) >= 8


@pytest.mark.parametrize(
    "given, model",
    [
        ("gpt-4.1", "gpt-4.1"),
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("openai/gpt-4.1-mini", "gpt-4.1-mini"),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc", "gpt-4o-mini"),
        ("gpt-3.5-turbo-0125", "gpt-3.5-turbo"),
        ("gpt-4-1106-preview", "gpt-4-1106"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
        ("claude-3-7-sonnet@20250219", "claude-3-7-sonnet"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ("claude-sonnet-4-0", "claude-sonnet-4"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("us.amazon.nova-2-lite-v1%3A0", "nova-2-lite"),
        ("meta.llama3-1-8b-instruct-v1:0", "llama-3.1-8b-instruct"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini-2.5-flash-preview-05-20", "gemini-2.5-flash"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("command-r-08-2024", "command-r"),
        ("mistral-small-latest", "mistral-small-latest"),
        ("openai/gpt-oss-20b:free", "gpt-oss-20b"),
    ],
)
def test_a_model_is_known_by_any_name(given: str, model: str) -> None:
    row = row_of(given)
    assert row is not None
    assert row.model == model


@pytest.mark.parametrize(
    "name", ["gpt-4o-of-tomorrow", "my-deployment", "gpt-4-vision-preview", "gemma3:1b", ""]
)
def test_another_name_is_not_known(name: str) -> None:
    assert profile_of(name) is None


def test_what_no_source_says_is_left_out() -> None:
    profile = profile_of("deepseek-reasoner")
    assert profile is not None
    assert "tool_calling" not in profile
    assert profile["image_inputs"] is False


def test_an_alternative_is_of_the_same_maker_and_not_on_its_way_out() -> None:
    for row in ROWS.values():
        if other := alternative(row, takes="image"):
            assert ROWS[other].maker == row.maker
            assert ROWS[other].status != "deprecated"
            assert "image" in ROWS[other].takes


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.model)
def test_the_facts_that_a_request_depends_on_are_the_same_there(row: Row) -> None:
    if row.maker == "anthropic":
        told = anthropic.facts(row.model)
        assert told.max_tokens <= row.writes
        assert told.sampling is ("temperature" in row.can.split())
    elif row.maker == "openai" and re.match(r"o\d", row.model):
        assert not models.facts(row.model).temperature
        assert "temperature" not in row.can.split()


def test_a_model_object_shows_its_profile() -> None:
    model = init_chat_model("openai:gpt-4.1", api_key="k")
    assert model.profile is not None
    assert model.profile["max_input_tokens"] == 1_047_576
    assert model.profile["tool_calling"]
    assert ChatAnthropic(model="claude-sonnet-4-5", api_key="k").profile == profile_of(
        "claude-sonnet-4-5"
    )
    assert ChatOpenAI(model="nobody-knows", api_key="k").profile is None


def test_another_profile_may_be_given() -> None:
    given = {"max_input_tokens": 1000, "image_inputs": False}
    model = init_chat_model("openai:gpt-4.1", api_key="k", profile=given)
    assert model.profile == given
    with pytest.raises(ConfigurationError, match="give a dict"):
        init_chat_model("openai:gpt-4.1", api_key="k", profile="large")
