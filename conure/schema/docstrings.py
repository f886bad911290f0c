"""What docstrings say: about a function or class as a whole, and about each of its parts.

Google style (`Args:`, `Attributes:`), and the string that may stand below a field of a class.
https://google.github.io/styleguide/pyguide.html#383-functions-and-methods
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .hints import annotations_of, scope_of

__all__ = ["Doc", "cleaned", "doc_of", "field_docs", "read_google"]

PARTS = frozenset({"args", "arguments", "attributes", "parameters", "params", "keyword args"})
SECTIONS = PARTS | {
    "example",
    "examples",
    "note",
    "notes",
    "raises",
    "references",
    "return",
    "returns",
    "see also",
    "todo",
    "warning",
    "warnings",
    "yields",
}


class Doc(NamedTuple):
    """A docstring taken apart."""

    summary: str = ""
    """all that stands before the first section"""
    parts: dict[str, str] = {}  # noqa: RUF012 - never changed
    has_parts: bool = False
    """whether there is a section about parts, well set off by a blank line"""


def cleaned(text: str | None) -> str:
    """Remove the indentation that a docstring has for its place in the source."""
    if not text:
        return ""
    first, *rest = text.expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first.strip(), *[line[margin:].rstrip() for line in rest]]).strip()


def read_google(text: str | None) -> Doc:
    """Take a docstring in Google's style apart.

    >>> read_google('''Find it.
    ...
    ... Args:
    ...     city: Where,
    ...         in words.
    ... ''')
    Doc(summary='Find it.', parts={'city': 'Where, in words.'}, has_parts=True)
    """
    lines = cleaned(text).split("\n")
    starts = [number for number, line in enumerate(lines) if _heading(line)]
    if not starts:
        return Doc(_joined(lines))
    parts: dict[str, str] = {}
    has_parts = False
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if _heading(lines[start]) in PARTS:
            parts |= _parts(lines[start + 1 : end])
            has_parts = has_parts or start == 0 or not lines[start - 1].strip()
    return Doc(_joined(lines[: starts[0]]), parts, has_parts)


def doc_of(cls: Any) -> Doc:
    """Take apart the docstring that a class has of its own; texts made by machines are none."""
    text: Any = cls.__dict__.get("__doc__")
    name = cls.__name__
    if not isinstance(text, str) or text.startswith((f"{name}(", "An enumeration.")):
        return Doc()
    return read_google(text)


def field_docs(cls: Any) -> dict[str, str]:
    """Find the strings below the fields of a class, where there is source to look at."""
    import ast

    node = _definition_of(cls)
    docs: dict[str, str] = {}
    if node is not None and hasattr(cls, "__required_keys__"):
        for base in _bases_of(cls, node):
            docs |= field_docs(base) | doc_of(base).parts
    for field, below in zip(node.body, node.body[1:], strict=False) if node else ():
        target = getattr(field, "target", None)
        match below:
            case ast.Expr(value=ast.Constant(value=str(text))) if isinstance(target, ast.Name):
                docs[target.id] = _joined(cleaned(text).split("\n"))
            case _:
                pass
    return docs


def _heading(line: str) -> str | None:
    if not line.endswith(":") or line.startswith(" "):
        return None
    word = line[:-1].lower()
    return word if word in SECTIONS else None


def _joined(lines: list[str]) -> str:
    """Join the lines of each paragraph; paragraphs stay apart."""
    paragraphs = "\n".join(line.strip() for line in lines).strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")).strip() for paragraph in paragraphs)


def _parts(lines: list[str]) -> dict[str, str]:
    """Read `name: text` and `name (type): text`, with continuation lines further in."""
    parts: dict[str, str] = {}
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    name = ""
    for line in lines:
        head, colon, text = line.strip().partition(":")
        word = head.partition("(")[0].strip().lstrip("*")
        outermost = len(line) - len(line.lstrip()) == margin
        if outermost and colon and word.isidentifier():
            name = word
            parts[name] = text.strip()
        elif name and line.strip():
            parts[name] = f"{parts[name]} {line.strip()}".strip()
    return parts


def _bases_of(cls: Any, node: Any) -> list[Any]:
    """Find the bases of a TypedDict in its source: the class itself has forgotten them."""
    import ast

    scope = scope_of(cls)
    bases = [scope.get(base.id) for base in node.bases if isinstance(base, ast.Name)]
    return [base for base in bases if hasattr(base, "__required_keys__")]


def _definition_of(cls: Any) -> Any:
    """Parse only the lines of the class: whole modules take too long.

    `inspect.getsource` would parse the module on Python 3.11 and 3.12.
    """
    import ast
    import linecache
    import re
    import sys

    module = sys.modules.get(cls.__module__)
    lines = linecache.getlines(getattr(module, "__file__", None) or "", vars(module or sys))
    head = re.compile(rf"(\s*)class\s+{re.escape(cls.__name__)}\b")
    found: Any = None
    for number, line in enumerate(lines):
        if not (match := head.match(line)):
            continue
        try:
            node: Any = ast.parse(_dedented(_block(lines[number:], len(match[1])))).body[0]
        except (SyntaxError, IndexError):
            continue
        names = {getattr(getattr(part, "target", None), "id", None) for part in node.body}
        if names - {None} <= annotations_of(cls).keys():
            found = node
    return found


def _block(lines: list[str], margin: int) -> list[str]:
    """Cut off where something begins that is not further in than the class itself.

    Lines within a string may lie anywhere; a docstring that does costs us the strings of fields.
    """
    for number, line in enumerate(lines[1:], 1):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent <= margin and not line.lstrip().startswith((")", "#")):
            return lines[:number]
    return lines


def _dedented(lines: list[str]) -> str:
    from textwrap import dedent

    return dedent("".join(lines))
