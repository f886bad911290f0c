"""The examples of the ChatOpenAI page: their text, verbatim, and how each is written down.

As `table.py` does for the Models page; `after` names the examples that were typed before, `waits`
says what an example waits for and `fails` why it does not hold yet. Replies of the Responses API
are written by hand, in the shape of recorded ones: `said`, `answer` and the items in the rooms;
`openai_recorded.py` names the recorded ones, which are no part of the project.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from tests.examples.page import run, translated, without
from tests.examples.provider import Provider, Script
from tests.examples.table import Example, Outcome
from tests.live.server import Seen, sse

__all__ = [
    "PAGE",
    "TABLE",
    "answer",
    "covers",
    "fields",
    "openai_example",
    "outcome",
    "running",
    "said",
]

HEAD = re.compile(r"^=== (S-\d{3})\n", re.MULTILINE)
FILES = sorted(Path(__file__).parent.glob("openai-*.txt"))


def _read() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in FILES:
        parts = HEAD.split(path.read_text("utf-8"))[1:]
        found |= {
            id: text.rstrip() + "\n" for id, text in zip(parts[::2], parts[1::2], strict=True)
        }
    return found


PAGE = _read()


@dataclass
class OpenAIExample(Example):
    """See the module's docstring."""

    after: Sequence[str] = ()
    waits: str = ""
    fails: str = ""
    responses: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        return f"{self.id} (model part)" if self.without or self.part else self.id

    @property
    def missing(self) -> str | None:
        return self.waits or None


TABLE: list[OpenAIExample] = []


def openai_example(*ids: str, **given: Any) -> Callable[[Callable[[Outcome], None]], Any]:
    """Write down an example: the first id is the program, the others what it came to."""

    def add(check: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
        known = {"source": PAGE[ids[0]], **given}
        TABLE.extend(OpenAIExample(id, check, **known) for id in ids)
        return check

    return add


def said(text: str, *annotations: Mapping[str, Any], id: str = "msg_1") -> dict[str, Any]:
    """Make the item of a message."""
    part = {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": []}
    return {
        "id": id,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def answer(*items: Mapping[str, Any], id: str = "resp_1", **more: Any) -> dict[str, Any]:
    """Make a whole reply of the Responses API."""
    return {
        "id": id,
        "object": "response",
        "created_at": 1760828892,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "gpt-5.4-mini-2026-03-17",
        "output": list(items),
        "service_tier": "default",
        "usage": {
            "input_tokens": 13,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 14,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 27,
        },
        "metadata": {},
        **more,
    }


def _events(whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Stream a reply: texts word by word, other items whole."""
    opening = {**whole, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": opening}
    for index, item in enumerate(whole["output"]):
        at = {"output_index": index}
        parts = item["content"] if item["type"] == "message" else []
        begun = {**item, "status": "in_progress", **({"content": []} if parts else {})}
        yield {"type": "response.output_item.added", **at, "item": begun}
        for number, part in enumerate(parts):
            within = {**at, "item_id": item["id"], "content_index": number}
            empty = {**part, "text": "", "annotations": []}
            yield {"type": "response.content_part.added", **within, "part": empty}
            for piece in re.findall(r"\s*\S+", part["text"]):
                yield {"type": "response.output_text.delta", **within, "delta": piece}
            yield {"type": "response.output_text.done", **within, "text": part["text"]}
        yield {"type": "response.output_item.done", **at, "item": item}
    yield {"type": "response.completed", "response": whole}


class Answers(Script):
    """A script that streams its `responses` to those who ask for a stream."""

    def answer(self, seen: Seen) -> list[bytes]:
        if not seen.target.endswith("/responses") or not seen.json().get("stream"):
            return super().answer(seen)
        self.requests.append(seen)
        number = self.counts["responses"] = self.counts.get("responses", 0) + 1
        return sse(*_events(self.responses[min(number, len(self.responses)) - 1]))


def covers(found: Any, wanted: Any) -> bool:
    """Whether `found` is `wanted`, but for keys that the page does not show.

    >>> covers({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]})
    True
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and covers(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        same = isinstance(found, list) and len(found) == len(wanted)
        return same and all(map(covers, found, wanted))
    return bool(found == wanted)


def fields(shown: str) -> dict[str, Any]:
    """Read the fields of a message as it was printed; ids are made up by each library."""
    found: dict[str, Any] = eval(shown, {"AIMessage": dict})
    return {name: value for name, value in found.items() if name != "id"}


def _module(name: str, **names: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    return module


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Put in place what the page takes from elsewhere: the terminal, Azure's library, IPython."""
    tokens = iter(f"token-{number}" for number in range(1, 100))

    class Credential:
        async def get_token(self, *scopes: str) -> Any:
            return SimpleNamespace(token=f"{next(tokens)} for {scopes[0]}")

    def provider(credential: Any, scope: str) -> Callable[[], str]:
        return lambda: f"{next(tokens)} for {scope}"

    modules = [
        _module("azure"),
        _module(
            "azure.identity", DefaultAzureCredential=object, get_bearer_token_provider=provider
        ),
        _module("azure.identity.aio", DefaultAzureCredential=Credential),
        _module("IPython"),
        _module("IPython.display", Image=lambda data, width: (data, width)),
    ]
    with (
        mock.patch("getpass.getpass", lambda prompt: f"typed-{prompt.split()[2]}"),
        mock.patch.dict(sys.modules, {module.__name__: module for module in modules}),
    ):
        yield


def outcome(one: OpenAIExample) -> Outcome:
    """Run an example against its provider; the environment is the caller's to restore."""
    with running(one, Answers(list(one.replies), responses=list(one.responses))) as found:
        one.check(found)
        return found


@contextmanager
def running(one: OpenAIExample, script: Script, then: str = "") -> Iterator[Outcome]:
    """Run an example, and `then` something more, against what `script` answers."""
    with ExitStack() as stack:
        provider = stack.enter_context(Provider({"v1": script, "openai": script}))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_stand_ins())
        for number in (1, 2):
            (folder / f"screenshot_{number}.png").write_bytes(b"\x89PNG %d" % number)
        os.environ.update(
            OPENAI_API_KEY="sk-test",
            # As its own host, so that what is known of its models holds; by way of a proxy.
            OPENAI_BASE_URL="http://loopback.openai.com/v1",
            OPENAI_PROXY=provider.at(""),
        )
        space: dict[str, Any] = {"__name__": "example"}
        words = {**one.put, "/path/to": str(folder)}

        def play(source: str, parts: Sequence[str] = ()) -> tuple[str, Any]:
            text = translated(source)
            for word, stands_for in words.items():
                text = text.replace(word, stands_for)
            return run(without(text, parts) if parts else text, space)

        for source in (one.given, *(PAGE[name] for name in one.after)):
            play(source)
        printed, value = play(one.source or "", one.without)
        if then:
            play(then)
        yield Outcome(printed, value, space, script.requests, provider)
