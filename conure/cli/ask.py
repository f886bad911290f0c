"""`conure "Why do parrots talk?"`: one question, one answer."""

from __future__ import annotations

import sys
from argparse import Namespace

from .answer import answer
from .choose import open_model
from .errors import MISUSED

__all__ = ["run"]


def run(options: Namespace) -> int:
    """Ask what stands on the command line; what is piped in is read first, as context."""
    question = " ".join(options.words)
    context = _piped()
    asked = "\n\n".join(part for part in (context, question) if part.strip())
    if not asked:
        print(
            'conure: ask something: conure "Why do parrots talk?"  (or conure chat)',
            file=sys.stderr,
        )
        return MISUSED
    messages = [("system", options.system)] if options.system else []
    answer(open_model(options).model, [*messages, ("human", asked)], options)
    return 0


def _piped() -> str:
    """Read stdin where something is piped in."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.read().strip("\n")
