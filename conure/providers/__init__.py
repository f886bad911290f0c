"""Whom to call: vendors as rows of data, found by name or by the name of a model.

Adding a vendor is adding a row: docs/contribute/add-a-vendor.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from msgspec.structs import replace

from ..errors import ConfigurationError
from .anthropic import ANTHROPIC
from .azure import AZURE
from .bedrock import BEDROCK
from .cohere import COHERE
from .compatible import COMPATIBLE, VENDORS
from .google import GOOGLE
from .local import LOCAL
from .mistral import MISTRAL
from .models import facts
from .ollama import OLLAMA
from .openai import OPENAI
from .profile import Profile

__all__ = [
    "Profile",
    "canonical",
    "closest",
    "dialect_at",
    "find",
    "fitted",
    "infer",
    "is_home",
    "names",
    "responses_at",
]

TABLE: dict[str, Profile] = {
    row.name: row
    for row in (
        *(OPENAI, *ANTHROPIC, *GOOGLE, *BEDROCK, COHERE, OLLAMA),
        *(*AZURE, MISTRAL, *VENDORS, *LOCAL),
    )
}

# Other names for the same vendor; "-" is as good as "_" in all of them.
ALIASES = {
    "alibaba": "qwen",
    "anthropic_vertex": "google_anthropic_vertex",
    "azure": "azure_openai",
    "bedrock": "bedrock_converse",
    "copilot": "github_copilot",
    "dashscope": "qwen",
    "gemini": "google_genai",
    "github_models": "github",
    "glm": "zai",
    "google": "google_genai",
    "google_gemini_openai": "google_openai",
    "grok": "xai",
    "hf": "huggingface",
    "kimi": "moonshot",
    "litellm_proxy": "litellm",
    "llama.cpp": "llamacpp",
    "llama_cpp": "llamacpp",
    "lm_studio": "lmstudio",
    "mistral": "mistralai",
    "mistral.rs": "mistralrs",
    "moonshotai": "moonshot",
    "nvidia_nim": "nvidia",
    "pplx": "perplexity",
    "togetherai": "together",
    "vercel_ai_gateway": "vercel",
    "vercel_gateway": "vercel",
    "vertex_ai": "google_vertexai",
    "vertexai": "google_vertexai",
    "x_ai": "xai",
    "z_ai": "zai",
    "zhipu": "zai",
    "zhipuai": "zai",
}

# The first prefix that fits counts. Names with a maker before a dot are Bedrock's.
FAMILIES = (
    ("gpt-", "openai"),
    ("chatgpt", "openai"),
    ("text-davinci", "openai"),
    ("ft:gpt-", "openai"),
    ("ft:o", "openai"),
    ("codex-", "openai"),
    ("computer-use-preview", "openai"),
    ("claude", "anthropic"),
    ("command", "cohere"),
    ("accounts/fireworks", "fireworks"),
    ("gemini", "google_genai"),
    ("models/gemini", "google_genai"),
    *(
        (f"{region}{maker}.", "bedrock")
        for region in ("", "us.", "us-gov.", "eu.", "apac.", "jp.", "au.", "global.")
        for maker in ("ai21", "amazon", "anthropic", "cohere", "deepseek", "meta", "mistral")
    ),
    ("arn:aws", "bedrock"),
    ("mistral", "mistralai"),
    ("ministral", "mistralai"),
    ("mixtral", "mistralai"),
    ("magistral", "mistralai"),
    ("codestral", "mistralai"),
    ("devstral", "mistralai"),
    ("pixtral", "mistralai"),
    ("voxtral", "mistralai"),
    ("deepseek", "deepseek"),
    ("grok", "xai"),
    ("sonar", "perplexity"),
    ("solar", "upstage"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("glm-", "zai"),
    ("kimi-", "moonshot"),
    ("moonshot-", "moonshot"),
    ("minimax", "minimax"),
    ("jamba", "ai21"),
    ("palmyra", "writer"),
)


def find(name: str) -> Profile:
    """Give the vendor's row; raises `ConfigurationError` where there is none.

    >>> find("groq").base_url
    'https://api.groq.com/openai/v1'
    """
    known = canonical(name)
    if known is None:
        near = closest(name)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigurationError(f"unknown provider {name!r}.{hint} Known: {', '.join(names())}")
    return TABLE[known]


def canonical(name: str) -> str | None:
    """Give the one name of a vendor, or None for one that is unknown.

    >>> canonical("Azure-OpenAI"), canonical("kimi"), canonical("nobody")
    ('azure_openai', 'moonshot', None)
    """
    plain = name.strip().lower().replace("-", "_")
    plain = ALIASES.get(plain, plain)
    return plain if plain in TABLE else None


def infer(model: str) -> str | None:
    """Tell a model's provider from its name, or None where the name does not say.

    >>> infer("gpt-5.5"), infer("o4-mini"), infer("us.anthropic.claude-sonnet-4"), infer("llama3")
    ('openai', 'openai', 'bedrock', None)
    """
    name = model.strip().lower()
    if name[:1] == "o" and name[1:2].isdecimal():
        return "openai"
    # "deepseek/…" is some gateway's name for a model and does not say which gateway's.
    routed = "/" in name and not name.startswith("arn:")
    for prefix, provider in FAMILIES:
        if name.startswith(prefix) and (not routed or "/" in prefix):
            return provider
    return None


def names() -> list[str]:
    """List every vendor, in the order of the table."""
    return list(TABLE)


def closest(name: str) -> str | None:
    """Give the vendor whose name is most like this one, if any is.

    >>> closest("opnai")
    'openai'
    """
    from difflib import get_close_matches

    plain = name.strip().lower().replace("-", "_")
    near = get_close_matches(plain, [*TABLE, *ALIASES], n=1, cutoff=0.6)
    return ALIASES.get(near[0], near[0]) if near else None


def dialect_at(profile: Profile, base_url: str) -> Any:
    """Give the dialect of what answers at an address, which need not be the profile's vendor.

    The maker's own client, pointed elsewhere, talks to another vendor or to a local server.
    """
    if profile is not OPENAI or (host := _host(base_url)) == _host(profile.base_url):
        return profile.dialect
    if host.endswith((".azure.com", ".openai.com")):
        return profile.dialect
    rows = (row for row in TABLE.values() if not row.local and _host(row.base_url) == host)
    row = next(rows, None)
    return COMPATIBLE if row is None else row.dialect


def is_home(base_url: str) -> bool:
    """Tell whether an address is the maker's own, or one of its models' other home."""
    return _host(base_url).endswith(("api.openai.com", ".openai.com", ".azure.com"))


def responses_at(profile: Profile, base_url: str) -> Callable[[], tuple[Any, Any]] | None:
    """Give what loads the Responses protocol and its dialect at an address, if that may be asked.

    Any vendor of Chat Completions may be asked; who does not speak it answers with a 404.
    """
    if profile.speaks != "openai_chat":
        return None
    return _responses if profile.is_maker and is_home(base_url) else _compatible_responses


def fitted(
    profile: Profile, client: Mapping[str, Any], base_url: str
) -> tuple[Any, Callable[[], tuple[Any, Any]] | None, Mapping[str, Any]]:
    """Give dialect, newer API and query, fitted to the parameters that only this vendor knows."""
    dialect, newer = dialect_at(profile, base_url), responses_at(profile, base_url)
    if profile.fit is None:
        return dialect, newer, {}
    fit = profile.fit(client, base_url)
    dialect = replace(dialect, **fit.older)
    if newer is not None and fit.newer:
        protocol, other = newer()
        newer = partial(tuple, (protocol, replace(other, **fit.newer)))
    return dialect, newer, fit.query


@cache
def _responses() -> tuple[Any, Any]:
    from ..protocols.openai_responses import PROTOCOL, Dialect

    def is_fixed(model: str) -> bool:
        return not facts(model).temperature

    return PROTOCOL, Dialect(strips=frozenset({"cache_control"}), fixed_temperature=is_fixed)


@cache
def _compatible_responses() -> tuple[Any, Any]:
    from ..protocols.openai_responses import PROTOCOL, Dialect

    return PROTOCOL, Dialect(passes=True)


def _host(url: str | None) -> str:
    return (url or "").partition("://")[2].partition("/")[0].lower()
