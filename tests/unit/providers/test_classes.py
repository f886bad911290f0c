"""Every named class of a compatible vendor: what it takes, and where it goes."""

from __future__ import annotations

import json
import pickle
import re
from importlib import import_module
from typing import Any

import pytest

from conure import providers
from conure.chat_models import init_chat_model
from conure.chat_models.init import CLASSES
from conure.chat_models.remote import RemoteChatModel
from conure.errors import ConfigurationError, MissingKeyError
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.wire.http import Head, Request

REPLY: dict[str, Any] = {
    "id": "1",
    "choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}],
}
# Parameters as the vendors' own packages spell them -> what is sent of them, or the header.
SPELLINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "deepseek": ({"api_base": "https://a.example"}, {}),
    "fireworks": ({"fireworks_api_key": "k", "max_tokens": 5}, {"max_tokens": 5}),
    "groq": (
        {"groq_api_key": "k", "reasoning_format": "parsed", "stop_sequences": ["x"]},
        {"reasoning_format": "parsed", "stop": ["x"]},
    ),
    "huggingface": ({"huggingfacehub_api_token": "k", "model_id": "m"}, {"model": "m"}),
    "mistralai": (
        {"mistral_api_key": "k", "random_seed": 3, "safe_mode": True, "max_tokens": 5},
        {"random_seed": 3, "safe_prompt": True, "max_tokens": 5},
    ),
    "openrouter": (
        {
            "openrouter_api_key": "k",
            "openrouter_provider": {"order": ["a"]},
            "route": "fallback",
            "app_title": "App",
            "app_url": "https://app.example",
            "app_categories": ["chat", "code"],
        },
        {
            "provider": {"order": ["a"]},
            "route": "fallback",
            "http-referer": "https://app.example",
            "x-openrouter-categories": "chat, code",
            "x-title": "App",
        },
    ),
    "perplexity": (
        {"pplx_api_key": "k", "search_mode": "academic", "language_preference": "fr"},
        {"search_mode": "academic", "language_preference": "fr"},
    ),
    "together": ({"together_api_key": "k", "top_k": 3}, {"top_k": 3}),
    "xai": (
        {"xai_api_key": "k", "search_parameters": {"mode": "on"}},
        {"search_parameters": {"mode": "on"}},
    ),
}


class Answers:
    """A transport that answers from memory and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.left: list[bytes] = []
        self.reply: dict[str, Any] = REPLY

    def exchange(self) -> Answers:
        return self

    def send(self, request: Request, timeouts: Any) -> Head:
        self.asked.append(request)
        self.left = [json.dumps(self.reply).encode()]
        return Head(200, {"content-type": "application/json"})

    def read(self, timeout: float | None) -> bytes:
        return self.left.pop(0) if self.left else b""

    def close(self) -> None:
        pass


def class_of(vendor: str) -> type[RemoteChatModel]:
    module, _, name = CLASSES[vendor].partition(":")
    found: type[RemoteChatModel] = getattr(import_module(module), name)
    return found


@pytest.mark.parametrize("vendor", SPELLINGS)
def test_parameters_as_its_own_package_spells_them(vendor: str) -> None:
    given, sent = SPELLINGS[vendor]
    transport = Answers()
    key = {} if any("key" in name or "token" in name for name in given) else {"api_key": "k"}
    model = class_of(vendor)(**{"model": "m", "transport": transport, **key, **given})
    reply = model.invoke("hello")
    assert reply.text == "hi"
    assert reply.response_metadata["model_provider"] == vendor
    [request] = transport.asked
    assert request.headers["authorization"] == "Bearer k"
    said = {**json.loads(request.body or b""), **request.headers}
    assert {name: said.get(name) for name in sent} == sent
    base = given.get("api_base") or providers.find(vendor).base_url
    assert request.url == f"{base}/chat/completions"


@pytest.mark.parametrize("vendor", SPELLINGS)
def test_the_class_is_what_its_name_opens(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = class_of(vendor)
    with pytest.raises(MissingKeyError, match=providers.find(vendor).key_env[0]):
        kind(model="m")
    monkeypatch.setenv(providers.find(vendor).key_env[0], "k")
    model = init_chat_model(f"{vendor}:m")
    assert type(model) is kind
    assert type(pickle.loads(pickle.dumps(model))) is kind
    with pytest.raises(ConfigurationError, match=r"temprature.*temperature"):
        kind(model="m", temprature=0)


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    for vendor in SPELLINGS:
        transport = Answers()
        class_of(vendor)(model="m", api_key="k", transport=transport).invoke("hello")
        assert json.loads(transport.asked[0].body or b"") == {
            "model": "m",
            "messages": [{"role": "user", "content": "hello"}],
            "stream": False,
        }


def sent(model: RemoteChatModel, transport: Answers, *messages: Any) -> dict[str, Any]:
    model.invoke(list(messages))
    body: dict[str, Any] = json.loads(transport.asked[-1].body or b"")
    return body


def test_mistral_is_told_of_others_calls_by_ids_it_takes() -> None:
    call: Any = {"type": "tool_call", "id": "toolu_01AbC", "name": "f", "args": {}}
    said = AIMessage(content_blocks=[call], response_metadata={"model_provider": "anthropic"})
    answer = ToolMessage("1", tool_call_id="toolu_01AbC")
    transport = Answers()
    model = class_of("mistralai")(model="m", api_key="k", transport=transport)
    turns = sent(model, transport, HumanMessage("a"), said, answer)["messages"]
    [id] = [each["id"] for each in turns[1]["tool_calls"]]
    assert re.fullmatch("[A-Za-z0-9]{9}", id)
    assert turns[2]["tool_call_id"] == id
    assert sent(model, transport, HumanMessage("a"), said, answer)["messages"] == turns


def test_what_openrouter_read_of_a_file_goes_back() -> None:
    note = {"type": "file", "file": {"hash": "h", "content": []}}
    value = {"type": "non_standard_annotation", "value": note}
    block: Any = {"type": "text", "text": "a", "annotations": [value]}
    said = AIMessage(content_blocks=[block], response_metadata={"model_provider": "openrouter"})
    transport = Answers()
    model = class_of("openrouter")(model="m", api_key="k", transport=transport)
    turns = sent(model, transport, HumanMessage("a"), said, HumanMessage("b"))["messages"]
    assert turns[1]["content"] == [{"type": "text", "text": "a"}]
    assert turns[1]["annotations"] == [note]


def test_what_a_reply_cost_is_told() -> None:
    transport = Answers()
    model = class_of("openrouter")(model="m", api_key="k", transport=transport)
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.25, "cost_details": {"a": 1}}
    transport.reply = {**REPLY, "usage": usage}
    reply = model.invoke("hello")
    assert reply.response_metadata["cost"] == 0.25
    assert reply.response_metadata["cost_details"] == {"a": 1}
    assert reply.response_metadata["token_usage"]["cost"] == 0.25


def test_vllm_takes_what_guides_it() -> None:
    transport = Answers()
    guided = {"structured_outputs": {"regex": "a+"}, "min_tokens": 2, "top_k": 3}
    model = init_chat_model(
        "vllm:m", transport=transport, **guided, extra_body={"guided_regex": "a+"}
    )
    model.invoke("hello")
    body = json.loads(transport.asked[0].body or b"")
    assert {name: body[name] for name in guided} == guided
    assert body["guided_regex"] == "a+"
