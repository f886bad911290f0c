"""The state of a run as plain JSON, and back.

Messages are written in the shape of `dumpd`, data as it is, values of a user's own types as the
JSON of their type: those are read again by the type that their key was declared with. What is
none of these has no place in a state that is kept, and is named with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from ..errors import ConfigurationError
from ..messages import BaseMessage, ToolMessage
from ..messages.serialize import of_constructor, to_constructor
from ..schema.form import json_of
from ..schema.problems import Wrong
from ..schema.shape import Shape, shape_of
from ..types import Command
from .state import StateKeys

__all__ = ["Writer"]

TYPED = "conure:typed"
"""the one key of a dict in place of a value of a user's own type"""


class Writer:
    """Writes and reads the states of one agent."""

    def __init__(self, keys: StateKeys, response: Any) -> None:
        self._keys = keys
        self._response = response

    def write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give a state as JSON values."""
        return {name: _plain(value, name) for name, value in values.items()}

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Read what `write` gave."""
        return {name: self._read(value, name) for name, value in values.items()}

    def write_answer(self, answer: ToolMessage | Command[Any]) -> dict[str, Any]:
        """Give what a tool answered, a message or a command, as JSON values."""
        if isinstance(answer, Command):
            goto = answer.goto if isinstance(answer.goto, str) else list(answer.goto)
            return {"update": self.write(answer.update or {}), "goto": goto}
        return {"message": _plain(answer, "answer")}

    def read_answer(self, written: Mapping[str, Any]) -> ToolMessage | Command[Any]:
        """Read what `write_answer` gave."""
        if "message" in written:
            return self._read(written["message"], "answer")
        return Command(update=self.read(written["update"]) or None, goto=written["goto"])

    def _read(self, value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [self._read(item, name) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        found = cast("dict[str, Any]", value)
        if found.get("lc") == 1 and found.get("type") == "constructor":
            return of_constructor(found, name)
        if found.keys() == {TYPED}:
            shape = self._shape(name)
            return found[TYPED] if shape is None else shape.read(found[TYPED])
        return {key: self._read(item, name) for key, item in found.items()}

    def _shape(self, name: str) -> Shape[Any] | None:
        if name == "structured_response":
            return None if self._response is None else shape_of(self._response)
        key = self._keys.keys.get(name)
        return None if key is None else shape_of(key.annotation)


def _plain(value: Any, where: str) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, BaseMessage):
        return _plain_message(value, where)
    if isinstance(value, str) and not isinstance(value, Enum):
        return "".join(value)  # such as the `text` of a message, which is a str and more
    if isinstance(value, Mapping):
        entries = cast("Mapping[Any, Any]", value)
        if all(isinstance(key, str) for key in entries):
            return {key: _plain(item, f"{where}[{key!r}]") for key, item in entries.items()}
    elif type(value) is list or type(value) is tuple:
        items = cast("list[Any]", value)
        return [_plain(item, f"{where}[{place}]") for place, item in enumerate(items)]
    elif "[" not in where:
        try:
            return {TYPED: json_of(value)}
        except (Wrong, TypeError, ValueError):
            pass
    kind = type(cast("object", value)).__name__
    raise ConfigurationError(
        f"state[{where!r}] cannot be kept by a checkpointer: {kind} is no plain "
        "data. Use messages, texts, numbers, lists and dicts of these, or a dataclass or pydantic "
        "class as the whole value of a key that is declared with it"
    )


_PLAIN = frozenset({str, int, float, bool})


def _plain_message(message: BaseMessage, where: str) -> dict[str, Any]:
    written = to_constructor(message)
    fields = {name: _plain(value, f"{where}.{name}") for name, value in written["kwargs"].items()}
    return {**written, "kwargs": fields}
