"""What an answer must look like: JSON Schema from types and functions, and values read back.

Pure: nothing here performs I/O or knows a model. pydantic is looked at only when a user hands
over something of it. Names are resolved on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check import check_schema
    from .of_function import FunctionShape, shape_of_function
    from .partial_json import Closed, PartialJSON, parse_partial
    from .problems import InvalidValue, SchemaError
    from .refs import inlined
    from .rules import ANTHROPIC, BEDROCK, GEMINI, OPENAI, RULES, Rules
    from .shape import Shape, shape_of
    from .subset import narrow

__all__ = [
    "ANTHROPIC",
    "BEDROCK",
    "GEMINI",
    "OPENAI",
    "RULES",
    "Closed",
    "FunctionShape",
    "InvalidValue",
    "PartialJSON",
    "Rules",
    "SchemaError",
    "Shape",
    "check_schema",
    "inlined",
    "narrow",
    "parse_partial",
    "shape_of",
    "shape_of_function",
]

HOMES = {
    "ANTHROPIC": "rules",
    "BEDROCK": "rules",
    "GEMINI": "rules",
    "OPENAI": "rules",
    "RULES": "rules",
    "Closed": "partial_json",
    "FunctionShape": "of_function",
    "InvalidValue": "problems",
    "PartialJSON": "partial_json",
    "Rules": "rules",
    "SchemaError": "problems",
    "Shape": "shape",
    "check_schema": "check",
    "inlined": "refs",
    "narrow": "subset",
    "shape_of_function": "of_function",
    "parse_partial": "partial_json",
    "shape_of": "shape",
}
"""public name -> the file it lives in"""


def __getattr__(name: str) -> Any:
    if home := HOMES.get(name):
        from importlib import import_module

        return getattr(import_module(f".{home}", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
