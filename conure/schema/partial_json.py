"""The best value so far of a JSON text that is still being written.

Feed pieces as they come: each character is looked at once, whatever the size of the pieces. The
value is the longest valid prefix: an unfinished text shows what it has, an unfinished word such
as `tru` or a key without a value does not show.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from .partial_text import PartialText

__all__ = ["Closed", "PartialJSON", "parse_partial"]

SPACE = re.compile(r"[ \t\n\r]*")
WORD = re.compile(r'[^\s,:{}\[\]"]*')
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
LONGEST_WORD = 5_000
"""characters of a number: Python itself reads no longer one"""
DEEPEST = 500
"""arrays and objects within each other: the path of each item is told"""
NOTHING: Any = object()


class Closed(NamedTuple):
    """An item of an array, or the value of a key, that is complete."""

    path: tuple[str | int, ...]
    value: Any


class PartialJSON:
    """Reads one JSON value in pieces.

    `feed` answers what the piece completed: the items of arrays, and with `fields` the values of
    keys as well. Text before the first `{` or `[` is skipped with `in_text`, as is all that
    follows the value. `value` is one growing object; `snapshot` copies what still grows.

    >>> partial = PartialJSON()
    >>> partial.feed('{"films": [{"title": "Alien"}, {"title": "Al')
    [Closed(path=('films', 0), value={'title': 'Alien'})]
    >>> partial.value
    {'films': [{'title': 'Alien'}, {'title': 'Al'}]}
    """

    def __init__(self, *, fields: bool = False, in_text: bool = False) -> None:
        self.is_done = False
        """whether the value is complete"""
        self.is_broken = False
        """whether what came is not JSON; `value` is what came before"""
        self._fields = fields
        self._skips = in_text
        self._root: Any = NOTHING
        self._stack: list[Any] = []
        self._keys: list[str | int] = []
        self._rest = ""
        self._text: PartialText | None = None
        self._closed: list[Closed] = []
        self._next: Callable[[str, int], int] = self._value

    @property
    def value(self) -> Any:
        """The value so far, None before it begins; it grows in place."""
        unfinished = self._unfinished()
        if unfinished is not NOTHING and self._next != self._key_text:
            if not self._stack:
                return unfinished
            self._put(unfinished)
        return None if self._root is NOTHING else self._root

    def snapshot(self) -> Any:
        """Answer the value as it is now, in a copy that does not grow.

        What is complete is shared, not copied: only the arrays and objects still open are.
        """
        whole = self.value
        if not self._stack:
            return whole
        copies = [container.copy() for container in self._stack]
        for outer, inner, key in zip(copies, copies[1:], self._keys, strict=False):
            outer[key] = inner
        return copies[0]

    def feed(self, piece: str) -> list[Closed]:
        """Take the next piece; answer what it completed."""
        if self.is_done or self.is_broken or not piece:
            return []
        text, self._rest = self._rest + piece, ""
        if self._skips:
            start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
            if start < 0:
                return []
            text, self._skips = text[start:], False
        self._closed = []
        at, end = 0, len(text)
        while at < end and not (self.is_done or self.is_broken):
            reached = self._next(text, at)
            if reached < 0:
                self._rest = text[at:]
                self.is_broken = self.is_broken or len(self._rest) > LONGEST_WORD
                break
            at = reached
        return self._closed

    def close(self) -> Any:
        """Say that no more will come; answers the value."""
        if not self.is_broken and not self._stack and self._text is None:
            word = self._unfinished()
            if word is not NOTHING:
                self._root, self.is_done = word, True
        return self.value

    def _unfinished(self) -> Any:
        """Answer the text or word that is being written, as far as it can be shown."""
        if self._text is not None:
            return self._text.so_far()
        word = _word(self._rest)
        return _word(self._rest.rstrip("-+.eE")) if word is NOTHING else word

    # Each of these reads one thing at a position and answers where it ends; -1 asks for more.

    def _value(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        match text[at]:
            case "{":
                self._open({}, self._key_or_end)
            case "[":
                self._open([], self._item_or_end)
            case '"':
                self._text, self._next = PartialText(), self._value_text
            case _:
                return self._read_word(text, at)
        return at + 1

    def _read_word(self, text: str, at: int) -> int:
        end = cast("re.Match[str]", WORD.match(text, at)).end()
        if end == len(text) and end > at:
            return -1
        word = _word(text[at:end])
        if word is NOTHING:
            self.is_broken = True
            return at
        self._complete(word)
        return end

    def _item_or_end(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if text[at : at + 1] == "]":
            return self._shut(at)
        self._next = self._value
        return at

    def _key_or_end(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if text[at : at + 1] == "}":
            return self._shut(at)
        return self._key(text, at)

    def _key(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        if text[at] == '"':
            self._text, self._next = PartialText(), self._key_text
        elif text[at] != "}":  # a comma before the end is forgiven
            self.is_broken = True
        else:
            return self._shut(at)
        return at + 1

    def _key_text(self, text: str, at: int) -> int:
        end, key = self._read_text(text, at)
        if key is not None:
            self._keys[-1], self._next = key, self._colon
        return end

    def _value_text(self, text: str, at: int) -> int:
        end, value = self._read_text(text, at)
        if value is not None:
            self._complete(value)
        return end

    def _colon(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        self.is_broken = text[at] != ":"
        self._next = self._value
        return at + 1

    def _comma(self, text: str, at: int) -> int:
        at = _after_space(text, at)
        if at == len(text):
            return at
        container = self._stack[-1]
        in_object = isinstance(container, dict)
        if text[at] == ",":
            self._next = self._key if in_object else self._item_or_end
            if not in_object:
                self._keys[-1] = len(container)
            return at + 1
        if text[at] == ("}" if in_object else "]"):
            return self._shut(at)
        self.is_broken = True
        return at

    def _read_text(self, text: str, at: int) -> tuple[int, str | None]:
        reading = cast("PartialText", self._text)
        end, whole = reading.read(text, at)
        self.is_broken = reading.is_broken
        if whole is not None:
            self._text = None
        return end, whole

    def _open(self, container: Any, then: Callable[[str, int], int]) -> None:
        if self._stack:
            self._put(container)
            self.is_broken = len(self._stack) >= DEEPEST
        else:
            self._root = container
        self._stack.append(container)
        self._keys.append(0 if isinstance(container, list) else "")
        self._next = then

    def _shut(self, at: int) -> int:
        whole = self._stack.pop()
        self._keys.pop()
        self._complete(whole)
        return at + 1

    def _complete(self, value: Any) -> None:
        if not self._stack:
            self._root, self.is_done = value, True
            return
        self._put(value)
        self._next = self._comma
        if self._fields or isinstance(self._stack[-1], list):
            self._closed.append(Closed(tuple(self._keys), value))

    def _put(self, value: Any) -> None:
        container, key = self._stack[-1], self._keys[-1]
        if isinstance(container, dict):
            container[key] = value
        elif len(cast("list[Any]", container)) == key:
            container.append(value)
        else:
            container[key] = value


def parse_partial(text: str) -> Any:
    """Read as much of a JSON text as is there.

    >>> parse_partial('{"days": 3, "cities": ["Paris", "Ly')
    {'days': 3, 'cities': ['Paris', 'Ly']}
    """
    partial = PartialJSON()
    partial.feed(text)
    return partial.close()


def _after_space(text: str, at: int) -> int:
    return cast("re.Match[str]", SPACE.match(text, at)).end()


def _word(word: str) -> Any:
    """Read a number or `true`, `false`, `null`; NOTHING when it is none."""
    if word in WORDS:
        return WORDS[word]
    from msgspec import DecodeError, json

    try:
        return json.decode(word) if word else NOTHING
    except (DecodeError, UnicodeEncodeError):
        return NOTHING
