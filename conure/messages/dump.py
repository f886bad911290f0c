"""The fields of a message -> plain values and JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from ..errors import ConfigurationError

__all__ = ["dump", "plain", "read_decoded", "text_of", "value_of", "write_decoded"]


def dump(
    fields: Mapping[str, Any],
    *,
    mode: str = "python",
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
    exclude_none: bool = False,
    exclude_defaults: bool = False,
) -> dict[str, Any]:
    """Give the fields of a message as a dict of plain values."""
    fields = {name: plain(value) for name, value in fields.items()}
    if include is not None:
        wanted = set(include)
        fields = {name: value for name, value in fields.items() if name in wanted}
    unwanted = set(exclude or ())
    fields = {
        name: value
        for name, value in fields.items()
        if name not in unwanted
        and not (exclude_none and value is None)
        and not (exclude_defaults and _is_default(name, value))
    }
    return value_of(text_of(fields)) if mode == "json" else fields


_EMPTY: tuple[Any, ...] = ({}, [], None)


def _is_default(name: str, value: Any) -> bool:
    return (
        name == "type"
        or (name != "content" and value in _EMPTY)
        or (name == "status" and value == "success")
    )


def write_decoded(blocks: list[dict[str, Any]], content: Any) -> dict[str, Any]:
    """Write the blocks that a message was decoded from, and which content goes with them."""
    return {"of": _mark_of(content), "blocks": blocks}


def read_decoded(decoded: Any, content: Any) -> list[dict[str, Any]] | None:
    """Read them back; None when the content was changed since: then it is what counts."""
    if not isinstance(decoded, Mapping):
        raise ConfigurationError(f"decoded must be a dict of 'of' and 'blocks': {decoded!r:.80}")
    written = cast("Mapping[str, Any]", decoded)
    blocks = written.get("blocks")
    if not isinstance(blocks, list) or not all(map(_is_block, cast("list[Any]", blocks))):
        raise ConfigurationError("decoded['blocks'] must be a list of dicts with a 'type'")
    return cast("list[Any]", blocks) if written.get("of") == _mark_of(content) else None


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(cast("dict[str, Any]", value).get("type"), str)


def _mark_of(content: Any) -> str:
    from zlib import crc32

    return f"{crc32(text_of(content).encode('utf-8', 'surrogatepass')):08x}"


def plain(value: Any) -> Any:
    """Copy nested data into plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if type(value) is list or type(value) is tuple:
        return [plain(item) for item in cast("list[Any]", value)]
    return value


def text_of(value: Any, indent: int | None = None) -> str:
    """Write plain data as JSON."""
    try:
        text = msgspec.json.encode(value)
        return (msgspec.json.format(text, indent=indent) if indent else text).decode()
    except UnicodeEncodeError:
        # A lone surrogate, as models write in half an emoji, is legal in JSON as an escape.
        return json.dumps(value, indent=indent)
    except (TypeError, ValueError) as problem:
        raise ConfigurationError(
            f"these messages cannot be written as JSON: {problem}; artifacts and additional "
            "values must be plain data"
        ) from None


def value_of(text: str | bytes) -> Any:
    """Read JSON."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise ConfigurationError(f"these messages are not JSON: {problem}") from None
