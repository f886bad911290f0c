"""A JSON string in pieces: the text between the quotes, as far as it has come.

Raw control characters are taken, as models write them. Half of an escape, or of a pair of
surrogates, shows nothing yet.
"""

from __future__ import annotations

import re
from typing import cast

__all__ = ["PartialText"]

RUN = re.compile(r'[^"\\]*')
ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}


class PartialText:
    """The text of one JSON string; reading begins after the opening quote."""

    __slots__ = ("_high", "_parts", "is_broken")

    def __init__(self) -> None:
        self.is_broken = False
        """whether an escape came that JSON does not have"""
        self._parts: list[str] = []
        self._high = ""

    def so_far(self) -> str:
        """Answer what has come."""
        self._parts = ["".join(self._parts)]
        return self._parts[0]

    def read(self, text: str, at: int) -> tuple[int, str | None]:
        parts = self._parts
        end = cast("re.Match[str]", RUN.match(text, at)).end()
        if end > at:
            parts += [self._high, text[at:end]] if self._high else [text[at:end]]
            self._high = ""
        if end == len(text):
            return end, None
        if text[end] == "\\":
            read = self._escape(text, end)
            # What is before an unfinished escape has been read: only the escape waits.
            if read < 0 and end > at:
                return end, None
            return read, None
        whole = "".join(parts) + self._high
        return end + 1, whole

    def _escape(self, text: str, at: int) -> int:
        parts = self._parts
        letter = text[at + 1 : at + 2]
        if not letter:
            return -1
        if letter != "u":
            self.is_broken = letter not in ESCAPES
            parts += [self._high, ESCAPES.get(letter, "")]
            self._high = ""
            return at + 2
        digits = text[at + 2 : at + 6]
        if len(digits) < 4:
            return -1
        try:
            code = int(digits, 16)
        except ValueError:
            self.is_broken = True
            return at
        if self._high and 0xDC00 <= code < 0xE000:
            parts.append(chr(0x10000 + ((ord(self._high) - 0xD800) << 10) + code - 0xDC00))
            self._high = ""
        else:
            parts.append(self._high)
            # The first half of a pair is shown with the second.
            self._high = chr(code) if 0xD800 <= code < 0xDC00 else ""
            parts.append("" if self._high else chr(code))
        return at + 6
