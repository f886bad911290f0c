"""Calls of tools that a person looks at before they are made.

The question is an interrupt: a `HITLRequest`, with one action for each call that waits. Its answer
is `Command(resume={"decisions": [...]})`, one decision for each action, in the same order. The
model's own message stays as it is; what was edited is exchanged when the tool is called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict, cast

from msgspec.structs import replace

from ...errors import ConfigurationError
from ...messages import ToolMessage
from ...runnables.steps import Story
from ...tools import ToolRuntime
from ...types import Command, interrupt
from ..state import AgentState, PrivateStateAttr
from .around import AroundTools, Below
from .limits import one_of
from .naming import answer_to, waiting
from .types import ToolCallRequest

__all__ = [
    "Action",
    "ActionRequest",
    "HITLRequest",
    "HITLResponse",
    "HumanInTheLoopMiddleware",
    "HumanInTheLoopState",
    "InterruptOnConfig",
    "ReviewConfig",
]

DecisionType: TypeAlias = Literal["approve", "edit", "reject", "respond"]
DECISIONS = ("approve", "edit", "reject", "respond")
EDITED = "hitl_edited_calls"
EDIT_NOTICE = (
    "Note: a person has changed this call before it was made, on purpose and with the right to. "
    "Your message shows the call as you wrote it. Do not make it again."
)


class Action(TypedDict):
    """A call: the name of a tool and its arguments."""

    name: str
    args: dict[str, Any]


class ActionRequest(Action):
    """A call that waits for a decision."""

    description: NotRequired[str]


class ReviewConfig(TypedDict):
    """What may be decided of an action."""

    action_name: str
    allowed_decisions: list[DecisionType]


class HITLRequest(TypedDict):
    """The question of an interrupt."""

    action_requests: list[ActionRequest]
    review_configs: list[ReviewConfig]


class HITLResponse(TypedDict):
    """The answer: each approves, edits (`edited_action`), rejects or responds (`message`)."""

    decisions: list[dict[str, Any]]


class InterruptOnConfig(TypedDict):
    """What is asked about the calls of a tool.

    `description` is a text, or a function of (call, state, runtime); `when` says of a
    `ToolCallRequest` whether to ask at all, and must say the same when the run is resumed.
    """

    allowed_decisions: list[DecisionType]
    description: NotRequired[str | Callable[..., str]]
    args_schema: NotRequired[dict[str, Any]]
    when: NotRequired[Callable[[ToolCallRequest], bool]]


class HumanInTheLoopState(AgentState[Any]):
    """The calls that were edited, by their ids."""

    hitl_edited_calls: NotRequired[Annotated[dict[str, Any], PrivateStateAttr]]


class HumanInTheLoopMiddleware(AroundTools):
    """Ask a person before calls of some tools are made; the agent needs a checkpointer.

    `interrupt_on` has True, False or an `InterruptOnConfig` for each tool by its name. Calls of
    one reply are asked about together; with `interrupt_mode="per_call"` each by itself, at the
    moment when it is to be made.

    >>> from conure.agents import create_agent
    >>> from conure.checkpoint import InMemorySaver
    >>> from conure.messages import AIMessage
    >>> from conure.testing import ScriptedChatModel
    >>> def pay(amount: int) -> str:
    ...     '''Pay.'''
    ...     return f"paid {amount}"
    >>> call = {"name": "pay", "args": {"amount": 90}, "id": "1", "type": "tool_call"}
    >>> agent = create_agent(
    ...     ScriptedChatModel([AIMessage("", tool_calls=[call]), "Done."]),
    ...     [pay],
    ...     middleware=[HumanInTheLoopMiddleware({"pay": True})],
    ...     checkpointer=InMemorySaver(),
    ... )
    >>> thread = {"configurable": {"thread_id": "1"}}
    >>> (question,) = agent.invoke({"messages": "Pay the bill."}, thread)["__interrupt__"]
    >>> question.value["action_requests"][0]["args"]
    {'amount': 90}
    >>> answer = Command(resume={"decisions": [{"type": "approve"}]})
    >>> agent.invoke(answer, thread)["messages"][-2].text
    'paid 90'
    """

    state_schema = HumanInTheLoopState

    def __init__(
        self,
        interrupt_on: Mapping[str, bool | InterruptOnConfig],
        *,
        description_prefix: str = "Tool execution requires approval",
        edit_notice: str | None = EDIT_NOTICE,
        interrupt_mode: Literal["batched", "per_call"] = "batched",
    ) -> None:
        where = type(self).__name__
        self.interrupt_on = {
            name: _config(name, given) for name, given in interrupt_on.items() if given is not False
        }
        self.description_prefix = description_prefix
        self.edit_notice = edit_notice
        modes = ("batched", "per_call")
        self.interrupt_mode = one_of(where, "interrupt_mode", interrupt_mode, *modes)

    def after_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Ask about the calls of a reply, all together."""
        if self.interrupt_mode == "per_call":
            return None
        calls = self._to_ask_about(state, runtime)
        if not calls:
            return {EDITED: {}} if state.get(EDITED) else None
        actions = [self._action(call, state, runtime) for call in calls]
        reviews: list[ReviewConfig] = [
            {"action_name": call["name"], "allowed_decisions": self._allowed(call)}
            for call in calls
        ]
        request: HITLRequest = {"action_requests": actions, "review_configs": reviews}
        decisions = _decisions(interrupt(request), len(calls))
        edited: dict[str, Any] = {}
        answers: list[ToolMessage] = []
        for call, decision in zip(calls, decisions, strict=True):
            kind = self._checked(call, decision)
            if kind == "edit":
                edited[call["id"]] = decision["edited_action"]
            elif kind != "approve":
                answers.append(_answer(call, decision))
        return {"messages": answers, EDITED: edited} if answers else {EDITED: edited}

    def calling(self, request: ToolCallRequest, below: Below) -> Story[Any]:
        """Exchange a call that was edited; with "per_call", ask about it first."""
        call: Any = request.tool_call
        every: dict[str, Any] = request.state.get(EDITED) or {}
        edited: Any = every.get(call["id"])
        if self.interrupt_mode == "per_call" and self._asks(call, request):
            decision = interrupt(
                {
                    "type": "tool_approval",
                    "tool_call_id": call["id"],
                    **self._action(call, request.state, request.runtime),
                }
            )
            kind = self._checked(call, decision)
            if kind in ("reject", "respond"):
                return _answer(call, decision)
            edited = decision["edited_action"] if kind == "edit" else None
        if edited is None:
            return (yield from below(request))
        result = yield from below(_exchanged(request, edited))
        return self._noted(result, call["id"], edited)

    def _to_ask_about(self, state: Any, runtime: Any) -> list[Any]:
        found: list[Any] = []
        for call in waiting(state["messages"]):
            request = ToolCallRequest(
                tool_call=call,
                tool=None,
                state=state,
                runtime=ToolRuntime(
                    state=state,
                    context=runtime.context,
                    config=runtime.config,
                    store=runtime.store,
                    stream_writer=runtime.stream_writer,
                    tool_call_id=call["id"],
                ),
            )
            if self._asks(call, request):
                found.append(call)
        return found

    def _asks(self, call: Mapping[str, Any], request: ToolCallRequest) -> bool:
        config = self.interrupt_on.get(call["name"])
        if config is None:
            return False
        when = config.get("when")
        return when is None or bool(when(request))

    def _allowed(self, call: Mapping[str, Any]) -> list[DecisionType]:
        return self.interrupt_on[call["name"]]["allowed_decisions"]

    def _action(self, call: Mapping[str, Any], state: Any, runtime: Any) -> ActionRequest:
        name, args = call["name"], call["args"]
        words = self.interrupt_on[name].get("description")
        if callable(words):
            words = words(call, state, runtime)
        elif words is None:
            words = f"{self.description_prefix}\n\nTool: {name}\nArgs: {args}"
        return {"name": name, "args": args, "description": words}

    def _checked(self, call: Mapping[str, Any], decision: Any) -> str:
        """Give the type of a decision that may be taken, and has what it needs."""
        allowed = self._allowed(call)
        kind = cast("Any", decision).get("type") if isinstance(decision, Mapping) else None
        if kind not in allowed:
            raise ConfigurationError(
                f"{decision!r} is no decision about the call of {call['name']}: its type is one "
                f"of {', '.join(allowed)}"
            )
        action: Any = cast("Any", decision).get("edited_action")
        if kind == "edit" and not (
            isinstance(action, Mapping) and {"name", "args"} <= set(cast("Any", action))
        ):
            raise ConfigurationError(
                f'the edit of the call of {call["name"]} lacks "edited_action": '
                '{"name": ..., "args": {...}}'
            )
        if kind == "respond" and "message" not in decision:
            raise ConfigurationError(f'the response to {call["name"]} lacks its "message"')
        return cast("str", kind)

    def _noted(self, result: Any, call_id: str, action: Action) -> Any:
        """Tell the model what was called in place of what it asked for."""
        if not self.edit_notice:
            return result
        ran = f"Called instead: {action['name']} with {json.dumps(action['args'], default=str)}."
        notice = f"{self.edit_notice} {ran}"
        if isinstance(result, ToolMessage):
            return _prefixed(result, notice)
        command = cast("Command[Any]", result)
        update: dict[str, Any] = dict(command.update or {})
        update["messages"] = [
            _prefixed(one, notice)
            if isinstance(one, ToolMessage) and one.tool_call_id == call_id
            else one
            for one in update.get("messages") or ()
        ]
        return replace(command, update=update)


