"""The fields of a class, whatever kind of class it is; their types are still as written.

One reader per kind of class in KINDS: dataclasses, attrs classes, msgspec Structs, named tuples,
TypedDicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .hints import annotations_of
from .records import ABSENT

__all__ = ["KINDS", "Kind", "RawField", "kind_of"]


class RawField(NamedTuple):
    """A field as its class declares it."""

    name: str
    annotation: Any
    owner: Any
    """the class in whose module the annotation was written"""
    required: bool = True
    default: Any = ABSENT
    key: str | None = None
    description: str | None = None


class Kind(NamedTuple):
    """How a kind of class is recognised, taken apart and made."""

    sign: str
    """the attribute that only classes of this kind have"""
    fields: Callable[[Any], Iterator[RawField]]
    make: Callable[[Any], Callable[[dict[str, Any]], Any]]
    fills: bool = False
    """whether reading puts in defaults, because making does not"""
    positional: bool = False


def kind_of(cls: Any) -> Kind | None:
    """Answer what kind of class with fields this is, None when it is none."""
    return next((kind for kind in KINDS if hasattr(cls, kind.sign)), None)


def _by_keywords(cls: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda values: cls(**values)


def _as_dict(_: Any) -> Callable[[dict[str, Any]], Any]:
    return dict


def _written_in(cls: Any, name: str) -> tuple[Any, Any]:
    """Find the annotation of a field and the class that wrote it."""
    for base in getattr(cls, "__mro__", (cls,)):
        own = annotations_of(base)
        if name in own:
            return own[name], base
    return Any, cls


def _dataclass_fields(cls: Any) -> Iterator[RawField]:
    from dataclasses import MISSING, fields

    for field in fields(cls):
        if not field.init:
            continue
        annotation, owner = _written_in(cls, field.name)
        required = field.default is MISSING and field.default_factory is MISSING
        default = ABSENT if field.default is MISSING else field.default
        yield RawField(
            field.name,
            annotation,
            owner,
            required,
            default,
            key=field.metadata.get("alias"),
            description=field.metadata.get("description"),
        )


def _attrs_fields(cls: Any) -> Iterator[RawField]:
    for field in cls.__attrs_attrs__:
        if not field.init:
            continue
        annotation, owner = _written_in(cls, field.name)
        nothing = type(field.default).__name__ in ("_Nothing", "NothingType")
        factory = hasattr(field.default, "takes_self")
        default = ABSENT if nothing or factory else field.default
        description = field.metadata.get("description")
        yield RawField(field.alias, annotation, owner, nothing, default, description=description)


def _struct_fields(cls: Any) -> Iterator[RawField]:
    from msgspec import NODEFAULT, structs

    config = cls.__struct_config__
    if config.tag_field:
        from typing import Literal

        yield RawField(config.tag_field, Literal[config.tag], cls)
    for field in structs.fields(cls):
        default = ABSENT if field.default is NODEFAULT else field.default
        yield RawField(field.name, field.type, cls, field.required, default, key=field.encode_name)


def _make_struct(cls: Any) -> Callable[[dict[str, Any]], Any]:
    tag = cls.__struct_config__.tag_field
    return lambda values: cls(**{key: values[key] for key in values if key != tag})


def _tuple_fields(cls: Any) -> Iterator[RawField]:
    defaults = cls._field_defaults
    for name in cls._fields:
        annotation, owner = _written_in(cls, name)
        yield RawField(name, annotation, owner, name not in defaults, defaults.get(name, ABSENT))


def _dict_fields(cls: Any) -> Iterator[RawField]:
    # Annotations of bases are merged into the class; strings remember their module.
    for name, annotation in annotations_of(cls).items():
        yield RawField(name, annotation, cls, name in cls.__required_keys__)


KINDS = (
    Kind("__required_keys__", _dict_fields, _as_dict, fills=True),
    Kind("__dataclass_fields__", _dataclass_fields, _by_keywords),
    Kind("__attrs_attrs__", _attrs_fields, _by_keywords),
    Kind("__struct_config__", _struct_fields, _make_struct),
    Kind("_field_defaults", _tuple_fields, _by_keywords, positional=True),
)
