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


class _Pairing:
    """Which answer belongs to which call: ids may come again in a later turn."""

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        self.answers: dict[int, list[int]] = {}
        """place of the message that calls -> places of the answers"""
        self.answered: set[tuple[int, str]] = set()
        self.stray: set[int] = set()
        """places of answers that belong to no call before them, or to one that has an answer"""
        latest: dict[str, int] = {}
        named: set[str] = set()
        for place, message in enumerate(messages):
            if isinstance(message, AIMessage):
                latest |= dict.fromkeys(_calls(message), place)
                named |= {*_named(message)}
            elif isinstance(message, ToolMessage):
                self._answer(place, message.tool_call_id, latest, named)
            else:
                self.answered |= {(latest[id], id) for id in _named(message) if id in latest}

    def _answer(self, place: int, id: str, latest: Mapping[str, int], named: set[str]) -> None:
        owner = latest.get(id)
        if owner is None:
            if id not in named:
                self.stray.add(place)
        elif (owner, id) in self.answered:
            self.stray.add(place)
        else:
            self.answered.add((owner, id))
            self.answers.setdefault(owner, []).append(place)


def _mended(messages: Sequence[BaseMessage]) -> tuple[list[BaseMessage], list[str]]:
    pairing = _Pairing(messages)
    moved = {place for places in pairing.answers.values() for place in places}
    told: list[str] = []
    mended: list[BaseMessage] = []
    for position, message in enumerate(messages):
        if position in moved:
            continue
        if isinstance(message, ToolMessage) and position in pairing.stray:
            told.append(f"messages[{position}]: the tool's answer belongs to no call before it")
            mended.append(_as_said(message))
            continue
        places = pairing.answers.get(position, [])
        mended += [message, *(messages[place] for place in places)]
        told += [
            f"messages[{place}]: a tool's answer stood apart from its call"
            for place in places
            if place > position + len(places)
        ]
        for call_id, name in _calls(message).items():
            if (position, call_id) not in pairing.answered:
                told.append(f"messages[{position}]: the call {call_id} of {name} has no answer")
                mended.append(
                    ToolMessage(UNANSWERED, tool_call_id=call_id, name=name, status="error")
                )
    return mended, told


def _calls(message: BaseMessage) -> dict[str, str]:
    """Give the calls that wait for an answer: id -> name."""
    if not isinstance(message, AIMessage):
        return {}
    calls: list[Any] = [*message.tool_calls, *message.invalid_tool_calls]
    return {call["id"]: call["name"] or "" for call in calls if call["id"]}


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
