"""What models take and give, by their names: facts of `catalogue.jsonl`, one model a line.

Its first line says when and where the facts were read; a line's own `source` comes before that.
What a source does not say is `unsure` and left out of the profile. A name that is not there, or
an edition that differs by more than a date, has no profile: then nothing is refused.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TypedDict

from msgspec import Struct, field, json

__all__ = ["Head", "ModelProfile", "Row", "alternative", "known", "profile_of", "row_of"]

MODALITIES = ("text", "image", "audio", "video", "pdf")
ABILITIES = {
    "tools": "tool_calling",
    "schema": "structured_output",
    "reasoning": "reasoning_output",
    "temperature": "temperature",
}


class ModelProfile(TypedDict, total=False):
    """What a model takes and gives. A key that is not there is not known."""

    name: str
    maker: str
    status: str
    release_date: str
    last_updated: str
    open_weights: bool
    max_input_tokens: int
    max_output_tokens: int
    text_inputs: bool
    image_inputs: bool
    image_url_inputs: bool
    audio_inputs: bool
    video_inputs: bool
    pdf_inputs: bool
    image_tool_message: bool
    pdf_tool_message: bool
    text_outputs: bool
    image_outputs: bool
    audio_outputs: bool
    video_outputs: bool
    reasoning_output: bool
    reasoning_effort_levels: list[str]
    reasoning_effort_default: str
    tool_calling: bool
    tool_choice: bool
    tool_call_streaming: bool
    structured_output: bool
    attachment: bool
    temperature: bool
    mid_conversation_system_messages: bool
    mid_conversation_tools: bool
    refuses: list[str]
    """pairs of things that are refused together, such as "schema with tools\""""
    as_of: str
    """when the facts were read, as YYYY-MM-DD"""
    source: str


class Row(Struct, frozen=True):
    """One line of the catalogue; words that stand together are separated by spaces."""

    model: str
    maker: str
    released: str
    updated: str
    reads: int
    """tokens that fit into one request"""
    writes: int
    """tokens of the longest reply"""
    takes: str = field(name="in")
    gives: str = field(name="out")
    can: str
    unsure: str = ""
    refuses: tuple[str, ...] = ()
    efforts: str = ""
    status: str = ""
    open: bool = False
    source: str = ""


class Head(Struct, frozen=True):
    """When and where the facts were read."""

    as_of: str
    source: str


@cache
def known() -> tuple[Head, dict[str, Row]]:
    """Read the catalogue: once, when the first question is asked."""
    first, *lines = Path(__file__).with_suffix(".jsonl").read_bytes().splitlines()
    read = json.Decoder(Row).decode
    rows = map(read, lines)
    return json.decode(first, type=Head), {row.model: row for row in rows}


@lru_cache(maxsize=256)
def row_of(model: str) -> Row | None:
    """Find a model's line by its name, as any provider spells it.

    >>> row_of("us.anthropic.claude-sonnet-4-5-20250929-v1:0").model
    'claude-sonnet-4-5'
    >>> row_of("openai/gpt-4.1-mini-2025-04-14").maker, row_of("gpt-4.1-of-tomorrow")
    ('openai', None)
    """
    rows = known()[1]
    name = _plain(model)
    while name not in rows:
        shorter = re.sub(BEHIND, "", name)
        if shorter == name:
            return None
        name = shorter
    return rows[name]


def profile_of(model: str) -> ModelProfile | None:
    """Give what is known of a model, or None.

    >>> profile_of("gpt-4.1")["max_output_tokens"], profile_of("gpt-3.5-turbo")["image_inputs"]
    (32768, False)
    """
    row = row_of(model)
    return None if row is None else _profile(row)


def alternative(row: Row, *, takes: str = "", can: str = "") -> str | None:
    """Name a model of the same maker and family, not on its way out, that can.

    >>> alternative(row_of("o3-mini"), takes="image")
    'o3'
    """
    family = row.model.partition("-")[0]
    fit = [
        other.model
        for other in known()[1].values()
        if other.maker == row.maker
        and other.status != "deprecated"
        and (not takes or takes in other.takes.split())
        and (not can or can in other.can.split())
    ]
    # The shortest name is the plain one: neither "-pro" nor "-preview".
    return min(fit, key=lambda name: (not name.startswith(family), len(name)), default=None)


# What providers put before a model's own name …
BEFORE = (
    r"^(?:models/|(?:us|us-gov|eu|apac|jp|au|ca|in|global)\.)?"
    r"(?:(?:amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai"
    r"|nvidia|openai|qwen|writer|xai|zai)\.)?"
)
# … and behind it: editions of the same model, revisions, ways of running it.
BEHIND = (
    r"(?:-latest|-preview|-exp|-\d{8}|-\d{4}-\d{2}-\d{2}|-\d{2}-\d{4}|-\d{2}-\d{2}|-\d{4}|-\d{3}|-0"
    r"|-v\d+|:\d+|:exacto|:floor|:free|:nitro|:online|:thinking)$"
)


def _plain(model: str) -> str:
    name = model.lower().replace("%3a", ":").replace("@", "-")
    if name.startswith("ft:"):
        name = name.split(":")[1]
    name = re.sub(BEFORE, "", name.rpartition("/")[2])
    if name.startswith("llama") and name[5:6].isdecimal():
        name = re.sub(r"^llama(\d)-(\d)-", r"llama-\1.\2-", name)
        name = re.sub(r"^llama(\d)-", r"llama-\1-", name)
    return name.replace(".", "-") if name.startswith("claude") else name


@cache
def _profile(row: Row) -> ModelProfile:
    head = known()[0]
    takes, gives, can = (set(words.split()) for words in (row.takes, row.gives, row.can))
    facts: dict[str, object] = {f"{kind}_inputs": kind in takes for kind in MODALITIES}
    facts |= {f"{kind}_outputs": kind in gives for kind in MODALITIES[:-1]}
    facts |= {key: ability in can for ability, key in ABILITIES.items()}
    for word in row.unsure.split():
        facts.pop(ABILITIES.get(word, f"{word}_inputs"), None)
    facts |= {
        "name": row.model,
        "maker": row.maker,
        "release_date": row.released,
        "last_updated": row.updated,
        "max_input_tokens": row.reads,
        "max_output_tokens": row.writes,
        "open_weights": row.open,
        "attachment": bool(takes - {"text"}),
        "as_of": head.as_of,
        "source": row.source or head.source,
    }
    if row.status:
        facts["status"] = row.status
    if row.efforts:
        facts["reasoning_effort_levels"] = row.efforts.split()
    if row.refuses:
        facts["refuses"] = list(row.refuses)
    return ModelProfile(**facts)  # pyright: ignore[reportArgumentType]
