"""What annotations mean: names in strings are looked up, type variables replaced.

Strings are looked up in the module of the class or function, then in the functions that are
being called right now: types made inside a function work, `from __future__ import annotations`
or not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, get_args, get_origin

from .problems import SchemaError

__all__ = ["Scope", "annotations_of", "evaluate", "scope_of", "type_variables_of"]

Scope: TypeAlias = Mapping[str, Any]
"""names -> what they stand for, beyond builtins"""


def scope_of(owner: Any) -> dict[str, Any]:
    """Gather the names that the annotations of a class or function may use."""
    module = sys.modules.get(getattr(owner, "__module__", None) or "")
    names = dict(getattr(owner, "__globals__", None) or getattr(module, "__dict__", {}))
    for cell_name, cell in zip(
        getattr(getattr(owner, "__code__", None), "co_freevars", ()),
        getattr(owner, "__closure__", None) or (),
        strict=False,
    ):
        try:
            names[cell_name] = cell.cell_contents
        except ValueError:  # not yet filled
            continue
    for parameter in getattr(owner, "__type_params__", ()):
        names[parameter.__name__] = parameter
    if isinstance(owner, type):
        names.setdefault(owner.__name__, owner)
    return names


def evaluate(text: str, scope: Scope) -> Any:
    """Find what a string annotation stands for."""
    try:
        return eval(text, {}, dict(scope))  # noqa: S307 - annotations are the caller's own code
    except NameError as error:
        missing = error
    except (SyntaxError, TypeError, AttributeError) as error:
        raise SchemaError(f"cannot read the annotation {text!r}: {error}") from None
    for names in _callers():
        try:
            return eval(text, {}, {**scope, **names})  # noqa: S307 - the same
        except (NameError, TypeError):
            continue
    raise SchemaError(f"cannot read the annotation {text!r}: {missing}")


def annotations_of(owner: Any) -> dict[str, Any]:
    """Answer the annotations written in a class or function itself, as they were written."""
    if sys.version_info >= (3, 14):
        import annotationlib  # pyright: ignore[reportMissingImports]

        return annotationlib.get_annotations(owner, format=annotationlib.Format.FORWARDREF)
    own = vars(owner).get("__annotations__") if isinstance(owner, type) else None
    return dict(own if own is not None else getattr(owner, "__annotations__", None) or {})


def type_variables_of(cls: Any, arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """Say what the type variables of a generic class and of its bases stand for."""
    parameters = getattr(cls, "__parameters__", ())
    known: dict[Any, Any] = dict(zip(parameters, arguments, strict=False))
    for base in getattr(cls, "__orig_bases__", ()):
        origin, given = get_origin(base), get_args(base)
        if origin is not None and getattr(origin, "__parameters__", ()) and origin is not cls:
            given = tuple(known.get(argument, argument) for argument in given)
            for variable, meaning in type_variables_of(origin, given).items():
                known.setdefault(variable, meaning)
    for base in getattr(cls, "__bases__", ()):
        for variable, meaning in type_variables_of(base, ()).items():
            known.setdefault(variable, meaning)
    return known


def _callers() -> Iterator[dict[str, Any]]:
    frame = sys._getframe(2)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    package = __name__.partition(".")[0] + "."
    while frame := frame.f_back:
        if not frame.f_globals.get("__name__", "").startswith(package):
            yield {**frame.f_globals, **frame.f_locals}
