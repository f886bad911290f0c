"""Markdown as it streams -> text for a terminal.

Rule 1: what cannot be anything else is shown at once; a marker waits for its closing twin or
        the end of its line, never longer.
Rule 2: whatever is not understood is shown as it came: no character is lost.
Rule 3: a reply moves no cursor and rings no bell: control characters are dropped.
"""

from __future__ import annotations

import re
from typing import Protocol

__all__ = ["BOLD", "DIM", "RESET", "Markdown", "Plain", "Renderer", "harmless", "renderer"]

RESET = "\x1b[0m"
BOLD = "\x1b[1m"
DIM = "\x1b[2m"
ITALIC = "\x1b[3m"
CYAN = "\x1b[36m"
UNDERLINE = "\x1b[4m"

CONTROL = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})

# What opens a line. While a line could still become one of these, it waits.
HEADING = re.compile(r"#{1,6} +")
BULLET = re.compile(r"(\s*)[-*+] +(?=\S)")
QUOTE = re.compile(r"> ?")
FENCE = re.compile(r"\s*(?:```|~~~)")
RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
UNDECIDED = re.compile(r"\s*(?:#{0,6} *|[-*+_]* *|`{0,2}|~{0,2}|>)")

INLINE = re.compile(
    r"(?<!`)(?P<tick>`++)(?P<code>.+?)(?<!`)(?P=tick)(?!`)"
    r"|\*\*(?P<bold>\S|\S.*?\S)\*\*(?!\*)"
    r"|(?<![\w*])\*(?P<italic>[^\s*]|[^\s*][^*]*?[^\s*])\*(?![\w*])"
    r"|\[(?P<label>[^\]\[]+)\]\((?P<link>[^)\s]+)\)"
)
# A marker that could open something: it and what follows wait for the end.
OPENING = re.compile(r"(?<!`)`|(?<![\w*])\*\*?(?=\S|$)|\*\*(?=\S|$)|\*$|\[")


class Renderer(Protocol):
    """Feed it text as it comes; it answers with what can be shown."""

    def feed(self, text: str) -> str: ...

    def close(self) -> str: ...


class Plain:
    """Show text as it is."""

    def feed(self, text: str) -> str:
        return text

    def close(self) -> str:
        return ""


class Markdown:
    r"""Show light Markdown with terminal styles.

    >>> screen = Markdown()
    >>> screen.feed("so **bo"), screen.feed("ld** it")
    ('so ', '\x1b[1mbold\x1b[0m it')
    """

    def __init__(self) -> None:
        self._held = ""
        self._before = ""  # the last character shown of this line: `a*` opens nothing
        self._fresh = True  # nothing of this line was shown yet
        self._style = ""  # what the whole line is dressed in
        self._code = False

    def feed(self, text: str) -> str:
        *lines, self._held = (self._held + harmless(text)).split("\n")
        shown = [self._line(line) + "\n" for line in lines]
        shown.append(self._begun())
        return "".join(shown)

    def close(self) -> str:
        rest, self._held = self._held, ""
        return self._line(rest) if rest else (RESET if self._style else "")

    def _line(self, text: str) -> str:
        """Show the rest of a line that is complete."""
        if self._fresh:
            if RULE.fullmatch(text) and not self._code:
                return f"{DIM}{'─' * 40}{RESET}"
            prefix, text = self._open(text)
        else:
            prefix = ""
        end = RESET if self._style else ""
        shown = prefix + self._inline(text) + end
        self._fresh, self._style, self._before = True, "", ""
        return shown

    def _begun(self) -> str:
        """Show what is already certain of a line that still grows."""
        if self._fresh:
            if not self._held or UNDECIDED.fullmatch(self._held) or FENCE.match(self._held):
                return ""
            prefix, self._held = self._open(self._held)
            self._fresh = False
        else:
            prefix = ""
        certain = len(self._held) if self._code else _certain(self._before, self._held)
        shown, self._held = self._held[:certain], self._held[certain:]
        return prefix + self._inline(shown)

    def _open(self, text: str) -> tuple[str, str]:
        """Split off what opens a line: (shown, rest)."""
        if FENCE.match(text):
            self._code = not self._code
            self._style = DIM
            return DIM + text, ""
        if self._code:
            self._style = CYAN
            return CYAN, text
        if found := HEADING.match(text):
            self._style = BOLD
            return BOLD, text[found.end() :]
        if found := BULLET.match(text):
            return f"{found[1]}• ", text[found.end() :]
        if found := QUOTE.match(text):
            self._style = DIM
            return f"{DIM}│ ", text[found.end() :]
        return "", text

    def _inline(self, text: str) -> str:
        if self._code:
            return text
        shown: list[str] = []
        whole, position = self._before + text, len(self._before)
        for found in INLINE.finditer(whole, position):
            shown += [whole[position : found.start()], self._dress(found)]
            position = found.end()
        self._before = whole[-1:]
        return "".join(shown) + whole[position:]

    def _dress(self, found: re.Match[str]) -> str:
        back = RESET + self._style
        if (code := found["code"]) is not None:
            return f"{CYAN}{code}{back}"
        if (bold := found["bold"]) is not None:
            return f"{BOLD}{bold}{back}"
        if (italic := found["italic"]) is not None:
            return f"{ITALIC}{italic}{back}"
        return f"{UNDERLINE}{found['label']}{back} {DIM}{found['link']}{back}"


def harmless(text: str) -> str:
    """Drop what a terminal would obey rather than show."""
    return text.translate(CONTROL)


def _certain(before: str, text: str) -> int:
    """Count the characters that no later one can change."""
    whole, position = before + text, len(before)
    while found := OPENING.search(whole, position):
        match = INLINE.match(whole, found.start())
        # At the very end the next character may still belong to it (`*a*` may become `*a**`).
        if match is None or match.end() == len(whole):
            return found.start() - len(before)
        position = match.end()
    return len(text)


def renderer(*, terminal: bool) -> Renderer:
    """Choose how to show a reply: dressed on a terminal, as it is elsewhere."""
    return Markdown() if terminal else Plain()
