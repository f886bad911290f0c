"""Errors of tools, told to the model in words of one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from ...errors import ConfigurationError
from ...runnables.steps import Story
from ...tools import BaseTool
from .around import AroundTools, AskUser, Below
from .naming import answer_to, names_of
from .types import ToolCallRequest

__all__ = ["ToolErrorMiddleware"]


class ToolErrorMiddleware(AroundTools):
    """Tell the model what a function says of a tool's error; None raises it.

    `aon_error` is asked in async where both are given. `tools` says which tools; all if left
    out. For the same words whatever the error, `create_agent(handle_tool_errors=...)` is enough.

    >>> from conure.agents import create_agent
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> def divide(by: int) -> float:
    ...     '''Divide one by a number.'''
    ...     return 1 / by
    >>> def explain(error, request):
    ...     return "there is no such number" if isinstance(error, ZeroDivisionError) else None
    >>> call = {"name": "divide", "args": {"by": 0}, "id": "1", "type": "tool_call"}
    >>> model = ScriptedChatModel([AIMessage("", tool_calls=[call]), "None."])
    >>> agent = create_agent(model, [divide], middleware=[ToolErrorMiddleware(explain)])
    >>> agent.invoke({"messages": "1/0?"})["messages"][-2].text
    'there is no such number'
    """

    def __init__(
        self,
        on_error: Callable[[Exception, ToolCallRequest], Any] | None = None,
        *,
        aon_error: Callable[[Exception, ToolCallRequest], Awaitable[Any]] | None = None,
        tools: Sequence[BaseTool | str] | None = None,
    ) -> None:
        if on_error is None and aon_error is None:
            raise ConfigurationError("ToolErrorMiddleware needs on_error, aon_error or both")
        self.on_error = on_error
        self.aon_error = aon_error
        self._names = names_of(tools, type(self).__name__)

    def calling(self, request: ToolCallRequest, below: Below) -> Story[Any]:
        """Call it, and say what the error means."""
        try:
            return (yield from below(request))
        except Exception as error:
            if self._names is not None and request.tool_call["name"] not in self._names:
                raise
            words = yield from self._explained(error, request)
            if words is None:
                raise
        return answer_to(request.tool_call, words)

    def _explained(self, error: Exception, request: ToolCallRequest) -> AskUser:
        function = self.on_error or self.aon_error
        afunction = self.aon_error or self.on_error
        assert function is not None
        assert afunction is not None
        return AskUser(partial(function, error, request), partial(afunction, error, request))
