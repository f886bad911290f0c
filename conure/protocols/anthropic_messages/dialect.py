"""How hosts of the Messages API differ, and what families of models accept.

A knob is added when the third host needs it; every knob says why it exists and where that is
written.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

__all__ = ["Dialect", "Facts"]


class Facts(Struct, frozen=True):
    """What a family of models accepts of what the protocol can say."""

    max_tokens: int = 4096
    """the most it writes: what is asked for where nobody says how much"""
    adaptive: bool = False
    """whether it decides itself how much to think: https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking"""
    shows_thoughts: bool = True
    """whether it shows what it thought without being asked to: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking"""
    instructed_midway: bool = False
    """whether instructions may stand between turns; else they go to the beginning"""
    sampling: bool = True
    """whether temperature, top_p and top_k are accepted"""


ANY = Facts()


class Dialect(Struct, frozen=True):
    """What to say otherwise. Unset means: as the maker does."""

    path: str = "/v1/messages"
    """Where requests go, below the base URL. Where it names the {model}, the body does not:
    https://docs.anthropic.com/en/api/claude-on-amazon-bedrock"""

    stream_path: str | None = None
    """Where those go that ask for a stream"""

    says_stream: bool = True
    """Whether the body, too, says that a stream is wanted"""

    count_path: str | None = "/v1/messages/count_tokens"
    """Where tokens are counted, if they are. The body names the model there, or the path does:
    then the whole request is wanted, in base64"""

    version: str | None = "2023-06-01"
    """The header `anthropic-version`: https://docs.anthropic.com/en/api/versioning"""

    body_version: str | None = None
    """The field `anthropic_version` that some hosts want in its place"""

    betas: bool = True
    """Whether features in preview are asked for by their header: https://docs.anthropic.com/en/api/beta-headers"""

    body_betas: bool = False
    """Whether they are named in the body, as some hosts want it"""

    counted_as: Callable[[str], str] = lambda model: model
    """The model that counts them, where a name stands for a profile of it"""

    framed: bool = False
    """Whether streams come as binary frames, each with an event in base64"""

    caches_turns: bool = True
    """Whether `cache_control` may stand beside the messages; else their last block is marked:
    https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching"""

    facts: Callable[[str], Facts] = lambda _: ANY
    """What a model's family accepts, by the model's name"""
