"""Anthropic itself: the maker of the protocol, and what families of its models accept.

https://docs.anthropic.com/en/docs/about-claude/models/overview
"""

from __future__ import annotations

from ..protocols.anthropic_messages.dialect import Dialect, Facts
from .profile import Profile

__all__ = ["ANTHROPIC", "facts"]

UNKNOWN = Facts()
MODERN = Facts(64_000, adaptive=True)
LATEST = Facts(128_000, adaptive=True, instructed_midway=True, sampling=False)

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
    ("claude-opus-4-7", Facts(128_000, adaptive=True, sampling=False)),
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


ANTHROPIC = Profile(
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
