"""A model that answers with values: `model.with_structured_output(Movie).invoke(…)` is a `Movie`.

The answer is the value or an exception, never None. An answer that does not fit may be asked
for again, within a budget of attempts and tokens; streams show the value as it grows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypedDict, TypeVar, cast

from ..engine.effects import Emit, Plan
from ..engine.plan import emitting
from ..errors import ConfigurationError, InvalidOutput, ModelRefusalError
from ..messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    ToolMessage,
    message_chunk_to_message,
)
from ..messages.chunk import sum_chunks
from ..messages.coerce import ModelInput, to_messages
from ..runnables import Runnable
from ..runnables.config import RunnableConfig
from ..schema.partial_json import PartialJSON
from ..schema.shape import Shape, shape_of
from ..transport.drive import apump, arun, pump, run
from .answers import METHODS, Method, Wanted, read_answer

__all__ = ["Asked", "RawAnswer", "StructuredMethod", "StructuredModel"]

T = TypeVar("T")
StructuredMethod: TypeAlias = Literal["json_schema", "function_calling", "json_mode"]


class Asked(Protocol):
    """What is needed of a chat model to ask it for values."""

    sync_transport: Any
    async_transport: Any

    def chosen(self, config: RunnableConfig | None) -> Asked: ...

    def structured_method(self) -> StructuredMethod: ...

    def asking(
        self,
        input: ModelInput,
        config: RunnableConfig | None,
        stop: str | list[str] | None,
        settings: dict[str, Any],
        *,
        chunks: bool = False,
        is_async: bool = False,
    ) -> Plan[AIMessage]: ...


class RawAnswer(TypedDict, Generic[T]):
    """What `include_raw=True` gives: the reply, the value, and what went wrong with it."""

    raw: AIMessage
    parsed: T | None
    parsing_error: BaseException | None


class StructuredModel(Runnable[ModelInput, T]):
    """A chat model whose answers are values. Made by `ChatModel.with_structured_output`."""

    def __init__(
        self,
        model: Asked,
        schema: Any,
        *,
        method: StructuredMethod | None,
        include_raw: bool,
        strict: bool | None,
        settings: Mapping[str, Any],
        max_attempts: int,
        max_total_tokens: int | None,
    ) -> None:
        if method is not None and method not in METHODS:
            raise ConfigurationError(
                f"method={method!r}: choose one of {', '.join(map(repr, METHODS))}"
            )
        if schema is None and method != "json_mode":
            raise ConfigurationError('a schema is needed, unless method="json_mode"')
        if max_attempts < 1:
            raise ConfigurationError(f"max_attempts={max_attempts}: give 1 or more")
        shape = None if schema is None else shape_of(schema)
        self._model = model
        self._wanted: Wanted[Any] = Wanted(shape, strict, enforce=not isinstance(schema, dict))
        self._method = method
        self._include_raw = include_raw
        self._more = dict(settings)
        self._max_attempts = max_attempts
        self._max_total_tokens = max_total_tokens
        self._grows = shape is None or isinstance(schema, dict) or _is_typeddict(schema)
        self._prepared: dict[str, tuple[Method, Mapping[str, Any]]] = {}

    # -- one value --------------------------------------------------------------------------

    def invoke(self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any) -> T:
        """Ask once and return the value.

        Raises `InvalidOutput`, `Truncated` or `ModelRefusalError` (`Refused`) where there is
        none; with `include_raw` these stand in `parsing_error` instead.
        """
        model = self._model.chosen(config)
        return run(self._answer(model, input, config, settings), model.sync_transport)

    async def ainvoke(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> T:
        """Ask once and return the value, without blocking the event loop."""
        model = self._model.chosen(config)
        plan = self._answer(model, input, config, settings, is_async=True)
        return await arun(plan, model.async_transport)

    def _answer(
        self,
        model: Asked,
        input: ModelInput,
        config: RunnableConfig | None,
        settings: dict[str, Any],
        *,
        is_async: bool = False,
    ) -> Plan[Any]:
        """Ask until the answer fits, or the budget is spent."""
        method, bound = self._prepare(model)
        messages = to_messages(input)
        spent = 0
        attempt = 0
        while True:
            attempt += 1
            message = yield from model.asking(
                messages, config, None, {**bound, **settings}, is_async=is_async
            )
            usage = message.usage_metadata
            spent += 0 if usage is None else usage["total_tokens"]
            answer = self._read(message, method)
            error = answer["parsing_error"]
            if error is None or not self._may_ask_again(error, attempt, spent):
                return self._given(answer, attempt)
            messages = [*messages, message, *_corrections(message, error)]

    def _may_ask_again(self, error: BaseException, attempt: int, spent: int) -> bool:
        most = self._max_total_tokens
        return (
            type(error) is InvalidOutput
            and attempt < self._max_attempts
            and (most is None or spent < most)
        )

    def _read(self, message: AIMessage, method: Method) -> RawAnswer[Any]:
        answer: RawAnswer[Any] = {"raw": message, "parsed": None, "parsing_error": None}
        if self._more.get("tools") and message.tool_calls:
            # The model chose a tool instead of an answer.
            return answer
        try:
            answer["parsed"] = read_answer(message, self._wanted, method)
        except (InvalidOutput, ModelRefusalError) as error:
            answer["parsing_error"] = error
        return answer

    def _given(self, answer: RawAnswer[Any], attempts: int) -> Any:
        error = answer["parsing_error"]
        if isinstance(error, InvalidOutput):
            error.attempts = attempts
        if self._include_raw:
            if answer["parsed"] is not None:
                answer["raw"].additional_kwargs["parsed"] = answer["parsed"]
            return answer
        if error is not None:
            raise error
        return answer["parsed"]

    # -- a value that grows -------------------------------------------------------------------

    def stream(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> Iterator[T]:
        """Yield the value as it grows.

        Dicts are yielded each time more of them is known; the last one is whole and validated.
        Other types cannot be shown in part: their one value comes at the end.
        """
        model = self._model.chosen(config)
        plan = self._growing(model, input, config, settings)
        for values in pump(plan, model.sync_transport):
            yield from values

    async def astream(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> AsyncIterator[T]:
        """Yield the value as it grows, without blocking the event loop."""
        model = self._model.chosen(config)
        plan = self._growing(model, input, config, settings, is_async=True)
        batches = apump(plan, model.async_transport)
        try:
            async for values in batches:
                for value in values:
                    yield value
        finally:
            await batches.aclose()

    def stream_items(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> Iterator[Any]:
        """Yield each item of the answer's list once, validated, as soon as it is complete.

        The answer must have exactly one list at its top, such as `list[Movie]` or a class with
        one field of that type.
        """
        model = self._model.chosen(config)
        plan = self._growing(model, input, config, settings, grow=self._items())
        for values in pump(plan, model.sync_transport):
            yield from values

    async def astream_items(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> AsyncIterator[Any]:
        """Yield each item of the answer's list once, without blocking the event loop."""
        model = self._model.chosen(config)
        plan = self._growing(model, input, config, settings, grow=self._items(), is_async=True)
        batches = apump(plan, model.async_transport)
        try:
            async for values in batches:
                for value in values:
                    yield value
        finally:
            await batches.aclose()

    def _growing(
        self,
        model: Asked,
        input: ModelInput,
        config: RunnableConfig | None,
        settings: dict[str, Any],
        *,
        grow: Callable[[PartialJSON, str], list[Any]] | None = None,
        is_async: bool = False,
    ) -> Plan[None]:
        """Turn the chunks of the reply into what is known of the value."""
        method, bound = self._prepare(model)
        partial = PartialJSON(in_text=True)
        chunks: list[AIMessageChunk] = []
        by_call = method is METHODS["function_calling"]
        show = grow or (_Shown() if self._grows and not self._include_raw else None)

        def change(born: list[AIMessageChunk]) -> list[Any]:
            chunks.extend(born)
            values: list[Any] = []
            if show is not None:
                for chunk in born:
                    if piece := _written(chunk, by_call=by_call):
                        values += show(partial, piece)
            return values

        told = model.asking(
            to_messages(input), config, None, {**bound, **settings}, chunks=True, is_async=is_async
        )
        yield from emitting(told, change)
        message = message_chunk_to_message(sum_chunks(chunks))
        value = self._given(self._read(cast("AIMessage", message), method), 1)
        if grow is None:
            yield Emit([value])

    def _items(self) -> Callable[[PartialJSON, str], list[Any]]:
        """Make the function that gives the items a piece completed."""
        shape = self._wanted.shape
        path = None if shape is None else _list_path(shape)
        if shape is None or path is None:
            raise ConfigurationError(
                "stream_items needs a schema with exactly one list at its top, e.g. list[Movie]"
            )
        item = shape.at((*path, 0))

        def closed(partial: PartialJSON, piece: str) -> list[Any]:
            return [
                item.read(found.value) for found in partial.feed(piece) if found.path[:-1] == path
            ]

        return closed

    def _prepare(self, model: Asked) -> tuple[Method, Mapping[str, Any]]:
        """Choose the method by what the model can do; its settings are made once."""
        name = self._method or model.structured_method()
        found = self._prepared.get(name)
        if found is None:
            method = METHODS[name]
            found = (method, {**method.settings(self._wanted), **self._more})
            self._prepared[name] = found
        return found


