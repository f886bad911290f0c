"""Anthropic Messages: settings, tools and the previews they need."""

from __future__ import annotations

from typing import Any

import pytest

from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, SystemMessage
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
    shown = {"type": "adaptive", "display": "summarized"}
    assert body("claude-opus-5", thinking=True)["thinking"] == shown
    assert body("claude-opus-5", effort="low")["thinking"] == shown
    assert body("claude-opus-5", effort="low", thinking={"type": "adaptive"})["thinking"] == {
        "type": "adaptive"
    }
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
    assert betas(thinking={"type": "adaptive", "display": "updates"}) == (
        "thinking-display-updates-2026-08-18",
    )
    assert betas(mcp_servers=[{"tool_configuration": {}}]) == ("mcp-client-2025-04-04",)


def test_the_version_of_a_preview_that_is_named_counts() -> None:
    assert betas(betas=["mcp-client-2025-04-04"], mcp_servers=[{}]) == ("mcp-client-2025-04-04",)
    assert betas(betas=["fast-mode-2030-01-01", "x"], speed="fast", mcp_servers=[{}]) == (
        *("fast-mode-2030-01-01", "x", "mcp-client-2025-11-20"),
    )


def test_tools_that_change_amid_a_conversation_are_a_preview() -> None:
    def previews(tool: dict[str, Any], kind: str = "tool_addition") -> Any:
        change = SystemMessage([{"type": kind, "tool": tool}])
        messages = [HumanMessage("a"), change]
        found = PROTOCOL.encode("claude-opus-5", messages, {}, False, DIALECT)
        assert found.body["messages"][1]["content"] == change.content
        return found.headers["anthropic-beta"]

    named = {"type": "tool_reference", "name": "f"}
    assert previews(named) == ("mid-conversation-tool-changes-2026-07-01",)
    assert previews(named, "tool_removal") == ("mid-conversation-tool-changes-2026-07-01",)
    assert previews({"type": "tool_definition"}) == ("inline-tools-2026-09-15",)


def test_the_last_container_is_used_again() -> None:
    def container(last: Any = "c2", **settings: Any) -> Any:
        replies = [
            AIMessage("b", response_metadata={"container": {"id": "c1", "expires_at": "t"}}),
            AIMessage("d", response_metadata={"container": last and {"id": last}}),
        ]
        messages = [HumanMessage("a"), replies[0], HumanMessage("c"), replies[1], HumanMessage("e")]
        given = {"reuse_last_container": True, **settings}
        found = PROTOCOL.encode("claude-sonnet-4-5", messages, given, False, DIALECT)
        assert "reuse_last_container" not in found.body
        return found.body.get("container")

    assert container() == "c2"
    assert container(None) == "c1"
    assert container(container="mine") == "mine"
    assert container(container={"skills": [1]}) == {"skills": [1], "id": "c2"}
    assert container(container={"id": "mine"}) == {"id": "mine"}
    assert container(reuse_last_container=False) is None
    assert "container" not in body(reuse_last_container=True)


# -- tools of other makers ------------------------------------------------------------------------


def test_tools_as_other_makers_name_them() -> None:
    place = {"type": "approximate", "city": "Oslo"}
    searching = {
        "type": "web_search",
        "filters": {"allowed_domains": ["a"]},
        "user_location": place,
    }
    found = encoded(
        tools=[
            {**searching, "search_context_size": "low"},
            {"type": "code_interpreter", "container": {"type": "auto"}},
            {"google_search": {}},
            {"url_context": {}},
        ]
    )
    search = {"type": "web_search_20250305", "name": "web_search"}
    assert found.body["tools"] == [
        {**search, "allowed_domains": ["a"], "user_location": place},
        {"type": "code_execution_20250825", "name": "code_execution"},
        search,
        {"type": "web_fetch_20250910", "name": "web_fetch"},
    ]
    assert found.warnings == (
        "search_context_size of web_search was left out: this provider does not take it",
    )


@pytest.mark.parametrize("kind", ["image_generation", "file_search", "computer_use_preview"])
def test_a_tool_that_is_not_there_is_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"tools\[1\].*{kind}.*web_search_20250305"):
        encoded(tools=[PLAIN, {"type": kind}])


SERVER = {"type": "mcp", "server_label": "wiki", "server_url": "https://e.com/mcp"}


def test_an_mcp_server_as_other_makers_describe_it() -> None:
    given = {**SERVER, "require_approval": "never", "server_description": "d"}
    assert body(tools=[given, PLAIN])["tools"] == [
        {"type": "mcp_toolset", "mcp_server_name": "wiki"},
        PLAIN,
    ]
    plain = {"type": "url", "url": "https://e.com/mcp", "name": "wiki"}
    assert body(tools=[given])["mcp_servers"] == [plain]
    assert body(tools=[given], mcp_servers=[{"name": "x"}])["mcp_servers"] == [{"name": "x"}, plain]
    assert betas(tools=[given]) == ("mcp-client-2025-11-20",)
    for token in ({"authorization": "t"}, {"headers": {"Authorization": "Bearer t"}}):
        assert body(tools=[{**given, **token}])["mcp_servers"] == [
            {**plain, "authorization_token": "t"}
        ]
    for allowed in (["f"], {"tool_names": ["f"]}):
        assert body(tools=[{**given, "allowed_tools": allowed}])["tools"] == [
            {
                "type": "mcp_toolset",
                "mcp_server_name": "wiki",
                "default_config": {"enabled": False},
                "configs": {"f": {"enabled": True}},
            }
        ]


@pytest.mark.parametrize(
    "more, words",
    [
        ({}, "require_approval='never'"),
        ({"require_approval": "always"}, "require_approval='never'"),
        ({"require_approval": "never", "server_url": None}, "server_url"),
        ({"require_approval": "never", "connector_id": "c"}, "connector_id"),
        ({"require_approval": "never", "headers": {"x-a": "b"}}, "x-a"),
    ],
)
def test_an_mcp_server_that_cannot_be_said(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        encoded(tools=[{**SERVER, **more}])
