"""Anthropic itself, its models at Google's, and what families of them accept.

https://docs.anthropic.com/en/docs/about-claude/models/overview
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..protocols.anthropic_messages.dialect import Dialect, Facts
from .profile import Profile
from .vertex import PLACE, google_tokens, vertex_address

__all__ = ["ANTHROPIC", "facts", "vertex"]

UNKNOWN = Facts()
MODERN = Facts(64_000, adaptive=True)
LATEST = Facts(128_000, adaptive=True, shows_thoughts=False, instructed_midway=True, sampling=False)

# The first name found within the model's counts, so that dated and hosted names are known too.
FAMILIES = (
    ("claude-2", UNKNOWN),
    ("claude-instant", UNKNOWN),
    ("claude-3-haiku", UNKNOWN),
    ("claude-3-opus", UNKNOWN),
    ("claude-3-sonnet", UNKNOWN),
    ("claude-3-5", Facts(8192)),
    ("claude-3-7", Facts(64_000)),
    ("claude-opus-4-5", Facts(64_000)),
    ("claude-opus-4-6", Facts(128_000, adaptive=True)),
    ("claude-opus-4-7", Facts(128_000, adaptive=True, shows_thoughts=False, sampling=False)),
    ("claude-opus-4-8", LATEST),
    ("claude-opus-4", Facts(32_000)),
    ("claude-sonnet-4-6", MODERN),
    ("claude-sonnet-4", Facts(64_000)),
    ("claude-haiku-4", Facts(64_000)),
    ("claude-opus", LATEST),
    ("claude-fable", LATEST),
    ("claude-mythos", LATEST),
    ("claude-sonnet", LATEST),
    ("claude-haiku", LATEST),
)


def facts(model: str) -> Facts:
    """Tell what models of this name accept.

    >>> facts("claude-sonnet-4-5-20250929").max_tokens, facts("claude-opus-4-6").adaptive
    (64000, True)
    >>> facts("some-other-model").max_tokens
    4096
    """
    name = model.lower().replace(".", "-")
    return next((known for family, known in FAMILIES if family in name), UNKNOWN)


def vertex(place: Mapping[str, Any]) -> str:
    """Give the address of Claude on Vertex AI, where it is always some project's.

    >>> vertex({"project": "p", "location": "us-east5"})
    'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic'
    """
    return vertex_address({"api_version": "v1", **place, "api_key": None}, "anthropic")


DIRECT = Profile(
    "anthropic",
    "anthropic_messages",
    "https://api.anthropic.com",
    ("ANTHROPIC_API_KEY",),
    Dialect(facts=facts),
    base_url_env=("ANTHROPIC_API_URL", "ANTHROPIC_BASE_URL"),
    auth="x-api-key",
    proxy_env=("ANTHROPIC_PROXY",),
    default_model="claude-sonnet-4-5",
    json_mode=False,
    doc="https://docs.anthropic.com/en/api/messages",
)

# https://docs.anthropic.com/en/api/claude-on-vertex-ai
ON_VERTEX = Profile(
    "google_anthropic_vertex",
    "anthropic_messages",
    None,
    own_dialect=Dialect(
        path="/models/{model}:rawPredict",
        stream_path="/models/{model}:streamRawPredict",
        count_path="/models/count-tokens:rawPredict",
        version=None,
        body_version="vertex-2023-10-16",
        caches_turns=False,
        facts=facts,
    ),
    json_mode=False,
    spellings={
        "access_token": "api_key",
        "additional_headers": "default_headers",
        "max_output_tokens": "max_tokens",
        "project_id": "project",
        "region": "location",
    },
    client={
        **PLACE,
        "location": (*PLACE["location"], "CLOUD_ML_REGION"),
        "project": (*PLACE["project"], "ANTHROPIC_VERTEX_PROJECT_ID"),
    },
    address=vertex,
    tokens=google_tokens,
    doc="https://docs.anthropic.com/en/api/claude-on-vertex-ai",
)

ANTHROPIC = (DIRECT, ON_VERTEX)
