"""From a Python type to its form, which knows the JSON Schema and reads values back.

A form may refer to itself: what has a name is registered before its parts are looked at. Types
of pydantic keep their own schema and validation.
"""

from __future__ import annotations

import collections
import sys
import types
import typing
from collections import abc
from collections.abc import Callable
from functools import reduce
from typing import Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from .bounds import Said, read_metadata
from .choices import ChoiceForm
from .containers import ArrayForm, MappingForm, TupleForm, UnionForm
from .docstrings import doc_of, field_docs
from .fields import Kind, RawField, kind_of
from .form import AnyForm, Form, NamedForm, NotedForm, name_of
from .hints import Scope, evaluate, scope_of, type_variables_of
from .problems import SchemaError
from .pydantic_types import PydanticForm, is_pydantic, needs_pydantic
from .records import ABSENT, Field, RecordForm
from .scalars import scalar_form

__all__ = ["Builder", "Place", "form_of"]

ARRAYS: dict[Any, tuple[Callable[[list[Any]], Any], bool]] = {
    list: (list, False),
    abc.Sequence: (list, False),
    abc.MutableSequence: (list, False),
    abc.Iterable: (list, False),
    abc.Collection: (list, False),
    collections.deque: (collections.deque, False),
    set: (set, True),
    abc.Set: (set, True),
    abc.MutableSet: (set, True),
    frozenset: (frozenset, True),
}
"""origin -> what the items are put in, and whether each is there once"""

MAPPINGS: dict[Any, Callable[[dict[Any, Any]], Any]] = {
    dict: dict,
    abc.Mapping: dict,
    abc.MutableMapping: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.defaultdict: lambda items: collections.defaultdict(None, items),
}

WRAPPERS = {"Required": True, "NotRequired": False, "ReadOnly": None, "Final": None}
"""special form -> whether the key it wraps is required, None where it does not say"""


class Place(NamedTuple):
    """Where an annotation stands: what its names and its type variables mean."""

    scope: Scope
    variables: dict[Any, Any]


class Builder:
    """Makes the forms of one type and of all it mentions."""

    def __init__(self) -> None:
        self._named: dict[Any, Form] = {}

    def build(self, tp: Any, place: Place) -> Form:
        """Answer the form of a type."""
        tp = self._looked_up(tp, place)
        if tp is Any or tp is object:
            return AnyForm()
        if is_pydantic(tp):
            return PydanticForm(tp, form_of)
        origin = get_origin(tp)
        special = self._special(tp, origin, place)
        return special or self._class(origin or tp, get_args(tp), place)

    def field(self, raw: RawField, place: Place, kind: Kind) -> Field:
        """Answer a field of a record, with all that its annotation says about it."""
        required, default = raw.required, raw.default
        base, metadata, wrapped = self._unwrapped(raw.annotation, place)
        required = required if wrapped is None else wrapped
        if kind.fills and (given := _default_among(metadata)):
            default, required = given[0], given[0] is ABSENT
            metadata = metadata[1:]
        fill = kind.fills and default is not ABSENT
        if type(default).__name__ == "FieldInfo":
            metadata, default, fill = (*metadata, default), ABSENT, True
            required = True
        said = read_metadata(metadata)
        form = self._over(base, metadata, said, place)
        if raw.description and not said.note.description:
            form = _described(form, raw.description)
        key = raw.key
        if said.field is not None:
            key = said.field.validation_alias or said.field.alias or key
            if not said.field.is_required():
                default, required, fill = (
                    said.field.get_default(call_default_factory=True),
                    False,
                    True,
                )
        key = key if isinstance(key, str) else None
        return Field(raw.name, form, key=key, required=required, default=default, fill=fill)

    def _special(self, tp: Any, origin: Any, place: Place) -> Form | None:
        """Answer the form of what `typing` makes and is no class."""
        if type(origin or tp).__name__ == "TypeAliasType":
            return self._alias(tp, origin or tp, place)
        if origin is Annotated:
            metadata = tp.__metadata__
            return self._over(tp.__origin__, metadata, read_metadata(metadata), place)
        if origin is Union or origin is types.UnionType:
            return UnionForm([self.build(branch, place) for branch in get_args(tp)])
        if origin is Literal:
            return ChoiceForm(get_args(tp))
        if hasattr(tp, "__supertype__"):  # NewType
            return self.build(tp.__supertype__, place)
        return self.build(get_args(tp)[0], place) if _wrapper(origin) is not None else None

    def _looked_up(self, tp: Any, place: Place) -> Any:
        """Replace names in strings and type variables by what they stand for."""
        if isinstance(tp, str):
            return self._looked_up(evaluate(tp, place.scope), place)
        if type(tp).__name__ == "ForwardRef":
            module = sys.modules.get(str(getattr(tp, "__forward_module__", None)))
            scope = {**(vars(module) if module else {}), **place.scope}
            return self._looked_up(evaluate(tp.__forward_arg__, scope), place)
        if isinstance(tp, typing.TypeVar):
            return self._looked_up(_meaning(tp, place.variables), place)
        return types.NoneType if tp is None else tp

    def _alias(self, tp: Any, alias: Any, place: Place) -> Form:
        """`type Name = ...`: may mention itself, and may have parameters."""
        arguments = tuple(self._looked_up(part, place) for part in get_args(tp))
        key = (alias, arguments)
        if key not in self._named:
            named = self._named[key] = NamedForm(name_of(tp))
            variables = dict(zip(alias.__type_params__, arguments, strict=False))
            named.target = self.build(alias.__value__, Place(scope_of(alias), variables))
        return self._named[key]

    def _over(self, base: Any, metadata: tuple[Any, ...], said: Said, place: Place) -> Form:
        if needs_pydantic(metadata):
            whole = Annotated[(self._looked_up(base, place), *metadata)]
            return PydanticForm(whole, form_of)
        return said.over(self.build(base, place))

    def _class(self, cls: Any, arguments: tuple[Any, ...], place: Place) -> Form:
        if cls in ARRAYS:
            make, unique = ARRAYS[cls]
            return ArrayForm(self._part(arguments, 0, "[]", place), make, unique=unique)
        if cls in MAPPINGS:
            key, value = (self._part(arguments, number, "*", place) for number in (0, 1))
            return MappingForm(key, value, MAPPINGS[cls])
        if cls is tuple:
            return self._tuple(arguments, place)
        if not isinstance(cls, type):
            raise SchemaError(f"{cls!r} has no JSON Schema")
        if members := getattr(cls, "__members__", None):
            doc = doc_of(cls).summary
            return ChoiceForm(list(members.values()), members, doc)
        if kind := kind_of(cls):
            return self._record(cls, arguments, kind, place)
        if form := scalar_form(cls):
            return form
        raise SchemaError(
            f"{cls.__name__} has no JSON Schema: use a dataclass, a TypedDict, a pydantic model "
            "or types made of them"
        )

    def _part(self, arguments: tuple[Any, ...], number: int, step: str, place: Place) -> Form:
        if number >= len(arguments):
            return AnyForm()
        try:
            return self.build(arguments[number], place)
        except SchemaError as error:
            raise error.under(step) from None

    def _tuple(self, arguments: tuple[Any, ...], place: Place) -> Form:
        if not arguments or arguments[1:] == (...,):
            return ArrayForm(self._part(arguments[:1], 0, "[]", place), tuple)
        items = () if arguments == ((),) else arguments
        return TupleForm([self._part(items, number, "[]", place) for number in range(len(items))])

    def _record(self, cls: Any, arguments: tuple[Any, ...], kind: Kind, place: Place) -> Form:
        arguments = tuple(self._looked_up(part, place) for part in arguments)
        key = (cls, arguments)
        try:
            if key in self._named:
                return self._named[key]
        except TypeError:  # an argument that cannot be hashed
            key = (cls, repr(arguments))
        doc = doc_of(cls)
        own = None if kind.fills else cls
        record = RecordForm(
            name_of(cls, arguments),
            make=kind.make(cls),
            cls=own,
            description=doc.summary or None,
            positional=kind.positional,
        )
        self._named[key] = record
        variables = type_variables_of(cls, arguments)
        record.fields = [self._member(raw, variables, kind) for raw in kind.fields(cls)]
        _describe_fields(record, cls, doc.parts)
        return record

    def _member(self, raw: RawField, variables: dict[Any, Any], kind: Kind) -> Field:
        try:
            return self.field(raw, Place(scope_of(raw.owner), variables), kind)
        except SchemaError as error:
            raise error.under(raw.key or raw.name) from None

    def _unwrapped(self, annotation: Any, place: Place) -> tuple[Any, tuple[Any, ...], bool | None]:
        """Take `Annotated`, `Required` and the like off, in whatever order they come."""
        metadata: tuple[Any, ...] = ()
        required: bool | None = None
        while True:
            annotation = self._looked_up(annotation, place)
            origin = get_origin(annotation)
            if origin is Annotated:
                metadata = (*annotation.__metadata__, *metadata)
                annotation = annotation.__origin__
            elif (name := _wrapper(origin)) is not None:
                required = required if WRAPPERS[name] is None else WRAPPERS[name]
                annotation = get_args(annotation)[0]
            else:
                return annotation, metadata, required


