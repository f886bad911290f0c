"""Azure: where a call goes, under which name, and who it says it is."""

from __future__ import annotations

import asyncio
import json
import pickle

import pytest

from conure import init_chat_model
from conure.errors import ConfigurationError, MissingKeyError, SettingIgnoredWarning
from conure.messages import AIMessage
from conure.openai import AzureChatOpenAI, ChatOpenAI
from conure.wire.http import Head

HOME = "https://me.openai.azure.com"
DATED = "2024-10-21"
CHAT = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-2024-08-06",
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {}}}],
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "hi"},
            "finish_reason": "stop",
            "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}},
        }
    ],
}
RESPONSE = {
    "id": "resp_1",
    "model": "gpt-4o-2024-08-06",
    "object": "response",
    "status": "completed",
    "output": [{"type": "message", "id": "msg_1", "role": "assistant", "content": []}],
}


class Azure:
    """A transport that answers as Azure does and keeps what it was asked."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.requests = []
        self.left = []

    def exchange(self):
        return self

    def send(self, request, timeouts):
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        reply = RESPONSE if "/responses" in request.url else CHAT
        self.left = [json.dumps(reply if status == 200 else {"error": {"message": "no"}}).encode()]
        return Head(status, {"content-type": "application/json", "retry-after-ms": "1"})

    def read(self, timeout):
        return self.left.pop(0) if self.left else b""

    def close(self):
        pass

    def aexchange(self):
        return AwaitedAzure(self)

    @property
    def bodies(self):
        return [json.loads(request.body) for request in self.requests]


class AwaitedAzure:
    def __init__(self, azure):
        self.azure = azure
        self.close = azure.close

    async def send(self, request, timeouts):
        return self.azure.send(request, timeouts)

    async def read(self, timeout):
        return self.azure.read(timeout)


def asked(azure=None, *, how=None, **parameters):
    """Ask a model once and give the one request."""
    azure = azure or Azure()
    parameters = {"azure_endpoint": HOME, "api_key": "k", **parameters}
    model = AzureChatOpenAI(transport=azure, **parameters)
    model.invoke("hi", **(how or {}))
    [request] = azure.requests
    return request, azure.bodies[0]


# -- where ----------------------------------------------------------------------------------


def test_behind_a_dated_version_the_deployment_stands_in_the_url():
    request, body = asked(azure_deployment="my dep", model="gpt-4o", api_version=DATED)
    assert request.url == (
        f"{HOME}/openai/deployments/my%20dep/chat/completions?api-version={DATED}"
    )
    assert body["model"] == "gpt-4o"


def test_without_a_deployment_the_model_is_one():
    request, _ = asked(model="gpt-4o", api_version=DATED)
    assert "/openai/deployments/gpt-4o/chat/completions?" in request.url
    request, body = asked(model="gpt-4o", api_version=DATED, how={"model": "gpt-4.1"})
    assert "/openai/deployments/gpt-4.1/chat/completions?" in request.url
    assert body["model"] == "gpt-4.1"


def test_the_responses_api_is_told_the_deployment_in_the_body():
    request, body = asked(
        azure_deployment="mine", model="gpt-4o", api_version=DATED, use_responses_api=True
    )
    assert request.url == f"{HOME}/openai/responses?api-version={DATED}"
    assert body["model"] == "mine"
    request, body = asked(model="gpt-4o", api_version=DATED, how={"instructions": "Be terse."})
    assert request.url == f"{HOME}/openai/responses?api-version={DATED}"
    assert body["model"] == "gpt-4o"


@pytest.mark.parametrize("version", [None, "preview", "latest"])
def test_without_a_dated_version_it_is_the_v1_api(version):
    request, body = asked(azure_deployment="mine", model="gpt-4o", api_version=version)
    query = "" if version is None else f"?api-version={version}"
    assert request.url == f"{HOME}/openai/v1/chat/completions{query}"
    assert body["model"] == "mine"


@pytest.mark.parametrize(
    "address", [f"{HOME}/openai/v1/", f"{HOME}/openai/v1"], ids=["slash", "none"]
)
@pytest.mark.parametrize("name", ["azure_endpoint", "base_url"])
def test_the_address_of_the_v1_api_is_taken_as_it_is(name, address):
    azure = Azure()
    given = {name: address, "api_key": "k", "transport": azure}
    AzureChatOpenAI(model="gpt-4o", api_version="preview", **given).invoke("hi")
    [request] = azure.requests
    assert request.url == f"{HOME}/openai/v1/chat/completions?api-version=preview"


@pytest.mark.parametrize("use_responses_api", [True, False])
def test_a_base_url_may_hold_the_deployment(use_responses_api):
    azure = Azure()
    AzureChatOpenAI(
        base_url=f"{HOME}/openai/deployments/mine",
        model="gpt-4o",
        api_version=DATED,
        api_key="k",
        transport=azure,
        use_responses_api=use_responses_api,
    ).invoke("hi")
    [request] = azure.requests
    path = "responses" if use_responses_api else "deployments/mine/chat/completions"
    assert request.url == f"{HOME}/openai/{path}?api-version={DATED}"
    assert azure.bodies[0]["model"] == ("mine" if use_responses_api else "gpt-4o")


def test_the_environment_says_the_rest(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", HOME)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "from the environment")
    monkeypatch.setenv("OPENAI_API_VERSION", DATED)
    azure = Azure()
    model = init_chat_model("azure_openai:gpt-5-mini", azure_deployment="mine", transport=azure)
    assert type(model) is AzureChatOpenAI
    model.invoke("hi")
    [request] = azure.requests
    assert request.url.endswith(f"/openai/deployments/mine/chat/completions?api-version={DATED}")
    assert request.headers["api-key"] == "from the environment"
    assert "authorization" not in request.headers


def test_other_names_of_the_parameters():
    request, _ = asked(deployment_name="mine", openai_api_version=DATED)
    assert f"/deployments/mine/chat/completions?api-version={DATED}" in request.url


def test_the_models_family_counts_not_the_deployments_name():
    _, body = asked(azure_deployment="mine", model="o4-mini", api_version=DATED)
    assert "temperature" not in body
    with pytest.warns(SettingIgnoredWarning, match="temperature was left out"):
        _, body = asked(azure_deployment="mine", model="o4-mini", temperature=0)
    assert "temperature" not in body
    with pytest.warns(SettingIgnoredWarning, match="temperature was left out"):
        asked(azure_deployment="mine", model="o4-mini", temperature=0, use_responses_api=True)


def test_parallel_calls_are_not_spoken_of_to_a_version_that_does_not_know_them():
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    how = {"tools": tools, "parallel_tool_calls": False}
    with pytest.warns(SettingIgnoredWarning, match="parallel_tool_calls was left out"):
        _, body = asked(model="gpt-4", api_version="2024-02-01", how=how)
    assert "parallel_tool_calls" not in body
    _, body = asked(model="gpt-4", api_version=DATED, how=how)
    assert body["parallel_tool_calls"] is False


@pytest.mark.parametrize(
    "parameters,words",
    [
        ({}, "which Azure resource"),
        ({"azure_endpoint": f"{HOME}/openai/deployments/x"}, "give the resource alone"),
        ({"azure_endpoint": HOME, "base_url": f"{HOME}/openai"}, "leave one out"),
        ({"base_url": HOME}, "give the resource as azure_endpoint"),
        (
            {"base_url": f"{HOME}/openai/deployments/x", "azure_deployment": "y"},
            "both name a deployment",
        ),
        ({"azure_endpoint": HOME, "azure_ad_token_provider": "t"}, "must be a function"),
        ({"azure_endpoint": HOME, "azure_ad_token": 7}, "not int"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters, words):
    with pytest.raises(ConfigurationError, match=words):
        AzureChatOpenAI(model="m", api_key="k", **parameters)


def test_an_address_that_is_no_resources_may_be_given():
    given = {"model": "m", "api_key": "k", "api_version": DATED}
    AzureChatOpenAI(base_url="https://gateway.example/v1", **given)
    AzureChatOpenAI(base_url=HOME, validate_base_url=False, **given)


def test_a_model_must_be_named_by_one_of_the_two():
    with pytest.raises(ConfigurationError, match="say which model"):
        AzureChatOpenAI(azure_endpoint=HOME, api_key="k")
    assert AzureChatOpenAI(azure_endpoint=HOME, azure_deployment="d", api_key="k").model == "d"


# -- who ------------------------------------------------------------------------------------


def test_without_any_key_nothing_is_made():
    with pytest.raises(MissingKeyError, match="AZURE_OPENAI_API_KEY"):
        AzureChatOpenAI(azure_endpoint=HOME, model="m")
    with pytest.raises(MissingKeyError):
        ChatOpenAI(base_url=f"{HOME}/openai/v1/", model="m")


def test_a_token_of_entra_id_wins_over_a_key(monkeypatch):
    request, _ = asked(model="m", azure_ad_token="t")
    assert request.headers["authorization"] == "Bearer t"
    assert "api-key" not in request.headers
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "env")
    request, _ = asked(model="m", api_key=None)
    assert request.headers["authorization"] == "Bearer env"


def tokens():
    """Make a function that answers another token each time."""
    count = iter(range(100))
    return lambda: f"t{next(count)}"


def test_a_provider_is_asked_before_each_attempt():
    azure = Azure(429, 500)
    model = AzureChatOpenAI(
        azure_endpoint=HOME, model="m", azure_ad_token_provider=tokens(), transport=azure
    )
    model.invoke("hi")
    given = [request.headers["authorization"] for request in azure.requests]
    assert given == ["Bearer t0", "Bearer t1", "Bearer t2"]
    asyncio.run(model.ainvoke("hi"))
    assert azure.requests[-1].headers["authorization"] == "Bearer t3"


def test_the_async_provider_is_asked_where_it_can_be_awaited():
    async def awaited():
        return "awaited"

    azure = Azure()
    given = {"azure_endpoint": HOME, "model": "m", "transport": azure}
    model = AzureChatOpenAI(
        azure_ad_token_provider=tokens(), azure_ad_async_token_provider=awaited, **given
    )
    model.invoke("hi")
    asyncio.run(model.ainvoke("hi"))
    asked = [request.headers["authorization"] for request in azure.requests]
    assert asked == ["Bearer t0", "Bearer awaited"]

    model = AzureChatOpenAI(azure_ad_async_token_provider=awaited, **given)
    asyncio.run(model.ainvoke("hi"))
    with pytest.raises(ConfigurationError, match="is async: call ainvoke"):
        model.invoke("hi")


# -- what comes back --------------------------------------------------------------------------


def test_what_the_filter_said_stands_in_the_metadata():
    azure = Azure()
    model = AzureChatOpenAI(azure_endpoint=HOME, model="m", api_key="k", transport=azure)
    facts = model.invoke("hi").response_metadata
    assert facts["prompt_filter_results"] == CHAT["prompt_filter_results"]
    assert facts["content_filter_results"] == CHAT["choices"][0]["content_filter_results"]
    assert facts["model_name"] == "gpt-4o-2024-08-06"


@pytest.mark.parametrize("use_responses_api", [True, False])
def test_the_version_is_added_to_the_models_name(use_responses_api):
    azure = Azure()
    model = AzureChatOpenAI(
        azure_endpoint=HOME,
        model="gpt-4o",
        api_key="k",
        transport=azure,
        model_version="0125",
        use_responses_api=use_responses_api,
    )
    reply = model.invoke("hi")
    assert isinstance(reply, AIMessage)
    assert reply.response_metadata["model_name"] == "gpt-4o-2024-08-06-0125"
    assert model._identify({})["ls_model_name"] == "gpt-4o-0125"


def test_runs_are_traced_as_azures():
    model = AzureChatOpenAI(azure_endpoint=HOME, model="gpt-4o", api_key="k")
    assert model._identify({})["ls_provider"] == "azure"
    assert model.azure_endpoint == HOME
    assert model.deployment_name is None


def test_secrets_show_nowhere_and_stay_here(monkeypatch):
    model = AzureChatOpenAI(azure_endpoint=HOME, model="m", azure_ad_token="secret-token")
    assert "secret-token" not in repr(model)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "k")
    assert b"secret-token" not in pickle.dumps(model)
    assert pickle.loads(pickle.dumps(model)).azure_endpoint == HOME


# -- Azure AI Foundry -------------------------------------------------------------------------


def test_models_of_other_makers_in_a_foundry_resource():
    azure = Azure()
    home = "https://me.services.ai.azure.com"
    given = {"api_key": "k", "transport": azure}
    init_chat_model("azure_ai:Phi-4", endpoint=home, **given).invoke("hi")
    init_chat_model("azure_ai:Phi-4", base_url=f"{home}/openai/v1", **given).invoke("hi")
    init_chat_model(
        "azure_ai:Phi-4", endpoint=f"{home}/models", api_version="2025-01-01", **given
    ).invoke("hi")
    assert [request.url for request in azure.requests] == [
        f"{home}/models/chat/completions?api-version=2024-05-01-preview",
        f"{home}/openai/v1/chat/completions",
        f"{home}/models/chat/completions?api-version=2025-01-01",
    ]
    assert azure.requests[0].headers["api-key"] == "k"
