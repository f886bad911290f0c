"""What `Annotated` says about a type: bounds that are checked, words that are shown.

Read from msgspec.Meta, annotated_types, pydantic's Field and StringConstraints, Doc and plain
strings, by their attributes: none of those packages is imported for it. What only pydantic can
do (validators, discriminators given by functions) is left to pydantic: see `of_type`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .form import Definitions, Form, Note, NotedForm, json_of
from .problems import Wrong

__all__ = ["Bound", "BoundForm", "Said", "read_metadata"]

HOMES = frozenset({"annotated_types", "msgspec", "pydantic", "typing_extensions"})
"""packages whose objects say something about a type by the attributes below"""


class Bound(NamedTuple):
    """How one kind of bound is written and checked."""

    keyword: str
    broken: Callable[[Any, Any], bool]
    complaint: str


def _bound(keyword: str, broken: Callable[[Any, Any], bool], complaint: str) -> Bound:
    return Bound(keyword, broken, complaint)


BOUNDS: dict[str, Bound] = {
    "gt": _bound("exclusiveMinimum", lambda v, b: not v > b, "must be greater than {}"),
    "ge": _bound("minimum", lambda v, b: not v >= b, "must be {} or more"),
    "lt": _bound("exclusiveMaximum", lambda v, b: not v < b, "must be less than {}"),
    "le": _bound("maximum", lambda v, b: not v <= b, "must be {} or less"),
    "multiple_of": _bound(
        "multipleOf", lambda v, b: abs(v / b - round(v / b)) > 1e-9, "must be a multiple of {}"
    ),
    "min_length": _bound("minLength", lambda v, b: len(v) < b, "must be of length {} or more"),
    "max_length": _bound("maxLength", lambda v, b: len(v) > b, "must be of length {} or less"),
    "pattern": _bound("pattern", lambda v, b: not _matches(v, b), "must match the pattern {}"),
}
"""attribute -> its JSON Schema keyword, and how it is checked"""

LENGTHS = {
    "array": {"minLength": "minItems", "maxLength": "maxItems"},
    "object": {"minLength": "minProperties", "maxLength": "maxProperties"},
}
KINDS = {
    "minLength": ("string", "array", "object"),
    "maxLength": ("string", "array", "object"),
    "pattern": ("string",),
}
"""keyword -> the kinds of values it is for; the others are for numbers"""


class Said:
    """Everything that the metadata of one annotation says."""

    def __init__(self) -> None:
        self.bounds: dict[str, Any] = {}
        self.predicates: list[Callable[[Any], Any]] = []
        self.note = Note()
        self.field: Any = None
        """pydantic's Field, for what concerns the field and not its type"""
        self.unknown: list[Any] = []

    def over(self, form: Form) -> Form:
        """Lay what was said over a form."""
        if self.bounds or self.predicates:
            form = BoundForm(form, self.bounds, self.predicates)
        return NotedForm(form, self.note) if self.note != Note() else form


def read_metadata(metadata: Iterable[Any]) -> Said:
    """Sort out the metadata of an `Annotated` type."""
    said = Said()
    for item in metadata:
        home = type(item).__module__.partition(".")[0]
        if isinstance(item, str):
            said.note = said.note._replace(description=item)
        elif home in HOMES:
            _read_attributes(item, said)
        else:
            said.unknown.append(item)
    return said


def _read_attributes(item: Any, said: Said) -> None:
    if type(item).__name__ == "FieldInfo":
        said.field = item
        for part in item.metadata:
            _read_attributes(part, said)
        extra = getattr(item, "json_schema_extra", None)
        said.note = said.note._replace(extra=extra if isinstance(extra, dict) else None)
    else:
        for name in BOUNDS:
            if (bound := getattr(item, name, None)) is not None:
                said.bounds[name] = bound
        if callable(func := getattr(item, "func", None)):
            said.predicates.append(func)
        if extra := getattr(item, "extra_json_schema", None):
            said.note = said.note._replace(extra=extra)
    words = getattr(item, "description", None) or getattr(item, "documentation", None)
    said.note = said.note._replace(
        description=words or said.note.description,
        title=getattr(item, "title", None) or said.note.title,
        examples=getattr(item, "examples", None) or said.note.examples,
    )


class BoundForm(Form):
    """A form whose values are bounded."""

    def __init__(
        self, form: Form, bounds: dict[str, Any], predicates: Sequence[Callable[[Any], Any]] = ()
    ) -> None:
        self.form = form
        self.bounds = bounds
        self.predicates = predicates
        self.nullable = form.nullable
        self.optional = form.optional

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return self._with_keywords(self.form.schema(defs))

    def read(self, value: Any, lax: bool) -> Any:
        value = self.form.read(value, lax)
        if value is None:
            return None
        for name, bound in self.bounds.items():
            rule = BOUNDS[name]
            try:
                broken = rule.broken(value, bound)
            except TypeError:  # a bound on one kind of value of a union
                continue
            if broken:
                shown = getattr(bound, "pattern", bound)
                raise Wrong(rule.complaint.format(shown) + self._found(value))
        for predicate in self.predicates:
            if not predicate(value):
                name = getattr(predicate, "__name__", "condition").strip("<>")
                raise Wrong(f"does not satisfy {name}" + self._found(value))
        return value

    def at(self, key: str | int) -> Form | None:
        return self.form.at(key)

    def _with_keywords(self, said: dict[str, Any]) -> dict[str, Any]:
        if "anyOf" in said:
            return {**said, "anyOf": [self._with_keywords(branch) for branch in said["anyOf"]]}
        kind = said.get("type")
        for name, bound in self.bounds.items():
            keyword = BOUNDS[name].keyword
            if kind not in KINDS.get(keyword, ("number", "integer")):
                continue
            try:
                written = json_of(getattr(bound, "pattern", bound))
            except Wrong:
                continue
            if isinstance(written, str) and keyword != "pattern":
                written = float(bound)  # a Decimal
            said[LENGTHS.get(str(kind), {}).get(keyword, keyword)] = written
        return said

    def _found(self, value: Any) -> str:
        try:
            return f", not {json_of(value)!r}" if not isinstance(value, (list, dict)) else ""
        except Wrong:
            return ""


def _matches(value: Any, pattern: Any) -> bool:
    import re

    return re.search(pattern, value) is not None
