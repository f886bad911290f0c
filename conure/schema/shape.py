"""A shape: what an answer must look like, and how to read it once it has come.

>>> shape_of(list[int]).read("[1, 2, 3]")
[1, 2, 3]

What is sent always has an object at its root, because providers ask for one: types that are none
stand under the key "value" there, and reading takes them out again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast, get_args, overload

from .form import Definitions, Form, name_of
from .problems import InvalidValue, Path, SchemaError, Wrong, path_of
from .refs import Schema
from .words import inferred

__all__ = ["WRAPPED", "Shape", "shape_of"]

T = TypeVar("T")

WRAPPED = "value"
"""the key under which a type stands that is no object"""

MOST_SHAPES = 512
"""shapes remembered; the ones not used for longest go first"""


class Shape(Generic[T]):
    """What an answer must look like."""

    def __init__(self, form: Form, *, name: str, description: str | None = None) -> None:
        self.form = form
        self.name = name
        self.json_schema = _root_schema(form)
        """the JSON Schema of the type itself"""
        self.description = description or self.json_schema.get("description")
        self._narrowed: dict[int, tuple[Any, Schema]] = {}

    def __repr__(self) -> str:
        return f"Shape({self.name})"

    @property
    def is_wrapped(self) -> bool:
        """Whether the type is no object, and so is sent within one."""
        return inferred(self.json_schema) != "object"

    @property
    def object_schema(self) -> Schema:
        """The JSON Schema to send: that of the type, or of an object with it under "value"."""
        if not self.is_wrapped:
            return self.json_schema
        inner = {key: part for key, part in self.json_schema.items() if key != "$defs"}
        outer: Schema = {"type": "object", "properties": {WRAPPED: inner}, "required": [WRAPPED]}
        definitions = self.json_schema.get("$defs")
        return {**outer, "$defs": definitions} if definitions else outer

    def narrowed(self, rules: Any) -> Schema:
        """Answer the schema to send to a provider with these rules; made once."""
        known = self._narrowed.get(id(rules))
        if known is None:
            from .subset import narrow

            known = self._narrowed[id(rules)] = (rules, narrow(self.object_schema, rules))
        return known[1]

    def read(self, value: Any) -> T:
        """Read an answer: a JSON text, or what came of one.

        Raises `InvalidValue` with a list of (JSON path, what is wrong there).
        """
        text = None
        if isinstance(value, (str, bytes, bytearray)):
            text, value = value, self._decoded(value)
        if self.is_wrapped and isinstance(value, dict):
            answer = cast("dict[str, Any]", value)
            value = answer[WRAPPED] if answer.keys() == {WRAPPED} else answer
        try:
            return cast("T", self.form.read(value, lax=True))
        except Wrong as wrong:
            raw = text.decode(errors="replace") if isinstance(text, (bytes, bytearray)) else text
            raise InvalidValue(wrong.listed(), name=self.name, llm_output=raw) from None

    def at(self, path: Path) -> Shape[Any]:
        """Answer the shape of a part, such as of the items of a list that are read one by one."""
        form: Form | None = self.form
        if self.is_wrapped and path[:1] == (WRAPPED,):
            path = path[1:]
        for step in path:
            form = form.at(step) if form else None
        if form is None:
            raise SchemaError(f"{self.name} has nothing there", path=path_of(path))
        return Shape(form, name=f"{self.name}{path_of(path)[1:]}")

    def _decoded(self, text: str | bytes | bytearray) -> Any:
        try:
            return _loads(text)
        except (ValueError, RecursionError) as error:
            if self._is_text(text):
                return text
            shown = text if isinstance(text, str) else text.decode(errors="replace")
            problem = ("$", f"is not JSON: {error}")
            raise InvalidValue([problem], name=self.name, llm_output=shown) from None

    def _is_text(self, value: str | bytes | bytearray) -> bool:
        """Say whether a text that is no JSON is of a type that is a text: a date, a choice."""
        if not self.is_wrapped or not isinstance(value, str) or value.lstrip()[:1] in OPENERS:
            return False
        try:
            self.form.read(value, lax=False)
        except Wrong:
            return False
        return True


@overload
def shape_of(tp: type[T]) -> Shape[T]: ...
@overload
def shape_of(tp: dict[str, Any]) -> Shape[dict[str, Any]]: ...
@overload
def shape_of(tp: Any) -> Shape[Any]: ...
def shape_of(tp: Any) -> Shape[Any]:
    """Answer the shape of a type or of a JSON Schema; each is looked into once.

    >>> shape_of(dict[str, int]).json_schema
    {'type': 'object', 'additionalProperties': {'type': 'integer'}}
    """
    if isinstance(tp, Shape):
        return cast("Shape[Any]", tp)
    if isinstance(tp, dict):
        return _remembered(_key_of_schema(tp), lambda: _of_schema(cast("Schema", tp)))
    return _remembered(_key_of_type(tp), lambda: _of_type(tp))


_shapes: OrderedDict[Any, Shape[Any]] = OrderedDict()


def _remembered(key: Any, make: Callable[[], Shape[Any]]) -> Shape[Any]:
    try:
        shape = _shapes.get(key)
    except TypeError:  # a key that cannot be hashed
        return make()
    if shape is None:
        shape = _shapes[key] = make()
        if len(_shapes) > MOST_SHAPES:
            _shapes.popitem(last=False)
    else:
        with suppress(KeyError):  # another thread was faster
            _shapes.move_to_end(key)
    return shape


def _key_of_type(tp: Any) -> Any:
    # Equal is not the same: Annotated[int, 1] == Annotated[int, True].
    return tp if isinstance(tp, type) and not get_args(tp) else (tp, repr(tp))


def _key_of_schema(schema: Any) -> Any:
    from msgspec import json

    try:
        return json.encode(schema)
    except (TypeError, ValueError):
        return [schema]


def _of_type(tp: Any) -> Shape[Any]:
    from .of_type import form_of

    return Shape(form_of(tp), name=name_of(tp) if tp is not None else "None")


def _of_schema(schema: Schema) -> Shape[Any]:
    from .of_dict import read_dict

    form, name, description = read_dict(schema)
    return Shape(form, name=name, description=description)


def _root_schema(form: Form) -> Schema:
    """Answer the schema with the root written out, where it would be a mere reference."""
    defs = Definitions()
    schema = form.schema(defs)
    definitions = defs.schemas
    if "$ref" in schema:
        beside = {key: part for key, part in schema.items() if key != "$ref"}
        schema = {**definitions[schema["$ref"].rpartition("/")[2]], **beside}
    if not definitions:
        return schema
    from .refs import pruned

    return pruned({**schema, "$defs": definitions})


OPENERS = ('"', "{", "[")
"""what JSON begins with: a text that does so is JSON that was cut off"""


def _loads(text: str | bytes | bytearray) -> Any:
    import json

    from msgspec import DecodeError, json as fast

    try:
        return fast.decode(str(text) if isinstance(text, str) else text)  # a `Text` is a str
    except (DecodeError, UnicodeEncodeError):
        pass
    # Models write raw newlines into strings, and lone surrogates as escapes.
    return json.loads(text, strict=False)
