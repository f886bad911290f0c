"""What is known of a value while its JSON is still being written.

`Shown` gives the dict so far, each time there is more of it; `Items` gives each item of a list
once it is complete. Both look at a character once, and copy only what may still change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError, InvalidOutput
from ..messages import AIMessageChunk
from ..schema.partial_json import PartialJSON
from ..schema.problems import InvalidValue, path_of
from ..schema.shape import WRAPPED, Shape

__all__ = ["Growing", "Items", "Shown", "Written"]

Written: TypeAlias = Callable[[AIMessageChunk], str]
"""what a chunk adds to the JSON of an answer"""

NOTHING: Any = object()


class Growing:
    """Reads the answer's JSON chunk by chunk."""

    def __init__(self, *, by_call: bool) -> None:
        self.partial = PartialJSON(in_text=True)
        self._by_call = by_call
        self._index: Any = NOTHING

    def feed(self, chunk: AIMessageChunk) -> list[Any]:
        """Give what a chunk made known."""
        piece = self._arguments(chunk) if self._by_call else str(chunk.text)
        return self.show(piece) if piece else []

    def show(self, piece: str) -> list[Any]:
        """Give what a piece of JSON made known."""
        self.partial.feed(piece)
        return []

    def _arguments(self, chunk: AIMessageChunk) -> str:
        """Give what a chunk adds to the arguments of the first call."""
        pieces: list[str] = []
        for call in chunk.tool_call_chunks:
            if self._index is NOTHING:
                self._index = call.get("index")
            if call.get("index") == self._index:
                pieces.append(call["args"] or "")
        return "".join(pieces)


class Shown(Growing):
    """Gives the value so far, each time there is more of it."""

    def __init__(self, shape: Shape[Any] | None, *, by_call: bool) -> None:
        super().__init__(by_call=by_call)
        self._wrapped = shape is not None and shape.is_wrapped
        self.last: Any = NOTHING

    def show(self, piece: str) -> list[Any]:
        self.partial.feed(piece)
        value = self.partial.value
        if self._wrapped and isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(WRAPPED)
        if not isinstance(value, (dict, list)) or _is_as(cast("Any", value), self.last):
            return []
        self.last = _copied(cast("Any", value))
        return [self.last]


class Items(Growing):
    """Gives each item of the only list at the top of the answer once, validated."""

    def __init__(self, shape: Shape[Any] | None, *, by_call: bool) -> None:
        super().__init__(by_call=by_call)
        path = None if shape is None else _list_path(shape)
        if shape is None or path is None:
            raise ConfigurationError(
                "stream_items needs a schema with exactly one list at its top, e.g. list[Movie]"
            )
        self._path = path
        self._shown_path = () if shape.is_wrapped else path
        self._item = shape.at((*path, 0))

    def show(self, piece: str) -> list[Any]:
        found = [one for one in self.partial.feed(piece) if one.path[:-1] == self._path]
        return [self._read(one.path[-1], one.value) for one in found]

    def _read(self, index: str | int, value: Any) -> Any:
        try:
            return self._item.read(value)
        except InvalidValue as error:
            here = path_of((*self._shown_path, index))
            errors = [(here + path.removeprefix("$"), words) for path, words in error.errors]
            raise InvalidOutput(
                "\n".join(["not a valid item:", *(f"- {path}: {words}" for path, words in errors)]),
                errors=errors,
            ) from error


def _list_path(shape: Shape[Any]) -> tuple[str, ...] | None:
    """Give the way to the only list at the top of the answer."""
    properties: Mapping[str, Any] = shape.object_schema.get("properties") or {}
    lists = [name for name, schema in properties.items() if schema.get("type") == "array"]
    return (lists[0],) if len(lists) == 1 else None


# JSON is written in order: only the last value of each container may still change.


def _copied(value: Any) -> Any:
    """Copy what may still change; what is complete is shared with earlier values."""
    last = _last_key(value)
    if last is None:
        return value.copy() if hasattr(value, "copy") else value  # an empty one
    copy: Any = value.copy()
    copy[last] = _copied(copy[last])
    return copy


def _is_as(value: Any, last: Any) -> bool:
    """Say whether nothing is new since `last` was copied."""
    while True:
        key = _last_key(value)
        if key is None or key != _last_key(last) or len(value) != len(last):
            return type(value) is type(last) and bool(value == last)
        value, last = value[key], last[key]


def _last_key(value: Any) -> Any:
    """Give where the last value of a container stands; None when it has none."""
    if isinstance(value, dict):
        return next(reversed(cast("dict[str, Any]", value)), None)
    return len(cast("list[Any]", value)) - 1 if isinstance(value, list) and value else None
