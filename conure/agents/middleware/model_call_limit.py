"""A limit to the questions that an agent asks its model."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from ...errors import ConureError
from ...messages import AIMessage
from ..state import AgentState, PrivateStateAttr
from .limits import Limits, one_of
from .types import AgentMiddleware, hook_config

__all__ = ["ModelCallLimitExceededError", "ModelCallLimitMiddleware", "ModelCallLimitState"]


class ModelCallLimitState(AgentState[Any]):
    """The questions counted."""

    thread_model_call_count: NotRequired[Annotated[int, PrivateStateAttr]]
    run_model_call_count: NotRequired[Annotated[int, PrivateStateAttr]]


class ModelCallLimitExceededError(ConureError):
    """An agent was about to ask its model more often than it may."""

    def __init__(self, thread_count: int, run_count: int, limits: Limits) -> None:
        self.thread_count = thread_count
        self.run_count = run_count
        self.thread_limit = limits.thread
        self.run_limit = limits.run
        super().__init__(f"Model call limits exceeded: {limits.exceeded(thread_count, run_count)}")


class ModelCallLimitMiddleware(AgentMiddleware[Any, Any, Any]):
    """Ask the model so many times and no more, in a run and in all runs of a thread.

    Then the run ends with a message that says so, or with `exit_behavior="error"` raises
    `ModelCallLimitExceededError`. Counts of a thread need a checkpointer.

    >>> from conure.agents import create_agent
    >>> from conure.testing import EchoChatModel
    >>> limit = ModelCallLimitMiddleware(run_limit=0)
    >>> agent = create_agent(EchoChatModel(), middleware=[limit])
    >>> agent.invoke({"messages": "hello"})["messages"][-1].text
    'Model call limits exceeded: run limit (1/0)'
    """

    state_schema = ModelCallLimitState

    def __init__(
        self,
        *,
        thread_limit: int | None = None,
        run_limit: int | None = None,
        exit_behavior: Literal["end", "error"] = "end",
    ) -> None:
        where = type(self).__name__
        self._limits = Limits(thread_limit, run_limit).checked(where)
        self.thread_limit = thread_limit
        self.run_limit = run_limit
        self.exit_behavior = one_of(where, "exit_behavior", exit_behavior, "end", "error")

    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any]:
        """Begin to count."""
        del state, runtime
        return {"run_model_call_count": 0}

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: Any, runtime: Any) -> dict[str, Any]:
        """Count one more question, or leave."""
        del runtime
        # Counted before it is asked: whatever jumps afterwards, no loop goes round uncounted.
        thread = state.get("thread_model_call_count", 0) + 1
        run = state.get("run_model_call_count", 0) + 1
        if self._limits.allow(thread, run):
            return {"thread_model_call_count": thread, "run_model_call_count": run}
        error = ModelCallLimitExceededError(thread, run, self._limits)
        if self.exit_behavior == "error":
            raise error
        return {"jump_to": "end", "messages": [AIMessage(str(error))]}
