"""Forms without parts: texts, numbers, moments, ids.

One row per type in SCALARS, found by name so that no type's module is imported for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from .form import Definitions, Form
from .problems import Wrong

__all__ = ["SCALARS", "Reader", "ScalarForm", "SubclassForm", "scalar_form"]

Reader: TypeAlias = Callable[[Any, bool], Any]

TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
MIDNIGHT = re.compile(r"[T ]00:00:00(\.0*)?Z?\s*$")
FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


def _str(value: Any, lax: bool) -> str:
    if isinstance(value, str):
        return value
    if lax and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise Wrong.kind("a string", value)


def _int(value: Any, lax: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if lax and isinstance(value, (str, float)) and (number := _number_in(value)) is not None:
        whole = int(number) if number == number // 1 else None
        if whole is not None:
            return whole
    raise Wrong.kind("an integer", value)


def _float(value: Any, lax: bool) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if lax and isinstance(value, str) and (number := _number_in(value)) is not None:
        return float(number)
    raise Wrong.kind("a number", value)


def _number_in(value: str | float) -> int | float | None:
    """Read a number exactly as JSON writes them: no "1_000", no "nan"."""
    if not isinstance(value, str):
        return value if value - value == 0 else None
    from msgspec import DecodeError, json

    try:
        number = json.decode(value.strip().removeprefix("+"))
    except (DecodeError, UnicodeEncodeError):
        return None
    good = isinstance(number, (int, float)) and not isinstance(number, bool)
    return number if good else None


def _bool(value: Any, lax: bool) -> bool:
    if isinstance(value, bool):
        return value
    if lax and (isinstance(value, str) or value in (0, 1)):
        word = str(value).strip().lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
    raise Wrong.kind("true or false", value)


def _none(value: Any, _: bool) -> None:
    if value is not None:
        raise Wrong.kind("null", value)


def _bytes(value: Any, _: bool) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, str):
        from base64 import b64decode

        try:
            return b64decode(value, validate=True)
        except ValueError:
            pass
    raise Wrong.kind("bytes written as base64", value)


def _decimal(value: Any, _: bool) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, str) and _number_in(value) is not None:
        return Decimal(value.strip())
    raise Wrong.kind("a number", value)


def _moment(name: str, wanted: str) -> Reader:
    """Readers for the types of `datetime` that can be made from an ISO text."""

    def read(value: Any, lax: bool) -> Any:
        import datetime as dt

        cls: Any = getattr(dt, name)
        if type(value) is cls:
            return value
        try:
            if isinstance(value, str):
                return cls.fromisoformat(value.strip())
            if lax and name == "datetime" and isinstance(value, (int, float)):
                return cls.fromtimestamp(value, dt.UTC)
        except (ValueError, OverflowError, OSError):
            if lax and name == "date" and MIDNIGHT.search(str(value)):
                return cls.fromisoformat(str(value).strip()[:10])
        raise Wrong.kind(wanted, value)

    return read


def _timedelta(value: Any, lax: bool) -> Any:
    from datetime import timedelta

    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        from msgspec import ValidationError, convert

        try:
            return convert(value.strip(), timedelta)
        except ValidationError:
            pass
    if (
        lax
        and (number := _number_in(value) if isinstance(value, (str, float)) else value)
        and (isinstance(number, (int, float)) and not isinstance(number, bool))
    ):
        return timedelta(seconds=number)
    raise Wrong.kind('a duration such as "PT1H30M"', value)


def _made_from_text(cls_name: str, wanted: str) -> Reader:
    """Readers for types whose constructor takes the text."""
    module, _, name = cls_name.rpartition(".")

    def read(value: Any, _: bool) -> Any:
        cls: Any = getattr(import_module(module), name)
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            try:
                return cls(value)
            except ValueError:
                pass
        raise Wrong.kind(wanted, value)

    return read


def _pattern(value: Any, _: bool) -> Any:
    if isinstance(value, re.Pattern):
        return value  # pyright: ignore[reportUnknownVariableType]
    try:
        return re.compile(_str(value, lax=False))
    except re.error:
        raise Wrong.kind("a regular expression", value) from None


def _text(format: str) -> dict[str, Any]:  # noqa: A002 - the keyword's name
    return {"type": "string", "format": format}


SCALARS: dict[str, tuple[dict[str, Any], Reader]] = {
    "builtins.str": ({"type": "string"}, _str),
    "builtins.int": ({"type": "integer"}, _int),
    "builtins.float": ({"type": "number"}, _float),
    "builtins.bool": ({"type": "boolean"}, _bool),
    "builtins.NoneType": ({"type": "null"}, _none),
    "builtins.bytes": ({"type": "string", "contentEncoding": "base64"}, _bytes),
    "decimal.Decimal": ({"type": "number"}, _decimal),
    "datetime.datetime": (_text("date-time"), _moment("datetime", "a date and time (ISO 8601)")),
    "datetime.date": (_text("date"), _moment("date", "a date such as 2026-01-31")),
    "datetime.time": (_text("time"), _moment("time", "a time such as 13:45:00")),
    "datetime.timedelta": (_text("duration"), _timedelta),
    "uuid.UUID": (_text("uuid"), _made_from_text("uuid.UUID", "a UUID")),
    "ipaddress.IPv4Address": (
        _text("ipv4"),
        _made_from_text("ipaddress.IPv4Address", "an IPv4 address"),
    ),
    "ipaddress.IPv6Address": (
        _text("ipv6"),
        _made_from_text("ipaddress.IPv6Address", "an IPv6 address"),
    ),
    "re.Pattern": (_text("regex"), _pattern),
    **{
        f"pathlib.{name}": (_text("path"), _made_from_text(f"pathlib.{name}", "a path"))
        for name in ("Path", "PurePath", "PosixPath", "PurePosixPath", "PureWindowsPath")
    },
}


class ScalarForm(Form):
    """A row of SCALARS."""

    def __init__(self, keywords: dict[str, Any], reader: Reader) -> None:
        self.keywords = keywords
        self.reader = reader
        self.nullable = reader is _none

    def schema(self, defs: Definitions) -> dict[str, Any]:
        del defs
        return dict(self.keywords)

    def read(self, value: Any, lax: bool) -> Any:
        return self.reader(value, lax)


class SubclassForm(Form):
    """A class derived from a scalar type: read like that, then made."""

    def __init__(self, form: Form, cls: Callable[[Any], Any]) -> None:
        self.form = form
        self.cls = cls

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return self.form.schema(defs)

    def read(self, value: Any, lax: bool) -> Any:
        if isinstance(self.cls, type) and isinstance(value, self.cls):
            return value
        try:
            return self.cls(self.form.read(value, lax))
        except ValueError as error:
            raise Wrong(str(error)) from None


def scalar_form(tp: Any) -> Form | None:
    """Answer the form of a scalar type or of a class derived from one."""
    for cls in getattr(tp, "__mro__", ()):
        module = cls.__module__.removesuffix("._local")  # pathlib's, from Python 3.13 on
        row = SCALARS.get(f"{module}.{cls.__qualname__}")
        if row is not None:
            form = ScalarForm(*row)
            return form if cls is tp else SubclassForm(form, tp)
    return None
