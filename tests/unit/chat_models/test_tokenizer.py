"""Counting here: by the user's tokenizer, by tiktoken's vocabulary on this disk, by characters."""

from __future__ import annotations

import hashlib
import sys
from types import SimpleNamespace

import pytest

from conure import init_chat_model
from conure.anthropic import ChatAnthropic
from conure.errors import ConfigurationError
from conure.messages import AIMessage, HumanMessage, ToolMessage, trim_messages
from conure.openai import ChatOpenAI

URL = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"


def words(text):
    """Give a token for each word."""
    return [len(word) for word in text.split()]


class Tiktoken:
    """What is used of tiktoken; fetching is not allowed."""

    def __init__(self, loaded=()):
        self.registry = SimpleNamespace(ENCODINGS=dict.fromkeys(loaded))
        self.asked = []

    def encoding_name_for_model(self, model):
        if model.startswith("gpt-4o"):
            return "o200k_base"
        if model == "gpt-4":
            return "cl100k_base"
        raise KeyError(model)

    def get_encoding(self, name):
        self.asked.append(name)

        def encode(text, disallowed_special):
            assert disallowed_special == ()
            return words(text)

        return SimpleNamespace(encode=encode)


@pytest.fixture
def no_tiktoken(monkeypatch):
    monkeypatch.setitem(sys.modules, "tiktoken", None)


@pytest.fixture
def vocabulary(monkeypatch, tmp_path):
    """Let this disk hold the vocabulary of the latest models."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    (tmp_path / hashlib.sha1(URL.encode()).hexdigest()).touch()


def openai(**parameters):
    return ChatOpenAI(model="gpt-4o", api_key="k", **parameters)


@pytest.mark.usefixtures("no_tiktoken")
def test_without_a_tokenizer_characters_are_counted():
    model = openai()
    assert model.get_num_tokens("x" * 41) == 11
    assert model.get_num_tokens_from_messages([HumanMessage("x" * 36)]) == 3 + 3 + 10
    with pytest.raises(ConfigurationError, match="install tiktoken"):
        model.get_token_ids("x")


def test_the_vocabulary_on_this_disk_is_used(monkeypatch, vocabulary):
    tiktoken = Tiktoken()
    monkeypatch.setitem(sys.modules, "tiktoken", tiktoken)
    assert openai().get_token_ids("four is the number") == [4, 2, 3, 6]
    assert openai().get_num_tokens("four is the number") == 4
    assert ChatOpenAI(model="gpt-9", api_key="k").get_num_tokens("a b") == 2
    assert tiktoken.asked == ["o200k_base"]


def test_a_vocabulary_that_would_be_fetched_is_not_used(monkeypatch, tmp_path):
    tiktoken = Tiktoken()
    monkeypatch.setitem(sys.modules, "tiktoken", tiktoken)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert openai().get_num_tokens("a b c d") == 2
    assert tiktoken.asked == []


def test_a_vocabulary_that_is_loaded_already_is_used(monkeypatch, tmp_path):
    tiktoken = Tiktoken(loaded=["o200k_base"])
    monkeypatch.setitem(sys.modules, "tiktoken", tiktoken)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert openai().get_num_tokens("a b c d") == 4


def test_whose_vocabulary_can_be_said(monkeypatch):
    tiktoken = Tiktoken(loaded=["o200k_base", "cl100k_base"])
    monkeypatch.setitem(sys.modules, "tiktoken", tiktoken)
    assert openai(tiktoken_model_name="gpt-4").get_num_tokens("a b c") == 3
    assert tiktoken.asked == ["cl100k_base"]
    other = init_chat_model("groq:llama-3", api_key="k", tiktoken_model_name="gpt-4")
    assert other.get_num_tokens("a b c") == 3


def test_other_makers_models_are_not_counted_by_this_vocabulary(monkeypatch):
    monkeypatch.setitem(sys.modules, "tiktoken", Tiktoken(loaded=["o200k_base"]))
    assert init_chat_model("groq:llama-3", api_key="k").tokenizer() is None
    assert ChatAnthropic(model="claude-sonnet-4-5", api_key="k").tokenizer() is None


def test_the_users_own_tokenizer_counts_everywhere():
    model = openai(custom_get_token_ids=words)
    assert model.get_token_ids("a bc") == [1, 2]
    # Framing and role, a name and its own token, and what stands before the answer.
    assert model.get_num_tokens_from_messages([HumanMessage("a bc", name="Ann")]) == 3 + 3 + 2 + 3
    with pytest.raises(ConfigurationError, match="custom_get_token_ids: give a function"):
        openai(custom_get_token_ids="words")


def test_calls_answers_and_tools_count():
    model = openai(custom_get_token_ids=words)
    call = {"name": "f", "args": {"city": "Paris"}, "id": "1", "type": "tool_call"}
    asked = model.get_num_tokens_from_messages([AIMessage("", tool_calls=[call])])
    assert asked > model.get_num_tokens_from_messages([AIMessage("")])
    assert model.get_num_tokens_from_messages([ToolMessage("a b", "c d")]) == 3 + 3 + 5

    def weather(city: str) -> str:
        """Tell the weather in a city of the world."""
        return city

    assert model.get_num_tokens_from_messages("a", tools=[weather]) > 15


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}


@pytest.mark.parametrize(
    "block,tokens",
    [
        (IMAGE, 765),
        ({**IMAGE, "image_url": {**IMAGE["image_url"], "detail": "low"}}, 85),
        (
            {
                "type": "image",
                "base64": "R0lGODlhAAIAAgAAAAAA",
                "mime_type": "image/gif",
            },
            255,
        ),
        ({"type": "file", "file_id": "file-1"}, 1500),
    ],
)
def test_images_count_by_their_size_and_files_alike(block, tokens):
    model = openai(custom_get_token_ids=words)
    assert model.get_num_tokens_from_messages([HumanMessage([block])]) == tokens + 3 + 1 + 3
    given = [HumanMessage([block])]
    assert model.get_num_tokens_from_messages(given, allow_fetching_images=True) == tokens + 7


def test_a_model_trims_by_its_own_count():
    model = openai(custom_get_token_ids=words)
    history = [HumanMessage("one two"), AIMessage("three"), HumanMessage("four")]
    kept = trim_messages(history, max_tokens=13, token_counter=model, strategy="last")
    assert [message.content for message in kept] == ["three", "four"]


def test_a_model_without_a_network_and_one_chosen_by_config_estimate_too():
    echo = init_chat_model("test:echo")
    assert echo.get_num_tokens_from_messages([HumanMessage([IMAGE])]) == 85 + 3 + 1 + 3
    chosen = init_chat_model("openai:gpt-4o", configurable_fields="any", api_key="k")
    assert chosen.bind(temperature=1).get_num_tokens_from_messages([HumanMessage([IMAGE])]) > 700
