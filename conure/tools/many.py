"""All tool calls of a message at once, answered in the order in which they were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from ..messages import ToolMessage
from ..runnables import RunnableConfig
from ..runnables.many import abatch, batch
from .answers import message_of
from .base import BaseTool
from .decorator import tool
from .errors import InvalidToolArguments, ToolException

__all__ = [
    "apology",
    "arun_tool_calls",
    "as_tool",
    "calls_of",
    "full_call",
    "refusal",
    "run_tool_calls",
]

Errors = type[Exception] | tuple[type[Exception], ...]


def run_tool_calls(
    message: Any,
    tools: Iterable[Any],
    *,
    config: RunnableConfig | None = None,
    max_concurrency: int | None = None,
    inject: Mapping[str, Any] | None = None,
    handle_errors: Errors = ToolException,
) -> list[ToolMessage]:
    """Call the tools that a message asks for, side by side; one answer for each call, in order.

    The model is told of unknown tools, of arguments that do not fit and of errors of the types
    in `handle_errors`, `ToolException` if not said otherwise; other errors are raised. `inject`
    supplies injected arguments by name: what a model writes under such a name is dropped.

    >>> from conure.messages import AIMessage
    >>> call = {"type": "tool_call", "name": "add", "args": {"a": 1, "b": 2}, "id": "1"}
    >>> def add(a: int, b: int) -> int:
    ...     '''Add.'''
    ...     return a + b
    >>> run_tool_calls(AIMessage("", tool_calls=[call]), [add])[0].content
    '3'
    """
    jobs = _Jobs(message, tools, inject, handle_errors)
    return batch(jobs.run, jobs.calls, _wide(config, max_concurrency))


async def arun_tool_calls(
    message: Any,
    tools: Iterable[Any],
    *,
    config: RunnableConfig | None = None,
    max_concurrency: int | None = None,
    inject: Mapping[str, Any] | None = None,
    handle_errors: Errors = ToolException,
) -> list[ToolMessage]:
    """Do what `run_tool_calls` does, in async code."""
    jobs = _Jobs(message, tools, inject, handle_errors)
    return await abatch(jobs.arun, jobs.calls, _wide(config, max_concurrency))


class _Jobs:
    """The calls of one message and the tools that may answer them."""

    def __init__(
        self,
        message: Any,
        tools: Iterable[Any],
        inject: Mapping[str, Any] | None,
        handle_errors: Errors,
    ) -> None:
        self.calls = calls_of(message)
        self.tools = {made.name: made for made in map(as_tool, tools) if made is not None}
        self.inject = inject or {}
        self.errors = handle_errors if isinstance(handle_errors, tuple) else (handle_errors,)

    def run(self, call: Mapping[str, Any], config: RunnableConfig | None) -> ToolMessage:
        made = self.tools.get(call["name"])
        if made is None or call["type"] != "tool_call":
            return refusal(call, self.tools)
        try:
            return _message(made.invoke(full_call(made, call, self.inject), config), call)
        except (InvalidToolArguments, *self.errors) as error:
            return apology(call, error)

    async def arun(self, call: Mapping[str, Any], config: RunnableConfig | None) -> ToolMessage:
        made = self.tools.get(call["name"])
        if made is None or call["type"] != "tool_call":
            return refusal(call, self.tools)
        try:
            return _message(await made.ainvoke(full_call(made, call, self.inject), config), call)
        except (InvalidToolArguments, *self.errors) as error:
            return apology(call, error)


def full_call(
    made: BaseTool, call: Mapping[str, Any], supplied: Mapping[str, Any]
) -> dict[str, Any]:
    """Drop what the model has no say in, and add what the program supplies."""
    injected = made.arguments.injected
    told = {name: value for name, value in call["args"].items() if name not in injected}
    given = {name: value for name, value in supplied.items() if name in injected}
    return {**call, "args": {**told, **given}, "id": call["id"] or ""}


def refusal(call: Mapping[str, Any], known: Iterable[str]) -> ToolMessage:
    """Tell the model that there is no such tool, or that its call cannot be read."""
    if call["type"] == "invalid_tool_call":
        return apology(call, call.get("error") or "the arguments are not a JSON object")
    from difflib import get_close_matches

    name, names = str(call["name"]), list(known)
    near = get_close_matches(name, names, n=1)
    words = f"There is no tool {name!r}."
    words += f" Did you mean {near[0]!r}?" if near else ""
    return apology(call, f"{words} The tools are: {', '.join(names)}." if names else words)


def calls_of(message: Any) -> list[Mapping[str, Any]]:
    """Give all calls of a message, those that cannot be read last."""
    calls: Sequence[Mapping[str, Any]] = getattr(message, "tool_calls", message)
    invalid: Sequence[Mapping[str, Any]] = getattr(message, "invalid_tool_calls", ())
    whole: list[dict[str, Any]] = [
        {"id": None, "args": {}, **call, "type": "tool_call"} for call in calls
    ]
    broken = [{"id": None, **call, "type": "invalid_tool_call"} for call in invalid]
    return [*whole, *broken]


def as_tool(given: Any) -> BaseTool | None:
    """Take tools and functions; classes and dicts describe tools that somebody else runs."""
    if isinstance(given, BaseTool):
        return given
    if isinstance(given, (type, dict)) or not callable(given):
        return None
    return cast(
        "BaseTool", tool(given, description=given.__doc__ or getattr(given, "__name__", ""))
    )


def _message(answer: Any, call: Mapping[str, Any]) -> ToolMessage:
    return message_of(answer, name=call["name"], call_id=call["id"] or "")


def apology(call: Mapping[str, Any], error: Exception | str) -> ToolMessage:
    """Tell the model what went wrong."""
    text = str(error) or type(error).__name__
    name, call_id = call["name"] or "", call["id"] or ""
    return message_of(text, name=name, call_id=call_id, status="error")


def _wide(config: RunnableConfig | None, width: int | None) -> RunnableConfig | None:
    return config if width is None else {**(config or {}), "max_concurrency": width}
