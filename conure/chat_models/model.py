"""What people call: invoke, stream, batch and their a-twins, on every chat model alike.

A subclass says how a reply is had (`reply`, a plan that emits events) and who it is
(`_identify`). Here a call is decided; `telling.py` tells it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast, overload

from ..engine.effects import Plan
from ..messages import AIMessage, AIMessageChunk
from ..messages.coerce import to_messages
from ..providers.catalogue import ModelProfile
from ..runnables.config import AMBIENT, RunnableConfig, merge_configs, resolve
from ..runnables.run import Run, open_run, uuid7
from ..transport.drive import apump, arun, pump, run
from .counting import TokenCounter
from .telling import Emitter, InEvents, ModelRequest, Teller, heard, told

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from types import UnionType

    from ..messages.coerce import ModelInput
    from ..runnables.stream_event import StreamEvent, Version, Voice
    from .streams import ChatModelStream, OpeningStream
    from .structured import RawAnswer, StructuredMethod, StructuredModel

__all__ = ["ChatModel"]

T = TypeVar("T")


class ChatModel(TokenCounter):
    """One interface to every chat model.

    Get one from `init_chat_model` or a named class such as `conure.openai.ChatOpenAI`. A model
    object may be shared by threads, event loops and forked processes.
    """

    provider: str = "unknown"
    """the name in `response_metadata["model_provider"]`"""

    _settings: Mapping[str, Any] = {}
    run_settings: Mapping[str, Any] = {}
    _config: RunnableConfig | None = None

    def reply(self, request: ModelRequest, emit: Emitter) -> Plan[None]:
        """Tell how a reply is had: hand its events to `emit`."""
        raise NotImplementedError

    def chosen(self, config: RunnableConfig | None) -> ChatModel:  # noqa: ARG002 - read by some
        """Give the model that answers this call: itself, unless it is chosen by config."""
        return self

    def _check(self, settings: Mapping[str, Any], where: str) -> None:
        """Refuse settings that this model does not know."""

    def _identify(self, settings: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - some do
        """Give the model's share of run metadata (`ls_…`)."""
        return {"ls_provider": self.provider, "ls_model_type": "chat"}

    # -- one call ---------------------------------------------------------------------------

    def invoke(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> AIMessage:
        """Ask once and return the whole reply.

        `settings` are for this call only and win over the model's own. Raises a `ModelError`
        that says what went wrong and whether asking again can help.

        >>> from conure.chat_models import init_chat_model
        >>> init_chat_model("test:echo").invoke("hello there").text
        'hello there'
        """
        model = self.chosen(config)
        return run(model.asking(input, config, stop, settings), model.sync_transport)

    async def ainvoke(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> AIMessage:
        """Ask once and return the whole reply, without blocking the event loop."""
        model = self.chosen(config)
        plan = model.asking(input, config, stop, settings, is_async=True)
        return await arun(plan, model.async_transport)

    def stream(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> Iterator[AIMessageChunk]:
        """Yield the reply as it is written.

        Chunks add up: their sum is what `invoke` would have returned. Leaving the loop early
        closes the connection.

        >>> from conure.chat_models import init_chat_model
        >>> "".join(chunk.text for chunk in init_chat_model("test:echo").stream("hello there"))
        'hello there'
        """
        model = self.chosen(config)
        plan = model.asking(input, config, stop, settings, chunks=True)
        batches = pump(plan, model.sync_transport)
        try:
            for chunks in batches:
                yield from chunks
        finally:
            batches.close()

    async def astream(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: str | list[str] | None = None,
        **settings: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield the reply as it is written, without blocking the event loop."""
        model = self.chosen(config)
        plan = model.asking(input, config, stop, settings, chunks=True, is_async=True)
        batches = apump(plan, model.async_transport)
        try:
            async for chunks in batches:
                for chunk in chunks:
                    yield chunk
        finally:
            await batches.aclose()

    @overload
    def stream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        **settings: Any,
    ) -> ChatModelStream: ...

    @overload
    def stream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Version = "v2",
        **settings: Any,
    ) -> Generator[StreamEvent, None, None]: ...

    def stream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Any = "v2",
        **settings: Any,
    ) -> Any:
        """Yield what happens while the reply is written, as event dicts.

        With version "v3" the answer is a `ChatModelStream`: the reply's text, reasoning, tool
        calls and message, each to be read while it is written.

        >>> from conure.chat_models import init_chat_model
        >>> stream = init_chat_model("test:echo").stream_events("hello there", version="v3")
        >>> list(stream.text), stream.output.text
        (['hello', ' there'], 'hello there')
        """
        return super().stream_events(input, config, version=version, **settings)

    @overload
    def astream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        **settings: Any,
    ) -> OpeningStream: ...

    @overload
    def astream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Version = "v2",
        **settings: Any,
    ) -> AsyncGenerator[StreamEvent, None]: ...

    def astream_events(
        self,
        input: ModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Any = "v2",
        **settings: Any,
    ) -> Any:
        """Yield what happens while the reply is written, as event dicts.

        With version "v3" the answer is an `AsyncChatModelStream`, which may be awaited or not.
        """
        return super().astream_events(input, config, version=version, **settings)

    def voice(self) -> Voice:
        from ..runnables.stream_event import Voice
        from .streams import ChatModelStream, ModelEvents, OpeningStream

        return Voice(ModelEvents(self), ChatModelStream, OpeningStream)

    # -- the story of a call ----------------------------------------------------------------

    def asking(
        self,
        input: ModelInput,
        config: RunnableConfig | None,
        stop: str | list[str] | None,
        settings: dict[str, Any],
        *,
        chunks: bool = False,
        as_events: bool = False,
        is_async: bool = False,
        teller: Teller | None = None,
    ) -> Plan[AIMessage]:
        """Decide one call and open its run; the plan that is answered tells the rest.

        It emits chunks, or event dicts of version "v3", or nothing. A `teller` has its own way.
        """
        messages = to_messages(input)
        if stop is not None:
            settings["stop"] = stop
        wants_stream = settings.pop("stream", None)
        merged = self._merged(settings) if settings else self._settings
        if self._config is not None:
            config = merge_configs(self._config, config)
        config = AMBIENT.get() if config is None else resolve(config)
        listening = None
        if self.run_settings.get("callbacks") or (config is not None and config.get("callbacks")):
            listening = self._open_run(config, merged, is_async=is_async)
        streaming = chunks or as_events
        if self.run_settings or wants_stream or listening is not None:
            streaming = self._streams(wants_stream, merged, listening, chunks=streaming)
        request = ModelRequest(messages, merged, streaming, is_async=is_async)
        run_id = f"lc_run--{uuid7() if listening is None else listening.id}"
        hears_events = listening is not None and listening.wants("on_stream_event")
        teller = teller or self
        if as_events or (hears_events and streaming and not chunks):
            teller = InEvents(teller, run_id, listening)
        if listening is None:
            plan = told(teller, request, run_id, chunks=chunks)
        else:
            plan = heard(teller, request, listening, chunks=chunks)
        answer_format: Any = merged.get("response_format")
        if as_events or not hasattr(answer_format, "reading"):
            return plan
        return answer_format.reading_chunks(plan) if chunks else answer_format.reading(plan)

    def _open_run(
        self, config: RunnableConfig | None, settings: Mapping[str, Any], *, is_async: bool
    ) -> Run | None:
        own = self.run_settings
        return open_run(
            config,
            name=own.get("name") or type(self).__name__,
            tags=own.get("tags") or (),
            metadata={**self._identify(settings), **(own.get("metadata") or {})},
            callbacks=own.get("callbacks"),
            is_async=is_async,
        )

    def _streams(
        self, asked: bool | None, settings: Mapping[str, Any], run: Run | None, *, chunks: bool
    ) -> bool:
        """Decide whether this call streams on the wire."""
        own = self.run_settings
        forbidden = own.get("disable_streaming") or False
        if forbidden is True or (forbidden == "tool_calling" and settings.get("tools")):
            return False
        if chunks or asked:
            return True
        if (chosen := own.get("streaming")) is not None:
            return bool(chosen)
        return run is not None and any(
            getattr(handler, "streams_models", False) for handler in run.handlers
        )

    # -- a model like this one, but ---------------------------------------------------------

    def bind(self, **settings: Any) -> Self:
        """Return this model with settings that every call uses; later ones win.

        >>> from conure.chat_models import init_chat_model
        >>> init_chat_model("test:echo").bind(stop=["there"]).invoke("hello there").text
        'hello '
        """
        return self._like(_settings=self._merged(settings))

    @property
    def bound_tools(self) -> Sequence[Mapping[str, Any]]:
        """The tools that this model was bound with, as it is told of them."""
        return self._settings.get("tools") or ()

    def bind_tools(
        self,
        tools: Sequence[Any],
        *,
        tool_choice: str | bool | Mapping[str, Any] | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        response_format: Any = None,
        **settings: Any,
    ) -> Self:
        """Return this model with tools that it may call; their calls stand in `tool_calls`.

        A tool is a function with a docstring, a `@tool`, a pydantic class, a TypedDict, a JSON
        Schema or a provider's own dict. `tool_choice` is "auto", "any", "none" or a tool's name;
        `strict` makes the provider enforce the schemas of the arguments.

        >>> from conure.chat_models import init_chat_model
        >>> def add(a: int, b: int) -> int:
        ...     "Add two numbers."
        ...     return a + b
        >>> model = init_chat_model("test:echo").bind_tools([add])
        """
        from .bound import answer_format, tool_settings

        if response_format is not None:
            settings["response_format"] = answer_format(response_format, strict=strict)
            strict = True if strict is None else strict
        bound = tool_settings(
            tools,
            tool_choice=tool_choice,
            strict=strict,
            parallel_tool_calls=parallel_tool_calls,
        )
        return self.bind(**bound, **settings)

    @overload
    def with_structured_output(
        self,
        schema: type[T],
        *,
        method: StructuredMethod | None = None,
        include_raw: Literal[False] = False,
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[T]: ...

    @overload
    def with_structured_output(
        self,
        schema: type[T],
        *,
        method: StructuredMethod | None = None,
        include_raw: Literal[True],
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[RawAnswer[T]]: ...

    @overload
    def with_structured_output(
        self,
        schema: Mapping[str, Any] | None = None,
        *,
        method: StructuredMethod | None = None,
        include_raw: Literal[False] = False,
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[dict[str, Any]]: ...

    @overload
    def with_structured_output(
        self,
        schema: Mapping[str, Any] | None = None,
        *,
        method: StructuredMethod | None = None,
        include_raw: Literal[True],
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[RawAnswer[dict[str, Any]]]: ...

    @overload
    def with_structured_output(
        self,
        schema: UnionType,
        *,
        method: StructuredMethod | None = None,
        include_raw: bool = False,
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[Any]: ...

    def with_structured_output(
        self,
        schema: Any = None,
        *,
        method: StructuredMethod | None = None,
        include_raw: bool = False,
        strict: bool | None = None,
        tools: Sequence[Any] | None = None,
        max_attempts: int = 1,
        max_total_tokens: int | None = None,
        **settings: Any,
    ) -> StructuredModel[Any]:
        """Return a model whose answers are values of a type.

        `schema` is a pydantic class, dataclass, TypedDict, enum or any other type, which gives
        its instances, or a JSON Schema, which gives dicts. `method` is chosen by what the model
        can do unless given. `include_raw` gives a dict of `raw`, `parsed` and `parsing_error`
        instead. An answer that does not fit is asked for again up to `max_attempts` times,
        as long as all attempts together took less than `max_total_tokens`.

        Answers raise `InvalidOutput`, `Truncated` or `ModelRefusalError`; they are never None.
        """
        from .structured import StructuredModel

        if tools:
            from .bound import tool_settings

            settings |= tool_settings(
                tools, tool_choice=None, strict=True, parallel_tool_calls=None
            )
        return StructuredModel(
            self,
            schema,
            method=method,
            include_raw=include_raw,
            strict=strict,
            settings=settings,
            max_attempts=max_attempts,
            max_total_tokens=max_total_tokens,
        )

    @property
    def profile(self) -> ModelProfile | None:
        """What is known of this model: what it takes and gives, its limits; None for nothing."""
        return None

    def forces_tools(self, settings: Mapping[str, Any]) -> bool:  # noqa: ARG002 - others look
        """Say whether a call with these settings may name a tool that must be called."""
        return True

    def structured_method(self, asked: StructuredMethod | None = None) -> StructuredMethod:
        """Say how this model is best asked for values: as was asked for, where it knows that."""
        return asked or "json_schema"

    def with_config(self, config: RunnableConfig | None = None, **entries: Any) -> Self:
        """Return this model with run config (tags, callbacks …) merged into every call's."""
        more = cast("RunnableConfig | None", entries or None)
        return self._like(_config=merge_configs(self._config, config, more))

    def _merged(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        if not settings:
            return self._settings
        settings = self._spelled(settings)
        if "response_format" in settings:
            from .bound import answer_format

            settings = {**settings, "response_format": answer_format(settings["response_format"])}
        self._check(settings, type(self).__name__)
        return {**self._settings, **settings}

    def _spelled(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give settings their one spelling; a subclass that knows aliases overrides it."""
        return settings

    def _like(self, **changes: Any) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.__dict__.update(changes)
        return twin
