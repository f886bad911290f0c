"""How an example is written down: what goes before it, what the provider says, what must hold.

    @example("S-004", given=MODEL, replies=[Reply("Because.")])
    def s004(it):
        assert it.space["response"].text == "Because."

An example that needs a protocol which is not there yet is skipped, saying so; `without` makes
an entry of its own of the part that runs today.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from conure.chat_models import init_chat_model
from conure.errors import ConfigurationError
from tests.examples.page import EXAMPLES, run, translated, without
from tests.examples.provider import Provider, Reply, Script
from tests.live.server import Seen

__all__ = ["ANTHROPIC", "MODEL", "RESPONSES", "TABLE", "Example", "Outcome", "example", "outcome"]

MODEL = """
from conure.chat_models import init_chat_model
model = init_chat_model("gpt-4.1")
"""

# What an example needs, and the parameters that a model is made with once it is there.
Needed = tuple[str, Mapping[str, Any]]
ANTHROPIC: Needed = ("the Anthropic protocol", {"model": "claude-haiku-4-5"})
RESPONSES: Needed = (
    "the Responses protocol",
    {"model": "openai:gpt-4.1", "use_responses_api": True},
)


@dataclass
class Outcome:
    """What came of an example."""

    printed: str
    value: Any
    space: dict[str, Any]
    requests: list[Seen]
    provider: Provider

    @property
    def lines(self) -> list[str]:
        return self.printed.splitlines()

    @property
    def wire(self) -> list[Any]:
        return [seen.json() for seen in self.requests]

    @property
    def paths(self) -> list[str]:
        return [urlsplit(seen.target).path for seen in self.requests]


@dataclass
class Example:
    """See the module's docstring. `source` is given for what is no program on the page."""

    id: str
    check: Callable[[Outcome], None]
    given: str = ""
    replies: Sequence[Reply] = ()
    needs: Needed | None = None
    without: Sequence[str] = ()
    part: bool = False
    put: Mapping[str, str] = field(default_factory=dict)
    """what to put for the words of the page that stand for something else"""
    source: str | None = None
    warns: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    """`messages` and `responses` of the provider's script"""

    @property
    def name(self) -> str:
        return f"{self.id} (OpenAI part)" if self.without or self.part else self.id

    @property
    def missing(self) -> str | None:
        """Say what the example waits for."""
        if self.needs:
            what, parameters = self.needs
            try:
                init_chat_model(**parameters, api_key="k")
            except ConfigurationError:
                return f"needs {what}"
        return None


TABLE: list[Example] = []


def example(id: str, **given: Any) -> Callable[[Callable[[Outcome], None]], Any]:
    def add(check: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
        TABLE.append(Example(id, check, **given))
        return check

    return add


def outcome(one: Example) -> Outcome:
    """Run an example against its provider; the environment is the caller's to restore."""
    script = Script(list(one.replies), **one.more)
    with Provider({"v1": script}) as provider:
        os.environ.update(
            OPENAI_API_KEY="sk-test",
            # As its own host, so that what is known of its models holds; by way of a proxy.
            OPENAI_BASE_URL="http://loopback.openai.com/v1",
            OPENAI_PROXY=provider.at(""),
            ANTHROPIC_API_KEY="sk-ant-test",
            ANTHROPIC_BASE_URL=provider.at("").rstrip("/"),
        )
        space: dict[str, Any] = {"__name__": "example"}
        run(translated(one.given), space)
        source = EXAMPLES[one.id] if one.source is None else one.source
        for word, stands_for in one.put.items():
            source = source.replace(word, stands_for.format(url=provider.at("v1")))
        if one.without:
            source = without(source, one.without)
        hearing = pytest.warns(UserWarning, match=one.warns) if one.warns else nullcontext()
        with hearing:
            printed, value = run(translated(source), space)
        found = Outcome(printed, value, space, script.requests, provider)
        one.check(found)
        return found
