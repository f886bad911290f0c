"""The leaves of a narrowed schema: bounds, choices and words.

A bound that a provider does not know is told the model in words, at the end of the description;
the answer is validated against it all the same.
"""

from __future__ import annotations

import re
from typing import Any, cast

from .kinds import KINDS, kinds_of
from .problems import shown
from .refs import Schema
from .rules import Rules

__all__ = ["bounded", "choices_of", "inferred", "said_of"]

BOUNDS = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matching {}",
    "format": "format: {}",
    "contentEncoding": "written as {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}
"""keyword -> how it is said in words"""

ABOUT = {
    "string": ("minLength", "maxLength", "pattern", "format", "contentEncoding"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
ABOUT["integer"] = ABOUT["number"]

LOOKING_AROUND = re.compile(r"\(\?[=!<]|\\[bB]|\\[1-9]|\(\?P")
"""what the regular expressions of grammars do not have"""


def bounded(kind: str, schema: Schema, rules: Rules) -> Schema:
    """Make a schema of one simple type, with those of its bounds that may be sent."""
    narrowed: Schema = {"type": kind}
    notes: list[str] = []
    for keyword in ABOUT.get(kind, ()):
        argument = schema.get(keyword)
        if argument is None or argument is False:
            continue
        if _may_be_sent(keyword, argument, rules):
            narrowed[keyword] = argument
            continue
        if keyword == "minItems" and rules.most_min_items is not None:
            narrowed[keyword] = min(argument, rules.most_min_items)
        notes.append(_in_words(keyword, argument))
    return narrowed | said_of(schema, rules, notes)


def said_of(schema: Schema, rules: Rules, notes: list[str] | None = None) -> Schema:
    """Answer the words of a schema, with notes at the end of its description."""
    notes = list(notes or ())
    default = schema.get("default")
    words: Schema = {}
    if isinstance(schema.get("title"), str) and "title" in rules.keywords:
        words["title"] = schema["title"]
    if default is not None and "default" not in rules.keywords:
        notes.append(f"default: {shown(default)}")
    description = schema.get("description") or ""
    if notes:
        added = "; ".join(notes)
        description = (
            f"{description} ({added})" if description else f"{added[0].upper()}{added[1:]}"
        )
    if description:
        words["description"] = description
    if default is not None and "default" in rules.keywords:
        words["default"] = default
    return words


def choices_of(schema: Schema, rules: Rules) -> list[Schema]:
    """One schema per kind of value that an `enum` or `const` lists; none for complex values."""
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    if "enum" in schema and "const" in schema:
        values = [value for value in values if value == schema["const"]]
    allowed = kinds_of(schema)
    by_kind: dict[str, list[Any]] = {}
    for value in values:
        kind = _kind_of(value)
        if kind is None:
            return []
        fits = not allowed or any(KINDS[name](value) for name in allowed)
        if fits:
            by_kind.setdefault(kind, []).append(value)
    if {"integer", "number"} <= by_kind.keys():
        by_kind["number"] = [*by_kind.pop("integer"), *by_kind["number"]]
    return [_choice(kind, values, "const" in schema, rules) for kind, values in by_kind.items()]


def inferred(schema: Schema) -> str | None:
    """Find the type of a schema, from its keywords where it does not say."""
    kinds = kinds_of(schema)
    if kinds:
        return kinds[0] if len(kinds) == 1 else None
    for kind, keywords in SIGNS.items():
        if any(keyword in schema for keyword in keywords):
            return kind
    return None


SIGNS: dict[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentEncoding"),
    "number": ABOUT["number"],
}


def _choice(kind: str, values: list[Any], constant: bool, rules: Rules) -> Schema:
    if kind == "null":
        return {"type": "null"}
    if kind not in rules.choices:
        return {"type": kind}
    if constant and "const" in rules.keywords:
        return {"type": kind, "const": values[0]}
    return {"type": kind, "enum": values}


def _kind_of(value: Any) -> str | None:
    for kind in ("string", "boolean", "integer", "number", "null"):
        if KINDS[kind](value):
            return kind if kind != "integer" or isinstance(value, int) else "number"
    return None


def _may_be_sent(keyword: str, argument: Any, rules: Rules) -> bool:
    if keyword not in rules.keywords:
        return False
    if keyword == "format":
        return argument in rules.formats
    if keyword == "pattern":
        return not LOOKING_AROUND.search(cast("str", argument))
    if keyword == "minItems" and rules.most_min_items is not None:
        return argument <= rules.most_min_items
    return True


def _in_words(keyword: str, argument: Any) -> str:
    if keyword == "uniqueItems":
        return "no item twice"
    return BOUNDS[keyword].format(argument)
