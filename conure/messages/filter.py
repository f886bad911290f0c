"""Choosing messages, and joining those that follow one another. Input is never changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias, cast

from ..errors import ConfigurationError
from .ai import AIMessage
from .coerce import to_messages
from .dump import write_decoded
from .message import KINDS, BaseMessage, blocks_of
from .reading import ROLES
from .step import Step
from .tool import ToolMessage
from .usage import add_usage

__all__ = ["Kinds", "filter_messages", "kind_test", "merge_message_runs"]

Kinds: TypeAlias = str | type[BaseMessage] | Sequence[str | type[BaseMessage]]


def kind_test(kinds: Kinds) -> Callable[[BaseMessage], bool]:
    """Make the test whether a message is of these kinds: `"human"`, a class, or several."""
    given = [kinds] if isinstance(kinds, (str, type)) else kinds
    classes = tuple(kind if isinstance(kind, type) else _class_of(kind) for kind in given)
    return lambda message: isinstance(message, classes)


def _class_of(name: str) -> type[BaseMessage]:
    kind = KINDS.get(ROLES.get(name, name))
    if kind is None:
        from difflib import get_close_matches

        close = get_close_matches(name.lower(), [*ROLES, *KINDS], 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ConfigurationError(f"there are no messages of type {name!r}{hint}")
    return kind


def filter_messages(
    messages: Any = None,
    *,
    include_names: Collection[str] | None = None,
    exclude_names: Collection[str] | None = None,
    include_types: Kinds | None = None,
    exclude_types: Kinds | None = None,
    include_ids: Collection[str] | None = None,
    exclude_ids: Collection[str] | None = None,
    exclude_tool_calls: bool | Collection[str] | None = None,
) -> Any:
    """Keep the messages that nothing excludes and, where something includes, anything includes.

    `exclude_tool_calls` takes away all tool calls and their results, or those with these ids.

    >>> from .message import HumanMessage, SystemMessage
    >>> filter_messages([SystemMessage("be kind"), HumanMessage("hi")], include_types="human")
    [HumanMessage(content='hi', additional_kwargs={}, response_metadata={})]
    """
    includes = _tests(include_names, include_types, include_ids)
    excludes = _tests(exclude_names, exclude_types, exclude_ids)

    def chosen(given: Any) -> list[BaseMessage]:
        kept: list[BaseMessage] = []
        for message in to_messages(given):
            if any(test(message) for test in excludes):
                continue
            if includes and not any(test(message) for test in includes):
                continue
            if (left := _without_calls(message, exclude_tool_calls)) is not None:
                kept.append(left)
        return kept

    return Step(chosen, "filter_messages") if messages is None else chosen(messages)


def _tests(
    names: Collection[str] | None, kinds: Kinds | None, ids: Collection[str] | None
) -> list[Callable[[BaseMessage], bool]]:
    tests: list[Callable[[BaseMessage], bool]] = []
    if names:
        tests.append(lambda message: message.name in names)
    if kinds:
        tests.append(kind_test(kinds))
    if ids:
        tests.append(lambda message: message.id in ids)
    return tests


def _without_calls(
    message: BaseMessage, excluded: bool | Collection[str] | None
) -> BaseMessage | None:
    """Give the message without these tool calls; None when nothing of it is left."""
    if not excluded:
        return message
    ids: Collection[str] | None = None if excluded is True else excluded
    if isinstance(message, ToolMessage):
        return None if ids is None or message.tool_call_id in ids else message
    if not isinstance(message, AIMessage) or not message.tool_calls:
        return message
    left = [] if ids is None else [c for c in message.tool_calls if c["id"] not in ids]
    if ids is None or not left:
        return None
    if len(left) == len(message.tool_calls):
        return message
    made = message.model_copy(update={"tool_calls": left})
    if isinstance(message.content, list):
        made.content = [element for element in message.content if not _is_call(element, ids)]
    return made


_CALL_TYPES = frozenset({"tool_use", "tool_call", "function_call"})


def _is_call(element: Any, ids: Collection[str]) -> bool:
    if not isinstance(element, dict):
        return False
    found = cast("dict[str, Any]", element)
    return found.get("type") in _CALL_TYPES and (found.get("call_id") or found.get("id")) in ids


def merge_message_runs(messages: Any = None, *, chunk_separator: str = "\n") -> Any:
    r"""Join consecutive messages of one type and name, except tool results.

    >>> from .message import HumanMessage
    >>> merge_message_runs([HumanMessage("a"), HumanMessage("b")])[0].content
    'a\nb'
    """

    def merged(given: Any) -> list[BaseMessage]:
        runs: list[BaseMessage] = []
        for message in to_messages(given):
            last = runs[-1] if runs else None
            if (
                last is None
                or type(last) is not type(message)
                or isinstance(message, ToolMessage)
                or last.name != message.name
                or getattr(last, "role", None) != getattr(message, "role", None)
            ):
                runs.append(message)
            else:
                runs[-1] = _joined(last, message, chunk_separator)
        return runs

    return Step(merged, "merge_message_runs") if messages is None else merged(messages)


def _joined(left: BaseMessage, right: BaseMessage, separator: str) -> BaseMessage:
    first, second = left.content, right.content
    if isinstance(first, str) and isinstance(second, str):
        content: Any = separator.join(filter(None, (first, second)))
    else:
        content = [*_listed(first), *_listed(second)]
    fields: dict[str, Any] = left.model_dump() | {
        "content": content,
        "additional_kwargs": _common(left.additional_kwargs, right.additional_kwargs),
        "response_metadata": _common(left.response_metadata, right.response_metadata),
    }
    fields.pop("decoded", None)
    if isinstance(left, AIMessage) and isinstance(right, AIMessage):
        fields |= {
            "tool_calls": [*left.tool_calls, *right.tool_calls],
            "invalid_tool_calls": [*left.invalid_tool_calls, *right.invalid_tool_calls],
            "usage_metadata": _total(left, right),
        }
        if left.hidden_blocks() is not None or right.hidden_blocks() is not None:
            between = [{"type": "text", "text": separator}] if isinstance(content, str) else []
            between = between if first and second else []
            blocks = [*blocks_of(left), *between, *blocks_of(right)]
            fields["decoded"] = write_decoded(blocks, content)
    return type(left)(**fields)


def _total(left: AIMessage, right: AIMessage) -> Any:
    if left.usage_metadata is None and right.usage_metadata is None:
        return None
    return add_usage(left.usage_metadata, right.usage_metadata)


def _listed(content: Any) -> list[Any]:
    return ([content] if content else []) if isinstance(content, str) else content


def _common(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Both dicts, without what they disagree about."""
    both = {**left, **right}
    return {k: v for k, v in both.items() if left.get(k, v) == right.get(k, v)}
