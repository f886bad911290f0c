"""The examples of the ChatOpenAI page against what OpenAI really answered to the same features.

A loopback OpenAI sends recorded replies, which lie beside the checkout and are no part of it.
The oracles of `tests/replay` judge each message that came of one, and what went out is compared
with what the recorded client asked: the features, and the items that go back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from conure.callbacks import BaseCallbackHandler
from conure.messages import AIMessage, AIMessageChunk, message_chunk_to_message
from conure.runnables.config import AMBIENT, ambient, merge_configs
from tests.examples import test_openai_page
from tests.examples.openai_recorded import BUILT, RECORDED, SILENT
from tests.examples.openai_table import PAGE, TABLE, OpenAIExample, running
from tests.examples.provider import Script
from tests.live.server import Seen, chunked, reply
from tests.replay import test_chat, test_responses
from tests.replay.responses_requests import items_differ
from tests.replay.traffic import body, is_stream, needs_traffic, recorded

EXAMPLES = {one.name: one for one in reversed(TABLE)}
FEATURES = (
    "audio", "background", "context_management", "modalities", "prediction",
    "previous_response_id", "prompt_cache_key", "reasoning", "response_format", "service_tier",
    "stream_options", "text", "tools", "truncation",
)  # fmt: skip
# What a client says whose example does not.
EARLIER = {"web_search_preview": "web_search", "max_output_tokens": "max_tokens"}


class Recordings(Script):
    """Answers each request with the next recording, which must be of the same kind."""

    def __init__(self, ids: Any) -> None:
        super().__init__([])
        self.records = [recorded(id, "openai.chat", "openai.responses") for id in ids]

    def answer(self, seen: Seen) -> list[bytes]:
        record = self.records[len(self.requests)]
        self.requests.append(seen)
        assert seen.target.endswith(("/responses", "/chat/completions"))
        assert is_responses(record) == seen.target.endswith("/responses")
        assert is_stream(record) == bool(seen.json().get("stream"))
        if not is_stream(record):
            return [reply(body(record))]
        return chunked(body(record), headers={"content-type": "text/event-stream"})


class Hearing(BaseCallbackHandler):
    """Keeps every message that a model answered."""

    def __init__(self) -> None:
        self.messages: list[AIMessage] = []

    def on_llm_end(self, response: Any, **_facts: Any) -> None:
        message = response.generations[0][0].message
        if isinstance(message, AIMessageChunk):
            message = message_chunk_to_message(message)
        self.messages.append(message)


@contextmanager
def heard() -> Iterator[list[AIMessage]]:
    hearing = Hearing()
    with ambient(merge_configs(AMBIENT.get(), {"callbacks": [hearing]})):
        yield hearing.messages


def before_the_agent(example: OpenAIExample) -> OpenAIExample:
    source = PAGE[example.id].partition("agent = ")[0]
    return replace(example, source=source, without=["create_agent", "ProviderStrategy"])


def is_responses(record: dict[str, Any]) -> bool:
    return record["api"].startswith("openai.responses")


@needs_traffic
@pytest.mark.parametrize("name", RECORDED)
def test_example(name: str) -> None:
    row = RECORDED[name]
    script = Recordings(row.ids)
    example = before_the_agent(EXAMPLES[name]) if row.head else EXAMPLES[name]
    with heard() as messages, running(example, script, row.then) as it:
        assert len(messages) == len(script.records) == len(it.wire)
    for record, message in zip(script.records, messages, strict=True):
        judge = test_responses if is_responses(record) else test_chat
        assert judge.judge(message, judge.said_by(record)) == []  # type: ignore[arg-type]
    for number, (record, sent) in enumerate(zip(script.records, it.wire, strict=True)):
        for feature in FEATURES:
            asked = (record["request"] or {}).get(feature)
            if asked and feature not in row.unlike:
                assert (feature, kinds(sent.get(feature))) == (feature, kinds(asked))
        if number and is_responses(record) and has_said(record["request"]["input"]):
            assert went_back(script.records[number - 1], sent["input"]) == []


def kinds(value: Any) -> Any:
    """Tell what is asked for, without the words: tools by their types, settings by their keys."""
    if isinstance(value, list):
        found = [kinds(element) for element in value]
        return [one for place, one in enumerate(found) if one not in found[:place]]
    if isinstance(value, dict):
        kind = value.get("type")
        return EARLIER.get(kind, kind) if kind else sorted(value)
    return value if isinstance(value, bool) else type(value).__name__


def has_said(asked: Any) -> bool:
    """Tell whether a recorded client sent back what the model had said."""
    items = asked if isinstance(asked, list) else []
    return any(item.get("id") and item.get("role") != "user" for item in items)


def went_back(before: dict[str, Any], sent: list[dict[str, Any]]) -> list[str]:
    """Compare what a reply said with what a request says that it said."""
    said = test_responses.said_by(before).items
    ids = {item.get("id") for item in said}
    return items_differ([item for item in sent if item.get("id") in ids], said, set())


def test_every_program_of_the_page_has_its_recording_or_its_reason() -> None:
    names = {one.name for one in test_openai_page.TABLE}
    assert RECORDED.keys() | BUILT.keys() | SILENT == names
    assert not RECORDED.keys() & BUILT.keys()
    assert not (RECORDED.keys() | BUILT.keys()) & SILENT


def test_what_is_built_says_from_what() -> None:
    assert all("https://platform.openai.com/docs/" in reason for reason in BUILT.values())
