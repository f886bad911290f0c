"""Types that pydantic knows better: its models, its own types, its validators.

The only file that imports pydantic, and only once a user has handed over something of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, get_origin

from .form import Definitions, Form, name_of
from .mend import mended
from .problems import Path, SchemaError, Wrong
from .refs import renamed

__all__ = ["PydanticForm", "is_pydantic", "needs_pydantic"]

READABLE = frozenset({"FieldInfo", "StringConstraints", "_PydanticGeneralMetadata"})
"""metadata of pydantic's that says no more than bounds and words; see `bounds`"""


def is_pydantic(tp: Any) -> bool:
    """Say whether pydantic made a type."""
    if "pydantic" not in sys.modules:
        return False
    cls = get_origin(tp) or tp
    if not isinstance(cls, type):
        return False
    if hasattr(cls, "__pydantic_core_schema__") or hasattr(cls, "__get_pydantic_core_schema__"):
        return True
    if any(base.__module__.startswith("pydantic.v1") for base in cls.__mro__):
        raise SchemaError(f"{cls.__name__} is a model of pydantic 1: make it one of pydantic 2")
    return cls.__module__.partition(".")[0] == "pydantic"


def needs_pydantic(metadata: tuple[Any, ...]) -> bool:
    """Say whether metadata does something that only pydantic can do."""
    if "pydantic" not in sys.modules:
        return False
    return any(
        (
            type(item).__module__.partition(".")[0] == "pydantic"
            and type(item).__name__ not in READABLE
        )
        or getattr(item, "discriminator", None)
        or (
            hasattr(item, "__get_pydantic_core_schema__")
            and type(item).__name__ != "StringConstraints"
        )
        for item in metadata
    )


class PydanticForm(Form):
    """A type whose schema and validation are pydantic's."""

    def __init__(self, tp: Any, form_of: Callable[[Any], Form]) -> None:
        from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

        self.type = tp
        self._form_of = form_of
        try:
            self._adapter: Any = TypeAdapter(tp)
            self.own = self._adapter.json_schema(ref_template="#/$defs/{model}")
        except (PydanticUserError, PydanticSchemaGenerationError) as error:
            raise SchemaError(f"pydantic has no JSON Schema for {tp!r}: {error}") from error

    def schema(self, defs: Definitions) -> dict[str, Any]:
        own = {key: value for key, value in self.own.items() if key != "$defs"}
        parts = self.own.get("$defs", {})
        name = name_of(self.type)
        if own.get("type") == "object" and hasattr(self.type, "__name__") and name not in parts:
            parts = {**parts, name: own}
            own = {"$ref": f"#/$defs/{name}"}
        return dict(renamed(own, defs.adopt(parts)))

    def read(self, value: Any, lax: bool) -> Any:
        from pydantic import ValidationError

        cls = get_origin(self.type) or self.type
        if isinstance(cls, type) and isinstance(value, cls):
            return value
        try:
            return self._validated(value)
        except ValidationError as error:
            if not lax:
                raise Wrong(_problems(error, value)) from None
        value = mended(value, self.own)
        try:
            return self._validated(value)
        except ValidationError as error:
            raise Wrong(_problems(error, value)) from None

    def at(self, key: str | int) -> Form | None:
        fields = getattr(self.type, "model_fields", {})
        for name, field in fields.items():
            if key in (name, field.alias, field.validation_alias):
                return self._form_of(field.annotation)
        return None

    def _validated(self, value: Any) -> Any:
        """Validate as JSON, where strict models take a text for a date; else as Python values."""
        from msgspec import json

        try:
            text = json.encode(value)
        except (TypeError, ValueError, NotImplementedError):
            return self._adapter.validate_python(value)
        return self._adapter.validate_json(text)


def _problems(error: Any, value: Any) -> list[tuple[Path, str]]:
    return [(_path(e["loc"], value, e["type"]), _words(e)) for e in error.errors()]


def _path(location: tuple[str | int, ...], value: Any, error: str) -> Path:
    """Leave out what pydantic adds to say which branch of a union it tried."""
    path: list[str | int] = []
    for number, step in enumerate(location):
        try:
            value = value[step]
        except (LookupError, TypeError):
            if not (error == "missing" and number == len(location) - 1):
                continue
        path.append(step)
    return tuple(path)


def _words(error: Any) -> str:
    return "is missing" if error["type"] == "missing" else str(error["msg"])
