"""The loop of an agent, told once: a step, what it changes, what comes next, until nothing does.

    before_agent… ─▶ before_model… ─▶ model ─▶ after_model… ─▶ tools ─▶ before_model… …
                                                    └─▶ after_agent… ─▶ the end

Where the run stands is a value (`Running.next` and the state), kept between any two steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..errors import ConfigurationError
from ..messages import BaseMessage
from ..messages.history import identified
from ..runnables.steps import Story
from ..types import Interrupted
from .asking import is_correction
from .calling import ToolsNode, last_exchange, pending_calls
from .nodes import ENDS, Node, Outcome
from .running import Running
from .state import StateKeys

__all__ = ["Program", "lead", "take_up"]

MODEL, TOOLS, END = "model", "tools", "end"


class Program:
    """The steps of an agent, and which of them follows which."""

    def __init__(
        self,
        chains: Mapping[str, Sequence[Node]],
        model: Node,
        tools: ToolsNode,
        keys: StateKeys,
        *,
        name: str | None,
    ) -> None:
        self.keys = keys
        self.name = name
        self.returns_direct = frozenset(n for n, tool in tools.tools.items() if tool.return_direct)
        every = [node for chain in chains.values() for node in chain]
        self.nodes: dict[str, Node] = {node.name: node for node in [*every, model, tools]}
        doors = {kind: chain[0].name for kind, chain in chains.items() if chain}
        self._leaving = frozenset(node.name for node in chains["after_agent"])
        self._exit = doors.get("after_agent")
        self.loop_entry = doors.get("before_model", MODEL)
        """the step that each round begins with"""
        self.first = doors.get("before_agent", self.loop_entry)
        """the step that a run begins with"""
        follows = {"before_agent": self.loop_entry, "before_model": MODEL, "after_agent": None}
        self._following: dict[str, str | None] = {}
        for kind, chain in chains.items():
            self._following |= {node.name: later.name for node, later in pairwise(chain)}
            if chain and kind in follows:
                self._following[chain[-1].name] = follows[kind]
        if "after_model" in doors:
            self._following[MODEL] = doors["after_model"]

    def place(self, goto: str, *, within: str | None = None) -> str | None:
        """Find the step that a jump leads to; None is the end."""
        if goto == MODEL:
            return self.loop_entry
        if goto in ENDS:
            return None if within in self._leaving else self._exit
        return goto

    def after(
        self, node: str, messages: Sequence[BaseMessage], state: Mapping[str, Any]
    ) -> str | None:
        """Say what follows a step."""
        if node in self._following:
            return self._following[node]
        if node == TOOLS:
            return self._after_tools(messages, state)
        return self._after_reply(messages, state)

    def _after_reply(self, messages: Sequence[BaseMessage], state: Mapping[str, Any]) -> str | None:
        if pending_calls(messages):
            return TOOLS
        if messages and is_correction(messages[-1]):
            return self.loop_entry
        reply, answers = last_exchange(messages)
        if reply is not None and answers and "structured_response" not in state:
            # A hook has answered the calls.
            return self.loop_entry
        return self.place(END)

    def _after_tools(self, messages: Sequence[BaseMessage], state: Mapping[str, Any]) -> str | None:
        if "structured_response" in state:
            return self.place(END)
        reply, _ = last_exchange(messages)
        names = {call["name"] for call in reply.tool_calls} if reply is not None else set[str]()
        if names and names <= self.returns_direct:
            return self.place(END)
        return self.loop_entry


def lead(
    program: Program, run: Running, before: frozenset[str], after: frozenset[str]
) -> Story[None]:
    """Take one step after the other, from where the run stands."""
    while (name := run.next) is not None:
        if _stops(name, before) and not run.resumed:
            return
        run.resumed = False
        run.count()
        try:
            outcome = yield from _step(program, run, program.nodes[name])
        except Interrupted as asked:
            run.interrupts = asked.interrupts
            run.tell("updates", {"__interrupt__": asked.interrupts})
            return
        run.next = _next(program, run, name, outcome)
        yield from run.keep()
        if _stops(name, after) and run.next is not None:
            return


def _stops(name: str, where: frozenset[str]) -> bool:
    return bool(where) and (name in where or "*" in where)


def _step(program: Program, run: Running, node: Node) -> Story[Outcome]:
    """Take a step, tell of it as a run of its own, and take up what it changed."""
    scope = run.node_scope(node.name, program.name)
    yield from scope.tell("on_chain_start", {"name": node.name}, run.state)
    try:
        outcome = yield from node.tell(run, scope.child())
    except GeneratorExit:
        raise
    except BaseException as error:
        yield from scope.tell("on_chain_error", error)
        raise
    take_up(program, run, node.name, outcome)
    yield from scope.tell("on_chain_end", outcome.updates)
    return outcome


def take_up(program: Program, run: Running, name: str, outcome: Outcome) -> None:
    """Make the changes of a step to the state, and tell those who stream."""
    changed = False
    for given in outcome.updates:
        update = given
        if update:
            if "messages" in update:
                update = {**update, "messages": identified(update["messages"])}
            run.state = program.keys.merged(run.state, update, name)
            changed = True
        if run.outlet is not None:
            run.outlet.tell("updates", {name: update})
            run.outlet.tell_messages(update or {}, run.facts(name, program.name))
    if changed and run.outlet is not None:
        run.outlet.tell("values", program.keys.shown(run.state))


def _next(program: Program, run: Running, name: str, outcome: Outcome) -> str | None:
    messages = run.state.get("messages", ())
    if outcome.goto is None:
        return program.after(name, messages, run.state)
    place = program.place(outcome.goto, within=name)
    if place == TOOLS and not pending_calls(messages):
        raise ConfigurationError(f"{name} jumps to the tools, and no call waits for one")
    return place
