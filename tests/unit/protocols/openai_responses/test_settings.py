"""What settings become in a request of the Responses API."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import HumanMessage
from conure.protocols.openai_responses import PROTOCOL, Dialect

GET_TIME = {"name": "get_time", "description": "", "parameters": {"type": "object"}}


def encode(dialect: Any = None, **settings: Any) -> Any:
    return PROTOCOL.encode("m", [HumanMessage("hi")], settings, False, dialect or Dialect())


def body(**settings: Any) -> dict[str, Any]:
    made = encode(**settings).body
    return {k: v for k, v in made.items() if k not in ("model", "input", "stream")}


@pytest.mark.parametrize(
    "settings, written",
    [
        ({"max_tokens": 5}, {"max_output_tokens": 5}),
        ({"max_completion_tokens": 5}, {"max_output_tokens": 5}),
        ({"max_tokens": 5, "max_output_tokens": 7}, {"max_output_tokens": 7}),
        ({"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
        (
            {"reasoning_effort": "low", "reasoning": {"summary": "auto"}},
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        ({"verbosity": "low"}, {"text": {"verbosity": "low"}}),
        (
            {"verbosity": "low", "text": {"format": {"type": "text"}}},
            {"text": {"verbosity": "low", "format": {"type": "text"}}},
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "A", "schema": {}, "strict": True},
                }
            },
            {
                "text": {
                    "format": {"type": "json_schema", "name": "A", "schema": {}, "strict": True}
                }
            },
        ),
        (
            {"response_format": {"type": "json_object"}},
            {"text": {"format": {"type": "json_object"}}},
        ),
        (
            {"tools": [{"type": "function", "function": GET_TIME}]},
            {"tools": [{"type": "function", **GET_TIME}]},
        ),
        (
            {"tools": [{"type": "function", "function": GET_TIME, "defer_loading": True}]},
            {"tools": [{"type": "function", **GET_TIME, "defer_loading": True}]},
        ),
        ({"tools": [{"type": "web_search"}]}, {"tools": [{"type": "web_search"}]}),
        (
            {"tools": [{"type": "custom", "name": "sql", "format": {"type": "text"}}]},
            {"tools": [{"type": "custom", "name": "sql", "format": {"type": "text"}}]},
        ),
        ({"tool_choice": "any"}, {"tool_choice": "required"}),
        ({"tool_choice": True}, {"tool_choice": "required"}),
        ({"tool_choice": False}, {"tool_choice": "none"}),
        ({"tool_choice": "get_time"}, {"tool_choice": {"type": "function", "name": "get_time"}}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
            {"tool_choice": {"type": "function", "name": "get_time"}},
        ),
        (
            {"tool_choice": {"type": "custom", "custom": {"name": "sql"}}},
            {"tool_choice": {"type": "custom", "name": "sql"}},
        ),
        ({"tool_choice": {"type": "web_search"}}, {"tool_choice": {"type": "web_search"}}),
        ({"logprobs": True}, {"include": ["message.output_text.logprobs"]}),
        ({"stream_options": {"include_usage": True}}, {}),
        ({"stream_options": {"include_obfuscation": False}}, {}),
        ({"model_kwargs": {"x": 1}, "extra_body": {"store": True}}, {"x": 1, "store": True}),
        ({"n": 1, "modalities": ["text"]}, {}),
        ({"use_responses_api": True, "stream_usage": True, "timeout": 3}, {}),
        ({"parallel_tool_calls": True, "disabled_params": {"parallel_tool_calls": None}}, {}),
        ({"previous_response_id": "resp_1"}, {"previous_response_id": "resp_1"}),
        ({"conversation": "conv_1"}, {"conversation": "conv_1"}),
        ({"background": True}, {"background": True}),
    ],
)
def test_settings(settings: dict[str, Any], written: dict[str, Any]) -> None:
    assert body(**settings) == written


def test_options_of_a_stream_are_for_streams() -> None:
    options = {"stream_options": {"include_usage": True, "include_obfuscation": False}}
    streamed = PROTOCOL.encode("m", [HumanMessage("hi")], options, True, Dialect()).body
    assert streamed["stream_options"] == {"include_obfuscation": False}
    assert body(**options) == {}


@pytest.mark.parametrize("name", ["seed", "stop", "logit_bias", "frequency_penalty"])
def test_a_wish_nobody_grants_is_told(name: str) -> None:
    encoded = encode(**{name: 1})
    assert name not in encoded.body
    assert encoded.warnings == (f"{name} was left out: the Responses API does not take it",)


@pytest.mark.parametrize("name, value", [("n", 2), ("modalities", ["audio"]), ("audio", {})])
def test_a_demand_nobody_meets_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}=.*only Chat Completions takes {name}"):
        encode(**{name: value})


def test_a_dialect_leaves_out_what_is_refused() -> None:
    encoded = encode(Dialect(drops=frozenset({"truncation"})), truncation="auto")
    assert "truncation" not in encoded.body
    assert encoded.warnings == ("truncation was left out: this provider does not take it",)


def test_a_model_that_fixes_its_temperature() -> None:
    fixed = Dialect(fixed_temperature=lambda _: True)
    assert "temperature" not in encode(fixed, temperature=0.5).body
    assert encode(fixed, temperature=0.5, reasoning={"effort": "none"}).body["temperature"] == 0.5
    assert encode(fixed, temperature=1).body["temperature"] == 1


def test_values_are_checked() -> None:
    check = PROTOCOL.settings
    assert check["reasoning"]("high") == "give a dict, not str"
    assert check["include"]("x") == "give a list, not str"
    assert check["max_tool_calls"](0) == "give 1 or more"
