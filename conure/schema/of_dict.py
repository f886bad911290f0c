"""JSON Schemas that users write themselves: checked, then validated against."""

from __future__ import annotations

from typing import Any, cast

from .check import check_schema
from .form import Definitions, Form, name_of
from .mend import mended
from .problems import Wrong
from .quick import copied, quick_look
from .refs import Schema, mapped, resolved
from .validate import is_valid, problems_in

__all__ = ["SchemaForm", "read_dict"]


class SchemaForm(Form):
    """A JSON Schema as it was written; values are read as JSON's own kinds."""

    def __init__(self, own: Schema, root: Schema | None = None) -> None:
        self.own = own
        self.root = own if root is None else root
        self.nullable = is_valid(None, own, self.root)
        # Only of the whole: parts are looked at when they are.
        self._look = quick_look(own) if root is None else None

    def schema(self, defs: Definitions) -> dict[str, Any]:
        definitions = {**self.root.get("definitions", {}), **self.root.get("$defs", {})}
        for name, part in definitions.items():
            defs.schemas[name] = _modern(part)
        hidden = ("$defs", "definitions", "$schema", "$id")
        return _modern({key: part for key, part in self.own.items() if key not in hidden})

    def read(self, value: Any, lax: bool) -> Any:
        if self._look is not None and self._look(value):
            return copied(value)
        if lax:
            value = mended(value, self.own, self.root, fill=True)
        if problems := list(problems_in(value, self.own, self.root)):
            raise Wrong(problems)
        return value

    def at(self, key: str | int) -> Form | None:
        part = self.own
        while "$ref" in part:
            part = resolved(part["$ref"], self.root)
        if isinstance(key, int):
            first = part.get("prefixItems", [])
            found = first[key] if key < len(first) else part.get("items")
        else:
            found = part.get("properties", {}).get(key, part.get("additionalProperties"))
        return SchemaForm(cast("Schema", found), self.root) if isinstance(found, dict) else None


def read_dict(schema: Schema) -> tuple[Form, str, str | None]:
    """Answer the form, name and description of a JSON Schema, or of one in its envelope.

    OpenAI's function dicts and `response_format` dicts carry a schema with a name.
    """
    envelope = schema
    for key in ("json_schema", "function"):
        if isinstance(envelope.get(key), dict):
            envelope = envelope[key]
    name, description = envelope.get("name"), envelope.get("description")
    for key in ("schema", "parameters", "input_schema"):
        if isinstance(envelope.get(key), dict) and isinstance(name, str):
            schema = envelope[key]
    check_schema(schema)
    title = schema.get("title")
    name = name if isinstance(name, str) else title if isinstance(title, str) else "answer"
    said = description if isinstance(description, str) else None
    return SchemaForm(schema), _safe(name), said


def _safe(name: str) -> str:
    return name_of(type(name, (), {})) or "answer"


def _modern(part: Any) -> Any:
    """Draft 7's place for definitions becomes that of draft 2020-12."""
    if not isinstance(part, dict):
        return part
    copy = mapped(part, _modern)  # pyright: ignore[reportUnknownArgumentType]
    reference = copy.get("$ref")
    if isinstance(reference, str):
        copy["$ref"] = reference.replace("#/definitions/", "#/$defs/", 1)
    return copy
