"""One after the other: what `a | b` makes.

Pieces flow through every step that can let them; the first step that must wait for its whole
input holds them up, and streams on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..errors import ConfigurationError
from .base import Runnable
from .parallel import coerce
from .steps import END, Flow, Invoke, Next
from .stream_event import Voice
from .told import Told

if TYPE_CHECKING:
    from .steps import Source, Story
    from .told import Scope

__all__ = ["RunnableSequence"]

Input = TypeVar("Input", contravariant=True)  # noqa: PLC0105 - as in base
Output = TypeVar("Output", covariant=True)  # noqa: PLC0105 - the same


class RunnableSequence(Told[Input, Output]):
    """Steps that hand their answers on; sequences inside are flattened."""

    def __init__(self, *steps: Any, name: str | None = None) -> None:
        flat: list[Runnable[Any, Any]] = []
        for step in map(coerce, steps):
            plain = type(step) is RunnableSequence and step.name is None
            flat += cast("RunnableSequence[Any, Any]", step).steps if plain else [step]
        if len(flat) < 2:
            raise ConfigurationError(f"a sequence has at least 2 steps, not {len(flat)}")
        self.steps: list[Runnable[Any, Any]] = flat
        self.name = name

    @property
    def first(self) -> Runnable[Any, Any]:
        return self.steps[0]

    @property
    def last(self) -> Runnable[Any, Any]:
        return self.steps[-1]

    def voice(self) -> Voice:
        """Let the last step speak."""
        last = self.last.voice()
        spoken = RunnableSequence[Any, Any](*self.steps[:-1], last.runnable, name=self.name)
        return Voice(spoken, last.stream, last.astream)

    def _answer(self, input: Any, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        for number, step in enumerate(self.steps, 1):
            input = yield from Invoke(step, input, scope.child(f"seq:step:{number}"), kwargs)
            kwargs = {}
        return input

    def _flow(self, source: Source, scope: Scope, kwargs: dict[str, Any]) -> Story[Any]:
        for number, step in enumerate(self.steps, 1):
            source = yield from Flow(step, source, scope.child(f"seq:step:{number}"), kwargs)
            kwargs = {}
        take = Next(source)
        while (piece := (yield take)) is not END:
            yield scope.emit(piece)
