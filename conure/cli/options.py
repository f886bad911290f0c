"""The command line: what may stand on it and what it means."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["COMMANDS", "Run", "read"]

Run = Callable[[argparse.Namespace], int]

USAGE = """\
conure [options] "Why do parrots talk?"
       conure chat [options]
       conure models [--json]"""

EPILOG = """\
examples:
  conure "Why do parrots talk?"            stream one answer
  cat notes.txt | conure "Summarise this"  with a file to read
  conure chat --model openai:gpt-4.1-mini  a conversation
  conure models                            what can be used here, and why not

The model is the first of: --model, CONURE_MODEL, the first provider whose key is set,
an Ollama on this machine, and last a parrot that is built in and needs no network.
"""


def _ask(options: argparse.Namespace) -> int:
    from .ask import run

    return run(options)


def _chat(options: argparse.Namespace) -> int:
    from .chat import run

    return run(options)


def _models(options: argparse.Namespace) -> int:
    from .models import run

    return run(options)


COMMANDS: dict[str, Run] = {"ask": _ask, "chat": _chat, "models": _models}


def read(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; the first word may name a command, else it is all a question."""
    options = _parser().parse_intermixed_args(arguments)
    words: list[str] = options.words
    if words and words[0] in COMMANDS:
        options.run = COMMANDS[words.pop(0)]
    else:
        options.run = _ask
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conure",
        usage=USAGE,
        description="Talk to a chat model.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("words", nargs="*", metavar="question", help=argparse.SUPPRESS)
    add("-m", "--model", metavar="NAME", help='"provider:model", or a name that says both')
    add("-s", "--system", metavar="TEXT", help="instructions that stand before the conversation")
    add("-t", "--temperature", type=_at_least_zero, metavar="N", help="0 is sober, 1 is lively")
    add("--max-tokens", type=_count, metavar="N", help="stop the answer after so many tokens")
    add("--timeout", type=_seconds, metavar="SECONDS", help="give up when nothing comes so long")
    add("--base-url", metavar="URL", help="an endpoint of your own")
    add("--json", action="store_true", help="print the whole reply as JSON")
    add("--no-stream", action="store_true", help="wait for the whole answer")
    add("-q", "--quiet", action="store_true", help="no tokens and time on stderr")
    add("--debug", action="store_true", help="show the traceback of an error")
    add("--version", action="version", version=_version())
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"conure {version('conure')}"
    except PackageNotFoundError:
        return "conure (not installed)"


def _at_least_zero(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"{text} is below zero")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a time to wait")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} leaves no room for an answer")
    return value
