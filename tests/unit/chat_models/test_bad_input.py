"""Mistakes are named, with the remedy, before anything is sent."""

from __future__ import annotations

import asyncio

import pytest

from conure.chat_models import ConfigurableModel, init_chat_model
from conure.errors import ConfigurationError, MissingKeyError
from conure.messages import AIMessage, HumanMessage, ToolMessage
from conure.openai import ChatOpenAI
from conure.rate_limiters import InMemoryRateLimiter


class NoNetwork:
    """A transport that must not be used."""

    def exchange(self):
        raise AssertionError("something was about to be sent")


def model(**parameters):
    return ChatOpenAI(
        **({"model": "gpt-4.1", "api_key": "k", "transport": NoNetwork()} | parameters)
    )


def ask(*args, **settings):
    return lambda: model().invoke(*args, **settings)


MISTAKES = {
    # Which model.
    "no provider to be told": (lambda: init_chat_model("llama3"), "llama3", "provider:llama3"),
    "unknown provider": (lambda: init_chat_model("x", model_provider="opnai"), "opnai", "openai"),
    "unknown prefix": (
        lambda: init_chat_model("opnai:gpt-5.5"),
        "opnai:gpt-5.5",
        '"openai:gpt-5.5"',
    ),
    "no model after the colon": (lambda: init_chat_model("openai:"), "colon", "openai:<model>"),
    "two providers": (
        lambda: init_chat_model("groq:llama3", model_provider="openai"),
        "groq",
        "give one",
    ),
    "a model that is no str": (lambda: init_chat_model(42), "int", "str"),
    "no model": (lambda: ChatOpenAI(api_key="k", model=" "), "model", "model="),
    "no model was chosen": (lambda: init_chat_model().invoke("hi"), "no model", "configurable"),
    "no model was chosen, with a prefix": (
        lambda: init_chat_model(config_prefix="a").invoke("hi"),
        "no model",
        "a_model",
    ),
    "fields in one str": (
        lambda: init_chat_model(configurable_fields="temperature"),
        "temperature",
        "list",
    ),
    # Parameters and settings.
    "unknown parameter": (lambda: model(temprature=0), "temprature", "temperature"),
    "unknown setting": (ask("hi", max_token=5), "max_token", "max_tokens"),
    "unknown bound setting": (lambda: model().bind(stopp="x"), "stopp", "stop"),
    "unknown setting in a stream": (lambda: next(model().stream("hi", sed=5)), "sed", "seed"),
    "an unknown one has a way out": (ask("hi", foo=5), "foo", "extra_body"),
    "temperature as text": (lambda: model(temperature="hot"), "temperature", "number"),
    "temperature out of range": (lambda: model(temperature=-1), "temperature", "-1"),
    "negative max_tokens": (lambda: model(max_tokens=-5), "max_tokens", "1"),
    "max_tokens that is no whole number": (lambda: model(max_tokens=1.5), "max_tokens", "whole"),
    "no choices": (lambda: model(n=0), "n=0", "1"),
    "negative retries": (lambda: model(max_retries=-1), "max_retries", "0"),
    "negative timeout": (lambda: model(timeout=-1), "timeout", "above 0"),
    "timeout as text": (lambda: model(timeout="soon"), "timeout", "seconds"),
    "negative idle timeout": (lambda: model(stream_chunk_timeout=-1), "stream_chunk_timeout", "0"),
    "negative deadline": (lambda: model(deadline=-1), "deadline", "0"),
    "one thing twice": (lambda: model(model_name="gpt-4"), "model", "twice"),
    "one thing twice, loosely": (
        lambda: model(seed=1, model_kwargs={"seed": 2}),
        "seed",
        "twice",
    ),
    "model_kwargs that are no dict": (lambda: model(model_kwargs=["a"]), "model_kwargs", "dict"),
    "headers that are no dict": (lambda: model(default_headers="a: b"), "default_headers", "dict"),
    "headers of a call that are no dict": (ask("hi", extra_headers=["a"]), "extra_headers", "dict"),
    "a header that is no text": (ask("hi", extra_headers={"a": b"b"}), "'a'", "not bytes"),
    "a query that is no dict": (ask("hi", extra_query=["a"]), "extra_query", "dict"),
    "socket options in another form": (
        lambda: model(http_socket_options=[(1, 2)]),
        "http_socket_options",
        "(level, option, value)",
    ),
    "streaming switched off in a way unknown": (
        lambda: model(disable_streaming="tools"),
        "disable_streaming",
        '"tool_calling"',
    ),
    "tags in one str": (lambda: model(tags="abc"), "tags", "list of str"),
    "metadata that are no dict": (lambda: model(metadata=["a"]), "metadata", "dict"),
    "certificates of a strange kind": (lambda: model(verify=3), "verify=3", "a path"),
    "a limit that is no number": (
        lambda: model(stream_chunk_timeout=float("nan")),
        "nan",
        "give seconds",
    ),
    "an address without a scheme": (lambda: model(base_url="api.x.com/v1"), "base_url", "https://"),
    "an address with the path": (
        lambda: model(base_url="https://api.x.com/v1/chat/completions"),
        "/chat/completions",
        "leave out",
    ),
    "an unknown output version": (lambda: model(output_version="v7"), "v7", "'v1'"),
    "a cache": (lambda: model(cache=True), "cache", "leave out"),
    "a key of a strange kind": (lambda: model(api_key=42), "api_key", "int"),
    "a key with a line break": (lambda: model(api_key="sk-1\n"), "line break", "copied"),
    "a limiter that is none": (
        lambda: model(rate_limiter=5).invoke("hi"),
        "rate_limiter",
        "InMemoryRateLimiter",
    ),
    # Messages.
    "no messages": (ask([]), "no message", "at least one"),
    "a number": (ask(42), "int", "str"),
    "an unknown role": (ask([{"role": "usr", "content": "hi"}]), "usr", "user"),
    "a dict without role": (ask([{"content": "hi"}]), "role", "messages[0]"),
    "a tuple of three": (ask([("user", "hi", "there")]), "messages[0]", "("),
    "a tool result for nothing": (
        ask([{"role": "tool", "content": "5"}]),
        "tool_call_id",
        "messages[0]",
    ),
    "no content": (lambda: HumanMessage(None), "content", "str"),
    "content of a strange kind": (lambda: HumanMessage(3), "content", "int"),
    "a tool message for nothing": (lambda: ToolMessage("5"), "tool_call_id", "ToolMessage"),
    "arguments as text": (
        lambda: AIMessage("", tool_calls=[{"name": "f", "args": "{}", "id": "1"}]),
        "args",
        "dict",
    ),
    "content that is no JSON": (
        ask([HumanMessage([{"type": "text", "text": "hi", "when": object()}])]),
        "object",
        "JSON",
    ),
    "a setting that is no JSON": (ask("hi", extra_body={"a": object()}), "object", "JSON"),
    # Runs.
    "config that is no dict": (ask("hi", 5), "config", "dict"),
    "nobody at once": (
        lambda: model().batch(["hi"], config={"max_concurrency": 0}),
        "max_concurrency",
        "1",
    ),
    "too few configs": (lambda: model().batch(["a", "b"], config=[{}]), "1 config", "2"),
    "a limiter that never lets go": (
        lambda: InMemoryRateLimiter(requests_per_second=0),
        "requests_per_second",
        "0",
    ),
    "a bucket that is never full": (
        lambda: InMemoryRateLimiter(max_bucket_size=0.5),
        "max_bucket_size",
        "1",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_remedy(name):
    act, named, remedy = MISTAKES[name]
    with pytest.raises(ConfigurationError) as raised:
        act()
    said = str(raised.value)
    assert named in said
    assert remedy in said


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "GROQ_API_KEY"])
def test_a_missing_key_names_its_variable(name):
    with pytest.raises(MissingKeyError, match=name):
        init_chat_model("m", model_provider=name.partition("_")[0].lower())


def test_an_empty_key_is_a_missing_one(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    with pytest.raises(MissingKeyError):
        init_chat_model("gpt-4.1")


def test_an_empty_batch_is_an_empty_answer():
    assert model().batch([]) == []
    assert asyncio.run(model().abatch([])) == []


def test_an_async_key_in_a_sync_call_says_what_to_call_instead():
    async def token():
        return "t"

    with pytest.raises(ConfigurationError, match="ainvoke"):
        model(api_key=token, transport=NoNetwork()).invoke("hi")


def test_no_model_is_made_to_find_out_that_none_was_chosen():
    assert isinstance(init_chat_model(), ConfigurableModel)
