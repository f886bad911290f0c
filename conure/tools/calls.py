"""What a tool was asked: plain arguments, one text, or a tool call of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from ..errors import ConfigurationError
from .errors import InvalidToolArguments

__all__ = ["Asked", "ask", "is_call"]

CALL_KEYS = frozenset({"type", "name", "args", "id", "index", "extras"})


class Asked(NamedTuple):
    """The arguments, and the id of the call where it is to be answered with a message."""

    arguments: Mapping[str, Any]
    call_id: str | None = None


def ask(name: str, described: Any, input: Any) -> Asked:
    """Find out what a tool was asked."""
    if isinstance(input, str):
        return Asked({_only_argument(name, described): input})
    if isinstance(input, Mapping):
        given = cast("Mapping[str, Any]", input)
        if is_call(given, described.json_schema):
            return Asked(_arguments(name, given), given.get("id"))
        return Asked(given)
    if hasattr(input, "model_dump"):
        return Asked(_fields_of(input))
    raise ConfigurationError(
        f"{name} takes a dict of arguments, a text or a tool call, not {type(input).__name__}"
    )


def _fields_of(model: Any) -> dict[str, Any]:
    return {field: getattr(model, field) for field in model.__class__.model_fields}


def is_call(given: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    """Say whether a dict is a tool call; printed calls often lack their type."""
    if given.get("type") == "tool_call":
        return "args" in given
    looks = {"name", "args", "id"} <= given.keys() <= CALL_KEYS
    return (
        looks
        and isinstance(given["name"], str)
        and isinstance(given["args"], dict)
        and not given.keys() <= schema.get("properties", {}).keys()
    )


def _arguments(name: str, call: Mapping[str, Any]) -> Mapping[str, Any]:
    arguments = call["args"]
    if isinstance(arguments, Mapping):
        return cast("Mapping[str, Any]", arguments)
    raise InvalidToolArguments(name, [("$", f"must be an object, not {arguments!r}")])


def _only_argument(name: str, described: Any) -> str:
    properties = described.json_schema.get("properties", {})
    required = described.json_schema.get("required", ())
    names = list(properties) if len(properties) == 1 else list(required)
    if len(names) == 1:
        return names[0]
    raise InvalidToolArguments(
        name, [("$", f"must be an object with {', '.join(properties) or 'no keys'}, not one text")]
    )
