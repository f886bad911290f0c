"""Tools that fail, called again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ...runnables.steps import Story
from ...tools import BaseTool
from .around import AroundTools, Below
from .naming import answer_to, names_of
from .retrying import OnFailure, Retries, RetryOn, worth_retrying
from .types import ToolCallRequest

__all__ = ["ToolRetryMiddleware"]


class ToolRetryMiddleware(AroundTools):
    """Call a tool again when it raises, with waits that grow.

    When the last attempt fails too, the model is told ("continue"), or what the function
    `on_failure` says of the error, or the error is raised ("error"). Errors that are not
    `retry_on` are raised at once. `tools` says which tools; all if left out.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> answers = iter([ConnectionError("reset"), "21 degrees"])
    >>> def measure() -> str:
    ...     '''Measure the temperature.'''
    ...     answer = next(answers)
    ...     if isinstance(answer, Exception):
    ...         raise answer
    ...     return answer
    >>> call = {"name": "measure", "args": {}, "id": "1", "type": "tool_call"}
    >>> model = ScriptedChatModel([AIMessage("", tool_calls=[call]), "Warm."])
    >>> again = ToolRetryMiddleware(initial_delay=0)
    >>> agent = create_agent(model, [measure], middleware=[again])
    >>> agent.invoke({"messages": "Is it warm?"})["messages"][-2].text
    '21 degrees'
    """

    def __init__(
        self,
        *,
        max_retries: int = 2,
        tools: Sequence[BaseTool | str] | None = None,
        retry_on: RetryOn = worth_retrying,
        on_failure: OnFailure = "continue",
        backoff_factor: float = 2.0,
        initial_delay: float = 1.0,
        max_delay: float = 60.0,
        jitter: bool = True,
    ) -> None:
        where = type(self).__name__
        self._names = names_of(tools, where)
        self.retries = Retries(
            max_retries=max_retries,
            retry_on=retry_on,
            on_failure=on_failure,
            backoff_factor=backoff_factor,
            initial_delay=initial_delay,
            max_delay=max_delay,
            jitter=jitter,
        ).checked(where)

    def calling(self, request: ToolCallRequest, below: Below) -> Story[Any]:
        """Call it, and again."""
        name = request.tool_call["name"]
        if self._names is not None and name not in self._names:
            return (yield from below(request))

        def give_up(error: Exception, count: int) -> Any:
            attempts = f"{count} attempt{'s' if count > 1 else ''}"
            why = f"{type(error).__name__}: {error}"
            words = f"Tool '{name}' failed after {attempts} with {why}"
            return answer_to(request.tool_call, self.retries.words_for(error, words))

        return (yield from self.retries.telling(partial(below, request), give_up))