def _config(name: str, given: Any) -> InterruptOnConfig:
    if given is True:
        return {"allowed_decisions": [*cast("Any", DECISIONS)]}
    allowed: Any = cast("Any", given).get("allowed_decisions") if isinstance(given, Mapping) else 0
    # An empty list would let every call through unseen.
    if not allowed or isinstance(allowed, str) or not {*allowed} <= {*DECISIONS}:
        raise ConfigurationError(
            f"interrupt_on[{name!r}] needs allowed_decisions, a list of some of "
            f"{', '.join(DECISIONS)}; it is {given!r}"
        )
    return cast("InterruptOnConfig", given)


def _decisions(answer: Any, count: int) -> list[Any]:
    given: Any = cast("Any", answer).get("decisions") if isinstance(answer, Mapping) else None
    if not isinstance(given, list):
        raise ConfigurationError(
            f'the run waits for Command(resume={{"decisions": [...]}}), not for {answer!r}'
        )
    decisions = cast("list[Any]", given)
    if len(decisions) != count:
        raise ConfigurationError(
            f"{count} calls wait for a decision each, in their order, and there are "
            f"{len(decisions)} decisions"
        )
    return decisions


def _answer(call: Mapping[str, Any], decision: Mapping[str, Any]) -> ToolMessage:
    if decision["type"] == "respond":
        return answer_to(call, decision["message"], status="success")
    if reason := decision.get("message"):
        return answer_to(call, f"The user rejected this call of {call['name']}: {reason}")
    return answer_to(
        call,
        f"The user rejected this call of {call['name']}; it was not made. Do not make it again "
        "unless the user asks for it.",
    )


def _exchanged(request: ToolCallRequest, action: Action) -> ToolCallRequest:
    name = action["name"]
    call: Any = {**request.tool_call, "name": name, "args": action["args"]}
    if name == request.tool_call["name"]:
        return request.override(tool_call=call)
    tools = {one.name: one for one in request.runtime.tools}
    if name not in tools:
        raise ConfigurationError(
            f"the call of {request.tool_call['name']} was edited to one of {name!r}, and there is "
            f"no such tool: there are {', '.join(tools)}"
        )
    return request.override(tool_call=call, tool=tools[name])


def _prefixed(message: ToolMessage, notice: str) -> ToolMessage:
    content = message.content
    if isinstance(content, str):
        return message.model_copy(
            update={"content": f"{notice}\n\n{content}" if content else notice}
        )
    return message.model_copy(update={"content": [{"type": "text", "text": notice}, *content]})
