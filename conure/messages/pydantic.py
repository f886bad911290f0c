"""Messages as fields of pydantic models, and in the bodies of web frameworks.

pydantic asks each class for its schema; it is not imported before it asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["json_schema_of", "schema_of"]

_TEXT = {"type": "string"}
_OBJECT = {"type": "object"}
_MAYBE_TEXT = {"anyOf": [_TEXT, {"type": "null"}], "default": None}
_TOOL_CALL = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "args": _OBJECT,
        "id": {"anyOf": [_TEXT, {"type": "null"}]},
        "type": {"const": "tool_call"},
    },
    "required": ["name", "args", "id"],
}
_FIELDS: dict[str, dict[str, Any]] = {
    "content": {"anyOf": [_TEXT, {"type": "array", "items": {"anyOf": [_TEXT, _OBJECT]}}]},
    "additional_kwargs": _OBJECT,
    "response_metadata": _OBJECT,
    "name": _MAYBE_TEXT,
    "id": _MAYBE_TEXT,
    "tool_calls": {"type": "array", "items": _TOOL_CALL},
    "invalid_tool_calls": {"type": "array", "items": _OBJECT},
    "usage_metadata": {"anyOf": [_OBJECT, {"type": "null"}], "default": None},
    "tool_call_chunks": {"type": "array", "items": _OBJECT},
    "chunk_position": {"anyOf": [{"const": "last"}, {"type": "null"}], "default": None},
    "tool_call_id": _TEXT,
    "artifact": {"default": None},
    "status": {"enum": ["success", "error"], "default": "success"},
    "role": _TEXT,
}
_REQUIRED = ("content", "tool_call_id", "role")


def schema_of(validate: Callable[[Any], Any]) -> Any:
    """Give pydantic's core schema of a message class."""
    from pydantic_core import core_schema

    def serialize(message: Any, info: Any) -> dict[str, Any]:
        return message.model_dump(mode=info.mode)

    return core_schema.no_info_plain_validator_function(
        validate,
        serialization=core_schema.plain_serializer_function_ser_schema(serialize, info_arg=True),
    )


def json_schema_of(title: str, kind: str, names: Sequence[str]) -> dict[str, Any]:
    """Give the JSON schema of a message class, by its name, `type` and fields."""
    properties = {name: _FIELDS[name] for name in names if name in _FIELDS}
    properties["type"] = _TEXT if kind == "base" else {"const": kind, "default": kind}
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": [name for name in _REQUIRED if name in properties],
        "additionalProperties": True,
    }
