"""`conure chat`: a conversation.

Ctrl-C stops the answer, not the program; Ctrl-D leaves. Piped in, every line is a question.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from .answer import answer, dressed
from .choose import open_model
from .errors import FAILED, complain
from .render import BOLD, DIM, RESET

__all__ = ["COMMANDS", "Conversation", "run"]


class Conversation:
    """What was said so far, and with whom."""

    def __init__(self, options: Namespace) -> None:
        self.options = options
        self.messages: list[Any] = []
        self.failed = False
        self.model, self.choice = open_model(options)

    def change(self, name: str) -> None:
        """Talk on with another model."""
        options = Namespace(**{**vars(self.options), "model": name})
        self.model, self.choice = open_model(options)
        self.options = options

    def ask(self, question: str) -> None:
        """Ask, and remember both sides; a question without an answer is forgotten."""
        asked = ("human", question)
        system = [("system", self.options.system)] if self.options.system else []
        history = [*system, *self.messages, asked]
        reply = answer(self.model, history, self.options, stoppable=True)
        if reply is not None and reply.text:
            from ..messages import message_chunk_to_message

            self.messages += [asked, message_chunk_to_message(reply)]


def run(options: Namespace) -> int:
    """Converse until the input ends."""
    talk = Conversation(options)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    if interactive:
        _note(f"{talk.choice.name}: {talk.choice.why}. /help for commands, Ctrl-D to leave.")
    if options.words:
        _hear(talk, " ".join(options.words))
    for line in _prompted() if interactive else sys.stdin:
        if line.strip() and not _hear(talk, line.strip()):
            break
    # A script must learn that an answer is missing; a person has seen it.
    return FAILED if talk.failed and not interactive else 0


def _hear(talk: Conversation, line: str) -> bool:
    """Do what the line says; False when it says to leave."""
    word, _, rest = line.partition(" ")
    try:
        if command := COMMANDS.get(word):
            return command(talk, rest.strip())
        if line.startswith("/"):
            _note(f"There is no {word}. {_help_line()}")
            return True
        talk.ask(line)
    except KeyboardInterrupt:
        print()
    except Exception as error:  # noqa: BLE001 - one failed answer does not end a conversation
        complain(error, debug=talk.options.debug)
        talk.failed = True
    return True


def _help(talk: Conversation, rest: str) -> bool:
    """List the commands."""
    del talk, rest
    for name, command in COMMANDS.items():
        _note(f"{name:<8} {command.__doc__}")
    _note("Ctrl-C   Stop the answer.\nCtrl-D   Leave.")
    return True


def _model(talk: Conversation, rest: str) -> bool:
    """Say who answers; /model NAME changes it."""
    if rest:
        talk.change(rest)
    _note(f"{talk.choice.name}: {talk.choice.why}")
    return True


def _system(talk: Conversation, rest: str) -> bool:
    """Say the instructions; /system TEXT changes them."""
    if rest:
        talk.options.system = rest
    _note(talk.options.system or "no instructions")
    return True


def _clear(talk: Conversation, rest: str) -> bool:
    """Forget what was said."""
    del rest
    talk.messages.clear()
    _note("forgotten")
    return True


def _save(talk: Conversation, rest: str) -> bool:
    """Write the conversation to a file: /save talk.md, or talk.json."""
    if not rest:
        _note("say where: /save talk.md, or /save talk.json to load it again")
        return True
    path = Path(rest).expanduser()
    path.write_text(_transcript(talk.messages, path.suffix), encoding="utf-8")
    _note(f"{len(talk.messages)} messages in {path}")
    return True


def _quit(talk: Conversation, rest: str) -> bool:
    """Leave."""
    del talk, rest
    return False


COMMANDS: dict[str, Callable[[Conversation, str], bool]] = {
    "/help": _help,
    "/model": _model,
    "/system": _system,
    "/clear": _clear,
    "/save": _save,
    "/quit": _quit,
}


def _help_line() -> str:
    return "Commands: " + " ".join(COMMANDS)


def _transcript(messages: list[Any], suffix: str) -> str:
    from ..messages import to_json
    from ..messages.coerce import to_messages

    said = to_messages(messages)
    if suffix == ".json":
        return to_json(said)
    return "".join(f"**{message.type}**\n\n{message.text}\n\n" for message in said)


def _note(text: str) -> None:
    """Say something that is not the model's."""
    print(f"{DIM}{text}{RESET}" if dressed(sys.stderr) else text, file=sys.stderr)


def _prompted() -> Iterator[str]:
    """Ask for line after line, with the history and editing of readline where it exists."""
    # readline must be told which characters of the prompt take no room.
    prompt = f"\001{BOLD}\002>\001{RESET}\002 " if dressed(sys.stdout) else "> "
    remember = _history()
    try:
        while True:
            try:
                yield input(prompt)
            except KeyboardInterrupt:
                print()
            except EOFError:
                print()
                return
    finally:
        remember()


def _history() -> Callable[[], None]:
    """Load the lines typed before; answers how to keep those typed now."""
    try:
        import readline
    except ImportError:
        return lambda: None
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    path = Path(state).expanduser() / "conure" / "history"

    def remember() -> None:
        with suppress(OSError):  # a read-only home is no reason to end with an error
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            readline.set_history_length(1000)
            readline.write_history_file(path)

    with suppress(OSError):  # the first time there is none
        readline.read_history_file(path)
    return remember
