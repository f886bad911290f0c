"""Which of OpenAI's two APIs a call uses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conure.chat_models import init_chat_model
from conure.errors import ConfigurationError, SettingIgnoredWarning
from conure.messages import AIMessage, HumanMessage
from conure.openai import ChatOpenAI
from conure.tools import custom_tool
from conure.wire.http import Head

CHAT: dict[str, Any] = {
    "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]
}
PART: dict[str, Any] = {"type": "output_text", "text": "a", "annotations": []}
RESPONSES: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "output": [{"type": "message", "id": "msg_1", "role": "assistant", "content": [PART]}],
}


class Answering:
    """A transport that answers on either API and notes what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.body: dict[str, Any] = {}
        self._left = b""

    def exchange(self) -> Answering:
        return self

    def send(self, request: Any, timeouts: Any) -> Head:
        self.url = request.url
        self.body = json.loads(request.body)
        self._left = json.dumps(RESPONSES if self.is_responses else CHAT).encode()
        return Head(200, {"content-type": "application/json"})

    @property
    def is_responses(self) -> bool:
        return self.url.endswith("/responses")

    def read(self, timeout: float | None) -> bytes:
        data, self._left = self._left, b""
        return data

    def close(self) -> None:
        pass


def asked(
    input: Any = "hi",
    *,
    model: str = "gpt-5.5",
    call: dict[str, Any] | None = None,
    **parameters: Any,
) -> Answering:
    transport = Answering()
    asking: Any = ChatOpenAI(model=model, api_key="k", transport=transport, **parameters)
    asking.invoke(input, **(call or {}))
    return transport


def test_chat_completions_is_the_rule() -> None:
    assert not asked().is_responses
    assert not asked(temperature=1, reasoning_effort="low", verbosity="low").is_responses


@pytest.mark.parametrize(
    "settings",
    [
        {"use_responses_api": True},
        {"reasoning": {"effort": "low"}},
        {"include": ["reasoning.encrypted_content"]},
        {"truncation": "auto"},
        {"context_management": [{"type": "compaction", "compact_threshold": 1}]},
        {"use_previous_response_id": True},
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"background": True},
        {"instructions": "be brief"},
        {"max_tool_calls": 3},
        {"prompt": {"id": "pmpt_1"}},
        {"text": {"verbosity": "low"}},
    ],
)
def test_a_setting_that_only_the_responses_api_takes(settings: dict[str, Any]) -> None:
    by_constructor, by_call = asked(**settings), asked(call=settings)
    assert by_constructor.is_responses
    assert by_call.is_responses
    assert by_constructor.body == by_call.body


@pytest.mark.parametrize(
    "kind",
    [
        *("web_search", "web_search_preview", "web_search_2025_08_26", "file_search", "shell"),
        *("code_interpreter", "image_generation", "mcp", "computer_use_preview", "computer"),
        *("apply_patch", "tool_search", "namespace", "local_shell", "custom"),
    ],
)
def test_a_tool_that_only_the_responses_api_has(kind: str) -> None:
    assert asked(call={"tools": [{"type": kind}]}).is_responses


def test_functions_do_not_decide() -> None:
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    transport = Answering()
    model = ChatOpenAI(model="gpt-5.5", api_key="k", transport=transport)
    model.bind_tools([add]).invoke("hi")
    assert not transport.is_responses

    @custom_tool
    def shout(text: str) -> str:
        """Say it louder."""
        return text.upper()

    model.bind_tools([add, shout]).invoke("hi")
    assert transport.is_responses
    assert [tool["type"] for tool in transport.body["tools"]] == ["function", "custom"]
    assert transport.body["tools"][0]["name"] == "add"


@pytest.mark.parametrize(
    "model, expected",
    [
        ("gpt-5.2-pro", True),
        ("gpt-5.1-codex-max", True),
        ("o3-pro", True),
        ("o4-mini-deep-research", True),
        ("computer-use-preview", True),
        ("gpt-5.5", False),
        ("o3", False),
    ],
)
def test_models_that_answer_nowhere_else(model: str, expected: bool) -> None:
    assert asked(model=model).is_responses is expected
    assert asked(call={"model": model}).is_responses is expected
    # Elsewhere a name says nothing.
    assert not asked(model=model, base_url="http://localhost:1/v1").is_responses


@pytest.mark.parametrize(
    "message",
    [
        AIMessage([{"type": "web_search_call", "id": "ws_1", "action": {}}, "a"]),
        AIMessage([{"type": "compaction", "id": "cmp_1", "encrypted_content": "e"}]),
        HumanMessage([{"type": "mcp_approval_response", "approve": True}]),
        AIMessage([{"type": "non_standard", "value": {"type": "computer_call"}}]),
    ],
)
def test_a_history_that_only_the_responses_api_understands(message: Any) -> None:
    assert asked([message, HumanMessage("go on")]).is_responses


def test_a_plain_reply_of_the_one_goes_to_the_other() -> None:
    transport = Answering()
    newer = ChatOpenAI(model="m", api_key="k", transport=transport, use_responses_api=True)
    older = ChatOpenAI(model="m", api_key="k", transport=transport)
    reply = newer.invoke("hi")
    older.invoke([HumanMessage("hi"), reply, HumanMessage("and?")])
    assert transport.body["messages"][1] == {
        "role": "assistant",
        "content": [{"type": "text", "text": "a"}],
    }


def test_an_output_version_decides() -> None:
    assert asked(output_version="responses/v1").is_responses


def test_no_means_no() -> None:
    tools = {"tools": [{"type": "web_search"}]}
    assert not asked(use_responses_api=False, call=tools).is_responses
    with pytest.raises(ConfigurationError, match="truncation is taken by the Responses API only"):
        asked(use_responses_api=False, truncation="auto")


def test_none_decides_nothing() -> None:
    assert not asked(call={"reasoning": None, "use_previous_response_id": False}).is_responses


def test_a_vendor_s_own_setting_stays_with_it() -> None:
    transport = Answering()
    model = init_chat_model("openrouter:m", api_key="k", transport=transport)
    model.invoke("hi", reasoning={"effort": "low"})
    assert not transport.is_responses
    model.invoke("hi", use_responses_api=True)
    assert transport.is_responses


def test_settings_of_the_other_api_are_told() -> None:
    with pytest.warns(SettingIgnoredWarning, match="seed was left out"):
        asked(use_responses_api=True, seed=1)
    with pytest.raises(ConfigurationError, match="only Chat Completions takes n"):
        asked(use_responses_api=True, n=2)


def test_parameters_are_attributes() -> None:
    model = ChatOpenAI(model="m", api_key="k", truncation="auto")
    assert model.truncation == "auto"
    assert model.include is None
    anything: Any = ChatOpenAI
    with pytest.raises(ConfigurationError, match="Did you mean truncation"):
        anything(model="m", api_key="k", truncatoin="auto")
    with pytest.raises(ConfigurationError, match=r"truncation=3: give a str, not int"):
        anything(model="m", api_key="k", truncation=3)
