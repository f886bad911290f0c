"""How an agent is asked for a value: by the provider's own means, or as the call of a tool.

An answer that does not fit goes back to the model with what is wrong, `max_attempts` times in
all; then it is raised. Where it was wrong stands in the messages, so that a run that goes on
elsewhere still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Generic, TypeAlias, TypeVar, Union, cast, get_args, get_origin

from ..chat_models.answers import Wanted, is_plain
from ..errors import InvalidOutput
from ..messages import AIMessage
from ..schema.shape import Shape, shape_of

__all__ = [
    "AutoStrategy",
    "MultipleStructuredOutputsError",
    "ProviderStrategy",
    "ResponseFormat",
    "StructuredOutputError",
    "StructuredOutputValidationError",
    "ToolStrategy",
]

SchemaT = TypeVar("SchemaT")
MAX_ATTEMPTS = 3

HandleErrors: TypeAlias = (
    bool | str | type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], str]
)


class StructuredOutputError(InvalidOutput):
    """Report that an agent did not come to a value of the form asked for."""

    ai_message: AIMessage


class StructuredOutputValidationError(StructuredOutputError):
    """Report a value that does not fit; `source` says what is wrong with it."""

    def __init__(self, tool_name: str, source: Exception, ai_message: AIMessage) -> None:
        super().__init__(
            f"Failed to parse structured output for {tool_name!r}: {source}.",
            raw=ai_message,
            errors=getattr(source, "errors", ()),
        )
        self.tool_name = tool_name
        self.source = source
        self.ai_message = ai_message


class MultipleStructuredOutputsError(StructuredOutputError):
    """Report several values where one was asked for."""

    def __init__(self, tool_names: list[str], ai_message: AIMessage) -> None:
        names = ", ".join(tool_names)
        super().__init__(
            f"The model gave several structured responses ({names}) where one is expected.",
            raw=ai_message,
        )
        self.tool_names = tool_names
        self.ai_message = ai_message


class ProviderStrategy(Generic[SchemaT]):
    """Ask for the value by the provider's own structured output.

    The schema is enforced by the provider where it can say it, unless `strict` says otherwise.
    """

    def __init__(
        self,
        schema: type[SchemaT] | Mapping[str, Any],
        *,
        strict: bool | None = None,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        self.schema = schema
        self.strict = strict
        self.max_attempts = max_attempts
        self.wanted: Wanted[Any] = Wanted(_shape(schema), strict, enforce=not is_plain(schema))


class ToolStrategy(Generic[SchemaT]):
    """Ask for the value as the arguments of a tool; a union of types makes a tool of each.

    `handle_errors` says which errors the model is told of, and how: all with their own words
    (True), with a text or a function of the error, those of some types, or none (False).
    """

    def __init__(
        self,
        schema: type[SchemaT] | UnionType | Mapping[str, Any],
        *,
        tool_message_content: str | None = None,
        handle_errors: HandleErrors = True,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> None:
        self.schema = schema
        self.tool_message_content = tool_message_content
        self.handle_errors: Any = handle_errors
        self.max_attempts = max_attempts
        self.wanted: dict[str, Wanted[Any]] = {}
        for one in _branches(schema):
            shape = _shape(one)
            self.wanted[shape.name] = Wanted(shape)

    def words_for(self, error: Exception) -> str | None:
        """Say what the model is told of an error; None when it is to be raised."""
        handling = self.handle_errors
        if handling is False:
            return None
        own = f"Error: {error}\n Please fix your mistakes."
        if handling is True:
            return own
        if isinstance(handling, str):
            return handling
        if isinstance(handling, (type, tuple)):
            kinds = cast("Any", handling)
            source = getattr(error, "source", error)
            return own if isinstance(error, kinds) or isinstance(source, kinds) else None
        return str(handling(error))


class AutoStrategy(Generic[SchemaT]):
    """Ask by the provider's own means where the model has them, and by a tool where not."""

    def __init__(
        self, schema: type[SchemaT] | Mapping[str, Any], *, max_attempts: int = MAX_ATTEMPTS
    ) -> None:
        self.schema = schema
        self.max_attempts = max_attempts
        self._made: dict[bool, Any] = {}

    def chosen(self, *, natively: bool) -> ProviderStrategy[SchemaT] | ToolStrategy[SchemaT]:
        """Give the strategy for a model."""
        made = self._made.get(natively)
        if made is None:
            kind: Any = ProviderStrategy if natively else ToolStrategy
            made = self._made[natively] = kind(self.schema, max_attempts=self.max_attempts)
        return made


ResponseFormat: TypeAlias = (
    "ProviderStrategy[SchemaT] | ToolStrategy[SchemaT] | AutoStrategy[SchemaT]"
)


def _shape(schema: Any) -> Shape[Any]:
    return shape_of(
        dict(cast("Mapping[str, Any]", schema)) if isinstance(schema, Mapping) else schema
    )


def _branches(schema: Any) -> list[Any]:
    if isinstance(schema, Mapping):
        choices: Any = cast("Mapping[str, Any]", schema).get("oneOf")
        return list(choices) if choices else [schema]
    if get_origin(schema) in (Union, UnionType):
        return [branch for one in get_args(schema) for branch in _branches(one)]
    return [schema]
