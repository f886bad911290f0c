"""Cutting a conversation to a number of tokens. Input is never changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .coerce import to_messages
from .count import count_tokens_approximately
from .filter import Kinds, kind_test
from .message import BaseMessage, SystemMessage
from .step import Step
from .tool import ToolMessage

__all__ = ["trim_messages"]

Counter: TypeAlias = Callable[[list[BaseMessage]], int]
Splitter: TypeAlias = Callable[[str], list[str]]
Messages: TypeAlias = list[BaseMessage]


def trim_messages(
    messages: Any = None,
    *,
    max_tokens: int,
    token_counter: Any,
    strategy: Literal["first", "last"] = "last",
    allow_partial: bool = False,
    end_on: Kinds | None = None,
    start_on: Kinds | None = None,
    include_system: bool = False,
    text_splitter: Any = None,
    keep_tool_results: bool = True,
) -> Any:
    """Keep the last (or first) messages that fit into `max_tokens`.

    `token_counter` is a function of a list of messages, or of one (when its parameter is
    annotated `BaseMessage`), `len`, "approximate", or a model. With `keep_tool_results`, no
    result is kept without its call and no call without its results.

    >>> from .message import HumanMessage
    >>> said = [HumanMessage("a"), AIMessage("b"), HumanMessage("c")]
    >>> [m.content for m in trim_messages(said, max_tokens=2, token_counter=len)]
    ['b', 'c']
    """
    if strategy not in ("first", "last"):
        raise ConfigurationError(f"strategy must be 'first' or 'last', not {strategy!r}")
    if strategy == "first" and (start_on is not None or include_system):
        raise ConfigurationError("start_on and include_system go with strategy='last' only")
    trimmer = _Trimmer(
        max_tokens=max_tokens,
        counter=_counter_of(token_counter),
        splitter=_splitter_of(text_splitter) if allow_partial else None,
        end_on=kind_test(end_on) if end_on is not None else None,
        start_on=kind_test(start_on) if start_on is not None else None,
        include_system=include_system,
        keep_groups=keep_tool_results,
    )
    trim = trimmer.last if strategy == "last" else trimmer.first

    def trimmed(given: Any) -> Messages:
        return trim(to_messages(given))

    return Step(trimmed, "trim_messages") if messages is None else trimmed(messages)


class _Trimmer:
    def __init__(
        self,
        *,
        max_tokens: int,
        counter: Counter,
        splitter: Splitter | None,
        end_on: Callable[[BaseMessage], bool] | None,
        start_on: Callable[[BaseMessage], bool] | None,
        include_system: bool,
        keep_groups: bool,
    ) -> None:
        self._max = max_tokens
        self._count = counter
        self._splitter = splitter
        self._ends = end_on
        self._starts = start_on
        self._include_system = include_system
        self._keep_groups = keep_groups

    def first(self, messages: Messages) -> Messages:
        """Keep the longest beginning that fits, up to the last message it may end on."""
        count = self._fitting(len(messages), lambda n: messages[:n])
        kept = messages[:count]
        if count < len(messages) and self._splitter is not None:
            kept += self._part(messages[count], kept, head=True)
        while kept and self._ends is not None and not self._ends(kept[-1]):
            kept.pop()
        if self._keep_groups and len(kept) < len(messages):
            kept = _without_unanswered(kept, messages)
        return kept

    def last(self, messages: Messages) -> Messages:
        """Keep the longest end that fits, from where it may start, and the system message."""
        messages = list(messages)
        while messages and self._ends is not None and not self._ends(messages[-1]):
            messages.pop()
        system: Messages = []
        if self._include_system and messages and isinstance(messages[0], SystemMessage):
            system, messages = messages[:1], messages[1:]
        whole = len(messages)
        count = self._fitting(whole, lambda n: system + messages[whole - n :])
        kept = messages[whole - count :]
        if count < whole and self._splitter is not None:
            part = self._part(messages[whole - count - 1], system + kept, head=False)
            kept = part + kept
        while kept and self._starts is not None and not self._starts(kept[0]):
            kept.pop(0)
        if self._keep_groups:
            kept = _without_orphans(kept)
        if not kept and self._count(system) > self._max:
            return []
        return system + kept

    def _fitting(self, most: int, taken: Callable[[int], Messages]) -> int:
        """Find the greatest number of messages that fit."""
        low, high = 0, most
        while low < high:
            middle = (low + high + 1) // 2
            if self._count(taken(middle)) <= self._max:
                low = middle
            else:
                high = middle - 1
        return low

    def _part(self, message: BaseMessage, others: Messages, *, head: bool) -> Messages:
        """As much of a message as still fits: whole blocks, or pieces of its text."""
        content = message.content
        pieces = self._pieces(content)
        for count in range(len(pieces) - 1, 0, -1):
            some = pieces[:count] if head else pieces[-count:]
            part = "".join(cast("list[str]", some)) if isinstance(content, str) else some
            cut = message.model_copy(update={"content": part})
            if self._count([*others, cut]) <= self._max:
                return [cut]
        return []

    def _pieces(self, content: str | list[Any]) -> list[Any]:
        if isinstance(content, str):
            return cast("Splitter", self._splitter)(content)
        if len(content) == 1 and isinstance(content[0], dict):
            (block,) = cast("list[dict[str, Any]]", content)
            if block.get("type") == "text":
                texts = cast("Splitter", self._splitter)(str(block.get("text") or ""))
                return [{**block, "text": text} for text in texts]
        return content


def _without_orphans(messages: Messages) -> Messages:
    """Leave out results whose calls were cut off before them."""
    known: set[str | None] = set()
    kept: Messages = []
    for message in messages:
        if isinstance(message, AIMessage):
            known |= {call["id"] for call in [*message.tool_calls, *message.invalid_tool_calls]}
        if not isinstance(message, ToolMessage) or message.tool_call_id in known:
            kept.append(message)
    return kept


def _without_unanswered(kept: Messages, whole: Messages) -> Messages:
    """Leave out a last round of calls whose results were cut off behind them."""
    there = {m.tool_call_id for m in kept if isinstance(m, ToolMessage)}
    cut = {m.tool_call_id for m in whole if isinstance(m, ToolMessage)} - there
    for position, message in enumerate(kept):
        if isinstance(message, AIMessage) and any(c["id"] in cut for c in message.tool_calls):
            return kept[:position]
    return kept


def _counter_of(given: Any) -> Counter:
    if given == "approximate":
        return count_tokens_approximately
    if callable(count := getattr(given, "get_num_tokens_from_messages", None)):
        return cast("Counter", count)
    if not callable(given):
        raise ConfigurationError(
            "token_counter must be a function of messages, len, 'approximate' or a model, not "
            f"{type(given).__name__}"
        )
    if given is not len and _takes_one(given):
        return lambda messages: sum(cast("Any", given)(message) for message in messages)
    return cast("Counter", given)


def _takes_one(function: Callable[..., Any]) -> bool:
    import inspect

    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    annotation = parameters[0].annotation if parameters else None
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2].endswith("Message")
    return isinstance(annotation, type) and issubclass(annotation, BaseMessage)


def _splitter_of(given: Any) -> Splitter:
    if given is None:
        return lambda text: text.splitlines(keepends=True)
    if callable(split := getattr(given, "split_text", None)):
        return cast("Splitter", split)
    return given
