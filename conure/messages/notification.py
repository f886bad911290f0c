"""Messages that the program around a conversation puts into it.

The mark is in `additional_kwargs`, which is never sent to a provider.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from .message import HumanMessage

__all__ = ["NotificationMetadata", "add_notification_metadata", "get_notification_metadata"]


class NotificationMetadata(TypedDict):
    """Where a notification comes from, and what it is about."""

    source: str
    data: NotRequired[Any]


def add_notification_metadata(
    message: HumanMessage, *, source: str, data: Any = None
) -> HumanMessage:
    """Answer a copy of the message, marked as a notification.

    >>> note = add_notification_metadata(HumanMessage("disk full"), source="monitor")
    >>> get_notification_metadata(note)
    {'source': 'monitor'}
    """
    marks = {"lc_source": source} | ({} if data is None else {"lc_data": data})
    return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, **marks}})


def get_notification_metadata(message: HumanMessage) -> NotificationMetadata | None:
    """Answer a notification's mark; None for what a user said."""
    kwargs = message.additional_kwargs
    if "lc_source" not in kwargs:
        return None
    found: NotificationMetadata = {"source": kwargs["lc_source"]}
    if "lc_data" in kwargs:
        found["data"] = kwargs["lc_data"]
    return found
