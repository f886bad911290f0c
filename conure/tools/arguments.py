"""The arguments of a tool: what the model is told about them, and how what it says is read.

They are described by the function's own signature or by an `args_schema`: a pydantic class, a
dataclass, a TypedDict or a JSON Schema. Nobody but the model supplies what is described here:
what the program supplies (`injected`) is taken out before reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ..errors import ConfigurationError
from ..schema.of_function import FunctionShape, shape_of_function
from ..schema.problems import InvalidValue
from ..schema.refs import Schema, inlined, mapped
from ..schema.shape import Shape, shape_of
from .errors import InvalidToolArguments
from .markers import fields_marked, supplier_of

__all__ = ["ArgsSchema", "Arguments", "OneText", "arguments_of_function", "untitled"]


class ArgsSchema(dict[str, Any]):
    """A JSON Schema; it may also be asked for itself, as a pydantic class is."""

    def model_json_schema(self, **_: Any) -> dict[str, Any]:
        """Answer the JSON Schema."""
        return dict(self)


class Arguments:
    """The arguments that an `args_schema` describes."""

    def __init__(self, schema: Any, function: Callable[..., Any] | None = None) -> None:
        self.given = schema
        self._shape: Shape[Any] = shape_of(schema)
        if self._shape.is_wrapped:
            raise ConfigurationError("args_schema must describe an object: the arguments by name")
        self._hidden = _hidden_in(schema)
        self._own = _suppliers(function)
        self.injected: dict[str, Any] = {**self._own, **self._hidden}
        """parameter -> who supplies it"""
        self.json_schema = _without(self._shape.json_schema, self._hidden)
        self.description = self._shape.description or ""
        self._parameters = _parameters_of(function)

    def read(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the arguments as the function wants them: those given, and defaults."""
        try:
            read = self._shape.read(dict(arguments))
        except InvalidValue as error:
            raise InvalidToolArguments(name, error.errors) from None
        if isinstance(read, dict):
            return cast("dict[str, Any]", read)
        return self._members(read, arguments)

    def takes(self, name: str) -> bool:
        """Say whether reading wants to see a value that the model does not supply."""
        return name in self._hidden

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """Call the function."""
        return function(**arguments)

    def _members(self, value: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Take an instance of a class of arguments apart, only one level deep."""
        names = _names_in(value)
        given = getattr(value, "model_fields_set", arguments)
        kept = self._parameters
        return {
            name: getattr(value, name)
            for name in names
            if name in given or kept is None or name in kept
        }


class OneText:
    """The argument of a tool that takes one text."""

    json_schema: Schema = {  # noqa: RUF012 - never changed
        "type": "object",
        "properties": {"__arg1": {"title": "__arg1", "type": "string"}},
        "required": ["__arg1"],
    }
    given = None
    description = ""

    def __init__(self, function: Callable[..., Any] | None = None) -> None:
        self.injected = _suppliers(function)

    def read(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the text, whatever it is called."""
        if len(arguments) != 1:
            raise InvalidToolArguments(name, [("$", "must be one text")])
        return {"__arg1": next(iter(arguments.values()))}

    def takes(self, _: str) -> bool:
        """Say no: the function is given what the model does not supply, reading is not."""
        return False

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """Call the function with the text in first place."""
        rest = dict(arguments)
        return function(rest.pop("__arg1"), **rest)


class _OfFunction:
    """The arguments that a function's own signature describes."""

    given = None

    def __init__(self, own: FunctionShape) -> None:
        self._own = own
        self.injected = own.injected
        self.json_schema = own.json_schema
        self.description = own.description

    def read(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._own.read(arguments)
        except InvalidValue as error:
            raise InvalidToolArguments(name, error.errors) from None

    def takes(self, _: str) -> bool:
        """Say no: the function is given what the model does not supply, reading is not."""
        return False

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        return self._own.call(function, arguments)


def arguments_of_function(
    function: Callable[..., Any], *, parse_docstring: bool = False, strict_docstring: bool = False
) -> Any:
    """Describe the arguments of a function by its signature."""
    return _OfFunction(
        shape_of_function(
            function,
            is_injected=supplier_of,
            parse_docstring=parse_docstring,
            strict_docstring=strict_docstring,
        )
    )


def untitled(schema: Schema) -> Schema:
    """Put definitions in place and take titles away, as tools are described to models."""

    def change(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        copy = mapped(cast("Schema", part), change)
        if isinstance(copy.get("title"), str):
            del copy["title"]
        return copy

    return cast("Schema", change(inlined(schema)))


def _names_in(value: Any) -> list[str]:
    return [*(getattr(value.__class__, "model_fields", None) or vars(value))]


def _suppliers(function: Callable[..., Any] | None) -> dict[str, Any]:
    """Find the parameters of a function that the model does not supply."""
    if function is None:
        return {}
    from ..schema.of_function import parameters_of

    return fields_marked(parameters_of(function))


def _parameters_of(function: Callable[..., Any] | None) -> set[str] | None:
    if function is None:
        return None
    from inspect import Parameter, signature

    parameters = signature(function).parameters
    if any(p.kind is Parameter.VAR_KEYWORD for p in parameters.values()):
        return None
    return set(parameters)


def _hidden_in(schema: Any) -> dict[str, Any]:
    """Find the fields of a class of arguments that are marked as injected."""
    if not isinstance(schema, type):
        return {}
    from ..schema.of_function import annotations_in

    return fields_marked(annotations_in(schema))


def _without(schema: Schema, names: Mapping[str, Any]) -> Schema:
    if not names:
        return schema
    kept = {name: part for name, part in schema["properties"].items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return {**schema, "properties": kept, "required": required}
