"""What recorded traffic shows of each vendor: `python -m tests.replay.vendors` writes it down.

A line counts as passed where its answer, asked for through the vendor's own row or class over a
real socket, is judged right; a request where it goes out as it was recorded; reasoning as sent
back where all of it stands in the next turn. `docs/_generate.py` makes pages of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from conure.errors import ConfigurationError
from conure.messages import HumanMessage, assemble
from conure.protocols.openai_chat import PROTOCOL
from tests.replay import (
    test_anthropic_public,
    test_bedrock_anthropic,
    test_bedrock_public,
    test_chat_public,
    test_chat_requests,
    test_cohere_public,
    test_gemini_public,
    test_ollama_public,
    test_responses_public,
)
from tests.replay.chat_requests import differences
from tests.replay.test_chat import decode, dialect_of, row_of, said_by, successes
from tests.replay.traffic import chat

__all__ = ["RECORDED", "Table", "lines_of", "table", "written"]

RECORDED = Path(__file__).parents[2] / "docs" / "providers" / "recorded.json"

Table = dict[str, dict[str, dict[str, list[int]]]]
"""row -> protocol -> what -> how many lines, how many passed"""

# What the lines are tagged with -> what it is called on the pages, in this order.
TAGS = {
    "tool_calls": "tool calls",
    "parallel_tool_calls": "several calls at once",
    "tool_choice": "a tool forced or forbidden",
    "reasoning": "reasoning",
    "reasoning_signature": "signed reasoning",
    "reasoning_encrypted": "sealed reasoning",
    "citations": "citations",
    "web_search": "searching the web",
    "structured_output": "answers held to a JSON Schema",
    "json_mode": "JSON without a schema",
    "image_in": "images in the request",
    "pdf_in": "documents in the request",
    "audio_in": "sound in the request",
    "video_in": "video in the request",
    "image_out": "images in the answer",
    "audio_out": "sound in the answer",
    "logprobs": "log probabilities",
    "multi_choice": "several choices",
    "refusal": "refusals",
    "finish_length": "answers cut off by the limit",
    "prompt_caching": "cached input",
    "provider_routing": "routing to providers",
}


# The API, as it is called on the pages -> what asks for its recorded answers.
ASKED: dict[str, Callable[[str], list[tuple[dict[str, Any], str, list[str]]]]] = {
    "Chat Completions": test_chat_public.results,
    "Responses": test_responses_public.results,
    "Anthropic Messages": lambda colour: [
        *test_anthropic_public.results(colour),
        *test_bedrock_anthropic.results(colour),
    ],
    "generateContent": test_gemini_public.results,
    "Bedrock Converse": test_bedrock_public.results,
    "Cohere": test_cohere_public.results,
    "Ollama": test_ollama_public.results,
}


def table() -> Table:
    """Count lines and those that passed, by vendor."""
    found: Table = defaultdict(lambda: defaultdict(dict))
    for row, protocol, what, passed in _marks():
        counts = found[row][protocol].setdefault(what, [0, 0])
        counts[0] += 1
        counts[1] += passed
    return {row: {name: dict(found[row][name]) for name in found[row]} for row in sorted(found)}


def lines_of(counts: dict[str, list[int]]) -> tuple[int, int]:
    """Add up the lines of a vendor, each of which is one kind of answer."""
    kinds = [counts[kind] for kind in ANSWERS if kind in counts]
    return sum(kind[0] for kind in kinds), sum(kind[1] for kind in kinds)


ANSWERS = ("whole", "streamed", "broken off", "error replies", "errors inside a 200")


def _marks() -> Iterator[tuple[str, str, str, bool]]:
    """Tell of each line: the row, the protocol, what it shows, and whether that is right."""
    for protocol, results in ASKED.items():
        marks: list[tuple[str, str, str, bool]] = []
        for record, kind, wrong in results("sync"):
            row = row_of(record)
            marks += [(row, protocol, what, not wrong) for what in (kind, *_shown(record))]
        yield from sorted(marks, key=lambda mark: PLACES[mark[2]])
    for record in chat():
        if (record.get("request") or {}).get("messages"):
            yield row_of(record), "Chat Completions", "requests sent as recorded", _sent(record)
    for record in successes():
        said = said_by(record)
        if said.error is None and (said.reasoning or said.details):
            back = "reasoning sent back in the next turn"
            yield row_of(record), "Chat Completions", back, _returned(record)


def _shown(record: dict[str, Any]) -> list[str]:
    if record["status"] >= 300:
        return []
    return [name for tag, name in TAGS.items() if tag in record["features"]]


PLACES = {name: place for place, name in enumerate((*ANSWERS, *TAGS.values()))}


def _sent(record: dict[str, Any]) -> bool:
    try:
        encoded = test_chat_requests.encode(record)
    except ConfigurationError as error:
        return test_chat_requests.REFUSED.get(record["id"], "?") in str(error)
    given = record["request"]
    _, unlike = differences(encoded.body, {**given, "model": given.get("model") or "deployment"})
    return not unlike


def _returned(record: dict[str, Any]) -> bool:
    dialect = dialect_of(record)
    history = [HumanMessage("before"), assemble(decode(record), provider="some")]
    turn = PROTOCOL.encode("m", history, {}, False, dialect).body["messages"][1]
    return dialect.replays != () and not test_chat_requests.missing(turn, said_by(record), dialect)


def written(found: Table) -> str:
    """Write the table down, a line for each thing that was seen."""
    rows: list[str] = []
    for row, protocols in found.items():
        inner = ",\n".join(
            f'    "{protocol}": {{\n'
            + ",\n".join(f"      {json.dumps(w)}: {json.dumps(n)}" for w, n in counts.items())
            + "\n    }"
            for protocol, counts in protocols.items()
        )
        rows.append(f'  "{row}": {{\n{inner}\n  }}')
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    RECORDED.write_text(written(table()), encoding="utf-8")
