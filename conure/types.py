"""What tools and hooks say to the loop that runs them, and what it says to whoever called it.

`Command` changes state or moves on elsewhere, and resumes a run that waits. `interrupt(value)`
stops the run until someone answers; the code that asked then runs again from its start, and
`interrupt` gives it the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType

from .errors import ConfigurationError
from .runtime import CURRENT

__all__ = [
    "Command",
    "Interrupt",
    "Interrupted",
    "StateSnapshot",
    "StreamMode",
    "interrupt",
]

N = TypeVar("N")
StreamMode: TypeAlias = Literal["values", "updates", "messages", "custom", "tools"]


class Command(Struct, Generic[N], frozen=True, kw_only=True):
    """Change the state, go somewhere, or answer what a run waits for.

    A tool or a hook returns `update` and `goto` ("model", "tools" or "end"). A caller passes
    `resume` in place of an input: the answer to an interrupt, or a dict of answers by its id.

    >>> Command(update={"topic": "weather"}, goto="model").goto
    'model'
    """

    graph: str | None = None
    update: Mapping[str, Any] | None = None
    resume: Any | UnsetType = UNSET
    goto: str | Sequence[str] = ()

    PARENT = "__parent__"


class Interrupt(Struct, frozen=True):
    """A question that a run waits for: answer it with `Command(resume=...)`."""

    value: Any
    id: str = ""


class Interrupted(BaseException):
    """Carries the questions of a task to the loop; no `except Exception` on the way stops it."""

    def __init__(self, *interrupts: Interrupt) -> None:
        super().__init__(*interrupts)
        self.interrupts = interrupts


class StateSnapshot(NamedTuple):
    """Where the conversation of a thread stands."""

    values: dict[str, Any]
    next: tuple[str, ...]
    """what runs next; empty once a run is over"""
    config: dict[str, Any]
    """names this very state, to go on from"""
    metadata: dict[str, Any]
    created_at: str | None
    parent_config: dict[str, Any] | None
    tasks: tuple[Any, ...]
    interrupts: tuple[Interrupt, ...]


def interrupt(value: Any) -> Any:
    """Stop here and ask whoever called the agent; give the answer once there is one.

    The value is shown under `"__interrupt__"`. When the run is resumed with
    `Command(resume=answer)` the tool or hook starts again, so what must not happen twice belongs
    after this line. Needs an agent with a checkpointer.
    """
    moment = CURRENT.get()
    if moment is None:
        raise ConfigurationError(
            "interrupt() asks the caller of an agent: call it in a tool or a hook of one"
        )
    number = moment.take()
    if number < len(moment.answers):
        return moment.answers[number]
    if not moment.resumable:
        raise ConfigurationError(
            "interrupt() needs an agent that can be resumed: create_agent(..., "
            "checkpointer=InMemorySaver()), from conure.checkpoint"
        )
    raise Interrupted(Interrupt(value, _id_of(moment.task, number)))


def _id_of(task: str, number: int) -> str:
    return blake2b(f"{task}:{number}".encode(), digest_size=16).hexdigest()
