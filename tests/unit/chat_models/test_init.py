"""From one string to a model: providers, parameters, environment, secrets."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from conure.chat_models import RemoteChatModel, init_chat_model
from conure.chat_models.init import split
from conure.chat_models.parameters import resolve
from conure.engine.request import prepare
from conure.errors import MissingKeyError
from conure.messages import HumanMessage
from conure.openai import ChatOpenAI
from conure.providers import find, names

SECRET = "sk-very-secret"


@pytest.mark.parametrize(
    "name,provider,model",
    [
        ("gpt-5.5", "openai", "gpt-5.5"),
        ("o4-mini", "openai", "o4-mini"),
        ("openai:gpt-5.5", "openai", "gpt-5.5"),
        ("OpenAI:gpt-5.5", "openai", "gpt-5.5"),
        ("openai:ft:gpt-4.1:x", "openai", "ft:gpt-4.1:x"),
        ("ft:gpt-4.1:x", "openai", "ft:gpt-4.1:x"),
        ("ollama:llama3:8b", "ollama", "llama3:8b"),
        ("mistral-large", "mistralai", "mistral-large"),
        ("deepseek-chat", "deepseek", "deepseek-chat"),
        ("grok-4", "xai", "grok-4"),
        ("sonar-pro", "perplexity", "sonar-pro"),
    ],
)
def test_the_name_tells_the_provider(name, provider, model):
    assert split(name) == (provider, model)


@pytest.mark.parametrize("provider", ["openai", "OpenAI"])
def test_a_provider_apart_is_as_good(provider):
    assert split("gpt-5.5", provider) == ("openai", "gpt-5.5")
    assert split("openai:gpt-5.5", provider) == ("openai", "gpt-5.5")
    assert split("some:model", provider) == ("openai", "some:model")


@pytest.mark.parametrize("provider", names())
def test_every_vendor_makes_a_model(provider):
    profile = find(provider)
    parameters = {} if profile.base_url else {"base_url": "https://example.com/v1"}
    model = init_chat_model("m", model_provider=provider, api_key="k", **parameters)
    assert isinstance(model, RemoteChatModel)
    assert model.model == "m"


def call(model, **settings):
    """Give the request of a call, as it would be sent."""
    parts = model._parts
    prepared = prepare(
        parts.target,
        parts.model,
        [HumanMessage("hi")],
        {**parts.settings, **settings},
        streaming=False,
        limits=parts.limits,
        retry=parts.retry,
        spread=lambda: 0.0,
    )
    return prepared, prepared.signed(None)


def test_the_environment_gives_key_and_address(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://second.example/v1/")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    _, request = call(init_chat_model("gpt-4.1"))
    assert request.url == "https://second.example/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["openai-organization"] == "org-1"
    monkeypatch.setenv("OPENAI_API_BASE", "https://first.example/v1")
    _, request = call(init_chat_model("gpt-4.1"))
    assert request.url == "https://first.example/v1/chat/completions"
    _, request = call(init_chat_model("gpt-4.1", base_url="https://given.example/v1"))
    assert request.url == "https://given.example/v1/chat/completions"


def test_a_server_of_ones_own_needs_no_key():
    _, request = call(
        init_chat_model("m", model_provider="openai", base_url="http://127.0.0.1:1/v1")
    )
    assert "authorization" not in request.headers
    with pytest.raises(MissingKeyError):
        init_chat_model("m", model_provider="openai", base_url="https://api.openai.com/v1")


def test_headers_and_query_of_model_and_call():
    model = ChatOpenAI(
        model="m",
        api_key="k",
        base_url="https://x.example/v1?api-version=1",
        default_headers={"X-One": "1", "Authorization": "Basic abc"},
        default_query={"a": "b c"},
    )
    _, request = call(model, extra_headers={"X-Two": "2"}, extra_query={"d": "e"})
    assert request.url == "https://x.example/v1/chat/completions?api-version=1&a=b+c&d=e"
    assert request.headers["x-one"] == "1"
    assert request.headers["x-two"] == "2"
    assert request.headers["authorization"] == "Basic abc"


def test_other_spellings():
    model = ChatOpenAI(
        model_name="m", openai_api_key="k", max_completion_tokens=5, stop_sequences="x"
    )
    assert (model.model, model.max_tokens, model.stop) == ("m", 5, "x")
    assert ChatOpenAI(modelName="m", api_key="k").model_name == "m"
    both = ChatOpenAI(model="m", api_key="k", max_tokens=1, max_completion_tokens=5)
    assert both.max_tokens == 5


def test_loose_settings_find_their_place():
    model = ChatOpenAI(
        model="m", api_key="k", model_kwargs={"prompt_cache_key": "a", "brand_new": True}
    )
    prepared, _ = call(model)
    assert b'"prompt_cache_key":"a"' in prepared.body
    assert b'"brand_new":true' in prepared.body
    prepared, _ = call(model, prompt_cache_key="b")
    assert b'"prompt_cache_key":"b"' in prepared.body


def test_limits():
    limits = resolve(
        find("openai"),
        {"model": "m", "api_key": "k", "timeout": (1, 20), "stream_chunk_timeout": 0},
        where="x",
        environ={},
    ).limits
    assert (limits.connect, limits.read, limits.first_event, limits.idle) == (1, 20, 20, None)


def test_parameters_are_attributes():
    model = ChatOpenAI(model="m", api_key="k", temperature=0)
    assert (model.temperature, model.seed) == (0, None)
    model.temperature = 1
    assert model.temperature == 1
    assert model._settings["temperature"] == 1
    with pytest.raises(AttributeError):
        model.temprature  # noqa: B018
    with pytest.raises(ValueError, match="temperature"):
        model.temprature = 1


def test_copies_share_and_pickles_forget(monkeypatch):
    model = ChatOpenAI(model="m", api_key=SECRET, temperature=0).bind(stop=["x"])
    for twin in (copy.copy(model), copy.deepcopy(model)):
        assert call(twin)[1].headers["authorization"] == f"Bearer {SECRET}"
    pickled = pickle.dumps(model)
    assert SECRET.encode() not in pickled
    with pytest.raises(MissingKeyError):
        pickle.loads(pickled)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    loaded = pickle.loads(pickled)
    assert call(loaded)[1].headers["authorization"] == "Bearer sk-env"
    assert loaded._settings == {"temperature": 0, "stop": ["x"]}


def test_what_is_bound_outlives_a_new_value():
    model = ChatOpenAI(model="m", api_key=SECRET).bind(stop=["x"], seed=1)
    model.temperature = 0
    model.seed = 2
    assert model._settings == {"temperature": 0, "stop": ["x"], "seed": 2}


def test_pickles_keep_no_password():
    plain = {"default_headers": {"X-Title": "t"}, "openai_proxy": "http://proxy:1"}
    model = pickle.loads(pickle.dumps(ChatOpenAI(model="m", base_url="http://h/v1", **plain)))
    assert (model.default_headers, model.proxy) == ({"X-Title": "t"}, "http://proxy:1")
    for secret in ({"default_headers": {"X-Api-Key": "k"}}, {"openai_proxy": "http://u:pw@h:1"}):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(ChatOpenAI(model="m", base_url="http://h/v1", **secret))
        copy.deepcopy(ChatOpenAI(model="m", base_url="http://h/v1", **secret))


class Silent:
    """A transport that is not asked."""

    def exchange(self):
        raise NotImplementedError


def test_what_shapes_the_exchange(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    own = {"http_client": Silent(), "http_socket_options": [[6, 1, 1]], "verify": tmp_path}
    model = ChatOpenAI(model="m", api_key=SECRET, deadline=float("inf"), **own)
    options = model._parts.options
    assert (options.socket_options, options.verify) == (((6, 1, 1),), str(tmp_path))
    assert model._parts.limits.deadline is None
    more = {"extra_headers": {"X-Id": 5, "X-None": None}, "extra_query": {"a": [1, 2]}}
    _, request = call(model, **more)
    assert request.headers["x-id"] == "5"
    assert "x-none" not in request.headers
    assert request.url.endswith("?a=1&a=2")


def test_secrets_show_nowhere():
    model = ChatOpenAI(model="m", api_key=SECRET, default_headers={"x-key": SECRET})
    prepared, request = call(model)
    shown = [repr(model), str(model), repr(prepared), repr(request), repr(model._parts)]
    shown.append(repr(vars(model)))
    try:
        model.invoke(5)
    except ValueError:
        shown.append(traceback.format_exc())
    assert not [text for text in shown if SECRET in text]
