"""The examples of the Models page: their text, verbatim, and how one is run.

An example is run as typed at a prompt: import lines are translated, `await` may stand at the
top, and when the last statement is an expression its value is the result.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["EXAMPLES", "run", "translated", "without"]

# Where moving from one library to the other is more than the first word of an import.
ELSEWHERE = {
    "langchain_openai": "conure.openai",
    "langchain_core.exceptions": "conure.errors",
    "langchain_core.language_models": "conure.chat_models",
    "langchain_core.language_models.fake_chat_models": "conure.testing",
}

IMPORT = re.compile(r"^(\s*(?:from|import) )(langchain\w*(?:\.\w+)*)", re.MULTILINE)


def _read() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("models-*.txt")):
        for part in path.read_text("utf-8").split("=== ")[1:]:
            name, _, text = part.partition("\n")
            found[name] = text.rstrip() + "\n"
    return found


EXAMPLES = _read()


def translated(source: str) -> str:
    """Change the import lines, and nothing else.

    >>> translated("from langchain_core.messages import HumanMessage")
    'from conure.messages import HumanMessage'
    """

    def moved(found: re.Match[str]) -> str:
        module = found[2]
        return found[1] + ELSEWHERE.get(module, re.sub(r"^langchain(_core)?\b", "conure", module))

    return IMPORT.sub(moved, source)


def without(source: str, parts: Sequence[str]) -> str:
    """Leave out the statements that have such a part, so that the rest of an example can run."""
    lines = source.splitlines()
    gone: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            text = ast.get_source_segment(source, node) or ""
            if any(part in text for part in parts):
                gone.update(range(node.lineno - 1, node.end_lineno or 0))
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def run(source: str, space: dict[str, Any]) -> tuple[str, Any]:
    """Run an example in a namespace; give what it printed and what it came to."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.copy_location(
            ast.Assign([ast.Name("_", ast.Store())], last.value), last
        )
        ast.fix_missing_locations(tree)
    space.pop("_", None)
    # Inheriting would bring this file's own `annotations` import.
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(tree, "<example>", "exec", flags, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        running = eval(code, space)
        if inspect.iscoroutine(running):
            asyncio.run(running)
    return printed.getvalue(), space.get("_")