class _Shown:
    """Gives the dict so far, each time there is more of it."""

    def __init__(self) -> None:
        self._last: Any = None

    def __call__(self, partial: PartialJSON, piece: str) -> list[Any]:
        partial.feed(piece)
        value = partial.value
        if not isinstance(value, dict) or value == self._last:
            return []
        self._last = deepcopy(cast("dict[str, Any]", value))
        return [self._last]


def _list_path(shape: Shape[Any]) -> tuple[str, ...] | None:
    """Give the way to the only list at the top of the answer."""
    properties: Mapping[str, Any] = shape.object_schema.get("properties") or {}
    lists = [name for name, schema in properties.items() if schema.get("type") == "array"]
    return (lists[0],) if len(lists) == 1 else None


def _is_typeddict(schema: Any) -> bool:
    return isinstance(schema, type) and hasattr(schema, "__required_keys__")


def _written(chunk: AIMessageChunk, *, by_call: bool) -> str:
    """Give what a chunk adds to the answer's JSON."""
    if not by_call:
        return str(chunk.text)
    return "".join(call["args"] or "" for call in chunk.tool_call_chunks if not call.get("index"))


def _corrections(message: AIMessage, error: BaseException) -> list[Any]:
    """Say to the model what was wrong with its answer."""
    words = f"{error}\n\nGive the whole answer again, corrected."
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    if calls:
        return [ToolMessage(words, tool_call_id=call["id"] or "", status="error") for call in calls]
    return [HumanMessage(words)]
