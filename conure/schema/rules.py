"""What each provider's strict mode takes of JSON Schema, as its documentation says.

A row is all a provider needs. What a row does not allow is rewritten where that can be done
without refusing a right answer, left to our own validation where it is a mere bound, and
refused with its path where neither helps: see `subset`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["ANTHROPIC", "BEDROCK", "GEMINI", "OPENAI", "RULES", "Limits", "Rules"]


class Limits(Struct, frozen=True):
    """How large one schema may be; 0 where nothing is said."""

    depth: int = 0
    """objects within objects"""
    properties: int = 0
    choices: int = 0
    """values of all enums together"""
    characters: int = 0
    """of all property names, definition names and choices together"""
    long_choices: int = 0
    """characters of one enum that has more than 250 values"""
    optional: int = 0
    """properties that are not required"""
    unions: int = 0
    """properties of more than one type"""


class Rules(Struct, frozen=True, kw_only=True):
    """The subset of JSON Schema that one strict mode takes."""

    name: str
    url: str
    keywords: frozenset[str]
    """of those that bound a value or say something about it; the structure is always there"""
    formats: frozenset[str]
    choices: frozenset[str] = frozenset({"string", "number", "integer", "boolean", "null"})
    """kinds of values that an enum may list"""
    all_required: bool = False
    """every property must be required: what may be left out becomes nullable"""
    closed: bool = True
    """objects must forbid further keys: free keys cannot be had"""
    recursion: Literal["yes", "optional", "no"] = "yes"
    """whether a type may mention itself; or in properties that are not required only"""
    tuples: bool = False
    most_min_items: int | None = None
    limits: Limits = Limits()

    def __repr__(self) -> str:
        return f"Rules({self.name!r})"


OPENAI = Rules(
    # `$ref` stands alone, and patterns must not look around, although the page does not say so:
    # the API answers 400. https://community.openai.com/t/918388 on how its limits count.
    name="OpenAI's strict mode",
    url="https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas",
    keywords=frozenset(
        {
            "const",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "format",
            "maxItems",
            "maximum",
            "minItems",
            "minimum",
            "multipleOf",
            "pattern",
            "title",
        }
    ),
    formats=frozenset(
        {
            "date",
            "date-time",
            "duration",
            "email",
            "hostname",
            "ipv4",
            "ipv6",
            "time",
            "uuid",
        }
    ),
    all_required=True,
    limits=Limits(
        depth=10, properties=5_000, choices=1_000, characters=120_000, long_choices=15_000
    ),
)

ANTHROPIC = Rules(
    name="Claude's strict mode",
    url="https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations",
    keywords=frozenset({"const", "default", "format", "minItems", "pattern", "title"}),
    formats=OPENAI.formats | {"uri"},
    recursion="no",
    most_min_items=1,
    limits=Limits(optional=24, unions=16),
)

BEDROCK = Rules(
    name="Bedrock's strict mode",
    url="https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html",
    keywords=frozenset({"const", "default", "format", "minItems", "title"}),
    formats=OPENAI.formats | {"uri"},
    recursion="no",
    most_min_items=1,
)

GEMINI = Rules(
    # "Cyclic references ... may only be used within non-required properties", and
    # "If $ref is set on a sub-schema, no other properties ... may be set".
    name="Gemini's schema mode",
    url="https://ai.google.dev/api/generate-content#FIELDS.response_json_schema",
    keywords=frozenset({"format", "maxItems", "maximum", "minItems", "minimum", "title"}),
    formats=frozenset({"date", "date-time", "time"}),
    choices=frozenset({"string", "number", "integer"}),
    closed=False,
    recursion="optional",
    tuples=True,
)

RULES = {"anthropic": ANTHROPIC, "bedrock": BEDROCK, "gemini": GEMINI, "openai": OPENAI}
