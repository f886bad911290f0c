"""What an agent knows while it runs: a dict whose keys say how they take up an update.

`Annotated[list[str], operator.add]` in a state schema adds up; a key without a reducer is
replaced. Markers say which keys callers may not give or do not get to see.
"""
# No `from __future__ import annotations`: these annotations are read when the program runs.

import sys
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, signature
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NotRequired,
    Required,
    TypeAlias,
    TypedDict,
    TypeVar,
    get_args,
    get_origin,
)

from msgspec import Struct

from ..errors import ConfigurationError
from ..messages import AnyMessage
from ..messages.history import add_messages
from ..schema.hints import annotations_of, evaluate, scope_of

__all__ = [
    "AgentResult",
    "AgentState",
    "EphemeralValue",
    "JumpTo",
    "Key",
    "OmitFromInput",
    "OmitFromOutput",
    "OmitFromSchema",
    "PrivateStateAttr",
    "ResponseT",
    "StateKeys",
]

ResponseT = TypeVar("ResponseT")
JumpTo: TypeAlias = Literal["tools", "model", "end"]
Reducer: TypeAlias = Callable[[Any, Any], Any]


class OmitFromSchema(Struct, frozen=True):
    """Mark a key that callers do not give (`input`), or do not get to see (`output`)."""

    input: bool = True
    output: bool = True


class EphemeralValue:
    """Mark a key that lasts for one step."""


OmitFromInput = OmitFromSchema(input=True, output=False)
OmitFromOutput = OmitFromSchema(input=False, output=True)
PrivateStateAttr = OmitFromSchema(input=True, output=True)


class AgentState(TypedDict, Generic[ResponseT]):
    """The state of every agent; extend it for a `state_schema` of your own."""

    messages: Required[Annotated[list[AnyMessage], add_messages]]
    jump_to: NotRequired[Annotated[JumpTo | None, EphemeralValue, PrivateStateAttr]]
    structured_response: NotRequired[Annotated[ResponseT, OmitFromInput]]


class AgentResult(TypedDict, Generic[ResponseT]):
    """What an agent with a `response_format` answers."""

    messages: list[AnyMessage]
    structured_response: ResponseT


class Key(Struct, frozen=True):
    """One key of a state."""

    annotation: Any
    reduce: Reducer | None = None
    given: bool = True
    """whether callers may give it"""
    shown: bool = True
    """whether callers get to see it"""


class StateKeys:
    """The keys of a state, of one schema or several."""

    def __init__(self, schemas: Iterable[Any]) -> None:
        self.keys: dict[str, Key] = {}
        for schema in schemas:
            for name, annotation in _annotations(schema).items():
                self.keys[name] = _key(annotation)
        self.hidden = frozenset(name for name, key in self.keys.items() if not key.shown)

    def given(self, state: Mapping[str, Any], input: Mapping[str, Any]) -> dict[str, Any]:
        """Take up what a caller gives; what a result has beyond that may be given back with it."""
        known = {
            name: value
            for name, value in input.items()
            if name != "__interrupt__" and (name not in self.keys or self.keys[name].given)
        }
        return self.merged(state, known, "the input")

    def merged(
        self, state: Mapping[str, Any], update: Mapping[str, Any], by: str
    ) -> dict[str, Any]:
        """Take up an update; the state it is made to stays as it is."""
        new = dict(state)
        for name, value in update.items():
            key = self.keys.get(name)
            if key is None:
                raise ConfigurationError(self._unknown(name, by))
            if key.reduce is None:
                new[name] = value
            else:
                before = state[name] if name in state else _start(key.annotation)
                new[name] = key.reduce(before, value)
        return new

    def shown(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what callers do not get to see."""
        return {name: value for name, value in state.items() if name not in self.hidden}

    def _unknown(self, name: str, by: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, self.keys, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return (
            f"{by} sets {name!r}, which is no key of this agent's state.{hint} Declare it in a "
            f"state_schema that extends AgentState; there are: {', '.join(self.keys)}"
        )


def _annotations(schema: Any) -> dict[str, Any]:
    if not hasattr(schema, "__required_keys__"):
        raise ConfigurationError(
            f"a state_schema is a TypedDict that extends AgentState, not {schema!r}"
        )
    found: dict[str, Any] = {}
    for name, annotation in annotations_of(schema).items():
        text = getattr(annotation, "__forward_arg__", annotation)
        if isinstance(text, str):
            home = sys.modules.get(getattr(annotation, "__forward_module__", None) or "")
            found[name] = evaluate(text, {**vars(home or sys), **scope_of(schema)})
        else:
            found[name] = annotation
    return found


def _key(annotation: Any) -> Key:
    while get_origin(annotation) in (Required, NotRequired):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is not Annotated:
        return Key(annotation)
    plain, *notes = get_args(annotation)
    marks = [note for note in notes if isinstance(note, OmitFromSchema)]
    return Key(
        plain,
        reduce=next((note for note in reversed(notes) if _is_reducer(note)), None),
        given=not any(mark.input for mark in marks),
        shown=not any(mark.output for mark in marks),
    )


def _is_reducer(note: Any) -> bool:
    if isinstance(note, type) or not callable(note):
        return False
    try:
        parameters = signature(note).parameters.values()
    except ValueError:  # written in C, such as operator.add before Python 3.13
        return True
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in positional for one in parameters) == 2


def _start(annotation: Any) -> Any:
    """Give what a reducer begins with: an empty value of the type."""
    try:
        return (get_origin(annotation) or annotation)()
    except TypeError:
        return None
