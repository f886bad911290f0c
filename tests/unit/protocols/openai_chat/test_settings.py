"""Values that cannot be meant are refused, in words."""

from __future__ import annotations

from typing import Any

import pytest

from conure.protocols.openai_chat.settings import SETTINGS


@pytest.mark.parametrize(
    "name, value",
    [
        ("temperature", 0),
        ("temperature", 2.0),
        ("max_tokens", 1),
        ("seed", -1),
        ("n", 3),
        ("stop", "x"),
        ("stop", ["x", "y"]),
        ("logprobs", True),
        ("top_logprobs", 20),
        ("logit_bias", {"50256": -100, 7: 1.5}),
        ("tool_choice", "auto"),
        ("tool_choice", True),
        ("tool_choice", {"type": "function"}),
        ("metadata", {}),
        ("tools", []),
        ("response_format", object()),
    ],
)
def test_values_that_can_be_meant(name: str, value: Any) -> None:
    assert SETTINGS[name](value) is None


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("temperature", "hot", "give a number, not str"),
        ("temperature", True, "not True or False"),
        ("temperature", -0.1, "from 0 to 2"),
        ("temperature", float("nan"), "from 0 to 2"),
        ("top_p", 1.1, "from 0 to 1"),
        ("max_tokens", 0, "give 1 or more"),
        ("max_tokens", -5, "give 1 or more"),
        ("max_tokens", 1.5, "whole number, not float"),
        ("n", True, "whole number"),
        ("top_logprobs", 21, "from 0 to 20"),
        ("presence_penalty", 3, "from -2 to 2"),
        ("stop", 7, "a str or a list of str"),
        ("stop", ["x", 7], "a str or a list of str"),
        ("logprobs", 1, "True or False, not int"),
        ("logit_bias", [1], "dict of token id"),
        ("logit_bias", {"word": 1}, "is not a token id"),
        ("logit_bias", {"1": 101}, "from -100 to 100"),
        ("logit_bias", {"1": True}, "from -100 to 100"),
        ("tool_choice", 7, "name of a tool"),
        ("metadata", "x", "a dict, not str"),
        ("tools", {}, "a list, not dict"),
        ("user", 7, "a str, not int"),
    ],
)
def test_values_that_cannot_be_meant(name: str, value: Any, words: str) -> None:
    wrong = SETTINGS[name](value)
    assert wrong
    assert words in wrong
