"""One question to the model: its tools and its response format bound, its reply read.

What was bound last is kept, as most questions of a run bind the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from msgspec.structs import replace

from ..chat_models.answers import METHODS, read_answer
from ..chat_models.init import init_chat_model
from ..chat_models.model import ChatModel
from ..errors import ConfigurationError, InvalidOutput, Truncated
from ..messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from ..runnables.config import RunnableConfig
from ..runnables.steps import Invoke, Story
from ..schema.problems import InvalidValue, SchemaError
from ..tools import BaseTool, tool_definition
from .middleware.types import ModelRequest, ModelResponse
from .structured_output import (
    AutoStrategy,
    MultipleStructuredOutputsError,
    ProviderStrategy,
    StructuredOutputError,
    StructuredOutputValidationError,
    ToolStrategy,
)

__all__ = ["Asker", "is_correction"]

CORRECTION = "correction"
"""in the metadata of what tells the model that its value does not fit: how many there were"""


class Asker:
    """Asks models for an agent."""

    def __init__(
        self, name: str | None, tools: Mapping[str, BaseTool], *, open_world: bool
    ) -> None:
        self._name = name
        self._tools = tools
        self._open_world = open_world
        self._kept: tuple[list[Any], ChatModel] | None = None

    def ask(self, request: ModelRequest[Any], config: RunnableConfig | None) -> Story[Any]:
        """Ask once; answers a `ModelResponse`."""
        model: Any = request.model
        if isinstance(model, str):
            request = replace(request, model=init_chat_model(model))
        strategy = _strategy(request.response_format, request.model, config)
        model = self._bound(request, strategy)
        messages = request.messages
        if request.system_message is not None:
            messages = [request.system_message, *messages]
        reply: AIMessage = yield Invoke(model, messages, config)
        if self._name is not None:
            reply.name = self._name
        _distinguish(reply, request.messages)
        if strategy is None:
            return _plain(reply)
        if isinstance(strategy, ToolStrategy):
            return _read_call(reply, cast("ToolStrategy[Any]", strategy), request.messages)
        return _read_text(reply, strategy, request.messages)

    def _bound(self, request: ModelRequest[Any], strategy: Any) -> ChatModel:
        key = [request.model, strategy, request.tool_choice, request.model_settings, *request.tools]
        kept = self._kept
        if kept is not None and _same(kept[0], key):
            return kept[1]
        self._check(request.tools)
        bound = _bind(request, strategy)
        # Settings may be changed in place: only what is empty is known to stay the same.
        if not request.model_settings:
            key[3] = {}
        self._kept = (key, bound)
        return bound

    def _check(self, tools: Sequence[Any]) -> None:
        if self._open_world:
            return
        names = [name for tool in tools if (name := _name_of(tool)) is not None]
        if strange := [name for name in names if name not in self._tools]:
            raise ConfigurationError(
                f"a middleware added the tools {', '.join(strange)}, which this agent cannot call: "
                "give them to create_agent(tools=...) or to the middleware's `tools` as well, or "
                "write a wrap_tool_call that answers with request.override(tool=...)"
            )


def _same(kept: list[Any], key: list[Any]) -> bool:
    return len(kept) == len(key) and all(
        old is new or (type(old) is dict and not old and not new and type(new) is dict)
        for old, new in zip(kept, key, strict=True)
    )


def _name_of(tool: Any) -> str | None:
    if isinstance(tool, Mapping):
        return None
    return tool.name if isinstance(tool, BaseTool) else getattr(tool, "__name__", None)


def _strategy(given: Any, model: ChatModel, config: RunnableConfig | None) -> Any:
    if isinstance(given, AutoStrategy):
        method = model.chosen(config).structured_method()
        return cast("Any", given).chosen(natively=method == "json_schema")
    return given


def _bind(request: ModelRequest[Any], strategy: Any) -> ChatModel:
    model, tools = request.model, list(request.tools)
    settings: dict[str, Any] = dict(request.model_settings)
    choice = request.tool_choice
    if isinstance(strategy, ToolStrategy):
        make = METHODS["function_calling"].settings
        wanted = cast("Any", strategy).wanted.values()
        tools += [tool for one in wanted for tool in make(one)["tools"]]
        choice = "any" if choice is None else choice
    elif isinstance(strategy, ProviderStrategy):
        wanted = cast("Any", strategy).wanted
        settings |= METHODS["json_schema"].settings(wanted)
        # What strict mode cannot say is bound without it: it is a help and not a condition.
        tools = [_strictest(tool) for tool in tools] if strategy.strict is not False else tools
    if tools:
        tools = [*_of_the_model(model, tools), *tools]
        formats = {"strict": None, **settings}
        return model.bind_tools(tools, tool_choice=choice, **formats)
    if choice is not None:
        settings["tool_choice"] = choice
    return model.bind(**settings) if settings else model


def _strictest(tool: Any) -> Any:
    try:
        return tool_definition(tool, strict=True)
    except SchemaError:
        return tool


def _of_the_model(model: ChatModel, tools: Sequence[Any]) -> list[Any]:
    """Give the tools that the model was bound with before, but for those that are there."""
    before = model.bound_tools
    if not before:
        return []
    names = {_defined_name(tool_definition(tool)) for tool in tools}
    return [one for one in before if _defined_name(one) not in names]


def _defined_name(definition: Mapping[str, Any]) -> Any:
    inner = definition.get("function") or definition.get("custom") or definition
    return inner.get("name") or definition.get("type")


def _distinguish(reply: AIMessage, before: Sequence[BaseMessage]) -> None:
    """Give a reply an id of its own: some providers repeat theirs, and history goes by ids."""
    id = reply.id
    taken = {message.id for message in before}
    count = 2
    while reply.id in taken:
        reply.id = f"{id}-{count}"
        count += 1


# -- reading ------------------------------------------------------------------------------------


def _plain(reply: AIMessage) -> ModelResponse[Any]:
    return ModelResponse(result=[reply])


def _read_text(
    reply: AIMessage, strategy: ProviderStrategy[Any], before: Sequence[BaseMessage]
) -> ModelResponse[Any]:
    """Read the value of a reply's text; a reply that calls tools has none yet."""
    if reply.tool_calls or reply.invalid_tool_calls:
        return _plain(reply)
    try:
        value = read_answer(reply, strategy.wanted, METHODS["json_schema"])
    except Truncated:
        raise
    except InvalidOutput as wrong:
        shape = strategy.wanted.shape
        error = StructuredOutputValidationError(shape.name if shape else "", wrong, reply)
        count = _attempt(before, error, strategy.max_attempts)
        words = f"{wrong}\n\nGive the whole answer again, corrected."
        return ModelResponse(
            result=[reply, HumanMessage(words, response_metadata={CORRECTION: count})]
        )
    return ModelResponse(result=[reply], structured_response=value)


