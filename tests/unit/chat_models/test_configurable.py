"""Models that are chosen at each call."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest

from conure.chat_models import (
    ChatModel,
    ConfigurableField,
    ConfigurableModel,
    init_chat_model,
)
from conure.errors import ConfigurationError
from conure.openai import ChatOpenAI

KEY = {"api_key": "k"}


def chosen(which, /, **configurable):
    return which.chosen({"configurable": configurable} if configurable else None)


def test_the_config_names_the_model():
    model = init_chat_model(temperature=0, **KEY)
    assert isinstance(model, ChatModel)
    picked = chosen(model, model="gpt-4.1-mini")
    assert (type(picked), picked.model, picked.temperature) == (ChatOpenAI, "gpt-4.1-mini", 0)
    assert chosen(model, model="groq:llama3").provider == "groq"


def test_only_listed_fields_are_read():
    model = init_chat_model("gpt-4.1", configurable_fields=("temperature",), **KEY)
    assert chosen(model, temperature=1, max_tokens=5, model="x").model == "gpt-4.1"
    assert chosen(model, temperature=1, max_tokens=5).max_tokens is None


def test_any_field_may_be_set():
    model = init_chat_model("gpt-4.1", configurable_fields="any", **KEY)
    assert chosen(model, max_tokens=5).max_tokens == 5


@pytest.mark.parametrize("prefix", ["first", "first_"])
def test_a_prefix_tells_models_apart(prefix):
    model = init_chat_model(
        "gpt-4.1", configurable_fields=("model", "temperature"), config_prefix=prefix, **KEY
    )
    assert chosen(model, first_temperature=1, temperature=0).temperature == 1
    assert chosen(model).model == "gpt-4.1"


def test_a_new_model_brings_its_own_provider():
    model = init_chat_model(
        "gpt-4.1",
        model_provider="openai",
        configurable_fields=("model", "model_provider", "max_tokens"),
        **KEY,
    )
    assert chosen(model, model="deepseek-chat").provider == "deepseek"


def test_a_prefix_without_fields_makes_a_concrete_model():
    assert isinstance(init_chat_model("gpt-4.1", config_prefix="a", **KEY), ChatOpenAI)


def test_the_same_choice_is_made_once():
    model = init_chat_model(**KEY)
    assert chosen(model, model="gpt-4.1") is chosen(model, model="gpt-4.1")


def test_calls_go_to_the_chosen_model():
    model = init_chat_model()
    config = {"configurable": {"model": "test:echo"}}
    assert model.invoke("hello", config).text == "hello"
    assert asyncio.run(model.ainvoke("hello", config)).text == "hello"
    assert "".join(chunk.text for chunk in model.stream("hello", config)) == "hello"
    assert [m.text for m in model.batch(["a", "b"], config)] == ["a", "b"]
    answers = model.batch(["a", "b"], [config, {"configurable": {"model": "test:parrot"}}])
    assert [len(m.text) > 1 for m in answers] == [False, True]


def test_what_is_bound_waits_for_the_model():
    model = init_chat_model().bind(stop=["there"]).with_config(tags=["x"])
    config = {"configurable": {"model": "test:echo"}}
    assert model.invoke("hello there", config).text == "hello "
    assert isinstance(model, ConfigurableModel)


def test_model_values_of_with_config_become_defaults():
    model = init_chat_model().with_config(configurable={"model": "test:echo"})
    assert model.invoke("hello").text == "hello"
    assert init_chat_model().with_configurable(model="test:echo").invoke("hello").text == "hello"


def test_attributes_are_those_of_the_default():
    model = init_chat_model("gpt-4.1", temperature=1, configurable_fields="any", **KEY)
    assert model.temperature == 1
    with pytest.raises(AttributeError):
        init_chat_model().temperature  # noqa: B018


def test_secrets_stay_secret():
    own = {"api_key": "sk-1", "default_headers": {"x": "sk-1"}, "openai_proxy": "http://u:sk-1@p"}
    model = init_chat_model("gpt-4.1", configurable_fields="any", **own)
    assert "sk-1" not in repr(model)
    assert "sk-1" not in repr(model.with_configurable(api_key="sk-1"))


class Hidden:
    """A secret as others have them: all look alike."""

    def __init__(self, text):
        self.text = text

    def get_secret_value(self):
        return self.text

    def __repr__(self):
        return "Hidden"


@pytest.mark.parametrize(
    "name, first, second",
    [
        ("api_key", Hidden("k1"), Hidden("k2")),
        ("default_headers", {"x": "k1"}, {"x": "k2"}),
        ("callbacks", [type("Quiet", (), {"__repr__": lambda _: ""})() for _ in "ab"], []),
    ],
)
def test_choices_that_look_alike_are_not_the_same(name, first, second):
    model = init_chat_model("gpt-4.1", configurable_fields="any", **KEY)
    picked = chosen(model, **{name: first})
    assert chosen(model, **{name: first}) is picked
    assert chosen(model, **{name: second}) is not picked


def test_copies_and_pickles(monkeypatch):
    heat = {"temperature": ConfigurableField(id="heat")}
    for model in (
        init_chat_model("gpt-4.1", configurable_fields="any", api_key="sk-1"),
        ChatOpenAI(model="gpt-4.1", api_key="sk-1").configurable_fields(**heat),
    ):
        chosen(model)
        assert chosen(copy.deepcopy(model)).api_key.reveal() == "sk-1"
        pickled = pickle.dumps(model)
        assert b"sk-1" not in pickled
        monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
        assert chosen(pickle.loads(pickled)).model == "gpt-4.1"


def test_a_models_own_fields():
    model = ChatOpenAI(model="gpt-4.1", **KEY)
    heated = model.configurable_fields(temperature=ConfigurableField(id="heat"))
    assert chosen(heated, heat=1).temperature == 1
    assert chosen(heated).temperature is None
    with pytest.raises(ConfigurationError, match="temperature"):
        model.configurable_fields(temprature=ConfigurableField(id="heat"))
    bound = model.bind(stop=["x"], temperature=0).with_config(tags=["t"])
    heated = bound.configurable_fields(temperature=ConfigurableField(id="heat"))
    picked = chosen(heated, heat=1)
    assert (picked._settings, picked._config) == (
        {"stop": ["x"], "temperature": 1},
        {"tags": ["t"]},
    )


def test_alternatives():
    model = ChatOpenAI(model="gpt-4.1", **KEY)
    either = model.configurable_alternatives(
        ConfigurableField(id="which"),
        default_key="openai",
        echo=lambda: init_chat_model("test:echo"),
    )
    assert chosen(either) is model
    assert either.invoke("hi", {"configurable": {"which": "echo"}}).text == "hi"
    with pytest.raises(ConfigurationError, match="openai"):
        chosen(either, which="nobody")
