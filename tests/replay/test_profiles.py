"""What the catalogue says of models, against what they were recorded to take and give.

The facts are found in the raw JSON alone. What was asked for and answered is taken as possible.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

from conure.engine.possible import refuse_impossible
from conure.errors import ConfigurationError, ImpossibleRequestError
from conure.messages.coerce import to_messages
from conure.providers.catalogue import Row, profile_of, row_of
from tests.replay.test_chat import report
from tests.replay.traffic import body, load, needs_traffic

pytestmark = needs_traffic

FAMILIES = (
    "anthropic.messages",
    "bedrock.converse",
    "cohere.chat",
    "gemini.generate_content",
    "openai.chat",
    "openai.chat.compatible",
    "openai.responses",
)
MEDIA = {"image/": "image", "audio/": "audio", "video/": "video", "application/pdf": "pdf"}
TYPES = {
    "image": "image",
    "image_url": "image",
    "input_audio": "audio",
    "input_image": "image",
    "video_url": "video",
}
# How providers count what went in: the same tokens by other names.
READ = ("prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens")
WRITTEN = ("completion_tokens", "output_tokens", "candidatesTokenCount", "outputTokens")


@cache
def successes() -> list[tuple[Row, dict[str, Any]]]:
    """Every recorded success of a model that the catalogue knows."""
    found = [
        (row, record)
        for family in FAMILIES
        for record in load(family)
        if record["status"] < 300 and (row := row_of(model_of(record))) is not None
    ]
    assert found
    return found


def model_of(record: dict[str, Any]) -> str:
    request = record.get("request")
    named = request.get("model") if isinstance(request, dict) else None
    if isinstance(named, str):
        return named
    path = re.search(r"/models?/([^/?]+?)(?::(?:generate|stream|count|raw)|[/?]|$)", record["path"])
    return unquote(path[1]) if path else ""


def within(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from within(inner)


def shown(request: dict[str, Any]) -> Iterator[str]:
    """Tell what a request shows, by types and by the media types of data."""
    turns = request.get("messages") or request.get("input") or request.get("contents") or []
    for part in within([turn for turn in turns if isinstance(turn, dict)]):
        if isinstance(kind := part.get("type"), str) and kind in TYPES:
            yield TYPES[kind]
        for name in ("media_type", "mimeType", "mime_type"):
            if isinstance(mime := part.get(name), str):
                yield from (kind for start, kind in MEDIA.items() if mime.startswith(start))
        for kind in ("image", "video"):
            if isinstance(inner := part.get(kind), dict) and "format" in inner:
                yield kind


def counts(record: dict[str, Any], names: tuple[str, ...]) -> int:
    words = "|".join(names)
    found = re.findall(rf'"(?:{words})":\s*(\d+)', body(record).decode("utf-8", "replace"))
    return max(map(int, found), default=0)


def test_what_was_recorded_is_possible(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for row, record in successes():
        profile: dict[str, Any] = dict(profile_of(row.model) or {})
        request = record.get("request") or {}
        given = json.dumps(request)
        was = {f"{kind}_inputs" for kind in shown(request)}
        if re.search(r'"(?:functionDeclarations|toolSpec)"|"type": "function"', given):
            was.add("tool_calling")
        if '"json_schema"' in given or "responseJsonSchema" in given:
            was.add("structured_output")
        counted["successes"] += 1
        counted.update(was)
        unlike = [f"{row.model}: {fact}" for fact in was if profile.get(fact) is False]
        # Where the provider runs tools, it counts what each of its rounds read.
        rounds = b"server_tool_use" in body(record)
        read, written = counts(record, READ), counts(record, WRITTEN)
        if (read > row.reads and not rounds) or written > row.writes:
            unlike.append(f"{row.model}: more tokens than its limits")
        if unlike:
            wrong[record["id"]] = unlike
    seen = {row.model: row.maker for row, _ in successes()}
    counted["models"], counted["makers"] = len(seen), len(set(seen.values()))
    # A smaller set of recordings shows fewer.
    assert counted["successes"] < 4000 or (counted["models"] >= 60 and counted["makers"] >= 8)
    report(wrong, counted, record_property)


def asked(record: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Give a request as messages and settings, as a user would."""
    request = record["request"]
    turns = request.get("messages") or request["input"]
    settings = {name: value for name, value in request.items() if value is not None}
    return to_messages(turns), settings


def test_no_recorded_success_is_refused(record_property: Any) -> None:
    wrong: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for row, record in successes():
        request = record.get("request") or {}
        if not (request.get("messages") or request.get("input")):
            continue
        try:
            messages, settings = asked(record)
        except ConfigurationError:
            continue
        counted["successes"] += 1
        try:
            refuse_impossible(profile_of(row.model) or {}, row.model, messages, settings)
        except ImpossibleRequestError as error:
            wrong[record["id"]] = [str(error)]
    report(wrong, counted, record_property)


def test_what_was_refused_for_its_kind_is_refused_here() -> None:
    """Recorded refusals that a profile can foresee: a forced tool while thinking, pictures."""
    found: Counter[str] = Counter()
    for record in load("openai.chat.compatible"):
        said = body(record).decode("utf-8", "replace")
        row = row_of(model_of(record))
        if record["status"] != 400 or row is None:
            continue
        if "Thinking mode does not support" in said or "unknown variant `image_url`" in said:
            messages, settings = asked(record)
            try:
                refuse_impossible(profile_of(row.model) or {}, row.model, messages, settings)
            except ImpossibleRequestError:
                found["foreseen"] += 1
            else:
                found[record["id"]] += 1
    assert set(found) <= {"foreseen"}
