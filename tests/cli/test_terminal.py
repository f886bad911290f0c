"""A conversation on a real terminal: rendering, history, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

ROOT = Path(__file__).parents[2]

# A model that begins to answer and then never ends, except to "quick".
ENDLESS = """
import sys, threading
from conure.cli import chat, main
from conure.cli.choose import Choice, Opened
from conure.testing import EchoChatModel

class Endless(EchoChatModel):
    def stream(self, messages, *arguments, **settings):
        chunks = list(super().stream(messages, *arguments, **settings))
        if messages[-1][1].startswith("long"):
            yield chunks[0]
            threading.Event().wait()
        yield from chunks

chat.open_model = lambda options: Opened(Endless(), Choice("test:endless", "a test"))
sys.exit(main(["chat"]))
"""


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, *command: str, home: Path) -> None:
        self._master, slave = pty.openpty()
        environment = {"HOME": str(home), "PATH": os.defpath, "TERM": "xterm"}
        environment["PYTHONPATH"] = str(ROOT)
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self._said = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, text: str, seconds: float = 30) -> str:
        """Read until the text appears; answer what stood before it."""
        deadline = time.monotonic() + seconds
        while text not in self._said:
            assert self._hear(deadline - time.monotonic()), (
                f"waited for {text!r}, saw {self._said!r}"
            )
        before, _, self._said = self._said.partition(text)
        return before

    def interrupt_until(self, text: str) -> None:
        """Press Ctrl-C until the text appears: readline loses one that comes before it listens."""
        for _ in range(60):
            self.process.send_signal(signal.SIGINT)
            while text not in self._said and self._hear(0.5):
                pass
            if text in self._said:
                break
        self.until(text)

    def _hear(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return False
        try:
            self._said += os.read(self._master, 4096).decode()
        except OSError:  # the program has left
            return False
        return True

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal("-c", ENDLESS, home=tmp_path)
    yield terminal
    terminal.close()


def test_a_conversation(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until("test:endless: a test")
    terminal.until(">")
    terminal.type("quick **words**\n")
    terminal.until("\x1b[1mwords\x1b[0m")
    terminal.until("tokens: ")
    terminal.until(">")
    terminal.type("\x04")
    assert terminal.process.wait(30) == 0
    assert "quick" in (tmp_path / ".local/state/conure/history").read_text()


def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Terminal) -> None:
    terminal.until(">")
    terminal.type("long story\n")
    terminal.until("\nlong")
    terminal.interrupt_until(">")
    terminal.type("never mind")
    terminal.until("never mind")
    terminal.interrupt_until(">")
    terminal.type("quick\n")
    terminal.until("\nquick")
    terminal.until(">")
    terminal.type("/quit\n")
    assert terminal.process.wait(30) == 0


def test_one_question_on_a_terminal_is_dressed(tmp_path: Path) -> None:
    terminal = Terminal("-m", "conure", "so **bold**", "--model", "test:echo", home=tmp_path)
    try:
        terminal.type("\x04")
        terminal.until("so \x1b[1mbold\x1b[0m")
    finally:
        terminal.close()


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [f"yes word | head -n 50000 | {sys.executable} -m conure --model test:echo | head -c 10"],
        shell=True,
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "word\nword\n"
    assert done.stderr == ""
