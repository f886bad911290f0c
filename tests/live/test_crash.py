"""An agent whose process is killed again and again, at any point of its run, and goes on.

The child kills itself (SIGKILL: nothing is tidied up) when it has passed a number of points that
the seed chose. Points lie before and after everything that is kept, and within the tools.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conure.agents import create_agent
from conure.checkpoint import Saved, SqliteSaver
from conure.messages import AIMessage, BaseMessage, ToolMessage
from conure.testing import FunctionChatModel

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

ROUNDS = 10
"""of two steps each, the model's and the tools'"""
SIDE_BY_SIDE = 2
THREAD: Any = {"configurable": {"thread_id": "t"}}


class Fuse:
    """Kills the process when it has burnt down."""

    def __init__(self, length: int | None) -> None:
        self.left = length

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FusedSaver(SqliteSaver):
    """Passes a point before and after everything that it keeps."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self.fuse = fuse

    def put(self, *arguments: Any) -> None:
        self.fuse.burn()
        super().put(*arguments)
        self.fuse.burn()

    def put_write(self, *arguments: Any) -> None:
        self.fuse.burn()
        super().put_write(*arguments)
        self.fuse.burn()


def reply(messages: list[BaseMessage]) -> AIMessage:
    """Call the tool in every round, and then come to an end."""
    done = sum(isinstance(message, AIMessage) for message in messages)
    if done == ROUNDS:
        return AIMessage(f"counted {sum(isinstance(m, ToolMessage) for m in messages)}")
    return AIMessage(
        tool_calls=[
            {"name": "count", "args": {"number": f"{done}.{place}"}, "id": f"{done}.{place}"}
            for place in range(SIDE_BY_SIDE)
        ]
    )


def run(folder: Path, fuse: Fuse) -> None:
    """Begin the run, or go on with it."""

    def count(number: str) -> str:
        """Count."""
        fuse.burn()
        with (folder / "counted").open("a") as file:
            file.write(f"{number}\n")
        fuse.burn()
        return f"counted {number}"

    with FusedSaver(folder / "runs.db", fuse) as saver:
        agent = create_agent(FunctionChatModel(reply), [count], checkpointer=saver)
        begun = saver.get("t") is not None
        agent.invoke(None if begun else {"messages": "count"}, THREAD)


def in_child(work: Callable[[], None]) -> bool:
    """Do it in a process of its own; tell whether that came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - it may not go on as this process
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return not os.WIFSIGNALED(status)


def finished(folder: Path) -> set[str]:
    """Give the calls whose answers are kept: in the state, or as written since."""
    with SqliteSaver(folder / "runs.db") as saver:
        saved: Saved | None = saver.get("t")
        if saved is None:
            return set()
        kept = [
            message["kwargs"]["tool_call_id"]
            for message in saved.checkpoint["values"]["messages"]
            if message["kwargs"].get("type") == "tool"
        ]
        written = [key.rpartition(":")[2] for key in saved.writes if key.startswith("answer:")]
    return {*kept, *written}


def end_of(folder: Path) -> list[tuple[Any, ...]]:
    """Tell what the state holds at the end, but for what each run makes up anew."""
    with SqliteSaver(folder / "runs.db") as saver:
        agent = create_agent(FunctionChatModel(reply), checkpointer=saver)
        state = agent.get_state(THREAD)
        assert state.next == ()
        return [
            (message.type, message.content, getattr(message, "tool_calls", None))
            for message in state.values["messages"]
        ]


def counted(folder: Path) -> list[str]:
    path = folder / "counted"
    return path.read_text().split() if path.exists() else []


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    assert in_child(lambda: run(folder, Fuse(None)))
    assert len(counted(folder)) == ROUNDS * SIDE_BY_SIDE
    return end_of(folder)


@pytest.mark.parametrize("seed", range(50))
def test_a_run_that_is_killed_ends_as_if_it_had_not_been(
    seed: int, tmp_path: Path, undisturbed: list[tuple[Any, ...]]
) -> None:
    chance = random.Random(seed)
    done: set[str] = set()
    killed = 0
    while True:
        before = len(counted(tmp_path))
        fuse = Fuse(chance.randint(1, 60))
        ended = in_child(lambda fuse=fuse: run(tmp_path, fuse))  # type: ignore[misc]
        again = done & {*counted(tmp_path)[before:]}
        assert not again, f"after kill {killed}, what had finished ran again: {again}"
        done = finished(tmp_path)
        if ended:
            break
        killed += 1
        assert killed < 200
    assert killed > 0
    assert end_of(tmp_path) == undisturbed
    # What was under way when the process died may run again, and nothing else.
    times = Counter(counted(tmp_path))
    assert len(times) == ROUNDS * SIDE_BY_SIDE
    assert times.total() - len(times) <= killed * SIDE_BY_SIDE
