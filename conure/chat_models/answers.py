"""A reply -> the value it should hold, or the exception that says why it does not.

`Method` is one way to ask for a value: what it adds to the request, and where in the reply the
answer stands. The table METHODS has the three that the field knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ..errors import ConfigurationError, InvalidOutput, ModelRefusalError, Truncated
from ..messages import AIMessage, blocks_of
from ..schema.problems import InvalidValue, SchemaError
from ..schema.rules import OPENAI
from ..schema.shape import Shape
from ..tools.arguments import untitled

__all__ = ["METHODS", "Method", "Wanted", "is_plain", "read_answer", "refusal_of"]

T = TypeVar("T")

CUT_OFF = frozenset(
    {
        "length",
        "max_tokens",
        "MAX_TOKENS",
        "max_output_tokens",
        "model_context_window_exceeded",
        "model_length",
    }
)
FILTERED = frozenset({"content_filter", "SAFETY", "guardrail_intervened", "refusal"})
OPENER = re.compile(r"""\{\s*["}]|\[\s*[]["{\d\-tfn]""")
# Places of a text at which JSON is looked for: each try costs a look at the whole text.
MOST_TRIES = 100
REASONS = ("finish_reason", "stop_reason", "done_reason", "stopReason")


class Wanted(Struct, Generic[T]):
    """The value that is wanted: its shape (None: any JSON) and whether the provider enforces it."""

    shape: Shape[T] | None
    strict: bool | None = None
    enforce: bool = False
    """a type of the user's own, so that strictness is asked for unless told otherwise"""


class Method(Struct, frozen=True):
    """One way to ask for a value."""

    settings: Callable[[Wanted[Any]], dict[str, Any]]
    text: Callable[[AIMessage, Wanted[Any]], Any]
    """where the answer stands: its JSON text, or what was read of it; None when there is none"""
    by_call: bool = False
    """whether it stands in the arguments of a call"""


def is_plain(schema: Any) -> bool:
    """Say whether answers of a schema are plain JSON: enforced when asked for, shown in part."""
    return schema is None or isinstance(schema, dict) or hasattr(schema, "__required_keys__")


def read_answer(message: AIMessage, wanted: Wanted[T], method: Method) -> Any:
    """Read the value, or raise `ModelRefusalError`, `Truncated` or `InvalidOutput`."""
    facts = message.response_metadata
    reason = next((facts[name] for name in REASONS if facts.get(name)), None)
    refusal = refusal_of(message)
    if refusal is not None or reason in FILTERED:
        words = refusal or f"the provider ended the answer: {reason}"
        error = ModelRefusalError(f"the model declined: {words}")
        error.partial = message
        raise error
    answer = method.text(message, wanted)
    if reason in CUT_OFF and not (isinstance(answer, dict) and answer):
        raise Truncated(
            f"the answer was cut off ({reason}): give it more room with max_tokens",
            raw=message,
            errors=[("$", "ends too early")],
        )
    if answer is None or answer == "":
        raise InvalidOutput(
            "the model gave no answer of the form asked for"
            + (f", but said: {str(message.text)[:200]!r}" if message.text else ""),
            raw=message,
            errors=[("$", "is missing")],
        )
    try:
        return _value(answer, wanted)
    except InvalidValue as error:
        raise InvalidOutput(str(error), raw=message, errors=error.errors) from error


def _value(answer: Any, wanted: Wanted[Any]) -> Any:
    shape = wanted.shape
    read: Callable[[Any], Any] = _json if shape is None else shape.read
    if not isinstance(answer, str):
        return answer if shape is None else read(answer)
    try:
        return read(answer)
    except InvalidValue as error:
        return _value_within(answer, read, error)


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(
            [("$", f"is not JSON: {error}")], name="answer", llm_output=text
        ) from None


def _value_within(text: str, read: Callable[[Any], Any], error: InvalidValue) -> Any:
    """Read the first fitting JSON in a text that also says other things, such as a code fence."""
    longest = 0
    for inner in _json_within(text):
        if inner == text.strip():
            break
        try:
            return read(inner)
        except InvalidValue as worse:
            if len(inner) > longest:
                error, longest = worse, len(inner)
    raise error


def _json_within(text: str) -> Iterator[str]:
    """Find the objects and arrays in a text; none within one that is broken."""
    import json

    decoder = json.JSONDecoder(strict=False)
    at = 0
    for _ in range(MOST_TRIES):
        found = OPENER.search(text, at)
        if found is None:
            return
        start = found.start()
        try:
            _, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError as broken:
            at = max(broken.pos, start + 1)
        except RecursionError:
            return
        else:
            yield text[start:at]


def refusal_of(message: AIMessage) -> str | None:
    """Give the words by which the model declined, if it did."""
    for block in blocks_of(message):
        if block.get("type") == "refusal":
            return str(block.get("refusal") or "no reason given")
    return None


def _schema(wanted: Wanted[Any]) -> tuple[Shape[Any], dict[str, Any], bool | None]:
    """Give the schema to send, and whether the provider is told to enforce it."""
    shape = wanted.shape
    if shape is None:
        raise ConfigurationError('a schema is needed, unless method="json_mode"')
    strict = wanted.strict
    if strict is None and wanted.enforce:
        try:
            return shape, shape.narrowed(OPENAI), True
        except SchemaError:
            # What strict mode cannot say is checked here once the answer has come.
            return shape, shape.object_schema, False
    return shape, shape.narrowed(OPENAI) if strict else shape.object_schema, strict


def _unnamed(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out what stands beside the schema already: every word of a request is paid for."""
    return {name: value for name, value in schema.items() if name not in {"title", "description"}}


def _json_schema(wanted: Wanted[Any]) -> dict[str, Any]:
    shape, schema, strict = _schema(wanted)
    described: dict[str, Any] = {
        "name": shape.name,
        "schema": _unnamed(schema),
        "strict": bool(strict),
    }
    if shape.description:
        described["description"] = shape.description
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def _function_calling(wanted: Wanted[Any]) -> dict[str, Any]:
    shape, schema, strict = _schema(
        Wanted(wanted.shape, wanted.strict)  # strict only when asked for: few endpoints know it
    )
    function: dict[str, Any] = {
        "name": shape.name,
        "description": shape.description or "",
        "parameters": _unnamed(untitled(schema)),
    }
    if strict is not None:
        function["strict"] = strict
    return {
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": shape.name}},
        "parallel_tool_calls": False,
    }


def _said(message: AIMessage, wanted: Wanted[Any]) -> Any:  # noqa: ARG001 - a row of METHODS
    return str(message.text)


def _called(message: AIMessage, wanted: Wanted[Any]) -> Any:
    """Give the arguments of the first call of the wanted name, unread where they are no JSON."""
    name = wanted.shape.name if wanted.shape else ""
    for call in message.tool_calls:
        if call["name"] == name:
            return call["args"]
    for broken in message.invalid_tool_calls:
        return broken["args"]
    return None


METHODS: Mapping[str, Method] = {
    "function_calling": Method(_function_calling, _called, by_call=True),
    "json_mode": Method(lambda _: {"response_format": {"type": "json_object"}}, _said),
    "json_schema": Method(_json_schema, _said),
}
