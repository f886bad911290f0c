"""A model that answers with values: `model.with_structured_output(Movie).invoke(…)` is a `Movie`.

The answer is the value or an exception, never None. An answer that does not fit may be asked
for again, within a budget of attempts and tokens; streams show the value as it grows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypedDict, TypeVar, cast

from ..engine.effects import Emit, Plan
from ..engine.plan import emitting
from ..errors import ConfigurationError, InvalidOutput, ModelRefusalError, SettingIgnoredWarning
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
from ..runnables.pieces import AddableDict
from ..schema.shape import Shape, shape_of
from ..transport.drive import apump, arun, pump, run
from .answers import METHODS, Method, Wanted, is_plain, read_answer
from .growing import Growing, Items, Shown

__all__ = ["Asked", "RawAnswer", "StructuredMethod", "StructuredModel"]

T = TypeVar("T")
StructuredMethod: TypeAlias = Literal["json_schema", "function_calling", "json_mode"]


class Asked(Protocol):
    """What is needed of a chat model to ask it for values."""

    sync_transport: Any
    async_transport: Any

    def chosen(self, config: RunnableConfig | None) -> Asked: ...

    def bind(self, **settings: Any) -> Asked: ...

    def structured_method(self, asked: StructuredMethod | None = None) -> StructuredMethod: ...

    def forces_tools(self, settings: Mapping[str, Any]) -> bool: ...

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
        self._wanted: Wanted[Any] = Wanted(shape, strict, enforce=not is_plain(schema))
        self._method: StructuredMethod | None = method
        self._include_raw = include_raw
        self._more = dict(settings)
        self._max_attempts = max_attempts
        self._max_total_tokens = max_total_tokens
        self._grows = is_plain(schema)
        self._kept: tuple[Asked, Asked, Method] | None = None

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
        bound, method = self._prepare(model)
        messages: Any = input
        tally = _Tally(self._max_attempts, self._max_total_tokens)
        while True:
            message = yield from bound.asking(
                messages, config, None, dict(settings), is_async=is_async
            )
            answer = self._read(message, method)
            if tally.ends(answer):
                return self._given(answer, tally.attempts)
            messages = [*to_messages(messages), message, *_corrections(answer)]

    def _read(self, message: AIMessage, method: Method) -> RawAnswer[Any]:
        answer: RawAnswer[Any] = {"raw": message, "parsed": None, "parsing_error": None}
        try:
            if not method.by_call and message.tool_calls and self._more.get("tools"):
                # The model chose a tool instead of an answer.
                return self._called(answer)
            answer["parsed"] = read_answer(message, self._wanted, method)
        except (InvalidOutput, ModelRefusalError) as error:
            answer["parsing_error"] = error
        return answer

    def _called(self, answer: RawAnswer[Any]) -> RawAnswer[Any]:
        if not self._include_raw:
            names = ", ".join(call["name"] for call in answer["raw"].tool_calls)
            raise InvalidOutput(
                f"the model called {names} instead of answering: ask with include_raw=True to "
                "see its calls",
                raw=answer["raw"],
                errors=[("$", "is missing")],
            )
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
        plan = self._growing(model, input, config, settings, grow=Items)
        for values in pump(plan, model.sync_transport):
            yield from values

    async def astream_items(
        self, input: ModelInput, config: RunnableConfig | None = None, **settings: Any
    ) -> AsyncIterator[Any]:
        """Yield each item of the answer's list once, without blocking the event loop."""
        model = self._model.chosen(config)
        plan = self._growing(model, input, config, settings, grow=Items, is_async=True)
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
        grow: Callable[..., Growing] | None = None,
        is_async: bool = False,
    ) -> Plan[None]:
        """Turn the chunks of the reply into what is known of the value; ask until it fits."""
        bound, method = self._prepare(model)
        messages = to_messages(input)
        tally = _Tally(self._max_attempts if grow is None else 1, self._max_total_tokens)
        while True:
            growing = (grow or self._growth)(self._wanted.shape, by_call=method.by_call)
            chunks: list[AIMessageChunk] = []
            told = bound.asking(
                messages, config, None, dict(settings), chunks=True, is_async=is_async
            )
            raw = self._include_raw and grow is None
            try:
                yield from emitting(told, _changing(growing, chunks, raw=raw))
            except InvalidOutput as error:
                error.raw = message_chunk_to_message(sum_chunks(chunks))
                raise
            message = cast("AIMessage", message_chunk_to_message(sum_chunks(chunks)))
            answer = self._read(message, method)
            if tally.ends(answer):
                break
            messages = [*messages, message, *_corrections(answer)]
        value = self._given(answer, tally.attempts)
        if raw:
            if not _is_shown(growing, answer["parsed"]):
                yield Emit([AddableDict(parsed=answer["parsed"])])
            yield Emit([AddableDict(parsing_error=answer["parsing_error"])])
        elif grow is None and not _is_shown(growing, value):
            yield Emit([value])

    def _growth(self, shape: Shape[Any] | None, *, by_call: bool) -> Growing:
        return Shown(shape, by_call=by_call) if self._grows else Growing(by_call=by_call)

    def _prepare(self, model: Asked) -> tuple[Asked, Method]:
        """Choose the method by what the model can do; the latest model is kept, bound to it."""
        kept = self._kept
        if kept is None or kept[0] is not model:
            asked = self._method if self._wanted.shape is None else None
            method = METHODS[asked or model.structured_method(self._method)]
            more = self._more
            if method.by_call and more.get("tools"):
                _warn_of_tools()
                more = {name: value for name, value in more.items() if name != "tools"}
            settings = method.settings(self._wanted)
            if method.by_call and not model.forces_tools(more):
                # The one tool there is will be called as a rule; an answer without it raises.
                settings = {**settings, "tool_choice": "auto"}
            bound = model.bind(**{**settings, **more})
            kept = self._kept = (model, bound, method)
        return kept[1], kept[2]


