"""The `conure` command: ask once, converse, or list the models.

One file per command; `options` reads the command line, `choose` finds a model, `answer` shows
a reply as it is written, `render` dresses it.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and answer its exit code: 0, 1 failed, 2 misused, 130 interrupted."""
    from .errors import reported
    from .options import read

    for stream in (sys.stdout, sys.stderr):
        # Half an emoji, or a terminal that knows Latin only, is no reason to stop.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = read(sys.argv[1:] if arguments is None else arguments)
    return reported(options.run, options)
