"""What a middleware is: hooks around the steps of an agent, and what they are handed.

Hooks before and after are given the state and answer what to change in it; hooks that wrap are
given a request and the `handler` to hand it on with: once, again, changed, or not at all. Each has
an async twin with an `a` before its name; one of both is enough, whatever colour the agent runs
in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar, cast

from msgspec import Struct, structs

from ...chat_models.model import ChatModel
from ...errors import ConfigurationError
from ...messages import AIMessage, BaseMessage, SystemMessage, ToolCall, ToolMessage
from ...runtime import Runtime
from ...tools import BaseTool, ToolRuntime
from ...types import Command
from ..state import (
    AgentState,
    EphemeralValue,
    JumpTo,
    OmitFromInput,
    OmitFromOutput,
    OmitFromSchema,
    PrivateStateAttr,
)

__all__ = [
    "AgentMiddleware",
    "AgentState",
    "EphemeralValue",
    "ExtendedModelResponse",
    "JumpTo",
    "ModelCallResult",
    "ModelRequest",
    "ModelResponse",
    "OmitFromInput",
    "OmitFromOutput",
    "OmitFromSchema",
    "PrivateStateAttr",
    "ToolCallRequest",
    "hook_config",
    "system_of",
]

StateT = TypeVar("StateT", bound="AgentState[Any]")
ContextT = TypeVar("ContextT")
ResponseT = TypeVar("ResponseT")
Function = TypeVar("Function", bound=Callable[..., Any])


class ModelRequest(Struct, Generic[ContextT], frozen=True, kw_only=True):
    """A question to the model, before it is asked: change it with `override`."""

    model: ChatModel
    messages: list[BaseMessage]
    """the history, without the system message"""
    system_message: SystemMessage | None = None
    tools: list[Any] = []
    tool_choice: Any = None
    response_format: Any = None
    state: Mapping[str, Any] = {}
    runtime: Runtime[ContextT] = cast("Any", None)
    model_settings: dict[str, Any] = {}
    """more settings of this call"""

    @property
    def system_prompt(self) -> str | None:
        """The text of the system message."""
        return None if self.system_message is None else str(self.system_message.text)

    def override(self, **fields: Any) -> ModelRequest[ContextT]:
        """Give a request like this one, with some fields replaced; `system_prompt` is one too."""
        if "system_prompt" in fields:
            fields["system_message"] = system_of(fields.pop("system_prompt"))
        return _replaced(self, fields)


class ModelResponse(Struct, Generic[ResponseT], kw_only=True):
    """What came of a question: the messages to add, and the value where one was wanted."""

    result: list[BaseMessage]
    structured_response: ResponseT | None = None


class ExtendedModelResponse(Struct, Generic[ResponseT], kw_only=True):
    """The same, and a `Command` that changes other keys of the state."""

    model_response: ModelResponse[ResponseT]
    command: Command[Any] | None = None


ModelCallResult: TypeAlias = "ModelResponse[Any] | AIMessage | ExtendedModelResponse[Any]"


class ToolCallRequest(Struct, frozen=True, kw_only=True):
    """A call of a tool, before it is made: change it with `override`."""

    tool_call: ToolCall
    tool: BaseTool | None
    """None for a name that the agent has no tool of"""
    state: Any
    runtime: ToolRuntime[Any, Any]

    def override(self, **fields: Any) -> ToolCallRequest:
        """Give a request like this one, with some fields replaced."""
        return _replaced(self, fields)


class AgentMiddleware(Generic[StateT, ContextT, ResponseT]):
    """Hooks around the steps of an agent; a subclass writes the ones it wants.

    `tools` are added to the agent's, the keys of `state_schema` to its state.
    """

    state_schema: type[Any] = AgentState
    tools: Sequence[Any] = ()

    @property
    def name(self) -> str:
        """The name of its steps; an agent has no two of the same."""
        return type(self).__name__

    def before_agent(self, state: StateT, runtime: Runtime[ContextT]) -> dict[str, Any] | None:
        """Run once, before everything else."""

    async def abefore_agent(
        self, state: StateT, runtime: Runtime[ContextT]
    ) -> dict[str, Any] | None:
        """Run once, before everything else."""

    def before_model(self, state: StateT, runtime: Runtime[ContextT]) -> dict[str, Any] | None:
        """Run before each question to the model."""

    async def abefore_model(
        self, state: StateT, runtime: Runtime[ContextT]
    ) -> dict[str, Any] | None:
        """Run before each question to the model."""

    def after_model(self, state: StateT, runtime: Runtime[ContextT]) -> dict[str, Any] | None:
        """Run after each reply, before its tools are called; the last middleware first."""

    async def aafter_model(
        self, state: StateT, runtime: Runtime[ContextT]
    ) -> dict[str, Any] | None:
        """Run after each reply, before its tools are called; the last middleware first."""

    def after_agent(self, state: StateT, runtime: Runtime[ContextT]) -> dict[str, Any] | None:
        """Run once, in the end; the last middleware first."""

    async def aafter_agent(
        self, state: StateT, runtime: Runtime[ContextT]
    ) -> dict[str, Any] | None:
        """Run once, in the end; the last middleware first."""

    def wrap_model_call(
        self,
        request: ModelRequest[ContextT],
        handler: Callable[[ModelRequest[ContextT]], ModelResponse[Any]],
    ) -> ModelCallResult:
        """Stand around each question to the model; the first middleware is outermost."""
        return handler(request)

    async def awrap_model_call(
        self,
        request: ModelRequest[ContextT],
        handler: Callable[[ModelRequest[ContextT]], Awaitable[ModelResponse[Any]]],
    ) -> ModelCallResult:
        """Stand around each question to the model; the first middleware is outermost."""
        return await handler(request)

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        """Stand around each call of a tool; the first middleware is outermost."""
        return handler(request)

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Stand around each call of a tool; the first middleware is outermost."""
        return await handler(request)


def hook_config(*, can_jump_to: Sequence[JumpTo] | None = None) -> Callable[[Function], Function]:
    """Say of a hook where it may send the run: its update then has a `jump_to`."""

    def mark(function: Function) -> Function:
        cast("Any", function).__can_jump_to__ = tuple(can_jump_to or ())
        return function

    return mark


def system_of(prompt: str | SystemMessage | None) -> SystemMessage | None:
    """Make a system message of a text."""
    if prompt is None or isinstance(prompt, SystemMessage):
        return prompt
    return SystemMessage(prompt)


Request = TypeVar("Request", bound=Struct)


def _replaced(request: Request, fields: dict[str, Any]) -> Request:
    try:
        return structs.replace(request, **fields)
    except TypeError:
        known = type(request).__struct_fields__
        wrong = ", ".join(name for name in fields if name not in known)
        raise ConfigurationError(
            f"{type(request).__name__} has no {wrong}: override() takes {', '.join(known)}"
        ) from None
