"""What a protocol's encoder answers: a request in the protocol's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct

__all__ = ["Encoded", "Loss"]

EXPECTED = frozenset({
    "citation", "reasoning", "server_tool_call", "server_tool_call_chunk", "server_tool_result",
    "signature",
})  # fmt: skip
"""what any conversation loses that goes from one provider to another"""


class Loss(str):
    """Something in a message that the request does not say, in words.

    `where` is its message, such as "messages[2]"; `what` is the type of a block, or "citation" or
    "signature" where a part of one is meant.

    >>> Loss("messages[2]", "reasoning", "only its maker can read it")
    'messages[2]: reasoning was left out of the request: only its maker can read it'
    """

    __slots__ = ("what", "where")

    where: str
    what: str

    def __new__(cls, where: str, what: str, why: str = "") -> Self:
        words = f"{where}: {what} was left out of the request"
        made = super().__new__(cls, f"{words}: {why}" if why else words)
        made.where, made.what = where, what
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.where, self.what)

    @property
    def is_expected(self) -> bool:
        """Whether a user need not be warned: nothing that they said themselves is missing."""
        return self.what in EXPECTED


def _again(words: str, where: str, what: str) -> Loss:
    made = str.__new__(Loss, words)
    made.where, made.what = where, what
    return made


class Encoded(Struct, frozen=True):
    """A request in a protocol's own words: path below the base URL, JSON body, what was left out.

    `warnings` names each setting that could not be said, and why; what is missing of a message is
    a `Loss` among them. A header that the caller also gives is the caller's; a tuple of values is
    added to those the caller gives.
    """

    path: str
    body: dict[str, Any] = {}
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str | tuple[str, ...]] = {}
    method: str = "POST"
    query: Mapping[str, Any] = {}
