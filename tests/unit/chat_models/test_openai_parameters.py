"""Every parameter of ChatOpenAI that shapes a request, on the wire of both APIs.

A row names a parameter, a value, and where it must arrive in Chat Completions and in Responses: a
piece of the body, LEFT_OUT (with a warning), REFUSED, or OTHER (the call goes to Responses).
"""

from __future__ import annotations

import json
import socket
from types import SimpleNamespace

import pytest

from conure import errors, openai
from conure.chat_models.parameters import resolve
from conure.errors import ConfigurationError, SettingIgnoredWarning
from conure.openai import ChatOpenAI
from conure.providers import find
from tests.live.server import FaultServer, reply

# The maker's own address, to which the server stands in as a proxy.
HOME = "http://api.openai.com"
LEFT_OUT, REFUSED, OTHER, NOTHING = "left out", "refused", "other", {}
CHAT = {"choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}]}
RESPONSE = {"id": "resp_1", "status": "completed", "output": []}
SCHEMA = {"name": "n", "schema": {"type": "object"}}
SHAPE = {"type": "json_schema", "json_schema": SCHEMA}
COMPACT = [{"type": "compaction", "compact_threshold": 5}]
PREDICTION = {"type": "content", "content": "x"}
ENCRYPTED = ["reasoning.encrypted_content"]


def same(name, value):
    return (name, value, {name: value}, {name: value})


def newer(name, value):
    return (name, value, OTHER, {name: value})


ROWS = [
    ("temperature", 0.5, {"temperature": 0.5}, {"temperature": 0.5}),
    ("max_tokens", 5, {"max_completion_tokens": 5}, {"max_output_tokens": 5}),
    ("max_completion_tokens", 5, {"max_completion_tokens": 5}, {"max_output_tokens": 5}),
    same("top_p", 0.5),
    ("presence_penalty", 0.5, {"presence_penalty": 0.5}, LEFT_OUT),
    ("frequency_penalty", 0.5, {"frequency_penalty": 0.5}, LEFT_OUT),
    ("seed", 7, {"seed": 7}, LEFT_OUT),
    ("n", 2, {"n": 2}, REFUSED),
    ("n", 1, {"n": 1}, NOTHING),
    same("top_logprobs", 3),
    ("logprobs", True, {"logprobs": True}, {"include": ["message.output_text.logprobs"]}),
    ("logit_bias", {5: -1}, {"logit_bias": {"5": -1}}, LEFT_OUT),
    ("stop", ["a"], {"stop": ["a"]}, LEFT_OUT),
    ("stop_sequences", ["a"], {"stop": ["a"]}, LEFT_OUT),
    ("reasoning_effort", "low", {"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
    newer("reasoning", {"effort": "low", "summary": "auto"}),
    ("verbosity", "low", {"verbosity": "low"}, {"text": {"verbosity": "low"}}),
    (
        "response_format",
        SHAPE,
        {"response_format": SHAPE},
        {"text": {"format": {"type": "json_schema", **SCHEMA}}},
    ),
    same("parallel_tool_calls", False),
    ("modalities", ["text", "audio"], {"modalities": ["text", "audio"]}, REFUSED),
    ("audio", {"voice": "v"}, {"audio": {"voice": "v"}}, REFUSED),
    ("prediction", PREDICTION, {"prediction": PREDICTION}, LEFT_OUT),
    ("web_search_options", {"x": 1}, {"web_search_options": {"x": 1}}, REFUSED),
    same("store", True),
    same("service_tier", "flex"),
    same("user", "u"),
    same("safety_identifier", "u"),
    same("prompt_cache_key", "k"),
    same("prompt_cache_retention", "24h"),
    same("prompt_cache_options", {"mode": "explicit"}),
    newer("include", ENCRYPTED),
    newer("truncation", "auto"),
    newer("context_management", COMPACT),
    newer("previous_response_id", "resp_0"),
    newer("conversation", "conv_1"),
    newer("background", True),
    newer("instructions", "Be terse."),
    newer("max_tool_calls", 3),
    newer("text", {"verbosity": "low"}),
    ("use_previous_response_id", True, OTHER, NOTHING),
    ("model_kwargs", {"field": 1}, {"field": 1}, {"field": 1}),
    ("model_kwargs", {"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}),
    ("model_kwargs", {"seed": 7}, {"seed": 7}, LEFT_OUT),
    ("extra_body", {"field": 1}, {"field": 1}, {"field": 1}),
    ("disabled_params", {"top_p": None}, NOTHING, NOTHING),
    *(
        (name, value, NOTHING, NOTHING)
        for name, value in {
            "metadata": {"a": "b"},
            "tags": ["t"],
            "callbacks": [],
            "verbose": True,
            "name": "n",
            "cache": False,
            "profile": {"max_input_tokens": 5},
            "max_retries": 1,
            "stream_usage": True,
            "streaming": False,
            "disable_streaming": True,
            "stream_chunk_timeout": 5,
            "first_event_timeout": 5,
            "deadline": 5,
            "timeout": 5,
            "request_timeout": (5, 5),
            "http_socket_options": (),
            "include_response_headers": True,
            "tiktoken_model_name": "gpt-4o",
            "custom_get_token_ids": len,
            "output_version": "v1",
            "verify": True,
        }.items()
    ),
]
IDS = [f"{name}-{n}" for n, (name, *_) in enumerate(ROWS)]


@pytest.fixture(scope="module")
def server():
    def answer(connection):
        path = connection.request.target.partition("?")[0]
        connection.send(reply(RESPONSE if path.endswith("/responses") else CHAT))

    with FaultServer(answer) as running:
        yield running


def asked(server, *, per_call=False, **parameters):
    """Ask once and give the request as it arrived, and its body without what is always there."""
    fixed = {"model": "gpt-4.1", "api_key": "k", "base_url": f"{HOME}/v1", "proxy": server.url}
    ways = {"use_responses_api": parameters.pop("use_responses_api", None)}
    if per_call:
        ChatOpenAI(**fixed, **ways).invoke("hi", **parameters)
    else:
        ChatOpenAI(**fixed, **ways, **parameters).invoke("hi")
    seen = server.requests[-1]
    body = json.loads(seen.body)
    assert body.pop("model") == "gpt-4.1"
    assert body.pop("stream") is False
    body.pop("messages", None)
    body.pop("input", None)
    return seen, body


@pytest.mark.parametrize("name,value,chat,responses", ROWS, ids=IDS)
@pytest.mark.parametrize("use_responses_api", [None, True], ids=["chat", "responses"])
def test_each_parameter_on_the_wire(server, name, value, chat, responses, use_responses_api):
    expected = responses if use_responses_api or chat is OTHER else chat
    given = {name: value, "use_responses_api": use_responses_api}
    if expected is REFUSED:
        with pytest.raises(ConfigurationError, match=f"only Chat Completions takes {name}"):
            asked(server, **given)
        return
    if expected is LEFT_OUT:
        with pytest.warns(SettingIgnoredWarning, match="was left out: the Responses API"):
            seen, body = asked(server, **given)
        expected = NOTHING
    else:
        seen, body = asked(server, **given)
    to_responses = use_responses_api or chat is OTHER
    assert seen.target == HOME + ("/v1/responses" if to_responses else "/v1/chat/completions")
    assert body == expected


@pytest.mark.parametrize("name,value,chat,responses", ROWS, ids=IDS)
def test_what_is_no_setting_of_a_call_is_refused_there(server, name, value, chat, responses):
    settings = {"timeout", "extra_body", "disabled_params", "model_kwargs", "stream_usage"}
    if chat is NOTHING and name not in {*settings, "request_timeout", "metadata"}:
        with pytest.raises(ConfigurationError, match=f"does not know '{name}'"):
            asked(server, per_call=True, **{name: value})
    elif chat not in (OTHER, NOTHING):
        _, body = asked(server, per_call=True, **{name: value})
        assert body == chat


@pytest.mark.parametrize("use_responses_api", [False, True])
def test_what_travels_beside_the_body(server, use_responses_api):
    seen, _ = asked(
        server,
        organization="org-1",
        default_headers={"x-team": "birds"},
        default_query={"team": "birds"},
        extra_headers={"x-call": "1"},
        extra_query={"call": 1},
        use_responses_api=use_responses_api,
    )
    assert seen.headers["authorization"] == "Bearer k"
    assert seen.headers["openai-organization"] == "org-1"
    assert (seen.headers["x-team"], seen.headers["x-call"]) == ("birds", "1")
    assert seen.target.endswith("?team=birds&call=1")


@pytest.mark.parametrize(
    "name,variable,header",
    [
        ("openai_organization", "OPENAI_ORG_ID", "openai-organization"),
        ("organization", "OPENAI_ORGANIZATION", "openai-organization"),
    ],
)
def test_the_organization_by_any_name(server, monkeypatch, name, variable, header):
    seen, _ = asked(server, **{name: "given"})
    assert seen.headers[header] == "given"
    monkeypatch.setenv(variable, "from the environment")
    seen, _ = asked(server)
    assert seen.headers[header] == "from the environment"


@pytest.mark.parametrize("model", ["model", "model_name", "modelName"])
@pytest.mark.parametrize("key", ["api_key", "openai_api_key"])
@pytest.mark.parametrize("address", ["base_url", "openai_api_base"])
def test_model_key_and_address_by_any_name(server, model, key, address):
    ChatOpenAI(**{model: "m", key: "k2", address: f"{server.url}/v9"}).invoke("hi")
    seen = server.requests[-1]
    assert seen.target == "/v9/chat/completions"
    assert seen.headers["authorization"] == "Bearer k2"
    assert seen.json()["model"] == "m"


def parts(environ=None, **parameters):
    given = {"model": "m", "api_key": "k", **parameters}
    return resolve(find("openai"), given, where="here", environ=environ or {})


@pytest.mark.parametrize(
    "given", [7, (7, 7), SimpleNamespace(connect=7, read=7.0, write=1, pool=1)], ids=str
)
def test_a_timeout_in_every_form(given):
    limits = parts(timeout=given).limits
    assert (limits.connect, limits.read, limits.first_event) == (7, 7, 7)
    assert parts(request_timeout=given).limits == limits


def test_what_the_environment_says_besides():
    environ = {
        "LC_OUTPUT_VERSION": "v1",
        "LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S": "7.5",
        "OPENAI_PROXY": "http://proxy:3128",
    }
    found = parts(environ)
    assert found.run["output_version"] == "v1"
    assert found.limits.idle == 7.5
    assert found.options.proxy == "http://proxy:3128"
    found = parts(environ, output_version="v0", stream_chunk_timeout=1, openai_proxy="http://p")
    assert (found.run["output_version"], found.limits.idle) == ("v0", 1)
    assert found.options.proxy == "http://p"
    with pytest.raises(ConfigurationError, match="CHUNK_TIMEOUT_S='soon': give a number"):
        parts({"LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S": "soon"})
    with pytest.raises(ConfigurationError, match="output_version='v9'"):
        parts({"LC_OUTPUT_VERSION": "v9"})


def test_a_limit_of_zero_is_none():
    found = parts(stream_chunk_timeout=0, first_event_timeout=0, deadline=0)
    assert (found.limits.idle, found.limits.first_event, found.limits.deadline) == (None,) * 3


def test_socket_options_are_handed_on():
    option = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    assert parts(http_socket_options=[list(option)]).options.socket_options == (option,)
    assert parts(http_socket_options=()).options.socket_options == ()
    assert parts().options.socket_options is None


class Both:
    def exchange(self):
        raise NotImplementedError

    aexchange = exchange


def test_clients_are_transports_of_ours_one_for_each_colour():
    sync, awaited = Both(), Both()
    found = parts(http_client=sync, http_async_client=awaited)
    assert (found.transport, found.async_transport) == (sync, awaited)
    assert parts(http_client=sync).async_transport is None
    both = parts(transport=sync)
    assert (both.transport, both.async_transport) == (sync, sync)
    for name in ("http_client", "http_async_client"):
        with pytest.raises(ConfigurationError, match=f"{name} must be a transport"):
            parts(**{name: object()})
    with pytest.raises(ConfigurationError, match="not both"):
        parts(http_client=sync, openai_proxy="http://p")


@pytest.mark.parametrize(
    "parameters,words",
    [
        ({"n": 0}, "n=0: give 1 or more"),
        ({"temperature": 3}, "from 0 to 2"),
        ({"max_tokens": 0}, "max_tokens=0"),
        ({"top_logprobs": 21}, "from 0 to 20"),
        ({"logit_bias": {"word": 1}}, "is not a token id"),
        ({"max_retries": -1}, "max_retries=-1"),
        ({"timeout": "soon"}, "timeout='soon'"),
        ({"seed": 1, "model_kwargs": {"seed": 2}}, "seed is given twice"),
        ({"model_kwargs": 1}, "model_kwargs"),
        ({"max_tokens": 5, "stop": ["a"], "stop_sequences": ["b"]}, "stop is given twice"),
        ({"temprature": 1}, "Did you mean temperature"),
        ({"use_responses_api": False, "include": ENCRYPTED}, "Responses API only"),
        ({"output_version": "v9"}, "output_version='v9'"),
        ({"metadata": ["a"]}, "metadata"),
        ({"tags": "a"}, "tags"),
        ({"disable_streaming": "sometimes"}, "disable_streaming"),
        ({"custom_get_token_ids": 1}, "custom_get_token_ids"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(server, parameters, words):
    with pytest.raises(ConfigurationError, match=words):
        asked(server, **parameters)


def test_parameters_are_by_name_only():
    with pytest.raises(TypeError):
        ChatOpenAI("gpt-4.1")


def test_both_names_of_the_limit_the_newer_one_wins(server):
    _, body = asked(server, max_tokens=5, max_completion_tokens=7)
    assert body == {"max_completion_tokens": 7}


def test_later_words_win(server):
    model = ChatOpenAI(
        model="a", api_key="k", base_url=f"{server.url}/v1", top_p=0.1, extra_body={"seed": 9}
    )
    model.bind(top_p=0.2).invoke("hi", top_p=0.3, model="b", seed=1)
    body = server.requests[-1].json()
    assert (body["top_p"], body["model"], body["seed"]) == (0.3, "b", 9)


def test_parameters_are_attributes():
    model = ChatOpenAI(
        model="m",
        api_key="k",
        base_url="https://example.com/v1",
        max_tokens=5,
        temperature=0,
        stream_usage=True,
        openai_organization="org-1",
        request_timeout=7,
    )
    assert (model.model, model.model_name) == ("m", "m")
    assert (model.max_tokens, model.temperature, model.stream_usage) == (5, 0, True)
    assert model.openai_api_base == "https://example.com/v1"
    assert model.openai_organization == "org-1"
    assert model.request_timeout == 7
    assert (model.seed, model.reasoning, model.truncation) == (None, None, None)
    assert str(model.openai_api_key) == "**********"
    assert model.openai_api_key.get_secret_value() == "k"
    assert model.lc_secrets == {"openai_api_key": "OPENAI_API_KEY"}
    assert model.get_name() == "ChatOpenAI"
    assert ChatOpenAI(model="m", api_key="k", name="parrot").get_name() == "parrot"
    assert ChatOpenAI(model="gpt-4o", api_key="k").profile["image_inputs"] is True
    azure = openai.AzureChatOpenAI(
        azure_endpoint="https://me.openai.azure.com", model="m", api_key="k"
    )
    assert azure.lc_secrets == {
        "openai_api_key": "AZURE_OPENAI_API_KEY",
        "azure_ad_token": "AZURE_OPENAI_AD_TOKEN",
    }


@pytest.mark.parametrize(
    "name,kind",
    [
        ("OpenAIAPIError", errors.ModelAPIError),
        ("OpenAIAuthenticationError", errors.ModelAuthenticationError),
        ("OpenAIConnectionError", errors.ModelConnectionError),
        ("OpenAIContextOverflowError", errors.ContextOverflowError),
        ("OpenAIInvalidRequestError", errors.ModelInvalidRequestError),
        ("OpenAIModelNotFoundError", errors.ModelNotFoundError),
        ("OpenAIPermissionDeniedError", errors.ModelPermissionDeniedError),
        ("OpenAIRateLimitError", errors.ModelRateLimitError),
        ("OpenAIRefusalError", errors.ModelRefusalError),
        ("OpenAITimeoutError", errors.ModelTimeoutError),
        ("StreamChunkTimeoutError", errors.StreamChunkTimeoutError),
    ],
)
def test_exceptions_have_the_names_that_moving_code_catches(name, kind):
    assert getattr(openai, name) is kind


@pytest.mark.parametrize(
    "status,kind",
    [
        (400, openai.OpenAIInvalidRequestError),
        (401, openai.OpenAIAuthenticationError),
        (403, openai.OpenAIPermissionDeniedError),
        (404, openai.OpenAIModelNotFoundError),
        (429, openai.OpenAIRateLimitError),
        (500, openai.OpenAIAPIError),
        (503, openai.OpenAIAPIError),
    ],
)
def test_each_status_raises_its_exception(status, kind):
    said = {"error": {"message": "no", "code": "c", "param": "p", "type": "t"}}
    with FaultServer(reply(said, status, {"x-request-id": "req_1"})) as failing:
        model = ChatOpenAI(model="m", api_key="k", base_url=f"{failing.url}/v1", max_retries=0)
        with pytest.raises(kind) as raised:
            model.invoke("hi")
    error = raised.value
    assert (error.status_code, error.code, error.param, error.type) == (status, "c", "p", "t")
    assert (error.request_id, error.body) == ("req_1", said)
