"""The JSON text of a tool call's arguments, whole or while it is being written.

Whole arguments are a JSON object or they are invalid: nothing is ever repaired into a call.
Unfinished ones are read as far as they go, for showing progress only.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, cast

import msgspec

__all__ = ["read_partial", "read_whole"]

_decode = msgspec.json.Decoder().decode
_CLOSERS = {"{": "}", "[": "]"}
_UNFINISHED_ESCAPE = r"(?s)\A(?:[^\\]|\\.)*\\(?:u[0-9a-fA-F]{0,3})?\Z"


def read_whole(text: str | None) -> dict[str, Any] | str:
    """Answer the arguments, or in words why the text is not one whole JSON object.

    >>> read_whole('{"city": "Paris"}')
    {'city': 'Paris'}
    >>> read_whole('{"city": "Par')
    'arguments are cut off: not a whole JSON object'
    """
    if not text or text.isspace():
        return {}
    try:
        value = _loads(text)
    except (ValueError, RecursionError):
        if read_partial(text) is not None:
            return "arguments are cut off: not a whole JSON object"
        return "arguments are not JSON"
    if not isinstance(value, dict):
        return f"arguments must be a JSON object, not {_kind_of(value)}"
    return value  # pyright: ignore[reportUnknownVariableType]


def read_partial(text: str | None) -> dict[str, Any] | None:
    """Answer the arguments as far as they are written, None when they are no JSON object.

    >>> read_partial('{"city": "Par')
    {'city': 'Par'}
    >>> read_partial('{"city": "Paris", "days": tr')
    {'city': 'Paris'}
    """
    if not text or text.isspace():
        return {}
    for attempt in (_as_it_is, _longest_prefix):
        try:
            value = _loads(attempt(text))
        except (ValueError, RecursionError):
            continue
        return cast("dict[str, Any]", value) if isinstance(value, dict) else None
    return None


def _loads(text: str) -> Any:
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        # Models write raw newlines into JSON strings and lone surrogates as escapes: both are
        # read; NaN and Infinity are not JSON.
        return json.loads(text, strict=False, parse_constant=_refuse)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _kind_of(value: object) -> str:
    names: dict[type, str] = {
        list: "a list",
        str: "a string",
        bool: "a boolean",
        type(None): "null",
    }
    return names.get(type(value), "a number")


def _as_it_is(text: str) -> str:
    return text


def _longest_prefix(text: str) -> str:
    """Cut the text after its last complete value and close what is open."""
    import re

    token = re.compile(r'(?s)\s*(?:("(?:[^"\\]|\\.)*")|([{\[])|([}\]])|([:,])|([^\s"{}\[\]:,]+))')
    stack: list[str] = []
    end, at, key_next = 0, 0, False
    while found := token.match(text, at):
        at = found.end()
        string, opener, closer, mark, literal = found.groups()
        if opener:
            stack.append(_CLOSERS[opener])
            key_next = opener == "{"
        elif closer and stack:
            stack.pop()
        elif mark:
            key_next = mark == "," and stack[-1:] == ["}"]
            continue
        elif literal and at == len(text):
            number = literal if _is_json(literal) else literal.rstrip("-+.eE")
            if not _is_json(number):
                break
            at += len(number) - len(literal)
        if not (string and key_next):
            end = at
    # Whatever opened or closed a level moved `end` on, so the stack is the one at `end`.
    closers = "".join(reversed(stack))
    rest = text[at:].lstrip()
    if rest.startswith('"') and not key_next:
        body = rest[:-1] if re.match(r"(?s)\A(?:[^\\]|\\.)*\\\Z", rest) else rest
        if not re.match(_UNFINISHED_ESCAPE, body):
            return text[:at] + body + '"' + closers
    return text[:end] + closers


def _is_json(text: str) -> bool:
    try:
        _decode(text)
    except msgspec.DecodeError:
        return False
    return True