def _read_call(
    reply: AIMessage, strategy: ToolStrategy[Any], before: Sequence[BaseMessage]
) -> ModelResponse[Any]:
    """Read the value of the call that gives it; ordinary calls stay for the tools."""
    calls: list[Any] = [*reply.tool_calls, *reply.invalid_tool_calls]
    mine = [call for call in calls if call["name"] in strategy.wanted]
    if not mine:
        return ModelResponse(result=[reply] if calls else _no_call(reply, strategy, before))
    error: StructuredOutputError
    if len(mine) > 1:
        error = MultipleStructuredOutputsError([call["name"] for call in mine], reply)
    else:
        (call,) = mine
        try:
            value = _value(call, strategy)
        except InvalidValue as wrong:
            error = StructuredOutputValidationError(call["name"], wrong, reply)
        else:
            said = strategy.tool_message_content or f"Returning structured response: {value}"
            return ModelResponse(result=[reply, _answer(call, said)], structured_response=value)
    words = strategy.words_for(error)
    if words is None:
        raise error
    count = _attempt(before, error, strategy.max_attempts)
    return ModelResponse(result=[reply, *(_answer(call, words, count) for call in mine)])


def _value(call: Any, strategy: ToolStrategy[Any]) -> Any:
    if call["type"] == "invalid_tool_call":
        problem = ("$", call.get("error") or "is not a JSON object")
        raise InvalidValue([problem], name=call["name"])
    shape = strategy.wanted[call["name"]].shape
    assert shape is not None
    return shape.read(call["args"])


def _no_call(
    reply: AIMessage, strategy: ToolStrategy[Any], before: Sequence[BaseMessage]
) -> list[BaseMessage]:
    """Ask a model that answered with a text for the call."""
    names = " or ".join(strategy.wanted)
    wrong = InvalidValue([("$", "is missing")], name=names)
    error = StructuredOutputValidationError(names, wrong, reply)
    if strategy.handle_errors is False:
        raise error
    count = _attempt(before, error, strategy.max_attempts)
    words = f"Give the answer by calling {names}."
    return [reply, HumanMessage(words, response_metadata={CORRECTION: count})]


def _answer(call: Any, words: str, count: int = 0) -> ToolMessage:
    return ToolMessage(
        words,
        call["id"] or "",
        name=call["name"],
        status="error" if count else "success",
        response_metadata={CORRECTION: count} if count else {},
    )


def _attempt(before: Sequence[BaseMessage], error: InvalidOutput, most: int) -> int:
    """Count one more attempt, or raise when there were enough."""
    count = 1
    for message in reversed(before):
        if earlier := message.response_metadata.get(CORRECTION):
            count = earlier + 1
            break
        if isinstance(message, HumanMessage):
            break
    if count >= most:
        error.attempts = count
        raise error
    return count


def is_correction(message: BaseMessage) -> bool:
    """Say whether a message tells the model that its value does not fit."""
    return CORRECTION in message.response_metadata
