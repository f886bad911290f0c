"""What `bind_tools` makes of its arguments: settings in the one form that protocols read.

Tools become `{"type": "function", "function": {…}}` or stay the provider's own dict. A choice
becomes "auto", "none", "required" or the dict that names one tool. A response format that is a
type or a JSON Schema becomes an `AnswerFormat`: what the wire wants, and how to read the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from ..engine.effects import Plan
from ..engine.plan import emitting
from ..errors import ConfigurationError
from ..messages import AIMessage, AIMessageChunk, message_chunk_to_message
from ..messages.chunk import sum_chunks
from ..schema.shape import shape_of
from ..tools import tool_definition
from .answers import METHODS, Wanted, is_plain, read_answer, refusal_of

__all__ = ["AnswerFormat", "ToolLike", "answer_format", "tool_settings"]

ToolLike: TypeAlias = Mapping[str, Any] | type | Callable[..., Any] | Any

WIRE_FORMATS = frozenset({"grammar", "json_object", "json_schema", "python", "text"})
CHOICES = {"any": "required", "auto": "auto", "none": "none", "required": "required"}


def tool_settings(
    tools: Sequence[ToolLike],
    *,
    tool_choice: str | bool | Mapping[str, Any] | None,
    strict: bool | None,
    parallel_tool_calls: bool | None,
) -> dict[str, Any]:
    """Give the settings that bind these tools."""
    given: Any = tools
    if isinstance(given, str | Mapping) or not hasattr(given, "__iter__"):
        raise ConfigurationError(f"bind_tools takes a list of tools, not {type(tools).__name__}")
    definitions = [tool_definition(tool, strict=strict) for tool in given]
    names = [_name(definition) for definition in definitions]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise ConfigurationError(
            f"two tools are called {twice[0]!r}: the model could not tell them apart"
        )
    settings: dict[str, Any] = {}
    if definitions:
        settings["tools"] = definitions
        if (choice := _choice(tool_choice, definitions, names)) is not None:
            settings["tool_choice"] = choice
        if parallel_tool_calls is not None:
            settings["parallel_tool_calls"] = parallel_tool_calls
    elif tool_choice:
        raise ConfigurationError(f"tool_choice={tool_choice!r} without any tool to choose")
    return settings


class AnswerFormat(dict[str, Any]):
    """A `response_format` as it is sent; the value that comes of it stands on the message."""

    def __init__(self, wanted: Wanted[Any]) -> None:
        super().__init__(METHODS["json_schema"].settings(wanted)["response_format"])
        self._wanted = wanted

    def reading(self, plan: Plan[AIMessage]) -> Plan[AIMessage]:
        """Tell the same story; its message gets the value in `additional_kwargs["parsed"]`."""
        message = yield from plan
        self._read(message, message)
        return message

    def reading_chunks(self, plan: Plan[AIMessage]) -> Plan[AIMessage]:
        """Tell the same story; its last chunk gets the value."""
        chunks: list[AIMessageChunk] = []

        def change(born: list[AIMessageChunk]) -> list[AIMessageChunk]:
            chunks.extend(born)
            if born and born[-1].chunk_position == "last":
                whole = message_chunk_to_message(sum_chunks(chunks))
                self._read(cast("AIMessage", whole), born[-1])
            return born

        return emitting(plan, change)

    def _read(self, message: AIMessage, shown: AIMessage) -> None:
        if not message.tool_calls and refusal_of(message) is None:
            value = read_answer(message, self._wanted, METHODS["json_schema"])
            shown.additional_kwargs["parsed"] = value


def answer_format(given: Any, *, strict: bool | None = None) -> Any:
    """Make the format of a type or a JSON Schema; what is in the wire's own form stays so."""
    if given is None or isinstance(given, AnswerFormat):
        return given
    if isinstance(given, Mapping) and (
        cast("Mapping[str, Any]", given).get("type") in WIRE_FORMATS
    ):
        return cast("Mapping[str, Any]", given)
    schema: Any = dict(cast("Mapping[str, Any]", given)) if isinstance(given, Mapping) else given
    return AnswerFormat(Wanted(shape_of(schema), strict, enforce=not is_plain(schema)))


def _choice(
    choice: str | bool | Mapping[str, Any] | None,
    definitions: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> str | dict[str, Any] | None:
    if choice is None or choice is False:
        return None
    if choice is True:
        return "required"
    if isinstance(choice, Mapping):
        return dict(choice)
    # A tool may be called like a choice: then it is the tool that is meant.
    if choice in names:
        definition = definitions[names.index(choice)]
        kind = definition.get("type")
        if kind in {"function", "custom"}:
            return {"type": kind, kind: {"name": choice}}
        return {"type": choice}
    if choice in CHOICES:
        return CHOICES[choice]
    from difflib import get_close_matches

    near = get_close_matches(choice, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(name for name in names if name)
    raise ConfigurationError(
        f"tool_choice={choice!r} is no tool that is bound.{hint} Bound: {known}. "
        'Or say "auto", "any" or "none".'
    )


def _name(definition: Mapping[str, Any]) -> str:
    for place in ("function", "custom"):
        inner = definition.get(place)
        if isinstance(inner, Mapping):
            return str(cast("Mapping[str, Any]", inner).get("name", ""))
    return str(definition.get("name") or definition.get("type") or "")
