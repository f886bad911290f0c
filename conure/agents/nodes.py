"""The steps of an agent: hooks, the question to the model, the calls of its tools.

Each tells what it changes in the state, as updates in order, and where to go if not straight on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from ..errors import ConfigurationError
from ..messages import AIMessage, SystemMessage
from ..runnables.config import RunnableConfig
from ..runnables.steps import Story
from ..types import Command
from .asking import Asker
from .hooks import AskHook, Hook, Layers
from .middleware.types import ExtendedModelResponse, ModelRequest, ModelResponse
from .running import Running

__all__ = ["ENDS", "GOTO", "HookNode", "ModelNode", "Node", "Outcome", "destination"]

GOTO = frozenset({"model", "tools", "end"})
"""where a jump may lead"""
ENDS = frozenset({"end", "__end__"})


class Outcome(Struct):
    """What a step came to."""

    updates: list[Mapping[str, Any] | None]
    goto: str | None = None


class Node:
    """One step."""

    name: str

    def tell(self, run: Running, config: RunnableConfig | None) -> Story[Outcome]:
        """Tell what the step does."""
        raise NotImplementedError


class HookNode(Node):
    """A hook that stands before or after."""

    def __init__(self, hook: Hook) -> None:
        self.name = hook.name
        self._hook = hook

    def tell(self, run: Running, config: RunnableConfig | None) -> Story[Outcome]:
        del config

        def story() -> Story[Any]:
            return (yield AskHook(self._hook, dict(run.state), run.runtime))

        answer = yield from run.task(self.name, story)
        if answer is None:
            return Outcome([None])
        if isinstance(answer, Command):
            command = cast("Command[Any]", answer)
            return Outcome([_update(command, self.name)], destination(command, self.name))
        if not isinstance(answer, Mapping):
            raise ConfigurationError(
                f"{self.name} answered {type(answer).__name__}: a hook answers None or a dict of "
                "what to change in the state"
            )
        update = dict(cast("Mapping[str, Any]", answer))
        goto = update.pop("jump_to", None)
        if goto is not None:
            self._check(goto)
        return Outcome([update or None], goto)

    def _check(self, goto: Any) -> None:
        if goto not in GOTO:
            raise ConfigurationError(
                f'{self.name}: jump_to={goto!r} is no place: "model", "tools" or "end" are'
            )
        jumps = self._hook.jumps
        if jumps is not None and goto not in jumps:
            raise ConfigurationError(
                f"{self.name} jumps to {goto!r} and declares only {list(jumps)}: add it to "
                "can_jump_to"
            )


class ModelNode(Node):
    """The question to the model."""

    name = "model"

    def __init__(
        self,
        asker: Asker,
        wraps: Sequence[Hook],
        *,
        model: Any,
        tools: list[Any],
        system_message: SystemMessage | None,
        response_format: Any,
    ) -> None:
        self._asker = asker
        self._wraps = wraps
        self._fixed: dict[str, Any] = {
            "model": model,
            "system_message": system_message,
            "response_format": response_format,
        }
        self._tools = tools

    def tell(self, run: Running, config: RunnableConfig | None) -> Story[Outcome]:
        request: ModelRequest[Any] = ModelRequest(
            messages=list(run.state.get("messages", ())),
            tools=list(self._tools),
            state=dict(run.state),
            runtime=run.runtime,
            model_settings={},
            **self._fixed,
        )
        return (yield from run.task(self.name, lambda: self._asked(request, config)))

    def _asked(self, request: ModelRequest[Any], config: RunnableConfig | None) -> Story[Outcome]:
        if not self._wraps:
            response = yield from self._asker.ask(request, config)
            return Outcome([_changes(response)])
        layers = Layers(self._wraps, request, lambda r: self._asker.ask(r, config), _settled)
        response = yield layers
        outcome = Outcome([_changes(response)])
        for depth in sorted(layers.taken, reverse=True):
            command = layers.taken[depth]
            if command is not None:
                name = self._wraps[depth].name
                outcome.updates.append(_update(command, name))
                outcome.goto = destination(command, name) or outcome.goto
        return outcome


def _settled(hook: Hook, answer: Any) -> tuple[ModelResponse[Any], Command[Any] | None]:
    command = None
    if isinstance(answer, ExtendedModelResponse):
        extended = cast("ExtendedModelResponse[Any]", answer)
        command, answer = extended.command, extended.model_response
    if isinstance(answer, AIMessage):
        answer = cast("Any", ModelResponse(result=[answer]))
    if not isinstance(answer, ModelResponse):
        raise ConfigurationError(
            f"{hook.name} answered {type(answer).__name__}: it answers what the handler gave, a "
            "ModelResponse, an AIMessage or an ExtendedModelResponse"
        )
    return cast("ModelResponse[Any]", answer), command


def _changes(response: ModelResponse[Any]) -> dict[str, Any]:
    update: dict[str, Any] = {"messages": response.result}
    if response.structured_response is not None:
        update["structured_response"] = response.structured_response
    return update


def _update(command: Command[Any], by: str) -> Mapping[str, Any] | None:
    if command.resume is not UNSET_RESUME or command.graph is not None:
        raise ConfigurationError(f"{by}: a Command from within an agent has update and goto only")
    return None if command.update is None else dict(cast("Any", command.update))


UNSET_RESUME = Command[Any]().resume


def destination(
    command: Command[Any], by: str, places: Callable[[str], bool] = GOTO.__contains__
) -> str | None:
    """Say where a command leads; None when it does not say."""
    given = command.goto
    wanted = [given] if isinstance(given, str) else list(given)
    if not wanted:
        return None
    goto = "end" if wanted[0] in ENDS else wanted[0]
    if len(wanted) > 1 or not places(goto):
        raise ConfigurationError(f'{by}: goto={given!r} is no place: "model", "tools" or "end" are')
    return goto
