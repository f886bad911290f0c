"""Every place where runs are kept: the same questions, the same answers."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conure.agents import create_agent
from conure.checkpoint import Checkpoint, Checkpointer, InMemorySaver, LangGraphSaver, SqliteSaver
from conure.errors import ConfigurationError
from conure.runnables.run import uuid7
from conure.testing import ScriptedChatModel

# What may be kept: any JSON value.
VALUES = {"text": "ü\u0000\U0001f99c", "list": [1, 2.5, None, True, {"deep": {}}], "none": None}


def checkpoint(parent: str | None = None, **values: Any) -> Checkpoint:
    return {
        "id": str(uuid7()),
        "parent_id": parent,
        "values": values or VALUES,
        "next": "model",
        "step": 3,
        "source": "loop",
        "metadata": {"user": "u"},
    }


def _langgraph_memory(_: Path) -> Iterator[Any]:
    memory = pytest.importorskip("langgraph.checkpoint.memory")
    yield LangGraphSaver(memory.InMemorySaver())


def _langgraph_sqlite(folder: Path) -> Iterator[Any]:
    sqlite = pytest.importorskip("langgraph.checkpoint.sqlite")
    with sqlite.SqliteSaver.from_conn_string(str(folder / "theirs.db")) as saver:
        yield LangGraphSaver(saver)


def _sqlite(folder: Path) -> Iterator[Any]:
    with SqliteSaver(folder / "new folder" / "ours.db") as saver:
        yield saver


SAVERS: dict[str, Callable[[Path], Iterator[Any]]] = {
    "memory": lambda _: iter([InMemorySaver()]),
    "sqlite": _sqlite,
    "sqlite without a file": lambda _: iter([SqliteSaver(":memory:")]),
    "langgraph memory": _langgraph_memory,
    "langgraph sqlite": _langgraph_sqlite,
}


@pytest.fixture(params=SAVERS)
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield from SAVERS[request.param](tmp_path)


def test_it_is_a_checkpointer(saver: Any) -> None:
    assert isinstance(saver, Checkpointer)


def test_what_is_put_is_given_back(saver: Any) -> None:
    first = checkpoint()
    second = checkpoint(first["id"], other=1)
    saver.put("t", first)
    saver.put("t", second)
    assert saver.get("t") == (second, {})
    assert saver.get("t", first["id"]) == (first, {})
    assert saver.get("t", "nothing") is None
    assert saver.get("another") is None


def test_writes_belong_to_their_checkpoint_and_the_last_of_a_key_counts(saver: Any) -> None:
    first, second = checkpoint(), checkpoint()
    saver.put("t", first)
    saver.put_write("t", first["id"], "answer:1", VALUES)
    saver.put_write("t", first["id"], "asked:2", [1])
    saver.put_write("t", first["id"], "asked:2", None)
    saver.put("t", second)
    saver.put_write("t", second["id"], "answer:1", 2)
    assert saver.get("t", first["id"]).writes == {"answer:1": VALUES, "asked:2": None}
    assert saver.get("t").writes == {"answer:1": 2}


def test_threads_are_listed_from_the_latest(saver: Any) -> None:
    made = [checkpoint(number=number) for number in range(4)]
    for each in made:
        saver.put("t", each)
    saver.put("other", checkpoint())
    numbers = [saved.checkpoint["values"]["number"] for saved in saver.list("t")]
    assert numbers == [3, 2, 1, 0]
    before = [saved.checkpoint for saved in saver.list("t", before=made[2]["id"], limit=1)]
    assert before == [made[1]]
    assert [*saver.list("nothing")] == []


def test_a_thread_is_forgotten_with_what_is_nested_in_it(saver: Any) -> None:
    for thread in ("t", "t|tools:1", "t2", "other"):
        saver.put(thread, made := checkpoint())
        saver.put_write(thread, made["id"], "k", 1)
    saver.delete_thread("t")
    assert saver.get("t") is None
    assert saver.get("t|tools:1") is None
    assert saver.get("t2").writes == {"k": 1}
    assert saver.get("other") is not None


def test_many_threads_write_at_once(saver: Any) -> None:
    saver.put("t", made := checkpoint())

    def write(number: int) -> None:
        for count in range(5):
            saver.put_write("t", made["id"], f"{number}:{count}", count)

    writers = [Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(saver.get("t").writes) == 20


def test_an_agent_keeps_its_runs_there(saver: Any) -> None:
    thread: Any = {"configurable": {"thread_id": "a"}}
    agent = create_agent(ScriptedChatModel(["one", "two"]), checkpointer=saver)
    agent.invoke({"messages": "hi"}, thread)
    agent.invoke({"messages": "again"}, thread)
    texts = [message.text for message in agent.get_state(thread).values["messages"]]
    assert texts == ["hi", "one", "again", "two"]


# -- files --------------------------------------------------------------------------------------


def test_a_file_is_there_for_the_next_process(tmp_path: Path) -> None:
    with SqliteSaver.from_conn_string(str(tmp_path / "a.db")) as saver:
        saver.put("t", made := checkpoint())
    again = SqliteSaver(tmp_path / "a.db")
    assert again.get("t") == (made, {})
    again.close()
    assert again.get("t") == (made, {}), "a closed file is opened again"
    again.close()


def test_a_file_is_plain_json_in_two_tables(tmp_path: Path) -> None:
    with SqliteSaver(tmp_path / "a.db") as saver:
        saver.put("t", made := checkpoint())
    with sqlite3.connect(tmp_path / "a.db") as connection:
        ((found,),) = connection.execute("SELECT checkpoint ->> '$.id' FROM checkpoints")
    connection.close()
    assert found == made["id"]


def _write_in_child(saver: SqliteSaver, id: str, number: int) -> None:
    saver.put_write("t", id, f"child {number}", number)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_children_of_a_fork_open_it_anew(tmp_path: Path) -> None:
    with SqliteSaver(tmp_path / "a.db") as saver:
        saver.put("t", made := checkpoint())
        fork = multiprocessing.get_context("fork")
        children = [
            fork.Process(target=_write_in_child, args=(saver, made["id"], number))
            for number in range(3)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join()
        saver.put_write("t", made["id"], "parent", True)
        assert saver.get("t").writes == {
            **{f"child {number}": number for number in range(3)},
            "parent": True,
        }


# -- what is none -------------------------------------------------------------------------------


def test_what_is_no_checkpointer_is_named() -> None:
    with pytest.raises(ConfigurationError, match="InMemorySaver"):
        create_agent(ScriptedChatModel(["hi"]), checkpointer="runs.db")  # type: ignore[call-overload]

    class Half:
        def get_tuple(self, config: Any) -> Any: ...

    with pytest.raises(ConfigurationError, match="Half is no checkpointer of LangGraph"):
        create_agent(ScriptedChatModel(["hi"]), checkpointer=Half())


def test_threads_of_other_graphs_are_not_taken_for_ours() -> None:
    memory = pytest.importorskip("langgraph.checkpoint.memory")
    saver = memory.InMemorySaver()
    config = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    theirs = {
        "v": 1,
        "id": "1",
        "ts": "",
        "channel_values": {},
        "channel_versions": {},
        "versions_seen": {},
    }
    saver.put(config, theirs, {}, {})
    with pytest.raises(ConfigurationError, match="'t' was written by a graph of LangGraph"):
        LangGraphSaver(saver).get("t")
