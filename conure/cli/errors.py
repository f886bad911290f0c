"""What goes wrong, in one readable line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable

from ..errors import ConureError
from .render import harmless

__all__ = ["FAILED", "INTERRUPTED", "MISUSED", "complain", "reported"]

FAILED = 1
MISUSED = 2
INTERRUPTED = 130
BROKEN_PIPE = 141


def reported(run: Callable[[Namespace], int], options: Namespace) -> int:
    """Run a command; whatever it raises becomes a line and an exit code."""
    try:
        return run(options)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # `conure … | head`: nobody reads on. The exit flush must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last stop: a user wants a line, not a dump
        complain(error, debug=options.debug)
        return FAILED


def complain(error: Exception, *, debug: bool) -> None:
    """Print an error as one line; with `debug` as the traceback it is."""
    if debug:
        traceback.print_exception(error)
        return
    words = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, (ConureError, OSError)):
        words = f"{type(error).__name__}: {words} (--debug shows where)"
    print(f"conure: {harmless(words)}", file=sys.stderr)
