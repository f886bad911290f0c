"""How a run begins: with an input, where its thread was left, or with a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import UNSET

from ..checkpoint import Saved
from ..errors import ConfigurationError
from ..runnables.config import RunnableConfig
from ..runnables.steps import Story
from ..types import Command
from .calling import pending_calls
from .loop import Program, take_up
from .nodes import ENDS, Outcome
from .running import Running

__all__ = ["begin", "going"]


def begin(program: Program, run: Running, input: Any) -> Story[None]:
    """Stand at the first step of a new input, or where the thread was left."""
    saved: Saved | None = None
    if run.kept is not None:
        config = run.scope.config or {}
        saved = yield from run.kept.get(config.get("configurable", {}).get("checkpoint_id"))
        if saved is not None:
            run.take_up(saved)
        run.metadata = _kept_metadata(config)
    if isinstance(input, Command):
        yield from _command(program, run, saved, cast("Command[Any]", input))
    elif input is None:
        if saved is None:
            raise ConfigurationError(
                "there is nothing to go on with: the input is a dict with messages, and None "
                "only for a thread that was begun"
            )
    else:
        yield from _input(program, run, _checked(input))
    run.tell("values", program.keys.shown(run.state))


def _input(program: Program, run: Running, input: Mapping[str, Any]) -> Story[None]:
    if run.checkpoint_id is not None:
        _take_up_finished(program, run)
    state = dict(run.state)
    state.pop("structured_response", None)
    run.state = program.keys.given(state, input)
    run.resumed = False
    run.next = program.first
    if not run.state.get("messages") and run.next == "model":
        raise ConfigurationError(
            'there is nothing to ask: the input is {"messages": [...]}, such as '
            '{"messages": [{"role": "user", "content": "hello"}]}'
        )
    yield from run.keep("input")


def _take_up_finished(program: Program, run: Running) -> None:
    """Take up what tools had answered before the run was broken off."""
    outlet, run.outlet = run.outlet, None
    for place, call in enumerate(pending_calls(run.state.get("messages", ()))):
        answer = run.finished(f"tools:{place}:{call['id'] or ''}")
        if isinstance(answer, Command):
            take_up(program, run, "tools", Outcome([cast("Any", answer).update]))
        elif answer is not None:
            take_up(program, run, "tools", Outcome([{"messages": [answer]}]))
    run.outlet = outlet


def _command(
    program: Program, run: Running, saved: Saved | None, command: Command[Any]
) -> Story[None]:
    if saved is None:
        raise ConfigurationError(
            "a Command goes on with a thread of an agent with a checkpointer, and this one "
            "was not begun"
        )
    if command.resume is not UNSET:
        yield from run.answer(command.resume)
    if command.update is None and not command.goto:
        return
    if command.update is not None:
        by = "Command(update=...)"
        run.state = program.keys.merged(run.state, dict(command.update), by)
    writes = {} if command.goto else run.writes
    if command.goto:
        run.next = going(program, command.goto)
    yield from run.keep("update")
    # The step that waits goes on with what it had, and with what it was told.
    for key, value in writes.items():
        yield from run.write(key, value)


def going(program: Program, goto: Any) -> str | None:
    """Find the step that a caller names."""
    place = goto if isinstance(goto, str) else (goto[0] if len(goto) == 1 else None)
    if place in program.nodes:
        return cast("str", place)
    if place in ENDS:
        return program.place("end")
    known = ", ".join(program.nodes)
    raise ConfigurationError(f"goto={goto!r} is no step of this agent; there are: {known}, end")


def _checked(input: Any) -> Mapping[str, Any]:
    if not isinstance(input, Mapping):
        raise ConfigurationError(
            f'the input of an agent is a dict, {{"messages": [...]}}, not {type(input).__name__}'
        )
    return cast("Mapping[str, Any]", input)


def _kept_metadata(config: RunnableConfig) -> dict[str, Any]:
    plain = (str, int, float, bool)
    metadata = config.get("metadata", {})
    return {key: value for key, value in metadata.items() if isinstance(value, plain)}
