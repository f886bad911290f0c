"""The calls of tools: side by side, answered in the order in which they were asked.

What a tool answered is kept the moment it has, so that no call is made twice, whatever becomes of
the others. The model is told of what it can mend: unknown tools, arguments that do not fit, and
errors of the kinds that `handle_tool_errors` names; others are raised once every call is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError
from ..messages import AIMessage, BaseMessage, ToolMessage
from ..runnables.config import RunnableConfig
from ..runnables.drive import arun, run as drive
from ..runnables.steps import Step, Story, Together
from ..runnables.waiting import wait
from ..runtime import Runtime
from ..tools import (
    BaseTool,
    InjectedState,
    InjectedStore,
    InvalidToolArguments,
    ToolException,
    ToolRuntime,
)
from ..tools.answers import message_of
from ..tools.many import apology, calls_of, full_call, refusal
from ..types import Command, Interrupted
from .hooks import Hook, Layers
from .middleware.types import ToolCallRequest
from .nodes import Node, Outcome, destination
from .running import Running

__all__ = ["HandleToolErrors", "ToolsNode", "last_exchange", "pending_calls"]

HandleToolErrors: TypeAlias = (
    bool | str | type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], str]
)


def last_exchange(messages: Sequence[BaseMessage]) -> tuple[AIMessage | None, list[ToolMessage]]:
    """Give the last reply of the model, and what tools have answered to it."""
    answers: list[ToolMessage] = []
    for message in reversed(messages):
        if isinstance(message, AIMessage):
            return message, answers[::-1]
        if isinstance(message, ToolMessage):
            answers.append(message)
    return None, []


def pending_calls(messages: Sequence[BaseMessage]) -> list[Mapping[str, Any]]:
    """Give the calls of the last reply that nobody has answered."""
    reply, answers = last_exchange(messages)
    if reply is None:
        return []
    answered = {answer.tool_call_id for answer in answers}
    return [call for call in calls_of(reply) if (call["id"] or "") not in answered]


class _Failed(Exception):  # noqa: N818 - carries one
    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


class _Branch(Step[Any]):
    """Tell a story beside others."""

    __slots__ = ("story",)

    def __init__(self, story: Story[Any]) -> None:
        self.story = story

    def run(self) -> Any:
        return drive(self.story)

    async def arun(self) -> Any:
        return await arun(self.story)


class _CallTool(Step[Any]):
    """Call a tool; one that is async only is awaited in sync as well."""

    __slots__ = ("call", "config", "tool")

    def __init__(self, tool: BaseTool, call: Any, config: RunnableConfig | None) -> None:
        self.tool = tool
        self.call = call
        self.config = config

    def run(self) -> Any:
        if not self.tool.only_async:
            return self.tool.invoke(self.call, self.config)
        return wait(self.tool.ainvoke(self.call, self.config))

    async def arun(self) -> Any:
        return await self.tool.ainvoke(self.call, self.config)


class ToolsNode(Node):
    """The step that calls tools."""

    name = "tools"

    def __init__(
        self, tools: Mapping[str, BaseTool], wraps: Sequence[Hook], handle_errors: HandleToolErrors
    ) -> None:
        self.tools = tools
        self._wraps = wraps
        self._handle_errors = handle_errors

    def tell(self, run: Running, config: RunnableConfig | None) -> Story[Outcome]:
        calls = pending_calls(run.state["messages"])
        stories = [
            self._called(run, call, f"tools:{place}:{call['id'] or ''}", config)
            for place, call in enumerate(calls)
        ]
        if len(stories) == 1:
            outcomes = [(yield from stories[0])]
        else:
            outcomes = yield Together([_Branch(story) for story in stories], config)
        for outcome in outcomes:
            if isinstance(outcome, _Failed):
                raise outcome.error
        if asked := [one for one in outcomes if isinstance(one, Interrupted)]:
            raise Interrupted(*(question for one in asked for question in one.interrupts))
        return self._taken_together(calls, outcomes)

    def _taken_together(self, calls: Sequence[Any], answers: Sequence[Any]) -> Outcome:
        updates: list[Mapping[str, Any] | None] = []
        goto = None
        for call, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Command):
                command = cast("Command[Any]", answer)
                updates.append(_checked(command, call))
                goto = destination(command, call["name"]) or goto
            else:
                updates.append({"messages": [answer]})
        return Outcome(updates, goto)

    def _called(
        self, run: Running, call: Mapping[str, Any], task: str, config: RunnableConfig | None
    ) -> Story[Any]:
        """Make one call; answer what came of it, also where that is an error or a question."""
        if (answer := run.finished(task)) is not None:
            return answer
        heads = {"tool_call_id": call["id"] or "", "tool_name": call["name"]}
        run.tell("tools", {"event": "tool-started", **heads, "input": call.get("args")})
        try:
            answer = yield from run.task(task, lambda: self._asked(run, call, config))
        except Interrupted as asked:
            return asked
        except Exception as error:  # noqa: BLE001 - raised when the other calls are over
            run.tell("tools", {"event": "tool-error", **heads, "message": str(error)})
            return _Failed(error)
        if isinstance(answer, ToolMessage):
            answer.name = answer.name or call["name"]
        yield from run.finish(task, answer)
        run.tell("tools", {"event": "tool-finished", **heads, "output": answer})
        return answer

    def _asked(
        self, run: Running, call: Mapping[str, Any], config: RunnableConfig | None
    ) -> Story[Any]:
        runtime = _tool_runtime(run, call, config, [*self.tools.values()])
        request = ToolCallRequest(
            tool_call=cast("Any", call),
            tool=self.tools.get(call["name"]),
            state=run.state,
            runtime=runtime,
        )
        if not self._wraps or call["type"] != "tool_call":
            return (yield from self._answered(request, config))
        return (yield Layers(self._wraps, request, lambda r: self._answered(r, config), _settled))

    def _answered(self, request: ToolCallRequest, config: RunnableConfig | None) -> Story[Any]:
        """Call the tool that the request names, or say to the model why not."""
        call: Any = request.tool_call
        made = request.tool
        if made is None or call.get("type", "tool_call") != "tool_call":
            return refusal({**call, "type": call.get("type", "tool_call")}, self.tools)
        made = _as_tool(made)
        full = full_call(made, {"id": None, **call, "type": "tool_call"}, _supplied(made, request))
        try:
            answer = yield _CallTool(made, full, config)
        except InvalidToolArguments as error:
            return apology(call, f"{error}\nCall {call['name']} again with arguments that fit.")
        except Exception as error:  # raised again unless the model is to be told
            words = self._words_for(error)
            if words is None:
                raise
            return apology(call, words)
        return message_of(answer, name=call["name"], call_id=call["id"] or "")

    def _words_for(self, error: Exception) -> str | None:
        handling: Any = self._handle_errors
        if handling is False:
            return None
        own = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if handling is True:
            return own
        if isinstance(handling, str):
            return handling
        if isinstance(handling, (type, tuple)):
            if not isinstance(error, cast("Any", handling)):
                return None
            return str(error) if isinstance(error, ToolException) else own
        return str(handling(error))


def _as_tool(given: Any) -> BaseTool:
    if isinstance(given, BaseTool):
        return given
    from ..tools.many import as_tool

    made = as_tool(given)
    if made is None:
        raise ConfigurationError(f"{given!r} is no tool that can be called")
    return made


def _settled(hook: Hook, answer: Any) -> tuple[Any, None]:
    if not isinstance(answer, (ToolMessage, Command)):
        raise ConfigurationError(
            f"{hook.name} answered {type(answer).__name__}: it answers what the handler gave, a "
            "ToolMessage or a Command"
        )
    return cast("Any", answer), None


def _tool_runtime(
    run: Running, call: Mapping[str, Any], config: RunnableConfig | None, tools: list[BaseTool]
) -> ToolRuntime[Any, Any]:
    runtime: Runtime[Any] = run.runtime
    call_id, name = call["id"] or "", call["name"]

    def write_output(delta: Any) -> None:
        heads = {"tool_call_id": call_id, "tool_name": name}
        run.tell("tools", {"event": "tool-output-delta", **heads, "delta": delta})

    return ToolRuntime(
        state=run.state,
        context=runtime.context,
        config=config,
        store=runtime.store,
        stream_writer=runtime.stream_writer,
        output_writer=write_output,
        tool_call_id=call["id"],
        tools=tools,
    )


def _supplied(made: BaseTool, request: ToolCallRequest) -> dict[str, Any]:
    """Give the arguments that the tool is to have from the agent."""
    supplied: dict[str, Any] = {}
    for name, supplier in made.arguments.injected.items():
        if supplier == "runtime":
            supplied[name] = request.runtime
        elif isinstance(supplier, InjectedState):
            state = request.state
            supplied[name] = state if supplier.field is None else state.get(supplier.field)
        elif isinstance(supplier, InjectedStore):
            supplied[name] = request.runtime.store
    return supplied


def _checked(command: Command[Any], call: Mapping[str, Any]) -> Mapping[str, Any]:
    """See to it that a command answers the call it came of."""
    update: dict[str, Any] = dict(cast("Any", command.update) or {})
    messages: Any = update.get("messages") or ()
    each: list[Any] = [*messages] if isinstance(messages, (list, tuple)) else [messages]
    for message in each:
        if isinstance(message, ToolMessage) and message.tool_call_id == (call["id"] or ""):
            message.name = message.name or call["name"]
            return update
    raise ConfigurationError(
        f"the tool {call['name']} returned a Command that does not answer its call: its update "
        f"needs a ToolMessage(..., tool_call_id={call['id']!r}) among the messages"
    )
