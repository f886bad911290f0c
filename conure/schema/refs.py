"""Walking through a JSON Schema: its parts, and what its references mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast
from urllib.parse import unquote

from .problems import SchemaError

__all__ = ["Schema", "inlined", "leads_back", "mapped", "parts_of", "pruned", "renamed", "resolved"]

Schema: TypeAlias = dict[str, Any]

SINGLE = (
    "items",
    "additionalProperties",
    "additionalItems",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
    "if",
    "then",
    "else",
)
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")


def mapped(schema: Schema, change: Callable[[Any], Any]) -> Schema:
    """Copy a schema with each of its direct parts changed."""
    copy = dict(schema)
    for keyword in SINGLE:
        if isinstance(copy.get(keyword), dict):
            copy[keyword] = change(copy[keyword])
    for keyword in LISTS:
        if isinstance(copy.get(keyword), list):
            copy[keyword] = [change(part) for part in copy[keyword]]
    for keyword in MAPS:
        if isinstance(copy.get(keyword), Mapping):
            copy[keyword] = {name: change(part) for name, part in copy[keyword].items()}
    return copy


def parts_of(schema: Schema) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each direct part of a schema with the keys that lead to it."""
    for keyword in SINGLE:
        if isinstance(schema.get(keyword), (dict, bool)):
            yield (keyword,), schema[keyword]
    for keyword in LISTS:
        if isinstance(schema.get(keyword), list):
            for index, part in enumerate(schema[keyword]):
                yield (keyword, str(index)), part
    for keyword in MAPS:
        if isinstance(schema.get(keyword), Mapping):
            for name, part in schema[keyword].items():
                yield (keyword, name), part


def resolved(reference: str, root: Schema) -> Any:
    """Find what a reference within a schema means.

    >>> resolved("#/$defs/Age", {"$defs": {"Age": {"type": "integer"}}})
    {'type': 'integer'}
    """
    if not reference.startswith("#"):
        raise SchemaError(f"a reference out of the schema cannot be followed: {reference}")
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key) if isinstance(found, list) else key]
        except (LookupError, ValueError, TypeError):
            raise SchemaError(f"the reference {reference} leads nowhere") from None
    return found


def renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """Let references follow definitions that got another name."""

    def change(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        copy = mapped(cast("Schema", part), change)
        head, _, name = str(copy.get("$ref", "")).rpartition("/")
        if name in names:
            copy["$ref"] = f"{head}/{names[name]}"
        return copy

    return change(schema)


def inlined(schema: Schema) -> Schema:
    """Put definitions where they are referred to; those that mention themselves stay."""

    def change(part: Any, inside: tuple[str, ...]) -> Any:
        if not isinstance(part, dict):
            return part
        copy = cast("Schema", part)
        reference = copy.get("$ref")
        if isinstance(reference, str) and reference not in inside and reference != "#":
            beside = {key: value for key, value in copy.items() if key != "$ref"}
            target = resolved(reference, schema)
            if not _mentions(target, reference, schema, set()):
                return change({**target, **beside}, (*inside, reference))
        return mapped(copy, lambda deeper: change(deeper, inside))

    return pruned(change(schema, ()))


def leads_back(reference: str, root: Schema) -> bool:
    """Say whether what a reference means mentions it again."""
    return reference == "#" or _mentions(resolved(reference, root), reference, root, set())


def pruned(schema: Schema) -> Schema:
    """Leave out definitions that nobody refers to."""
    used: set[str] = set()
    _collect({k: v for k, v in schema.items() if k not in ("$defs", "definitions")}, schema, used)
    copy = dict(schema)
    for keyword in ("$defs", "definitions"):
        kept = {
            name: part
            for name, part in schema.get(keyword, {}).items()
            if any(r == f"#/{keyword}/{name}" or r.startswith(f"#/{keyword}/{name}/") for r in used)
        }
        copy.pop(keyword, None)
        if kept:
            copy[keyword] = kept
    return copy


def _collect(part: Any, root: Schema, used: set[str]) -> None:
    if not isinstance(part, dict):
        return
    schema = cast("Schema", part)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in used:
        used.add(reference)
        if reference != "#":
            _collect(resolved(reference, root), root, used)
    for _, deeper in parts_of(schema):
        _collect(deeper, root, used)


def _mentions(part: Any, reference: str, root: Schema, seen: set[str]) -> bool:
    """Say whether a schema leads back to a reference."""
    if not isinstance(part, dict):
        return False
    schema = cast("Schema", part)
    own = schema.get("$ref")
    if isinstance(own, str):
        if own in (reference, "#"):
            return True
        if own not in seen:
            seen.add(own)
            if _mentions(resolved(own, root), reference, root, seen):
                return True
    return any(_mentions(deeper, reference, root, seen) for _, deeper in parts_of(schema))
