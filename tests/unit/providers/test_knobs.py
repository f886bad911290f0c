"""Knobs of a dialect, turned by a user."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.errors import ConfigurationError, SettingIgnoredWarning
from conure.openai import ChatOpenAI
from conure.protocols.openai_chat import Dialect
from conure.providers.knobs import turned
from tests.unit.providers.test_classes import Answers


def test_values_become_what_the_knob_holds() -> None:
    given = {"drops": ["seed"], "citations": [["a", "b"]], "names": False, "replays": None}
    dialect = turned(Dialect(), given, where="here")
    assert dialect == Dialect(
        drops=frozenset({"seed"}), citations=(("a", "b"),), names=False, replays=None
    )


@pytest.mark.parametrize(
    "given, words",
    [
        ({"think_tag": True}, r"no knob 'think_tag'\. Did you mean 'think_tags'"),
        ({"think_tags": "yes"}, "'think_tags'.* must be a bool, not str"),
        ({"drops": "seed"}, r"'drops'.* must be a list"),
        (["think_tags"], "must be a dict, not list"),
    ],
)
def test_what_makes_no_sense_is_named(given: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=f"ChatOpenAI.*{words}"):
        ChatOpenAI(model="m", api_key="k", dialect=given)


def test_a_model_of_an_unknown_endpoint() -> None:
    given = {"drops": ["seed"], "max_tokens_field": "max_completion_tokens"}
    transport = Answers()
    model = ChatOpenAI(
        model="m", base_url="https://llm.example/v1", dialect=given, transport=transport
    )
    with pytest.warns(SettingIgnoredWarning, match="seed"):
        model.invoke("hello", seed=3, max_tokens=5)
    body = json.loads(transport.asked[0].body or b"")
    assert body["max_completion_tokens"] == 5
    assert "seed" not in body
