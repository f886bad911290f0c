"""A few of many tools, chosen by a model before the question is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

from ...chat_models.model import ChatModel
from ...errors import ConfigurationError, InvalidOutput
from ...messages import HumanMessage, SystemMessage
from ...runnables.steps import Invoke, Story
from ...tools import BaseTool
from .around import AroundModel, Below
from .models import opened
from .naming import name_of
from .types import ModelRequest

__all__ = ["LLMToolSelectorMiddleware"]

OnParsingFailure: TypeAlias = "str | list[str] | Callable[[Any], list[str]]"
SYSTEM_PROMPT = "Choose the tools that are most useful to answer what the user asks."


class LLMToolSelectorMiddleware(AroundModel):
    """Let a model choose the tools that the question is asked with.

    `model` chooses, the agent's own if left out; tools of `always_include` are not up for choice
    and not counted in `max_tools`. When after `max_retries` more attempts there is still no
    choice, `on_parsing_failure` says what then: "error", "none", "all", a list of names, or a
    function that gives one. Tools that providers run stay as they are.

    >>> from conure.agents import create_agent
    >>> from conure.testing import ScriptedChatModel
    >>> def look(place: str) -> str:
    ...     '''Look at a place.'''
    >>> def pay(amount: int) -> str:
    ...     '''Pay.'''
    >>> choosing = LLMToolSelectorMiddleware(
    ...     model=ScriptedChatModel(['{"tools": ["look"]}']), max_tools=1
    ... )
    >>> model = ScriptedChatModel(["There."])
    >>> agent = create_agent(model, [look, pay], middleware=[choosing])
    >>> _ = agent.invoke({"messages": "Where is it?"})
    >>> [tool["function"]["name"] for tool in model.calls[0][1]["tools"]]
    ['look']
    """

    def __init__(
        self,
        *,
        model: str | ChatModel | None = None,
        system_prompt: str = SYSTEM_PROMPT,
        max_tools: int | None = None,
        always_include: Sequence[str] | None = None,
        max_retries: int = 1,
        on_parsing_failure: OnParsingFailure = "error",
    ) -> None:
        where = type(self).__name__
        self.model = None if model is None else opened(model)
        self.system_prompt = system_prompt
        if max_tools is not None and max_tools < 1:
            raise ConfigurationError(f"{where}: max_tools={max_tools} leaves no tool to choose")
        if max_retries < 0:
            raise ConfigurationError(f"{where}: max_retries must not be negative")
        handling = on_parsing_failure
        if isinstance(handling, str) and handling not in ("error", "none", "all"):
            raise ConfigurationError(
                f'{where}: on_parsing_failure={handling!r} is none of "error", "none", "all", a '
                "list of names, a function"
            )
        self.max_tools = max_tools
        self.always_include = list(always_include or ())
        self.max_retries = max_retries
        self.on_parsing_failure: Any = handling

    def asking(self, request: ModelRequest[Any], below: Below) -> Story[Any]:
        """Choose, then ask."""
        own = [tool for tool in request.tools if not isinstance(tool, dict)]
        self._check([name_of(tool) for tool in own])
        choice = [tool for tool in own if name_of(tool) not in self.always_include]
        asked = [one for one in request.messages if isinstance(one, HumanMessage)]
        if not choice or not asked:
            return (yield from below(request))
        names = yield from self._chosen(request.model, choice, asked[-1])
        kept = {*names, *self.always_include}
        tools: list[Any] = [t for t in request.tools if isinstance(t, dict) or name_of(t) in kept]
        return (yield from below(request.override(tools=tools)))

    def _check(self, names: list[str]) -> None:
        if missing := [name for name in self.always_include if name not in names]:
            raise ConfigurationError(
                f"always_include names {', '.join(missing)}, and the tools of this question are "
                f"{', '.join(names) or 'none'}"
            )

    def _chosen(
        self, model: ChatModel, tools: Sequence[Any], asked: HumanMessage
    ) -> Story[list[str]]:
        names = [name_of(tool) for tool in tools]
        chooser: Any = (self.model or model).with_structured_output(_schema(names))
        words = [self.system_prompt, *map(_described, tools)]
        if self.max_tools is not None:
            words.insert(1, f"Choose {self.max_tools} at most, the most useful first.")
        question = [SystemMessage("\n".join(words)), asked]
        answer: Any = None
        for _ in range(self.max_retries + 1):
            try:
                answer = yield from Invoke(chooser, question, None)
            except InvalidOutput as error:
                answer = error
                continue
            given: Any = cast("Any", answer).get("tools") if isinstance(answer, dict) else None
            if isinstance(given, list) and {*cast("list[Any]", given)} <= {*names}:
                chosen = [*dict.fromkeys(cast("list[str]", given))]
                return chosen[: self.max_tools]
        return self._otherwise(names, answer)

    def _otherwise(self, names: list[str], answer: Any) -> list[str]:
        """Choose for a model that could not."""
        handling: Any = self.on_parsing_failure
        if handling == "error":
            error = ConfigurationError(
                f"the model that chooses tools answered {answer!r}, which is no choice of "
                f"{', '.join(names)}; on_parsing_failure says what to do then"
            )
            raise error from (answer if isinstance(answer, Exception) else None)
        if isinstance(handling, str):
            return names if handling == "all" else []
        given: Any = handling(answer) if callable(handling) else handling
        chosen: list[str] = [*given]
        if strange := [name for name in chosen if name not in names]:
            raise ConfigurationError(f"on_parsing_failure chose unknown tools: {strange}")
        return chosen


def _schema(names: list[str]) -> dict[str, Any]:
    return {
        "title": "ToolSelection",
        "description": "The tools to use.",
        "type": "object",
        "properties": {
            "tools": {
                "type": "array",
                "items": {"type": "string", "enum": names},
                "description": "The names of the tools, the most useful first.",
            }
        },
        "required": ["tools"],
    }


def _described(tool: Any) -> str:
    text = tool.description if isinstance(tool, BaseTool) else getattr(tool, "__doc__", None)
    return f"- {name_of(tool)}: {text or ''}"
