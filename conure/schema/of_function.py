"""From a function to the shape of its arguments: signature, type hints and docstring.

Parameters that somebody other than the model supplies are kept out; the caller says which those
are, so that this room knows nothing of tools. `*args` are sent as an array of that name;
`**kwargs` are further keys beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from .docstrings import Doc, cleaned, read_google
from .fields import Kind, RawField
from .form import AnyForm, Form, NotedForm, name_of
from .hints import annotations_of, evaluate, scope_of
from .of_type import Builder, Place
from .problems import InvalidValue, SchemaError, Wrong
from .records import ABSENT, RecordForm
from .shape import Shape

__all__ = [
    "FunctionShape",
    "IsInjected",
    "annotations_in",
    "function_name",
    "parameters_of",
    "shape_of_function",
]

IsInjected: TypeAlias = Callable[[str, Any], Any]
"""(parameter name, annotation or ABSENT) -> why somebody else supplies it, None if nobody does"""


def _no_fields(_: Any) -> Iterator[RawField]:
    return iter(())


def _as_they_are(_: Any) -> Callable[[dict[str, Any]], Any]:
    return dict


PARAMETERS = Kind("", _no_fields, _as_they_are)
"""parameters are fields that no class has"""


class FunctionShape:
    """The arguments of a function: what a model must be told, and how what it says is read."""

    def __init__(
        self,
        name: str,
        description: str,
        record: RecordForm,
        injected: Mapping[str, Any],
        positional: tuple[str, ...],
        rest: str | None,
    ) -> None:
        self.name = name
        self.description = description
        self.injected = injected
        """parameter -> what `is_injected` said about it"""
        self.shape: Shape[dict[str, Any]] = Shape(record, name=name, description=description)
        self._record = record
        self._positional = positional
        self._rest = rest

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments that a model supplies."""
        return self.shape.json_schema

    def read(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the arguments as the function wants them; `InvalidValue` has every problem."""
        try:
            return self._record.read(arguments, lax=True)
        except Wrong as wrong:
            raise InvalidValue(wrong.listed(), name=f"call of {self.name}") from None

    def call(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        """Call the function with what `read` answered and what was injected."""
        if not self._positional and self._rest is None:
            return function(**arguments)
        named = dict(arguments)
        placed = [named.pop(name) for name in self._positional if name in named]
        if self._rest is not None:
            placed += named.pop(self._rest, ())
        return function(*placed, **named)


def shape_of_function(
    function: Callable[..., Any],
    *,
    is_injected: IsInjected | None = None,
    parse_docstring: bool = False,
    strict_docstring: bool = False,
) -> FunctionShape:
    """Look into a function once.

    With `parse_docstring` a Google docstring is taken apart; with `strict_docstring` one that
    says nothing about the arguments, or something about others, is an error.
    """
    signature = _signature(function)
    scope = scope_of(_innermost(function))
    builder = Builder()
    injected: dict[str, Any] = {}
    raws: list[RawField] = []
    rest: str | None = None
    others: Form | None = None
    positional: list[str] = []
    for name, parameter in signature.parameters.items():
        annotation = _annotation(parameter, scope)
        reason = is_injected(name, annotation) if is_injected else None
        if reason is not None:
            injected[name] = reason
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            others = _form(builder, annotation, scope, name)
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = name
            annotation = list if annotation is ABSENT else list[annotation]
        raws.append(_raw(name, parameter, annotation, rest == name))
        positional.append(name)
    doc = _doc(function, parse_docstring, strict_docstring, list(signature.parameters))
    record = RecordForm(function_name(function), make=dict, others=others, nested=False)
    for raw in raws:
        try:
            record.fields = [*record.fields, builder.field(raw, Place(scope, {}), PARAMETERS)]
        except SchemaError as error:
            raise error.under(raw.name) from None
    _describe(record, doc.parts)
    # Only what must be: a name says more in a traceback than a place.
    placed = [n for n in positional if rest or _is_positional_only(signature, n)]
    placed = [name for name in placed if name != rest and not _is_keyword_only(signature, name)]
    name = function_name(function)
    return FunctionShape(name, doc.summary, record, injected, tuple(placed), rest)


def parameters_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Answer the annotations of a function's parameters, names in strings looked up."""
    scope = scope_of(_innermost(function))
    parameters = _signature(function).parameters.items()
    return {name: _annotation(parameter, scope) for name, parameter in parameters}


def annotations_in(cls: type) -> dict[str, Any]:
    """Answer the annotations of a class and its bases, names in strings looked up."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__[:-1]):
        scope = scope_of(base)
        for name, annotation in annotations_of(base).items():
            try:
                text = getattr(annotation, "__forward_arg__", annotation)
                found[name] = evaluate(text, scope) if isinstance(text, str) else annotation
            except SchemaError:  # of a base class whose annotations are not meant to be read
                continue
    return found


def function_name(function: Any) -> str:
    """Answer what a function is called; objects that can be called go by their class."""
    function = getattr(function, "func", function)
    return name_of(function if hasattr(function, "__name__") else type(function))


def _raw(name: str, parameter: Any, annotation: Any, is_rest: bool) -> RawField:
    nothing = parameter.default is parameter.empty
    default = ABSENT if nothing else parameter.default
    annotation = Any if annotation is ABSENT else annotation
    return RawField(name, annotation, None, nothing and not is_rest, default)


def _form(builder: Builder, annotation: Any, scope: Mapping[str, Any], name: str) -> Form:
    if annotation is ABSENT:
        return AnyForm()
    try:
        return builder.build(annotation, Place(scope, {}))
    except SchemaError as error:
        raise error.under(name) from None


def _signature(function: Any) -> Any:
    from inspect import signature

    try:
        return signature(function)
    except (ValueError, TypeError) as error:
        raise SchemaError(f"{function!r} has no signature: give it an args_schema") from error


def _innermost(function: Any) -> Any:
    """Find the function whose module the annotations were written in."""
    from functools import partial
    from inspect import unwrap

    while isinstance(function, partial):
        function = cast("Any", function).func
    if isinstance(function, type):
        return function.__init__
    if not hasattr(function, "__code__") and not hasattr(function, "__wrapped__"):
        function = getattr(function, "__func__", None) or type(function).__call__
    return unwrap(function)


def _annotation(parameter: Any, scope: Mapping[str, Any]) -> Any:
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return ABSENT
    return evaluate(annotation, scope) if isinstance(annotation, str) else annotation


def _doc(function: Any, parse: bool, strict: bool, names: list[str]) -> Doc:
    owner = function if isinstance(function, type) else _documented(function)
    text: str | None = getattr(owner, "__doc__", None)
    if not parse:
        return Doc(cleaned(text))
    doc = read_google(text)
    if not strict:
        return doc
    if not text:
        raise SchemaError("parse_docstring needs a docstring")
    if names and not doc.has_parts:
        raise SchemaError(
            "the docstring has no section `Args:` after a blank line: write one, or leave "
            "parse_docstring out"
        )
    if unknown := [name for name in doc.parts if name not in names]:
        raise SchemaError(f"the docstring is about {unknown[0]!r}, which is no parameter")
    return doc


def _documented(function: Any) -> Any:
    from functools import partial

    if isinstance(function, partial):
        return cast("Any", function).func
    is_object = not hasattr(function, "__name__")
    return type(function).__call__ if is_object and not type(function).__doc__ else function


def _describe(record: RecordForm, parts: Mapping[str, str]) -> None:
    from .form import Note

    for field in record.fields:
        form = field.form
        described = isinstance(form, NotedForm) and form.note.description
        if field.name in parts and not described:
            note = form.note if isinstance(form, NotedForm) else Note()
            inner = form.form if isinstance(form, NotedForm) else form
            field.form = NotedForm(inner, note._replace(description=parts[field.name]))


def _is_positional_only(signature: Any, name: str) -> bool:
    parameter = signature.parameters[name]
    return parameter.kind is parameter.POSITIONAL_ONLY


def _is_keyword_only(signature: Any, name: str) -> bool:
    parameter = signature.parameters[name]
    return parameter.kind is parameter.KEYWORD_ONLY
