"""A small JSON Schema validator: every problem of a value, in words a model can act on.

Draft 2020-12, as far as schemas for models go, with the older spellings that are still met
(`definitions`, `items` as a list, `nullable`). Each keyword is a row of KEYWORDS.
https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

from .kinds import KINDS, kinds_of, same
from .problems import Path, Wrong, shown
from .refs import Schema, resolved
from .scalars import SCALARS

__all__ = ["KEYWORDS", "is_valid", "problems_in"]

Found: TypeAlias = Iterator[tuple[Path, str]]
Check: TypeAlias = Callable[[Any, Any, Schema, Schema], Found]
"""(value, the keyword's argument, the schema it stands in, the root schema)"""


ARTICLES = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "null": "null",
    "array": "an array",
    "object": "an object",
}
FORMATS = {
    keywords["format"]: reader for keywords, reader in SCALARS.values() if "format" in keywords
}
"""format -> the reader that tells whether a text is of it; other formats are not checked"""


def problems_in(value: Any, schema: Any, root: Schema | None = None) -> Found:
    """Yield (path, message) for everything that is wrong with a value."""
    if schema is False:
        yield (), "must not be there"
    if not isinstance(schema, dict):
        return
    known = cast("Schema", schema)
    root = known if root is None else root
    if known.get("nullable") is True and value is None:
        return
    wrong_kind = False
    present = [keyword for keyword in known if keyword in KEYWORDS]
    if len(present) > 1:
        present.sort(key=ORDER.__getitem__)
    for keyword in present:
        if not (wrong_kind and keyword not in ("type", "enum", "const")):
            for problem in KEYWORDS[keyword](value, known[keyword], known, root):
                wrong_kind = wrong_kind or keyword == "type"
                yield problem
                if keyword in ("type", "enum", "const"):
                    return


def is_valid(value: Any, schema: Any, root: Schema | None = None) -> bool:
    """Say whether nothing is wrong with a value."""
    return next(problems_in(value, schema, root), None) is None


def _under(key: str | int, problems: Found) -> Found:
    for path, message in problems:
        yield (key, *path), message


def _say(bad: Any, wanted: str, value: Any) -> Found:
    if bad:
        yield (), f"must be {wanted}, not {shown(value)}"


def _type(value: Any, _: Any, schema: Schema, _root: Schema) -> Found:
    kinds = kinds_of(schema)
    if not any(KINDS[kind](value) for kind in kinds if kind in KINDS):
        yield from _say(True, " or ".join(ARTICLES.get(kind, kind) for kind in kinds), value)


def _enum(value: Any, choices: Any, _schema: Schema, _root: Schema) -> Found:
    if not any(same(value, choice) for choice in choices):
        yield from _say(True, "one of " + ", ".join(map(shown, choices)), value)


def _const(value: Any, constant: Any, _schema: Schema, _root: Schema) -> Found:
    yield from _say(not same(value, constant), shown(constant), value)


def _ref(value: Any, reference: str, _schema: Schema, root: Schema) -> Found:
    yield from problems_in(value, resolved(reference, root), root)


def _all_of(value: Any, branches: Any, _schema: Schema, root: Schema) -> Found:
    for branch in branches:
        yield from problems_in(value, branch, root)


def _any_of(value: Any, branches: Any, _schema: Schema, root: Schema) -> Found:
    found = [list(problems_in(value, branch, root)) for branch in branches]
    if all(found):
        deep = [problems for problems in found if all(path for path, _ in problems)]
        if deep:
            yield from min(deep, key=len)
        else:
            words = dict.fromkeys(m for problems in found for path, m in problems if not path)
            yield (), _either(list(words), value)


def _either(words: list[str], value: Any) -> str:
    wanted = [word.removeprefix("must be ").partition(", not ")[0] for word in words]
    return f"must be {' or '.join(wanted)}, not {shown(value)}"


def _one_of(value: Any, branches: Any, schema: Schema, root: Schema) -> Found:
    fitting = sum(is_valid(value, branch, root) for branch in branches)
    if not fitting:
        yield from _any_of(value, branches, schema, root)
    elif fitting > 1:
        yield (), "must fit exactly one of the alternatives, not several"


def _not(value: Any, other: Any, _schema: Schema, root: Schema) -> Found:
    if is_valid(value, other, root):
        yield (), f"must not be {shown(value)}"


def _if(value: Any, condition: Any, schema: Schema, root: Schema) -> Found:
    then = "then" if is_valid(value, condition, root) else "else"
    yield from problems_in(value, schema.get(then, {}), root)


def _format(value: Any, name: str, _schema: Schema, _root: Schema) -> Found:
    if isinstance(value, str) and name in FORMATS:
        try:
            FORMATS[name](value, False)
        except Wrong as wrong:
            yield from wrong.problems


