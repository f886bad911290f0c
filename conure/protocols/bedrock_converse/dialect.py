"""What families of models accept of what Bedrock Converse can say.

A knob says why it exists and where that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

__all__ = ["Dialect", "Effort", "Facts"]

Effort: TypeAlias = Literal["adaptive", "budget", "config", "named"]


class Facts(Struct, frozen=True):
    """What a family of models accepts. Unset means: everything."""

    tool_choices: tuple[str, ...] = ("auto", "any", "tool")
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html"""
    effort: Effort = "named"
    """how it is told to think more or less; see `EFFORTS` in settings.py"""
    top_k: tuple[str, ...] = ("top_k",)
    """where its own top_k stands, a setting that the API does not have"""
    sampling: bool = True
    """whether temperature and top_p are accepted"""
    thoughts: Literal["all", "signed", "none"] = "all"
    """which of its thoughts it takes back; what it does not take it answers with a 400:
    https://github.com/aws-samples/bedrock-chat/pull/851, https://github.com/maximhq/bifrost/pull/6942"""
    thinks_unforced: bool = False
    """whether no tool can be forced while it thinks within a budget"""


ANY = Facts()


class Dialect(Struct, frozen=True):
    """What to say otherwise. Unset means: as the maker does."""

    facts: Callable[[str], Facts] = lambda _: ANY
    """What a model's family accepts, by the model's name"""

    counted_as: Callable[[str], str] = lambda model: model
    """The model that counts tokens, where a name stands for a profile of it"""
