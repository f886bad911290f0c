"""A limit to the calls of tools: of one tool, or of all together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired

from ...errors import ConureError
from ...messages import AIMessage, BaseMessage
from ..state import AgentState, PrivateStateAttr
from .limits import Limits, one_of
from .naming import answer_to, waiting
from .types import AgentMiddleware, hook_config

__all__ = ["ToolCallLimitExceededError", "ToolCallLimitMiddleware", "ToolCallLimitState"]

ALL = "__all__"
"""under which the calls of all tools together are counted"""


def _both(left: dict[str, int] | None, right: dict[str, int]) -> dict[str, int]:
    return {**(left or {}), **right}


class ToolCallLimitState(AgentState[Any]):
    """The calls counted, by the name of the tool."""

    thread_tool_call_count: NotRequired[Annotated[dict[str, int], _both, PrivateStateAttr]]
    run_tool_call_count: NotRequired[Annotated[dict[str, int], _both, PrivateStateAttr]]


class ToolCallLimitExceededError(ConureError):
    """A model called tools more often than it may."""

    def __init__(
        self, thread_count: int, run_count: int, limits: Limits, tool_name: str | None = None
    ) -> None:
        self.thread_count = thread_count
        self.run_count = run_count
        self.thread_limit = limits.thread
        self.run_limit = limits.run
        self.tool_name = tool_name
        what = f"'{tool_name}' tool" if tool_name else "Tool"
        why = limits.exceeded(thread_count, run_count)
        super().__init__(f"{what} call limit reached: {why}")


class ToolCallLimitMiddleware(AgentMiddleware[Any, Any, Any]):
    """Let the model call a tool, or all tools together, so many times and no more.

    Calls beyond the limit are answered by an error that says so, and the model goes on
    (`exit_behavior="continue"`), the run ends with a message ("end"), or
    `ToolCallLimitExceededError` is raised ("error"). Counts of a thread need a checkpointer.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> def look(place: str) -> str:
    ...     '''Look at a place.'''
    ...     return "nothing there"
    >>> looks = [
    ...     {"name": "look", "args": {"place": where}, "id": where, "type": "tool_call"}
    ...     for where in ("here", "there")
    ... ]
    >>> model = ScriptedChatModel([AIMessage("", tool_calls=looks), "Nowhere."])
    >>> limit = ToolCallLimitMiddleware(tool_name="look", run_limit=1)
    >>> agent = create_agent(model, [look], middleware=[limit])
    >>> for message in agent.invoke({"messages": "Where is it?"})["messages"][-3:]:
    ...     print(message.text)
    Tool call limit exceeded. Do not call 'look' again.
    nothing there
    Nowhere.
    """

    state_schema = ToolCallLimitState

    def __init__(
        self,
        *,
        tool_name: str | None = None,
        thread_limit: int | None = None,
        run_limit: int | None = None,
        exit_behavior: Literal["continue", "error", "end"] = "continue",
    ) -> None:
        where = type(self).__name__
        self._limits = Limits(thread_limit, run_limit).checked(where)
        self.tool_name = tool_name
        self.thread_limit = thread_limit
        self.run_limit = run_limit
        behaviours = ("continue", "error", "end")
        self.exit_behavior = one_of(where, "exit_behavior", exit_behavior, *behaviours)

    @property
    def name(self) -> str:
        """Its name, and the tool's: an agent may have one for each tool."""
        kind = type(self).__name__
        return f"{kind}[{self.tool_name}]" if self.tool_name else kind

    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any]:
        """Begin to count."""
        del state, runtime
        return {"run_tool_call_count": {self.tool_name or ALL: 0}}

    @hook_config(can_jump_to=["end"])
    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Count the calls of a reply, and answer those that are too many."""
        del runtime
        calls, others = self._waiting(state["messages"])
        if not calls:
            return None
        key = self.tool_name or ALL
        thread = state.get("thread_tool_call_count", {}).get(key, 0)
        run = state.get("run_tool_call_count", {}).get(key, 0)
        fitting = sum(
            self._limits.allow(thread + count, run + count) for count in range(1, len(calls) + 1)
        )
        counted = {
            "thread_tool_call_count": {key: thread + fitting},
            "run_tool_call_count": {key: run + len(calls)},
        }
        if fitting == len(calls):
            return counted
        error = ToolCallLimitExceededError(
            thread + len(calls), run + len(calls), self._limits, self.tool_name
        )
        if self.exit_behavior == "error":
            raise error
        answers: list[BaseMessage] = [
            answer_to(call, self._words_to_the_model()) for call in calls[fitting:]
        ]
        if self.exit_behavior == "continue":
            return {**counted, "messages": answers}
        unmade = [
            answer_to(call, "Not called: the run ended.") for call in calls[:fitting] + others
        ]
        return {
            **counted,
            "thread_tool_call_count": {key: thread},
            "messages": [*answers, *unmade, AIMessage(str(error))],
            "jump_to": "end",
        }

    def _waiting(self, messages: Sequence[BaseMessage]) -> tuple[list[Any], list[Any]]:
        """Give the calls of the last reply that nobody answered: those counted, the others."""
        calls = waiting(messages)
        mine = [c for c in calls if self.tool_name in (None, c["name"])]
        return mine, [c for c in calls if c not in mine]

    def _words_to_the_model(self) -> str:
        what = f"call '{self.tool_name}' again" if self.tool_name else "make more tool calls"
        return f"Tool call limit exceeded. Do not {what}."