def _bound(wanted: str, holds: Callable[[Any, Any], bool], kind: str) -> Check:
    def check(value: Any, bound: Any, _schema: Schema, _root: Schema) -> Found:
        if KINDS[kind](value) and not holds(value, bound):
            found = f", not {shown(value)}" if kind in ("string", "number") else ""
            yield (), f"must {wanted.format(bound)}{found}"

    return check


def _is_multiple(value: Any, of: Any) -> bool:
    quotient = value / of
    return abs(quotient - round(quotient)) < 1e-9


def _is_unique(value: list[Any], wanted: Any) -> bool:
    if wanted is not True:
        return True
    return not any(same(item, other) for n, item in enumerate(value) for other in value[:n])


def _required(value: Any, keys: Any, _schema: Schema, _root: Schema) -> Found:
    if isinstance(value, dict):
        for key in keys:
            if key not in value:
                yield (key,), "is missing"


def _properties(value: Any, parts: Any, _schema: Schema, root: Schema) -> Found:
    if isinstance(value, dict):
        for key, part in parts.items():
            if key in value:
                yield from _under(key, problems_in(cast("Any", value[key]), part, root))


def _pattern_properties(value: Any, parts: Any, _schema: Schema, root: Schema) -> Found:
    if isinstance(value, dict):
        for key, item in cast("Schema", value).items():
            for pattern, part in parts.items():
                if re.search(pattern, key):
                    yield from _under(key, problems_in(item, part, root))


def _additional(value: Any, part: Any, schema: Schema, root: Schema) -> Found:
    if isinstance(value, dict):
        for key, item in cast("Schema", value).items():
            patterns = schema.get("patternProperties", {})
            if key in schema.get("properties", {}) or any(re.search(p, key) for p in patterns):
                continue
            if part is False:
                yield (key,), "is not known"
            else:
                yield from _under(key, problems_in(item, part, root))


def _names(value: Any, part: Any, _schema: Schema, root: Schema) -> Found:
    if isinstance(value, dict):
        for key in cast("Schema", value):
            yield from _under(key, problems_in(key, part, root))


def _dependent(value: Any, needs: Any, _schema: Schema, _root: Schema) -> Found:
    if isinstance(value, dict):
        for key, needed in needs.items():
            missing = [other for other in needed if other not in value]
            if key in value:
                yield from (((other,), f'is missing: "{key}" needs it') for other in missing)


def _items(value: Any, part: Any, schema: Schema, root: Schema) -> Found:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if isinstance(part, list):
            yield from _prefix(value, part, schema, root)
            part = schema.get("additionalItems", True)
            start = len(schema["items"])
        else:
            start = len(schema.get("prefixItems", ()))
        for index, item in enumerate(items[start:], start):
            yield from _under(index, problems_in(item, part, root))


def _prefix(value: Any, parts: Any, _schema: Schema, root: Schema) -> Found:
    if isinstance(value, list):
        for index, (item, part) in enumerate(zip(cast("list[Any]", value), parts, strict=False)):
            yield from _under(index, problems_in(item, part, root))


def _contains(value: Any, part: Any, schema: Schema, root: Schema) -> Found:
    if isinstance(value, list):
        count = sum(is_valid(item, part, root) for item in cast("list[Any]", value))
        if not schema.get("minContains", 1) <= count <= schema.get("maxContains", count):
            yield (), f"must contain another number of fitting items than {count}"


KEYWORDS: dict[str, Check] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "$ref": _ref,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "format": _format,
    "minLength": _bound("be of length {} or more", lambda v, b: len(v) >= b, "string"),
    "maxLength": _bound("be of length {} or less", lambda v, b: len(v) <= b, "string"),
    "pattern": _bound("match the pattern {}", lambda v, b: re.search(b, v) is not None, "string"),
    "minimum": _bound("be {} or more", lambda v, b: v >= b, "number"),
    "maximum": _bound("be {} or less", lambda v, b: v <= b, "number"),
    "exclusiveMinimum": _bound("be greater than {}", lambda v, b: v > b, "number"),
    "exclusiveMaximum": _bound("be less than {}", lambda v, b: v < b, "number"),
    "multipleOf": _bound("be a multiple of {}", _is_multiple, "number"),
    "minItems": _bound("have {} items or more", lambda v, b: len(v) >= b, "array"),
    "maxItems": _bound("have {} items or less", lambda v, b: len(v) <= b, "array"),
    "uniqueItems": _bound("have no item twice", _is_unique, "array"),
    "minProperties": _bound("have {} keys or more", lambda v, b: len(v) >= b, "object"),
    "maxProperties": _bound("have {} keys or less", lambda v, b: len(v) <= b, "object"),
    "required": _required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "dependentRequired": _dependent,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
}
ORDER = {keyword: place for place, keyword in enumerate(KEYWORDS)}
"""keyword -> when it is looked at: kinds before bounds"""