def form_of(tp: Any) -> Form:
    """Answer the form of a type; `SchemaError` when JSON has none for it."""
    return Builder().build(tp, Place({}, {}))


def _wrapper(origin: Any) -> str | None:
    name = getattr(origin, "_name", None) or getattr(origin, "__name__", None)
    return name if name in WRAPPERS and not isinstance(origin, type) else None


def _meaning(variable: typing.TypeVar, known: dict[Any, Any]) -> Any:
    if variable in known and known[variable] is not variable:
        return known[variable]
    if getattr(variable, "has_default", bool)():
        return getattr(variable, "__default__", Any)
    if variable.__constraints__:
        return reduce(_either, variable.__constraints__)
    return variable.__bound__ if variable.__bound__ is not None else Any


DATA = (int, float, list, dict, tuple, types.NoneType)


def _either(one: Any, other: Any) -> Any:
    return one | other


def _default_among(metadata: Any) -> tuple[Any] | None:
    """`Annotated[T, default, "description"]`, with `...` for none, as TypedDicts are written."""
    match metadata:
        case (first, str()) | (first,) if first is ...:
            return (ABSENT,)
        case (first, str()) if isinstance(first, (str, *DATA)):
            return (cast("Any", first),)
        case (first,) if isinstance(first, DATA):
            return (cast("Any", first),)
        case _:
            return None


def _described(form: Form, text: str) -> Form:
    return read_metadata([text]).over(form)


def _describe_fields(record: RecordForm, cls: Any, parts: dict[str, str]) -> None:
    """Add what docstrings say about fields that say nothing themselves."""
    bare = [field for field in record.fields if not _is_described(field.form)]
    if not bare:
        return
    words: dict[str, str] = {}
    for base in reversed(cls.__mro__[:-1]):
        if base.__module__ not in ("typing", "builtins"):
            words |= field_docs(base)
    words |= parts
    for field in bare:
        if field.name in words:
            field.form = _described(field.form, words[field.name])


def _is_described(form: Form) -> bool:
    return isinstance(form, NotedForm) and form.note.description is not None
