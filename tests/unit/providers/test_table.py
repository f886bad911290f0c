"""The table of vendors: every row makes sense, and is found by name and by model."""

from __future__ import annotations

import re

import pytest

from conure import providers
from conure.errors import ConfigurationError
from conure.providers import ALIASES, FAMILIES
from conure.providers.compatible import COMPATIBLE
from conure.providers.profile import Profile

ROWS = [pytest.param(providers.find(name), id=name) for name in providers.names()]
# Their addresses have the user's own account in them.
WITHOUT_ADDRESS = {
    "azure_ai", "azure_openai", "cloudflare", "databricks", "langsmith", "snowflake",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_every_row_makes_sense(row: Profile) -> None:
    assert re.fullmatch("[a-z][a-z0-9_]*", row.name)
    assert row.protocol.name == row.speaks
    assert isinstance(row.dialect, type(row.protocol.dialect()))
    if row.address is not None and row.base_url is None:
        assert row.client
    elif row.name in WITHOUT_ADDRESS:
        assert row.base_url is None
        assert row.base_url_env
    else:
        assert row.base_url is not None
        scheme = "http://localhost" if row.local else "https://"
        scheme = "local:" if row.in_process else scheme
        assert row.base_url.startswith(scheme)
        assert not row.base_url.endswith("/")
    assert row.local or row.key_env or row.tokens
    for variable in (*row.key_env, *row.base_url_env, *row.proxy_env):
        assert re.fullmatch("[A-Z][A-Z0-9_]*", variable)
    assert row.doc.startswith("https://")
    assert row.auth in {"bearer", "api-key", "x-api-key", "x-goog-api-key"}
    assert row.provider == row.name


@pytest.mark.parametrize("row", ROWS)
def test_no_row_lists_what_the_protocol_knows(row: Profile) -> None:
    assert not row.extra & row.protocol.settings.keys()


def test_every_family_leads_somewhere() -> None:
    assert {provider for _, provider in FAMILIES} <= {*providers.names(), *ALIASES}


def test_names_are_unique() -> None:
    assert len(set(providers.names())) == len(providers.names())
    assert not ALIASES.keys() & set(providers.names())
    assert set(ALIASES.values()) <= set(providers.names())


@pytest.mark.parametrize(
    "name, known",
    [
        ("openai", "openai"),
        (" OpenAI ", "openai"),
        ("azure-openai", "azure_openai"),
        ("Azure", "azure_openai"),
        ("mistral", "mistralai"),
        ("dashscope", "qwen"),
        ("z-ai", "zai"),
        ("nobody", None),
    ],
)
def test_other_spellings(name: str, known: str | None) -> None:
    assert providers.canonical(name) == known


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'openrouter'"):
        providers.find("openruter")
    with pytest.raises(ConfigurationError, match="Known: openai") as raised:
        providers.find("zzzzzz")
    assert "Did you mean" not in str(raised.value)
    assert providers.closest("Mistrl") == "mistralai"
    assert providers.closest("zzzzzz") is None


@pytest.mark.parametrize(
    "model, provider",
    [
        ("gpt-5.5", "openai"),
        ("GPT-4o", "openai"),
        ("o1", "openai"),
        ("o4-mini", "openai"),
        ("chatgpt-4o-latest", "openai"),
        ("text-davinci-003", "openai"),
        ("ft:gpt-4o:acme::1", "openai"),
        ("claude-sonnet-4-5", "anthropic"),
        ("command-r", "cohere"),
        ("accounts/fireworks/models/llama", "fireworks"),
        ("gemini-3-pro", "google_genai"),
        ("models/gemini-3-pro", "google_genai"),
        ("amazon.nova-pro-v1:0", "bedrock"),
        ("us.anthropic.claude-sonnet-4", "bedrock"),
        ("global.anthropic.claude-sonnet-4", "bedrock"),
        ("mistral.mistral-large-2402-v1:0", "bedrock"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/x", "bedrock"),
        ("mistral-large-latest", "mistralai"),
        ("codestral-latest", "mistralai"),
        ("mixtral-8x7b", "mistralai"),
        ("deepseek-chat", "deepseek"),
        ("grok-4", "xai"),
        ("sonar-pro", "perplexity"),
        ("solar-pro", "upstage"),
        ("deepseek/deepseek-chat", None),
        ("openai/gpt-oss-120b", None),
        ("llama3", None),
        ("omni", None),
        ("", None),
    ],
)
def test_a_model_s_name_tells_its_provider(model: str, provider: str | None) -> None:
    assert providers.infer(model) == provider


def test_no_family_hides_another() -> None:
    prefixes = [prefix for prefix, _ in FAMILIES]
    for position, (prefix, provider) in enumerate(FAMILIES):
        hiding = [p for p in prefixes[:position] if prefix.startswith(p)]
        assert all(dict(FAMILIES)[p] == provider for p in hiding), prefix


@pytest.mark.parametrize(
    "base_url, name",
    [
        ("https://api.openai.com/v1/", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://me.openai.azure.com/openai/v1/", "openai"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://openrouter.ai/api/v1", "openrouter"),
    ],
)
def test_the_dialect_is_that_of_what_answers(base_url: str, name: str) -> None:
    openai = providers.find("openai")
    assert providers.dialect_at(openai, base_url) == providers.find(name).dialect


def test_an_unknown_address_is_only_compatible() -> None:
    openai, groq = providers.find("openai"), providers.find("groq")
    assert providers.dialect_at(openai, "http://localhost:8000/v1") == COMPATIBLE
    assert providers.dialect_at(openai, "https://llm.example/v1") == COMPATIBLE
    assert providers.dialect_at(groq, "https://llm.example/v1") == groq.dialect
