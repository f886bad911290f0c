"""Messages in LangChain's shape of serialization: `dumpd`, `dumps`, `load`, `loads`.

Only messages are built when loading, whatever the data asks for: nothing is imported, no
environment is read and no secret is filled in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from .errors import ConfigurationError
from .messages import BaseMessage
from .messages.serialize import of_constructor, to_constructor

__all__ = ["dumpd", "dumps", "load", "loads"]


def dumpd(value: Any) -> Any:
    """Give a message, or what holds messages, as plain data.

    >>> from conure.messages import HumanMessage
    >>> dumpd(HumanMessage("hi"))["kwargs"]
    {'content': 'hi', 'type': 'human'}
    """
    if isinstance(value, BaseMessage):
        return to_constructor(value)
    if callable(write := getattr(value, "to_constructor", None)):
        return write()
    if isinstance(value, Mapping):
        return {key: dumpd(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [dumpd(item) for item in cast("list[Any]", value)]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return _unknown(value)


def _unknown(value: object) -> dict[str, Any]:
    kind = type(value)
    path = [*kind.__module__.split("."), kind.__name__]
    return {"lc": 1, "type": "not_implemented", "id": path, "repr": repr(value)}


def dumps(value: Any, *, pretty: bool = False, indent: int | None = None) -> str:
    """Give a message, or what holds messages, as JSON text."""
    return json.dumps(dumpd(value), indent=indent or (2 if pretty else None), ensure_ascii=False)


def load(value: Any, *, allowed_objects: object = "messages") -> Any:
    """Build the messages in what `dumpd` gave; all else stays plain data.

    >>> from conure.messages import HumanMessage
    >>> load(dumpd([HumanMessage("hi")]))
    [HumanMessage(content='hi', additional_kwargs={}, response_metadata={})]
    """
    if allowed_objects not in ("messages", "core", "all"):
        raise ConfigurationError("allowed_objects is 'messages': nothing else can be loaded")
    return _load(value, "value")


def loads(text: str | bytes, *, allowed_objects: object = "messages") -> Any:
    """Build the messages in what `dumps` wrote; all else stays plain data."""
    return load(json.loads(text), allowed_objects=allowed_objects)


def _load(value: Any, where: str) -> Any:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_load(item, f"{where}[{position}]") for position, item in enumerate(items)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if found.get("lc") == 1 and found.get("type") == "constructor":
        return of_constructor(found, where)
    return {key: _load(item, f"{where}[{key!r}]") for key, item in found.items()}
