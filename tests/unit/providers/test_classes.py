"""Every named class of a compatible vendor: what it takes, and where it goes."""

from __future__ import annotations

import json
import pickle
from importlib import import_module
from typing import Any

import pytest

from conure import providers
from conure.chat_models import init_chat_model
from conure.chat_models.init import CLASSES
from conure.chat_models.remote import RemoteChatModel
from conure.errors import ConfigurationError, MissingKeyError
from conure.wire.http import Head, Request

REPLY = {
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

    def exchange(self) -> Answers:
        return self

    def send(self, request: Request, timeouts: Any) -> Head:
        self.asked.append(request)
        self.left = [json.dumps(REPLY).encode()]
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
