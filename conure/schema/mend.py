"""Undo what the wire does to a value before it is validated.

Strict modes make the model write null where nothing is due: such nulls become absence, or the
default. Models write 3 for "3" and "3" for 3, and JSON within JSON: what can be meant in one way
only is read so. A value that is right as it stands stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from .form import parsed
from .kinds import KINDS, kinds_of
from .problems import Wrong
from .refs import Schema, resolved
from .scalars import SCALARS
from .validate import is_valid

__all__ = ["mended"]

COERCED = ("integer", "number", "string", "boolean")
READERS = {
    kind: SCALARS[f"builtins.{name}"][1]
    for kind, name in zip(COERCED, ("int", "float", "str", "bool"), strict=True)
}


def mended(value: Any, schema: Any, root: Schema | None = None, *, fill: bool = False) -> Any:
    """Answer the value as the schema means it; with `fill`, defaults are put in."""
    if not isinstance(schema, dict):
        return value
    known = cast("Schema", schema)
    return _Mender(known if root is None else root, fill).mend(value, known)


class _Mender:
    def __init__(self, root: Schema, fill: bool) -> None:
        self.root = root
        self.fill = fill

    def mend(self, value: Any, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return value
        known = cast("Schema", schema)
        if "$ref" in known:
            value = self.mend(value, resolved(known["$ref"], self.root))
        for branch in known.get("allOf", ()):
            value = self.mend(value, branch)
        for keyword in ("anyOf", "oneOf"):
            if keyword in known:
                value = self._branch(value, known[keyword])
        value = self._kind(value, known)
        if isinstance(value, dict):
            return self._object(cast("Schema", value), known)
        return self._array(cast("list[Any]", value), known) if isinstance(value, list) else value

    def _branch(self, value: Any, branches: list[Any]) -> Any:
        """Mend by the branch that fits as it is, else by the first that fits once mended."""
        for branch in branches:
            if is_valid(value, branch, self.root):
                return self.mend(value, branch)
        for branch in branches:
            attempt = self.mend(value, branch)
            if is_valid(attempt, branch, self.root):
                return attempt
        return value

    def _kind(self, value: Any, schema: Schema) -> Any:
        kinds = kinds_of(schema)
        choices = schema["enum"] if "enum" in schema else [schema.get("const")]
        if isinstance(value, str) and ("enum" in schema or "const" in schema):
            near = [c for c in choices if str(c).casefold() == value.casefold()]
            return near[0] if len(near) == 1 and value not in choices else value
        if not kinds or any(KINDS[kind](value) for kind in kinds if kind in KINDS):
            return _whole(value) if kinds == ["integer"] else value
        if isinstance(value, str):
            for kind, opener in (("object", "{"), ("array", "[")):
                if kind in kinds and KINDS[kind](read := parsed(value, opener, lax=True)):
                    return read
        for kind in COERCED:
            if kind in kinds:
                try:
                    return READERS[kind](value, True)
                except Wrong:
                    continue
        return value

    def _object(self, value: Schema, schema: Schema) -> Schema:
        parts: Mapping[str, Any] = schema.get("properties", {})
        others = schema.get("additionalProperties")
        mended: Schema = {}
        for key, item in value.items():
            part = parts.get(key, others if isinstance(others, dict) else True)
            if item is None and self._means_absent(key, part, schema):
                continue
            mended[key] = self.mend(item, part)
        for key, part in parts.items():
            if key not in mended and isinstance(part, dict):
                self._fill(mended, key, cast("Schema", part), schema)
        return mended

    def _means_absent(self, key: str, part: Any, schema: Schema) -> bool:
        if key in schema.get("required", ()) or key not in schema.get("properties", {}):
            return False
        return not is_valid(None, part, self.root)

    def _fill(self, mended: Schema, key: str, part: Schema, schema: Schema) -> None:
        if key in schema.get("required", ()):
            if _says_null(part):
                mended[key] = None
        elif self.fill and "default" in part:
            from copy import deepcopy

            mended[key] = deepcopy(part["default"])

    def _array(self, value: list[Any], schema: Schema) -> list[Any]:
        items = schema.get("items", {})
        first = cast(
            "list[Any]", items if isinstance(items, list) else schema.get("prefixItems", [])
        )
        rest = schema.get("additionalItems") if isinstance(items, list) else items
        part: Callable[[int], Any] = lambda n: first[n] if n < len(first) else rest  # noqa: E731
        return [self.mend(item, part(index)) for index, item in enumerate(value)]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


def _says_null(part: Schema) -> bool:
    """Say whether a schema names null, and does not merely allow anything."""
    kinds = kinds_of(part)
    if kinds:
        return "null" in kinds
    branches = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    return any(isinstance(part, dict) and _says_null(cast("Schema", part)) for part in branches)
