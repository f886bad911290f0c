"""What is said between a client and a provider, in no provider's words.

A test says what the provider answers (`Said`) and looks at what it was asked (`Heard`); a
`Speaker` is one wire language, to say the one and to read the other from the raw JSON, by code
that shares nothing with the codecs. `serving` puts a speaker behind a loopback socket.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.live.server import Connection, FaultServer, Seen, chunked, reply

__all__ = ["Call", "Heard", "Said", "Speaker", "Turn", "events", "serving", "words"]


@dataclass(frozen=True)
class Call:
    """A tool called by the model, or what it is called with in a request."""

    name: str
    args: dict[str, Any]
    id: str = "call_1"

    @property
    def json(self) -> str:
        return json.dumps(self.args)


@dataclass(frozen=True)
class Said:
    """A reply: what the model thought, wrote and called, why it ended and what it cost."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    is_cut: bool = False
    cost: tuple[int, int] = (12, 7)


@dataclass
class Turn:
    """One turn of a request; what a tool answered is a turn of its own."""

    role: str
    text: str = ""
    thought: str = ""
    media: list[str] = field(default_factory=list)
    """bytes of images and files, in base64"""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: str | None = None
    """the call that a tool's turn answers, by its id or, where calls have none, its name"""


@dataclass
class Heard:
    """A request."""

    model: str
    turns: list[Turn]
    tools: dict[str, Any] = field(default_factory=dict)
    """name -> JSON Schema"""
    forced: str | None = None
    """the tool that must be called, "any" where one of them must"""
    schema: Any = None
    """the JSON Schema that the answer must have; True where any JSON will do"""
    settings: dict[str, Any] = field(default_factory=dict)
    """`temperature`, `max_tokens` and `stop`, where they are given"""


class Speaker(Protocol):
    """One wire language."""

    stream_type: str
    lacks: frozenset[str]
    """what the language cannot say, of the features the tests name"""

    def is_stream(self, seen: Seen) -> bool:
        """Tell whether a stream was asked for."""

    def whole(self, said: Said) -> Any:
        """Say a whole reply; what is not bytes is sent as JSON."""

    def stream(self, said: Said) -> list[bytes]:
        """Say a reply event by event, its texts in several."""

    def refusal(self, status: int, words: str) -> Any:
        """Say the body of an error reply."""

    def failure(self, words: str) -> bytes:
        """Say an error amid a stream."""

    def hear(self, seen: Seen) -> Heard:
        """Read a request."""


Answer = Said | Callable[[Heard], Said]


def serving(speaker: Speaker, *answers: Answer, keep: int | None = None) -> FaultServer:
    """Make a server that answers each request with the next answer, and then with the last.

    With `keep` only so many events of a stream are sent, and the connection ends there.
    """

    def answer(connection: Connection) -> None:
        seen, server = connection.request, connection.server
        assert seen is not None
        said = answers[min(server.requests.index(seen), len(answers) - 1)]
        if callable(said):
            said = said(speaker.hear(seen))
        for data in saying(speaker, said, stream=speaker.is_stream(seen), keep=keep):
            connection.send(data)

    return FaultServer(answer)


def saying(
    speaker: Speaker, said: Said, *, stream: bool, keep: int | None = None
) -> Sequence[bytes]:
    """Give the bytes of an answer, a piece at a time."""
    if not stream:
        return [reply(speaker.whole(said))]
    pieces = speaker.stream(said)[:keep]
    return chunked(*pieces, headers={"content-type": speaker.stream_type})


def words(text: str) -> list[str]:
    """Cut a text as models write it."""
    return re.findall(r"\s*\S+|\s+$", text)


def events(*wires: Any, named: bool = True) -> list[bytes]:
    """Write server-sent events, named after their type where they are named."""

    def lines(wire: Any) -> Iterator[str]:
        if named and isinstance(wire, dict):
            yield f"event: {wire['type']}"
        yield f"data: {wire if isinstance(wire, str) else json.dumps(wire)}"

    return [("\n".join(lines(wire)) + "\n\n").encode() for wire in wires]
