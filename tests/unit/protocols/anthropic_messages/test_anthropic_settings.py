"""Anthropic Messages: settings, tools and the previews they need."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import HumanMessage
from conure.protocols import Encoded
from conure.protocols.anthropic_messages import PROTOCOL
from conure.providers import find
from conure.providers.anthropic import facts

DIALECT = find("anthropic").dialect
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
PLAIN = {"name": "f", "input_schema": {"type": "object"}}


def encoded(model: str = "claude-sonnet-4-5", **settings: Any) -> Encoded:
    return PROTOCOL.encode(model, [HumanMessage("a")], settings, False, DIALECT)


def body(model: str = "claude-sonnet-4-5", **settings: Any) -> dict[str, Any]:
    found = encoded(model, **settings)
    assert not found.warnings
    return found.body


def betas(**settings: Any) -> tuple[str, ...]:
    found = encoded(**settings).headers.get("anthropic-beta", ())
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    "model, most",
    [
        ("claude-3-haiku-20240307", 4096),
        ("claude-3-5-sonnet-latest", 8192),
        ("anthropic/claude-sonnet-4.5", 64_000),
        ("claude-opus-4-1-20250805", 32_000),
        ("claude-opus-4-6", 128_000),
        ("unheard-of", 4096),
    ],
)
def test_the_most_a_family_writes_is_asked_for(model: str, most: int) -> None:
    assert body(model)["max_tokens"] == most == facts(model).max_tokens
    assert body(model, max_tokens=5)["max_tokens"] == 5


def test_thinking_leaves_room_for_the_answer() -> None:
    thinking = {"type": "enabled", "budget_tokens": 6000}
    assert body("unheard-of", thinking=thinking)["max_tokens"] == 10_096
    assert body(thinking=thinking)["max_tokens"] == 64_000


def test_thinking_in_short() -> None:
    assert body(thinking=True)["thinking"] == {"type": "enabled", "budget_tokens": 1024}
    assert body("claude-opus-4-6", thinking=True)["thinking"] == {"type": "adaptive"}
    assert body(thinking=False)["thinking"] == {"type": "disabled"}
    assert body("claude-opus-4-6", effort="high") == {
        **body("claude-opus-4-6"),
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "high"},
    }
    given = body("claude-opus-4-5", reasoning_effort="minimal", output_config={"a": 1})
    assert given["output_config"] == {"effort": "low", "a": 1}
    assert "thinking" not in given
    assert body(reasoning_effort="none")["thinking"] == {"type": "disabled"}
    assert "output_config" not in body(reasoning_effort="none")


def test_settings_go_as_given() -> None:
    given: dict[str, Any] = {
        "temperature": 0.5,
        "top_k": 3,
        "cache_control": {"type": "ephemeral"},
        "service_tier": "auto",
        "container": "c",
        "inference_geo": "us",
    }
    assert given.items() <= body(**given, top_p=None, timeout=3).items()
    assert "top_p" not in body(top_p=None)
    assert body(stop="a")["stop_sequences"] == ["a"]
    assert body(stop_sequences=("a", "b"))["stop_sequences"] == ["a", "b"]
    assert body(user="u", metadata={"a": 1})["metadata"] == {"user_id": "u", "a": 1}
    assert body(user="u")["metadata"] == {"user_id": "u"}
    assert body(extra_body={"new": 1}, model_kwargs={"top_k": 1})["new"] == 1


def test_settings_a_family_refuses_are_left_out() -> None:
    found = encoded("claude-opus-4-8", temperature=0.5, top_p=1, top_k=1)
    assert found.warnings == (
        "temperature was left out: claude-opus-4-8 does not take it",
        "top_k was left out: claude-opus-4-8 does not take it",
    )
    assert found.body["top_p"] == 1


def test_tools_in_any_form() -> None:
    extras = {"cache_control": {"type": "ephemeral"}, "unknown": 1}
    named = {**FUNCTION["function"], "description": "d", "strict": True}  # type: ignore[dict-item]
    given = [
        FUNCTION,
        {"type": "function", "function": named, "extras": extras},
        {"type": "function", "name": "g", "defer_loading": True},
        {"name": "h", "parameters": {"type": "object"}},
        PLAIN,
        {"type": "web_search", "max_uses": 2},
        {"type": "web_search_20260209", "name": "web_search"},
        "odd",
    ]
    assert body(tools=given)["tools"] == [
        PLAIN,
        {
            **PLAIN,
            "description": "d",
            "strict": True,
            "cache_control": {"type": "ephemeral"},
        },
        {"name": "g", "input_schema": {"type": "object", "properties": {}}, "defer_loading": True},
        {**PLAIN, "name": "h"},
        PLAIN,
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        {"type": "web_search_20260209", "name": "web_search"},
        "odd",
    ]
    assert "tools" not in body(tools=[])


@pytest.mark.parametrize(
    "given, written",
    [
        ("auto", {"type": "auto"}),
        ("any", {"type": "any"}),
        ("required", {"type": "any"}),
        (True, {"type": "any"}),
        (False, {"type": "none"}),
        ("none", {"type": "none"}),
        ("f", {"type": "tool", "name": "f"}),
        ({"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
        ({"type": "function", "name": "f"}, {"type": "tool", "name": "f"}),
        ({"type": "web_search"}, {"type": "tool", "name": "web_search"}),
        ({"type": "bash_20250124", "name": "bash"}, {"type": "tool", "name": "bash"}),
        ({"type": "tool", "name": "f"}, {"type": "tool", "name": "f"}),
    ],
)
def test_choices(given: Any, written: Any) -> None:
    assert body(tools=[PLAIN], tool_choice=given)["tool_choice"] == written


def test_calls_one_at_a_time() -> None:
    def choice(**settings: Any) -> Any:
        return body(tools=[PLAIN], **settings).get("tool_choice")

    assert choice(parallel_tool_calls=False) == {"type": "auto", "disable_parallel_tool_use": True}
    assert choice(parallel_tool_calls=False, tool_choice="none") == {"type": "none"}
    assert choice(parallel_tool_calls=True) is None
    assert "tool_choice" not in body(parallel_tool_calls=False)


def test_no_tool_is_forced_while_thinking_has_a_budget() -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    found = encoded(tools=[PLAIN], tool_choice="f", parallel_tool_calls=False, thinking=thinking)
    assert found.body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert "tool_choice became 'auto'" in found.warnings[0]
    assert body(tools=[PLAIN], tool_choice="auto", thinking=thinking)


def test_answers_of_a_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    narrow = body(response_format={"type": "json_schema", "json_schema": {"schema": schema}})
    found = narrow["output_config"]["format"]["schema"]
    assert found["additionalProperties"] is False
    assert "minimum" not in found["properties"]["a"]
    again = body(response_format={"type": "json_schema", "schema": schema})
    assert again["output_config"]["format"]["schema"] is found
    assert body(response_format=schema)["output_config"]["format"]["schema"] is found
    recursive = {"type": "object", "properties": {"a": {"$ref": "#"}}}
    as_is = body(response_format=recursive)["output_config"]["format"]["schema"]
    assert as_is is recursive
    odd = body(response_format={"type": "json_schema", "schema": True})
    assert odd["output_config"]["format"]["schema"] is True
    found = encoded(response_format={"type": "json_object"})
    assert "no JSON mode" in found.warnings[0]
    with pytest.raises(ConfigurationError, match="response_format must be a dict"):
        encoded(response_format="json")


def test_no_more_schemas_are_remembered_than_is_useful() -> None:
    for number in range(70):
        schema = {"type": "object", "properties": {f"a{number}": {"type": "integer"}}}
        assert body(response_format=schema)


def test_previews() -> None:
    def edits(*kinds: str) -> Any:
        return {"edits": [{"type": kind} for kind in kinds]}

    assert betas(betas=["a", "a"]) == ("a",)
    assert betas(betas="a", mcp_servers=[{}]) == ("a", "mcp-client-2025-11-20")
    assert betas(tools=[{"type": "code_execution_20250825"}]) == ("code-execution-2025-08-25",)
    assert betas(tools=[{**PLAIN, "input_examples": [1]}, "odd"]) == (
        "advanced-tool-use-2025-11-20",
    )
    assert betas(context_management=edits("compact_20260112")) == ("compact-2026-01-12",)
    assert betas(context_management=edits("clear_tool_uses_20250919")) == (
        "context-management-2025-06-27",
    )
    assert betas(context_management={"edits": None}) == ()
    assert betas(container={"skills": [1]}) == ("code-execution-2025-08-25", "skills-2025-10-02")
    assert betas(output_config={"task_budget": 1}) == ("task-budgets-2026-03-13",)
    assert betas(speed="fast") == ("fast-mode-2026-02-01",)
