"""A form: what the JSON of a type looks like, told in both directions.

Every form can say its JSON Schema and read a JSON value back. Reading is exact first (`lax`
false: JSON's own kinds only) so that unions find their branch, then lax: "3" for 3, 3 for "3".
Values that already are of the wanted Python type are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, get_args, get_origin

from .problems import Wrong
from .refs import Schema, renamed

__all__ = [
    "AnyForm",
    "Definitions",
    "Form",
    "NamedForm",
    "Note",
    "NotedForm",
    "json_of",
    "name_of",
    "parsed",
]


class Form:
    """What the JSON of a type looks like."""

    nullable = False
    """whether null is a value of the type"""
    optional = False
    """whether null is one by name: `T | None`; a missing value is then read as null"""

    def schema(self, defs: Definitions) -> dict[str, Any]:
        """Answer the JSON Schema; types with a name go to `defs` and are referred to."""
        raise NotImplementedError

    def read(self, value: Any, lax: bool) -> Any:
        """Answer the Python value, or raise `Wrong`."""
        raise NotImplementedError

    def at(self, key: str | int) -> Form | None:
        """Answer the form of what is under a key or index, None where nothing is."""
        del key
        return None


class Definitions:
    """The `$defs` of one schema: a unique name for each form, found once."""

    def __init__(self) -> None:
        self.schemas: dict[str, dict[str, Any]] = {}
        self._names: dict[int, str] = {}
        self._kept: list[Form] = []

    def refer(
        self, form: Form, name: str, make: Callable[[Definitions], dict[str, Any]]
    ) -> dict[str, Any]:
        """Answer a `$ref` to the form's schema, made when it is first needed."""
        known = self._names.get(id(form))
        if known is None:
            known = self._unused(name)
            self._names[id(form)] = known
            self._kept.append(form)
            self.schemas[known] = {}
            self.schemas[known] = make(self)
        return {"$ref": f"#/$defs/{known}"}

    def adopt(self, parts: dict[str, Schema]) -> dict[str, str]:
        """Take in definitions that refer to each other; answers those that got another name."""
        names: dict[str, str] = {}
        while taken := [
            name
            for name, part in parts.items()
            if name not in names and self.schemas.get(name, part) != renamed(part, names)
        ]:
            names |= {name: self._unused(name) for name in taken}
        for name, part in parts.items():
            self.schemas[names.get(name, name)] = renamed(part, names)
        return names

    def _unused(self, name: str) -> str:
        number, free = 1, name
        while free in self.schemas:
            number += 1
            free = f"{name}_{number}"
        return free


class AnyForm(Form):
    """Anything at all."""

    nullable = True

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        return {}

    def read(self, value: Any, lax: bool) -> Any:
        del lax
        return value


class NamedForm(Form):
    """A type known by a name, which may mention itself: `type Tree = list[Tree]`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.target: Form = AnyForm()

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return defs.refer(self, self.name, self.target.schema)

    def read(self, value: Any, lax: bool) -> Any:
        return self.target.read(value, lax)

    def at(self, key: str | int) -> Form | None:
        return self.target.at(key)


class Note(NamedTuple):
    """What is said about a value beyond its type."""

    description: str | None = None
    title: str | None = None
    examples: list[Any] | None = None
    extra: dict[str, Any] | None = None

    def keywords(self) -> dict[str, Any]:
        said = {"title": self.title, "description": self.description, "examples": self.examples}
        return {key: value for key, value in said.items() if value} | (self.extra or {})


class NotedForm(Form):
    """A form with something said about it."""

    def __init__(self, form: Form, note: Note) -> None:
        self.form = form
        self.note = note
        self.nullable = form.nullable
        self.optional = form.optional

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {**self.form.schema(defs), **self.note.keywords()}

    def read(self, value: Any, lax: bool) -> Any:
        return self.form.read(value, lax)

    def at(self, key: str | int) -> Form | None:
        return self.form.at(key)


def parsed(value: Any, opener: str, lax: bool) -> Any:
    """Read JSON within JSON, as models sometimes write it: `"[1, 2]"` where an array is due."""
    if lax and isinstance(value, str) and value.lstrip()[:1] == opener:
        from msgspec import DecodeError, json

        try:
            return json.decode(value)
        except DecodeError:
            return value
    return value


def json_of(value: Any) -> Any:
    """Write a Python value as JSON's own kinds; `Wrong` when that cannot be done."""
    from msgspec import to_builtins

    try:
        return to_builtins(value, enc_hook=_foreign, str_keys=True)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise Wrong(str(error)) from None


def _foreign(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    if hasattr(value, "__fspath__"):
        return value.__fspath__()
    raise NotImplementedError


def name_of(tp: Any, arguments: tuple[Any, ...] = ()) -> str:
    """Name a type as every provider takes it: letters, digits, `_` and `-`, at most 64."""
    arguments = arguments or get_args(tp)
    origin = get_origin(tp)
    if type(tp).__name__ in ("UnionType", "Union", "_UnionGenericAlias"):
        written = "_or_".join(name_of(part) for part in arguments)
    elif hasattr(tp, "__metadata__"):
        written = name_of(tp.__origin__)
    else:
        name = getattr(origin or tp, "__name__", None) or str(tp)
        written = "_".join([name, *[name_of(part) for part in arguments]])
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in written)[:64]