class _Tally:
    """Counts what has been asked, against what may be."""

    def __init__(self, max_attempts: int, max_tokens: int | None) -> None:
        self.attempts = 0
        self._max_attempts = max_attempts
        self._max_tokens = max_tokens
        self._tokens = 0

    def ends(self, answer: RawAnswer[Any]) -> bool:
        """Count an answer; say whether there is no reason, or no budget, to ask again."""
        self.attempts += 1
        if type(answer["parsing_error"]) is not InvalidOutput:
            return True
        usage = answer["raw"].usage_metadata
        self._tokens += 0 if usage is None else usage["total_tokens"]
        most = self._max_tokens
        return self.attempts >= self._max_attempts or (most is not None and self._tokens >= most)


def _changing(
    growing: Growing, chunks: list[AIMessageChunk], *, raw: bool
) -> Callable[[list[AIMessageChunk]], list[Any]]:
    """Make the function that turns chunks into what they made known."""

    def change(born: list[AIMessageChunk]) -> list[Any]:
        chunks.extend(born)
        shown: list[Any] = []
        for chunk in born:
            if raw:
                shown.append(AddableDict(raw=chunk))
            values = growing.feed(chunk)
            shown += [AddableDict(parsed=value) for value in values] if raw else values
        return shown

    return change


def _is_shown(growing: Growing, value: Any) -> bool:
    """Say whether the whole value was the last one shown."""
    return isinstance(growing, Shown) and growing.last is not None and growing.last == value


def _warn_of_tools() -> None:
    from warnings import warn

    warn(
        'tools are left out with method="function_calling": there the answer itself is a call',
        SettingIgnoredWarning,
        stacklevel=2,
    )


def _corrections(answer: RawAnswer[Any]) -> list[Any]:
    """Say to the model what was wrong with its answer."""
    message = answer["raw"]
    words = f"{answer['parsing_error']}\n\nGive the whole answer again, corrected."
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    if calls:
        return [ToolMessage(words, tool_call_id=call["id"] or "", status="error") for call in calls]
    return [HumanMessage(words)]
