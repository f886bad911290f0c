"""Middleware that stands around a step and is told once, for sync and async agents alike.

A story (see `runnables/steps.py`) that hands its request on with `yield from below(request)`.
What the step raises is raised at that line; so are waits and questions to models told in steps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from ...messages import ToolMessage
from ...runnables.drive import arun, run
from ...runnables.steps import Step, Story
from ...runnables.waiting import in_thread, wait
from ...types import Command
from .types import AgentMiddleware, ModelCallResult, ModelRequest, ModelResponse, ToolCallRequest

__all__ = ["AroundModel", "AroundTools", "AskUser", "Below"]

Below: TypeAlias = Callable[[Any], Step[Any]]
"""hands a request on to what stands below"""


class _Hand(Step[Any]):
    __slots__ = ("handler", "request")

    def __init__(self, handler: Callable[[Any], Any], request: Any) -> None:
        self.handler = handler
        self.request = request

    def run(self) -> Any:
        return self.handler(self.request)

    async def arun(self) -> Any:
        return await self.handler(self.request)


class AskUser(Step[Any]):
    """Ask a function of the user's, sync or async; beside the event loop where it may block."""

    __slots__ = ("afunction", "function")

    def __init__(
        self, function: Callable[[], Any], afunction: Callable[[], Any] | None = None
    ) -> None:
        self.function = function
        self.afunction = afunction or function

    def run(self) -> Any:
        answer = self.function()
        return wait(answer) if hasattr(answer, "__await__") else answer

    async def arun(self) -> Any:
        if iscoroutinefunction(self.afunction):
            return await self.afunction()
        answer = await in_thread(self.afunction)
        return await answer if hasattr(answer, "__await__") else answer


class AroundModel(AgentMiddleware[Any, Any, Any]):
    """Stands around each question to the model."""

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Tell how a question is asked."""
        raise NotImplementedError

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[Any], ModelResponse[Any]]
    ) -> ModelCallResult:
        """Tell it in sync."""
        return run(self.asking(request, partial(_Hand, handler)))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[Any], Awaitable[ModelResponse[Any]]]
    ) -> ModelCallResult:
        """Tell it in async."""
        return await arun(self.asking(request, partial(_Hand, handler)))


class AroundTools(AgentMiddleware[Any, Any, Any]):
    """Stands around each call of a tool."""

    def calling(self, request: ToolCallRequest, below: Below) -> Story[Any]:
        """Tell how a tool is called."""
        raise NotImplementedError

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[Any], ToolMessage | Command[Any]]
    ) -> ToolMessage | Command[Any]:
        """Tell it in sync."""
        return run(self.calling(request, partial(_Hand, handler)))

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[Any], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Tell it in async."""
        return await arun(self.calling(request, partial(_Hand, handler)))
