"""The form of things with named fields: dataclasses, TypedDicts, named tuples, parameters.

Fields that are not required and not nullable read null as absent: strict modes of providers
make every field required and let the model say null where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from .choices import ChoiceForm
from .form import Definitions, Form, NotedForm, json_of, parsed
from .problems import Path, Wrong

__all__ = ["ABSENT", "Field", "RecordForm"]


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""in place of a default: there is none"""


class Field:
    """A field: what it is called in Python (`name`) and in JSON (`key`), and what it may hold.

    `default` is shown to models; `fill` says whether reading puts it in where it is missing,
    because nobody else would.
    """

    __slots__ = ("default", "fill", "form", "key", "name", "required")

    def __init__(
        self,
        name: str,
        form: Form,
        *,
        key: str | None = None,
        required: bool = True,
        default: Any = ABSENT,
        fill: bool = False,
    ) -> None:
        self.name = name
        self.key = key or name
        self.form = form
        self.required = required
        self.default = default
        self.fill = fill

    def schema(self, defs: Definitions) -> dict[str, Any]:
        said = self.form.schema(defs)
        if self.default is not ABSENT:
            with suppress(Wrong):
                said["default"] = json_of(self.default)
        return said


class RecordForm(Form):
    """An object with named fields."""

    def __init__(
        self,
        name: str,
        *,
        make: Callable[[dict[str, Any]], Any],
        cls: type | None = None,
        description: str | None = None,
        positional: bool = False,
        others: Form | None = None,
        nested: bool = True,
    ) -> None:
        self.name = name
        self.make = make
        self.cls = cls
        self.description = description
        self.positional = positional
        self.others = others
        self.nested = nested
        self.fields: Sequence[Field] = ()

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return (
            defs.refer(self, self.name, self.spelled_out)
            if self.nested
            else (self.spelled_out(defs))
        )

    def spelled_out(self, defs: Definitions) -> dict[str, Any]:
        """Answer the schema itself, where `schema` answers a reference to it."""
        said: dict[str, Any] = {"type": "object"}
        if self.description:
            said["description"] = self.description
        said["properties"] = {field.key: field.schema(defs) for field in self.fields}
        if required := [field.key for field in self.fields if field.required]:
            said["required"] = required
        if self.others is not None:
            said["additionalProperties"] = self.others.schema(defs) or True
        return said

    def read(self, value: Any, lax: bool) -> Any:
        if self.cls is not None and isinstance(value, self.cls):
            return value
        value = self._named(parsed(value, "{", lax))
        if not isinstance(value, Mapping):
            raise Wrong.kind("an object", value)
        values = cast("Mapping[str, Any]", value)
        read: dict[str, Any] = {}
        problems: list[tuple[Path, str]] = []
        for field in self.fields:
            try:
                self._read_field(field, values, read, lax)
            except Wrong as wrong:
                problems += wrong.under(field.key)
        if self.others is not None:
            self._read_others(self.others, values, read, problems, lax)
        if problems:
            raise Wrong(problems)
        try:
            return self.make(read)
        except (ValueError, TypeError, AssertionError) as error:
            raise Wrong(str(error)) from error

    def at(self, key: str | int) -> Form | None:
        return next((f.form for f in self.fields if key in (f.key, f.name)), self.others)

    def knows(self, value: Mapping[str, Any]) -> int:
        """Count the keys of `value` that are fields."""
        return sum(field.key in value for field in self.fields)

    def constants(self) -> dict[str, list[Any]]:
        """Find the fields that hold constants, by key: a union tells records by them."""
        found: dict[str, list[Any]] = {}
        for field in self.fields:
            form = field.form.form if isinstance(field.form, NotedForm) else field.form
            if isinstance(form, ChoiceForm):
                found[field.key] = form.json
        return found

    def _named(self, value: Any) -> Any:
        if self.positional and isinstance(value, (list, tuple)):
            items = cast("Sequence[Any]", value)
            return dict(zip([field.key for field in self.fields], items, strict=False))
        return value

    def _read_field(
        self, field: Field, values: Mapping[str, Any], read: dict[str, Any], lax: bool
    ) -> None:
        item = values.get(field.key, ABSENT)
        if item is ABSENT and field.name != field.key:
            item = values.get(field.name, ABSENT)
        if item is None and not field.required and not field.form.nullable:
            item = ABSENT
        if item is not ABSENT:
            read[field.name] = field.form.read(item, lax)
        elif not field.required:
            if field.fill:
                read[field.name] = _fresh(field.default)
        elif field.form.optional and lax:
            # Models leave out what is null; providers that cannot require a field, too.
            read[field.name] = field.form.read(None, lax)
        else:
            raise Wrong("is missing" + self._misspelled(field, values))

    def _read_others(
        self,
        others: Form,
        values: Mapping[str, Any],
        read: dict[str, Any],
        problems: list[tuple[Path, str]],
        lax: bool,
    ) -> None:
        known = {field.key for field in self.fields} | {field.name for field in self.fields}
        for key in [key for key in values if key not in known]:
            try:
                read[key] = others.read(values[key], lax)
            except Wrong as wrong:
                problems += wrong.under(key)

    def _misspelled(self, field: Field, values: Mapping[str, Any]) -> str:
        from difflib import get_close_matches

        strays = [key for key in values if all(key != known.key for known in self.fields)]
        near = get_close_matches(field.key, strays, n=1)
        return f'; "{near[0]}" is not known: did you mean "{field.key}"?' if near else ""


def _fresh(default: Any) -> Any:
    """Copy a default that could be changed, so that it is not shared between values."""
    if isinstance(default, (str, int, float, bool, type(None))):
        return default
    from copy import deepcopy

    return deepcopy(default)
