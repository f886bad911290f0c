"""A list of what there is to do, kept by the model in the state of the agent."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from ...messages import SystemMessage, ToolMessage
from ...runnables.steps import Story
from ...tools import InjectedToolCallId, tool
from ...types import Command
from ..state import AgentState, OmitFromInput
from .around import AroundModel, Below
from .naming import answer_to, waiting
from .types import ModelRequest

__all__ = ["PlanningState", "Todo", "TodoListMiddleware"]

NAME = "write_todos"
SYSTEM_PROMPT = """## `write_todos`

For work of several steps keep a list of them with `write_todos`, so that you and the user see how \
far it is. For a single step or two just do them. Call it alone and once at a time: each call \
replaces the whole list. Say that a task is done as soon as it is, not later, and change the list \
when you learn that it is wrong. The list is no answer: when all is done, write what the user \
asked for in a message of its own."""
TOOL_DESCRIPTION = """Write the list of tasks of the work at hand; it replaces the list there was.

Each task has a `content` and a `status`: `pending`, `in_progress` (what you work on now: at least \
one task, until all are done) or `completed` (wholly done: not when something failed or is \
missing). Leave out tasks that are no longer needed, add those you find out about. Worth it from \
three steps on, or when the user asks for a list."""


class Todo(TypedDict):
    """One task."""

    content: str
    status: Literal["pending", "in_progress", "completed"]


class PlanningState(AgentState[Any]):
    """The list."""

    todos: NotRequired[Annotated[list[Todo], OmitFromInput]]


class TodoListMiddleware(AroundModel):
    """Give the model a tool to keep a list of tasks with; the list is in the state, as `todos`.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> todos = [{"content": "find the spoon", "status": "in_progress"}]
    >>> call = {"name": "write_todos", "args": {"todos": todos}, "id": "1", "type": "tool_call"}
    >>> model = ScriptedChatModel([AIMessage("", tool_calls=[call]), "I am looking."])
    >>> agent = create_agent(model, middleware=[TodoListMiddleware()])
    >>> agent.invoke({"messages": "Where is the spoon?"})["todos"]
    [{'content': 'find the spoon', 'status': 'in_progress'}]
    """

    state_schema = PlanningState

    def __init__(
        self, *, system_prompt: str = SYSTEM_PROMPT, tool_description: str = TOOL_DESCRIPTION
    ) -> None:
        self.system_prompt = system_prompt
        self.tool_description = tool_description
        self.tools = [tool(NAME, description=tool_description)(_write)]

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Tell the model of the list."""
        before = request.system_message
        text: dict[str, Any] = {"type": "text", "text": self.system_prompt}
        if before is None:
            system = SystemMessage(self.system_prompt)
        elif isinstance(before.content, str):
            system = before.model_copy(
                update={"content": f"{before.content}\n\n{self.system_prompt}"}
            )
        else:
            system = before.model_copy(update={"content": [*before.content, text]})
        return (yield from below(request.override(system_message=system)))

    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Refuse lists written side by side: nobody knows which is meant to stay."""
        del runtime
        calls = [call for call in waiting(state["messages"]) if call["name"] == NAME]
        if len(calls) < 2:
            return None
        words = f"{NAME} was called {len(calls)} times at once: call it once, with the whole list."
        return {"messages": [answer_to(call, words) for call in calls]}


def _write(todos: list[Todo], tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    answer = ToolMessage(f"Updated todo list to {todos}", tool_call_id, name=NAME)
    return Command(update={"todos": todos, "messages": [answer]})
