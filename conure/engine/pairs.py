"""Calls of tools and their answers: each must have the other, and stand right beside it.

Providers refuse a conversation in which a call has no answer, an answer no call, or something
stands between them: after a run was interrupted, a history cut, or a message lost. By the policy
"repair" such a history is mended, by "refuse" it raises, by "send" it goes as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import ConfigurationError
from ..messages import AIMessage, BaseMessage, FunctionMessage, HumanMessage, ToolMessage
from ..protocols.shape import is_list, is_mapping

__all__ = ["POLICIES", "paired"]

POLICIES = ("refuse", "repair", "send")
# The conversation, or a part of it, lies with the provider: calls may be there.
KEPT_THERE = ("conversation", "previous_response_id", "use_previous_response_id")
# Fields by which something in content names a call.
NAMES = ("call_id", "id", "tool_call_id", "tool_use_id", "toolUseId")
UNANSWERED = "The call was interrupted: it has no result."
UNCALLED = "The result of a call that is no longer part of this conversation:"


def paired(
    messages: Sequence[BaseMessage], settings: Mapping[str, Any], policy: str
) -> tuple[Sequence[BaseMessage], list[str]]:
    """Give the messages with every call answered and every answer called for, and what was done.

    Raises `ConfigurationError` where the policy is "refuse" and something is missing.
    """
    if (
        policy == "send"
        or any(settings.get(name) for name in KEPT_THERE)
        # Their older form is paired by names.
        or any(isinstance(message, FunctionMessage) for message in messages)
    ):
        return messages, []
    mended, told = _mended(messages)
    if told and policy == "refuse":
        raise ConfigurationError(
            f"{told[0]}; append what is missing, or make the model with orphans='repair'"
        )
    return (mended, told) if told else (messages, [])


def _mended(messages: Sequence[BaseMessage]) -> tuple[list[BaseMessage], list[str]]:
    told: list[str] = []
    mended: list[BaseMessage] = []
    known, answered = _ids(messages)
    given: set[int] = set()
    for position, message in enumerate(messages):
        if id(message) in given:
            continue
        if isinstance(message, ToolMessage) and message.tool_call_id not in known:
            told.append(f"messages[{position}]: the tool's answer belongs to no call before it")
            mended.append(_as_said(message))
            continue
        calls = _calls(message)
        answers = list(_answers(messages, position, calls))
        given |= {id(answer) for _, answer in answers}
        mended += [message, *(answer for _, answer in answers)]
        told += [
            f"messages[{place}]: a tool's answer stood apart from its call"
            for place, _ in answers
            if place > position + len(answers)
        ]
        for call_id, name in calls.items():
            if call_id in answered:
                continue
            told.append(f"messages[{position}]: the call {call_id} of {name} has no answer")
            mended.append(ToolMessage(UNANSWERED, tool_call_id=call_id, name=name, status="error"))
    return mended, told


def _ids(messages: Sequence[BaseMessage]) -> tuple[set[str], set[str]]:
    """Give the ids of calls that were made, and of those that were answered."""
    made: set[str] = set()
    answered: set[str] = set()
    for message in messages:
        if isinstance(message, ToolMessage):
            answered.add(message.tool_call_id)
        elif isinstance(message, AIMessage):
            made |= {*_calls(message), *_named(message)}
        else:
            answered |= set(_named(message))
    return made, answered


def _calls(message: BaseMessage) -> dict[str, str]:
    """Give the calls that wait for an answer: id -> name."""
    if not isinstance(message, AIMessage):
        return {}
    calls: list[Any] = [*message.tool_calls, *message.invalid_tool_calls]
    return {call["id"]: call["name"] or "" for call in calls if call["id"]}


def _answers(
    messages: Sequence[BaseMessage], position: int, calls: Mapping[str, str]
) -> Iterator[tuple[int, ToolMessage]]:
    for place in range(position + 1, len(messages) if calls else 0):
        message = messages[place]
        if isinstance(message, ToolMessage) and message.tool_call_id in calls:
            yield place, message


def _named(message: BaseMessage) -> Iterator[str]:
    """Name every call that a message's content tells of, in whatever wire's words."""
    content: Any = message.content
    for element in content if is_list(content) else ():
        for part in (element, *element.values()) if is_mapping(element) else ():
            if is_mapping(part):
                yield from (str(part[name]) for name in NAMES if part.get(name))


def _as_said(message: ToolMessage) -> HumanMessage:
    content: Any = message.content
    if isinstance(content, str):
        return HumanMessage(f"{UNCALLED}\n\n{content}")
    return HumanMessage([{"type": "text", "text": UNCALLED}, *content])
